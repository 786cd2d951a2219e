"""What a recipe says under ``information``: sources, whose they are, and what they cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from sartor.durations import Duration
from sartor.recipe.document import KeyPath

Value = str | int | float | bool
Per = Literal["row", "call", "month"]

HALVES = 4
"""How often the champion is fitted on a half of its rows, unless the recipe says otherwise."""
REFITS = 100
"""The most refits, unless the recipe says otherwise."""


@dataclass(frozen=True)
class Price:
    """What a source costs.

    Parameters
    ----------
    amount : float
    per : {"row", "call", "month"}
        Each line of the source; each time it is asked, once for a decision; each month, whatever is asked.
    """

    amount: float
    per: Per


@dataclass(frozen=True)
class Source:
    """Something that can be known, or not.

    Parameters
    ----------
    name : str
        As the recipe calls it.
    path : tuple
        Where it stands.
    table : str or None
        A whole table, or the table whose columns or lines are meant; None for columns of whatever table has them.
    columns : tuple of str
        Empty for a table and for lines.
    where : (column, values) or None
        Which lines.
    price : Price or None
    delays : tuple of Duration
        How stale it may be; empty where that is not asked.
    """

    name: str
    path: KeyPath
    table: str | None = None
    columns: tuple[str, ...] = ()
    where: tuple[str, tuple[Value, ...]] | None = None
    price: Price | None = None
    delays: tuple[Duration, ...] = ()

    @property
    def is_table(self) -> bool:
        """Whether it is a whole table."""
        return self.table is not None and not self.columns and self.where is None

    @property
    def about(self) -> str:
        """What it is, in words.

        Examples
        --------
        >>> Source("online", (), "orders", where=("channel", ("web", "app"))).about
        'lines of orders with channel web or app'
        >>> Source("account", (), columns=("balance", "limit")).about
        'columns balance, limit'
        """
        if self.where is not None:
            column, values = self.where
            return f"lines of {self.table} with {column} {' or '.join(map(str, values))}"
        if self.columns:
            of = f" of {self.table}" if self.table is not None else ""
            return f"{'column' if len(self.columns) == 1 else 'columns'} {', '.join(self.columns)}{of}"
        return f"table {self.table}"


@dataclass(frozen=True)
class Information:
    """What is known by everybody and what is ours.

    Parameters
    ----------
    public : tuple of Source
        Named because somebody may ask; whatever is not named is public too.
    private : mapping of name to Source
        In the order written.
    decisions_per_month : float or None
        How often it is decided, where the rows' times do not tell.
    halves : int
        How often the champion is fitted on a half of its rows, to learn how far a fit goes by chance.
    refits : int
        The most refits.
    minutes : float or None
        The longest that is refitted.
    """

    public: tuple[Source, ...] = ()
    private: Mapping[str, Source] = field(default_factory=dict)
    decisions_per_month: float | None = None
    halves: int = HALVES
    refits: int = REFITS
    minutes: float | None = None
