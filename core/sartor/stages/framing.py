"""The frame: rows, features and part in one table, made once; everything behind it reads only this."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import narwhals as nw
import numpy as np
import pandas as pd

from sartor.errors import InputError
from sartor.rows import (
    AS_OF,
    FOLD,
    GROUP,
    KNOWN_AT,
    PART,
    ROW,
    TARGET,
    WEIGHT,
    Judged,
    Rows,
    Scoring,
    Tables,
    Training,
)
from sartor.stages.splitting import Parts

if TYPE_CHECKING:
    from sartor.components import Feature
    from sartor.session import Session


@dataclass(frozen=True)
class Frame:
    """Rows with features, truth and part.

    Parameters
    ----------
    rows : DataFrame of shape (n_rows, ...)
        ``__row``, keys, times, group, and the readable columns of the row's own line; sorted by ``__row``.
    X : DataFrame of shape (n_rows, n_features)
    y : ndarray or DataFrame
        Truth; NaN or -1 where it is not known.
    weight : ndarray or None
    answers : str
    classes : tuple
    parts : Parts
    split_again : callable
        See `sartor.stages.splitting.split_again`.
    own, built : int
        How many features come from the row's own line, and how many were built.
    steps : mapping of feature to step
        Which step built it; own columns are not listed.
    strong : frozenset of str
        Features declared as honestly strong.
    """

    rows: pd.DataFrame
    X: pd.DataFrame
    y: Any
    weight: np.ndarray | None
    answers: str
    classes: tuple[Any, ...]
    parts: Parts
    split_again: Any
    own: int = 0
    built: int = 0
    steps: Mapping[str, str] = field(default_factory=dict)
    strong: frozenset[str] = frozenset()

    def training(self, mask: np.ndarray) -> Training:
        """Return the rows of a mask with their truth."""
        whole = Training(
            rows=self.rows,
            X=self.X,
            answers=self.answers,
            classes=self.classes,
            y=self.y,
            weight=self.weight,
            split_again=self.split_again,
        )
        return whole.take(mask)

    def scoring(self, mask: np.ndarray) -> Scoring:
        """Return the rows of a mask without their truth."""
        return Scoring(self.rows, self.X, self.answers, self.classes).take(mask)  # type: ignore[no-any-return]

    def judged(self, mask: np.ndarray, predictions: pd.DataFrame, learned_from: Training | None) -> Judged:
        """Return the rows of a mask with their truth and a model's predictions."""
        held = self.training(mask)
        return Judged(held.y, predictions, held.rows, self.classes, learned_from)

    def with_features(self, X: pd.DataFrame) -> Frame:
        """Return the same rows with other features."""
        return replace(self, X=X)


def own_columns(rows: Rows, tables: Tables, split_columns: tuple[str, ...]) -> list[str]:
    """Columns of the row's own line that are features by themselves.

    Not its key and time, not what holds or came with the truth, not what the split goes by, not what the task or the
    recipe forbids.
    """
    if rows.own is None:
        return []
    table = tables[rows.own]
    barred = {*table.key, *rows.truth, *rows.never, *split_columns, *([table.time] if table.time else [])}
    return [column for column in table.columns if column not in barred]


def shown_columns(rows: Rows, tables: Tables) -> list[str]:
    """Columns of the row's own line that models and actions may look at: all but the truth."""
    if rows.own is None:
        return []
    return [column for column in tables[rows.own].columns if column not in rows.truth]


def without_truth(rows: Rows, tables: Tables) -> Tables:
    """Return the tables as features may see them: the own table without the columns that hold the answer."""
    if rows.own is None or not rows.truth:
        return tables
    table = tables[rows.own]
    kept = [column for column in table.columns if column not in rows.truth]
    return Tables({**tables, rows.own: table.with_frame(table.frame.select(*kept))})


def build_features(
    session: Session, features: Mapping[str, Feature], rows: Rows, tables: Tables
) -> dict[str, nw.LazyFrame[Any]]:
    """Build every feature step; a step may stand on an earlier one, whose columns it sees as a table of rows."""
    from sartor.rows import Table

    seen: dict[str, Table] = dict(tables)
    made: dict[str, nw.LazyFrame[Any]] = {}
    for name in _order(session, features):
        step = session.recipe.features[name]
        sources = step.sources or tuple(tables)
        with session.step(("features", name), step.use, "build"):
            built = features[name].build(
                rows, Tables(seen, only=tuple(sources)), session.context(("features", name))
            )
            frame = session.engine.frame(built)
            _check_built(name, frame)
            made[name] = frame
        seen[name] = Table(name, frame, key=(ROW,))
    return made


def _order(session: Session, features: Mapping[str, Feature]) -> list[str]:
    """Put steps after those they stand on; `check` has refused circles."""
    waiting = list(features)
    done: list[str] = []
    while waiting:
        for name in waiting:
            if not any(source in waiting for source in session.recipe.features[name].sources):
                done.append(name)
                waiting.remove(name)
                break
        else:
            raise InputError("feature steps depend on each other", code="R044")
    return done


def _check_built(name: str, frame: nw.LazyFrame[Any]) -> None:
    columns = list(frame.collect_schema().names())
    if ROW not in columns:
        raise ValueError(f"the columns built lack {ROW}: {', '.join(columns)}")
    reserved = [column for column in columns if column.startswith("__") and column != ROW]
    if reserved:
        raise ValueError(f"feature columns must not begin with two underscores: {', '.join(reserved)}")
    if len(columns) == 1:
        raise InputError(f"features.{name} built no column", code="D040")


def join(session: Session, rows: Rows, tables: Tables, made: Mapping[str, nw.LazyFrame[Any]]) -> pd.DataFrame:
    """Join rows, own columns and built features, stored once and sorted by the row's key."""
    frame = rows.frame
    if rows.own is not None:
        table = tables[rows.own]
        shown = [column for column in shown_columns(rows, tables) if column not in frame.collect_schema().names()]
        on = list(rows.keys)
        frame = frame.join(table.frame.select(*dict.fromkeys([*on, *shown])), on=on, how="left")
    taken = set(frame.collect_schema().names())
    for name, built in made.items():
        columns = [column for column in built.collect_schema().names() if column != ROW]
        twice = sorted(taken.intersection(columns))
        if twice:
            raise InputError(
                f"features.{name} builds '{twice[0]}', and another column of the rows has that name",
                code="D041",
                where=session.recipe.document.where(("features", name)),
                hints=(("to mend", "rename one of them"),),
            )
        taken.update(columns)
        frame = frame.join(built.select(ROW, *columns), on=ROW, how="left")
    stored = session.engine.store(frame, "frame", order_by=[ROW])
    return session.engine.fetch(stored)


META = (ROW, AS_OF, KNOWN_AT, GROUP, WEIGHT, PART, FOLD)


def truth_of(data: pd.DataFrame, rows: Rows) -> tuple[Any, np.ndarray]:
    """Return the truth at the model's door, and whether it is known.

    In a classification the place of the label in the classes, -1 where it is not known.
    """
    targets = [column for column in data.columns if column == TARGET or column.startswith(TARGET + "_")]
    if targets != [TARGET]:
        parts = data[targets].rename(columns=lambda column: column.removeprefix(TARGET + "_"))
        return parts, parts.notna().all(axis=1).to_numpy()
    target = data[TARGET]
    known = target.notna().to_numpy()
    if not rows.classes:
        return target.to_numpy(dtype="float64", na_value=np.nan), known
    places = {label: place for place, label in enumerate(rows.classes)}
    codes = target.map(places)
    strange = sorted({str(value) for value in target[known & codes.isna().to_numpy()]})
    if strange:
        raise InputError(f"the truth holds {', '.join(map(repr, strange))}, which is no class of the task", code="D021")
    return codes.fillna(-1).to_numpy(dtype="int64"), known


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
            "no feature is left to learn from",
            code="D042",
            hints=(("to mend", "add a feature step, or see the notes on the columns left out"),),
        )
    own = frame.own - sum(1 for column in left if column not in frame.steps)
    built = frame.built - sum(1 for column in left if column in frame.steps)
    return replace(frame, X=X.drop(columns=list(left)), own=own, built=built)
