"""Trees over all series: demand as a multiple of what is usual, its mean and its quantiles."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sartor.components import Fitted
from sartor.context import Context
from sartor.errors import InputError
from sartor.rows import Scoring, Training
from sartor.threads import limited
from sartor_plugins.forecast.fitting.level import Level, level_of
from sartor_plugins.forecast.fitting.spread import demand_of
from sartor_plugins.forecast.methods.methods import METHODS
from sartor_plugins.forecast.names import NUMBER, USUAL, quantile_name
from sartor_plugins.learn.encoding.encoder import Encoder, native
from sartor_plugins.learn.fitting.stored import read_json, write_json

if TYPE_CHECKING:
    from sartor_plugins.forecast.models.boosting import Boosting, LightGBM

Floats = NDArray[np.float64]
FILE = "forecast.json"
MOST = 1e6
"""A forecast is at most so many times what is usual."""


class Trees(Protocol):
    """Trees that say a multiple of what is usual."""

    def raw(self, matrix: Floats) -> Floats:
        """Return a number for each row."""
        ...

    def save(self, folder: Path) -> None:
        """Write itself."""
        ...


@dataclass(frozen=True)
class Lesson:
    """What trees learn from.

    Parameters
    ----------
    matrix : ndarray of shape (n_rows, n_columns)
    multiple : ndarray of shape (n_rows,)
        Demand as a multiple of what is usual.
    usual : ndarray of shape (n_rows,)
    encoder : Encoder
    """

    matrix: Floats
    multiple: Floats
    usual: Floats
    encoder: Encoder

    def at_least(self, least: float) -> Lesson:
        """Return the lesson with multiples of `least` where less is usual.

        One unit is hundreds of times what is usual for a series that sold nothing for a year, and a few such multiples
        would stand at the high end of everybody's distribution.

        Examples
        --------
        >>> lesson = Lesson(np.zeros((2, 1)), np.array([100.0, 3.0]), np.array([0.01, 2.0]), None)
        >>> lesson.at_least(1.0).multiple.tolist(), lesson.at_least(1.0).usual.tolist()
        ([1.0, 3.0], [1.0, 2.0])
        """
        usual = np.maximum(self.usual, least)
        return replace(self, multiple=self.multiple * self.usual / usual, usual=usual)


Grow = Callable[[Lesson, float | None, int], Trees]
"""Grows trees for a quantile, or for what is expected where it is None; the number is a seed."""


class FittedGrown(Fitted):
    """Trees with the level that was corrected.

    Parameters
    ----------
    kind : {"boosting", "lightgbm"}
    encoder : Encoder
    mean : list of Trees
        Their mean is what is expected; empty where the quantiles say it.
    quantiles : mapping of quantile to Trees
    level : Level
        Of what is expected; quantiles stand as they were learned.
    whole : bool
        Whether demand comes in whole units.
    least : float
        The smallest demand that there was: quantiles are multiples of what is usual, and of this at least.
    """

    def __init__(
        self,
        kind: str,
        encoder: Encoder,
        mean: list[Trees],
        quantiles: dict[float, Trees],
        level: Level,
        whole: bool = False,
        least: float = 0.0,
    ) -> None:
        self.kind, self.encoder, self.mean, self.quantiles = kind, encoder, mean, quantiles
        self.level, self.whole, self.least = level, whole, least

    def predict(self, scoring: Scoring) -> pd.DataFrame:
        """Return what is expected, and the quantiles, which never cross."""
        usual, factors = usual_in(scoring), self.level.factors(scoring.rows)
        matrix = self.encoder.matrix(relative(scoring.X))
        multiples = {quantile: _held(trees.raw(matrix)) for quantile, trees in self.quantiles.items()}
        expected = _held(np.mean([trees.raw(matrix) for trees in self.mean], axis=0)) if self.mean else None
        if not multiples:
            assert expected is not None
            return pd.DataFrame({NUMBER: expected * factors * usual})
        spread = np.maximum.accumulate(np.stack(list(multiples.values()), axis=1), axis=1)
        spread = spread * np.maximum(usual, self.least)[:, None]
        number = expected * usual if expected is not None else mean_of(spread, list(multiples))
        if self.whole:
            # Demand comes in whole units, and so do its quantiles: 0.02 of a cup is none.
            spread = np.rint(spread)
        names = [quantile_name(quantile) for quantile in multiples]
        return pd.DataFrame({NUMBER: number * factors, **dict(zip(names, spread.T, strict=True))})

    def learned(self) -> dict[str, Any]:
        """Return how the level was corrected, and which features helped."""
        told: dict[str, Any] = {"level": self.level.to_json()}
        gains = getattr(self.mean[0], "booster", None) if self.mean else None
        if gains is not None:
            values = gains.feature_importance("gain")
            total = float(values.sum()) or 1.0
            pairs = zip(self.encoder.sources, (float(value) / total for value in values), strict=True)
            told["importance"] = dict(sorted(pairs, key=lambda pair: (-pair[1], pair[0])))
        return told

    def save(self, folder: Path) -> None:
        """Write encoder and level as JSON, each set of trees into a folder of its own."""
        write_json(
            folder,
            FILE,
            {
                "kind": self.kind,
                "encoder": self.encoder.to_json(),
                "quantiles": list(self.quantiles),
                "mean": len(self.mean),
                "level": self.level.to_json(),
                "whole": self.whole,
                "least": self.least,
            },
        )
        for name, trees in self._named():
            (folder / name).mkdir()
            trees.save(folder / name)

    def _named(self) -> list[tuple[str, Trees]]:
        named = [(f"quantile-{place}", trees) for place, trees in enumerate(self.quantiles.values())]
        return [*((f"mean-{place}", trees) for place, trees in enumerate(self.mean)), *named]

    @classmethod
    def load(cls, folder: Path) -> FittedGrown:
        """Return what was saved."""
        saved = read_json(folder, FILE)
        read = _reader(saved["kind"])
        quantiles = {
            float(quantile): read(folder / f"quantile-{place}") for place, quantile in enumerate(saved["quantiles"])
        }
        mean = [read(folder / f"mean-{place}") for place in range(int(saved["mean"]))]
        encoder = Encoder.from_json(saved["encoder"])
        return cls(
            saved["kind"],
            encoder,
            mean,
            quantiles,
            Level.from_json(saved["level"]),
            bool(saved["whole"]),
            float(saved["least"]),
        )


def _reader(kind: str) -> Callable[[Path], Trees]:
    if kind == "lightgbm":
        from sartor_plugins.learn.fitting.lightgbm import Booster

        return Booster.load
    from sartor_plugins.forecast.fitting.histogram import Grown

    return Grown.load


def _held(multiples: Floats) -> Floats:
    return np.clip(multiples, 0.0, MOST)


def mean_of(spread: Floats, quantiles: list[float]) -> Floats:
    """Return the mean of a distribution from its quantiles, each standing for the chances around it.

    Examples
    --------
    >>> mean_of(np.array([[0.0, 10.0, 20.0]]), [0.25, 0.5, 0.75]).tolist()
    [10.0]
    """
    levels = np.array(quantiles)
    edges = np.concatenate([[0.0], (levels[1:] + levels[:-1]) / 2, [1.0]])
    return np.asarray(spread @ np.diff(edges))


def usual_in(scoring: Scoring) -> Floats:
    """Return what is usual for each row.

    Raises
    ------
    InputError
        If no feature tells it.
    """
    if USUAL not in scoring.X:
        raise InputError(
            "trees forecast multiples of what is usual for a series, and no feature tells it",
            code="D187",
            hints=(("to mend", "features: {lately: {use: forecast.recent}}"),),
        )
    values = scoring.X[USUAL].to_numpy(dtype=np.float64, na_value=np.nan)
    return np.asarray(np.clip(np.nan_to_num(values, nan=0.0, posinf=MOST), 1e-9, None))


def relative(X: pd.DataFrame) -> pd.DataFrame:
    """Return features as trees see them: forecasts of methods as multiples of what is usual."""
    named = [name for name in METHODS if name in X]
    if not named:
        return X
    usual = np.clip(X[USUAL].to_numpy(dtype=np.float64, na_value=np.nan), 1e-9, None)
    return X.assign(**{name: X[name].to_numpy(dtype=np.float64, na_value=np.nan) / usual for name in named})


def fit_lightgbm(settings: LightGBM, training: Training, context: Context) -> Fitted:
    """Fit `LightGBM`."""
    from sartor_plugins.forecast.fitting.leafwise import grow

    return _fit("lightgbm", settings, training, context, partial(grow, settings, context))


def fit_boosting(settings: Boosting, training: Training, context: Context) -> Fitted:
    """Fit `Boosting`."""
    from sartor_plugins.forecast.fitting.histogram import grow

    return _fit("boosting", settings, training, context, partial(grow, settings, context))


def _fit(kind: str, settings: Boosting | LightGBM, training: Training, context: Context, grow: Grow) -> Fitted:
    with limited(context.threads):
        level = Level()
        if settings.mean:
            level = level_of(
                settings.correct_on, training, lambda early: _grown(kind, settings, early, context, grow, Level(), ())
            )
            context.note(level.told())
        return _grown(kind, settings, training, context, grow, level, settings.quantiles)


def _grown(
    kind: str,
    settings: Boosting | LightGBM,
    training: Training,
    context: Context,
    grow: Grow,
    level: Level,
    quantiles: Sequence[float],
) -> FittedGrown:
    demand = demand_of(training)
    least = float(demand[demand > 0].min(initial=np.inf))
    least = least if np.isfinite(least) else 0.0
    lesson = lesson_of(training)
    of_spread = lesson.at_least(least)
    # Without quantiles it is a look back at the level, for which one forest does.
    repeats = (settings.repeats if quantiles else 1) if settings.mean else 0
    wanted = [*[None] * repeats, *quantiles]
    grown: list[Trees] = []
    for place, quantile in enumerate(wanted):
        context.progress(place, len(wanted), "forests")
        grown.append(grow(lesson if quantile is None else of_spread, quantile, context.seed + place))
    whole = bool((demand == np.rint(demand)).all())
    of_quantiles = dict(zip(quantiles, grown[repeats:], strict=True))
    return FittedGrown(kind, lesson.encoder, grown[:repeats], of_quantiles, level, whole, least)


def lesson_of(training: Training) -> Lesson:
    """Return training rows as trees learn from them."""
    usual, demand = usual_in(training), demand_of(training)
    X = relative(training.X)
    encoder = native(X, first="categories")
    return Lesson(encoder.matrix(X), np.clip(demand / usual, 0, MOST), usual, encoder)
