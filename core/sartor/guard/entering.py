"""Which lines of a table may enter: SQL for the engine.

A line that may not leaves nothing behind but that there was one: all its values become missing inside the read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sartor.contract.kinds import kind_of
from sartor.contract.reading import key_text
from sartor.errors import InputError, PrivacyStop
from sartor.guard.treatments import Consent
from sartor.relations import literal, one_of, select

SALT = "sartor_salt"
"""A variable of the connection: random, and gone with it."""
DIGITS = 32
"""Hexadecimal ones of a digest that are kept: so many that no two persons share them."""
DAY = 86_400
AFTER, REFUSED, SILENT, WITHHELD, EXPIRED = 1, 2, 4, 8, 16
"""Why a line did not enter: it is of after ``--as-of``; its person refused, or said nothing; it is withheld;
it is too old to be kept, or nobody knows how old."""


Lines = tuple[str, tuple[str | int | float | bool, ...]]
"""Some lines of a table: a column, and the values that they hold in it."""


@dataclass(frozen=True)
class Delay:
    """Lines of a table become known later than they did: what a run sees of them is stale.

    Parameters
    ----------
    seconds : int
        How much later.
    lines : (column, values) or None
        Which lines; all of them where nothing is said.
    """

    seconds: int
    lines: Lines | None = None


@dataclass(frozen=True)
class Withhold:
    """What a run does without, to learn what it is worth.

    Parameters
    ----------
    columns : mapping of table to columns
        They are there and hold nothing.
    tables : frozenset of str
        None of their lines enters.
    lines : mapping of table to tuple of (column, values)
        Lines with one of these values in the column do not enter.
    delays : mapping of table to Delay
        Lines enter, and their time is that much later.

    Examples
    --------
    >>> Withhold(columns={"loans": ("score",)}).of("loans").columns
    {'loans': ('score',)}
    """

    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    tables: frozenset[str] = frozenset()
    lines: Mapping[str, tuple[Lines, ...]] = field(default_factory=dict)
    delays: Mapping[str, Delay] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.columns or self.tables or self.lines or self.delays)

    def of(self, table: str) -> Withhold:
        """Return what is withheld of one table."""
        return Withhold(
            {name: columns for name, columns in self.columns.items() if name == table},
            self.tables & {table},
            {name: lines for name, lines in self.lines.items() if name == table},
            {name: delay for name, delay in self.delays.items() if name == table},
        )

    def asks(self, table: str) -> set[str]:
        """Return the columns of a table that tell which of its lines are meant."""
        delay = self.delays.get(table)
        asked = [*self.lines.get(table, ()), *([delay.lines] if delay is not None and delay.lines else [])]
        return {column for column, _ in asked}

    def plain(self) -> list[Any]:
        """Return it in JSON types, for keys of the cache."""
        delays = {table: [delay.seconds, delay.lines] for table, delay in self.delays.items()}
        return [dict(self.columns), sorted(self.tables), dict(self.lines), *([delays] if delays else [])]


@dataclass(frozen=True)
class Value:
    """SQL of a column's value as it was read, and its type."""

    sql: str
    dtype: Any


def out_sql(
    table: str,
    values: Mapping[str, Value],
    *,
    time: str | None = None,
    as_of: datetime | None = None,
    consent: Consent | None = None,
    person: str | None = None,
    agreed: str | None = None,
    withhold: Withhold | None = None,
    oldest: datetime | None = None,
) -> str | None:
    """Return SQL that gives why a line does not enter, 0 where it does; None where every line does.

    Parameters
    ----------
    table : str
    values : mapping of column to Value
        As they were read.
    time : str or None
    as_of : datetime or None
    consent : Consent or None
    person : str or None
        What the table calls the person that consent goes by.
    agreed : str or None
        SQL table of those who agreed, see `sartor.guard.agreeing`; needed where lines go by their person.
    withhold : Withhold or None
    oldest : datetime or None
        Lines of before this moment may not be kept any more.

    Raises
    ------
    PrivacyStop
        If consent is asked for and nothing says who agreed.
    """
    reasons = []
    if as_of is not None and time is not None:
        reasons.append(f"CASE WHEN {_before(table, time, values[time], as_of)} THEN 0 ELSE {AFTER} END")
    if oldest is not None:
        reasons.append(_expired(table, time, values, oldest))
    way = "not" if consent is None else consent.way(table, values, person)
    if consent is not None and way == "line":
        value = values[consent.column]
        yes = among(value, consent.values)
        reasons.append(f"CASE WHEN {value.sql} IS NULL THEN {SILENT} WHEN {yes} THEN 0 ELSE {REFUSED} END")
    elif way == "person" and person is not None and agreed is not None:
        value = values[person]
        yes = f"{person_sql(value)} IN ({select(['person'], agreed)})"
        reasons.append(f"CASE WHEN {value.sql} IS NULL THEN {SILENT} WHEN {yes} THEN 0 ELSE {REFUSED} END")
    elif way != "not":
        raise PrivacyStop(f"nothing says who agreed to what table {table} holds of them", code="P004")
    if withhold is not None and table in withhold.tables:
        reasons.append(str(WITHHELD))
    elif withhold is not None and withhold.lines.get(table):
        found = " OR ".join(among(values[column], listed) for column, listed in withhold.lines[table])
        reasons.append(f"CASE WHEN {found} THEN {WITHHELD} ELSE 0 END")
    return f"CAST({' | '.join(f'({reason})' for reason in reasons)} AS UTINYINT)" if reasons else None


def person_sql(value: Value) -> str:
    """Return SQL of what stands for a person while tables are read: a digest that nobody outside can repeat."""
    return f"left(sha256(getvariable('{SALT}') || {key_text(value.sql, value.dtype)}), {DIGITS})"


def delayed(table: str, sql: str, dtype: Any, delay: Delay, values: Mapping[str, Value]) -> str:
    """Return SQL of a line's time, later by a delay where the line is meant; whole days where it holds days.

    Raises
    ------
    InputError
        If the time was not read as dates.
    """
    kind = kind_of(dtype)
    if kind == "date":
        later = f"CAST({sql} + to_days({-(-delay.seconds // DAY)}) AS DATE)"
    elif kind == "datetime":
        later = f"CAST({sql} + to_seconds({delay.seconds}) AS {dtype})"
    else:
        raise InputError(
            f"the time of table {table} was not read as dates, so nothing tells how late its lines would be known",
            code="D174",
            hints=(("to mend", "say its type in the contract: columns: {COLUMN: {type: datetime}}"),),
        )
    if delay.lines is None:
        return later
    column, listed = delay.lines
    return f"CASE WHEN {among(values[column], listed)} THEN {later} ELSE {sql} END"


def _expired(table: str, time: str | None, values: Mapping[str, Value], oldest: datetime) -> str:
    """Return SQL that is 0 where a line may still be kept; what says no moment may not."""
    if time is None or time not in values or kind_of(values[time].dtype) not in ("date", "datetime"):
        why = "has no time" if time is None else f"has the time '{time}', which is not read as dates"
        mend = ("to mend", f"say at ingest which column holds the moment of a line: {table}: {{time: COLUMN}}")
        if time is not None:
            mend = ("to mend", f"say its type in the contract: columns: {{{time}: {{type: date}}}}")
        raise PrivacyStop(f"lines of table {table} may be kept for some time only, and it {why}", code="P008",
                          hints=(mend,))  # fmt: skip
    young = f"{values[time].sql} >= TIMESTAMP {literal(oldest.isoformat(sep=' '))}"
    return f"CASE WHEN {young} THEN 0 ELSE {EXPIRED} END"


def _before(table: str, time: str, value: Value, as_of: datetime) -> str:
    if kind_of(value.dtype) not in ("date", "datetime"):
        raise InputError(
            f"the time '{time}' of table {table} was not read as dates, so nothing tells what is before --as-of",
            code="D174",
            hints=(("to mend", f"say its type in the contract: columns: {{{time}: {{type: datetime}}}}"),),
        )
    moment = as_of.astimezone(UTC).replace(tzinfo=None) if as_of.tzinfo else as_of
    return f"{value.sql} < TIMESTAMP {literal(moment.isoformat(sep=' '))}"


def among(value: Value, listed: Sequence[str | int | float | bool]) -> str:
    """Return SQL that tells whether a value is one of those listed; never missing.

    Texts compare with texts, numbers with numbers; true and false also with the texts ``true`` and ``false``.
    """
    kind = kind_of(value.dtype)
    if kind == "boolean":
        words = {True: "true", False: "false", "true": "true", "false": "false"}
        found = [words[one] for one in listed if isinstance(one, bool) or one in ("true", "false")]
    elif kind in ("integer", "number"):
        found = [repr(one) for one in listed if not isinstance(one, (bool, str))]
    else:
        texts = [("true" if one else "false") if isinstance(one, bool) else str(one) for one in listed]
        found = [literal(text) for text in texts]
    text = value.sql if kind in ("boolean", "integer", "number", "text") else f"CAST({value.sql} AS VARCHAR)"
    return f"coalesce({one_of(text, found)}, false)" if found else "false"
