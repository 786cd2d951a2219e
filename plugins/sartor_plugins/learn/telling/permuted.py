"""A section about any model: how much worse it answers when one feature is shuffled among the rows that judge.

Columns that come of one source are shuffled together, each row taking another row's: the readings of a window, for
instance. Otherwise the rest of a window would tell what was shuffled, and no reading would seem to matter.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd

from sartor.components import NUMBER, Fitted
from sartor.context import Context
from sartor.rows import Scoring
from sartor.sections import Section, Table, TableColumn
from sartor_plugins.learn.encoding.columns import FloatArray

SHUFFLES = 3
MOST = 15
MOST_SOURCES = 40
"""Of more than these nothing is told: each costs some predictions."""
LEAST = 1e-12
"""Of a probability, so that its log loss is a number."""
STEP = re.compile(r"(?P<source>.+): \d+ before")
"""How a reading of a window is called."""

Predict = Callable[[Scoring], pd.DataFrame]


def groups_of(names: list[str]) -> dict[str, list[str]]:
    """Return the columns of each source.

    Examples
    --------
    >>> groups_of(["age", "heat: 0 before", "heat: 1 before"])
    {'age': ['age'], 'heat, its window': ['heat: 0 before', 'heat: 1 before']}
    """
    groups: dict[str, list[str]] = {}
    for name in names:
        match = STEP.fullmatch(name)
        groups.setdefault(f"{match['source']}, its window" if match else name, []).append(name)
    return groups


def harm(
    predict: Predict, scoring: Scoring, truth: Any, rng: np.random.Generator, clusters: Any = None
) -> pd.DataFrame:
    """Return how much larger the loss is with each source shuffled, and the interval of 95 %.

    Parameters
    ----------
    predict : callable
    scoring : Scoring
        Rows that no model learned from.
    truth : ndarray of shape (n_rows,)
        Places of classes, whose loss is the log loss, or numbers, whose loss is the squared error.
    rng : Generator
    clusters : array-like of shape (n_rows,), optional
        Rows that depend on each other count as one in the interval.

    Returns
    -------
    DataFrame
        A line for each source, the most harmful first, with ``loss``, ``low``, ``high``.
    """
    before = _losses(predict(scoring), truth, scoring)
    codes = np.arange(len(before)) if clusters is None else pd.factorize(np.asarray(clusters))[0]
    lines = {}
    for source, columns in groups_of([str(name) for name in scoring.X.columns]).items():
        rises = np.zeros(len(before))
        for _ in range(SHUFFLES):
            X = scoring.X.copy(deep=False)
            places = rng.permutation(len(X))
            for name in columns:
                X[name] = scoring.X[name].iloc[places].set_axis(X.index)
            shuffled = Scoring(scoring.rows, X, scoring.answers, scoring.classes)
            rises += (_losses(predict(shuffled), truth, scoring) - before) / SHUFFLES
        mean = float(rises.mean())
        sums = np.bincount(codes, rises - mean)
        error = float(np.sqrt((sums**2).sum() * len(sums) / max(1, len(sums) - 1))) / len(rises)
        lines[source] = {"loss": mean, "low": mean - 1.96 * error, "high": mean + 1.96 * error}
    return pd.DataFrame.from_dict(lines, orient="index").sort_values("loss", ascending=False, kind="stable")


def _losses(predictions: pd.DataFrame, truth: Any, scoring: Scoring) -> FloatArray:
    from sartor_plugins.learn.fitting.answer import probability_matrix

    if scoring.answers == NUMBER:
        off = predictions[NUMBER].to_numpy(dtype=np.float64) - np.asarray(truth, dtype=np.float64)
        return np.asarray(off**2)
    shares = probability_matrix(predictions, scoring.classes)
    right = shares[np.arange(len(shares)), np.asarray(truth, dtype=np.int64)]
    return np.asarray(-np.log(np.maximum(right, LEAST)))


def sections(model: Fitted, scoring: Scoring, truth: Any, clusters: Any, context: Context) -> Iterator[Section]:
    """Yield what the answers of a model lean on.

    Parameters
    ----------
    model : Fitted
    scoring : Scoring
    truth : ndarray of shape (n_rows,)
    clusters : array-like or None
    context : Context
    """
    found = harm(model.predict, scoring, truth, context.rng(), clusters)
    loss = "squared error" if scoring.answers == NUMBER else "log loss"
    sure = int((found["low"] > 0).sum())
    first = f"{found.index[0]} is missed most" if sure else "no source is missed for certain"
    lines = [[str(name), line["loss"], [line["low"], line["high"]]] for name, line in found.iterrows()]
    columns = [
        TableColumn("Source"),
        TableColumn("Worse by", "number", about=loss),
        TableColumn("95 % interval", "range", of="number"),
    ]
    yield Section(
        "permuted",
        "analyst",
        "What the answers lean on",
        f"**{sure} of {len(found)} sources make answers worse when they are shuffled**: {first}.",
        table=Table("How much worse answers are when a source is shuffled", columns, lines[:MOST], len(scoring.X)),
        note=f"From {len(scoring.X):,} held-out rows, {SHUFFLES} shuffles of each source: by how much the {loss} "
        "rises. Of two sources that tell the same, neither is missed.",
    )
