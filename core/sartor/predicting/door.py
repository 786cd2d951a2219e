"""The model's door for new rows: the very columns that it learned from, by name, kind and order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from sartor.errors import InputError, Problem
from sartor.predicting.interface import FeatureColumn, kind_of
from sartor.rows import AS_OF, GROUP, KNOWN_AT, ROW, Scoring

if TYPE_CHECKING:
    from sartor.predicting.interface import Interface

_SPOKEN = {
    "number": "numbers",
    "flag": "true and false",
    "text": "text",
    "length of time": "lengths of time",
    "lists": "lists",
    "other": "something else",
}


def scoring_of(data: pd.DataFrame, interface: Interface, lacking: Sequence[str] = ()) -> Scoring:
    """Return rows at the model's door.

    Parameters
    ----------
    data : DataFrame
        Rows, own columns and built features, in the order in which they are to be answered.
    interface : Interface
    lacking : sequence of str
        Columns of the own table that the run had and new data has not; named where a feature could not be built.

    Raises
    ------
    InputError
        If a feature is missing, or holds something else than it did.
    """
    built = {feature.name for feature in interface.features if feature.step is not None}
    services = [column for column in (AS_OF, KNOWN_AT, GROUP) if column in data]
    shown = [column for column in data.columns if not column.startswith("__") and column not in built]
    problems: list[Problem] = []
    columns = {}
    for feature in interface.features:
        if feature.name not in data:
            problems.append(_not_built(feature, lacking))
            continue
        column = data[feature.name]
        found = kind_of(column)
        if found != feature.kind and not column.isna().all():
            problems.append(_of_another_kind(feature, found))
            continue
        columns[feature.name] = _as_learned(column, feature)
    if problems:
        raise InputError(problems)
    X = pd.DataFrame(columns, index=data.index)
    return Scoring(data[[ROW, *services, *shown]], X, interface.answers, interface.classes)


def _not_built(feature: FeatureColumn, lacking: Sequence[str]) -> Problem:
    by = f"features.{feature.step} does not build it from the new data" if feature.step else "is not among the columns"
    hints = (("missing there", ", ".join(lacking)),) if lacking else ()
    return Problem("D163", f"the models learned from '{feature.name}', and {by}", hints=hints)


def _of_another_kind(feature: FeatureColumn, found: str) -> Problem:
    by = f", which features.{feature.step} builds," if feature.step else ""
    message = f"feature '{feature.name}'{by} holds {_SPOKEN[found]}, and held {_SPOKEN[feature.kind]} in training"
    return Problem("D163" if feature.step else "D161", message)


def _as_learned(column: pd.Series[Any], feature: FeatureColumn) -> pd.Series[Any]:
    """Return a column in the type that it had in training, as far as its missing values allow."""
    if feature.kind == "number":
        numbers = column.astype("float64")
        whole = feature.dtype.startswith(("int", "uint")) and not numbers.isna().any()
        return column.astype(feature.dtype) if whole and (numbers % 1 == 0).all() else numbers
    if feature.kind == "flag":
        return column.astype("boolean" if column.isna().any() else "bool")
    return column.astype("str") if feature.kind == "text" else column
