"""Golden rows: made-up rows with a model's own answers, by which a loaded model is held to what it was.

None is a real row, see `sartor.runs.made_up`. Each column is missing in some rows and holds a value never seen in
another.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from sartor.arrow_tables import arrow_of, read_parquet, side_by_side, table_of
from sartor.context import silently
from sartor.rows import Scoring
from sartor.runs.made_up import ROWS, made_up
from sartor.wording import plural

if TYPE_CHECKING:
    from sartor.components import Fitted
    from sartor.rows import Training

Check: TypeAlias = "Callable[[Any, Scoring], pd.DataFrame]"

FILE = "golden.parquet"
MOST_LOOKED_AT = 100_000
"""Rows that ranges and common values are taken from, where there are many."""
TOLERANCE = 1e-9
"""How far answers may move, beside 1 or beside the answer where that is larger."""

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
        self._made: dict[bool, GoldenRows] = {}

    def rows(self, *, strange: bool) -> GoldenRows:
        """Return the rows, with values that are missing or were never seen, or without them."""
        if strange not in self._made:
            every = max(1, len(self._training) // MOST_LOOKED_AT)
            seen = self._training.take(np.arange(0, len(self._training), every))
            rows, X = seen.rows, seen.X
            self._made[strange] = GoldenRows(drawn_for(rows, X, np.random.default_rng(self._seed), strange=strange))
        return self._made[strange]


class GoldenRows:
    """Rows without answers, as a file gives them back: what a model is asked now must be what it is asked then.

    Parameters
    ----------
    drawn : Table
        In the columns of the file.
    """

    def __init__(self, drawn: pa.Table) -> None:
        self._table, stored = drawn, io.BytesIO()
        _store(self._table, stored)
        self._parts = _parts(read_parquet(stored))

    def scoring(self, answers: str, classes: tuple[Any, ...]) -> Scoring:
        """Return them as a model is asked; what it changes in them changes nothing here."""
        rows, X = (part.copy(deep=False) for part in self._parts)
        return Scoring(rows, X, answers, classes)

    def write(self, file: Path, answer: pd.DataFrame) -> None:
        """Write them with the answers of a model."""
        named = answer.set_axis([f"{_ANSWER}{column}" for column in answer.columns], axis=1)
        _store(side_by_side(self._table, arrow_of(named)), file)


def _store(table: pa.Table, file: Path | IO[bytes]) -> None:
    # Of a few lines dictionaries and statistics are longer than the values, and there may be thousands of columns.
    pq.write_table(table, file, use_dictionary=False, write_statistics=False)


def drawn_for(rows: pd.DataFrame, X: pd.DataFrame, rng: np.random.Generator, *, strange: bool = True) -> pa.Table:
    """Return made-up rows and features side by side, in the columns of the file.

    Parameters
    ----------
    rows, X : DataFrame
        What ranges and common values are taken from; see `sartor.rows.Scoring`.
    rng : Generator
    strange : bool
        Whether values are missing, or never seen.
    """
    features, both = X.columns.tolist(), set(rows.columns)
    missing = {name: _missing(place) for place, name in enumerate(features)} if strange else {}
    drawn = made_up(X, rng, missing, strange=strange)
    own = made_up(rows[[name for name in rows.columns if name not in drawn]], rng, {}, strange=strange)
    columns = {f"{_ROWS}{name}": values for name, values in own.items()}
    columns |= {f"{_BOTH if name in both else _X}{name}": values for name, values in drawn.items()}
    return table_of(columns)


def _missing(place: int) -> tuple[int, ...]:
    """The rows in which a column is missing: all columns in the first, and each by itself in one more."""
    return (0, 1 + place % (ROWS - 2))


def write(file: Path, rows: GoldenRows, model: Fitted, answers: str, classes: tuple[Any, ...], check: Check) -> None:
    """Write golden rows with the answers of a model; nothing is written where it cannot answer them.

    Parameters
    ----------
    file : Path
    rows : GoldenRows
    model : Fitted
    answers, classes
        As the task asks.
    check : callable
        ``check(predictions, scoring)`` returns predictions that keep the contract.
    """
    scoring = rows.scoring(answers, classes)
    rows.write(file, check(answers_of(model, scoring), scoring))


def answers_of(model: Fitted, scoring: Scoring) -> Any:
    """Ask a model, and let nobody hear what it says beside."""
    with silently():
        return model.predict(scoring)


def read(file: Path, answers: str, classes: tuple[Any, ...]) -> Scoring:
    """Return golden rows of a file as a model is asked them, without its answers."""
    return Scoring(*_parts(read_parquet(file)), answers, classes)


def difference(file: Path, model: Fitted, answers: str, classes: tuple[Any, ...]) -> str:
    """Return how the answers of a model differ from those that are kept; empty where they do not.

    A newer version of a model may say more beside them.
    """
    stored = read_parquet(file)
    before = _part(stored, _ANSWER)
    after = answers_of(model, Scoring(*_parts(stored), answers, classes))
    names = list(before.columns)
    if list(after.columns)[: len(names)] != names or len(after) != len(before):
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


def _parts(stored: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return rows and features."""
    return _part(stored, _ROWS, _BOTH), _part(stored, _X, _BOTH)


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
    known = {kind: _kind(kind) for kind in X.dtypes.unique()}
    return {str(name): known[kind] for name, kind in X.dtypes.items()}


def _kind(kind: Any) -> str:
    if isinstance(kind, pd.CategoricalDtype):
        return "category"
    if pd.api.types.is_bool_dtype(kind):
        return "flag"
    return "number" if pd.api.types.is_numeric_dtype(kind) else "text"
