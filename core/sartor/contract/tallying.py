"""Counts what was found in the lines of a table, from the bits that were stored beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sartor.contract.judging import Check
from sartor.contract.masking import form_of, masked
from sartor.guard.admitted import BITS, OUT, Admission, bit_of
from sartor.guard.entering import AFTER, EXPIRED, REFUSED, SILENT, WITHHELD
from sartor.relations import identifier, literal, select

if TYPE_CHECKING:
    import duckdb

EXAMPLES = 3
"""Examples that are shown of what a check found."""
ROW = "file_row_number"
TOGETHER = 200
"""Columns that one query counts: what it costs to plan grows with the square of them."""


@dataclass(frozen=True)
class Example:
    """A line in which something was found.

    Parameters
    ----------
    row : int
        Its number in the source, from 0.
    shown : str
        The value, masked; empty for a column that privacy treats.
    """

    row: int
    shown: str = ""


@dataclass(frozen=True)
class Finding:
    """What a check found.

    Parameters
    ----------
    check : Check
    place : int
        Of the check.
    count : int
    examples : tuple of Example
        The first ones.
    """

    check: Check
    place: int
    count: int
    examples: tuple[Example, ...] = ()


@dataclass(frozen=True)
class Tally:
    """What became of a table's lines.

    Parameters
    ----------
    lines : int
        In the source.
    out : mapping of reason to int
        Lines that did not enter; see `sartor.guard.entering`.
    set_aside : int
        Lines that are set aside.
    findings : tuple of Finding
        Of every check that found something, in the order of the checks.
    """

    lines: int
    out: Mapping[int, int] = field(default_factory=dict)
    set_aside: int = 0
    findings: tuple[Finding, ...] = ()

    def of(self, *consequences: str) -> list[Finding]:
        """Return what was found with one of these consequences."""
        return [finding for finding in self.findings if finding.check.consequence in consequences]

    @property
    def kept(self) -> int:
        """Lines that stay."""
        return self.lines - sum(self.out.values()) - self.set_aside

    @property
    def repaired(self) -> int:
        """Values that were repaired."""
        return sum(finding.count for finding in self.of("repaired", "missing"))


def aside_places(admission: Admission) -> list[int]:
    """Return the places of the checks that set lines aside."""
    return [place for place, check in enumerate(admission.checks) if check.consequence == "set_aside"]


def tally(connection: duckdb.DuckDBPyConnection, file: Path, admission: Admission) -> Tally:
    """Count what was found in the lines of a stored table.

    Parameters
    ----------
    connection : DuckDBPyConnection
    file : Path
        Parquet, as the admission's relation was written.
    admission : Admission
    """
    source = scan_of(file)
    entered = f"{OUT} = 0" if admission.leaves_out else "true"
    reasons = (AFTER, REFUSED, SILENT, WITHHELD, EXPIRED) if admission.leaves_out else ()
    aside = f"count(*) FILTER ({entered} AND {admission.found(aside_places(admission))})"
    # One reason counts for a line, the first.
    lost = [f"count(*) FILTER ({OUT} & {reason} <> 0 AND {OUT} & {reason - 1} = 0)" for reason in reasons]
    unions = [f"coalesce(bit_or({word}), 0)" for word in admission.words]
    row = connection.execute(select(["count(*)", aside, *lost, *unions], source)).fetchall()[0]
    lines, set_aside = row[:2]
    out = {reason: count for reason, count in zip(reasons, row[2:], strict=False) if count}
    seen = [place for place in range(len(admission.checks)) if row[2 + len(reasons) + place // BITS] & bit_of(place)]
    counts = _counts(connection, source, admission, seen)
    findings = [
        Finding(admission.checks[place], place, counts[place], _examples(connection, source, admission, place))
        for place in seen
    ]
    return Tally(lines, out, set_aside, tuple(findings))


def infinite_in(
    connection: duckdb.DuckDBPyConnection, source: str, columns: Sequence[str]
) -> dict[str, tuple[int, int]]:
    """Count values of stored columns that are infinite, and that are no numbers, where there are any."""
    found = {}
    for start in range(0, len(columns), TOGETHER):
        some = columns[start : start + TOGETHER]
        counts = [f"count(*) FILTER ({test}({identifier(column)}))" for column in some for test in ("isinf", "isnan")]
        row = connection.execute(select(counts, source)).fetchall()[0]
        pairs = zip(some, zip(row[::2], row[1::2], strict=True), strict=True)
        found.update({column: pair for column, pair in pairs if any(pair)})
    return found


def scan_of(file: Path) -> str:
    """Return SQL of a stored table with the numbers of its lines."""
    return f"read_parquet({literal(str(file))}, file_row_number = true)"


def _counts(
    connection: duckdb.DuckDBPyConnection, source: str, admission: Admission, places: Sequence[int]
) -> dict[int, int]:
    if not places:
        return {}
    counted = [f"count(*) FILTER ({admission.found([place])})" for place in places]
    row = connection.execute(select(counted, source)).fetchall()[0]
    return dict(zip(places, row, strict=True))


def _examples(
    connection: duckdb.DuckDBPyConnection, source: str, admission: Admission, place: int
) -> tuple[Example, ...]:
    check = admission.checks[place]
    hidden = check.column in admission.terms.treatments and check.column not in admission.audited
    if hidden:
        text = value = "NULL"
    else:
        value = identifier(check.column) if check.column in admission.columns else "NULL"
        text = admission.text_as_read(check.column)
    query = select([ROW, value, text], source, admission.found([place]))
    rows = connection.execute(f"{query} ORDER BY {ROW} LIMIT {EXAMPLES}").fetchall()
    said = admission.terms.of(check.column).type
    return tuple(Example(row, "" if hidden else _shown(check, found, read, said)) for row, found, read in rows)


def _shown(check: Check, value: Any, text: str | None, said: str | None) -> str:
    if check.rule in ("blank", "required", "infinite", "unshifted"):
        return ""
    if value is None and text is None:
        return ""
    if check.rule == "type" and text is not None:
        return form_of(text)
    if value is None and text is not None:
        return _as_read(text, said)
    return masked(value)


def _as_read(text: str, said: str | None) -> str:
    """Return a text as a message may show it, in the form that its value would have."""
    try:
        if said in ("date", "datetime"):
            return masked(datetime.fromisoformat(text.strip()))
        if said != "text":
            return masked(float(text))
    except ValueError:
        return masked(text) if said is None else form_of(text)
    return masked(text)
