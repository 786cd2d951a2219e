"""What training rows teach about a column: is it a number or a category, which levels, was anything missing.

A column of another type at prediction is read as what it was in training: a category by the text of its levels, a
number by its digits. Levels compare as text, so that 1, 1.0 and "1" are one level.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sartor.errors import InputError, nearest

FloatArray: TypeAlias = NDArray[np.float64]
PlaceArray: TypeAlias = NDArray[np.int64]

MISSING = -1
"""Code of a missing level."""
UNKNOWN = -2
"""Code of a level that is not among those asked for."""


@dataclass(frozen=True)
class Known:
    """A column as training rows showed it.

    Parameters
    ----------
    name : str
    kind : {"number", "category", "empty"}
        ``empty`` where every training row was missing: nothing can be learned from it.
    has_missing : bool
        Whether a training row was missing.
    is_flag : bool
        A number that is only 0 or 1.
    levels : tuple of str
        Levels of a category, the commonest first, equally common ones by name.
    counts : tuple of int
        Training rows of each level.
    """

    name: str
    kind: Literal["number", "category", "empty"]
    has_missing: bool = False
    is_flag: bool = False
    levels: tuple[str, ...] = ()
    counts: tuple[int, ...] = ()


def learn_column(values: pd.Series, name: str, *, as_category: bool = False) -> Known:
    """Look at a column's training rows.

    Parameters
    ----------
    values : Series
    name : str
    as_category : bool
        Take numbers for codes of categories.

    Raises
    ------
    InputError
        If it holds lists or other things that are no level.

    Examples
    --------
    >>> learn_column(pd.Series(["b", "a", None, "b"]), "home")
    Known(name='home', kind='category', has_missing=True, is_flag=False, levels=('b', 'a'), counts=(2, 1))
    >>> learn_column(pd.Series([0.0, 1.0, 1.0]), "owns").is_flag
    True
    """
    missing = bool(values.isna().any())
    numbers = None if as_category else numbers_of(values)
    if numbers is not None:
        known = numbers[~np.isnan(numbers)]
        if not len(known):
            return Known(name, "empty", has_missing=True)
        is_flag = bool(np.isin(known, (0.0, 1.0)).all())
        return Known(name, "number", has_missing=len(known) < len(numbers), is_flag=is_flag)
    codes, texts = texts_of(values, name)
    counts: dict[str, int] = {}
    for text, count in zip(texts, np.bincount(codes[codes >= 0], minlength=len(texts)), strict=True):
        counts[text] = counts.get(text, 0) + int(count)
    ordered = sorted((text for text in counts if counts[text]), key=lambda text: (-counts[text], text))
    if not ordered:
        return Known(name, "empty", has_missing=True)
    return Known(name, "category", missing, False, tuple(ordered), tuple(counts[text] for text in ordered))


def learn_columns(X: pd.DataFrame) -> tuple[Known, ...]:
    """Look at every column.

    Raises
    ------
    InputError
        If two columns have one name.
    """
    names = [str(name) for name in X.columns]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InputError(f"two features are called '{twice[0]}'", code="D004", hints=(("to mend", "rename one"),))
    return tuple(learn_column(X.iloc[:, place], name) for place, name in enumerate(names))


def numbers_of(values: pd.Series) -> FloatArray | None:
    """Return a column as numbers with NaN for missing, or None where it holds categories.

    Dates and lengths of time become days; infinite values are missing.

    Examples
    --------
    >>> numbers_of(pd.Series([True, None, False], dtype="boolean"))
    array([ 1., nan,  0.])
    >>> numbers_of(pd.Series(pd.to_datetime(["1970-01-02 12:00"])))
    array([1.5])
    >>> numbers_of(pd.Series(["1", "2"])) is None
    True
    """
    if isinstance(values.dtype, pd.CategoricalDtype):
        return None
    if values.dtype == object:
        return _numbers_of_objects(values)
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        return _days(values)
    if pd.api.types.is_timedelta64_dtype(values.dtype):
        return np.asarray(values / pd.Timedelta(days=1), dtype=np.float64)
    if pd.api.types.is_numeric_dtype(values.dtype) and not pd.api.types.is_complex_dtype(values.dtype):
        return _finite(values.to_numpy(dtype="float64", na_value=np.nan))
    return None


def _numbers_of_objects(values: pd.Series) -> FloatArray | None:
    inside = pd.api.types.infer_dtype(values, skipna=True)
    if inside in ("boolean", "integer", "floating", "mixed-integer-float", "decimal", "empty"):
        return _finite(pd.to_numeric(values.where(values.notna(), np.nan).astype("float64")).to_numpy(dtype="float64"))
    if inside in ("date", "datetime", "datetime64"):
        return _days(pd.to_datetime(values))
    return None


def _days(values: pd.Series) -> FloatArray:
    plain = values.dt.tz_convert("UTC").dt.tz_localize(None) if getattr(values.dtype, "tz", None) else values
    return np.asarray((plain - pd.Timestamp(0)) / pd.Timedelta(days=1), dtype=np.float64)


def _finite(numbers: FloatArray) -> FloatArray:
    infinite = np.isinf(numbers)
    return np.where(infinite, np.nan, numbers) if infinite.any() else numbers


def level_text(value: Any) -> str:
    """Return how a level is written: whole numbers without a point, truth values in small letters.

    Examples
    --------
    >>> level_text(3.0), level_text(True), level_text(" A")
    ('3', 'true', ' A')
    """
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return str(value)


def texts_of(values: pd.Series, name: str) -> tuple[PlaceArray, list[str]]:
    """Return each line's place among the texts of the different values, -1 for missing.

    Raises
    ------
    InputError
        If the values are lists or mappings.
    """
    if isinstance(values.dtype, pd.CategoricalDtype):
        codes = values.cat.codes.to_numpy(dtype="int64")
        return codes, [level_text(value) for value in values.cat.categories]
    try:
        places, different = pd.factorize(values, use_na_sentinel=True)
    except TypeError as error:
        raise InputError(
            f"feature '{name}' holds lists or mappings, and a feature is one number or one text",
            code="D082",
            hints=(("to mend", "build columns from it in a feature step"),),
        ) from error
    return places.astype(np.int64), [level_text(value) for value in different]


def codes_of(values: pd.Series, levels: tuple[str, ...], name: str) -> PlaceArray:
    """Return each line's place among levels; `MISSING` and `UNKNOWN` where it has none.

    Examples
    --------
    >>> codes_of(pd.Series(["b", "z", None]), ("a", "b"), "home").tolist()
    [1, -2, -1]
    """
    codes, texts = texts_of(values, name)
    places = {level: place for place, level in enumerate(levels)}
    found = np.array([places.get(text, UNKNOWN) for text in texts] + [MISSING], dtype=np.int64)
    return np.asarray(found[codes])


def numbers_again(values: pd.Series, name: str) -> FloatArray:
    """Return a column that held numbers in training as numbers, also where it comes as text now.

    Raises
    ------
    InputError
        If a text is not a number.
    """
    numbers = numbers_of(values)
    if numbers is not None:
        return numbers
    codes, texts = texts_of(values, name)
    read, wrong = [], []
    for text in texts:
        try:
            read.append(float(text) if text.strip() else np.nan)
        except ValueError:
            wrong.append(text)
    if wrong:
        raise InputError(
            f"feature '{name}' held numbers in training and now holds '{wrong[0]}'",
            code="D081",
            hints=(("to mend", "read the column as at training; declare its type at ingest"),),
        )
    return _finite(np.array([*read, np.nan])[codes])


def column(X: pd.DataFrame, name: str) -> pd.Series:
    """Return one feature.

    Raises
    ------
    InputError
        If it is not there.
    """
    if name not in X.columns:
        raise InputError(
            f"feature '{name}' was there in training and is missing now",
            code="D080",
            hints=nearest(name, [str(other) for other in X.columns]),
        )
    return X[name]
