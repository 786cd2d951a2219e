"""Fits parts of a card together: each a characteristic or a pair, with a number of log-odds for each of its places."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from sartor_domains.finance.card.bins import Characteristic
from sartor_domains.finance.card.coefficients import non_negative_logistic
from sartor_domains.finance.card.pairs import Pair
from sartor_domains.finance.card.steps import Design, steps_of, stiffness

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from sartor_domains.finance.card.binning import Sample

    Floats = NDArray[np.float64]

Part: TypeAlias = Characteristic | Pair


def table_of(part: Part) -> Characteristic:
    """Return the bins of a part with what they are worth."""
    return part.table if isinstance(part, Pair) else part


def with_table(part: Part, **changes: Any) -> Part:
    """Return a part whose bins, or what they are worth, are others."""
    if isinstance(part, Pair):
        return replace(part, table=replace(part.table, **changes))
    return replace(part, **changes)


def places_of(part: Part, X: pd.DataFrame) -> NDArray[np.int64]:
    """Return for each row the place of its bin."""
    return part.places(X) if isinstance(part, Pair) else part.places(X[part.name])


@dataclass(frozen=True)
class Together:
    """Parts that were fitted together.

    Parameters
    ----------
    parts : tuple of Part
    intercept : float
        Log-odds of good where every part is at its riskiest.
    worth : tuple of ndarray
        For each part by place what it adds to the log-odds of good.
    values : ndarray
        Intercept and slopes as they were found, to begin another fit with.
    """

    parts: tuple[Part, ...]
    intercept: float
    worth: tuple[Floats, ...]
    values: Floats

    def log_odds(self, places: Sequence[NDArray[np.int64]], rows: int) -> Floats:
        """Return the log-odds of good of rows, by their places in each part."""
        total = np.full(rows, self.intercept)
        for worth, place in zip(self.worth, places, strict=True):
            total += worth[place]
        return total


def fitted(
    parts: Sequence[Part],
    places: Sequence[NDArray[np.int64]],
    sample: Sample,
    ridge: float,
    stiff: float,
    start: Floats | None = None,
    offset: Floats | None = None,
) -> Together:
    """Fit parts together.

    Parameters
    ----------
    parts : sequence of Part
    places : sequence of ndarray of shape (n_rows,)
        Of the training rows in each part.
    sample : Sample
    ridge, stiff : float
        See `sartor_domains.finance.card.steps.stiffness`; with a `stiff` of infinity each part has one coefficient.
    start : ndarray, optional
        `Together.values` of the same parts under another `stiff`, both of them finite.
    offset : ndarray of shape (n_rows,), optional
        Log-odds of good that are there already; the parts are fitted on top.
    """
    woes = [table_of(part).woes for part in parts]
    one_coefficient = np.isinf(stiff)
    if one_coefficient:
        come, penalty = [entry[:, None] for entry in woes], ridge * np.eye(len(parts))
    else:
        found = [steps_of(entry) for entry in woes]
        come, penalty = [entry for entry, _ in found], stiffness([length for _, length in found], ridge, stiff)
    counted = sample.weight > 0
    design = Design(tuple(place[counted] for place in places), tuple(come))
    if not parts:
        design = Design((np.zeros(int(counted.sum()), dtype=np.int64),), (np.zeros((1, 0)),))
    there = None if offset is None else offset[counted]
    values = non_negative_logistic(design, sample.bad[counted], sample.weight[counted], penalty, start, there)
    borders = np.cumsum([1, *(entry.shape[1] for entry in come)], dtype=np.int64).tolist()
    slopes = [values[begin:end] for begin, end in pairwise(borders)]
    worth = tuple(entry @ slope for entry, slope in zip(come, slopes, strict=True))
    return Together(tuple(parts), float(values[0]), worth, values)
