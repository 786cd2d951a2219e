"""The frame: rows, features and part in one table, made once; everything behind it reads only this."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sartor.errors import InputError
from sartor.held import column_of, held_in, hold, is_stored, spine_of, with_fields
from sartor.rows import TARGET, Judged, Rows, Training
from sartor.stages.splitting import Parts
from sartor.wording import plural

if TYPE_CHECKING:
    from sartor.stored import Stored

LARGEST = 1e150
"""A truth beyond this cannot be squared."""
LOOKED_AT = 200_000
"""Rows drawn of those that lie on disk, to see what a column is like."""


@dataclass(frozen=True)
class Frame:
    """Rows with features, truth and part.

    Parameters
    ----------
    rows : DataFrame or Stored of shape (n_rows, ...)
        ``__row``, keys, times, group, and the readable columns of the row's own line; sorted by ``__row``.
    X : DataFrame or Stored of shape (n_rows, n_features)
        Stored where they do not fit in memory; whoever asks for ``rows`` or ``X`` has all of them read.
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
    own_table : str or None
        The table whose line each row is.
    keys, truth, facts
        See `sartor.rows.Rows`.
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
    own_table: str | None = None
    keys: tuple[str, ...] = ()
    truth: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    _rounds: dict[int, tuple[Training, Training]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __len__(self) -> int:
        return len(held_in(self, "rows"))

    @property
    def stored(self) -> bool:
        """Whether rows and features lie on disk."""
        return is_stored(held_in(self, "X"))

    @property
    def spine(self) -> pd.DataFrame:
        """What rows are told apart, dated, grouped and split by: all of `rows`, unless they lie on disk."""
        return spine_of(held_in(self, "rows"))

    @property
    def columns(self) -> list[str]:
        """Names of the columns of the rows."""
        return _names(held_in(self, "rows"))

    @property
    def features(self) -> list[str]:
        """Names of the features."""
        return _names(held_in(self, "X"))

    def column(self, name: str) -> pd.Series[Any]:
        """Return one column of the rows."""
        return column_of(held_in(self, "rows"), name)

    def some(self) -> pd.DataFrame:
        """Return features of some rows, to see what types there are: of all, unless they lie on disk."""
        held: Any = held_in(self, "X")
        return held.head() if is_stored(held) else held

    def looked_at(self, mask: np.ndarray) -> tuple[pd.DataFrame, np.ndarray]:
        """Return features of the rows of a mask and their places: of all, or where they lie on disk of some drawn."""
        held, places = held_in(self, "X"), np.flatnonzero(mask)
        if not is_stored(held):
            return held[mask], places  # type: ignore[index]
        if len(places) > LOOKED_AT:
            places = np.sort(np.random.default_rng(0).choice(places, LOOKED_AT, replace=False, shuffle=False))
        return held.take(places).frame(), places

    def round(self, number: int) -> tuple[Training, Training]:
        """Return the rows that teach in a round and those that judge, both with their truth.

        They are taken once. What is handed out is a copy that costs nothing until somebody writes into it, so that
        one model cannot change what the next one learns from.
        """
        if number not in self._rounds:
            part = self.parts.rounds[number]
            self._rounds[number] = (self.training(part.train), self.training(part.test))
        training, held = self._rounds[number]
        return _handed_out(training), _handed_out(held)

    def training(self, mask: np.ndarray) -> Training:
        """Return the rows of a mask with their truth."""
        rows, X = held_in(self, "rows"), held_in(self, "X")
        whole = Training(
            rows=rows,
            X=X,
            answers=self.answers,
            classes=self.classes,
            y=self.y,
            weight=self.weight,
            split_again=self.split_again,
        )
        return whole.take(mask)

    def judged(self, number: int, predictions: pd.DataFrame) -> Judged:
        """Return the rows that judge in a round, with one model's predictions."""
        training, held = self.round(number)
        return Judged(held.y, predictions, held_in(held, "rows"), self.classes, training)

    def class_shares(self, mask: np.ndarray) -> tuple[float, ...]:
        """Return the share of each class among the rows of a mask whose truth is known, as they weigh."""
        if not self.classes:
            return ()
        codes = np.asarray(self.y)
        known = mask & (codes >= 0)
        weight = self.weight[known] if self.weight is not None else None
        counts = np.bincount(codes[known], weights=weight, minlength=len(self.classes))
        return tuple((counts / counts.sum()).tolist()) if counts.sum() > 0 else ()

    def with_features(self, X: pd.DataFrame) -> Frame:
        """Return the same rows with other features."""
        return with_fields(self, X=X)


hold(Frame, "rows", "X")


def _names(held: pd.DataFrame | Stored) -> list[str]:
    return list(held.names) if is_stored(held) else held.columns.tolist()  # type: ignore[union-attr]


def _handed_out(training: Training) -> Training:
    y = training.y.copy(deep=False) if isinstance(training.y, pd.DataFrame) else training.y.copy()
    if training.stored:
        return with_fields(training, y=y)
    return with_fields(training, rows=training.rows.copy(deep=False), X=training.X.copy(deep=False), y=y)


def _check_squares(truth: np.ndarray, rows: Rows) -> None:
    """Refuse a truth whose square no number holds: models learn by squares, and metrics are made of them."""
    beyond = int((np.abs(truth) > LARGEST).sum())
    if beyond:
        column = f"'{rows.truth[0]}'" if rows.truth else "the truth"
        raise InputError(
            f"{column} is larger than {LARGEST:g} in {plural(beyond, 'row')}: no number holds its square",
            code="D050",
            hints=(("to mend", "look for values that nobody meant, or give the target in a larger unit"),),
        )


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
        numbers = target.to_numpy(dtype="float64", na_value=np.nan)
        _check_squares(numbers, rows)
        return numbers, known
    places = {label: place for place, label in enumerate(rows.classes)}
    codes = target.map(places)
    strange = sorted({str(value) for value in target[known & codes.isna().to_numpy()]})
    if strange:
        raise InputError(f"the truth holds {', '.join(map(repr, strange))}, which is no class of the task", code="D021")
    return codes.fillna(-1).to_numpy(dtype="int64"), known
