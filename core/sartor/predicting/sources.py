"""Where new data comes from: files, by the reader that the recipe has for them, and frames of Python."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from sartor.engine import Engine
from sartor.errors import UsageError
from sartor.predicting.pieces import ROWS, Piece, Wanted, conformed
from sartor.predicting.streams import LineStream, Writing
from sartor.predicting.values import is_plain

if TYPE_CHECKING:
    import duckdb

    from sartor.components import Ingest
    from sartor.context import Context
    from sartor.plugins import Plugins
    from sartor.predicting.opening import Opened
    from sartor.predicting.pieces import Source
    from sartor.recipe.model import IngestStep, Recipe
    from sartor.session import Session
    from sartor.stages.building import Built

READERS = {"csv": "tables.csv", "parquet": "tables.parquet", "jsonl": "tables.json_lines"}
"""The component that reads files of a form."""
FORMS = {
    ".csv": "csv", ".tsv": "csv", ".tab": "csv", ".txt": "csv",
    ".parquet": "parquet", ".pq": "parquet",
    ".jsonl": "jsonl", ".ndjson": "jsonl",
}  # fmt: skip
"""The form of a file by the end of its name."""
_PACKED = (".gz", ".zst", ".zstd", ".bz2")


def form_of(name: str) -> str:
    """Return the form of a file by its name: ``csv``, ``parquet``, ``jsonl``; empty where the name does not tell.

    Examples
    --------
    >>> form_of("loans/2026-*.csv.gz"), form_of("loans.parquet"), form_of("loans.sas7bdat")
    ('csv', 'parquet', '')
    """
    return FORMS.get(_ending(name), "")


def _ending(name: str) -> str:
    path = Path(name)
    return Path(path.stem).suffix.lower() if path.suffix.lower() in _PACKED else path.suffix.lower()


def reader_of(
    name: str, step: IngestStep, recipe: Recipe, plugins: Plugins, wanted: Wanted, context: Context
) -> Ingest:
    """Return the reader of a file of new data: the recipe's own where it reads such files, with its settings.

    Parameters
    ----------
    name : str
        A file or glob.
    step : IngestStep
        The table that it stands for.
    recipe, plugins
    wanted : Wanted
        Types that columns must have.
    context : Context
        To look at the file's names.

    Raises
    ------
    UsageError
        If the end of its name does not tell what it is, and the recipe reads no file.
    """
    from sartor.stages.building import component

    form = form_of(name)
    settings = dict(step.settings)
    own = "path" in settings and (
        step.use == READERS.get(form) or (form == "" and step.use in READERS.values()) or _same_ending(settings, name)
    )
    if not own and not form:
        endings = ", ".join(FORMS)
        raise UsageError(
            f"the end of its name does not tell what {name} is",
            code="U072",
            hints=(("to mend", f"give it one of these: {endings}; packed ones end in .gz, .zst or .bz2 too"),),
        )
    use = step.use if own else READERS[form]
    kept = {**settings, "path": name} if own else {"path": name}
    reader: Any = component(plugins, use, kept, recipe, step.path)
    if "types" not in type(reader).model_fields:
        return reader  # type: ignore[no-any-return]
    names = reader.model_copy(update={"types": {}}).columns(context) or {}
    return reader.model_copy(update={"types": _types(names, wanted, dict(reader.types))})  # type: ignore[no-any-return]


def _same_ending(settings: Mapping[str, Any], name: str) -> bool:
    path = settings["path"]
    return bool(_ending(name)) and _ending(path if isinstance(path, str) else str(path[0])) == _ending(name)


def _types(names: Mapping[str, str], wanted: Wanted, said: Mapping[str, str]) -> dict[str, str]:
    """Return the type to read each column with: as it was, and text for what is not looked at.

    Whole numbers are read as any numbers, but where they are names of something: new data may hold 12.5 where the
    run's own held 12 and 13.
    """
    types = {}
    for name in names:
        kind = wanted.columns.get(name, "text") if name not in wanted.open else "text"
        kind = "number" if kind == "integer" and name not in wanted.whole else kind
        types[name] = said.get(name) or (kind if is_plain(kind) else "text")
    return types


@dataclass
class ReaderSource:
    """Rows that a reader returns, taken in piece by piece while it reads.

    Parameters
    ----------
    reader : Ingest
    shown : str
        What a user calls the data.
    wanted : Wanted
    context : Context
        Of the table's step; the reader works on an engine of its own, as no other query may run while rows stream.
    engine : Engine
        The reader's.
    """

    reader: Ingest
    shown: str
    wanted: Wanted
    context: Context
    engine: Engine
    streamed = False

    def pieces(self) -> Iterator[Piece]:
        """Yield the rows in the order of the file."""
        context = replace(self.context, connection_of=lambda: self.engine.connection)
        relation = _native(self.engine, self.reader.read(context))
        names = list(relation.columns)
        self.wanted.check_names(names, self.shown)
        kept = [name for name in names if name in self.wanted.columns]
        from sartor.relations import identifier

        if kept:
            relation = relation.project(", ".join(identifier(name) for name in kept))
        return _numbered(self._batches(relation), self.wanted, self.shown)

    def _batches(self, relation: duckdb.DuckDBPyRelation) -> Iterator[pa.RecordBatch]:
        import duckdb

        with self.engine.explained():
            batches = relation.to_arrow_reader(ROWS)
        while True:
            with self.engine.explained():
                try:
                    batch = batches.read_next_batch()
                except StopIteration:
                    return
                except (pa.ArrowException, OSError) as error:
                    # What the engine raises while rows stream comes through Arrow.
                    raise duckdb.Error(str(error)) from error
            yield batch


def _native(engine: Engine, read: Any) -> duckdb.DuckDBPyRelation:
    import narwhals as nw

    relation: duckdb.DuckDBPyRelation = nw.to_native(engine.frame(read))
    return relation


@dataclass
class FrameSource:
    """Rows of a frame of Python: pandas, Arrow, Polars, DuckDB, Narwhals.

    Parameters
    ----------
    native : object
    shown : str
    wanted : Wanted
    """

    native: Any
    shown: str
    wanted: Wanted
    streamed = False

    def hold(self) -> None:
        """Take in a reader of Arrow, which can be read once, so that its rows can be asked for again."""
        if isinstance(self.native, pa.RecordBatchReader):
            self.native = self.native.read_all()

    def pieces(self) -> Iterator[Piece]:
        """Yield the rows in the order of the frame."""
        import narwhals as nw

        from sartor.relations import as_arrow, distinct_names

        native = nw.to_native(self.native, pass_through=True)
        if hasattr(native, "to_arrow_reader"):
            native = native.to_arrow_reader(ROWS)
        table = as_arrow(native)
        distinct_names(table.schema.names)
        self.wanted.check_names(table.schema.names, self.shown)
        batches = table.combine_chunks().to_batches(max_chunksize=ROWS) if hasattr(table, "to_batches") else table
        return _numbered(batches, self.wanted, self.shown)


def _numbered(batches: Iterator[pa.RecordBatch], wanted: Wanted, shown: str) -> Iterator[Piece]:
    done = 0
    for batch in batches:
        for start in range(0, batch.num_rows, ROWS):
            some = pa.Table.from_batches([batch.slice(start, ROWS)])
            data = conformed(some, wanted, shown)
            yield Piece(data, np.arange(done + 1, done + 1 + some.num_rows, dtype=np.int64))
            done += some.num_rows


def which_table(given: str, tables: Mapping[str, Any]) -> tuple[str, str]:
    """Cut ``NAME=FILE`` into table and file; the table is empty where none is named.

    Examples
    --------
    >>> which_table("loans=new/a=b.csv", {"loans": None}), which_table("new/a=b.csv", {"loans": None})
    (('loans', 'new/a=b.csv'), ('', 'new/a=b.csv'))
    """
    name, sign, file = given.partition("=")
    return (name, file) if sign and name in tables else ("", given)


def is_frame(what: Any) -> bool:
    """Tell whether new data is a frame, and neither the name of a file nor a file of lines."""
    return not isinstance(what, str | Path) and not hasattr(what, "read")


def source_of(table: str, what: Any, opened: Opened, session: Session, built: Built, reading: Engine) -> Source:
    """Return where the rows come from.

    Parameters
    ----------
    table : str
        The rows' own.
    what : object
        The name of a file, a frame, or a binary file of lines; None for what the recipe itself reads.
    opened, session, built
    reading : Engine
        What files are read with.
    """
    wanted = opened.read(table)
    step = session.recipe.ingest[table]
    context = replace(session.context(("ingest", table)), texts=wanted.open)
    if what is None:
        return ReaderSource(built.ingest[table], f"table {table}", wanted, context, reading)
    if is_frame(what):
        return FrameSource(what, "the data", wanted)
    if not isinstance(what, str | Path):
        return LineStream(what, wanted, writing=writing_of(built.ingest[table]))
    here = replace(context, folder=Path.cwd())
    reader = reader_of(str(what), step, session.recipe, session.plugins, wanted, here)
    return ReaderSource(reader, str(what), wanted, here, reading)


def writing_of(reader: Ingest) -> Writing:
    """Return how texts of CSV stand for values in a stream: as in the files that the recipe reads, if it reads CSV."""
    if "delimiter" not in type(reader).model_fields:
        return Writing()
    said: Any = reader
    has_header = said.header if said.header is not None else said.names is None
    encoding = "utf-8" if said.encoding == "auto" or said.encoding.startswith("utf") else said.encoding
    return Writing(
        delimiter=said.delimiter or "",
        decimal=said.decimal,
        quote=said.quote,
        encoding=encoding,
        missing=frozenset(said.missing),
        names=tuple(said.names or ()) if not has_header else (),
    )
