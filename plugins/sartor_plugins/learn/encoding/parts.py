"""Parts: each turns one column into one or several columns, as training rows taught it.

Steps of ``prepare`` and the models' own encoders are made of the same parts, so that a column is read in one way only.
A part is data: it can be written as JSON and read back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Protocol

import numpy as np
import pandas as pd

from sartor_plugins.learn.encoding.columns import (
    MISSING,
    UNKNOWN,
    FloatArray,
    Known,
    codes_of,
    numbers_again,
    texts_of,
)

LARGEST = 1e6
"""Standardised numbers stay within this, so that one wild value at prediction cannot make everything infinite."""


class Part(Protocol):
    """What reads one column."""

    kind: ClassVar[str]

    @property
    def name(self) -> str:
        """The column it reads."""

    def names(self) -> list[str]:
        """Names of the columns it makes."""

    def encode(self, values: pd.Series) -> list[Any]:
        """Return the columns it makes, each an array with an entry for each line."""


@dataclass(frozen=True)
class NumberPart:
    """A number: missing values filled and flagged, and brought to a common scale.

    Parameters
    ----------
    name : str
    fill : float or None
        Stands in for a missing value; None leaves it missing.
    centre, scale : float
        ``(value - centre) / scale``; 0 and 1 leave the number as it is.
    flag : bool
        Adds a column that tells where the value was missing.

    Examples
    --------
    >>> part = NumberPart("age", fill=40.0, centre=40.0, scale=10.0, flag=True)
    >>> part.names()
    ['age', 'age: missing']
    >>> [made.tolist() for made in part.encode(pd.Series([50.0, None]))]
    [[1.0, 0.0], [False, True]]
    """

    kind: ClassVar[str] = "number"
    name: str
    fill: float | None = None
    centre: float = 0.0
    scale: float = 1.0
    flag: bool = False

    def names(self) -> list[str]:
        """Names of the columns it makes."""
        return [self.name, f"{self.name}: missing"] if self.flag else [self.name]

    def encode(self, values: pd.Series) -> list[Any]:
        """Return the number, and whether it was missing."""
        numbers = numbers_again(values, self.name)
        missing = np.isnan(numbers)
        if self.fill is not None:
            numbers = np.where(missing, self.fill, numbers)
        if (self.centre, self.scale) != (0.0, 1.0):
            with np.errstate(over="ignore"):
                numbers = np.clip((numbers - self.centre) / self.scale, -LARGEST, LARGEST)
        return [numbers, missing] if self.flag else [numbers]


@dataclass(frozen=True)
class LevelsPart:
    """A category as one flag for each level, one for a missing value and one for all other levels.

    Levels that were rare in training and levels that were never seen share the last flag.

    Parameters
    ----------
    name : str
    levels : tuple of str
    missing : bool
        Whether a missing value has a flag of its own; without one, all flags are off.

    Examples
    --------
    >>> part = LevelsPart("home", levels=("rent", "own"), missing=False)
    >>> part.names()
    ['home = rent', 'home = own', 'home: other levels']
    >>> [made.tolist() for made in part.encode(pd.Series(["own", "tent"]))]
    [[False, False], [True, False], [False, True]]
    """

    kind: ClassVar[str] = "levels"
    name: str
    levels: tuple[str, ...]
    missing: bool = False

    def names(self) -> list[str]:
        """Names of the columns it makes."""
        flags = [f"{self.name} = {level}" for level in self.levels]
        return [*flags, *([f"{self.name}: missing"] if self.missing else []), f"{self.name}: other levels"]

    def encode(self, values: pd.Series) -> list[Any]:
        """Return the flags."""
        codes = codes_of(values, self.levels, self.name)
        wanted = [*range(len(self.levels)), *([MISSING] if self.missing else []), UNKNOWN]
        return [codes == code for code in wanted]


@dataclass(frozen=True)
class CodesPart:
    """A category as the number of its level, for algorithms that know categories: NaN where it is missing.

    Parameters
    ----------
    name : str
    levels : tuple of str
    pooled : bool
        Whether rare levels share one more code; then a level that was never seen has it too, else it is missing.

    Examples
    --------
    >>> CodesPart("home", levels=("rent", "own"), pooled=True).encode(pd.Series(["own", "tent", None]))[0].tolist()
    [1.0, 2.0, nan]
    """

    kind: ClassVar[str] = "codes"
    name: str
    levels: tuple[str, ...]
    pooled: bool = False

    def names(self) -> list[str]:
        """Names of the columns it makes."""
        return [self.name]

    def encode(self, values: pd.Series) -> list[Any]:
        """Return the codes."""
        codes = codes_of(values, self.levels, self.name).astype(np.float64)
        codes[codes == UNKNOWN] = len(self.levels) if self.pooled else np.nan
        codes[codes == MISSING] = np.nan
        return [codes]


@dataclass(frozen=True)
class MeansPart:
    """A category as the mean of the target among training rows of its level.

    Parameters
    ----------
    name : str
    levels : tuple of str
        Rows without a value are a level of their own, where training had some.
    means : tuple of tuple of float
        For each level, a mean for each output.
    prior : tuple of float
        Taken for levels that were never seen.
    missing : tuple of float
        Taken for missing values.
    outputs : tuple of str
        Names of the outputs; one empty name where there is one.
    """

    kind: ClassVar[str] = "means"
    name: str
    levels: tuple[str, ...]
    means: tuple[tuple[float, ...], ...]
    prior: tuple[float, ...]
    missing: tuple[float, ...]
    outputs: tuple[str, ...] = ("",)

    def names(self) -> list[str]:
        """Names of the columns it makes."""
        return [f"{self.name}: mean of {output}" if output else self.name for output in self.outputs]

    def encode(self, values: pd.Series) -> list[Any]:
        """Return a mean for each output."""
        table = np.array([*self.means, self.prior, self.missing], dtype=np.float64)
        # The last two lines of the table answer for codes -2 (unknown) and -1 (missing).
        found = table[codes_of(values, self.levels, self.name)]
        return [found[:, place] for place in range(len(self.outputs))]


@dataclass(frozen=True)
class FlagPart:
    """A column as it is, and a flag where it is missing."""

    kind: ClassVar[str] = "flag"
    name: str

    def names(self) -> list[str]:
        """Names of the columns it makes."""
        return [self.name, f"{self.name}: missing"]

    def encode(self, values: pd.Series) -> list[Any]:
        """Return the column and its flag."""
        return [values.array, values.isna().to_numpy()]


@dataclass(frozen=True)
class FillPart:
    """A category with a level in place of missing values."""

    kind: ClassVar[str] = "fill"
    name: str
    level: str

    def names(self) -> list[str]:
        """Names of the columns it makes."""
        return [self.name]

    def encode(self, values: pd.Series) -> list[Any]:
        """Return the category without gaps, as text."""
        codes, texts = texts_of(values, self.name)
        filled = np.array([*texts, self.level], dtype=object)[codes]
        return [pd.array(filled, dtype=pd.StringDtype(na_value=np.nan))]


KINDS: dict[str, Any] = {part.kind: part for part in (NumberPart, LevelsPart, CodesPart, MeansPart, FlagPart, FillPart)}
"""The parts that a saved encoder may name."""


def to_json(part: Part) -> dict[str, Any]:
    """Return a part as JSON types."""
    return {"kind": part.kind, **asdict(part)}  # type: ignore[call-overload]


def from_json(saved: Mapping[str, Any]) -> Part:
    """Return the part that was written.

    Raises
    ------
    ValueError
        If there is no such part.
    """
    values = {key: _tuples(value) for key, value in saved.items() if key != "kind"}
    if saved.get("kind") not in KINDS:
        raise ValueError(f"no part of an encoder is called {saved.get('kind')!r}")
    part: Part = KINDS[saved["kind"]](**values)
    return part


def _tuples(value: Any) -> Any:
    return tuple(_tuples(entry) for entry in value) if isinstance(value, list) else value


def number_part(
    values: FloatArray, known: Known, *, scale: bool, flag: bool, fill: str | None = "median"
) -> NumberPart:
    """Learn how to read a number.

    Parameters
    ----------
    values : ndarray of shape (n_rows,)
        Training rows, NaN for missing; at least one is not.
    known : Known
    scale : bool
        Bring it to mean 0 and standard deviation 1; flags stay 0 and 1.
    flag : bool
        Flag missing values, where training had any.
    fill : {"median", "mean", "zero"}, optional

    Examples
    --------
    >>> known = Known("age", "number", has_missing=True)
    >>> number_part(np.array([1.0, 3.0, np.nan]), known, scale=False, flag=True)
    NumberPart(name='age', fill=2.0, centre=0.0, scale=1.0, flag=True)
    """
    there = values[~np.isnan(values)]
    filling: dict[str, Callable[[FloatArray], float]] = {"median": _median, "mean": _mean, "zero": lambda _: 0.0}
    stand_in = None if fill is None else filling[fill](there)
    centre, spread = (0.0, 1.0)
    if scale and not known.is_flag:
        whole = there if stand_in is None else np.where(np.isnan(values), stand_in, values)
        centre, spread = _mean(whole), _deviation(whole)
    return NumberPart(known.name, stand_in, centre, spread, flag and known.has_missing)


def levels_part(known: Known, *, max_levels: int, min_rows: int) -> LevelsPart:
    """Learn which levels of a category get a flag of their own."""
    return LevelsPart(known.name, _common(known, max_levels, min_rows), known.has_missing)


def codes_part(known: Known, *, max_levels: int, min_rows: int) -> CodesPart:
    """Learn which levels of a category get a code of their own."""
    kept = _common(known, max_levels, min_rows)
    return CodesPart(known.name, kept, pooled=len(kept) < len(known.levels))


def _common(known: Known, max_levels: int, min_rows: int) -> tuple[str, ...]:
    pairs = zip(known.levels, known.counts, strict=True)
    return tuple(level for level, count in pairs if count >= min_rows)[:max_levels]


def _mean(values: FloatArray) -> float:
    largest = float(np.abs(values).max()) or 1.0
    return float(np.mean(values / largest) * largest)


def _median(values: FloatArray) -> float:
    # The mean of the two middle values, halved first: their sum may be too large for a float.
    return float(np.quantile(values, 0.5, method="lower") / 2 + np.quantile(values, 0.5, method="higher") / 2)


def _deviation(values: FloatArray) -> float:
    """Standard deviation without overflow; 1 where all values are alike."""
    largest = float(np.abs(values).max()) or 1.0
    spread = float(np.std(values / largest)) * largest
    if not spread > 1e-12 * largest:
        # What is left when equal numbers are averaged is rounding, not spread; numbers far from zero, such as
        # identifiers, may lie as close together as that and differ all the same.
        spread = float(np.std(values - values[0]))
    return spread if np.isfinite(spread) and spread > 1e-15 * largest else 1.0
