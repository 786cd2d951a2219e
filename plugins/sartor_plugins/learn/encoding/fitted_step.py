"""Steps of ``prepare`` after learning: a part for some columns, the others as they are."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sartor.components import FittedStep
from sartor.errors import InputError, nearest
from sartor.rows import Training
from sartor_plugins.learn.encoding.columns import Known, column, learn_column, numbers_of
from sartor_plugins.learn.encoding.parts import (
    FillPart,
    FlagPart,
    NumberPart,
    Part,
    from_json,
    levels_part,
    number_part,
    to_json,
)

if TYPE_CHECKING:
    from sartor_plugins.learn.steps import Impute, MissingFlags, Mixed, OneHot, Scale

FILE = "parts.json"


class FittedParts(FittedStep):
    """Parts that stand in place of their columns.

    Parameters
    ----------
    parts : sequence of (Part, names)
        Each with the names of the columns that it makes.
    """

    def __init__(self, parts: Iterable[tuple[Part, list[str]]]) -> None:
        self.parts = {part.name: (part, list(names)) for part, names in parts}

    def transform(self, X: pd.DataFrame) -> pd.DataFrame:
        """Return the features with the parts' columns in place of their own; `X` stays as it is."""
        for name in self.parts:
            column(X, name)
        made: dict[str, object] = {}
        for name in X.columns:
            if name not in self.parts:
                made[name] = X[name]
                continue
            part, names = self.parts[name]
            for new, values in zip(names, part.encode(X[name]), strict=True):
                made[new] = pd.Series(values, index=X.index)
        return pd.DataFrame(made, index=X.index)

    def sources(self) -> Mapping[str, str]:
        """Return the column behind each column that was made."""
        return {new: name for name, (_, names) in self.parts.items() for new in names}

    def save(self, folder: Path) -> None:
        """Write the parts as JSON."""
        saved = [{"names": names, "part": to_json(part)} for part, names in self.parts.values()]
        text = json.dumps({"format": 1, "parts": saved}, ensure_ascii=False, indent=1, allow_nan=False)
        (folder / FILE).write_text(text + "\n", encoding="utf-8")


def load(folder: Path) -> FittedParts:
    """Return the step that a folder holds.

    Raises
    ------
    PluginError
        If it holds none.
    """
    from sartor_plugins.learn.fitting.stored import damaged, read_json

    saved = read_json(folder, FILE)
    try:
        if saved["format"] != 1:
            raise ValueError(f"format {saved['format']!r}")
        return FittedParts((from_json(entry["part"]), list(map(str, entry["names"]))) for entry in saved["parts"])
    except (KeyError, TypeError, ValueError) as error:
        raise damaged(folder / FILE, error) from error


def with_names(parts: Iterable[Part], X: pd.DataFrame) -> FittedParts:
    """Give each part names that no other column has."""
    parts = list(parts)
    taken = {str(name) for name in X.columns} - {part.name for part in parts}
    named = []
    for part in parts:
        names = []
        for name in part.names():
            free, number = name, 2
            while free in taken:
                free, number = f"{name} ({number})", number + 1
            taken.add(free)
            names.append(free)
        named.append((part, names))
    return FittedParts(named)


def known_columns(
    training: Training, columns: list[str] | None, *, as_category: bool = False
) -> list[tuple[pd.Series, Known]]:
    """Return the columns that a step works on: all, or those that its settings name.

    Parameters
    ----------
    training : Training
    columns : list of str, optional
    as_category : bool
        Columns that are named are categories, whatever they hold.

    Raises
    ------
    InputError
        If a name is no feature.
    """
    X = training.X
    for name in columns or ():
        if name not in X.columns:
            raise InputError(
                f"there is no feature '{name}' to prepare",
                code="R041",
                hints=nearest(name, [str(other) for other in X.columns]),
            )
    named = as_category and columns is not None
    return [(X[name], learn_column(X[name], name, as_category=named)) for name in columns or X.columns]


def only(found: list[tuple[pd.Series, Known]], kind: str, columns: list[str] | None) -> list[tuple[pd.Series, Known]]:
    """Return the columns of one kind.

    Raises
    ------
    InputError
        If a column of another kind was named.
    """
    strange = [known for _, known in found if known.kind not in (kind, "empty")]
    if columns is not None and strange:
        raise InputError(
            f"feature '{strange[0].name}' holds {_plural(strange[0].kind)}, and the step takes {_plural(kind)}",
            code="D083",
            hints=(("to mend", "take it out of columns"),),
        )
    return [(values, known) for values, known in found if known.kind == kind]


def _plural(kind: str) -> str:
    return {"number": "numbers", "category": "categories"}[kind]


def _each(
    found: list[tuple[pd.Series, Known]], part: Callable[[pd.Series, Known], Part], X: pd.DataFrame
) -> FittedParts:
    return with_names([part(values, known) for values, known in found], X)


def fit_mixed(settings: Mixed, training: Training) -> FittedParts:
    """Learn `Mixed`; a column without a value in training becomes a column of zeros."""

    def part(values: pd.Series, known: Known) -> Part:
        if known.kind == "category":
            return levels_part(known, max_levels=settings.max_levels, min_rows=settings.min_rows)
        if known.kind == "empty":
            return NumberPart(known.name, fill=0.0)
        return number_part(_numbers(values), known, scale=settings.scale, flag=settings.flags)

    return _each(known_columns(training, settings.columns), part, training.X)


def fit_scale(settings: Scale, training: Training) -> FittedParts:
    """Learn `Scale`."""

    def part(values: pd.Series, known: Known) -> Part:
        numbers = _numbers(values)
        if settings.method == "standard" or known.is_flag:
            return number_part(numbers, known, scale=True, flag=False, fill=None)
        low, middle, high = np.nanquantile(numbers, [0.25, 0.5, 0.75])
        return NumberPart(known.name, None, float(middle), float(high - low) or 1.0)

    return _each(only(known_columns(training, settings.columns), "number", settings.columns), part, training.X)


def fit_one_hot(settings: OneHot, training: Training) -> FittedParts:
    """Learn `OneHot`."""

    def part(_: pd.Series, known: Known) -> Part:
        return levels_part(known, max_levels=settings.max_levels, min_rows=settings.min_rows)

    found = known_columns(training, settings.columns, as_category=True)
    return _each([pair for pair in found if pair[1].kind == "category"], part, training.X)


def fit_missing_flags(settings: MissingFlags, training: Training) -> FittedParts:
    """Learn `MissingFlags`."""
    found = known_columns(training, settings.columns)
    wanted = [pair for pair in found if settings.columns is not None or pair[1].has_missing]
    return _each(wanted, lambda _, known: FlagPart(known.name), training.X)


def fit_impute(settings: Impute, training: Training) -> FittedParts:
    """Learn `Impute`; a column without a value in training becomes 0."""

    def part(values: pd.Series, known: Known) -> Part:
        if known.kind == "category":
            return FillPart(known.name, "missing" if settings.categories == "missing" else known.levels[0])
        if known.kind == "empty":
            return NumberPart(known.name, fill=0.0)
        return number_part(_numbers(values), known, scale=False, flag=False, fill=settings.numbers)

    return _each(known_columns(training, settings.columns), part, training.X)


def _numbers(values: pd.Series) -> np.ndarray:
    numbers = numbers_of(values)
    assert numbers is not None, "a column is a number because it could be read as one"
    return numbers
