"""What is said of a table's lines: errors that stop a run, and notes that do not."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from sartor.contract.tallying import Example, Finding, Tally
from sartor.contract.terms import ColumnTerms
from sartor.contract.uniqueness import Repeats
from sartor.errors import Problem
from sartor.guard.entering import REFUSED, SILENT
from sartor.wording import form, plural

Places = Callable[[Sequence[int]], Sequence[str]]
"""Turns numbers of rows, rising, into ``FILE:LINE``."""
_OTHERWISE = "repair the source, or say what becomes of such lines: otherwise: missing, or otherwise: set_aside"
_ASIDE = "repair the source, or set such lines aside: otherwise: set_aside"


class Said(NamedTuple):
    """A note."""

    text: str
    caution: bool


def where_are(rows: Sequence[int], places: Places) -> dict[int, str]:
    """Return the places of rows."""
    rising = sorted(set(rows))
    return dict(zip(rising, places(rising), strict=True)) if rising else {}


def _listed(examples: Sequence[Example], count: int, where: Mapping[int, str]) -> str:
    shown = [f"{where[one.row]} ({one.shown})" if one.shown else where[one.row] for one in examples]
    return ", ".join(shown) + (", ..." if count > len(shown) else "")


def problems_of(
    table: str, tally: Tally, columns: Mapping[str, ColumnTerms], where: Mapping[int, str]
) -> list[tuple[str, Problem]]:
    """Return what stops the run, each with the column that it is about."""
    found = []
    for finding in tally.of("stop"):
        check = finding.check
        lines = plural(tally.lines, "line")
        examples = _listed(finding.examples, finding.count, where)
        message = f"{check.column} of table {table} is {check.says} in {finding.count:,} of {lines}: {examples}"
        mend = _ASIDE if check.rule == "required" else _OTHERWISE
        hints = [*_how_written(finding, columns.get(check.column)), ("to mend", mend)]
        found.append((check.column, Problem("D170", message, hints=tuple(hints))))
    return found


def _how_written(finding: Finding, terms: ColumnTerms | None) -> list[tuple[str, str]]:
    """Guess from the forms of values that cannot be read how they are written."""
    if finding.check.rule == "twice":
        return [("perhaps", "it is known which moment is meant: write twice: earlier, or twice: later")]
    if terms is None or finding.check.rule != "type":
        return []
    forms = [example.shown.strip("'") for example in finding.examples]
    if terms.type in ("integer", "number") and terms.decimal == "." and any(_has_comma(form) for form in forms):
        return [
            ("perhaps", "commas stand before the decimals: write decimal: ','; or between thousands: thousands: ','")
        ]
    if terms.type in ("date", "datetime") and not terms.formats:
        pointed = [form for form in forms if form[:10] in ("99.99.9999", "99/99/9999", "99-99-9999")]
        sign = pointed[0][2] if pointed else ""
        return [("perhaps", f"the day stands first: write format: '%d{sign}%m{sign}%Y'")] if pointed else []
    return []


def _has_comma(form: str) -> bool:
    return "," in form and set(form) <= set("9,.-+ ")


def repeats_problem(table: str, repeats: Repeats, where: Mapping[int, str]) -> Problem:
    """Return the problem of lines that repeat others."""
    columns = ", ".join(repeats.columns)
    pairs = [f"{where[row]} repeats {where[first]}" for row, first in repeats.examples]
    more = ", ..." if repeats.count > len(pairs) else ""
    repeat = form(repeats.count, "repeats", "repeat")
    message = (
        f"{plural(repeats.count, 'line')} of table {table} {repeat} the {columns} of an earlier one: "
        f"{', '.join(pairs)}{more}"
    )
    mend = f"repair the source, or set them aside: unique: [{{columns: [{columns}], otherwise: set_aside}}]"
    return Problem("D171", message, hints=(("to mend", mend),))


def mixed_zones(table: str, column: str, zoned: int, total: int) -> Problem:
    """Return the problem of moments only some of which say their zone."""
    message = (
        f"{column} of table {table} says a time zone in {zoned:,} of {total:,} lines, which leaves open what the other "
        f"{total - zoned:,} mean"
    )
    return Problem("D173", message, hints=(("to mend", "say the zone of those without one: zone: Europe/Berlin"),))


def notes_of(table: str, tally: Tally, where: Mapping[int, str]) -> list[Said]:
    """Return what is said of lines that were repaired, set aside, or did not enter."""
    notes = []
    for reason, why in ((REFUSED, "who they are about did not agree"), (SILENT, "nothing says that anybody agreed")):
        if tally.out.get(reason):
            notes.append(Said(f"{table}: {plural(tally.out[reason], 'line')} did not enter: {why}", True))
    notes += [_note(table, finding, where) for finding in tally.findings if finding.check.consequence != "told"]
    return notes


def _note(table: str, finding: Finding, where: Mapping[int, str]) -> Said:
    check, count = finding.check, finding.count
    examples = _listed(finding.examples, count, where)
    was = form(count, "was", "were")
    missing = f"{was} read as missing"
    if check.consequence == "set_aside":
        lines = plural(count, "line")
        return Said(f"{table}: {lines} {was} set aside, {check.column} is {check.says}: {examples}", True)
    if check.consequence == "missing":
        values = plural(count, "value")
        return Said(f"{table}: {values} of {check.column} {missing}, {check.says}: {examples}", True)
    things = {
        "blank": (f"{plural(count, 'empty text')} in {check.column} {missing}", False),
        "code": (f"{plural(count, 'code')} for missing in {check.column} {missing}", False),
        "tidy": (f"{plural(count, 'value')} of {check.column} {was} tidied", False),
        "infinite": (f"{plural(count, 'infinite value')} in {check.column} {missing}", True),
        "unshifted": (f"{plural(count, 'date')} of nobody in {check.column} {missing}", True),
    }
    text, caution = things[check.rule]
    return Said(f"{table}: {text}", caution)


def repeats_note(table: str, repeats: Repeats, where: Mapping[int, str]) -> Said:
    """Return what is said of lines that were set aside because they repeat others."""
    pairs = [f"{where[row]} repeats {where[first]}" for row, first in repeats.examples]
    more = ", ..." if repeats.count > len(pairs) else ""
    was = form(repeats.count, "was", "were")
    columns = ", ".join(repeats.columns)
    lines = plural(repeats.count, "line")
    return Said(f"{table}: {lines} {was} set aside, {columns} stands before: {', '.join(pairs)}{more}", True)
