"""Columns whose cells are lists: what a row remembers, what it is to be answered with, a slate.

Behind the model's door such a column is of objects, each an array or missing. Hashes, comparisons and made-up rows take
another way there than for plain values.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from numpy.typing import NDArray


def holds_lists(column: pd.Series) -> bool:
    """Tell whether the cells of a column are lists.

    Examples
    --------
    >>> holds_lists(pd.Series([None, np.array(["cup"])])), holds_lists(pd.Series(["cup"], dtype=object))
    (True, False)
    """
    if column.dtype != object:
        return False
    place = column.first_valid_index()
    return place is not None and isinstance(column.loc[place], np.ndarray | list | tuple)


def as_arrow(column: pd.Series) -> pa.ListArray:
    """Return a column of lists as Arrow holds it; a missing list is null."""
    try:
        made = pa.array(column, from_pandas=True)
    except (pa.ArrowNotImplementedError, pa.ArrowInvalid, pa.ArrowTypeError):
        # An empty array has a type of its own, which need not be that of the others.
        made = pa.array([_plain(cell) for cell in column], from_pandas=True)
    made = made.combine_chunks() if isinstance(made, pa.ChunkedArray) else made
    return pa.array(column, pa.list_(pa.null())) if pa.types.is_null(made.type) else made


def hashes_of(column: pd.Series) -> NDArray[np.uint64]:
    """Return numbers that differ wherever two columns of lists do: of the lengths, then of the elements."""
    lists = as_arrow(column)
    lengths = pc.fill_null(pc.list_value_length(lists), -1).to_pandas()
    elements = lists.flatten().to_pandas()
    return np.concatenate([pd.util.hash_pandas_object(part, index=False).to_numpy() for part in (lengths, elements)])


def different(before: pd.Series, after: pd.Series) -> int:
    """Count the cells that differ between two columns of lists.

    Examples
    --------
    >>> different(pd.Series([np.array([1, 2]), None]), pd.Series([np.array([1]), None]))
    1
    """
    return sum(_plain(one) != _plain(other) for one, other in zip(before, after, strict=True))


def _plain(cell: Any) -> Any:
    return cell.tolist() if isinstance(cell, np.ndarray) else list(cell) if isinstance(cell, tuple) else cell
