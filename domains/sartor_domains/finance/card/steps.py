"""Steps between the bins of a characteristic: what makes the log-odds of good rise from its riskiest bin to its safest.

A characteristic whose bins have k different weights of evidence has k - 1 steps, from each weight to the next. Its
part of the log-odds is the sum of its steps, each times a slope that is not negative: whatever the slopes, no bin
counts better than one that is less risky. Where all slopes are alike the part is one coefficient times the weight of
evidence, as in every textbook's scorecard.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

ALIKE = 1e-9
"""Weights of evidence that differ by no more have no step between them."""
IN_MEMORY = 8_000_000
"""Numbers of a design that are kept; a larger one is made anew, block by block, whenever it is asked for."""
BLOCK = 50_000
"""Rows of a block."""


def steps_of(woes: Floats) -> tuple[Floats, Floats]:
    """Return for each place how far it has come on each step, and the length of each step.

    Parameters
    ----------
    woes : ndarray of shape (n_places,)
        Weight of evidence by place; 0 for what has no bin.

    Returns
    -------
    come : ndarray of shape (n_places, n_steps)
    length : ndarray of shape (n_steps,)

    Examples
    --------
    >>> come, length = steps_of(np.array([1.0, -0.5, 0.0]))
    >>> length.tolist(), come.tolist()
    ([0.5, 1.0], [[0.5, 1.0], [0.0, 0.0], [0.5, 0.0]])
    """
    sorted_woes = np.unique(woes)
    starts = sorted_woes[np.concatenate([[True], np.diff(sorted_woes) > ALIKE])]
    length = np.diff(starts)
    come = np.clip(woes[:, None] - starts[None, :-1], 0.0, length[None, :])
    return come, length


@dataclass(frozen=True)
class Design:
    """Rows at a logistic regression's door: for each characteristic the place of each row, and what a place stands for.

    Parameters
    ----------
    places : tuple of ndarray of shape (n_rows,)
    come : tuple of ndarray of shape (n_places, n_columns)
        As `steps_of` gives them; one column of weights of evidence where a characteristic has one coefficient.
    """

    places: tuple[NDArray[np.int64], ...]
    come: tuple[Floats, ...]

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return len(self.places[0]) if self.places else 0

    @cached_property
    def ends(self) -> NDArray[np.int64]:
        """One past the last column of each characteristic."""
        return np.cumsum([entry.shape[1] for entry in self.come], dtype=np.int64)

    @property
    def columns(self) -> int:
        """How many columns there are."""
        return int(self.ends[-1]) if len(self.ends) else 0

    def blocks(self) -> Iterator[tuple[slice, Floats]]:
        """Yield the design in pieces of some rows, each with the rows that it is of."""
        if self.rows * self.columns <= IN_MEMORY:
            yield slice(0, self.rows), self._kept
            return
        for start in range(0, self.rows, BLOCK):
            part = slice(start, min(start + BLOCK, self.rows))
            yield part, self._made(part)

    @cached_property
    def _kept(self) -> Floats:
        return self._made(slice(0, self.rows))

    def _made(self, part: slice) -> Floats:
        made = np.empty((len(range(*part.indices(self.rows))), self.columns))
        start = 0
        for places, come, end in zip(self.places, self.come, self.ends.tolist(), strict=True):
            made[:, start:end] = come[places[part]]
            start = end
        return made

    def times(self, values: Floats) -> Floats:
        """Return the design times a value for each column: by place, so that no design need be made."""
        total = np.zeros(self.rows)
        start = 0
        for places, come, end in zip(self.places, self.come, self.ends.tolist(), strict=True):
            total += (come @ values[start:end])[places]
            start = end
        return total

    def sums(self, weights: Floats) -> Floats:
        """Return for each column the weighted sum of its rows."""
        found = [
            np.bincount(places, weights=weights, minlength=len(come)) @ come
            for places, come in zip(self.places, self.come, strict=True)
        ]
        return np.concatenate([np.zeros(0), *found])

    def squares(self, weights: Floats) -> Floats:
        """Return the weighted sums of products of every two columns; no weight may be negative."""
        from scipy.linalg.blas import dsyrk

        if not self.columns:
            return np.zeros((0, 0))
        root = np.sqrt(weights)
        found = np.zeros((self.columns, self.columns), order="F")
        for part, block in self.blocks():
            found = dsyrk(1.0, (block * root[part, None]).T, beta=1.0, c=found, overwrite_c=True)
        upper = np.triu(found)
        return upper + np.triu(upper, 1).T


def stiffness(lengths: Sequence[Floats], ridge: float, stiff: float) -> Floats:
    """Return the matrix of the penalty on slopes: half of slopes times matrix times slopes is added to the loss.

    Parameters
    ----------
    lengths : sequence of ndarray
        Of each characteristic's steps.
    ridge : float
        On the square of a characteristic's mean slope, its steps weighing as they are long.
    stiff : float
        On the squared distances of its slopes from the mean one, steps weighing alike.

    Examples
    --------
    Two steps of equal length: slopes 1 and 1 cost the ridge alone, 0 and 2 what is stiff as well.

    >>> matrix = stiffness([np.array([0.5, 0.5])], ridge=3.0, stiff=10.0)
    >>> [float(slopes @ matrix @ slopes) for slopes in (np.array([1.0, 1.0]), np.array([0.0, 2.0]))]
    [3.0, 13.0]
    """
    columns = sum(len(length) for length in lengths)
    matrix = np.zeros((columns, columns))
    start = 0
    for length in lengths:
        end = start + len(length)
        share = length / length.sum()
        from_mean = np.eye(len(length)) - share[None, :]
        matrix[start:end, start:end] = ridge * np.outer(share, share) + stiff * (from_mean.T * share) @ from_mean
        start = end
    return matrix
