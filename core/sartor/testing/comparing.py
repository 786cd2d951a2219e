"""Compares before with after: deep copies of what a verb is handed, and the first difference in words."""

from __future__ import annotations

import copy
import dataclasses
import random
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from pandas.testing import assert_series_equal
from pydantic import BaseModel

from sartor.rows import Scoring
from sartor.wording import plural


def snapshot(thing: Any) -> Any:
    """Return a deep copy of data, to be held against the thing itself later.

    Parameters
    ----------
    thing : Scoring, Training, DataFrame, ndarray, settings, or a dict, list or tuple of such

    Examples
    --------
    >>> handed = {"amounts": [1.0, 2.0]}
    >>> before = snapshot(handed)
    >>> handed["amounts"].append(3.0)
    >>> difference(before, handed, "settings")
    "settings['amounts'] has 3 entries and had 2"
    """
    if isinstance(thing, pd.DataFrame | pd.Series):
        return thing.copy(deep=True)
    if isinstance(thing, Scoring):
        fields = {field.name: snapshot(getattr(thing, field.name)) for field in dataclasses.fields(thing)}
        return type(thing)(**fields)
    if isinstance(thing, BaseModel):
        return copy.deepcopy(thing.model_dump())
    return thing if callable(thing) else copy.deepcopy(thing)


def difference(before: Any, after: Any, name: str, tolerance: float = 0.0) -> str | None:
    """Return the first difference in words, or None.

    Parameters
    ----------
    before, after
        What `snapshot` returned, and the thing itself or another one like it.
    name : str
        How the words call the thing.
    tolerance : float, default 0
        Relative and absolute difference that numbers may have; 0 asks for the very same bits, NaN equal to NaN.

    Examples
    --------
    >>> difference(pd.DataFrame({"number": [1.0, 2.0]}), pd.DataFrame({"number": [1.0, 2.5]}), "predictions")
    "predictions['number'] differs in 1 of 2 lines, first in line 1: 2.5 and not 2.0"
    """
    if isinstance(after, BaseModel):
        after = after.model_dump()
    if type(before) is not type(after):
        return f"{name} is {type(after).__name__} and was {type(before).__name__}"
    if isinstance(before, pd.DataFrame):
        return _frames(before, after, name, tolerance)
    if isinstance(before, pd.Series):
        return _series(before, after, name, tolerance)
    if isinstance(before, np.ndarray):
        return _arrays(before, after, name, tolerance)
    if isinstance(before, Scoring):
        return _first(
            difference(getattr(before, field.name), getattr(after, field.name), f"{name}.{field.name}", tolerance)
            for field in dataclasses.fields(before)
        )
    if isinstance(before, Mapping):
        return _mappings(before, after, name, tolerance)
    if isinstance(before, list | tuple):
        if len(before) != len(after):
            return f"{name} has {plural(len(after), 'entry', 'entries')} and had {len(before)}"
        pairs = enumerate(zip(before, after, strict=True))
        return _first(difference(old, new, f"{name}[{place}]", tolerance) for place, (old, new) in pairs)
    return None if _equal(before, after, tolerance) else f"{name} is {after!r} and was {before!r}"


def _first(differences: Any) -> str | None:
    return next((found for found in differences if found is not None), None)


def _equal(before: Any, after: Any, tolerance: float) -> bool:
    if isinstance(before, float):
        return bool(np.isclose(before, after, rtol=tolerance, atol=tolerance, equal_nan=True))
    return bool(before is after or before == after)


def _mappings(before: Mapping[Any, Any], after: Mapping[Any, Any], name: str, tolerance: float) -> str | None:
    if list(before) != list(after):
        return f"{name} has the entries {', '.join(map(str, after))} and had {', '.join(map(str, before))}"
    return _first(difference(before[key], after[key], f"{name}[{key!r}]", tolerance) for key in before)


def _arrays(before: np.ndarray, after: np.ndarray, name: str, tolerance: float) -> str | None:
    if before.shape != after.shape or before.dtype != after.dtype:
        return f"{name} is {after.dtype} of shape {after.shape} and was {before.dtype} of shape {before.shape}"
    return _series(pd.Series(before.ravel()), pd.Series(after.ravel()), name, tolerance)


def _frames(before: pd.DataFrame, after: pd.DataFrame, name: str, tolerance: float) -> str | None:
    if list(before.columns) != list(after.columns):
        return f"{name} has the columns {_list(after.columns)} and had {_list(before.columns)}"
    if len(before) != len(after):
        return f"{name} has {plural(len(after), 'line')} and had {len(before)}"
    if not before.index.equals(after.index):
        return f"{name} has another index than it had"
    return _first(_series(before[column], after[column], f"{name}[{column!r}]", tolerance) for column in before.columns)


def _series(before: pd.Series, after: pd.Series, name: str, tolerance: float) -> str | None:
    if before.dtype != after.dtype:
        return f"{name} is of type {after.dtype} and was {before.dtype}"
    try:
        assert_series_equal(
            before, after, check_names=False, check_exact=tolerance == 0, rtol=tolerance, atol=tolerance
        )
    except AssertionError:
        return _lines(before, after, name, tolerance)
    return None


def _lines(before: pd.Series, after: pd.Series, name: str, tolerance: float) -> str:
    pairs = list(zip(before.tolist(), after.tolist(), strict=True))
    places = [place for place, (old, new) in enumerate(pairs) if not _alike(old, new, tolerance)]
    if not places:
        return f"{name} differs"
    old, new = pairs[places[0]]
    lines = f"{len(places)} of {plural(len(pairs), 'line')}"
    return f"{name} differs in {lines}, first in line {places[0]}: {new!r} and not {old!r}"


def _alike(old: Any, new: Any, tolerance: float) -> bool:
    both_missing = pd.api.types.is_scalar(old) and pd.api.types.is_scalar(new) and pd.isna(old) and pd.isna(new)
    return bool(both_missing) or difference(old, new, "", tolerance) is None


def _list(columns: Any) -> str:
    return ", ".join(map(str, columns)) or "none"


def random_state() -> tuple[Any, Any]:
    """Return the state of the two global random generators, which a component must neither use nor seed."""
    # The legacy generator is the very thing that is watched here.
    kind, keys, *rest = np.random.get_state()  # noqa: NPY002
    return random.getstate(), (kind, np.asarray(keys).tobytes(), *rest)
