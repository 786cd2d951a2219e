"""When a column seems not to mean what it says: rules over counts."""

from __future__ import annotations

from dataclasses import dataclass

from sartor.wording import plural
from sartor_domains.healthcare.semantics.findings import Finding

FEWEST = 20
"""Fewer lines with a value, or with the event, tell nothing of a column that may follow from it."""
ONLY = 0.98
"""Share of a column's values in lines with the event from which it can hardly be known before."""
FAR = 0.2
"""Zeros are no measurements where the least other value is at least this share of the middle one."""
SEVERAL = 10
"""With fewer different values above zero a number is a code or a count, and zero one of them."""
SMALL_COUNT = 2
"""Whole numbers that begin at one or two are counts, and zero is one of them."""
FEW_BELOW = 0.05
"""A larger share of negative values is no slip."""


@dataclass(frozen=True)
class Column:
    """Counts of one column.

    Parameters
    ----------
    name : str
    lines, events, others : int
        Of the table: in all, with the event, and without it.
    present, with_event, without_event : int
        Lines that have a value, in all and by event.
    values : int
        Different values, missing ones counted as one.
    zeros, below : int
        Values that are 0, and that are less.
    least, middle : float or None
        Smallest and middle value above 0.
    different : int
        Different values above 0.
    padded, marks : int
        Texts with blanks around them, and texts that stand for a missing value.
    """

    name: str
    lines: int
    events: int
    others: int
    present: int
    with_event: int
    without_event: int
    values: int
    zeros: int = 0
    below: int = 0
    least: float | None = None
    middle: float | None = None
    different: int = 0
    padded: int = 0
    marks: int = 0


def consequence(column: Column, table: str) -> Finding | None:
    """Find a column that is filled only where the event happened: a cause of death, a date of relapse.

    Examples
    --------
    >>> died = Column("cause", lines=100, events=30, others=70, present=30, with_event=30, without_event=0, values=5)
    >>> consequence(died, "patients").what
    "'cause' has a value in 30 of 30 lines with the event and in 0 of 70 without it: it can only be known afterwards"
    """
    if column.with_event < FEWEST or column.others < FEWEST:
        return None
    known = column.with_event + column.without_event
    mostly = column.with_event >= ONLY * known
    # Filled in few lines with the event it is rare, not a consequence of it.
    if not mostly or column.with_event < 0.5 * column.events or column.events > 0.9 * (column.events + column.others):
        return None
    return Finding(
        "consequence",
        column.name,
        f"'{column.name}' has a value in {column.with_event:,} of {column.events:,} lines with the event and in "
        f"{column.without_event:,} of {column.others:,} without it: it can only be known afterwards",
        f"keep it away: known_after: [{column.name}]; if it is honest, declare it at ingest of {table}, "
        f"expected_strong: [{column.name}]",
        stops=True,
    )


def zeros(column: Column) -> Finding | None:
    """Find zeros far below every other value: a cholesterol of 0 was not measured.

    Examples
    --------
    >>> told = dict(lines=200, events=90, others=110, present=200, with_event=90, without_event=110, values=100)
    >>> zeros(Column("chol", **told, zeros=49, least=100.0, middle=240.0, different=99)).what
    "'chol' is 0 in 49 of 200 lines, and in no other below 100: zero seems to mean that it was not measured"
    >>> zeros(Column("cigarettes", **told, zeros=49, least=1.0, middle=20.0, different=30)) is None
    True
    """
    if not column.zeros or column.below or column.different < SEVERAL:
        return None
    least, middle = column.least, column.middle
    if least is None or middle is None or least < FAR * middle:
        return None
    if float(least).is_integer() and least <= SMALL_COUNT:
        return None
    return Finding(
        "zeros",
        column.name,
        f"'{column.name}' is 0 in {column.zeros:,} of {plural(column.present, 'line')}, and in no other below "
        f"{least:g}: zero seems to mean that it was not measured",
        f"say so at ingest, contract: {{columns: {{{column.name}: {{missing_codes: [0]}}}}}}; if it is a true zero, "
        f"say true_zeros: [{column.name}]",
    )


def negatives(column: Column) -> Finding | None:
    """Find a few values below zero in a column that is otherwise never so.

    Examples
    --------
    >>> told = dict(lines=900, events=400, others=500, present=900, with_event=400, without_event=500, values=50)
    >>> negatives(Column("oldpeak", **told, zeros=370, below=12, least=0.1, middle=1.5, different=40)).what
    "'oldpeak' is below 0 in 12 of 900 lines"
    """
    if not column.below or column.below > FEW_BELOW * column.present or column.different < SEVERAL:
        return None
    return Finding(
        "negative",
        column.name,
        f"'{column.name}' is below 0 in {column.below:,} of {plural(column.present, 'line')}",
        "if it cannot be, read them as missing at ingest, contract: {columns: "
        f"{{{column.name}: {{at_least: 0, otherwise: missing}}}}}}; if it can, say true_zeros: [{column.name}]",
        weighty=False,
    )


def tokens(column: Column) -> Finding | None:
    """Find texts with blanks around them, or that stand for a missing value.

    Examples
    --------
    >>> told = dict(lines=50, events=20, others=30, present=50, with_event=20, without_event=30, values=4)
    >>> tokens(Column("grade", **told, padded=3, marks=2)).what
    "'grade' holds texts with blanks around them (3 lines) and signs for a missing value (2 lines)"
    """
    told = [
        f"{what} ({plural(count, 'line')})"
        for what, count in (
            ("texts with blanks around them", column.padded),
            ("signs for a missing value", column.marks),
        )
        if count
    ]
    if not told:
        return None
    return Finding(
        "tokens",
        column.name,
        f"'{column.name}' holds {' and '.join(told)}",
        f"say at ingest, contract: {{columns: {{{column.name}: {{type: text, tidy: strip, missing_codes: ['?']}}}}}}",
        weighty=column.marks > 0,
    )
