"""Rows at the edges of a card's bins, where an export that is not quite the card would answer otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sartor_domains.finance.card.bins import Characteristic
from sartor_domains.finance.card.card import Card

if TYPE_CHECKING:
    from sartor.rows import Scoring

MOST_ROWS = 5_000
STRIDES = (1, 7, 31)
"""Columns go through their values at several paces, so that many meet; each is odd, and so are its sums."""
NOT_SEEN = ("never seen before", "", " ", "'", '"', "--", "\\", "NULL", "ä×漢", "a\nb", "%", "ROW(1)")
FAR = (-1e300, -1.0, -0.0, 0.0, 1.0, 1e300, np.nan, np.inf, -np.inf)


def edge_rows(card: Card, golden: Scoring | None) -> pd.DataFrame:
    """Return rows with all values that part bins, values just beside them, and values that no bin has.

    Each column goes through all of its values; in the first row everything is missing, in the next ones everything but
    one column. Golden rows stand at the end.

    Parameters
    ----------
    card : Card
    golden : Scoring or None
    """
    columns = card.columns
    if not columns:
        return golden.X[[]] if golden is not None else pd.DataFrame(index=range(1))
    values = {name: _values(entry) for name, entry in columns.items()}
    longest = min(max(len(entry) for entry in values.values()), MOST_ROWS)
    found: dict[str, list[Any]] = {}
    for place, (name, entry) in enumerate(values.items()):
        alone = [None] * (len(columns) + 1)
        alone[place + 1] = entry[0]
        met = [entry[(row * stride + place) % len(entry)] for stride in STRIDES for row in range(longest)]
        found[name] = [*alone, *met]
    rows = pd.DataFrame({name: _series(columns[name], entry) for name, entry in found.items()})
    if golden is None:
        return rows
    given = pd.DataFrame({name: _series(entry, golden.X[name].tolist()) for name, entry in columns.items()})
    return pd.concat([rows, given], ignore_index=True)


def _series(entry: Characteristic, values: list[Any]) -> pd.Series[Any]:
    if entry.numeric:
        return pd.Series([np.nan if value is None or value is pd.NA else float(value) for value in values])
    missing = [value is None or value is pd.NA or (isinstance(value, float) and np.isnan(value)) for value in values]
    texts = [None if gone else _text(value) for value, gone in zip(values, missing, strict=True)]
    return pd.Series(texts, dtype="str")


def _text(value: Any) -> str:
    from sartor_domains.finance.card.bins import text_of

    return text_of(value)


def _values(entry: Characteristic) -> list[Any]:
    if entry.numeric:
        edges = [float(cut) for cut in entry.cuts] + [float(code) for code in entry.special]
        near = [value for edge in edges for value in (edge, np.nextafter(edge, -np.inf), np.nextafter(edge, np.inf))]
        return [*dict.fromkeys(near), *FAR]
    levels = [level for one in entry.bins for level in one.levels]
    # Strange levels first: where there are very many not all are tried.
    levels.sort(key=lambda level: level.isalnum())
    strange = [level for level in NOT_SEEN if level not in levels]
    alike = [level.swapcase() for level in levels[:20]] + [f"{level} " for level in levels[:20]]
    return [*dict.fromkeys([*levels[: MOST_ROWS // 2], *entry.special, *strange, *alike]), None]
