"""A card as one SQL query, in words that DuckDB and PostgreSQL share.

Names and texts are quoted, numbers are written to the last bit, and what stands in a comment is printable and short:
nothing that a column or a level is called can end the query or begin another one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from sartor.errors import InputError, UsageError
from sartor_domains.finance.card.bins import Bin, Characteristic
from sartor_domains.finance.card.fitting import Part, table_of
from sartor_domains.finance.card.pairs import Pair
from sartor_domains.finance.card.scale import STEEPEST

if TYPE_CHECKING:
    from sartor.exporting import Export
    from sartor_domains.finance.card.card import Card

LONGEST_NAME = 63
"""Bytes that PostgreSQL keeps of a name."""
LONGEST_COMMENT = 80
KIND = {True: "a number", False: "text"}
CANNOT = "cannot score"


def quoted(name: str) -> str:
    """Return a name as SQL has it.

    Raises
    ------
    InputError
        If it holds a character that no database takes.

    Examples
    --------
    >>> print(quoted('a "b" c'), quoted("x; DROP TABLE y"))
    "a ""b"" c" "x; DROP TABLE y"
    """
    inside = _sound(name, "column").replace('"', '""')
    return f'"{inside}"'


def text(value: str) -> str:
    """Return a text as SQL has it.

    Examples
    --------
    >>> text("it's")
    "'it''s'"
    """
    inside = _sound(value, "level").replace("'", "''")
    return f"'{inside}'"


def _sound(value: str, what: str) -> str:
    if "\0" in value or any("\ud800" <= sign <= "\udfff" for sign in value):
        shown = value.encode("ascii", "backslashreplace").decode()
        raise InputError(
            f"the {what} '{shown[:LONGEST_COMMENT]}' holds a character that no SQL text can hold",
            code="D089",
            hints=(("to mend", "repair it at ingest, or export the card as JSON"),),
        )
    return value


def number(value: float) -> str:
    """Return a number as SQL has it, to the last bit.

    Examples
    --------
    >>> number(0.1), number(-1e300)
    ("CAST('0.1' AS DOUBLE PRECISION)", "CAST('-1e+300' AS DOUBLE PRECISION)")
    """
    return f"CAST('{float(value)!r}' AS DOUBLE PRECISION)"


def comment(words: str) -> str:
    r"""Return words as a comment may hold them: on one line, printable, short.

    Examples
    --------
    >>> comment("a\n; DROP TABLE b")
    'a ; DROP TABLE b'
    """
    shown = "".join(sign if sign.isprintable() else " " for sign in words)
    return shown if len(shown) <= LONGEST_COMMENT else f"{shown[: LONGEST_COMMENT - 3]}..."


@dataclass(frozen=True)
class Query:
    """The query of a card.

    Parameters
    ----------
    card : Card
    export : Export
    names : mapping of column to column
        Other names for the columns that are read; to try the query where names clash.
    """

    card: Card
    export: Export
    names: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def columns(self) -> list[Characteristic]:
        """Columns that are read, in the order of their numbers from 1."""
        return list(self.card.columns.values())

    @cached_property
    def outputs(self) -> list[str]:
        """Names of what is given: keys, points of each part, score, probability, status."""
        taken: set[str] = set()
        answers = ["score", "probability", "status"]
        keys = [f"answer: {key}" if key.casefold() in answers else key for key in self.export.keys]
        taken |= {name.casefold() for name in (*keys, *answers)}
        points = []
        for place, part in enumerate(self.card.parts, 1):
            name = f"points: {part.name}"
            if name.casefold() in taken or len(name.encode()) > LONGEST_NAME:
                name = next(one for one in _numbered(place, part.name) if one.casefold() not in taken)
            taken.add(name.casefold())
            points.append(name)
        return [*keys, *points, *answers]

    @property
    def source(self) -> str:
        """The table that is read, quoted."""
        parts = self.export.table.split(".")
        if not all(parts) or len(parts) > 3:
            raise UsageError(
                f"a table is called NAME or SCHEMA.NAME, and not '{self.export.table}'",
                code="U033",
                hints=(("to mend", "--table risk.applications"),),
            )
        return ".".join(quoted(part) for part in parts)

    def told(self) -> list[str]:
        """Say what databases cannot hold, or hold under another name."""
        said = []
        names = [entry.name for entry in self.columns] + list(self.export.keys)
        by_case: dict[str, list[str]] = {}
        for name in names:
            by_case.setdefault(name.casefold(), []).append(name)
        clashing = [f"'{same[0]}' and '{same[1]}'" for same in by_case.values() if len(same) > 1]
        if clashing:
            said.append(
                f"{', '.join(clashing)} differ in case only: PostgreSQL tells them apart, DuckDB and other databases "
                "cannot hold both"
            )
        long = [name for name in names if len(name.encode()) > LONGEST_NAME]
        if long:
            said.append(f"PostgreSQL keeps {LONGEST_NAME} bytes of a name, and '{comment(long[0])}' is longer")
        return said

    def written(self) -> str:
        """Return the query, with comments that say what it reads and gives."""
        return "\n".join([*self._head(), *self._given(), *self._binned(), *self._pointed(), *self._answered(), ""])

    # -- its parts ------------------------------------------------------------------------------------------------

    def _head(self) -> list[str]:
        where = ", ".join(part for part in (self.export.recipe, f"run {self.export.run}", self.export.model) if part)
        lines = [f"-- Scorecard: {comment(where)}.", f"-- Reads {comment(self.source)}, a line for each row to score:"]
        lines += [f"--   {comment(key)}: key" for key in self.export.keys]
        for entry in self.columns:
            step = self.export.built.get(entry.name)
            built = f", built by the step {comment(step)} of the recipe" if step else ""
            lines.append(f"--   {comment(entry.name)}: {KIND[entry.numeric]}{built}")
        bad = comment(self.card.classes[-1]) if self.card.classes else "bad"
        lines += [
            f"-- Gives for each row its key, points, score, probability of '{bad}', and a status where it cannot be",
            "-- scored: then there is no score, and the probability is the base rate of training.",
            "-- For DuckDB and PostgreSQL.",
        ]
        return lines

    def _given(self) -> list[str]:
        lines = [f"{quoted(key)} AS k{place}" for place, key in enumerate(self.export.keys, 1)]
        for place, entry in enumerate(self.columns, 1):
            kind = "DOUBLE PRECISION" if entry.numeric else "VARCHAR"
            lines.append(f"CAST({quoted(self.names.get(entry.name, entry.name))} AS {kind}) AS x{place}")
        return ["WITH given AS (", "  SELECT", *_listed(lines or ["0 AS x0"]), f"  FROM {self.source}", "),"]

    def _binned(self) -> list[str]:
        lines: list[str] = []
        for place, entry in enumerate(self.columns, 1):
            cases = _cases(entry, f"x{place}")
            lines.append("\n".join([f"CASE -- {comment(entry.name)}", *cases, f"    END AS b{place}"]))
        return ["binned AS (", "  SELECT", *_listed([*self._keys, *lines] or ["0 AS b0"]), "  FROM given", "),"]

    @property
    def _keys(self) -> list[str]:
        return [f"k{place}" for place in range(1, len(self.export.keys) + 1)]

    def _pointed(self) -> list[str]:
        number_of = {entry.name: place for place, entry in enumerate(self.columns, 1)}
        lines: list[str] = []
        for place, part in enumerate(self.card.parts, 1):
            cases = [
                f"      WHEN {condition} THEN {self._points(one.points)} -- {comment(_label(part, one))}"
                for one, condition in _conditions(part, number_of)
            ]
            rest = self._points(table_of(part).neutral_points)
            cases.append(f"      ELSE {rest} -- unseen in training")
            lines.append("\n".join([f"CASE -- {comment(part.name)}", *cases, f"    END AS p{place}"]))
        known = [
            f"CASE WHEN b{place} IN ({', '.join(map(str, telling))}) THEN 1 ELSE 0 END"
            for place, entry in enumerate(self.columns, 1)
            if (telling := [at for at, one in enumerate(entry.bins) if one.tells])
        ]
        plus = "\n      + "
        lines.append(f"{plus.join(known) or '0'} AS known")
        return ["pointed AS (", "  SELECT", *_listed([*self._keys, *lines]), "  FROM binned", "),"]

    def _points(self, points: float) -> str:
        return f"{points + 0.0:.{self.card.scale.decimals}f}"

    def _answered(self) -> list[str]:
        scale, card = self.card.scale, self.card
        total = " + ".join([self._points(card.base_points), *(f"p{at}" for at in range(1, len(card.parts) + 1))])
        points = [f"p{at}" for at in range(1, len(card.parts) + 1)]
        score = f"CASE WHEN known < {card.fewest_known} THEN NULL ELSE CAST({total} AS DOUBLE PRECISION) END AS s"
        log_odds = f"(s - {number(scale.base_score)}) / {number(scale.factor)} + {number(scale.log_base_odds)}"
        bound = f"LEAST(GREATEST({log_odds}, {number(-STEEPEST)}), {number(STEEPEST)})"
        answers = [
            "s",
            f"CASE WHEN s IS NULL THEN {number(card.base_rate)} ELSE 1 / (1 + EXP({bound})) END",
            f"CASE WHEN s IS NULL THEN {text(CANNOT)} END",
        ]
        given = [
            f"{one} AS {quoted(name)}" for one, name in zip([*self._keys, *points, *answers], self.outputs, strict=True)
        ]
        scored = ["scored AS (", "  SELECT", *_listed([*self._keys, *points, score]), "  FROM pointed", ")"]
        return [*scored, "SELECT", *_listed(given), "FROM scored"]


def _numbered(place: int, name: str) -> list[str]:
    """Names with the part's number, cut to what databases keep."""
    return [
        f"points {place}{'' if more == 0 else f'.{more}'}: {name}".encode()[:LONGEST_NAME].decode(errors="ignore")
        for more in range(1000)
    ]


def _listed(lines: Sequence[str]) -> list[str]:
    """Items of a list in SQL, the comma behind each but the last."""
    return [f"    {line}{',' if place < len(lines) - 1 else ''}" for place, line in enumerate(lines)]


def _label(part: Part, one: Bin) -> str:
    return part.label(one) if isinstance(part, Pair) else one.label


def _cases(entry: Characteristic, x: str) -> list[str]:
    """The cases that give the number of a value's bin."""
    ends = ", ".join(number(value) for value in (float("nan"), float("inf"), float("-inf")))
    nothing = f"{x} IS NULL OR {x} IN ({ends})" if entry.numeric else f"{x} IS NULL"
    cases = [f"      WHEN {nothing} THEN {entry.missing} -- missing"]
    for code in entry.special:
        value = number(float(code)) if entry.numeric else text(code)
        cases.append(f"      WHEN {x} = {value} THEN {entry.level_places[code]} -- special code {comment(code)}")
    last = entry.unseen
    for place, one in enumerate(entry.bins):
        if one.kind == "interval" and one.high is None:
            last = place
        elif one.kind == "interval":
            cases.append(f"      WHEN {x} <= {number(one.high or 0.0)} THEN {place} -- {comment(one.label)}")
        elif one.kind == "levels":
            levels = ", ".join(text(level) for level in one.levels)
            cases.append(f"      WHEN {x} IN ({levels}) THEN {place} -- {comment(one.label)}")
    return [*cases, f"      ELSE {last}"]


def _conditions(part: Part, number_of: Mapping[str, int]) -> list[tuple[Bin, str]]:
    """For each bin of a part, the condition on numbers of bins under which a row is in it."""
    if not isinstance(part, Pair):
        return [(one, f"b{number_of[part.name]} = {place}") for place, one in enumerate(part.bins)]
    first, second = f"b{number_of[part.first.name]}", f"b{number_of[part.second.name]}"
    found = []
    for one in part.table.bins:
        beside: dict[int, list[int]] = {}
        for at, other in one.cells:
            beside.setdefault(at, []).append(other)
        cells = [f"({first} = {at} AND {second} IN ({', '.join(map(str, others))}))" for at, others in beside.items()]
        found.append((one, " OR ".join(cells)))
    return found
