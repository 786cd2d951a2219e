"""What a recommender learns from and is asked with: users' events as sparse arrays, against one catalogue of items.

Training rows hold what each user did before a moment, and what became known in the window behind it; together the
latest row of a user is everything that the user did until then. Rows that are asked hold their past alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from scipy import sparse

from sartor.errors import InputError
from sartor.rows import AS_OF, GROUP, KNOWN_AT, ROW
from sartor_plugins.recommend.names import (
    EVENT_WEIGHTS,
    HISTORY,
    HISTORY_DAYS,
    HISTORY_EVENTS,
    HISTORY_ITEMS,
    LATER_DAYS,
    LATER_EVENTS,
    LATER_ITEMS,
    PART,
    PURCHASE,
    SEARCHED,
    TRAIN,
    VALIDATION,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from sartor.rows import Scoring, Training


@dataclass(frozen=True)
class Catalogue:
    """The items that a model knows, in their own order.

    Parameters
    ----------
    items : StringArray
    offered : ndarray of bool
        Whether it was ever bought; what was only looked at or searched for tells of a taste and is not recommended.
    """

    items: pa.Array
    offered: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.items)

    def numbers(self, items: pa.Array) -> NDArray[np.int64]:
        """Return the number of each item, -1 for those that are not known."""
        found = pc.fill_null(pc.index_in(items.cast(pa.string()), self.items), -1)
        return np.asarray(found.to_numpy(zero_copy_only=False), dtype="int64")


@dataclass(frozen=True)
class Interactions:
    """Events of some users, user after user.

    Parameters
    ----------
    starts : ndarray of int64, shape (n_users + 1,)
        Where the events of each user begin.
    item : ndarray of int64
    days : ndarray of float64
        How many days ago.
    weight : ndarray of float64
        What the event tells of a taste, beside a purchase.
    bought : ndarray of bool
    """

    starts: NDArray[np.int64]
    item: NDArray[np.int64]
    days: NDArray[np.float64]
    weight: NDArray[np.float64]
    bought: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.starts) - 1

    @property
    def user(self) -> NDArray[np.int64]:
        """The place of each event's user."""
        return np.repeat(np.arange(len(self)), np.diff(self.starts))

    def part(self, first: int, last: int) -> Interactions:
        """Return the events of the users from one place to before another."""
        inside = slice(self.starts[first], self.starts[last])
        starts = self.starts[first : last + 1] - self.starts[first]
        return Interactions(starts, self.item[inside], self.days[inside], self.weight[inside], self.bought[inside])

    def only(self, mask: NDArray[np.bool_]) -> Interactions:
        """Return some of the events, of the same users."""
        counts = np.bincount(self.user[mask], minlength=len(self))
        starts = np.concatenate([[0], np.cumsum(counts)]).astype("int64")
        return Interactions(starts, self.item[mask], self.days[mask], self.weight[mask], self.bought[mask])

    def matrix(self, items: int, half_life: float | None = None) -> sparse.csr_matrix:
        """Return users by items: the weight of the strongest event, halved with each half-life that passed.

        Examples
        --------
        >>> twice = Interactions(np.array([0, 2]), np.array([1, 1]), np.array([0.0, 30.0]), np.array([0.2, 1.0]),
        ...                      np.array([False, True]))
        >>> twice.matrix(2).toarray().tolist(), twice.matrix(2, half_life=30).toarray().tolist()
        ([[0.0, 1.0]], [[0.0, 0.5]])
        """
        values = self.weight if half_life is None else self.weight * decay(self.days, half_life)
        return strongest(self.starts, self.item, values, items)

    def owned(self, items: int) -> sparse.csr_matrix:
        """Return users by items: what was bought."""
        return self.only(self.bought).matrix(items).sign()


def decay(days: NDArray[np.float64], half_life: float) -> NDArray[np.float64]:
    """Return what is left of each event's weight."""
    return np.asarray(np.exp2(-np.maximum(days, 0.0) / half_life))


def strongest(
    starts: NDArray[np.int64], item: NDArray[np.int64], values: NDArray[np.float64], items: int
) -> sparse.csr_matrix:
    """Return users by items with the largest value of each pair; pairs of which nothing is left are left out."""
    user = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
    kept = values > 0
    pair = user[kept] * items + item[kept]
    order = np.argsort(pair, kind="stable")
    pair, values = pair[order], values[kept][order]
    first = np.flatnonzero(np.concatenate([[True], pair[1:] != pair[:-1]])) if len(pair) else np.zeros(0, "int64")
    largest = np.maximum.reduceat(values, first) if len(first) else np.zeros(0)
    pair = pair[first]
    counts = np.bincount(pair // items, minlength=len(starts) - 1)
    indptr = np.concatenate([[0], np.cumsum(counts)])
    return sparse.csr_matrix((largest.astype("float32"), pair % items, indptr), shape=(len(starts) - 1, items))


def weight_of(kinds: pa.Array, weights: Mapping[str, float]) -> NDArray[np.float64]:
    """Return what each event tells of a taste."""
    encoded = kinds.dictionary_encode()
    told = {**EVENT_WEIGHTS, **weights}
    values = np.array([told.get(kind, 1.0) for kind in encoded.dictionary.to_pylist()] or [1.0])
    return np.asarray(values[encoded.indices.to_numpy(zero_copy_only=False)], dtype="float64")


def flat(cells: Sequence[Any] | pd.Series, kind: pa.DataType) -> tuple[NDArray[np.int64], pa.Array]:
    """Return the lengths of lists, and their elements one behind the other; a missing list is empty."""
    series = pd.Series(cells, dtype=object)
    if not series.notna().any():
        return np.zeros(len(series), dtype="int64"), pa.array([], kind)
    try:
        lists = pa.array(series, pa.list_(kind), from_pandas=True)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError):
        lists = pa.array([None if cell is None else list(cell) for cell in series], pa.list_(kind))
    lists = lists.combine_chunks() if isinstance(lists, pa.ChunkedArray) else lists
    lengths = pc.fill_null(pc.list_value_length(lists), 0).to_numpy(zero_copy_only=False).astype("int64")
    return lengths, lists.flatten()


@dataclass(frozen=True)
class _Flat:
    """Events as they stand in some lists, item names in place of numbers."""

    lengths: NDArray[np.int64]
    items: pa.Array
    days: NDArray[np.float64]
    kinds: pa.Array


def _read(frame: pd.DataFrame, names: Sequence[str]) -> _Flat:
    lengths, items = flat(frame[names[0]], pa.string())
    others = [flat(frame[names[1]], pa.float64()), flat(frame[names[2]], pa.string())]
    if any((other != lengths).any() for other, _ in others):
        # Made-up rows may hold lists of several lengths: what all of them have counts.
        return _shortest(frame, names)
    return _Flat(lengths, items, others[0][1].to_numpy(zero_copy_only=False), others[1][1])


def _shortest(frame: pd.DataFrame, names: Sequence[str]) -> _Flat:
    cells = [[list(cell) if isinstance(cell, np.ndarray | list) else [] for cell in frame[name]] for name in names]
    cut = [[line[: min(map(len, lines))] for line in lines] for lines in zip(*cells, strict=True)]
    lengths = np.array([len(lines[0]) for lines in cut], dtype="int64")
    items, days, kinds = ([cell for lines in cut for cell in lines[place]] for place in range(3))
    return _Flat(lengths, pa.array(items, pa.string()), np.array(days, dtype="float64"), pa.array(kinds, pa.string()))


def check_history(scoring: Scoring, who: str) -> None:
    """Refuse rows without the columns of a history.

    Raises
    ------
    InputError
    """
    missing = [name for name in HISTORY if name not in scoring.X]
    if missing:
        raise InputError(
            f"{who} learns from what users did, and the rows have no {missing[0]}",
            code="D305",
            hints=(("to mend", "add the feature: features: {history: {use: recommend.history, from: TABLE}}"),),
        )


def past_of(scoring: Scoring, catalogue: Catalogue, weights: Mapping[str, float]) -> Interactions:
    """Return what the users of some rows did before, as far as the catalogue knows the items."""
    told = _read(scoring.X, HISTORY)
    number = catalogue.numbers(told.items)
    known = number >= 0
    user = np.repeat(np.arange(len(told.lengths)), told.lengths)[known]
    starts = np.concatenate([[0], np.cumsum(np.bincount(user, minlength=len(told.lengths)))]).astype("int64")
    kinds = told.kinds.filter(pa.array(known))
    return Interactions(
        starts,
        number[known],
        told.days[known],
        weight_of(kinds, weights),
        pc.equal(kinds, PURCHASE).to_numpy(zero_copy_only=False),
    )


def learned_from(training: Training, weights: Mapping[str, float]) -> tuple[Catalogue, Interactions]:
    """Return everything that users did until the training rows end, and the items that it was done with.

    Raises
    ------
    InputError
        If nothing was bought.
    """
    rows, age = _latest(training)
    X, y = training.X.iloc[rows].reset_index(drop=True), training.y.iloc[rows].reset_index(drop=True)
    before = _read(X, (HISTORY_ITEMS, HISTORY_DAYS, HISTORY_EVENTS))
    later = _read(y, (LATER_ITEMS, LATER_DAYS, LATER_EVENTS))
    user = np.concatenate([np.repeat(np.arange(len(rows)), part.lengths) for part in (before, later)])
    days = np.concatenate([before.days + np.repeat(age, before.lengths), np.repeat(age, later.lengths) - later.days])
    items = pa.chunked_array([before.items, later.items], pa.string()).combine_chunks().dictionary_encode()
    kinds = pa.chunked_array([before.kinds, later.kinds], pa.string()).combine_chunks()
    is_bought = pc.equal(kinds, PURCHASE).to_numpy(zero_copy_only=False)
    if not is_bought.any():
        raise InputError(
            "nothing was bought by anybody in the rows to learn from",
            code="D306",
            hints=(("to mend", "name the events that are purchases: task: {with: {bought: [EVENT]}}"),),
        )
    order = pc.sort_indices(items.dictionary).to_numpy()
    rank = np.empty(len(order), dtype="int64")
    rank[order] = np.arange(len(order))
    number = rank[items.indices.to_numpy()]
    offered = np.zeros(len(order), dtype=bool)
    offered[number[is_bought]] = True
    names = items.dictionary.take(pa.array(order))
    offered &= ~pc.starts_with(names, SEARCHED).to_numpy(zero_copy_only=False)
    at = np.argsort(user, kind="stable")
    starts = np.concatenate([[0], np.cumsum(np.bincount(user, minlength=len(rows)))]).astype("int64")
    return Catalogue(names, offered), Interactions(
        starts, number[at], days[at], weight_of(kinds, weights)[at], is_bought[at]
    )


def _latest(training: Training) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the latest row of each user, and how many days lie between its moment and the end of all training rows.

    Without moments each user is one row, or one in each part; where parts follow one another, the latest part is it.
    """
    rows = training.rows
    if AS_OF not in rows and PART in rows:
        user = rows[ROW].str.rpartition("|")[0]
        told = pd.DataFrame({"user": user, "order": rows[PART].map({TRAIN: 0, VALIDATION: 1}).fillna(2)})
        latest = told.sort_values(["user", "order"], kind="stable").drop_duplicates("user", keep="last")
        places = np.sort(latest.index.to_numpy())
        return places, np.zeros(len(places))
    if AS_OF not in rows:
        return np.arange(len(rows)), np.zeros(len(rows))
    end = rows[KNOWN_AT].max()
    latest = rows.sort_values([GROUP, AS_OF], kind="stable").drop_duplicates(GROUP, keep="last")
    places = np.sort(latest.index.to_numpy())
    age = (end - rows[AS_OF].iloc[places]).dt.total_seconds().to_numpy() / 86_400
    return places, age
