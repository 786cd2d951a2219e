"""Makes the tables and rows that ingest, tasks and features are about, from plain pandas frames."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from sartor.engine import Engine, engine_of
from sartor.rows import AS_OF, KNOWN_AT, ROW, Rows, Table, Tables

if TYPE_CHECKING:
    import narwhals as nw
    import pandas as pd

    from sartor.context import Context


def make_table(
    name: str,
    frame: Any,
    context: Context,
    *,
    key: Iterable[str] = (),
    time: str | None = None,
    roles: Mapping[str, str] | None = None,
    known_ahead: Iterable[str] = (),
    units: Mapping[str, str] | None = None,
) -> Table:
    """Make a table of `ingest` from a pandas frame, on the context's own connection.

    Parameters
    ----------
    name : str
    frame : DataFrame
        Or whatever an ingest reads: a lazy frame, a relation, an Arrow table.
    context : Context
        From `make_context`; tables that meet in a join must share it.
    key, time, roles, known_ahead, units
        As a recipe says them at ingest.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import pandas as pd
    >>> from sartor.testing import make_context
    >>> orders = pd.DataFrame({"order": [1, 2], "shop": ["a", "b"]})
    >>> table = make_table("orders", orders, make_context(Path(tempfile.mkdtemp())), key=["order"])
    >>> table.columns, table.key
    (['order', 'shop'], ('order',))
    """
    return Table(
        name=name,
        frame=lazy(frame, context),
        key=tuple(key),
        time=time,
        roles=dict(roles or {}),
        known_ahead=frozenset(known_ahead),
        units=dict(units or {}),
    )


def make_tables(tables: Mapping[str, pd.DataFrame] | Iterable[Table], context: Context) -> Tables:
    """Make the tables that a step may see.

    Parameters
    ----------
    tables : mapping of name to DataFrame, or iterable of Table
        Frames where nothing more is to be said of them; else what `make_table` returned.
    context : Context

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import pandas as pd
    >>> from sartor.testing import make_context
    >>> context = make_context(Path(tempfile.mkdtemp()))
    >>> tables = make_tables({"orders": pd.DataFrame({"order": [1, 2]})}, context)
    >>> fetch(tables.single().frame, context)["order"].tolist()
    [1, 2]
    """
    if isinstance(tables, Mapping):
        return Tables({name: make_table(name, frame, context) for name, frame in tables.items()})
    return Tables({table.name: table for table in tables})


def make_rows(
    frame: pd.DataFrame,
    context: Context,
    *,
    keys: Iterable[str],
    own: str | None = None,
    truth: Iterable[str] = (),
    classes: Iterable[Any] = (),
    never: Iterable[str] = (),
) -> Rows:
    """Make the rows that features are built for, as a task would.

    Parameters
    ----------
    frame : DataFrame
        ``__row``, the keys, and where they apply ``__as_of``, ``__known_at``, ``__target`` and ``__group``.
    context : Context
        The one of the tables.
    keys, own, truth, classes, never
        As in `Rows`.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import pandas as pd
    >>> from sartor.testing import make_context
    >>> frame = pd.DataFrame({"__row": [0, 1], "shop": ["a", "b"]})
    >>> make_rows(frame, make_context(Path(tempfile.mkdtemp())), keys=["shop"]).keys
    ('shop',)
    """
    absent = [name for name in (ROW, *keys) if name not in frame]
    if absent:
        raise ValueError(f"the frame has no column {absent[0]!r}")
    if KNOWN_AT in frame and AS_OF not in frame:
        raise ValueError(f"the frame has {KNOWN_AT} and no {AS_OF}")
    return Rows(
        frame=lazy(frame, context),
        keys=tuple(keys),
        own=own,
        truth=tuple(truth),
        classes=tuple(classes),
        never=tuple(never),
    )


def lazy(table: Any, context: Context) -> nw.LazyFrame[Any]:
    """Return a table as a lazy Narwhals frame on the context's connection.

    Parameters
    ----------
    table : Narwhals frame, DuckDB relation, Arrow, pandas or Polars table
        A lazy one stays lazy.
    context : Context

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import pandas as pd
    >>> from sartor.testing import make_context
    >>> frame = lazy(pd.DataFrame({"order": [1, 2]}), make_context(Path(tempfile.mkdtemp())))
    >>> frame.collect_schema().names()
    ['order']
    """
    return _engine(context).frame(table)


def fetch(frame: Any, context: Context) -> pd.DataFrame:
    """Fetch a lazy frame as pandas, in the types in which the core fetches it.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import pandas as pd
    >>> from sartor.testing import make_context
    >>> context = make_context(Path(tempfile.mkdtemp()))
    >>> fetch(lazy(pd.DataFrame({"order": [1, 2]}), context), context)["order"].tolist()
    [1, 2]
    """
    return _engine(context).fetch(frame)


def _engine(context: Context) -> Engine:
    engine = engine_of(context.connection)
    if engine is None:
        raise ValueError("the context's connection belongs to no engine: take a context from make_context")
    return engine
