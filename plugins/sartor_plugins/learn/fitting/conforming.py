"""Quantiles around a model's answers, from how far off it was on rows held out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sartor.components import NUMBER, Fitted
from sartor.context import Context
from sartor.preparing import load_nested
from sartor.rows import GROUP, Scoring, Training
from sartor_plugins.learn.encoding.columns import FloatArray, PlaceArray
from sartor_plugins.learn.fitting.rounds import held_out
from sartor_plugins.learn.fitting.stored import damaged, read_arrays, write_arrays

if TYPE_CHECKING:
    from sartor_plugins.learn.models.conformal import Conformal

FILE = "off.npz"
FEWEST = 30
"""Groups of rows that a band holds at least."""


@dataclass(frozen=True, eq=False)
class Off:
    """How far off a model was, by bands of its answers.

    Parameters
    ----------
    centres : ndarray of shape (n_bands,)
        The middle answer of each band, rising.
    levels : ndarray of shape (n_levels,)
    quantiles : ndarray of shape (n_bands, n_levels)
        Truth less answer.
    """

    centres: FloatArray
    levels: FloatArray
    quantiles: FloatArray

    def at(self, said: FloatArray) -> FloatArray:
        """Return the quantiles around each answer, shape (n_rows, n_levels); between two bands in proportion."""
        columns = [np.interp(said, self.centres, self.quantiles[:, place]) for place in range(len(self.levels))]
        return np.asarray(said[:, None] + np.column_stack(columns))


class ConformalFit(Fitted):
    """A model with quantiles around its answers.

    Parameters
    ----------
    model : Fitted
    off : Off
        Of the settings' levels, and of the two ends of the interval behind them.
    settings : Conformal
    """

    def __init__(self, model: Fitted, off: Off, settings: Conformal) -> None:
        self.model, self.off, self.settings = model, off, settings

    def predict(self, scoring: Scoring) -> pd.DataFrame:
        """Return the model's answers with interval and quantiles."""
        found = self.model.predict(scoring)
        around = self.off.at(found[NUMBER].to_numpy(dtype=np.float64))
        if self.settings.least is not None:
            around = np.maximum(around, self.settings.least)
        names = [f"quantile:{level:g}" for level in self.settings.levels]
        quantiles = np.maximum.accumulate(around[:, : len(names)], axis=1)
        told = pd.DataFrame(quantiles, columns=names, index=found.index)
        return pd.concat([found.assign(low=around[:, -2], high=around[:, -1]), told], axis=1)

    def explain(self, scoring: Scoring) -> pd.DataFrame | None:
        """Explain as the model does."""
        return self.model.explain(scoring)

    def learned(self) -> dict[str, Any]:
        """Return the ends of the interval around the answers of each band, and what the model learned."""
        bands = [
            {"answer": float(centre), "low": float(low), "high": float(high)}
            for centre, (low, high) in zip(self.off.centres, self.off.quantiles[:, -2:], strict=True)
        ]
        return {"coverage": self.settings.coverage, "bands": bands, "model": self.model.learned()}

    def save(self, folder: Path) -> None:
        """Write the quantiles, and the model into a folder of its own."""
        write_arrays(folder, FILE, centres=self.off.centres, levels=self.off.levels, quantiles=self.off.quantiles)
        (folder / "model").mkdir()
        self.model.save(folder / "model")


def fit_conformal(settings: Conformal, training: Training, context: Context) -> ConformalFit:
    """Fit `Conformal`."""
    parts: list[tuple[FloatArray, FloatArray, FloatArray, PlaceArray]] = []
    rounds = held_out(training, settings.rounds, context)
    taken = 0
    for number, (learn, held) in enumerate(rounds):
        context.progress(number, len(rounds) + 1, "rounds")
        model = context.fit(settings.model, learn, f"round {number}")
        said = model.predict(held.without_truth())[NUMBER].to_numpy(dtype=np.float64)
        own = held.rows[GROUP].to_numpy() if GROUP in held.rows else np.arange(len(held))
        groups = pd.factorize(own)[0].astype(np.int64)
        weight = np.ones(len(held)) if held.weight is None else held.weight
        parts.append((said, np.asarray(held.y, dtype=np.float64), weight / np.bincount(groups)[groups], groups + taken))
        taken += int(groups.max()) + 1
    said, truth, weight, groups = (np.concatenate([part[place] for part in parts]) for place in range(4))
    off = off_of(said, truth, weight, groups, _levels(settings), settings.bands)
    model = context.fit(settings.model, training, "all")
    context.progress(len(rounds) + 1, len(rounds) + 1, "rounds")
    return ConformalFit(model, off, settings)


def _levels(settings: Conformal) -> FloatArray:
    tail = (1 - settings.coverage) / 2
    return np.array([*settings.levels, tail, 1 - tail])


def off_of(
    said: FloatArray, truth: FloatArray, weight: FloatArray, groups: PlaceArray, levels: FloatArray, bands: int
) -> Off:
    """Return how far off answers were, by bands of answers.

    Parameters
    ----------
    said, truth, weight : ndarray of shape (n_rows,)
        Of rows held out.
    groups : ndarray of shape (n_rows,)
        Numbers of the groups that rows are of.
    levels : ndarray of shape (n_levels,)
    bands : int
        How many at most.

    Examples
    --------
    >>> said = np.repeat([10.0, 100.0], 100)
    >>> truth = said + np.tile(np.arange(-50, 50), 2) * np.repeat([0.1, 1.0], 100)
    >>> found = off_of(said, truth, np.ones(200), np.arange(200), np.array([0.1, 0.9]), 2)
    >>> found.centres.tolist(), found.quantiles.round(1).tolist()
    ([10.0, 100.0], [[-4.1, 4.0], [-41.0, 40.0]])
    """
    order = np.argsort(said, kind="stable")
    said, off, weight, groups = said[order], (truth - said)[order], weight[order], groups[order]
    number = _bands(weight, groups, bands)
    centres, quantiles = [], []
    for band in np.unique(number):
        own = number == band
        # One more group may come: what lies beyond all that were seen is not ruled out.
        seen = len(np.unique(groups[own]))
        centres.append(float(np.median(said[own])))
        quantiles.append([_quantile(off[own], weight[own], level, seen) for level in levels])
    kept = np.concatenate([[True], np.diff(centres) > 0])
    return Off(np.array(centres)[kept], levels, np.array(quantiles)[kept])


def _bands(weight: FloatArray, groups: PlaceArray, bands: int) -> PlaceArray:
    """Return the band of each row, in their order: as many as hold rows of `FEWEST` groups each."""
    share = np.cumsum(weight) / weight.sum()
    for count in range(bands, 1, -1):
        number: PlaceArray = np.minimum((share * count - 1e-9).astype(np.int64), count - 1)
        seen = [len(np.unique(groups[number == band])) for band in range(count)]
        if min(seen) >= FEWEST:
            return number
    return np.zeros(len(weight), dtype=np.int64)


def _quantile(values: FloatArray, weight: FloatArray, level: float, n: int) -> float:
    """Return a weighted quantile, moved outwards by what one more of `n` groups could do."""
    level = min(level * (n + 1) / n, 1.0) if level > 0.5 else max(1 - (1 - level) * (n + 1) / n, 0.0)
    order = np.argsort(values, kind="stable")
    share = np.cumsum(weight[order]) / weight.sum()
    place = min(int(np.searchsorted(share, level - 1e-12)), len(values) - 1)
    return float(values[order][place])


def load_conformal(settings: Conformal, folder: Path) -> ConformalFit:
    """Return what `ConformalFit.save` wrote."""
    saved = read_arrays(folder, FILE)
    try:
        off = Off(saved["centres"], saved["levels"], saved["quantiles"])
        if off.quantiles.shape != (len(off.centres), len(settings.levels) + 2):
            raise ValueError("its quantiles are of other levels than the settings'")
    except (KeyError, ValueError) as error:
        raise damaged(folder / FILE, error) from error
    return ConformalFit(load_nested(settings.model, folder / "model"), off, settings)
