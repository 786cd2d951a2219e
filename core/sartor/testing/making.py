"""Makes what verbs are handed: training rows, scoring rows and services, from plain pandas frames."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from sartor.components import NUMBER, PROBABILITY
from sartor.context import Context, seed_of
from sartor.engine import Engine
from sartor.rows import ROW, Scoring, Training

if TYPE_CHECKING:
    from sartor.components import Fitted, ModelStep
    from sartor.events import Event
    from sartor.plugins import Plugins

_VALIDATE_SHARE = 0.3
_GROUP_ROWS = 64


def make_context(
    folder: Path,
    *,
    step: str = "models.tested",
    seed: int = 0,
    currency: str = "EUR",
    heard: list[Event] | None = None,
    plugins: Plugins | None = None,
    engine: Engine | None = None,
) -> Context:
    """Make the services that verbs are handed, with a real table engine and real nested fits.

    Parameters
    ----------
    folder : Path
        An empty folder, pytest's ``tmp_path``: the recipe's folder, with ``scratch`` inside.
    step : str
        The recipe's name for the step.
    seed : int
        Seed of the step.
    currency : str
    heard : list, optional
        Notes and progress are appended to it.
    plugins : Plugins, optional
        Where nested models are looked up; the installed ones by default.
    engine : Engine, optional
        The table engine, to be closed by whoever made it; a new one by default, which lives as long as the process.

    Examples
    --------
    >>> import tempfile
    >>> heard = []
    >>> context = make_context(Path(tempfile.mkdtemp()), heard=heard)
    >>> context.note("3 amounts are missing")
    >>> heard[0].text
    '3 amounts are missing'
    >>> context.connection.sql("SELECT 6 * 7").fetchall()
    [(42,)]
    """
    scratch = folder / "scratch"
    scratch.mkdir(parents=True, exist_ok=True)
    events = [] if heard is None else heard
    opened = engine or Engine()
    return Context(
        step=step,
        seed=seed,
        threads=1,
        folder=folder,
        scratch=scratch,
        currency=currency,
        tell=events.append,
        connection_of=lambda: opened.connection,
        fit_model=_nested(plugins),
        explain=lambda scoring: None,
    )


def _nested(plugins: Plugins | None) -> Any:
    def fit(step: ModelStep, training: Training, context: Context) -> Fitted:
        from sartor.plugins import Plugins
        from sartor.preparing import fit_prepared
        from sartor.stages.building import model_of

        prepared = model_of(plugins or Plugins(), step)
        return fit_prepared(prepared.model, prepared.steps, training, context)

    return fit


def as_features(frame: pd.DataFrame) -> pd.DataFrame:
    """Return columns in the types in which features reach a model.

    Numbers become float64, texts ``str``; categories and flags stay; lines are numbered from 0.

    Examples
    --------
    >>> as_features(pd.DataFrame({"items": [1, 2], "paid": [True, False]}, index=[7, 9])).dtypes.tolist()
    [dtype('float64'), dtype('bool')]
    """
    frame = frame.reset_index(drop=True)
    columns: dict[Any, pd.Series] = {}
    for name in frame.columns:
        column = frame[name]
        if isinstance(column.dtype, pd.CategoricalDtype) or column.dtype == bool:
            columns[name] = column.copy()
        elif pd.api.types.is_numeric_dtype(column.dtype):
            columns[name] = column.astype("float64")
        else:
            columns[name] = column.astype("str")
    return pd.DataFrame(columns, index=frame.index)


def make_scoring(
    X: pd.DataFrame,
    *,
    answers: str = PROBABILITY,
    classes: tuple[Any, ...] = (0, 1),
    rows: pd.DataFrame | None = None,
) -> Scoring:
    """Make rows to be predicted from a frame of features.

    Parameters
    ----------
    X : DataFrame of shape (n_rows, n_features)
        Integers become float64 and texts ``str``, as at a model's door.
    answers : str
        What the task asks for.
    classes : tuple
        Labels of a classification, the positive one last; left out where `answers` is ``number``.
    rows : DataFrame, optional
        Columns of the row's own line beside the features: keys, ``__as_of``, what an action needs. ``__row``
        numbers the lines from 0 unless it is given; the features stand here too.

    Examples
    --------
    >>> scoring = make_scoring(pd.DataFrame({"items": [1, 2, 3]}), rows=pd.DataFrame({"shop": ["a", "a", "b"]}))
    >>> scoring.rows.columns.tolist(), len(scoring)
    (['__row', 'shop', 'items'], 3)
    """
    X = as_features(X)
    own = pd.DataFrame(index=X.index) if rows is None else rows.reset_index(drop=True)
    if len(own) != len(X):
        raise ValueError(f"rows has {len(own)} lines and X has {len(X)}")
    if ROW not in own:
        own.insert(0, ROW, np.arange(len(X), dtype=np.int64))
    own = pd.concat([own, X[[name for name in X.columns if name not in own]]], axis=1)
    return Scoring(rows=own, X=X, answers=answers, classes=() if answers == NUMBER else tuple(classes))


def make_training(
    X: pd.DataFrame,
    y: Any,
    *,
    answers: str = PROBABILITY,
    classes: tuple[Any, ...] = (0, 1),
    rows: pd.DataFrame | None = None,
    weight: Any = None,
) -> Training:
    """Make rows to learn from out of features and their truth.

    `Training.inner` works: it validates on some 30 rows in 100, by a hash of ``__row``.

    Parameters
    ----------
    X : DataFrame of shape (n_rows, n_features)
    y : array-like of shape (n_rows,) or DataFrame
        Labels of `classes` where `answers` is ``probability``, numbers where it is ``number``; a DataFrame where the
        truth has parts.
    answers : str
    classes : tuple
        Labels, the positive one last.
    rows : DataFrame, optional
        As in `make_scoring`.
    weight : array-like of shape (n_rows,), optional

    Raises
    ------
    ValueError
        If lengths differ, or a label is not in `classes`.

    Examples
    --------
    >>> training = make_training(pd.DataFrame({"age": [20, 30, 40]}), ["good", "bad", "good"], classes=("good", "bad"))
    >>> training.y
    array([0, 1, 0])
    """
    scoring = make_scoring(X, answers=answers, classes=classes, rows=rows)
    truth = _truth(y, scoring)
    if len(truth) != len(scoring):
        raise ValueError(f"y has {len(truth)} entries and X has {len(scoring)} lines")
    weights = None if weight is None else np.asarray(weight, dtype=np.float64)
    return Training(
        scoring.rows, scoring.X, answers, scoring.classes, y=truth, weight=weights, split_again=_by_hash_of_row
    )


def _truth(y: Any, scoring: Scoring) -> Any:
    if isinstance(y, pd.DataFrame):
        return y.reset_index(drop=True)
    if scoring.answers == NUMBER:
        return np.asarray(y, dtype=np.float64)
    if scoring.answers != PROBABILITY:
        return np.asarray(y)
    places = {label: place for place, label in enumerate(scoring.classes)}
    unknown = sorted({label for label in list(y) if label not in places}, key=str)
    if unknown:
        raise ValueError(f"y holds {unknown[0]!r}, and the classes are {', '.join(map(repr, scoring.classes))}")
    return np.asarray([places[label] for label in list(y)], dtype=np.int64)


def _by_hash_of_row(training: Training) -> tuple[np.ndarray, np.ndarray]:
    salts = (seed_of(training.level, str(row)) for row in training.rows[ROW].tolist())
    validate = np.fromiter((salt % 100 < 100 * _VALIDATE_SHARE for salt in salts), dtype=bool)
    return ~validate, validate


def make_stored(folder: Path, training: Training) -> Training:
    """Return the same rows as a run hands them over that do not fit in memory: they lie in a file.

    Parameters
    ----------
    folder : Path
        Where the file goes.
    training : Training
        Its columns are numbers, texts, flags or moments.

    Examples
    --------
    >>> import tempfile
    >>> from sartor.testing import sample_classification
    >>> loans = make_stored(Path(tempfile.mkdtemp()), sample_classification())
    >>> loans.stored, [len(piece) for piece in loans.pieces(100)], loans.stored
    (True, [100, 100, 40], True)
    """
    from sartor.arrow_tables import arrow_of
    from sartor.held import with_fields
    from sartor.stored import Stored, StoredFile

    other = [name for name in training.rows.columns if name not in training.X.columns]
    file = folder / "rows.parquet"
    pq.write_table(arrow_of(pd.concat([training.rows[other], training.X], axis=1)), file, row_group_size=_GROUP_ROWS)
    stored = Stored(StoredFile(file, {}), [], training.rows)
    rows, X = (stored.select([str(name) for name in part.columns]) for part in (training.rows, training.X))
    return with_fields(training, rows=rows, X=X)
