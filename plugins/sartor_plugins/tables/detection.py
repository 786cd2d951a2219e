"""Finds out the type of every column from all its values, in one pass of the engine over the text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

from sartor.relations import select
from sartor.wording import form, plural
from sartor_plugins.tables.kinds import MOMENTS, NUMERIC, ColumnType, Kind, certain_sql, shape_of, type_of
from sartor_plugins.tables.texts import ROW_NUMBER, Texts

if TYPE_CHECKING:
    from sartor.context import Context

_TELLING = {
    NUMERIC: ("is not a number", "are not numbers", "number"),
    Kind.BOOLEAN: ("is neither true nor false", "are neither true nor false", "boolean"),
    Kind.DATE: ("is not a date", "are not dates", "date"),
    MOMENTS: ("is not a moment without a zone", "are not moments without a zone", "datetime"),
    Kind.ZONED: ("is not a moment with a zone", "are not moments with a zone", "datetime"),
}
_FEW = 20
"""Odd values are told where there is one, or one in so many: more of them are the nature of the column."""
_WIDTH = 500
"""Columns looked at closely in one query: the time to plan it grows faster than they do."""


@dataclass(frozen=True)
class Found:
    """What all values of the columns say.

    Parameters
    ----------
    types : mapping of name to type
    certain : mapping of name to Kind
        Columns in which every value is plainly of its type, so that a bare cast reads it.
    """

    types: Mapping[str, ColumnType]
    certain: Mapping[str, Kind]


def detect(texts: Texts, columns: Sequence[str], sample: Sequence[Sequence[str]], context: Context) -> Found:
    """Return the types of columns, and note where a few odd values make a column text.

    Parameters
    ----------
    texts : Texts
    columns : sequence of str
        Those whose type is not given.
    sample : sequence of rows of str
        The first rows, in the order of `texts.names`. They only spare work: what they look like is confirmed or
        refuted by all values, and a column with mostly words among them is text.
    context : Context
    """
    guesses = {name: _guess(name, texts, sample) for name in columns}
    types: dict[str, ColumnType] = dict.fromkeys(columns, "text")
    certain, unclear = _confirmed(texts, {name: guess for name, guess in guesses.items() if guess is not None})
    kinds = _union(texts, unclear)
    types |= {name: type_of(found) for name, found in {**certain, **kinds}.items()}
    odd = [name for name in kinds if types[name] == "text" and kinds[name] not in (Kind.NONE, Kind.OTHER)]
    for name, tallies in _counted(texts, odd).items():
        _tell_odd(texts, name, tallies, context)
    return Found(types, certain)


def _guess(name: str, texts: Texts, sample: Sequence[Sequence[str]]) -> Kind | None:
    """Return the kinds of a column's first values; None if most of them can be nothing but text."""
    place = texts.names.index(name)
    values = [row[place].strip() for row in sample]
    counts = Counter(shape_of(value, texts.decimal) for value in values if value and value not in texts.missing)
    if counts[Kind.OTHER] + counts[Kind.ZERO_LED] > counts.total() / 2:
        return None
    return reduce(or_, counts, Kind.NONE)


def _confirmed(texts: Texts, guesses: Mapping[str, Kind]) -> tuple[dict[str, Kind], list[str]]:
    """Return the columns all of whose values are plainly what was guessed, and those that need a closer look."""
    plain = {name: guess or Kind.INTEGER for name, guess in guesses.items() if not texts.kind}
    plain = {name: guess for name, guess in plain.items() if type_of(guess) != "text"}
    if not plain:
        return {}, list(guesses)
    tests = [f"bool_and({certain_sql(texts.value(name), guess, texts.decimal)})" for name, guess in plain.items()]
    answers = dict(zip(plain, texts.connection.execute(select(tests, f"({texts.source})")).fetchall()[0], strict=True))
    certain = {name: plain[name] for name, answer in answers.items() if answer}
    # Without any value there is no answer, and the column is text.
    return certain, [name for name in guesses if name not in certain and answers.get(name, False) is not None]


def _union(texts: Texts, names: Sequence[str]) -> dict[str, Kind]:
    kinds: dict[str, Kind] = {}
    for start in range(0, len(names), _WIDTH):
        some = names[start : start + _WIDTH]
        unions = [f"bit_or({texts.kind_of(name)})" for name in some]
        row = texts.connection.execute(select(unions, f"({texts.source})")).fetchall()[0]
        kinds |= {name: Kind(union or 0) for name, union in zip(some, row, strict=True)}
    return kinds


@dataclass(frozen=True)
class _Tally:
    """How many values of a column are of a kind, the first row with one, and that value."""

    count: int
    row: int
    value: str


def _counted(texts: Texts, names: Sequence[str]) -> dict[str, dict[Kind, _Tally]]:
    tallies: dict[str, dict[Kind, _Tally]] = {name: {} for name in names}
    for start in range(0, len(names), _WIDTH):
        some = names[start : start + _WIDTH]
        values = ", ".join(
            f"{{'c': {start + place}, 'k': {texts.kind_of(name)}, 'v': {texts.value(name)}}}"
            for place, name in enumerate(some)
        )
        numbered = select([f"{ROW_NUMBER} AS n", f"unnest([{values}]) AS u"], f"({texts.source})")
        tallied = select(["u.c", "u.k", "count(*)", "min(n)", "arg_min(u.v, n)"], f"({numbered})", where="u.k > 0")
        rows = texts.connection.execute(f"{tallied} GROUP BY u.c, u.k ORDER BY u.c, u.k").fetchall()
        for place, kind, count, row, value in rows:
            tallies[names[place]][Kind(kind)] = _Tally(count, row, value)
    return tallies


def _tell_odd(texts: Texts, name: str, tallies: Mapping[Kind, _Tally], context: Context) -> None:
    """Note that a column is text because of a few values, if most of its values are of one other type."""
    total = sum(tally.count for tally in tallies.values())
    for group, (one, several, to) in _TELLING.items():
        others = {kind: tally for kind, tally in tallies.items() if kind not in group}
        count = sum(tally.count for tally in others.values())
        if not others or count * 2 >= total or count > max(1, total // _FEW):
            continue
        first = min(others.values(), key=lambda tally: tally.row)
        kept = set(others) <= {Kind.ZERO_LED, Kind.HUGE}
        mend = f"; if that is wrong, {texts.mend}, or say types: {{{name}: {to}}}"
        context.note(
            f"column '{name}' of {texts.shown} is read as text: {count:,} of {plural(total, 'value')} "
            f"{_what(set(others), count, one, several)}, {_at(texts, _Tally(count, first.row, ''))}, "
            f"of the form {masked(first.value)!r}{'' if kept else mend}",
            caution=not kept,
        )
        return


def _what(kinds: set[Kind], count: int, one: str, several: str) -> str:
    if kinds == {Kind.ZERO_LED}:
        return form(count, "begins with a zero", "begin with a zero")
    if kinds == {Kind.HUGE}:
        return form(count, "has too many digits for a whole number", "have too many digits for whole numbers")
    return form(count, one, several)


def _at(texts: Texts, tally: _Tally) -> str:
    return f"{'the first ' if tally.count > 1 else ''}at {texts.where([tally.row])[0]}"


def masked(value: str) -> str:
    """Return the form of a value without what it says: digits are 9, letters x or X.

    Examples
    --------
    >>> masked("ca. 1,500 EUR")
    'xx. 9,999 XXX'
    """
    shape = "".join(
        "9" if letter.isdigit() else "X" if letter.isupper() else "x" if letter.isalpha() else letter
        for letter in value[:24]
    )
    return shape + ("..." if len(value) > 24 else "")
