"""A scorecard after learning: one path from bins to points, score and probability, which everything else goes by."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sartor.components import STATUS, Fitted
from sartor.errors import InputError, nearest
from sartor_domains.finance.card.bins import Characteristic
from sartor_domains.finance.card.fitting import Part, table_of
from sartor_domains.finance.card.pairs import Pair
from sartor_domains.finance.card.scale import Scale
from sartor_domains.finance.card.unseen import Unseen

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sartor.context import Context
    from sartor.exporting import Export
    from sartor.rows import Judged, Scoring
    from sartor.sections import Caution, Section

    Floats = NDArray[np.float64]

CANNOT_SCORE = "cannot score"
"""Status of a row that tells nothing: all that the card asks is missing, a special code, or unseen in training."""
SCORE = "score"


@dataclass(frozen=True)
class Points:
    """Rows by their bins and points.

    Parameters
    ----------
    units : ndarray of shape (n_rows, n_parts)
        Points as whole numbers of their last decimal.
    known : ndarray of shape (n_rows,)
        How many columns of the card tell something: their value is neither missing, a special code, nor unseen.
    """

    units: NDArray[np.int64]
    known: NDArray[np.int64]


@dataclass(frozen=True)
class Card(Fitted):
    """A points scorecard.

    Score, probability, explanation and every export come from the same points: `base_points` plus the points of one
    bin for each characteristic and pair.

    Parameters
    ----------
    scale : Scale
    base_points : float
        Score of the average applicant.
    characteristics : tuple of Characteristic
        Widest reach first.
    pairs : tuple of Pair
    fewest_known : int
        A row of which fewer columns tell something cannot be scored.
    left_out : mapping of str to str
        Columns that are not in the card, and why.
    rows, bad : float
        Training rows, weighted, and the bad ones among them.
    classes : tuple of str
        The good and the bad label.
    chosen : mapping
        What was chosen on rows held out inside the training part, and what else was tried, in JSON types.
    """

    scale: Scale
    base_points: float
    characteristics: tuple[Characteristic, ...]
    pairs: tuple[Pair, ...] = ()
    fewest_known: int = 1
    left_out: Mapping[str, str] = field(default_factory=dict)
    rows: float = 0.0
    bad: float = 0.0
    classes: tuple[str, ...] = ()
    chosen: Mapping[str, Any] = field(default_factory=dict)
    _unseen: Unseen = field(default_factory=Unseen, compare=False, repr=False)

    def telling(self, tell: Callable[..., None]) -> Card:
        """Return the same card; it tells of what training never saw through `tell`, not `sartor.context.say`."""
        parts = {name: value for name, value in vars(self).items() if not name.startswith("_")}
        return Card(**parts, _unseen=Unseen(tell))

    @property
    def parts(self) -> tuple[Part, ...]:
        """Characteristics and pairs."""
        return (*self.characteristics, *self.pairs)

    @property
    def columns(self) -> dict[str, Characteristic]:
        """The columns that the card asks, each with the bins that tell whether a value says something."""
        beside = {part.name: part for pair in self.pairs for part in (pair.first, pair.second)}
        return {**{part.name: part for part in self.characteristics}, **beside}

    @property
    def base_rate(self) -> float:
        """Share of bad rows in training."""
        return self.bad / self.rows if self.rows else 0.5

    # -- the one path ---------------------------------------------------------------------------------------------

    def added(self, X: pd.DataFrame) -> Points:
        """Return points and what is known of each row.

        Raises
        ------
        InputError
            If a column is missing, or held numbers in training and holds text now.
        """
        columns = self.columns
        places = {name: entry.places(self._column(X, name)) for name, entry in columns.items()}
        known = np.zeros(len(X), dtype=np.int64)
        for name, entry in columns.items():
            known += entry.tells[places[name]]
        units = np.zeros((len(X), len(self.parts)), dtype=np.int64)
        for place, part in enumerate(self.parts):
            own = part.grid[places[part.first.name], places[part.second.name]] if isinstance(part, Pair) else None
            found = places[part.name] if own is None else own
            units[:, place] = self.scale.units(table_of(part).points)[found]
        return Points(units, known)

    def points(self, X: pd.DataFrame) -> pd.DataFrame:
        """Return the points of each row, a column for each characteristic and pair."""
        units = self.added(X).units
        return pd.DataFrame(self.scale.from_units(units), columns=[part.name for part in self.parts], index=X.index)

    def score(self, X: pd.DataFrame) -> Floats:
        """Return the score of each row, the base points and the points of its bins; NaN where it cannot be scored."""
        return self._scored(self.added(X))

    def _scored(self, points: Points) -> Floats:
        base = self.scale.units(np.array([self.base_points]))[0]
        score = self.scale.from_units(base + points.units.sum(axis=1))
        return np.where(points.known < self.fewest_known, np.nan, score)

    def predict(self, scoring: Scoring) -> pd.DataFrame:
        """Return for each row the probability of bad, its score, and whether it could be scored.

        Where it could not, the score is missing, the status says so, and the probability is the base rate of training.
        What training never saw is reported.
        """
        answers = self.answers(scoring.X)
        self._unseen.report(self.columns, scoring.X)
        self._unseen.report_not_scored(int(answers[SCORE].isna().sum()), len(answers))
        return answers

    def answers(self, X: pd.DataFrame) -> pd.DataFrame:
        """Return what `predict` returns, and tell nothing of what training never saw."""
        score = self._scored(self.added(X))
        cannot = np.isnan(score)
        probability = np.where(cannot, self.base_rate, self.scale.probability(np.where(cannot, 0.0, score)))
        status = pd.Series([CANNOT_SCORE if one else None for one in cannot.tolist()], dtype="str")
        return pd.DataFrame({"probability": probability, SCORE: score, STATUS: status}).set_axis(X.index)

    def explain(self, scoring: Scoring) -> pd.DataFrame:
        """Return what each characteristic adds to the log-odds of bad, from the average applicant.

        What a pair adds goes to both of its characteristics, half and half; to a row that cannot be scored nothing
        is added.
        """
        found = self.added(scoring.X)
        units = np.where((found.known < self.fewest_known)[:, None], 0, found.units)
        # Adding 0.0 turns a minus zero into a zero.
        each = -self.scale.from_units(units) / self.scale.factor + 0.0
        columns = {name: np.zeros(len(units)) for name in self.columns}
        for part, worth in zip(self.parts, each.T, strict=True):
            names = [part.first.name, part.second.name] if isinstance(part, Pair) else [part.name]
            for name in names:
                columns[name] = columns[name] + worth / len(names)
        return pd.DataFrame(columns, index=scoring.X.index, dtype=np.float64)

    def without_bin(self, X: pd.DataFrame) -> dict[str, dict[str | None, int]]:
        """Count by column the rows whose value has no bin: they count neither for nor against."""
        found = {name: entry.without_bin(self._column(X, name)) for name, entry in self.columns.items()}
        return {name: counts for name, counts in found.items() if counts}

    def _column(self, X: pd.DataFrame, name: str) -> pd.Series[Any]:
        if name not in X.columns:
            raise InputError(
                f"the rows to score have no column '{name}', which the scorecard needs",
                code="D066",
                hints=nearest(name, map(str, X.columns)),
            )
        return X[name]

    # -- what is told and kept ------------------------------------------------------------------------------------

    def learned(self) -> dict[str, Any]:
        """Return the points table in JSON types."""
        from sartor_domains.finance.card.stored import points_table

        return points_table(self)

    def sections(self, judged: Judged, context: Context) -> Iterable[Section | Caution]:
        """Return what the report shows: points, weights of evidence, bands of the score, whether scores moved."""
        from sartor_domains.finance.card.telling import sections

        return sections(self, judged, context)

    def forms(self) -> Mapping[str, str]:
        """Return the forms that a card can be exported in."""
        from sartor_domains.finance.card.exports import FORMS

        return FORMS

    def export(self, export: Export) -> bytes:
        """Return the card as a table of points, as JSON or as SQL, proven to score as it does."""
        from sartor_domains.finance.card.exports import exported

        return exported(self, export)

    def save(self, folder: Path) -> None:
        """Write the card as JSON."""
        from sartor_domains.finance.card.stored import write

        write(self, folder)

    @classmethod
    def load(cls, folder: Path) -> Card:
        """Read a card that `save` wrote."""
        from sartor_domains.finance.card.stored import read

        return read(folder)
