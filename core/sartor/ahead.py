"""What a table tells of days to come as if they had been: one caution for every task whose lines have happened."""

from __future__ import annotations

from datetime import datetime

from sartor.context import say
from sartor.contract.freshness import CLOCKS_DIFFER
from sartor.wording import form, plural


def not_yet() -> datetime:
    """Return the moment from which on nothing can have happened by now: a day from now, as clocks and zones differ."""
    return datetime.now() + CLOCKS_DIFFER


def say_what_lies_ahead(count: int, noun: str, table: str) -> None:
    """Say that lines of what has happened lie in the future, if any do.

    Parameters
    ----------
    count : int
        Lines at or behind `not_yet`.
    noun : str
        What such a line is, in the singular.
    table : str

    Examples
    --------
    >>> from sartor.context import telling
    >>> with telling(lambda text, caution=False: print(text)):
    ...     say_what_lies_ahead(2, "payment", "payments")
    ...     say_what_lies_ahead(0, "payment", "payments")
    2 payments of payments lie in the future: see whether dates are read as they are meant
    """
    if count:
        say(
            f"{plural(count, noun)} of {table} {form(count, 'lies', 'lie')} in the future: see whether dates are read "
            "as they are meant",
            caution=True,
        )
