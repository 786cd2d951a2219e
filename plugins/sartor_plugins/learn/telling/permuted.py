"""A section about any model: how much worse it answers when one source is shuffled among the rows that judge.

The shuffling is the core's, `sartor.explaining`: near copies and the readings of a window together, an interval over
rows and shuffles. `sartor explain RUN` tells the same of every model of a run, in any metric of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from sartor.components import NUMBER, Fitted
from sartor.context import Context
from sartor.evidence.metric import Metric
from sartor.explaining.importance import REPEATS, HeldOut, importances
from sartor.explaining.sources import sources_of
from sartor.rows import Judged, Training
from sartor.sections import Section, Table, TableColumn
from sartor_plugins.learn.encoding.columns import FloatArray

MOST = 15
MOST_SOURCES = 40
"""Of more than these nothing is told: each costs some predictions."""
LEAST = 1e-12
"""Of a probability, so that its log loss is a number."""


def loss_of(answers: str) -> Metric:
    """Return what answers are held against: the squared error of numbers, the log loss of probabilities."""
    if answers == NUMBER:
        return Metric("squared_error", "squared error", "lower", "How far off, squared.", per_row=_squared)
    return Metric("log_loss", "log loss", "lower", "How unlikely what happened was said to be.", per_row=_log_loss)


def _squared(judged: Judged) -> FloatArray:
    off = judged.predictions[NUMBER].to_numpy(dtype=np.float64) - np.asarray(judged.truth, dtype=np.float64)
    return np.asarray(off**2)


def _log_loss(judged: Judged) -> FloatArray:
    from sartor_plugins.learn.fitting.answer import probability_matrix

    shares = probability_matrix(judged.predictions, judged.classes)
    right = shares[np.arange(len(shares)), np.asarray(judged.truth, dtype=np.int64)]
    return np.asarray(-np.log(np.maximum(right, LEAST)))


def sections(model: Fitted, rows: Training, context: Context) -> Iterator[Section]:
    """Yield what the answers of a model lean on.

    Parameters
    ----------
    model : Fitted
    rows : Training
        Held-out rows with their truth: places of classes, or numbers.
    context : Context
    """
    sources, loss = sources_of(rows.X), loss_of(rows.answers)
    if not 0 < len(sources) <= MOST_SOURCES:
        return
    _, found = importances([HeldOut(rows, context.predict or model.predict)], sources, loss, seed=context.seed)
    intervals = [one.measured.interval(context.confidence) for one in found]
    sure = sum(interval is not None and interval.low > 0 for interval in intervals)
    first = f"{found[0].source} is missed most" if sure else "no source is missed for certain"
    lines: list[list[Any]] = [
        [one.source, one.measured.value, [interval.low, interval.high] if interval else None]
        for one, interval in zip(found, intervals, strict=True)
    ]
    columns = [
        TableColumn("Source"),
        TableColumn("Worse by", "number", about=loss.label),
        TableColumn(f"{context.confidence:.0%}".replace("%", " % interval"), "range", of="number"),
    ]
    yield Section(
        "permuted",
        "analyst",
        "What the answers lean on",
        f"**{sure} of {len(found)} sources make answers worse when they are shuffled**: {first}.",
        table=Table("How much worse answers are when a source is shuffled", columns, lines[:MOST], len(rows.X)),
        note=f"From {len(rows.X):,} held-out rows, {REPEATS} shuffles of each source: by how much the {loss.label} "
        "rises. Near copies are shuffled together; sources that are alike to a lesser degree still stand in for each "
        "other.",
    )
