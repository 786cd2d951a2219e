"""Reads CSV files whose columns the contract types: blocks in which it finds nothing enter as values, others as texts.

Arrow reads values faster than texts are made and cast. What it reads otherwise than the contract would is kept from it:
`sartor_plugins.tables.blocks.Block.check` sees to lines, quotes and bytes, `Converter` to values. A block that is not
plain is read in smaller parts, those that are not plain either as texts; where even that cannot be done without doubt
the table is read once more by the reader that tells what is wrong.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from sartor.context import ReadAgain
from sartor.contract.plain import LINE, Plain, column_of
from sartor.errors import SartorError
from sartor.relations import identifier
from sartor_plugins.tables.blocks import Block, NotPlainError, blocks
from sartor_plugins.tables.characters import UTF8
from sartor_plugins.tables.texts import ROW_NUMBER, token_of

if TYPE_CHECKING:
    import duckdb

    from sartor.context import Context
    from sartor_plugins.tables.layout import Layout

TYPES = {
    "text": pa.string(), "integer": pa.int64(), "number": pa.float64(), "boolean": pa.bool_(), "date": pa.date32(),
    "datetime": pa.timestamp("us"),
}  # fmt: skip
TRUE, FALSE = ("true", "t", "yes", "y", "1"), ("false", "f", "no", "n", "0")
_HOUR = len("2024-12-31 23")
"""Arrow takes moments of hours without minutes, of which the contract says that they are none."""
_GIVEN_UP = 8
"""Blocks that are read as texts at once after one of which no part was plain."""


def is_plain(layouts: Sequence[Layout], missing: Sequence[str], context: Context) -> bool:
    """Tell whether files are of the form that every reader of CSV reads alike, and the contract types their columns."""
    first = layouts[0]
    typed = bool(context.plain) and all(name in context.texts for name in first.names)
    if not typed or len(first.names) == 1 or any(name.startswith(LINE) for name in first.names):
        # Blank lines of a file of one column are missing values.
        return False
    return all(_is_usual(layout, missing) for layout in layouts)


def _is_usual(layout: Layout, missing: Sequence[str]) -> bool:
    signs = [layout.delimiter, *([layout.quote] if layout.quote else [])]
    marked = any(sign in mark for mark in missing for sign in (*signs, "\n", "\r"))
    return layout.encoding == UTF8 and not layout.skip and len(set(signs)) == len(signs) and not marked


def plainly(
    layouts: Sequence[Layout], missing: Sequence[str], row_number: str | None, context: Context
) -> duckdb.DuckDBPyRelation:
    """Return the table, lazily, with the values of plain lines beside the texts of the others.

    Raises
    ------
    ReadAgain
        While it is worked out, if the files hold something that is not plain.
    """
    from sartor.engine import engine_of

    names = layouts[0].names
    failure = f"{token_of(context, [layout.file.path for layout in layouts])}:again"
    scan = Scan(layouts, Converter(names, context.plain, context.texts, missing), max(1, context.threads), failure)
    engine = engine_of(context.connection)
    if engine is not None:
        engine.explain_failures_with(lambda error: scan.why() if failure in str(error) else None)
    chosen = [identifier(name) for name in scan.converter.schema.names]
    if row_number is not None:
        chosen.insert(len(names), f"{ROW_NUMBER} AS {identifier(row_number)}")
    return context.connection.from_arrow(scan).project(", ".join(chosen))


@dataclass(frozen=True)
class Converter:
    """Makes batches of Arrow of blocks.

    Parameters
    ----------
    names : sequence of str
        Columns.
    plain : mapping of column to Plain
    texts : collection of str
        Columns that are asked for as texts.
    missing : sequence of str
        Texts that stand for a missing value, beside the empty one.
    """

    names: Sequence[str]
    plain: Mapping[str, Plain]
    texts: frozenset[str]
    missing: Sequence[str]

    @property
    def schema(self) -> pa.Schema:
        """Texts of all columns, values of those that have any, and which lines are plain."""
        values = [(column_of(name, self.plain[name]), TYPES[self.plain[name].type]) for name in self._valued]
        return pa.schema([*((name, pa.string()) for name in self.names), *values, (LINE, pa.bool_())])

    @property
    def _valued(self) -> list[str]:
        return [name for name in self.names if name in self.plain and self.plain[name].type != "text"]

    def batches(self, block: Block, *, try_values: bool) -> tuple[list[pa.RecordBatch], bool]:
        """Return the lines of a block, and whether some of them were plain.

        Raises
        ------
        NotPlainError
        """
        block.check()
        whole = self._plain_lines(block) if try_values else None
        if whole is not None or not try_values:
            return [whole if whole is not None else self._texts(block)], whole is not None
        parts = [(self._plain_lines(part), part) for part in block.parts()]
        found = [self._texts(part) if plain is None else plain for plain, part in parts]
        return found, any(plain is not None for plain, _ in parts)

    def _plain_lines(self, block: Block) -> pa.RecordBatch | None:
        """Return lines as values; None if one of them leaves something to judge, or may do so."""
        # Hexadecimal numbers, which only Arrow takes for some.
        if any(self.plain[name].type == "integer" for name in self._valued) and block.has_hexadecimals():
            return None
        types = {name: self._read_as(name) for name in self.names}
        try:
            table = self._read(block, types)
            read = {name: self._values(table.column(name), name) for name in self.names}
        except pa.ArrowInvalid:
            return None
        if any(name in self.plain and not self.plain[name].holds(values) for name, values in read.items()):
            return None
        valued = self._valued
        texts = [pa.nulls(len(table), pa.string()) if name in valued else read[name] for name in self.names]
        return self._batch([*texts, *(read[name] for name in valued)], plain=True)

    def _read_as(self, name: str) -> pa.DataType:
        kind = self.plain[name].type if name in self.plain else "text"
        # Moments are looked at before they are read.
        return TYPES["text" if kind == "datetime" else kind]

    def _values(self, column: pa.ChunkedArray, name: str) -> pa.Array:
        values = _whole(column)
        if name not in self.plain or self.plain[name].type != "datetime":
            return values
        if pc.any(pc.equal(pc.binary_length(values), _HOUR)).as_py():
            raise pa.ArrowInvalid("an hour without minutes")
        return values.cast(TYPES["datetime"])

    def _texts(self, block: Block) -> pa.RecordBatch:
        try:
            table = self._read(block, {name: pa.string() for name in self.names})
        except pa.ArrowInvalid as error:
            raise NotPlainError(str(error)) from error
        texts = [_whole(table.column(name)) for name in self.names]
        nothing = [pa.nulls(len(table), TYPES[self.plain[name].type]) for name in self._valued]
        return self._batch([*texts, *nothing], plain=False)

    def _batch(self, arrays: list[pa.Array], *, plain: bool) -> pa.RecordBatch:
        lines = pa.repeat(pa.scalar(plain), len(arrays[0]))
        return pa.RecordBatch.from_arrays([*arrays, lines], schema=self.schema)

    def _read(self, block: Block, types: Mapping[str, pa.DataType]) -> pa.Table:
        layout = block.layout
        points = {plain.decimal for name, plain in self.plain.items() if plain.type == "number"}
        if len(points) > 1:
            raise pa.ArrowInvalid("several signs before decimals")
        return pa_csv.read_csv(
            pa.BufferReader(block.content),
            pa_csv.ReadOptions(
                column_names=layout.names,
                skip_rows_after_names=int(block.headed),
                use_threads=False,
                block_size=len(block.content) + 1,
            ),
            pa_csv.ParseOptions(
                delimiter=layout.delimiter, quote_char=layout.quote or False, newlines_in_values=bool(layout.quote)
            ),
            pa_csv.ConvertOptions(
                check_utf8=False,
                column_types=types,
                null_values=["", *self.missing],
                strings_can_be_null=True,
                true_values=_spelled(TRUE),
                false_values=_spelled(FALSE),
                decimal_point=points.pop() if points else ".",
            ),
        )


def _whole(column: pa.ChunkedArray) -> pa.Array:
    # Chunks put together are copied, even if there is only one.
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def _spelled(words: Sequence[str]) -> list[str]:
    return [spelled for word in words for spelled in {word, word.upper(), word.capitalize()}]


@dataclass(frozen=True)
class Scan:
    """Files as the engine scans them, as often as it likes.

    Parameters
    ----------
    layouts : sequence of Layout
        The files.
    converter : Converter
    threads : int
    failure : str
        What the engine is told where lines end before their time.
    """

    layouts: Sequence[Layout]
    converter: Converter
    threads: int
    failure: str
    _stopped: list[BaseException] = field(default_factory=list)

    def __arrow_c_schema__(self) -> Any:
        """Tell Arrow the types of the columns."""
        return self.converter.schema.__arrow_c_schema__()

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        """Give Arrow all lines, from the first one on."""
        reader = pa.RecordBatchReader.from_batches(self.converter.schema, self.lines())
        return reader.__arrow_c_stream__(requested_schema)

    def lines(self) -> Iterator[pa.RecordBatch]:
        """Yield batches in the order of the files, read by several threads."""
        ahead: deque[Future[tuple[list[pa.RecordBatch], bool]]] = deque()
        hopeless = 0
        with ThreadPoolExecutor(self.threads) as pool:
            try:
                for block in self._blocks():
                    ahead.append(pool.submit(self.converter.batches, block, try_values=hopeless == 0))
                    hopeless = max(0, hopeless - 1)
                    if len(ahead) > self.threads:
                        found, some_plain = ahead.popleft().result()
                        hopeless = hopeless if some_plain or hopeless else _GIVEN_UP
                        yield from found
                while ahead:
                    yield from ahead.popleft().result()[0]
            except GeneratorExit:
                raise
            except BaseException as error:
                # Arrow and the engine hand on nothing but words.
                self._stopped.append(error)
                raise ValueError(self.failure) from error
            finally:
                pool.shutdown(cancel_futures=True)

    def why(self) -> BaseException:
        """Return why lines ended before their time, where the engine has been told that they did.

        What is wrong with a file is told by the reader that knows every error.
        """
        error = self._stopped.pop()
        return ReadAgain(str(error)) if isinstance(error, NotPlainError | SartorError | OSError) else error

    def _blocks(self) -> Iterator[Block]:
        for layout in self.layouts:
            yield from blocks(layout)
