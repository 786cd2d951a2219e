"""Made-up rows: drawn column by column from ranges and common values, so that none is a real row.

A value that few rows hold, and the smallest and the largest number, never get in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from sartor.lists import as_arrow, holds_lists
from sartor.rows import ROW

ROWS = 32
COMMON = 10
"""Rows that must hold a value before it may stand in a made-up row."""
UNSEEN = "never seen before"
_LONGEST = 6
"""Elements in the longest of made-up lists, and one more."""

_MIDDLE = (0.05, 0.95)
_AT_ONCE = 4_000_000
"""Numbers that are sorted at once: 32 MB."""


def made_up(
    table: pd.DataFrame, rng: np.random.Generator, missing: Mapping[str, Sequence[int]], *, strange: bool = True
) -> dict[str, pa.Array]:
    """Return made-up lines in the columns of a table.

    Parameters
    ----------
    table : DataFrame
        What ranges and common values are taken from.
    rng : Generator
    missing : mapping of column to sequence of int
        The lines in which a column is missing.
    strange : bool
        Whether texts and levels hold a value in the last line that no row holds.

    Returns
    -------
    dict of column to Array or Series of length ROWS
        Arrow's arrays as far as possible: a column of pandas costs ten times as much, and a table may have thousands.

    Examples
    --------
    >>> people = pd.DataFrame({"age": [31.0, 42.0] * 20, "colour": ["red", "blue"] * 20})
    >>> drawn = made_up(people, np.random.default_rng(0), {"age": [0]})
    >>> drawn["age"].null_count, drawn["colour"].to_pylist()[-1]
    (1, 'never seen before')
    """
    names, kinds = table.columns.tolist(), table.dtypes.tolist()
    # Numbers are drawn together.
    together = np.array([_is_number(kind) and name != ROW for name, kind in zip(names, kinds, strict=True)], dtype=bool)
    found: dict[str, Any] = {}
    for place, numbers in zip(np.flatnonzero(together), _numbers(table.loc[:, together], rng), strict=True):
        name, kind = names[place], kinds[place]
        numbers[list(missing.get(name, ()))] = np.nan
        # Whole numbers are whole only where none is missing.
        is_float = kind.kind == "f" or np.isnan(numbers).any()
        found[name] = pa.array(numbers if is_float else numbers.astype(kind), from_pandas=True)
    for name, column in table.loc[:, ~together].items():
        found[str(name)] = _drawn(str(name), column, rng, missing.get(str(name), ()), strange=strange)
    return {name: found[name] for name in names}


def _is_number(kind: Any) -> bool:
    return isinstance(kind, np.dtype) and kind.kind in "iuf"


def _numbers(table: pd.DataFrame, rng: np.random.Generator) -> np.ndarray:
    """Draw a line for each column, between the ends of its middle; whole numbers where all are whole."""
    drawn = np.empty((table.shape[1], ROWS))
    at_once = max(1, _AT_ONCE // max(1, len(table)))
    for first in range(0, len(drawn), at_once):
        values = table.iloc[:, first : first + at_once].to_numpy(dtype="float64").T
        low, high = _middles(np.sort(values))
        shares = rng.uniform(size=(len(values), ROWS))
        between = low * (1 - shares) + high * shares
        whole = ((values == np.rint(values)) | np.isnan(values)).all(axis=1)
        between[whole] = np.rint(between[whole])
        drawn[first : first + at_once] = between
    return drawn


def _middles(rising: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return both ends of the middle of each line of numbers in rising order, as columns; NaN, which come last, do not
    count, and where a line holds nothing else both are NaN.
    """
    if not rising.shape[1]:
        return np.full((len(rising), 1), np.nan), np.full((len(rising), 1), np.nan)
    last = np.maximum(np.count_nonzero(~np.isnan(rising), axis=1, keepdims=True) - 1, 0)
    ends = []
    for share in _MIDDLE:
        below = np.floor(last * share).astype(np.intp)
        part = last * share - below
        one, other = (np.take_along_axis(rising, at, axis=1) for at in (below, np.minimum(below + 1, last)))
        ends.append(one * (1 - part) + other * part)
    return ends[0], ends[1]


def _drawn(name: str, column: pd.Series, rng: np.random.Generator, missing: Sequence[int], *, strange: bool) -> Any:
    kind = column.dtype
    if name == ROW:
        return _keys(kind)
    if holds_lists(column):
        return _lists(column, rng, missing)
    if pd.api.types.is_bool_dtype(kind):
        return pd.Series(rng.integers(0, 2, ROWS).astype(bool)).astype(kind)
    if pd.api.types.is_datetime64_any_dtype(kind):
        return _days(column.dropna(), rng, kind)
    if not isinstance(kind, pd.CategoricalDtype) and pd.api.types.is_numeric_dtype(kind):
        numbers = _numbers(column.to_frame(), rng)[0]
        numbers[list(missing)] = np.nan
        return pd.Series(numbers).astype(kind)
    common = _common(column)
    values: list[Any] = [common[place] for place in rng.integers(0, len(common), ROWS)] if common else [None] * ROWS
    for place in missing:
        values[place] = None
    if strange:
        values[-1] = _unseen(column, common)
    if isinstance(kind, pd.StringDtype):
        return pa.array(values, pa.string())
    if isinstance(kind, pd.CategoricalDtype):
        levels = list(dict.fromkeys(value for value in [*common, values[-1]] if value is not None))
        return pd.Series(pd.Categorical(values, categories=levels, ordered=kind.ordered))
    return pd.Series(values, dtype=kind)


def _lists(column: pd.Series, rng: np.random.Generator, missing: Sequence[int]) -> pa.Array:
    """Draw lists of what many lists hold; the lists of a line have one length in all columns."""
    lists = as_arrow(column)
    elements = lists.flatten().to_pandas()
    drawn: list[Any] = []
    for place in range(ROWS):
        wanted = [place % _LONGEST]
        numbers = pd.api.types.is_numeric_dtype(elements.dtype) and not pd.api.types.is_bool_dtype(elements.dtype)
        if numbers:
            low, high = (float(elements.quantile(share)) for share in _MIDDLE) if len(elements) else (0.0, 0.0)
            line = rng.uniform(low, high, wanted).round(2)
            drawn.append(line.astype(elements.dtype, copy=False).tolist())
        else:
            common = _common(elements)
            drawn.append([common[at] for at in rng.integers(0, len(common), wanted)] if common else [])
    for place in missing:
        drawn[place] = None
    return pa.array(drawn, lists.type)


def _keys(kind: Any) -> pd.Series:
    if pd.api.types.is_numeric_dtype(kind):
        return pd.Series(np.arange(ROWS)).astype(kind)
    return pd.Series([f"made-up-{number}" for number in range(ROWS)])


def _days(known: pd.Series, rng: np.random.Generator, kind: Any) -> pd.Series:
    if known.empty:
        return pd.Series([pd.NaT] * ROWS, dtype=kind)
    low, high = known.quantile(_MIDDLE[0]), known.quantile(_MIDDLE[1])
    return pd.Series(low + (high - low) * rng.uniform(0, 1, ROWS)).dt.floor("D").astype(kind)


def _common(column: pd.Series) -> list[Any]:
    """Return the values that many rows hold, sorted by their names."""
    if isinstance(column.dtype, pd.StringDtype):
        counted = pc.value_counts(pa.array(column))
        values, counts = counted.field(0), counted.field(1).to_numpy()
        found = values.filter(pa.array(counts >= COMMON)).to_pylist()
        return sorted(value for value in found if value is not None)
    counts = column.value_counts()
    return sorted(counts.index[counts >= COMMON], key=str)


def _unseen(column: pd.Series, common: Sequence[Any]) -> Any:
    """Return a value that no row holds."""
    kind = column.dtype
    if not isinstance(kind, pd.CategoricalDtype) or not pd.api.types.is_numeric_dtype(kind.categories.dtype):
        return UNSEEN
    held = set(column.dropna())
    value = max(common, default=0) + 1
    while value in held:
        value += 1
    return value
