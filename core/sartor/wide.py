"""Chooses and joins the columns of lazy frames in time that grows with the number of columns.

Through Narwhals the same takes the square of it on DuckDB 2.0, where every expression is compared with every column's
name: minutes for a table of 7,000 columns. Names written as SQL are not compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from sartor.relations import identifier

if TYPE_CHECKING:
    import narwhals as nw


def chosen(frame: nw.LazyFrame[Any], columns: Iterable[str]) -> nw.LazyFrame[Any]:
    """Return some columns of a lazy frame, in the order in which they are named.

    Parameters
    ----------
    frame : Narwhals LazyFrame
    columns : iterable of str
        Columns that it has, each once.

    Examples
    --------
    >>> import pandas as pd
    >>> from sartor.engine import Engine
    >>> with Engine() as engine:
    ...     frame = engine.frame(pd.DataFrame({"age": [30], "sex": ["f"], "amount": [10]}))
    ...     chosen(frame, ["amount", "age"]).collect_schema().names()
    ['amount', 'age']
    """
    import narwhals as nw

    names = list(columns)
    native = nw.to_native(frame)
    if not names or not _is_relation(native):
        return frame.select(*names)
    found: nw.LazyFrame[Any] = nw.from_native(native.project(", ".join(map(identifier, names)))).lazy()
    return found


def left_joined(left: nw.LazyFrame[Any], right: nw.LazyFrame[Any], on: Sequence[str]) -> nw.LazyFrame[Any]:
    """Return the lines of one frame with the columns of the lines of another that have the same key.

    Parameters
    ----------
    left, right : Narwhals LazyFrame
        Of one engine; but for the key no column of `right` may be called like one of `left`.
    on : sequence of str
        The key, in both.

    Examples
    --------
    >>> import pandas as pd
    >>> from sartor.engine import Engine
    >>> with Engine() as engine:
    ...     loans = engine.frame(pd.DataFrame({"loan": [1, 2]}))
    ...     amounts = engine.frame(pd.DataFrame({"loan": [2, 1], "amount": [20, 10]}))
    ...     engine.fetch(left_joined(loans, amounts, ["loan"]), order_by="loan")["amount"].tolist()
    [10, 20]
    """
    import narwhals as nw

    ours, theirs = nw.to_native(left), nw.to_native(right)
    if not _is_relation(ours) or not _is_relation(theirs):
        return left.join(right, on=list(on), how="left")
    equal = " AND ".join(f"ours.{identifier(name)} = theirs.{identifier(name)}" for name in on)
    joined = ours.set_alias("ours").join(theirs.set_alias("theirs"), equal, how="left")
    columns = [f"ours.{identifier(name)}" for name in left.collect_schema().names()]
    columns += [f"theirs.{identifier(name)}" for name in right.collect_schema().names() if name not in on]
    found: nw.LazyFrame[Any] = nw.from_native(joined.project(", ".join(columns))).lazy()
    return found


def _is_relation(native: Any) -> bool:
    import duckdb

    return isinstance(native, duckdb.DuckDBPyRelation)
