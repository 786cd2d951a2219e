"""A proposal as YAML that can stand in a recipe, and as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

from sartor.profiling.proposing import Column, Proposal
from sartor.recipe.writing import in_one_line
from sartor.wording import plural

_WIDE = 60
"""Where comments begin, if what stands before them leaves room."""
_SHOWN = 120
"""Characters of a comment."""
_KEY_FROM = "PSEUDONYM_KEY"
"""The environment variable that the proposed privacy section names."""


def yaml_of(found: Proposal, table: str, use: str, settings: Mapping[str, Any]) -> str:
    """Return the sections ``ingest`` and, where columns look personal, ``privacy``."""
    lines = [f"# {plural(found.lines, 'line')} of {plural(len(found.columns), 'column')}, all of them looked at"]
    lines += ["ingest:", f"  {in_one_line(table)}:", f"    use: {use}"]
    if found.key:
        key = found.key[0] if len(found.key) == 1 else list(found.key)
        lines.append(f"    key: {in_one_line(key)}")
    else:
        lines.append("    # nothing identifies a line: with: {row_number: line} numbers them")
    if found.time is not None:
        lines.append(f"    # time: {in_one_line(found.time)}      # if it is when a line became known")
    lines += [f"    with: {in_one_line(dict(settings))}", "    contract:"]
    lines += [f"      {line}" for line in _contract(found)]
    return "\n".join([*lines, *_privacy(found)]) + "\n"


def _contract(found: Proposal) -> list[str]:
    spoken = [column for column in found.columns if not column.dropped]
    required = [column.name for column in spoken if column.required]
    lines = _wrapped("required", required) if required else []
    if found.unique:
        lines.append(f"unique: {in_one_line([list(one) for one in found.unique])}")
    if found.newest is not None:
        fresh = in_one_line({"column": found.time, "within": "7 days"})
        lines.append(f"# fresh: {fresh}      # the newest is of {found.newest}")
    lines.append("columns:")
    for column in spoken:
        if not column.terms:
            lines.append(_commented(f"  # {in_one_line(column.name)}", _about(column)))
            continue
        lines.append(_commented(f"  {in_one_line(column.name)}: {in_one_line(dict(column.terms))}", _about(column)))
    return lines if any(column.terms for column in spoken) else lines[:-1] or ["columns: {}"]


def _about(column: Column) -> str:
    said = [note for note in column.notes if note]
    if column.looks is not None:
        said.append(f"looks like {column.looks.why}, so no value is shown")
    return "; ".join(said)


def _privacy(found: Proposal) -> list[str]:
    treated = [column for column in found.columns if column.looks is not None]
    if not treated:
        return []
    lines = ["", "privacy:"]
    if any(column.looks is not None and column.looks.treatment == "pseudonymise" for column in treated):
        lines.append(_commented(f"  key: secret:{_KEY_FROM}", "an environment variable with 32 random bytes or more"))
    lines.append("  columns:")
    for column in treated:
        assert column.looks is not None
        begin = f"    {in_one_line(column.name)}: {in_one_line(column.looks.treatment)}"
        lines.append(_commented(begin, column.looks.why))
    return lines


def _commented(begin: str, comment: str) -> str:
    if not comment:
        return begin
    # No comment of a value may end its line, or be read as something else.
    plain = "".join(sign if sign.isprintable() else " " for sign in comment)
    cut = plain if len(plain) <= _SHOWN else f"{plain[: _SHOWN - 3]}..."
    return f"{begin.ljust(_WIDE)}  # {cut}"


def _wrapped(key: str, names: list[str]) -> list[str]:
    line, lines = f"{key}: [", []
    for place, name in enumerate(names):
        item = in_one_line(name) + ("]" if place == len(names) - 1 else ", ")
        if len(line) + len(item) > 110:
            lines.append(line.rstrip())
            line = " " * (len(key) + 3)
        line += item
    return [*lines, line]


def plain_of(found: Proposal, table: str, use: str, settings: Mapping[str, Any], yaml: str) -> dict[str, Any]:
    """Return a proposal in JSON types; of columns that look personal no value."""
    return {
        "schema": 1,
        "table": table,
        "use": use,
        "with": dict(settings),
        "lines": found.lines,
        "key": list(found.key),
        "unique": [list(one) for one in found.unique],
        "time": found.time,
        "columns": [_plain(column) for column in found.columns],
        "yaml": yaml,
    }


def _plain(column: Column) -> dict[str, Any]:
    glance = column.glance
    return {
        "name": column.name,
        "terms": dict(column.terms),
        "required": column.required,
        "present": glance.present,
        "missing": glance.lines - glance.present,
        "distinct_about": glance.distinct,
        "notes": [note for note in column.notes if note],
        "personal": None if column.looks is None else {"why": column.looks.why, "treatment": column.looks.treatment},
    }


def table_name(file: str) -> str:
    """Return what a table may be called, by its file.

    Examples
    --------
    >>> table_name("sales/2024-*.csv.gz"), table_name("Kunden Liste.xlsx"), table_name("*.parquet")
    ('t_2024', 'kunden_liste', 'table')
    """
    stem = PurePath(file).name.partition(".")[0].lower()
    name = "_".join("".join(sign if sign.isalnum() else " " for sign in stem).split())
    return "table" if not name else f"t_{name}" if name[0].isdigit() else name
