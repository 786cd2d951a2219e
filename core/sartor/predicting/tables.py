"""The tables beside new rows, read as the recipe says or given anew; and all new rows at once, where steps need it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import narwhals as nw
import pyarrow as pa
import pyarrow.parquet as pq

from sartor.components import Ingest
from sartor.errors import InputError, UsageError
from sartor.guard.agreeing import Register
from sartor.predicting.guarding import asked_in_run, pieces_of
from sartor.predicting.pieces import ROWS, Piece, Source, Wanted
from sartor.predicting.sources import FrameSource, is_frame, reader_of
from sartor.predicting.values import check_kind
from sartor.relations import type_word
from sartor.rows import Table, Tables
from sartor.stages.ingesting import ingest
from sartor.stages.opening import terms_of
from sartor.wording import plural

if TYPE_CHECKING:
    from sartor.context import Context
    from sartor.predicting.opening import Opened
    from sartor.predicting.scoring import Scorer
    from sartor.session import Session
    from sartor.stages.agreeing import People
    from sartor.stages.building import Built

LINE, UNANSWERED = "__line", "__unanswered"
"""Where a row stood, and whether it is not answered, in the file that holds all of them."""


class Given(Ingest):
    """Reads a table that is given in place of the recipe's own.

    Parameters
    ----------
    reader : Ingest or None
        Of a file.
    frame : object
        In place of a reader.
    wanted : Wanted
    shown : str
    """

    reader: Any = None
    frame: Any = None
    wanted: Any = None
    shown: str = ""

    def read(self, context: Context) -> Any:
        """Return its lines in the columns of the run's own table.

        Raises
        ------
        InputError
            If a column is missing or holds something else than it did.
        """
        from sartor.engine import engine_of

        wanted: Wanted = self.wanted
        engine = engine_of(context.connection)
        assert engine is not None
        frame = engine.frame(self.frame if self.reader is None else self.reader.read(context))
        schema = frame.collect_schema()
        wanted.check_names(schema.names(), self.shown)
        lacking = [name for name in wanted.columns if name not in schema]
        if lacking:
            raise InputError([wanted.missing(name, list(schema.names()), self.shown) for name in lacking])
        for name, kind in wanted.columns.items():
            if name in wanted.open:
                continue
            check_kind(self.shown, name, type_word(schema[name]), kind)
        return frame.select(*wanted.columns)


def others(
    session: Session, built: Built, opened: Opened, given: Mapping[str, Any], known: Register | None = None
) -> tuple[Tables, People | None]:
    """Return all tables but that of the rows, and who agreed where consent goes by persons.

    Parameters
    ----------
    session : Session
    built : Built
    opened : Opened
    given : mapping of table to object
        Files and frames that stand in for what the recipe reads.
    known : Register, optional
        What new rows say of who agreed.
    """
    names = [name for name in session.recipe.ingest if name != opened.interface.own]
    if not names:
        return Tables({}), None
    readers = {
        name: _given(name, given[name], session, opened) if name in given else built.ingest[name] for name in names
    }
    # What is given once is hardly given again.
    found = ingest(session, readers, unkept=given, known=known)
    return found.tables, found.people


def said_of_persons(session: Session, opened: Opened, source: Source | None) -> Register | None:
    """Return what new rows say of who agreed, where other tables go by it; None where none does.

    Raises
    ------
    UsageError
        If rows come as a stream: the tables must be read before the first one is answered.
    """
    recipe, own = session.recipe, opened.interface.own
    asked = {name: asked_in_run(recipe, name, columns) for name, columns in opened.interface.tables.items()}
    if own is None or source is None or asked.get(own) != "line" or "person" not in asked.values():
        return None
    if source.streamed:
        raise UsageError(
            f"whom other tables may tell of is said in {own}, and in a stream nobody knows who is still to come",
            code="U074",
            hints=(("to mend", f"give all lines of {own} as one file: --data FILE"),),
        )
    if isinstance(source, FrameSource):
        source.hold()
    register = Register(session.engine.connection)
    terms = terms_of(recipe, recipe.ingest[own])
    for piece in pieces_of(source, recipe):
        register.add(nw.to_native(session.engine.frame(piece.data)), terms)
    return register


def _given(name: str, what: Any, session: Session, opened: Opened) -> Given:
    wanted = opened.wanted(name)
    if is_frame(what):
        return Given(frame=what, wanted=wanted, shown=f"the data for {name}")
    if not isinstance(what, str | Path):
        raise UsageError(
            f"table {name} cannot come as a stream: only rows that are answered can",
            code="U074",
            hints=(("to mend", f"give it as a file: {name}=FILE"),),
        )
    context = replace(session.context(("ingest", name)), folder=Path.cwd(), texts=wanted.open)
    reader = reader_of(str(what), session.recipe.ingest[name], session.recipe, session.plugins, wanted, context)
    return Given(reader=_from_here(reader), wanted=wanted, shown=str(what))


def _from_here(reader: Any) -> Any:
    """Return a reader whose file is named in full: the step that it works for has another folder."""
    return reader.model_copy(update={"path": str(Path.cwd() / Path(reader.path).expanduser())})


def looking_further(opened: Opened, session: Session, built: Built, *, refuse: bool = False) -> list[str]:
    """Return the feature steps that may look at other lines of the own table than the row's own.

    Raises
    ------
    UsageError
        With `refuse`, if there is one: in a stream each line stands alone.
    """
    own = opened.interface.own
    steps = opened.recipe.features
    found = []
    for name, feature in built.features.items():
        if own is not None and own in (steps[name].sources or opened.recipe.ingest):
            with session.step(("features", name), steps[name].use, "alone"):
                if not feature.alone(own):
                    found.append(name)
    if found and refuse:
        raise UsageError(
            f"features.{found[0]} ('{steps[found[0]].use}') may look at other lines of {own}, and in a stream each "
            "line stands alone",
            code="U074",
            hints=_without_other_lines(own, [table for table in opened.recipe.ingest if table != own]),
        )
    return found


def _without_other_lines(own: str | None, beside: list[str]) -> tuple[tuple[str, str], ...]:
    """Say how rows can be answered all the same, or one by one."""
    hints = [("to mend", f"give all lines of {own} as one file: --data FILE")]
    if beside:
        tables = " or ".join(beside)
        hints.append(
            ("or", f"let the step look at {tables} instead, which may come beside a stream: table: {beside[0]}")
        )
    return (*hints, ("or", "where it needs the row's own line only, its class says own_line_only = True"))


@dataclass(frozen=True)
class Spooled:
    """All rows of new data, guarded, in a file."""

    shown: str
    file: Path
    truth: tuple[str, ...] = ()
    streamed = False

    def pieces(self) -> Iterator[Piece]:
        """Yield the rows in their order."""
        with pq.ParquetFile(self.file, pre_buffer=False) as parquet:
            for group in range(parquet.num_row_groups):
                data = parquet.read_row_group(group)
                lines, silent = data[LINE].to_numpy(), data[UNANSWERED].to_numpy(zero_copy_only=False)
                gone = [LINE, UNANSWERED, *(name for name in self.truth if name in data.column_names)]
                yield Piece(data.drop_columns(gone), lines, unanswered=silent)


def spooled(session: Session, scorer: Scorer, source: Source) -> tuple[Source, Table | None]:
    """Write all rows into a file first, for steps that look at many of them; return it, and its lines as a table.

    Raises
    ------
    InputError
        If a key comes twice: what looks at many lines cannot tell them apart then.
    """
    file = session.scratch / "rows.parquet"
    writer: pq.ParquetWriter | None = None
    for piece in pieces_of(source, session.recipe):
        admitted = scorer.admit(piece)
        if admitted.refused:
            raise InputError(admitted.refused[0].problem)
        data = admitted.data.append_column(LINE, pa.array(admitted.lines))
        data = data.append_column(UNANSWERED, pa.array(admitted.unanswered))
        writer = writer or pq.ParquetWriter(file, data.schema, compression="zstd")
        writer.write_table(_cast(data, writer.schema), row_group_size=ROWS)
    if writer is None:
        return source, None
    writer.close()
    whole = session.engine.scan(file).filter(~nw.col(UNANSWERED))
    key = list(session.recipe.ingest[str(scorer.opened.interface.own)].key)
    rows, distinct = (int(frame.select(nw.len()).collect().item()) for frame in (whole, whole.select(*key).unique()))
    if rows != distinct:
        raise InputError(
            f"{source.shown}: the key {', '.join(key)} does not identify a row: {plural(rows, 'row')}, "
            f"{plural(distinct, 'different key')}, and features look at more than one line",
            code="D165",
            hints=(("to mend", "remove the repeated rows"),),
        )
    names = [name for name in whole.collect_schema().names() if name not in (LINE, UNANSWERED)]
    return Spooled(source.shown, file, scorer.opened.interface.truth), scorer.whole_table(whole.select(*names))


def _cast(data: pa.Table, schema: pa.Schema) -> pa.Table:
    """Return lines in the types of the first ones: whole numbers become numbers where a later one is none."""
    return data if data.schema == schema else data.cast(schema)
