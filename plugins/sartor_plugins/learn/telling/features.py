"""A section about a model: how much each feature moves its answers, or is missed where it tells no contributions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from sartor.components import Fitted
from sartor.context import Context
from sartor.rows import Judged, Scoring, Training
from sartor.sections import Section, Table, TableColumn
from sartor_plugins.learn.telling import permuted

ROWS = 400
"""Held-out rows that are explained; evenly chosen, so that a second run tells the same."""
MOST = 15
MOST_FEATURES = 200


def sections(model: Fitted, judged: Judged, context: Context, answers: str) -> Iterator[Section]:
    """Yield what moves a model's answers; nothing for one that explains nothing.

    Parameters
    ----------
    model : Fitted
        With `explain`.
    judged : Judged
        With its features.
    context : Context
    answers : str
        What the model answers.
    """
    if judged.X is None or len(judged.X) < context.smallest_group or judged.X.shape[1] > MOST_FEATURES:
        return
    places = np.unique(np.linspace(0, len(judged.X) - 1, min(ROWS, len(judged.X))).round().astype(int))
    rows = judged.rows.iloc[places].reset_index(drop=True)
    features = judged.X.iloc[places].reset_index(drop=True)
    scoring = Scoring(rows, features, answers, judged.classes)
    explained = model.explain(scoring)
    if explained is not None and len(explained.columns):
        yield moves(explained, context, "in log-odds" if answers == "probability" else "in the answer's unit")
        return
    alone = isinstance(judged.truth, np.ndarray) and judged.truth.ndim == 1
    if explained is None and alone:
        held = Training(rows, features, answers, judged.classes, y=judged.truth[places])
        yield from permuted.sections(model, held, context)


def moves(explained: pd.DataFrame, context: Context, unit: str) -> Section:
    """Return how far features move the answers, the widest first."""
    reach = explained.abs().mean().sort_values(ascending=False, kind="stable")
    total = float(reach.sum()) or 1.0
    shown = reach.iloc[:MOST]
    lines: list[list[Any]] = [[str(name), value, value / total] for name, value in shown.items()]
    if len(reach) > MOST:
        rest = float(reach.iloc[MOST:].sum())
        lines.append([f"the other {len(reach) - MOST:,}", rest, rest / total])
    columns = [
        TableColumn("Feature"),
        TableColumn("Moves", "number", about=unit),
        TableColumn("Share of all moves", "bar", of="share"),
    ]
    half = int((reach.cumsum() < 0.5 * total).sum()) + 1
    word = "feature moves" if half == 1 else "features move"
    return Section(
        "features",
        "analyst",
        "What moves the answers",
        f"**{half} of {len(reach)} {word} the answers as much as all others together.** {shown.index[0]} moves them "
        f"most, {reach.iloc[0]:.2f} on average, where none at all would be 0.",
        table=Table("How far each feature moves an answer, on average", columns, lines, len(explained)),
        note=f"From {len(explained):,} held-out rows: the average size of each feature's share in the answer, {unit}, "
        "measured from the average row. What moves an answer need not be its cause.",
    )
