"""What a recipe says under ``privacy`` of what may be learned, kept and handed on: records, light as the treatments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sartor.durations import Duration

AT_MOST = 0.75
"""How often features may tell two persons apart by a forbidden attribute, where the recipe does not say it."""
TOGETHER = "together"
"""How `accept` calls all features at once."""


@dataclass(frozen=True)
class Forbidden:
    """An attribute that no step may see, and that no feature may stand for.

    Parameters
    ----------
    at_most : float
        Of two persons who differ in the attribute, how often features may tell which is which: 0.5 is chance, 1 always.
    accept : mapping of feature to str
        Features that may stand for it all the same, each with the reason; ``together`` is all of them at once.
    """

    at_most: float = AT_MOST
    accept: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Retention:
    """How long lines, and what runs have made of them, may be kept.

    Parameters
    ----------
    every : Duration or None
        Lines of every table that has a time.
    tables : mapping of table to Duration
        Lines of single tables; wins over `every`.
    runs : Duration or None
        Runs, and what the stage cache holds.
    """

    every: Duration | None = None
    tables: Mapping[str, Duration] = field(default_factory=dict)
    runs: Duration | None = None

    def of(self, table: str) -> Duration | None:
        """Return how old lines of a table may be."""
        return self.tables.get(table, self.every)


@dataclass(frozen=True)
class Release:
    """What must hold of a table before it may leave.

    Parameters
    ----------
    quasi_identifiers : tuple of str
        Columns by which somebody may know a person from elsewhere.
    k : int
        Every combination of their values is that of so many lines at least.
    sensitive : tuple of str
        Columns that nobody shall find out.
    l : int
        Each combination holds so many different values of them at least.
    """

    quasi_identifiers: tuple[str, ...]
    k: int = 5
    sensitive: tuple[str, ...] = ()
    l: int = 1  # noqa: E741 - the literature's own letter


@dataclass(frozen=True)
class Statistic:
    """A count or a mean that is released with noise.

    Parameters
    ----------
    table : str
    epsilon : float
        What it spends of the budget.
    mean : str or None
        Column whose mean it is; a count of lines where there is none.
    between : tuple of two floats
        Bounds that values of `mean` are clamped to; never taken from the data.
    by : str or None
        Column of groups.
    groups : tuple
        Its values, said beforehand: which values there are would tell of persons.
    person : str or None
        Column of the person; where there is none, each line is a person's own.
    lines : int
        How many lines of one person count at most.
    """

    table: str
    epsilon: float
    mean: str | None = None
    between: tuple[float, float] = (0.0, 1.0)
    by: str | None = None
    groups: tuple[str | int | bool, ...] = ()
    person: str | None = None
    lines: int = 1

    def plain(self) -> dict[str, Any]:
        """Return it in JSON types."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in vars(self).items()}


@dataclass(frozen=True)
class Limits:
    """All of it.

    Parameters
    ----------
    forbid : mapping of column to Forbidden
    retention : Retention
    release : mapping of action to Release
    budget : float or None
        The most that all statistics of a run may spend: epsilon.
    statistics : mapping of name to Statistic
    """

    forbid: Mapping[str, Forbidden] = field(default_factory=dict)
    retention: Retention = field(default_factory=Retention)
    release: Mapping[str, Release] = field(default_factory=dict)
    budget: float | None = None
    statistics: Mapping[str, Statistic] = field(default_factory=dict)
