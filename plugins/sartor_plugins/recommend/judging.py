"""How good slates are: hits, their places, and how much of the catalogue is shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sartor_plugins.recommend.interactions import flat, learned_from
from sartor_plugins.recommend.names import AGAIN, ITEMS, NEWCOMER, REPEAT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sartor.rows import Judged, Training


@dataclass(frozen=True)
class Hits:
    """Which of the first items of each slate were wanted.

    Parameters
    ----------
    hit : ndarray of bool, shape (n_rows, k)
    wanted : ndarray of int, shape (n_rows,)
        How many items were wanted.
    """

    hit: NDArray[np.bool_]
    wanted: NDArray[np.int64]

    def ndcg(self) -> NDArray[np.float64]:
        """Return the discounted gain of each slate, over that of the best one; NaN where nothing was wanted.

        Examples
        --------
        One of two wanted items at the first place, the other one nowhere: 1 / (1 + 1 / log2 3).

        >>> Hits(np.array([[True, False, False]]), np.array([2])).ndcg().round(3).tolist()
        [0.613]
        """
        discount = 1 / np.log2(np.arange(self.hit.shape[1]) + 2)
        ideal = np.concatenate([[np.nan], np.cumsum(discount)])
        gained = np.asarray((self.hit * discount).sum(axis=1))
        return np.asarray(gained / ideal[np.minimum(self.wanted, self.hit.shape[1])])

    def recall(self) -> NDArray[np.float64]:
        """Return the share of what was wanted that is in each slate; NaN where nothing was wanted."""
        wanted = np.where(self.wanted > 0, self.wanted, np.nan)
        return np.asarray(self.hit.sum(axis=1) / wanted)

    def mrr(self) -> NDArray[np.float64]:
        """Return one over the place of the first hit, 0 without any; NaN where nothing was wanted."""
        place = np.where(self.hit.any(axis=1), 1 / (1.0 + self.hit.argmax(axis=1)), 0.0)
        return np.where(self.wanted > 0, place, np.nan)

    def any(self) -> NDArray[np.float64]:
        """Return whether there is any hit; NaN where nothing was wanted."""
        return np.where(self.wanted > 0, self.hit.any(axis=1).astype("float64"), np.nan)


def hits(slates: Sequence[Any], wanted: Sequence[Any], k: int) -> Hits:
    """Compare slates with what was wanted, row by row.

    Examples
    --------
    >>> found = hits([["cup", "plate"], ["cup"]], [["plate"], []], 2)
    >>> found.hit.tolist(), found.wanted.tolist()
    ([[False, True], [False, False]], [1, 0])
    """
    shown_lengths, items = flat(slates, pa.string())
    asked, truth = flat(wanted, pa.string())
    codes = pa.concat_arrays([items.cast(pa.string()), truth.cast(pa.string())]).dictionary_encode()
    numbers = codes.indices.to_numpy(zero_copy_only=False).astype("int64")
    size = len(codes.dictionary) + 1
    lines = np.arange(len(shown_lengths))
    pairs = np.unique(np.repeat(lines, asked) * size + numbers[len(items) :])
    slated = np.repeat(lines, shown_lengths) * size + numbers[: len(items)]
    found = np.isin(slated, pairs)
    place = _places(shown_lengths)
    inside = place < k
    hit = np.zeros((len(lines), k), dtype=bool)
    hit[np.repeat(lines, shown_lengths)[inside], place[inside]] = found[inside]
    return Hits(hit, asked)


def _places(lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the place of each element in its own list."""
    return np.arange(int(lengths.sum())) - np.repeat(np.cumsum(lengths) - lengths, lengths)


def wanted_of(judged: Judged, what: str) -> Any:
    """Return what was wanted of each row: all of it, what had been bought before (``repeat``), or what had not."""
    if what == "all":
        return judged.truth[ITEMS]
    lengths, items = flat(judged.truth[ITEMS], pa.string())
    again = np.asarray(flat(judged.truth[AGAIN], pa.bool_())[1].to_numpy(zero_copy_only=False), dtype=bool)
    kept = again if what == REPEAT else ~again
    lines = np.repeat(np.arange(len(lengths)), lengths)[kept]
    ends = np.cumsum(np.bincount(lines, minlength=len(lengths)))[:-1]
    return [part.tolist() for part in np.split(np.asarray(items.to_pylist(), dtype=object)[kept], ends)]


def per_user(judged: Judged, measure: str, k: int, who: str, what: str = "all") -> NDArray[np.float64]:
    """Return a measure of each row; NaN where nothing was wanted, or where the user is not one of those meant.

    Parameters
    ----------
    measure : {"ndcg", "recall", "mrr", "hit", "novelty"}
    who : {"known", "newcomers"}
        Of whom something was known before the row's moment, or nothing.
    what : {"all", "repeat", "new"}
        What counts as wanted.
    """
    found = hits(judged.predictions[ITEMS], wanted_of(judged, what), k)
    measures = {"ndcg": found.ndcg, "recall": found.recall, "mrr": found.mrr, "hit": found.any}
    if measure in measures:
        values = measures[measure]()
    else:
        values = np.where(found.wanted > 0, shown(judged, k).novelty(), np.nan)
    newcomer = newcomers(judged)
    return np.where(newcomer == (who == "newcomers"), values, np.nan)


def newcomers(judged: Judged) -> NDArray[np.bool_]:
    """Return of whom nothing was known before the row's moment."""
    if NEWCOMER not in judged.rows:
        return np.zeros(len(judged.rows), dtype=bool)
    return np.asarray(judged.rows[NEWCOMER].to_numpy(dtype=bool))


@dataclass(frozen=True)
class Shown:
    """What the first items of the judged slates are.

    Parameters
    ----------
    rows : int
    row, item : ndarray of int64
        The row and the number of every item shown.
    buyers : ndarray of int64, shape (n_items,)
        How many users had bought each item before.
    """

    rows: int
    row: NDArray[np.int64]
    item: NDArray[np.int64]
    buyers: NDArray[np.int64]
    judging: NDArray[np.bool_]

    def share(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the share of all items that is shown to somebody who was drawn."""
        if not len(self.buyers):
            return np.full(len(weights), np.nan)
        counting = self.judging[self.row]
        row, item = self.row[counting], self.item[counting]
        if not len(row):
            return np.zeros(len(weights))
        order = np.argsort(item, kind="stable")
        first = np.flatnonzero(np.concatenate([[True], item[order][1:] != item[order][:-1]]))
        drawn = np.add.reduceat(weights[:, row[order]], first, axis=1) > 0
        return np.asarray(drawn.sum(axis=1) / len(self.buyers), dtype="float64")

    def novelty(self) -> NDArray[np.float64]:
        """Return the mean bits of each slate: how rare it is that a purchase is of its items; NaN for an empty one."""
        bits = -np.log2(np.maximum(self.buyers, 1) / max(int(self.buyers.sum()), 1))
        number = np.bincount(self.row, minlength=self.rows)
        total = np.bincount(self.row, weights=bits[self.item], minlength=self.rows)
        return np.asarray(np.divide(total, number, out=np.full(self.rows, np.nan), where=number > 0))


def shown(judged: Judged, k: int) -> Shown:
    """Return what is shown in the first places of all slates."""
    names, buyers = sold(judged.learned_from)
    lengths, items = flat(judged.predictions[ITEMS], pa.string())
    row = np.repeat(np.arange(len(lengths)), lengths)
    found = pc.fill_null(pc.index_in(items, names), -1).to_numpy(zero_copy_only=False).astype("int64")
    kept = (_places(lengths) < k) & (found >= 0)
    wanted, _ = flat(judged.truth[ITEMS], pa.string())
    return Shown(len(lengths), row[kept], found[kept], buyers, (wanted > 0) & ~newcomers(judged))


def sold(training: Training | None) -> tuple[pa.Array, NDArray[np.int64]]:
    """Return the items that were ever bought in the training rows, and by how many users each."""
    if training is None:
        return pa.array([], pa.string()), np.zeros(0, dtype="int64")
    catalogue, past = learned_from(training, {})
    buyers = np.asarray(past.owned(len(catalogue)).sum(axis=0)).ravel().astype("int64")
    return catalogue.items.filter(pa.array(catalogue.offered)), buyers[catalogue.offered]
