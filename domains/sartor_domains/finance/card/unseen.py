"""Tells of values that training never saw, and of rows that cannot be scored: each thing once, however many rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from sartor.context import say
from sartor.contract.masking import masked
from sartor.sections import SMALLEST_GROUP
from sartor.wording import plural
from sartor_domains.finance.card.bins import Characteristic, listed

if TYPE_CHECKING:
    import pandas as pd

MOST_TOLD = 3
"""A column is told of no more often than this, for rows that come in pieces without end."""


class Unseen:
    """What has been told already.

    Parameters
    ----------
    tell : callable, optional
        Takes a text and ``caution``; `sartor.context.say` where none is given.
    """

    def __init__(self, tell: Callable[..., None] | None = None) -> None:
        self._tell = tell
        self._told: dict[str, set[str | None]] = {}
        self._times: dict[str, int] = {}

    def report(self, columns: Mapping[str, Characteristic], X: pd.DataFrame) -> None:
        """Tell of values in some rows that have no bin."""
        for name, entry in columns.items():
            times = self._times.get(name, 0)
            if times >= MOST_TOLD:
                continue
            counts = entry.without_bin(X[name])
            new = {value: count for value, count in counts.items() if value not in self._told.get(name, ())}
            if not new:
                continue
            self._told.setdefault(name, set()).update(new)
            self._times[name] = times + 1
            last = ", and no more is told of it" if times + 1 == MOST_TOLD else ""
            self._say(f"{told(entry, new)}: counted neither for nor against{last}")

    def report_not_scored(self, count: int, rows: int) -> None:
        """Tell of rows that cannot be scored, once."""
        if count and not self._times.get(""):
            self._times[""] = 1
            self._say(
                f"{count:,} of {plural(rows, 'row')} cannot be scored: what the scorecard asks is missing, a special "
                "code or unseen in training"
            )

    def _say(self, text: str) -> None:
        (self._tell or say)(text, caution=True)


def told(entry: Characteristic, counts: Mapping[str | None, int]) -> str:
    """Say which values of a column training never saw, and in how many rows.

    A value that fewer than `SMALLEST_GROUP` rows hold may be somebody's own, and is masked; a special code is not.

    Parameters
    ----------
    entry : Characteristic
    counts : mapping of value to number of rows
        `Characteristic.without_bin`.

    Examples
    --------
    >>> told(Characteristic("home", False, ()), {"caravan": 12, "my aunt's": 2})
    "home holds 2 levels that training never saw, in 14 rows ('caravan', 'm...s')"
    >>> told(Characteristic("home", False, ()), {None: 1})
    'home is missing in 1 row, and was never missing in training'
    """
    values = {value: count for value, count in counts.items() if value is not None}
    said = []
    if values:
        what = plural(len(values), "number" if entry.numeric else "level")
        shown = tuple(
            f"'{value}'" if count >= SMALLEST_GROUP or value in entry.special else masked(value)
            for value, count in sorted(values.items(), key=lambda pair: -pair[1])
        )
        said.append(f"holds {what} that training never saw, in {plural(sum(values.values()), 'row')} ({listed(shown)})")
    if None in counts:
        said.append(f"is missing in {plural(counts[None], 'row')}, and was never missing in training")
    return f"{entry.name} {', and '.join(said)}"
