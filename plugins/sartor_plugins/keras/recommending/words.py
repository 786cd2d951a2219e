"""What is said of items as numbers of words: kinds, words and parts of words by hash, numbers by tenths."""

from __future__ import annotations

import re
import zlib
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

MOST = 64
"""Words that are taken of an item."""
LETTERS = 4
"""Letters of the parts of a word."""
TENTHS = 10
_WORD = re.compile(r"\w+")


def tokens_of(names: Sequence[str], shelf: Mapping[str, Sequence[tuple[str, str]]], buckets: int) -> NDArray[np.int32]:
    """Return the words of each item, from 1 on, as a table filled up with 0.

    Parameters
    ----------
    names : sequence of str
    shelf : mapping of item to (column, value) pairs
    buckets : int
        Words fall into so many, by hash.

    Examples
    --------
    >>> shelf = {"cup": [("kind", "tea")], "jug": [("kind", "tea")], "axe": [("kind", "garden tool")]}
    >>> made = tokens_of(["cup", "jug", "axe", "new"], shelf, 1_000)
    >>> (made > 0).sum(axis=1).tolist(), bool((made[0] == made[1]).all())
    ([1, 1, 6, 0], True)
    """
    edges = _edges(shelf)
    lists = [_words(shelf.get(name, ()), edges) for name in names]
    width = min(MOST, max((len(words) for words in lists), default=0)) or 1
    made = np.zeros((len(names), width), dtype=np.int32)
    for line, words in enumerate(lists):
        for place, word in enumerate(words[:width]):
            made[line, place] = 1 + zlib.crc32(word.encode()) % buckets
    return made


def _number(text: str) -> float | None:
    try:
        found = float(text)
    except ValueError:
        return None
    return found if np.isfinite(found) else None


def _edges(shelf: Mapping[str, Sequence[tuple[str, str]]]) -> dict[str, NDArray[np.float64]]:
    """Return where the tenths of each column of numbers end; a column with a text in it is none."""
    values: dict[str, list[float | None]] = {}
    for said in shelf.values():
        for column, value in said:
            values.setdefault(column, []).append(_number(value))
    found = {}
    for column, numbers in values.items():
        if all(number is not None for number in numbers) and len(set(numbers)) > TENTHS:
            found[column] = np.quantile(np.array(numbers, dtype=float), np.arange(1, TENTHS) / TENTHS)
    return found


def _words(said: Sequence[tuple[str, str]], edges: Mapping[str, NDArray[np.float64]]) -> list[str]:
    found: dict[str, None] = {}
    for column, value in said:
        if column in edges:
            found[f"{column}#{int(np.searchsorted(edges[column], float(value)))}"] = None
            continue
        text = value.lower().strip()
        found[f"{column}={text}"] = None
        words = _WORD.findall(text)
        if len(words) > 1:
            found |= dict.fromkeys(f"{column}:{word}" for word in words)
            parts = (word[at : at + LETTERS] for word in words for at in range(len(word) - LETTERS + 1))
            found |= dict.fromkeys(f"{column}~{part}" for part in parts if part not in words)
    return list(found)
