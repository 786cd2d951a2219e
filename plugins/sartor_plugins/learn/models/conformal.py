"""A model of numbers with intervals that hold."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import AfterValidator, Field

from sartor.components import NUMBER, Fitted, Model, ModelStep, Share
from sartor.context import Context
from sartor.errors import Problem
from sartor.rows import Training
from sartor_plugins.learn.settings import wrong_answer

if TYPE_CHECKING:
    from pathlib import Path

    from sartor.plugins import Plugins


def _rising(levels: list[float]) -> list[float]:
    if sorted(set(levels)) != levels:
        raise ValueError(f"must rise, and are {', '.join(f'{level:g}' for level in levels)}")
    return levels


Levels = Annotated[list[Share], Field(min_length=1, max_length=200), AfterValidator(_rising)]
LEVELS = [0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98]


class Conformal(Model):
    """A model with intervals and quantiles, from how far off it was on training rows that it had not seen.

    The model learns several times with training rows held out by the recipe's own rule, rows of one group together,
    and how far off its answers for those are is kept. Then it learns from all training rows. Its answer for a row
    comes with quantiles: the answer, plus how far off it was where it had answered much the same. An interval of 90 %
    then holds the truth of 9 in 10 new rows, whatever the model [1]_, where they are of the kind that it learned from.

    Beside ``number`` it answers ``low`` and ``high``, the ends of the interval, and ``quantile:LEVEL`` for each level.

    Parameters
    ----------
    model : ModelStep
        ``{use: learn.lightgbm}``.
    coverage : float
        Share of rows whose truth the interval is to hold.
    levels : list of float
        Quantiles that are told.
    rounds : int
        How many times rows are held out.
    bands : int
        Answers much the same are those of one band. A band holds rows of 30 groups at least, or fewer bands are made.
        1 gives every answer an interval of one width.
    least : float, optional
        No quantile lies below it, such as 0 where numbers cannot be negative.

    References
    ----------
    .. [1] Vovk, Gammerman and Shafer, *Algorithmic Learning in a Random World*, 2005; Barber, Candes, Ramdas and
       Tibshirani, "Predictive inference with the jackknife+", Annals of Statistics 49(1), 2021: cross-conformal.
    """

    answers: ClassVar[frozenset[str]] = frozenset({NUMBER})

    model: ModelStep
    coverage: Share = 0.9
    levels: Levels = Field(default_factory=lambda: list(LEVELS))
    rounds: Annotated[int, Field(ge=1, le=100)] = 3
    bands: Annotated[int, Field(ge=1, le=1_000)] = 10
    least: Annotated[float, Field(allow_inf_nan=False)] | None = None

    def check_settings(self, plugins: Plugins) -> Iterator[tuple[tuple[str | int, ...], Problem]]:
        """Say when the model answers no numbers."""
        yield from wrong_answer(plugins, self.model, NUMBER, "learn.conformal puts intervals around numbers")

    def fit(self, training: Training, context: Context) -> Fitted:
        """Learn the model, and how far off it is."""
        from sartor_plugins.learn.fitting.conforming import fit_conformal

        return fit_conformal(self, training, context)

    def load(self, folder: Path) -> Fitted:
        """Return what was saved."""
        from sartor_plugins.learn.fitting.conforming import load_conformal

        return load_conformal(self, folder)
