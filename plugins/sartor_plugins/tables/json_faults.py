"""Finds out what is wrong with files of JSON lines, and says it with file and line."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sartor.errors import InputError, Problem, nearest
from sartor.relations import select
from sartor_plugins.tables.diagnosis import wrong_column, wrong_values

if TYPE_CHECKING:
    import duckdb

    from sartor_plugins.tables.json_lines import Written
    from sartor_plugins.tables.kinds import ColumnType
    from sartor_plugins.tables.texts import Texts


class _Twice(ValueError):
    """An object has a key twice."""


def check_keys(
    connection: duckdb.DuckDBPyConnection, scan: str, texts: Texts, written: Sequence[Written], given: Sequence[str]
) -> None:
    """Check that lines have no key that is not a column, and that keys which only `types` names are in some line.

    Raises
    ------
    InputError
        Naming the keys, and the first line of each that is not a column.
    """
    keys = "CASE WHEN json_type(json) = 'OBJECT' THEN json_keys(json) ELSE [NULL] END"
    query = select([f"unnest({keys}) AS key"], f"({scan})") + " GROUP BY key ORDER BY key"
    found = {key for (key,) in connection.execute(query).fetchall()}
    if None in found:
        raise next(fault for each in written if (fault := _fault(each)) is not None)
    extra = sorted(found - set(texts.names))
    problems = [_unexpected(key, written) for key in extra]
    problems += [
        Problem("D119", f"types names '{key}', and no line of {texts.shown} has such a key", hints=nearest(key, found))
        for key in given
        if key not in found
    ]
    if problems:
        raise InputError(problems)


def _unexpected(key: str, written: Sequence[Written]) -> Problem:
    where = next(
        f"{each.file.shown}:{number}"
        for each in written
        for number, line in each.lines()
        if key in line or "\\u" in line
        if key in json.loads(line)
    )
    return Problem(
        "D121",
        f"{where} has the key '{key}', which the first line does not have",
        hints=(("to mend", f"say its type, and it becomes a column: types: {{{key}: text}}"),),
    )


def meaning_of(
    error: duckdb.Error, texts: Texts, types: Mapping[str, ColumnType], written: Sequence[Written]
) -> InputError | None:
    """Return what a failed query means, if it failed at these files."""
    said = str(error)
    name = wrong_column(said, texts)
    if name is not None:
        return wrong_values(texts, name, types[name])
    if "JSON" not in said:
        return None
    for each in written:
        if not each.file.path.exists():
            return InputError(f"{each.file.shown} was taken away while it was read", code="D101")
        fault = _fault(each)
        if fault is not None:
            return fault
    if any(each.file.path.name in said for each in written):
        return InputError(f"{texts.shown} cannot be read as JSON lines: {said.partition(chr(10))[0]}", code="D122")
    return None


def _fault(each: Written) -> InputError | None:
    for number, line in each.lines():
        try:
            if isinstance(json.loads(line, object_pairs_hook=_object), dict):
                continue
            what = "is not a JSON object"
        except _Twice as error:
            what = f"has the key '{error}' twice"
        except ValueError:
            what = "is not a JSON object"
        mend = "write each object on one line of its own, with each key once"
        return InputError(f"{each.file.shown}:{number} {what}", code="D120", hints=(("to mend", mend),))
    return None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise _Twice(key)
        found[key] = value
    return found
