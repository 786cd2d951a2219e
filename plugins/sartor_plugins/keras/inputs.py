"""Features as a network takes them: numbers on one scale with flags, and codes of categories for embeddings.

Everything is learned from training rows and is data: it is written as JSON beside the weights.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sartor.context import Context
from sartor.wording import plural
from sartor_plugins.learn.encoding.columns import (
    FloatArray,
    Known,
    codes_of,
    column,
    learn_columns,
    numbers_again,
    numbers_of,
)
from sartor_plugins.learn.encoding.parts import number_part

WIDE = 100.0
"""Numbers are held within so many quartile ranges around the median, in training as in prediction."""
FAR = 20.0
"""Standardised numbers stay within this."""
LARGEST = 3e38
"""Close to the largest number of 32 bits."""
BUCKETS = 2
"""Codes before those of the levels: 0 is unknown or rare, 1 is missing."""


@dataclass(frozen=True)
class Number:
    """A number on one scale.

    Parameters
    ----------
    name : str
    centre, scale : float
        ``(value - centre) / scale``.
    low, high : float, optional
        What lies beyond is held there.
    flag : bool
        Adds a flag where the value is missing.
    fill : float
        Stands, on the new scale, where the value is missing.

    Examples
    --------
    >>> Number("age", 40.0, 10.0, 0.0, 60.0, True).encode(pd.Series([50.0, None, 1e30])).tolist()
    [[1.0, 0.0], [0.0, 1.0], [2.0, 0.0]]
    """

    name: str
    centre: float = 0.0
    scale: float = 1.0
    low: float | None = None
    high: float | None = None
    flag: bool = False
    fill: float = 0.0

    @property
    def width(self) -> int:
        """How many numbers it makes."""
        return 2 if self.flag else 1

    def encode(self, values: pd.Series) -> FloatArray:
        """Return the number, and whether it was missing; shape (n_rows, width)."""
        numbers = numbers_again(values, self.name)
        missing = np.isnan(numbers)
        if self.low is not None and self.high is not None:
            numbers = np.clip(numbers, self.low, self.high)
        with np.errstate(over="ignore"):
            scaled = np.where(missing, self.fill, (numbers - self.centre) / self.scale)
        far = FAR if self.low is not None else LARGEST
        scaled = np.clip(scaled, -far, far)
        return np.column_stack([scaled, missing]) if self.flag else scaled[:, None]


@dataclass(frozen=True)
class Category:
    """A category as the code of its level.

    Parameters
    ----------
    name : str
    levels : tuple of str

    Examples
    --------
    >>> Category("home", ("own", "rent")).encode(pd.Series(["rent", "tent", None])).tolist()
    [3, 0, 1]
    """

    name: str
    levels: tuple[str, ...]

    @property
    def codes(self) -> int:
        """How many codes there are."""
        return len(self.levels) + BUCKETS

    @property
    def width(self) -> int:
        """Numbers of an embedding: it grows slowly with the levels."""
        return int(min(50, max(2, round(1.6 * len(self.levels) ** 0.56))))

    def encode(self, values: pd.Series) -> NDArray[np.int32]:
        """Return the codes."""
        return (codes_of(values, self.levels, self.name) + BUCKETS).astype(np.int32)


@dataclass(frozen=True)
class Inputs:
    """All that a network takes of a row.

    Parameters
    ----------
    numbers : tuple of Number
    categories : tuple of Category
    steps, channels : int
        The first ``steps * channels`` numbers are a window: all channels of its oldest step first.
    """

    numbers: tuple[Number, ...]
    categories: tuple[Category, ...]
    steps: int = 0
    channels: int = 0

    @property
    def width(self) -> int:
        """How many numbers there are, flags included."""
        return sum(part.width for part in self.numbers)

    @property
    def sources(self) -> list[str]:
        """The feature behind each number of the first layer: numbers and flags, then embeddings."""
        parts: list[Number | Category] = [*self.numbers, *self.categories]
        return [part.name for part in parts for _ in range(part.width)]

    def encode(self, X: pd.DataFrame) -> tuple[FloatArray, NDArray[np.int32]]:
        """Return numbers of shape (n_rows, width) and codes of shape (n_rows, n_categories)."""
        numbers = [part.encode(column(X, part.name)) for part in self.numbers]
        codes = [part.encode(column(X, part.name)) for part in self.categories]
        return (
            np.hstack(numbers) if numbers else np.zeros((len(X), 0)),
            np.column_stack(codes) if codes else np.zeros((len(X), 0), dtype=np.int32),
        )

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON types."""
        return {
            "numbers": [asdict(part) for part in self.numbers],
            "categories": [{"name": part.name, "levels": list(part.levels)} for part in self.categories],
            "steps": self.steps,
            "channels": self.channels,
        }

    @classmethod
    def from_json(cls, saved: Mapping[str, Any]) -> Inputs:
        """Return what was written."""
        categories = (Category(entry["name"], tuple(map(str, entry["levels"]))) for entry in saved["categories"])
        numbers = tuple(Number(**entry) for entry in saved["numbers"])
        return cls(numbers, tuple(categories), int(saved["steps"]), int(saved["channels"]))


def learn_inputs(
    X: pd.DataFrame,
    context: Context,
    *,
    scale: str = "standard",
    max_levels: int = 1_000,
    among: str = "training row",
) -> Inputs:
    """Learn from training rows how features are read.

    Parameters
    ----------
    X : DataFrame of shape (n_rows, n_features)
    context : Context
        Hears what was left out, held or put together.
    scale : {"standard", "range", "none"}
    max_levels : int
    among : str
        What one of the rows is called.

    Examples
    --------
    >>> X = pd.DataFrame({"age": [20.0, 40.0, None], "home": ["own", "own", "rent"], "year": [1.0, 1.0, 1.0]})
    >>> inputs = learn_inputs(X, Context())
    >>> inputs.encode(X)[0].round(2).tolist()
    [[-1.0, 0.0], [1.0, 0.0], [0.0, 1.0]]
    >>> inputs.encode(X)[1].ravel().tolist()
    [2, 2, 3]
    """
    known = learn_columns(X)
    numbers, categories, flat, held = [], [], [], []
    for one in known:
        if one.kind == "empty" or _is_flat(one, X):
            flat.append(one)
        elif one.kind == "category":
            categories.append(_category(one, max_levels, context))
        else:
            values = numbers_of(column(X, one.name))
            assert values is not None, "a column is a number because it could be read as one"
            part = _number(values, one, scale)
            numbers.append(part)
            beyond = 0 if part.low is None else int(((values < part.low) | (values > (part.high or 0))).sum())
            if beyond and part.low != part.high:
                held.append((one.name, beyond, part))
    _tell(flat, held, among, context)
    return Inputs(tuple(numbers), tuple(categories))


def _tell(flat: Iterable[Known], held: Iterable[tuple[str, int, Number]], among: str, context: Context) -> None:
    empty = [one.name for one in flat if one.kind == "empty"]
    same = [one.name for one in flat if one.kind != "empty"]
    for names, why in ((empty, "missing in every"), (same, "the same in every")):
        if names:
            context.note(f"left out, {why} {among}: {', '.join(names[:5])}{' ...' if names[5:] else ''}")
    for name, beyond, part in held:
        has = plural(beyond, f"{among} lies", f"{among}s lie")
        context.note(
            f"{has} far beyond all others in '{name}' and counts as {part.low:.6g} or {part.high:.6g}", caution=True
        )


def _is_flat(known: Known, X: pd.DataFrame) -> bool:
    if known.has_missing:
        return False
    if known.kind == "category":
        return len(known.levels) == 1
    values = numbers_of(column(X, known.name))
    return values is not None and bool((values == values[0]).all())


def _category(known: Known, max_levels: int, context: Context) -> Category:
    if len(known.levels) > max_levels:
        share = sum(known.counts[:max_levels]) / sum(known.counts)
        context.note(
            f"'{known.name}' has {len(known.levels):,} levels: the {max_levels:,} commonest, {share:.0%} of the rows, "
            "have an embedding each, all others share one",
            caution=share < 0.5,
        )
    return Category(known.name, known.levels[:max_levels])


def _number(values: FloatArray, known: Known, scale: str) -> Number:
    there = values[~np.isnan(values)]
    if known.is_flag or scale == "none":
        least, most = (0.0, 1.0) if known.is_flag else (None, None)
        return Number(known.name, 0.0, 1.0, least, most, known.has_missing, _mean(there))
    low, high = _bounds(there)
    inside = np.clip(there, low, high)
    if scale == "range":
        lowest = float(inside.min())
        reach = float(inside.max() - lowest) or 1.0
        return Number(known.name, lowest, reach, low, high, known.has_missing, (_mean(inside) - lowest) / reach)
    part = number_part(inside, known, scale=True, flag=False)
    return Number(known.name, part.centre, part.scale, low, high, known.has_missing)


def _mean(values: FloatArray) -> float:
    # Halved by the largest first: a sum of large numbers may be infinite.
    largest = float(np.abs(values).max()) or 1.0
    return float(np.mean(values / largest) * largest)


def _bounds(values: FloatArray) -> tuple[float, float]:
    """Return how far numbers may lie from the rest; a wild one must not press all others together."""
    first, middle, third = (float(np.quantile(values, share, method="lower")) for share in (0.25, 0.5, 0.75))
    spread = third - first
    if spread <= 0:
        # Most are alike: what counts is how far the others lie, as the one in the middle has it.
        others = np.abs(values[values != middle] - middle)
        spread = float(np.quantile(others, 0.5, method="lower")) if len(others) else 1.0
    reach = min(WIDE * spread, 1e300)
    return middle - reach, middle + reach
