"""Leaves out what cannot be a feature, and says so: dates, columns all missing, identifiers and free text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from sartor.errors import InputError
from sartor.held import chosen_in, held_in, with_fields
from sartor.lists import holds_lists
from sartor.stages.framing import Frame

if TYPE_CHECKING:
    from sartor.session import Session


def narrow(frame: Frame, session: Session) -> Frame:
    """Leave out what cannot be a feature, and say so: dates, columns all missing, identifiers and free text."""
    learned_from, places = frame.looked_at(frame.parts.train)
    drawn = len(places) < int(frame.parts.train.sum())
    # All at once: a table may have thousands of columns.
    held = learned_from.notna().sum().to_numpy()
    left: dict[str, str] = {}
    for place, (column, kind) in enumerate(zip(learned_from.columns.tolist(), learned_from.dtypes, strict=True)):
        there = int(held[place])
        if pd.api.types.is_datetime64_any_dtype(kind):
            left[column] = "is a date; a feature step can build from it"
        elif not there and not (drawn and _of_all(frame, column)[0]):
            left[column] = "is missing in every training row"
        # Of more rows, more texts come again: what drawn rows speak against is asked of all of them.
        elif _names_rows(there, learned_from[column], drawn) and (not drawn or _names_rows(*_of_all(frame, column))):
            left[column] = "has a different text in nearly every row: an identifier or free text"
    for column, why in left.items():
        session.context(("features", column)).note(f"{column} {why}: left out", caution=True)
    if len(left) == learned_from.shape[1]:
        raise InputError(
            f"no feature is left to learn from: {_why_left(left)}",
            code="D042",
            where=session.recipe.document.where(("features",) if session.recipe.features else ("task",)),
            hints=(("to mend", "add a feature step, or read the columns as what they are: types at ingest"),),
        )
    own = frame.own - sum(1 for column in left if column not in frame.steps)
    built = frame.built - sum(1 for column in left if column in frame.steps)
    kept = [name for name in frame.features if name not in left]
    return with_fields(
        frame, X=chosen_in(held_in(frame, "X"), kept) if left else held_in(frame, "X"), own=own, built=built
    )


WITHHELD = "withheld"
"""What a feature of texts holds where its source is withheld."""


def as_whole(frame: Frame, whole: pd.DataFrame) -> Frame:
    """Return a frame with the features of another one, of the same rows with all sources.

    A feature that holds nothing without a source is one value throughout, which tells nothing: settings of models and
    actions that name it still find it.

    Parameters
    ----------
    frame : Frame
    whole : DataFrame
        Features of the other one.
    """
    held = set(frame.X.columns[frame.X[frame.parts.train].notna().any()])
    columns = {name: frame.X[name] if name in held else _nothing(whole[name]) for name in whole.columns}
    X = pd.DataFrame(columns, index=frame.X.index)
    built = sum(1 for name in columns if name in frame.steps)
    return with_fields(frame, X=X, own=len(columns) - built, built=built)


def _nothing(values: pd.Series) -> pd.Series:
    """Return as many values of the same kind that are all the same."""
    if pd.api.types.is_bool_dtype(values.dtype):
        return pd.Series(False, index=values.index, dtype=values.dtype)
    if pd.api.types.is_numeric_dtype(values.dtype):
        return pd.Series(0, index=values.index).astype(values.dtype)
    if holds_lists(values):
        there = values[values.notna()]
        empty = there.iloc[0][:0] if len(there) else []
        return pd.Series([empty] * len(values), index=values.index, dtype=values.dtype)
    if isinstance(values.dtype, pd.CategoricalDtype):
        return pd.Series(WITHHELD, index=values.index, dtype="category")
    return pd.Series(WITHHELD, index=values.index, dtype=values.dtype)


PIECE = 65_536
"""Rows on disk that are looked at together."""
FEW = 50
"""Texts of fewer training rows may all differ by chance."""


def _names_rows(there: int, texts: pd.Series | int, drawn: bool = False) -> bool:
    """Whether texts, or so many different ones, differ in nearly every row that has one; of few drawn, they may."""
    if there <= FEW and not drawn:
        return False
    different = texts if isinstance(texts, int) else _different(texts)
    return different > 0.9 * there or (drawn and different > 0 and there <= FEW)


def _different(values: pd.Series) -> int:
    """Count the texts of a column that differ; none where it holds no texts."""
    if holds_lists(values):
        return 0
    if isinstance(values.dtype, pd.StringDtype):
        # Arrow counts without making an index of them.
        return int(pc.count_distinct(pa.array(values), mode="only_valid").as_py())
    return int(values.nunique()) if pd.api.types.is_string_dtype(values) else 0


def _of_all(frame: Frame, column: str) -> tuple[int, int]:
    """Count the values of a column on disk in all training rows, and the texts of them that differ, piece by piece."""
    stored: Any = chosen_in(held_in(frame, "X"), [column])
    places = np.flatnonzero(frame.parts.train)
    there, hashes = 0, [np.zeros(0, dtype=np.uint64)]
    for begin in range(0, len(places), PIECE):
        values = stored.take(places[begin : begin + PIECE]).column(column).dropna()
        there += len(values)
        if _different(values):
            hashes.append(np.unique(pd.util.hash_pandas_object(values, index=False).to_numpy()))
    return there, len(np.unique(np.concatenate(hashes)))


def _why_left(left: Mapping[str, str]) -> str:
    """Say why columns were left out, some of them."""
    if not left:
        return "the rows have no column of their own, and none is built"
    told = [f"{column} {why}" for column, why in list(left.items())[:3]]
    more = len(left) - len(told)
    return "; ".join(told) + (f"; and {more} more" if more else "")
