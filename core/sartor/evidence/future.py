"""The future check: features of one origin, rebuilt with everything from that moment on taken away.

A column that changes saw the future. It is an error unless ingest declared the column that it reads
``known_ahead``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import narwhals as nw
import numpy as np
import pandas as pd

from sartor.errors import InputError
from sartor.lists import different, holds_lists
from sartor.rows import AS_OF, ROW, Rows, Table, Tables
from sartor.wide import chosen
from sartor.wording import plural

if TYPE_CHECKING:
    from sartor.errors import Position

ORIGINS = 3
"""How many origins are rebuilt."""


def choose_origins(as_of: pd.Series, number: int = ORIGINS) -> list[pd.Timestamp]:
    """Choose moments at which rows are made, spread over time, each the fullest of its stretch.

    Examples
    --------
    >>> days = pd.Series(pd.to_datetime(["2024-01-01", "2024-01-02", "2024-01-02", "2024-01-03"]))
    >>> choose_origins(days, number=1)
    [Timestamp('2024-01-02 00:00:00')]
    """
    counts = as_of.dropna().value_counts().sort_index()
    stretches = np.array_split(np.arange(len(counts)), min(number, len(counts)))
    return [counts.index[stretch[int(counts.iloc[stretch].to_numpy().argmax())]] for stretch in stretches]


def cut_at(tables: Tables, rows: Rows, moment: Any, keys: nw.LazyFrame[Any]) -> Tables:
    """Return the tables as they stood just before a moment.

    Lines of a table with a time are kept where they lie before the moment, or carry the key of a row that is being
    rebuilt; of other later lines only the columns known ahead stay.
    """
    return Tables(
        {name: cut_table(table, moment, (rows, keys) if name == rows.own else None) for name, table in tables.items()}
    )


def cut_table(table: Table, moment: Any, of: tuple[Rows, nw.LazyFrame[Any]] | None = None) -> Table:
    """Return a table as it stood just before a moment; of the rows' own table, `of` says whose lines stay.

    What is known ahead of later lines stays, too; a table without a time is as it is. Of its outcomes those stay that
    are known by then, the moment itself included, as rows teach whose truth is known at the cut.
    """
    if table.outcomes is not None:
        known = table.outcomes.frame.filter(nw.col(str(table.outcomes.time)) <= moment)
        table = replace(table, outcomes=table.outcomes.with_frame(known))
    if table.time is None:
        return table
    frame = table.frame
    columns = table.columns
    before = frame.filter(nw.col(table.time) < moment)
    later = frame.filter(nw.col(table.time) >= moment)
    pieces = [before]
    if of is not None:
        rows, keys = of
        own = later.join(keys, on=list(rows.keys), how="semi")
        pieces.append(own)
        later = later.join(keys, on=list(rows.keys), how="anti")
    if table.known_ahead:
        kept = {*table.key, table.time, *table.roles.values(), *table.known_ahead}
        schema = frame.collect_schema()
        hidden = [nw.lit(None).cast(schema[column]).alias(column) for column in columns if column not in kept]
        pieces.append(later.with_columns(*hidden) if hidden else later)
    return table.with_frame(nw.concat([chosen(piece, columns) for piece in pieces], how="vertical"))


def check_future(
    built: pd.DataFrame,
    rows: Rows,
    tables: Tables,
    rebuild: Callable[[Rows, Tables], pd.DataFrame],
    steps: Mapping[str, str],
    where: Callable[[str], Position | None] = lambda feature: None,
) -> int:
    """Rebuild some origins without their future and compare.

    Parameters
    ----------
    built : DataFrame
        ``__row``, ``__as_of`` and the features as they were built from everything.
    rows, tables
        What they were built from.
    rebuild : callable
        Builds the same features from other rows and tables.
    steps : mapping of feature to step
    where : callable
        Tells where in the recipe a feature comes from.

    Returns
    -------
    int
        How many rows were compared.

    Raises
    ------
    InputError
        If a feature saw the future.
    """
    compared = 0
    for origin in choose_origins(built[AS_OF]):
        mask = (built[AS_OF] == origin).to_numpy()
        moment = origin.to_pydatetime()
        some = rows.frame.filter(nw.col(AS_OF) == moment)
        narrowed = replace(rows, frame=some)
        again = rebuild(narrowed, cut_at(tables, rows, moment, some.select(*rows.keys).unique()))
        before = built[mask].set_index(ROW)
        after = again.set_index(ROW).reindex(before.index)
        for column in steps:
            changed = _changed(before[column], after[column])
            if changed:
                raise InputError(
                    f"feature '{column}' saw the future: without what came at or after {origin:%Y-%m-%d %H:%M} "
                    f"it changes in {changed:,} of {plural(len(before), 'row')}",
                    code="D043",
                    where=where(column),
                    hints=(
                        ("to mend", "build it from lines strictly before as_of"),
                        ("or", "declare what is known in advance at ingest: known_ahead: [COLUMN]"),
                    ),
                )
        compared += int(mask.sum())
    return compared


def _changed(before: pd.Series, after: pd.Series) -> int:
    if holds_lists(before) or holds_lists(after):
        return different(before, after)
    if pd.api.types.is_numeric_dtype(before.dtype) and not pd.api.types.is_bool_dtype(before.dtype):
        x = before.to_numpy(dtype="float64", na_value=np.nan)
        y = after.to_numpy(dtype="float64", na_value=np.nan)
        return int((~np.isclose(x, y, rtol=1e-9, atol=1e-12, equal_nan=True)).sum())
    same = (before.astype(object) == after.astype(object)) | (before.isna() & after.isna())
    return int((~same).sum())
