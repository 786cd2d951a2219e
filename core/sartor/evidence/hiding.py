"""Which groups of rows must not be told of, so that none of fewer rows than the smallest can be told from the rest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def hidden_lines(counts: int | Sequence[int] | None, lines: int, smallest: int) -> set[int]:
    """Return the places of lines that must not be told.

    A line with fewer rows than `smallest` is hidden. What is hidden could still be told from a total: where all hidden
    lines together hold fewer rows than that, the smallest of the others is hidden with them.

    Examples
    --------
    >>> sorted(hidden_lines([3, 120, 45, 0], 4, smallest=10))
    [0, 2]
    >>> sorted(hidden_lines([6, 7, 120], 3, smallest=10))
    [0, 1]
    >>> hidden_lines(298, 4, smallest=10)
    set()
    """
    if counts is None:
        return set()
    told = [int(count) for count in (counts if isinstance(counts, Iterable) else [counts] * lines)]
    hidden = {place for place, count in enumerate(told) if 0 < count < smallest}
    others = sorted((place for place, count in enumerate(told) if count >= smallest), key=lambda place: told[place])
    while hidden and others and sum(told[place] for place in hidden) < smallest:
        hidden.add(others.pop(0))
    return hidden
