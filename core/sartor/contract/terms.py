"""What a recipe says under ``contract``: records, without a row of data and without the table engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from sartor.durations import Duration

ColumnType = Literal["text", "integer", "number", "boolean", "date", "datetime"]
Outcome = Literal["missing", "set_aside", "stop"]
"""What becomes of a value that breaks a rule: it is read as missing, its line is set aside, or the run stops."""
Tidy = Literal["strip", "collapse", "upper", "lower"]
Value: TypeAlias = "str | int | float | bool"

RULES = ("type", "required", "between", "allowed", "pattern", "length", "twice")
"""Rules of a column that can be broken, in the order in which they are told."""
DEFAULT: Outcome = "stop"
"""Nothing is repaired and nothing set aside unless the contract says so."""


@dataclass(frozen=True)
class Bounds:
    """The least and the greatest value that is allowed; None where there is no such bound."""

    low: int | float | str | None = None
    high: int | float | str | None = None


@dataclass(frozen=True)
class ColumnTerms:
    """What must hold of a column.

    Parameters
    ----------
    type : str or None
        ``text``, ``integer``, ``number``, ``boolean``, ``date`` or ``datetime``; as the reader gives it if left out.
    formats : tuple of str
        How dates are written, as in ``%d.%m.%Y``; tried in order. ISO 8601 if empty.
    decimal, thousands : str
        Signs in numbers that are read from text.
    zone : str or None
        The time zone of moments that are written without one.
    twice : {"earlier", "later"} or None
        Which moment is meant by a time of day that occurs twice when clocks are set back.
    tidy : tuple of str
        What is done to texts before anything else.
    missing_codes : tuple
        Values that mean that there is none.
    bounds : Bounds
    allowed : tuple
        The only values that may occur; empty if any may.
    pattern : str or None
        Regular expression that the whole text must match.
    length : Bounds
        Of texts, in characters.
    required : bool
        Whether every line must have a value.
    unit : str or None
    otherwise : mapping of rule to outcome
    """

    type: ColumnType | None = None
    formats: tuple[str, ...] = ()
    decimal: str = "."
    thousands: str = ""
    zone: str | None = None
    twice: Literal["earlier", "later"] | None = None
    tidy: tuple[Tidy, ...] = ()
    missing_codes: tuple[Value, ...] = ()
    bounds: Bounds = field(default_factory=Bounds)
    allowed: tuple[Value, ...] = ()
    pattern: str | None = None
    length: Bounds = field(default_factory=Bounds)
    required: bool = False
    unit: str | None = None
    otherwise: Mapping[str, Outcome] = field(default_factory=dict)

    def outcome(self, rule: str) -> Outcome:
        """Return what becomes of a value that breaks a rule."""
        return self.otherwise.get(rule, DEFAULT)


@dataclass(frozen=True)
class Unique:
    """Columns of which no two lines may have the same values; lines with a missing one are not compared.

    Parameters
    ----------
    columns : tuple of str
    otherwise : {"stop", "set_aside"}
        Stop, or set aside every line that repeats an earlier one.
    """

    columns: tuple[str, ...]
    otherwise: Outcome = DEFAULT


@dataclass(frozen=True)
class Fresh:
    """How old the newest value of a column may be."""

    column: str
    within: Duration


@dataclass(frozen=True)
class Contract:
    """What must hold of a table.

    Parameters
    ----------
    columns : mapping of column to ColumnTerms
    unique : tuple of Unique
    fresh : Fresh or None
    """

    columns: Mapping[str, ColumnTerms] = field(default_factory=dict)
    unique: tuple[Unique, ...] = ()
    fresh: Fresh | None = None

    @property
    def typed(self) -> frozenset[str]:
        """Columns whose type it says."""
        return frozenset(name for name, terms in self.columns.items() if terms.type is not None)
