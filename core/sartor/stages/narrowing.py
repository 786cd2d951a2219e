"""Leaves out what cannot be a feature, and says so: dates, columns all missing, identifiers and free text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from sartor.errors import InputError
from sartor.stages.framing import Frame

if TYPE_CHECKING:
    from sartor.session import Session


def narrow(frame: Frame, session: Session) -> Frame:
    """Leave out what cannot be a feature, and say so: dates, columns all missing, identifiers and free text."""
    train = frame.parts.train
    X = frame.X
    left: dict[str, str] = {}
    for column in X.columns:
        values = X[column]
        if pd.api.types.is_datetime64_any_dtype(values.dtype):
            left[column] = "is a date; a feature step can build from it"
        elif values[train].isna().all():
            left[column] = "is missing in every training row"
        elif pd.api.types.is_string_dtype(values.dtype) or values.dtype == object:
            seen = values[train].dropna()
            if len(seen) > 50 and seen.nunique() > 0.9 * len(seen):
                left[column] = "has a different text in nearly every row: an identifier or free text"
    for column, why in left.items():
        session.context(("features", column)).note(f"{column} {why}: left out", caution=True)
    if len(left) == X.shape[1]:
        raise InputError(
            f"no feature is left to learn from: {_why_left(left)}",
            code="D042",
            where=session.recipe.document.where(("features",) if session.recipe.features else ("task",)),
            hints=(("to mend", "add a feature step, or read the columns as what they are: types at ingest"),),
        )
    own = frame.own - sum(1 for column in left if column not in frame.steps)
    built = frame.built - sum(1 for column in left if column in frame.steps)
    return replace(frame, X=X.drop(columns=list(left)), own=own, built=built)


def _why_left(left: Mapping[str, str]) -> str:
    """Say why columns were left out, some of them."""
    if not left:
        return "the rows have no column of their own, and none is built"
    told = [f"{column} {why}" for column, why in list(left.items())[:3]]
    more = len(left) - len(told)
    return "; ".join(told) + (f"; and {more} more" if more else "")
