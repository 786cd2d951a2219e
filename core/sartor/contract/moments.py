"""How dates and moments are read from text: SQL for the engine.

Without a form they are read in ISO 8601. What two forms read as different days is not read: 01/02/2024 is a day in
January to some and one in February to others.
"""

from __future__ import annotations

from dataclasses import dataclass

from sartor.contract.terms import ColumnTerms, ColumnType
from sartor.relations import literal

_DATE = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_MIDNIGHT = r"[T ]00:00(?::00(?:[.]0*)?)?"
_TIME = r"(?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:[.,][0-9]+)?)?"
_ZONE = "(?:Z|[+-][0-9]{2}(?::?[0-9]{2})?)"
_SPACES = "' ' || chr(9) || chr(10) || chr(13) || chr(160)"
USUAL = 19
"""Bytes of 2024-12-31 23:59:59; with a minute and a zone in as many, the colon of the seconds is missing."""
_CLOCKS_SET_BACK = ("30 minutes", "1 hour", "2 hours")
"""By how much clocks are set back somewhere."""


@dataclass(frozen=True)
class Moment:
    """SQL that reads dates or moments.

    Parameters
    ----------
    value : str
        Missing where the text cannot be read.
    zoned : str or None
        Whether the text says its zone.
    twice : str or None
        Whether the time of day occurs twice and nothing says which is meant.
    quick : str or None
        True of texts that certainly say no zone.
    """

    value: str
    zoned: str | None = None
    twice: str | None = None
    quick: str | None = None


def moment_from_text(column: str, terms: ColumnTerms, wanted: ColumnType) -> Moment:
    """Return how a column of text is read as dates or moments."""
    trimmed = f"trim({column}, {_SPACES})"
    if wanted == "date":
        return Moment(_day(column, trimmed) if not terms.formats else _agreed(_days(trimmed, terms.formats)))
    local, zoned, says_zone = _iso(column, trimmed) if not terms.formats else _formed(trimmed, terms.formats)
    if terms.zone is None:
        quick = None if says_zone is None else f"strlen({column}) = {USUAL}" if not terms.formats else "false"
        return Moment(_either(local, zoned), zoned=says_zone, quick=quick)
    utc, twice = _in_zone(local, terms)
    return Moment(_either(utc, zoned), twice=twice)


def _either(first: str, second: str | None) -> str:
    return first if second is None else f"coalesce({first}, {second})"


def _day(column: str, trimmed: str) -> str:
    careful = f"regexp_full_match({trimmed}, {literal(f'{_DATE}(?:{_MIDNIGHT})?')})"
    return (
        f"CASE WHEN strlen({column}) = 10 AND {column}[5] = '-' AND {column}[8] = '-' THEN TRY_CAST({column} AS DATE) "
        f"WHEN {careful} THEN TRY_CAST({trimmed} AS DATE) END"
    )


def _days(trimmed: str, formats: tuple[str, ...]) -> list[str]:
    return [f"CAST({_parsed(trimmed, form)} AS DATE)" for form in formats]


def _parsed(trimmed: str, form: str) -> str:
    """Return what one form reads, in UTC where it says a zone."""
    moment = f"try_strptime({trimmed}, {literal(form)})"
    if "%z" in form:
        # The engine's %z takes +00:00 and not Z.
        spelled = f"regexp_replace({trimmed}, 'Z$', '+00:00')"
        moment = f"timezone('UTC', try_strptime({spelled}, {literal(form)}))"
    if "%Y" in form:
        # The engine's %Y also takes 24, as a year of antiquity.
        return f"CASE WHEN {moment} >= TIMESTAMP '1000-01-01' THEN {moment} END"
    return moment


def _agreed(readings: list[str]) -> str:
    """Return what several forms read, where those that can read it agree."""
    if len(readings) == 1:
        return readings[0]
    listed = f"list_distinct([{', '.join(readings)}])"
    return f"CASE WHEN len({listed}) = 1 THEN {listed}[1] END"


def _iso(column: str, trimmed: str) -> tuple[str, str, str]:
    usual = f"strlen({column}) = {USUAL} AND {column}[14] = ':' AND {column}[17] = ':'"
    matches = f"regexp_full_match({trimmed}, {literal(f'{_DATE}(?:[T ]{_TIME})?')})"
    point = f"replace({trimmed}, ',', '.')"
    local = (
        f"CASE WHEN {usual} THEN TRY_CAST({column} AS TIMESTAMP) WHEN {matches} THEN TRY_CAST({point} AS TIMESTAMP) END"
    )
    says_zone = f"coalesce(regexp_full_match({trimmed}, {literal(f'{_DATE}[T ]{_TIME}{_ZONE}')}), false)"
    zoned = f"CASE WHEN {says_zone} THEN timezone('UTC', TRY_CAST({point} AS TIMESTAMPTZ)) END"
    return local, zoned, says_zone


def _formed(trimmed: str, formats: tuple[str, ...]) -> tuple[str, str | None, str | None]:
    local = [_parsed(trimmed, form) for form in formats if "%z" not in form]
    zoned = [_parsed(trimmed, form) for form in formats if "%z" in form]
    if not zoned:
        return _agreed(local), None, None
    moment = _agreed(zoned)
    if not local:
        return "CAST(NULL AS TIMESTAMP)", moment, None
    return _agreed(local), moment, f"{moment} IS NOT NULL"


def _in_zone(local: str, terms: ColumnTerms) -> tuple[str, str | None]:
    """Return local moments in UTC, and whether one is meant twice.

    A time of day that clocks skip when they are set forward is none, and is not read.
    """
    assert terms.zone is not None
    zone = literal(terms.zone)
    instant = f"timezone({zone}, {local})"
    exists = f"timezone({zone}, {instant}) = {local}"
    earlier: list[str] = []
    later: list[str] = []
    for step in _CLOCKS_SET_BACK:
        for sign, found in (("-", earlier), ("+", later)):
            other = f"({instant} {sign} INTERVAL '{step}')"
            found.append(f"WHEN timezone({zone}, {other}) = {local} THEN {other}")
    twice = f"coalesce(CASE {' '.join(earlier + later)} END IS NOT NULL AND {exists}, false)"
    chosen = {
        "earlier": f"CASE {' '.join(earlier)} ELSE {instant} END",
        "later": f"CASE {' '.join(later)} ELSE {instant} END",
        None: instant,
    }[terms.twice]
    value = f"CASE WHEN {exists} THEN timezone('UTC', {chosen}) END"
    return value, None if terms.twice else twice
