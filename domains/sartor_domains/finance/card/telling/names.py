"""Bins by names that a report may show: a level that few rows hold is counted, not named."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from sartor_domains.finance.card.bins import Bin, Characteristic, levels_of, listed
from sartor_domains.finance.card.fitting import Part, table_of
from sartor_domains.finance.card.pairs import Pair

if TYPE_CHECKING:
    from sartor.rows import Judged

LONGEST = 70
"""Characters of a bin's name."""
LONGEST_OF_PAIR = 240
"""Of one of two characteristics together, which is named by the bins of both."""


class Names:
    """Names of bins, by what the training rows hold.

    Parameters
    ----------
    judged : Judged
        With the training rows; where there are none no level is named.
    smallest : int
        Fewest rows that must hold a level for it to be named.
    """

    def __init__(self, judged: Judged, smallest: int) -> None:
        self._X = None if judged.learned_from is None else judged.learned_from.X
        self._smallest = smallest
        self._frequent: dict[str, frozenset[str]] = {}

    def of(self, entry: Characteristic, one: Bin) -> str:
        """Return the name of a bin."""
        if one.kind != "levels":
            return shortened(one.label)
        known = tuple(level for level in one.levels if level in self._frequent_in(entry.name))
        rest = len(one.levels) - len(known)
        named = listed(known)
        rarer = f"{rest:,} rare {'level' if rest == 1 else 'levels'}"
        return shortened(named if not rest else f"{named} and {rarer}" if known else rarer)

    def of_pair(self, pair: Pair, one: Bin) -> str:
        """Return the name of a bin of cells."""
        return shortened(pair.label(one, self.of), LONGEST_OF_PAIR)

    def rows(self, part: Part) -> list[int]:
        """Return how many training rows each bin holds, whatever they weigh, for nothing is shown of too few."""
        inner = (part.first, part.second) if isinstance(part, Pair) else (part,)
        bins = table_of(part).bins
        if self._X is None or not all(entry.name in self._X for entry in inner):
            return [round(one.rows) for one in bins]
        places = [entry.places(self._X[entry.name]) for entry in inner]
        found = part.grid[places[0], places[1]] if isinstance(part, Pair) else places[0]
        return [int(count) for count in np.bincount(found, minlength=len(bins) + 1)[: len(bins)]]

    def _frequent_in(self, name: str) -> frozenset[str]:
        if name not in self._frequent:
            found: frozenset[str] = frozenset()
            if self._X is not None and name in self._X:
                codes, levels = levels_of(self._X[name])
                counts = np.bincount(codes[codes >= 0], minlength=len(levels))
                found = frozenset(
                    level for level, count in zip(levels, counts.tolist(), strict=True) if count >= self._smallest
                )
            self._frequent[name] = found
        return self._frequent[name]


def bad_is(classes: Sequence[object]) -> str:
    """Return what bad stands for, where the data call it otherwise.

    Examples
    --------
    >>> bad_is((0, 1)), bad_is(("good", "bad"))
    (' Bad stands for “1”.', '')
    """
    label = str(classes[-1]) if classes else "bad"
    return "" if label.casefold() == "bad" else f" Bad stands for “{shortened(label)}”."


def signed(points: float) -> str:
    """Return points with their sign, as tables show them.

    Examples
    --------
    >>> signed(24.0), signed(-28.0)
    ('+24', '−28')
    """
    return f"{points:+,g}".replace("-", "\N{MINUS SIGN}")


def shortened(text: str, longest: int = LONGEST) -> str:
    """Return a text that fits into a table.

    Examples
    --------
    >>> len(shortened("x" * 100)), shortened("own")
    (70, 'own')
    """
    return text if len(text) <= longest else f"{text[: longest - 3]}..."
