"""How the values of a column are read as the type that its contract says: SQL for the engine.

The form that nearly all values have is tried first and costs what a plain cast does; what it does not take goes
through the careful forms. Nothing is rounded or guessed: what cannot be read without doubt is not read.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sartor.contract.kinds import SQL_TYPES, Kind, has_zone, is_floating, is_wide, kind_of
from sartor.contract.moments import moment_from_text
from sartor.contract.plain import LINE
from sartor.contract.terms import ColumnTerms, ColumnType
from sartor.relations import literal, one_of

EXACT = 1e15
"""Up to here a double that is a whole number is the whole number that was written."""
TRUE, FALSE = ("true", "t", "yes", "y", "1"), ("false", "f", "no", "n", "0")
SPACES = "' ' || chr(9) || chr(10) || chr(13) || chr(160)"
_GROUPS = {" ": "[ \u00a0\u202f]", "'": "['\u2019]"}


@dataclass(frozen=True)
class Reading:
    """SQL that reads one column.

    Parameters
    ----------
    value : str
        The value as the type; missing where it is, or where it cannot be read.
    kind : str
        The type.
    text : str or None
        The text that was there, tidied; None for columns that are no text.
    number : str or None
        The text as a double, to be made before `value`, which calls it ``{number}``.
    blank, infinite, zoned, twice : str or None
        Whether the value is an empty text, infinite, a moment with a zone, a time of day that occurs twice; None
        where that cannot be.
    quick : str or None
        True of texts that have the usual form and need no second look; None where every text is looked at alike.
    careful : bool
        Whether values may be there that cannot be read.
    """

    value: str
    kind: Kind
    text: str | None = None
    number: str | None = None
    blank: str | None = None
    infinite: str | None = None
    zoned: str | None = None
    twice: str | None = None
    quick: str | None = None
    careful: bool = True


def reading_of(column: str, dtype: Any, terms: ColumnTerms, *, alone: bool = False) -> Reading | None:
    """Return how a column is read; None where its type cannot become the one that is asked for.

    Parameters
    ----------
    column : str
        SQL of the column.
    dtype : DuckDBPyType
        What the reader gives.
    terms : ColumnTerms
    alone : bool
        Whether neither contract nor privacy say anything of it: then it is left as it is.
    """
    kind = kind_of(dtype)
    wanted: ColumnType | None = terms.type
    if alone:
        return Reading(column, kind, careful=False)
    if kind == "text":
        return _from_text(column, terms, wanted or "text")
    if wanted is None or kind == "other":
        return _as_it_is(column, dtype, kind) if wanted is None else None
    return _converted(column, dtype, kind, wanted)


def with_number(reading: Reading, name: str) -> Reading:
    """Return the reading with the SQL by which the text stands as a double."""

    def named(sql: str | None) -> str | None:
        return None if sql is None else sql.replace("{number}", name)

    value = named(reading.value)
    assert value is not None
    return replace(reading, value=value, number=None, blank=named(reading.blank), infinite=named(reading.infinite))


def with_plain(reading: Reading, plain: str) -> Reading:
    """Return the reading of a column of texts of which another one has what they plainly say, in plain lines.

    Parameters
    ----------
    reading : Reading
    plain : str
        SQL of the other column.
    """
    careful = reading if reading.number is None else with_number(reading, reading.number)
    # Where all lines are plain, which is nearly everywhere, the column is taken as it is and this costs nothing.
    return replace(careful, value=f"CASE WHEN {LINE} THEN {plain} ELSE {careful.value} END")


def _as_it_is(column: str, dtype: Any, kind: Kind) -> Reading:
    if is_floating(dtype):
        return Reading(_finite(column), kind, infinite=f"isinf({column})", careful=False)
    return Reading(column, kind, careful=False)


def _finite(column: str) -> str:
    return f"CASE WHEN isfinite({column}) THEN {column} END"


def _converted(column: str, dtype: Any, kind: Kind, wanted: ColumnType) -> Reading | None:
    """Return how a column of another type than text is read."""
    if kind == wanted == "integer" and is_wide(dtype):
        return Reading(f"TRY_CAST({column} AS BIGINT)", kind)
    if kind == wanted and not has_zone(dtype):
        cast = f"CAST({column} AS {SQL_TYPES[wanted]})"
        infinite = f"isinf({cast})" if wanted == "number" else None
        return Reading(cast if infinite is None else _finite(cast), kind, infinite=infinite, careful=False)
    if (kind, wanted) == ("number", "integer"):
        double = f"CAST({column} AS DOUBLE)"
        return Reading(f"CASE WHEN {_is_whole(double)} THEN CAST({column} AS BIGINT) END", wanted)
    forms: dict[tuple[Kind, ColumnType], str] = {
        ("integer", "number"): f"CAST({column} AS DOUBLE)",
        ("integer", "boolean"): f"CASE {column} WHEN 1 THEN true WHEN 0 THEN false END",
        ("date", "datetime"): f"CAST({column} AS TIMESTAMP)",
        ("datetime", "date"): f"CASE WHEN date_trunc('day', {_local(column, dtype)}) = {_local(column, dtype)} "
        f"THEN CAST({_local(column, dtype)} AS DATE) END",
        ("datetime", "datetime"): _local(column, dtype),
    }
    if wanted == "text":
        return Reading(key_text(column, dtype), "text", careful=False)
    form = forms.get((kind, wanted))
    return None if form is None else Reading(form, wanted, careful=wanted in ("boolean", "date"))


def _local(column: str, dtype: Any) -> str:
    moment = f"timezone('UTC', {column})" if has_zone(dtype) else column
    return f"CAST({moment} AS TIMESTAMP)"


def _is_whole(double: str) -> str:
    return f"{double} = trunc({double}) AND abs({double}) < {EXACT:.0f}"


def _from_text(column: str, terms: ColumnTerms, wanted: ColumnType) -> Reading:
    blank = f"coalesce(trim({column}, {SPACES}) = '', false)"
    if wanted == "text":
        tidied = tidied_sql(column, terms)
        # What begins with a space sorts before '!', or at the no-break space: a glance at four bytes spares the rest.
        first = f"({tidied} < '!' OR ({tidied} >= '\u00a0' AND {tidied} < '\u00a1'))"
        empty = f"{first} AND trim({tidied}, {SPACES}) = ''"
        return Reading(f"CASE WHEN {empty} THEN NULL ELSE {tidied} END", "text", tidied, blank=blank)
    if wanted in ("integer", "number"):
        return _number(column, terms, wanted, blank)
    if wanted == "boolean":
        word = f"lower(trim({column}, {SPACES}))"
        value = f"CASE WHEN {_among(word, TRUE)} THEN true WHEN {_among(word, FALSE)} THEN false END"
        return Reading(value, "boolean", column, blank=blank)
    moment = moment_from_text(column, terms, wanted)
    return Reading(
        moment.value, wanted, column, blank=blank, zoned=moment.zoned, twice=moment.twice, quick=moment.quick
    )


def tidied_sql(column: str, terms: ColumnTerms) -> str:
    """Return a text as it is once it is tidied."""
    for word in terms.tidy:
        column = {
            "strip": f"trim({column}, {SPACES})",
            "collapse": f"regexp_replace({column}, '[\\s\u00a0]+', ' ', 'g')",
            "upper": f"upper({column})",
            "lower": f"lower({column})",
        }[word]
    return column


def _among(text: str, words: tuple[str, ...]) -> str:
    return one_of(text, [literal(word) for word in words])


def _number(column: str, terms: ColumnTerms, wanted: ColumnType, blank: str) -> Reading:
    plain = "isfinite({number})" if wanted == "number" else _is_whole("{number}")
    # The engine takes 12_34 for 1234.
    plain += f" AND NOT contains({column}, '_')"
    if terms.decimal == ",":
        # With decimal commas a point is none of the decimals: 1.500 may be one and a half, or fifteen hundred.
        plain += f" AND NOT contains({column}, '.')"
    trimmed = f"trim({column}, {SPACES})"
    point, group = _escaped(terms.decimal), _GROUPS.get(terms.thousands, f"[{terms.thousands}]")
    if terms.thousands:
        digits = f"(?:[0-9]{{1,3}}(?:{group}[0-9]{{3}})+|[0-9]+)"
        bare = f"regexp_replace({trimmed}, '{group.replace(chr(39), chr(39) * 2)}', '', 'g')"
    else:
        digits, bare = "[0-9]+", trimmed
    form = f"[+-]?(?:{digits}(?:{point}[0-9]*)?|{point}[0-9]+)(?:[eE][+-]?[0-9]+)?"
    standard = bare if terms.decimal == "." else f"replace({bare}, ',', '.')"
    matches = f"regexp_full_match({trimmed}, {literal(form)})"
    if wanted == "number":
        careful = f"TRY_CAST({standard} AS DOUBLE)"
        value = f"CASE WHEN {plain} THEN {{number}} WHEN {matches} THEN {_finite(careful)} END"
        infinite = f"coalesce(isinf({{number}}) OR ({matches} AND isinf({careful})), false)"
    else:
        whole = literal(f"[+-]?{digits}(?:{point}0*)?")
        exact = f"TRY_CAST(regexp_replace({standard}, '[.]0*$', '') AS BIGINT)"
        value = (
            f"CASE WHEN {plain} THEN CAST({{number}} AS BIGINT) "
            f"WHEN regexp_full_match({trimmed}, {whole}) THEN {exact} END"
        )
        infinite = None
    no_number = f"{blank} OR coalesce(isnan({{number}}), false)"
    return Reading(value, wanted, column, f"TRY_CAST({column} AS DOUBLE)", no_number, infinite)


def _escaped(sign: str) -> str:
    return "[.]" if sign == "." else sign


def key_text(value: str, dtype: Any) -> str:
    """Return the text of a value by which it is hashed: whole numbers without a point, moments in ISO form.

    The same value has one text, whether a table holds it as a number or as text: what
    `sartor.stages.hashing.key_text` says of the values that reach the split.
    """
    kind, text = kind_of(dtype), f"CAST({value} AS VARCHAR)"
    if kind == "number":
        double = f"CAST({value} AS DOUBLE)"
        whole = f"CAST(CAST({double} AS HUGEINT) AS VARCHAR)"
        return f"CASE WHEN {double} = trunc({double}) AND abs({double}) < 1e37 THEN {whole} ELSE {text} END"
    if kind == "boolean":
        return f"CASE {value} WHEN true THEN 'True' WHEN false THEN 'False' END"
    if kind in ("date", "datetime"):
        moment = _local(value, dtype)
        second = f"strftime({moment}, '%Y-%m-%dT%H:%M:%S')"
        fraction = f"strftime({moment}, '.%f')"
        return f"{second} || CASE WHEN {fraction} = '.000000' THEN '' ELSE {fraction} END"
    return text
