"""JSON lines as rows of text, in the engine."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from sartor.relations import identifier, literal, select
from sartor_plugins.tables.kinds import MOMENTS, Kind
from sartor_plugins.tables.texts import Texts, sql_files, token_of

if TYPE_CHECKING:
    from sartor.context import Context
    from sartor_plugins.tables.json_lines import Written
    from sartor_plugins.tables.scratch import Readable

_DATED = int(MOMENTS | Kind.ZONED)
# A text in quotes is a number to nobody; it may only be a date, for which JSON has no form of its own.
_KIND = (
    "CAST(CASE WHEN {value} IS NULL THEN 0 "
    f"WHEN starts_with({{value}}, '\"') THEN CASE WHEN {{kind}} & {_DATED} > 0 OR {{kind}} = 0 THEN {{kind}} "
    f"ELSE {Kind.OTHER.value} END "
    f"WHEN starts_with({{value}}, '{{{{') OR starts_with({{value}}, '[') THEN {Kind.NESTED.value} "
    "ELSE {kind} END AS SMALLINT)"
)
_TEXT = "({value} ->> '$')"


def json_texts(
    written: Sequence[Written], parts: Sequence[Readable], names: Sequence[str], shown: str, context: Context
) -> tuple[Texts, str]:
    """Return the rows of JSON lines as text, and a SELECT of every line as one JSON value, called ``json``."""
    fields = ", ".join(f"{literal(name)}: 'JSON'" for name in names)
    columns = [f"{identifier(name)} AS r{place}" for place, name in enumerate(names)]
    values, objects = [], []
    for packing, group in groupby(parts, key=lambda part: part.packing):
        some = list(group)
        files = sql_files([part.path for part in some], context)
        options = f"format = 'newline_delimited', compression = {literal(packing)}, hive_partitioning = false"
        if any(part.long_lines for part in some):
            options += f", maximum_object_size = {max(part.size for part in some) + 1}"
        read = f"read_json({files}, columns = {{{fields}}}, auto_detect = false, {options})"
        values.append(select(columns, read))
        objects.append(select(["json"], f"read_json_objects({files}, {options})"))
    texts = Texts(
        connection=context.connection,
        shown=shown,
        names=tuple(names),
        source=" UNION ALL ".join(values),
        where=lambda rows: places(written, rows),
        missing=("NaN",),
        kind=_KIND,
        text=_TEXT,
        token=token_of(context, [each.file.path for each in written]),
    )
    return texts, " UNION ALL ".join(objects)


def places(written: Sequence[Written], rows: Sequence[int]) -> list[str]:
    """Return ``FILE:LINE`` for numbers of rows, rising."""
    wanted, passed = list(rows), 0
    found: list[str] = []
    for each in written:
        for number, _ in each.lines():
            if wanted and passed == wanted[0]:
                found.append(f"{each.file.shown}:{number}")
                wanted.pop(0)
            passed += 1
            if not wanted:
                return found
    return found + [f"row {row + 1}" for row in wanted]
