"""Golden rows: made-up rows with a model's own answers, by which a loaded model is held to what it was.

They are drawn column by column from ranges and common values, so that none is a real row: a value that few rows hold,
and the smallest and the largest number, never get in. Each column is missing in some rows and holds a value never seen
in another.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd

from sartor.context import silently
from sartor.rows import ROW, Scoring
from sartor.wording import plural

if TYPE_CHECKING:
    from sartor.components import Fitted
    from sartor.rows import Training

Check: TypeAlias = "Callable[[Any, Scoring], pd.DataFrame]"

FILE = "golden.parquet"
ROWS = 32
COMMON = 10
"""Rows that must hold a value before it may stand in a golden row."""
MOST_LOOKED_AT = 100_000
"""Rows that ranges and common values are taken from, where there are many."""
TOLERANCE = 1e-9
"""How far answers may move, beside 1 or beside the answer where that is larger."""
UNSEEN = "never seen before"

_MIDDLE = (0.05, 0.95)
_ROWS, _X, _BOTH, _ANSWER = "rows: ", "X: ", "both: ", "answer: "


class Golden:
    """The golden rows of a run, made when they are first asked for: the same for all its models.

    Parameters
    ----------
    training : Training
        What ranges and common values are taken from.
    seed : int
    """

    def __init__(self, training: Training, seed: int) -> None:
        self._training, self._seed = training, seed
        self._made: dict[bool, pd.DataFrame] = {}

    def rows(self, *, strange: bool) -> pd.DataFrame:
        """Return the rows as a file gives them back: what a model is asked now must be what it is asked then."""
        if strange not in self._made:
            every = max(1, len(self._training) // MOST_LOOKED_AT)
            rows, X = self._training.rows.iloc[::every], self._training.X.iloc[::every]
            stored = io.BytesIO()
            drawn = made_up(rows, X, np.random.default_rng(self._seed), strange=strange)
            drawn.to_parquet(stored, index=False)
            self._made[strange] = pd.read_parquet(stored)
        return self._made[strange]


def made_up(rows: pd.DataFrame, X: pd.DataFrame, rng: np.random.Generator, *, strange: bool = True) -> pd.DataFrame:
    """Return made-up rows and features side by side, in the columns of the file.

    Parameters
    ----------
    rows, X : DataFrame
        What ranges and common values are taken from; see `sartor.rows.Scoring`.
    rng : Generator
    strange : bool
        Whether values are missing, or never seen.
    """
    features = {
        name: _drawn(X[name], rng, missing=_missing(place) if strange else (), strange=strange)
        for place, name in enumerate(X.columns)
    }
    own = {name: _own(name, rows[name], rng, strange=strange) for name in rows.columns if name not in features}
    columns = {f"{_ROWS}{name}": values for name, values in own.items()}
    columns |= {f"{_BOTH if name in rows else _X}{name}": values for name, values in features.items()}
    return pd.DataFrame(columns)


def _missing(place: int) -> tuple[int, ...]:
    """The rows in which a column is missing: all columns in the first, and each by itself in one more."""
    return (0, 1 + place % (ROWS - 2))


def _own(name: str, column: pd.Series, rng: np.random.Generator, *, strange: bool) -> pd.Series:
    if name != ROW:
        return _drawn(column, rng, strange=strange)
    if pd.api.types.is_numeric_dtype(column.dtype):
        return pd.Series(np.arange(ROWS)).astype(column.dtype)
    return pd.Series([f"made-up-{number}" for number in range(ROWS)])


def _drawn(
    column: pd.Series, rng: np.random.Generator, missing: Sequence[int] = (), *, strange: bool = True
) -> pd.Series:
    kind, known = column.dtype, column.dropna()
    if pd.api.types.is_bool_dtype(kind):
        return pd.Series(rng.integers(0, 2, ROWS).astype(bool)).astype(kind)
    if pd.api.types.is_datetime64_any_dtype(kind):
        return _days(known, rng, kind)
    if not isinstance(kind, pd.CategoricalDtype) and pd.api.types.is_numeric_dtype(kind):
        return _numbers(known, rng, missing).astype("float64" if len(missing) or known.empty else kind)
    counts = known.value_counts()
    common = sorted(counts.index[counts >= COMMON], key=str)
    values: list[Any] = [common[place] for place in rng.integers(0, len(common), ROWS)] if common else [None] * ROWS
    for place in missing:
        values[place] = None
    if strange:
        values[-1] = _unseen(kind, known, common)
    if isinstance(kind, pd.CategoricalDtype):
        levels = list(dict.fromkeys(value for value in [*common, values[-1]] if value is not None))
        return pd.Series(pd.Categorical(values, categories=levels, ordered=kind.ordered))
    return pd.Series(values, dtype=kind)


def _numbers(known: pd.Series, rng: np.random.Generator, missing: Sequence[int]) -> pd.Series:
    if known.empty:
        return pd.Series(np.full(ROWS, np.nan))
    numbers = known.to_numpy(dtype="float64")
    low, high = np.quantile(numbers, _MIDDLE)
    drawn = rng.uniform(low, high, ROWS)
    if (numbers == np.rint(numbers)).all():
        drawn = np.rint(drawn)
    drawn[list(missing)] = np.nan
    return pd.Series(drawn)


def _days(known: pd.Series, rng: np.random.Generator, kind: Any) -> pd.Series:
    if known.empty:
        return pd.Series([pd.NaT] * ROWS, dtype=kind)
    low, high = known.quantile(_MIDDLE[0]), known.quantile(_MIDDLE[1])
    return pd.Series(low + (high - low) * rng.uniform(0, 1, ROWS)).dt.floor("D").astype(kind)


def _unseen(kind: Any, known: pd.Series, common: Sequence[Any]) -> Any:
    """Return a value that no row holds."""
    if not isinstance(kind, pd.CategoricalDtype) or not pd.api.types.is_numeric_dtype(kind.categories.dtype):
        return UNSEEN
    held = set(known)
    value = max(common, default=0) + 1
    while value in held:
        value += 1
    return value


def write(file: Path, rows: pd.DataFrame, model: Fitted, answers: str, classes: tuple[Any, ...], check: Check) -> None:
    """Write golden rows with the answers of a model; nothing is written where it cannot answer them.

    Parameters
    ----------
    file : Path
    rows : DataFrame
        Of `Golden`.
    model : Fitted
    answers, classes
        As the task asks.
    check : callable
        ``check(predictions, scoring)`` returns predictions that keep the contract.
    """
    scoring = _scoring(rows, answers, classes)
    with silently():
        answer = check(model.predict(scoring), scoring)
    answer.columns = [f"{_ANSWER}{column}" for column in answer.columns]
    pd.concat([rows, answer], axis=1).to_parquet(file, index=False)


def difference(file: Path, model: Fitted, answers: str, classes: tuple[Any, ...]) -> str:
    """Return how the answers of a model differ from those that are kept; empty where they do not."""
    stored = pd.read_parquet(file)
    before = _part(stored, _ANSWER)
    with silently():
        after = model.predict(_scoring(stored, answers, classes))
    names = list(before.columns)
    if list(after.columns) != names or len(after) != len(before):
        columns = ", ".join(map(str, after.columns))
        return f"{plural(len(after), 'row')} of {columns}, not {len(before)} of {', '.join(names)}"
    numeric = [name for name in names if pd.api.types.is_numeric_dtype(before[name].dtype)]
    for name in [name for name in names if name not in numeric]:
        told, said = (_texts(values) for values in (before[name], after[name]))
        if told != said:
            return f"{sum(one != other for one, other in zip(told, said, strict=True))} other values of {name}"
    if not numeric:
        return ""
    old = before[numeric].to_numpy(dtype="float64")
    new = after[numeric].to_numpy(dtype="float64")
    distance = np.abs(new - old)
    allowed = TOLERANCE * np.maximum(1.0, np.abs(old))
    same = (distance <= allowed) | (np.isnan(old) & np.isnan(new))
    if same.all():
        return ""
    return f"by up to {np.nanmax(np.where(same, 0, distance), initial=0):.3g} in {int((~same).any(axis=1).sum())} rows"


def _texts(values: pd.Series) -> list[str]:
    lists = (list(value) if hasattr(value, "__len__") and not isinstance(value, str) else value for value in values)
    return [str(value) for value in lists]


def _scoring(stored: pd.DataFrame, answers: str, classes: tuple[Any, ...]) -> Scoring:
    return Scoring(rows=_part(stored, _ROWS, _BOTH), X=_part(stored, _X, _BOTH), answers=answers, classes=classes)


def _part(stored: pd.DataFrame, *begins: str) -> pd.DataFrame:
    """Return the columns whose names begin in one of some ways, by the rest of their names."""
    columns = [column for column in stored.columns if column.startswith(begins)]
    return stored[columns].set_axis([column.partition(": ")[2] for column in columns], axis=1)


def kinds_of(X: pd.DataFrame) -> Mapping[str, str]:
    """Return the kind of every feature: number, flag, category or text.

    Examples
    --------
    >>> kinds_of(pd.DataFrame({"age": [31.0], "late": [True], "colour": pd.Categorical(["red"])}))
    {'age': 'number', 'late': 'flag', 'colour': 'category'}
    """
    return {str(name): _kind(X[name].dtype) for name in X.columns}


def _kind(kind: Any) -> str:
    if isinstance(kind, pd.CategoricalDtype):
        return "category"
    if pd.api.types.is_bool_dtype(kind):
        return "flag"
    return "number" if pd.api.types.is_numeric_dtype(kind) else "text"
