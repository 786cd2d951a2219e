"""Errors of sums and series, of totals, and of quantiles; each for many redraws of the rows at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sartor.rows import AS_OF
from sartor_plugins.forecast.names import ABSOLUTE, MONEY, NUMBER, PERIOD, SCALE, SERIES, quantiles_of
from sartor_plugins.forecast.tasks.making import BOTTOM, LEVEL, level_name

Floats = NDArray[np.float64]


def truth_of(judged: Any) -> Floats:
    """Return the demand that was asked about; of a truth with parts the first."""
    truth = judged.truth
    return np.asarray(truth.iloc[:, 0] if isinstance(truth, pd.DataFrame) else truth, dtype=np.float64)


def errors_of(judged: Any) -> Floats:
    """Return what was said too much of each row."""
    return np.asarray(judged.predictions[NUMBER].to_numpy(dtype=np.float64) - truth_of(judged))


def weighted_errors(judged: Any, weights: Floats, levels: Sequence[Sequence[str]] | None) -> Floats:
    """Return the weighted root mean squared scaled error [1]_.

    At each level series are summed, and the root of the mean squared error of a sum is divided by that of the past's
    one-step changes. Sums weigh by the money of their last periods, levels weigh alike. Rows of one period are redrawn
    together, so that a redraw weighs periods.

    Parameters
    ----------
    judged : Judged
    weights : ndarray of shape (n_redraws, n_rows)
    levels : sequence of sequences of str, or None
        Sums that are judged beside the series; None for the series alone.

    References
    ----------
    .. [1] Makridakis, Spiliotis and Assimakopoulos, *M5 accuracy competition*, 2022.
    """
    names = [BOTTOM] if levels is None else [*(level_name(columns) for columns in levels), BOTTOM]
    found = np.stack([_level_error(judged, weights, name) for name in names])
    return np.asarray(found.mean(axis=0))


def _level_error(judged: Any, weights: Floats, level: str) -> Floats:
    rows, errors = judged.rows, errors_of(judged)
    group = _numbered(rows, [SERIES])[0] if level == BOTTOM else rows[f"{LEVEL}{level}"].to_numpy(dtype=np.int64)
    scales = rows[SCALE if level == BOTTOM else f"{SCALE} {level}"].to_numpy(dtype=np.float64)
    unit, first = _numbered(rows, [AS_OF, PERIOD])
    groups, units = int(group.max()) + 1, len(first)
    summed = np.zeros((groups, units))
    np.add.at(summed, (group, unit), errors)
    scale = np.zeros((groups, units))
    scale[group, unit] = scales
    there = scale > 0
    squares = np.where(there, summed**2 / np.where(there, scale, 1.0), 0.0)
    drawn = weights[:, first]
    mean = (drawn @ squares.T) / np.maximum(drawn @ there.astype(np.float64).T, 1e-300)
    money = np.zeros(groups)
    np.add.at(money, group, rows[MONEY].to_numpy(dtype=np.float64))
    money = np.where(there.any(axis=1), money, 0.0)
    if not money.sum() > 0:
        return np.full(len(weights), np.nan)
    return np.asarray(np.sqrt(mean) @ (money / money.sum()))


def _numbered(rows: pd.DataFrame, columns: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Number the different values of columns; return the numbers, and the first row of each."""
    numbers = rows.groupby(list(columns), sort=True, observed=True).ngroup().to_numpy().astype(np.int64)
    _, first = np.unique(numbers, return_index=True)
    return numbers, first.astype(np.int64)


def wape(judged: Any, weights: Floats, quantiles: Sequence[float]) -> Floats:
    """Return the sum of all misses against the sum of demand."""
    return _share(weights, np.abs(errors_of(judged)), truth_of(judged))


def bias(judged: Any, weights: Floats, quantiles: Sequence[float]) -> Floats:
    """Return what was said too much, against the sum of demand."""
    return _share(weights, errors_of(judged), truth_of(judged))


def wspl(judged: Any, weights: Floats, quantiles: Sequence[float]) -> Floats:
    """Return the pinball loss against the past's one-step change, series weighed by money."""
    rows = judged.rows
    scale = rows[ABSOLUTE].to_numpy(dtype=np.float64)
    money = np.where(scale > 0, rows[MONEY].to_numpy(dtype=np.float64), 0.0)
    losses = pinball_losses(judged, quantiles) / np.where(scale > 0, scale, 1.0)
    return _share(weights, losses * money, money)


def _share(weights: Floats, above: Floats, below: Floats) -> Floats:
    total = weights @ below
    return np.asarray(np.divide(weights @ above, total, out=np.full(len(weights), np.nan), where=total > 0))


def pinball_losses(judged: Any, quantiles: Sequence[float]) -> Floats:
    """Return each row's pinball loss, averaged over the quantiles; in units."""
    truth = truth_of(judged)
    total = np.zeros(len(truth))
    for quantile in quantiles:
        gap = truth - quantile_of(judged.predictions, quantile)
        total += np.maximum(quantile * gap, (quantile - 1) * gap)
    return total / len(quantiles)


def inside_middle(judged: Any, share: float) -> Floats:
    """Return 1 for each row whose demand lies in the middle `share` of what was said, else 0."""
    truth, tail = truth_of(judged), (1 - share) / 2
    low, high = (quantile_of(judged.predictions, one) for one in (tail, 1 - tail))
    return ((truth >= low - 1e-9) & (truth <= high + 1e-9)).astype(np.float64)


def quantile_of(predictions: pd.DataFrame, quantile: float) -> Floats:
    """Return a quantile of an answer; one that it does not hold lies on the line between its neighbours.

    Examples
    --------
    >>> answer = pd.DataFrame({"number": [2.0], "quantile:0.5": [2.0], "quantile:0.9": [6.0]})
    >>> quantile_of(answer, 0.7).round(3).tolist(), quantile_of(answer, 0.95).tolist()
    ([4.0], [6.0])
    """
    held = quantiles_of(predictions.columns)
    if not held:
        return np.asarray(predictions[NUMBER].to_numpy(dtype=np.float64))
    levels = np.array(list(held))
    near = int(np.abs(levels - quantile).argmin())
    if abs(levels[near] - quantile) < 1e-9:
        return np.asarray(predictions[held[levels[near]]].to_numpy(dtype=np.float64))
    upper = int(np.clip(np.searchsorted(levels, quantile), 0, len(levels) - 1))
    lower = max(upper - 1, 0)
    below, above = (predictions[held[levels[place]]].to_numpy(dtype=np.float64) for place in (lower, upper))
    width = levels[upper] - levels[lower]
    part = np.clip((quantile - levels[lower]) / width, 0, 1) if width > 0 else 0.0
    return np.asarray(below + part * (above - below))
