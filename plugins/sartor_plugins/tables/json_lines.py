"""JSON lines: an object a line."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator, Field

from sartor.errors import InputError
from sartor_plugins.tables.characters import AUTO, known_encoding
from sartor_plugins.tables.files import File, find
from sartor_plugins.tables.kinds import TEXT, ColumnType, Kind
from sartor_plugins.tables.layout import first_encoding, text_lines, text_of
from sartor_plugins.tables.names import LOOK_AT_IT, check_settings, checked_names
from sartor_plugins.tables.packing import Packing, packing_of
from sartor_plugins.tables.settings import FileReader, known_types

if TYPE_CHECKING:
    import duckdb

    from sartor.context import Context
    from sartor_plugins.tables.texts import Texts


@dataclass(frozen=True)
class Written:
    """How a file of JSON lines is written, and the keys of its first line."""

    file: File
    packing: Packing
    encoding: str
    mark: int
    keys: tuple[str, ...]

    def lines(self) -> Iterator[tuple[int, str]]:
        """Yield the number and the text of every line that is not blank."""
        with closing(text_of(self.file, self.packing, self.encoding, self.mark)) as pieces:
            for number, line in enumerate(text_lines(pieces), 1):
                if line.strip():
                    yield number, line


class JsonLines(FileReader):
    """Reads files with a JSON object a line; plain, or packed with gzip, zstd or bzip2, whatever their name.

    The columns are the keys of the first line and those that `types` names; a key that comes later and is neither is
    an error, a key that a line does not have is a missing value. Types come from all values: numbers without decimals
    that fit into 64 bits are integers; texts that are all ISO dates or datetimes become those, other texts stay text,
    also ``"007"``; what is mixed is text and noted. Nested values become text that holds JSON. ``null``, ``NaN`` and
    texts of nothing but spaces are missing values.

    Parameters
    ----------
    path : str or list of str
        A file, a glob such as ``events/*.jsonl.gz``, or several. Files are read in the order in which they are named,
        those of a glob sorted by name, each once.
    encoding : str
        ``auto`` is UTF-8, or what the byte order mark says; otherwise Python's name, such as ``utf-16-le``.
    types : mapping of key to type
        ``text``, ``integer``, ``number``, ``boolean``, ``date`` or ``datetime``. A value that cannot be read so is an
        error that names its line.
    row_number : str, optional
        Adds a column of this name with the number of the row, from 0, counted through all files: a key where the
        files have none.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from sartor.context import Context
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "events.jsonl").write_text('{"user": 7, "at": "2024-12-31"}')
    >>> JsonLines(path="events.jsonl", types={"coupon": "text"}).columns(Context(folder=folder))
    {'user': 'unknown', 'at': 'unknown', 'coupon': 'text'}
    """

    encoding: Annotated[str, AfterValidator(known_encoding)] = AUTO
    types: dict[str, ColumnType] = Field(default_factory=dict)

    def columns(self, context: Context) -> Mapping[str, str] | None:
        """Return the keys of the first line, with the types that are given."""
        if self.out_of_reach(context):
            return None
        return self.numbered(known_types(self._names(self._written(context)), self.types))

    def read(self, context: Context) -> duckdb.DuckDBPyRelation:
        """Return the table, lazily; keys and the types that are not given are found out first."""
        from sartor.engine import engine_of
        from sartor_plugins.tables.detection import detect
        from sartor_plugins.tables.diagnosis import explained
        from sartor_plugins.tables.json_faults import check_keys, meaning_of

        written = self._written(context)
        texts, scan = self._texts(written, context)
        # The contract reads these itself, in the same scan.
        as_they_are = [name for name in texts.names if name in context.texts]
        types: dict[str, ColumnType] = {**self.types, **dict.fromkeys(as_they_are, TEXT)}

        def meaning(error: duckdb.Error) -> InputError | None:
            return meaning_of(error, texts, types, written)

        with explained(meaning):
            check_keys(context.connection, scan, texts, written, list(self.types))
            found = detect(texts, [name for name in texts.names if name not in types], (), context)
            types |= found.types
            certain = {**found.certain, **dict.fromkeys(as_they_are, Kind.OTHER)}
            relation = context.connection.sql(texts.typed(types, certain, self.row_number))
        engine = engine_of(context.connection)
        if engine is not None:
            engine.explain_failures_with(meaning)
        return relation

    def places(self, context: Context, rows: Sequence[int], total: int) -> list[str]:
        """Return file and line of rows."""
        from sartor_plugins.tables.json_scan import places

        return places(self._written(context), rows)

    def _written(self, context: Context) -> list[Written]:
        written = [_look(file, self.encoding) for file in find(self.patterns, context)]
        names = self._names(written)
        check_settings(names, written[0].file.shown, {}, self.row_number)
        return written

    def _names(self, written: Sequence[Written]) -> list[str]:
        names = [*written[0].keys, *(key for key in self.types if key not in written[0].keys)]
        checked_names(names, written[0].file.shown, "give the keys other names in the file")
        return names

    def _texts(self, written: Sequence[Written], context: Context) -> tuple[Texts, str]:
        from sartor_plugins.tables.json_scan import json_texts
        from sartor_plugins.tables.scratch import readable

        parts = [
            readable(each.file, each.packing, each.encoding, each.mark, "", context, bare=True) for each in written
        ]
        shown = written[0].file.shown if len(written) == 1 else ", ".join(self.patterns)
        return json_texts(written, parts, self._names(written), shown, context)


def _look(file: File, wanted: str) -> Written:
    """Return how a file is written; its first line must be an object."""
    packing = packing_of(file)
    encoding, mark = first_encoding(file, packing, wanted)
    number, line = next(Written(file, packing, encoding, mark, ()).lines(), (0, ""))
    if not line:
        raise InputError(f"{file.shown} is empty", code="D105", hints=LOOK_AT_IT)
    return Written(file, packing, encoding, mark, tuple(_keys(file, number, line)))


def _keys(file: File, number: int, line: str) -> list[str]:
    if line.lstrip().startswith("["):
        mend = f"write an object a line, for instance with jq -c '.[]' {file.shown}"
        raise InputError(
            f"{file.shown} holds a JSON list, and an object a line is due", code="D118", hints=(("to mend", mend),)
        )
    try:
        pairs = json.loads(line, object_pairs_hook=lambda pairs: [key for key, _ in pairs])
    except ValueError as error:
        spread = line.strip() == "{"
        mend = "write each object on one line" if spread else "look at the line, or read the file with tables.csv"
        raise InputError(
            f"{file.shown}:{number} is not a JSON object{f': {error.msg}' if hasattr(error, 'msg') else ''}",
            code="D120",
            hints=(("to mend", mend),),
        ) from error
    if not line.lstrip().startswith("{"):
        raise InputError(
            f"{file.shown}:{number} is not a JSON object", code="D120", hints=(("to mend", "write an object a line"),)
        )
    return list(pairs)
