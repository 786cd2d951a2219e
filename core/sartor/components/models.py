"""The bases of models and of the steps that prepare their features, before and after learning."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from sartor.components.offered import Kind
from sartor.components.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    import pandas as pd

    from sartor.context import Context
    from sartor.exporting import Export
    from sartor.rows import Judged, Scoring, Training
    from sartor.sections import Caution, Section

PROBABILITY = "probability"
"""Answer of a classification: columns ``probability`` (two classes) or ``probability:CLASS`` (more)."""
NUMBER = "number"
"""Answer of a regression: one column ``number``."""
QUANTILES = "quantiles"
"""Answer of a forecast: ``number``, what is expected, and behind it columns ``quantile:0.9`` for shares of cases."""
STATUS = "status"
"""Column in which a model says of a row why it has no answer of its own, such as ``cannot score``; else missing."""


@dataclass(frozen=True)
class Because:
    """What speaks for what is in answers.

    Parameters
    ----------
    parts : DataFrame
        ``place`` of the row, ``answer``: what is in its answer, ``because``: what it did before, ``amount``: how much
        of the score that gives; below 0 where it speaks against.
    how : str
        A sentence on what `amount` is.
    exact : bool
        Whether amounts add up to the score.
    """

    parts: pd.DataFrame
    how: str
    exact: bool = False


class Fitted:
    """A model that has learned. Subclasses are plain classes in heavy modules."""

    def predict(self, scoring: Scoring) -> pd.DataFrame:
        """Return exactly one line for each row, in the rows' order, with the answer's columns.

        Behind them a model may have columns of its own, such as the ``score`` of a scorecard, missing where it has
        none. One of them has a meaning for everybody, `STATUS`: a text where the row tells too little to be answered
        by itself. What stands in the answer's columns is then what is best without knowing the row, a base rate, and
        is judged like every other answer; an action should leave such a row to a person.
        """
        raise NotImplementedError

    def explain(self, scoring: Scoring) -> pd.DataFrame | None:
        """Return additive contributions, a line a row and a column a feature, or None if there are none.

        For probabilities the contributions are in log-odds, from the average training row; for numbers in the
        target's unit.
        """
        return None

    def because(self, scoring: Scoring) -> Because | None:
        """Return what each row's own past speaks for what is in its answer, or None where there is nothing to say.

        For answers that are lists, such as the items of a slate; `explain` says it of features.
        """
        return None

    def learned(self) -> dict[str, Any]:
        """What was learned that a person wants to read: chosen settings, coefficients, tuned values; JSON types."""
        return {}

    def sections(self, judged: Judged, context: Context) -> Iterable[Section | Caution]:
        """Yield what the report shows of the model itself: its points, its rules; called once, on the champion.

        Parameters
        ----------
        judged : Judged
            As for `Task.sections`.
        context : Context
        """
        return ()

    def forms(self) -> Mapping[str, str]:
        """Return the forms that it can be exported in, each with a few words: ``{"sql": "a query that scores rows"}``.

        A form's name is the end of a file's name.
        """
        return {}

    def export(self, export: Export) -> bytes:
        """Return what stands in a file of one of its forms, for use where sartor is not.

        It must answer there as `predict` does here, and checks that before it returns: with the made-up rows of
        ``export.golden``, and with rows of its own where answers change.

        Raises
        ------
        PluginError
            If it does not.
        """
        raise NotImplementedError

    def save(self, folder: Path) -> None:
        """Write itself into an empty folder as data: skops, Parquet, JSON, npz; never pickle."""
        raise NotImplementedError


class Model(Settings):
    """Learns to answer.

    Where `learns_from_pieces` is true, it reads training rows that lie on disk (`sartor.rows.Scoring.stored`) by
    `sartor.rows.Scoring.pieces`, and never all at once.
    """

    kind: ClassVar[Kind] = "model"
    answers: ClassVar[frozenset[str]]
    learns_from_pieces: ClassVar[bool] = False

    def fit(self, training: Training, context: Context) -> Fitted:
        """Learn from the training rows; settings stay as given, `training` stays unchanged."""
        raise NotImplementedError

    def load(self, folder: Path) -> Fitted:
        """Return what `Fitted.save` wrote."""
        raise NotImplementedError


class FittedStep:
    """A step of ``prepare`` that has learned."""

    def transform(self, X: pd.DataFrame) -> pd.DataFrame:
        """Return the prepared features: same number of lines, same index."""
        raise NotImplementedError

    def sources(self) -> Mapping[str, str]:
        """Return the feature behind each column it made, so that reasons name features; others keep their name."""
        return {}

    def save(self, folder: Path) -> None:
        """Write itself into an empty folder as data."""
        raise NotImplementedError


class Prepare(Settings):
    """A step between features and a model; fitted on training rows only, in every fold."""

    kind: ClassVar[Kind] = "prepare"

    def fit(self, training: Training, context: Context) -> FittedStep:
        """Learn from training rows."""
        raise NotImplementedError

    def fit_transform(self, training: Training, context: Context) -> tuple[FittedStep, pd.DataFrame]:
        """Learn, and prepare the training rows themselves.

        Steps that look at the target override this with a cross-fitted form: a row's own target must not be in
        its feature.
        """
        step = self.fit(training, context)
        return step, step.transform(training.X)

    def load(self, folder: Path) -> FittedStep:
        """Return what `FittedStep.save` wrote."""
        raise NotImplementedError
