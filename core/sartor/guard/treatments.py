"""What a recipe says under ``privacy``: records, without a row of data and without the table engine."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, TypeAlias

Period = Literal["day", "week", "month", "quarter", "year"]
Asked = Literal["line", "person", "nowhere", "not"]
"""How lines of a table are asked for consent; see `Consent.way`."""
WITHIN_DAYS = 180
"""Dates are shifted by at most so many days, either way, where the recipe does not say it."""


@dataclass(frozen=True)
class Drop:
    """The column never enters."""

    word: ClassVar[str] = "drop"
    told: ClassVar[str] = "dropped"

    def plain(self) -> Any:
        """Return it as a recipe writes it."""
        return self.word


@dataclass(frozen=True)
class AuditOnly:
    """The column is stored apart, for audits; no step sees it.

    Parameters
    ----------
    bands : tuple of float
        Rising edges of the bands that its numbers are compared by; quarters of the training rows where there are none.
    names : tuple of (value, group)
        What groups its values make, both as texts; values that share a name are one group.
    """

    bands: tuple[float, ...] = ()
    names: tuple[tuple[str, str], ...] = ()

    word: ClassVar[str] = "audit_only"
    told: ClassVar[str] = "for audit only"

    def plain(self) -> Any:
        """Return it as a recipe writes it."""
        said: dict[str, Any] = {"bands": list(self.bands)} if self.bands else {}
        said |= {"names": dict(self.names)} if self.names else {}
        return {self.word: said} if said else self.word


@dataclass(frozen=True)
class Pseudonymise:
    """Every value becomes its HMAC-SHA-256 under the recipe's key: the same in all tables and columns."""

    word: ClassVar[str] = "pseudonymise"
    told: ClassVar[str] = "pseudonymised"

    def plain(self) -> Any:
        """Return it as a recipe writes it."""
        return self.word


@dataclass(frozen=True)
class Generalise:
    """Every value becomes a coarser one; one of the four ways.

    Parameters
    ----------
    bands : tuple of float
        Rising edges of bands of numbers, which become texts: ``below 18``, ``18 to below 65``, ``65 and above``.
    width : float or None
        Numbers become the lower edge of their band of this width.
    prefix : int or None
        Texts become their first characters.
    to : str or None
        Dates become the first day of their period.
    """

    bands: tuple[float, ...] = ()
    width: float | None = None
    prefix: int | None = None
    to: Period | None = None

    word: ClassVar[str] = "generalise"
    told: ClassVar[str] = "generalised"

    def plain(self) -> Any:
        """Return it as a recipe writes it."""
        ways = {"bands": list(self.bands) or None, "width": self.width, "prefix": self.prefix, "to": self.to}
        return {self.word: {way: value for way, value in ways.items() if value is not None}}


@dataclass(frozen=True)
class ShiftDates:
    """Dates of one person move by one number of days, which follows from the key: intervals stay.

    Parameters
    ----------
    by : str
        Column that says whose dates they are.
    within_days : int
        The most that they move, either way.
    """

    by: str
    within_days: int = WITHIN_DAYS

    word: ClassVar[str] = "shift_dates"
    told: ClassVar[str] = "with dates shifted"

    def plain(self) -> Any:
        """Return it as a recipe writes it."""
        return {self.word: {"by": self.by, "within_days": self.within_days}}


@dataclass(frozen=True)
class Mask:
    """All but some characters at the ends become ``***``; a text that is too short is hidden whole.

    Parameters
    ----------
    keep_first, keep_last : int
    """

    keep_first: int = 0
    keep_last: int = 0

    word: ClassVar[str] = "mask"
    told: ClassVar[str] = "masked"

    def plain(self) -> Any:
        """Return it as a recipe writes it."""
        kept = {"keep_first": self.keep_first, "keep_last": self.keep_last}
        return {self.word: {end: count for end, count in kept.items() if count}}


Treatment: TypeAlias = "Drop | AuditOnly | Pseudonymise | Generalise | ShiftDates | Mask"
"""What becomes of a column."""

Hidden = Drop | AuditOnly
"""Treatments after which no step sees the column."""
Changing = Pseudonymise | Generalise | ShiftDates | Mask
"""Treatments after which steps see other values."""

BARE: dict[str, Treatment] = {treatment.word: treatment for treatment in (Drop(), AuditOnly(), Pseudonymise())}
"""Treatments that a single word says."""
WITH_SETTINGS: dict[str, tuple[str, ...]] = {
    "audit_only": ("bands", "names"),
    "generalise": ("bands", "width", "prefix", "to"),
    "shift_dates": ("by", "within_days"),
    "mask": ("keep_first", "keep_last"),
}
"""Treatments that say how, with the keys that say it; what stands in `BARE` too need not."""
EXAMPLES = {
    "audit_only": "{audit_only: {bands: [25, 35, 50]}}",
    "generalise": "{generalise: {bands: [18, 30, 65]}}",
    "shift_dates": "{shift_dates: {by: PERSON}}",
    "mask": "{mask: {keep_last: 4}}",
}


@dataclass(frozen=True)
class Consent:
    """Only lines whose person agreed may enter.

    Parameters
    ----------
    column : str
    values : tuple
        What it holds where somebody agreed; anything else, and a missing value, is a no.
    tables : tuple of str
        Tables that it is asked in; all of them if empty.
    person : str or None
        Column, or role, that tells persons apart: lines of tables that do not hold `column` enter if their person
        agreed in every line of those that do.
    exempt : tuple of str
        Tables that are about no person, whatever their columns are called.
    """

    column: str
    values: tuple[str | int | float | bool, ...]
    tables: tuple[str, ...] = ()
    person: str | None = None
    exempt: tuple[str, ...] = ()

    def way(self, table: str, columns: Collection[str], person: str | None) -> Asked:
        """Return how lines of a table are asked for consent.

        Parameters
        ----------
        table : str
        columns : collection of str
            The table's.
        person : str or None
            What the table calls its person; None where the recipe does not say how persons are told apart.

        Returns
        -------
        {"line", "person", "nowhere", "not"}
            By what their own line says; by what is said of their person elsewhere; nothing says who agreed, so that
            none may enter; not at all.
        """
        if table in self.exempt:
            return "not"
        own = table in self.tables if self.tables else self.column in columns
        if own and self.column in columns:
            return "line"
        if not own and person is not None and person in columns:
            return "person"
        return "nowhere" if own or not self.tables else "not"

    def may_ask(self, table: str) -> bool:
        """Tell whether lines of a table may need consent, before its columns are known."""
        return table not in self.exempt and (not self.tables or table in self.tables or self.person is not None)
