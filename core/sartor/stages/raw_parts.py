"""What the split says of values as they were before privacy changed them, brought to the rows.

The guard has hashed the raw key, or the raw group, and stored only the part; see `sartor.guard.parts`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import narwhals as nw

from sartor.recipe.model import FoldSplit, GivenSplit, GroupSplit
from sartor.rows import RAW_PART, Rows

if TYPE_CHECKING:
    import pandas as pd

    from sartor.recipe.model import Split
    from sartor.session import Session


def with_raw_parts(
    session: Session, rows: Rows, data: pd.DataFrame, parts: Mapping[str, nw.LazyFrame[Any]]
) -> pd.DataFrame:
    """Add the parts that were taken from raw values.

    Parameters
    ----------
    session : Session
    rows : Rows
    data : DataFrame
        The rows.
    parts : mapping of table to LazyFrame
        See `sartor.stages.ingesting.Ingested`.

    Returns
    -------
    DataFrame
        The same rows with ``__raw_part_0`` for the recipe's rule, and so on, where there are any.
    """
    rule, level = session.recipe.split, 0
    while rule is not None:
        name = f"{RAW_PART}{level}"
        for table in [*([rows.own] if rows.own else []), *(table for table in parts if table != rows.own)]:
            on = list(rows.keys) if table == rows.own else _goes_by(rule, rows)
            there = set(parts[table].collect_schema().names()) if table in parts else set()
            if on and {name, *on} <= there and set(on) <= set(data.columns):
                # One line for each value: where several tables hold it they say the same of it.
                lookup = session.engine.fetch(parts[table].select(*on, name).unique())
                data = data.merge(lookup, on=on, how="left", validate="many_to_one")
                break
        rule, level = rule.tune_on, level + 1
    return data


def _goes_by(rule: Split, rows: Rows) -> list[str]:
    if isinstance(rule, GroupSplit | GivenSplit):
        return [rule.column]
    if isinstance(rule, FoldSplit) and rule.by != "hash":
        return [rule.column] if rule.column else []
    return list(rows.keys)
