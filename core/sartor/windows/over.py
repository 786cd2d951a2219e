"""Features over time windows: from lazy frames through slices of entities to a lazy frame, in bounded memory.

Lines and rows are read once, batch by batch, and put into slices by a hash of their entity; each slice is worked out
by itself, and what comes out goes back to the engine of the rows.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import narwhals as nw
import numpy as np
import pyarrow as pa

from sartor.rows import AS_OF, ROW
from sartor.windows.answering import answer, kept, memory_of, scratch_of
from sartor.windows.filling import Filling, lines_are_rows
from sartor.windows.frames import Sources
from sartor.windows.kernels import WORTH_COMPILING, Kernels, compiler_is_there, kernels
from sartor.windows.measures import Windows
from sartor.windows.measuring import measured
from sartor.windows.reading import is_whole, ticks_of
from sartor.windows.slices import Slices, number_of_slices

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sartor.context import Context
    from sartor.durations import Duration
    from sartor.rows import Rows, Table
    from sartor.windows.measures import Upto


@dataclass(frozen=True)
class Work:
    """How the work is done; what comes out does not depend on it.

    Parameters
    ----------
    slices : int, optional
        How many slices of entities; chosen by lines and memory if left out.
    compiled : bool, optional
        Whether by compiled kernels; by default where numba is installed and there is enough to do.
    memory : int, optional
        Bytes that lines, rows and results may each take before they go to disk; by default an eighth of the engine's.
    """

    slices: int | None = None
    compiled: bool | None = None
    memory: int | None = None


def over(
    rows: Rows,
    table: Table,
    entity: str | Sequence[str],
    windows: Sequence[str | Duration],
    measures: Mapping[str, str | Sequence[str]],
    context: Context,
    *,
    upto: Upto = "before",
    delay: str | Duration | None = None,
    own: Table | None = None,
    work: Work | None = None,
) -> nw.LazyFrame[Any]:
    """Measure an entity's lines in windows of time before each row: ``spent_7_days``.

    Sums are exact but for one rounding, and no order of lines changes a bit of what comes out. Memory stays within the
    engine's limit; the time grows as the lines do.

    Parameters
    ----------
    rows : Rows
    table : Table
        Whose lines are measured; it has a time.
    entity : str or sequence of str
        Columns or roles of the table that say whose line it is. Rows are matched by the same columns where they have
        them as keys, and else by those of their own line.
    windows : sequence of str or Duration
        Lengths of the windows, such as ``["1 hour", "7 days"]``, in any order; ``"ever"`` has no beginning.
    measures : mapping of name to measure
        ``"count"`` of lines; ``"since"``: seconds from the latest line, the row's own left out, to ``as_of``; of a
        column of numbers or flags ``("sum", COLUMN)``, ``mean``, ``min``, ``max`` and ``std`` (with the divisor
        n - 1); of any column ``("distinct", COLUMN)``. The share of a flag is its mean.
    context : Context
    upto : {"before", "own", "including"}
        A window of length w that ends at e holds the lines with e - w < time < e, and of those at e itself none, or
        those whose key does not come after the row's own, or all. ``own`` is for a table whose lines the rows are: it
        is what a rolling window over the sorted table sees.
    delay : str or Duration, optional
        Windows end this long before ``as_of``, as labels ask for that take so long to be known. ``own`` then takes
        all lines at the end, as ``including`` does.
    own : Table, optional
        The table whose line each row is: needed where the entity is no key of the rows and another table is measured.
    work : Work, optional

    Returns
    -------
    LazyFrame
        ``__row`` and a column for each measure and window, ``NAME_LENGTH``, in no particular order of lines. In an
        empty window counts and sums are 0 and all else is missing. Missing values are skipped; ``count`` counts their
        lines. Lines without an entity or a moment are in no window, and rows without one have nothing but missing
        values. Moments without a zone are taken for UTC, a date for its midnight.

    Raises
    ------
    InputError
        If the table has no time, the rows no moment, or a column is not there or cannot be measured so.
    SettingError
        If a window has no fixed length, or there is no such measure.

    Examples
    --------
    >>> from datetime import datetime
    >>> import pandas as pd
    >>> from sartor.context import Context
    >>> from sartor.engine import Engine
    >>> from sartor.rows import Rows, Table
    >>> paid = pd.DataFrame(
    ...     {
    ...         "id": [1, 2, 3, 4],
    ...         "card": ["a", "b", "a", "a"],
    ...         "paid_at": [datetime(2024, 5, 1, hour) for hour in (12, 13, 14, 14)],
    ...         "amount": [10.10, 7.0, 20.20, None],
    ...     }
    ... )
    >>> engine = Engine()
    >>> context = Context(connection_of=lambda: engine.connection)
    >>> cards = Table("cards", engine.frame(paid), key=("id",), time="paid_at")
    >>> marks = {"__row": nw.col("id"), "__as_of": nw.col("paid_at")}
    >>> rows = Rows(cards.frame.select("id", **marks), keys=("id",), own="cards")
    >>> measures = {"n": "count", "spent": ("sum", "amount"), "since": "since"}
    >>> windows = rows.over(cards, "card", ["2 hours", "ever"], measures, context, upto="own")
    >>> engine.fetch(windows, order_by="__row")[["__row", "n_2_hours", "n_ever", "spent_ever", "since_ever"]]
       __row  n_2_hours  n_ever  spent_ever  since_ever
    0      1          1       1        10.1         NaN
    1      2          1       1         7.0         NaN
    2      3          1       2        30.3      7200.0
    3      4          2       3        30.3         0.0
    >>> engine.close()
    """
    asked = Windows.of(windows, measures, upto, delay)
    work = work or Work()
    entities = (entity,) if isinstance(entity, str) else tuple(entity)
    sources = Sources(rows, table, own, entities, asked, lambda frame: kept(frame, context))
    sources.check()
    memory = work.memory or memory_of(rows.frame, context)
    of_lines, of_rows = _count(table.frame), _count(rows.frame)
    compiled = work.compiled
    if compiled is None:
        compiled = compiler_is_there() and of_lines + of_rows >= WORTH_COMPILING
    schema = _schema(rows.frame, asked)
    twins = of_lines == of_rows and sources.may_be_twins and lines_are_rows(sources, context.connection)
    count = work.slices or number_of_slices(of_lines + (0 if twins else of_rows), memory)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="windows-", dir=scratch_of(context))))
        named = is_whole(schema.field(ROW).type)
        columns = 2 + sources.ordered + len(asked.numbers) + len(asked.items)
        columns += twins and named and not sources.order_is_name
        shared = kernels(compiled)
        filling = Filling(
            sources,
            ticks_of(table.frame.collect_schema()[sources.time()], rows.frame.collect_schema()[AS_OF]),
            stack.enter_context(Slices(count, columns, memory, folder / "lines", shared)),
            stack.enter_context(Slices(count, 2 + sources.ordered + named, memory, folder / "rows", shared)),
            twins,
        )
        filling.fill()
        size = of_rows * 8 * len(schema)
        return answer(_results(filling, shared, schema, context), schema, rows.frame, context, size > memory)


def _count(frame: nw.LazyFrame[Any]) -> int:
    return int(frame.select(nw.len()).collect().item())


def _schema(rows: nw.LazyFrame[Any], windows: Windows) -> pa.Schema:
    """Return the columns that come out: counts are whole numbers, all else is not."""
    row = rows.select(ROW).head(0).collect("pyarrow").to_native().schema.field(ROW)
    counted = [name for name, measure in windows.measures.items() if measure.kind in ("count", "distinct")]
    whole = {windows.column(name, length) for name in counted for length in windows.lengths}
    return pa.schema(
        [row, *(pa.field(name, pa.int64() if name in whole else pa.float64()) for name in windows.columns)]
    )


def _results(filling: Filling, kernels: Kernels, schema: pa.Schema, context: Context) -> Iterator[pa.RecordBatch]:
    """Work out slice after slice."""
    count = filling.lines.count
    for one in range(count):
        lines, asked, names = filling.taken(one)
        if len(asked.at):
            places, columns = measured(filling.sources.windows, lines, asked, filling.second, kernels)
            row = names.take(pa.array(places)) if isinstance(names, pa.Array) else pa.array(names[places])
            arrays = [_array(columns[name]) for name in schema.names[1:]]
            yield pa.record_batch([row.cast(schema.field(ROW).type), *arrays], schema=schema)
        if count > 1:
            context.progress(one + 1, count, "slices")
    for name in filling.names:
        # Whose windows these are is not known, not even that there is nothing in them.
        nothing = [pa.nulls(len(name), field.type) for field in schema][1:]
        yield pa.record_batch([name.cast(schema.field(ROW).type), *nothing], schema=schema)


def _array(values: NDArray[Any]) -> pa.Array:
    """Return an Arrow column in which NaN is missing, without a copy where there is none."""
    return pa.array(values, from_pandas=bool(values.dtype.kind == "f" and np.isnan(values).any()))
