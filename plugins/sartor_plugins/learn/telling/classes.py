"""Sections about several classes: how often each is named rightly, and what it is taken for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from sartor.context import Context
from sartor.rows import Judged
from sartor.sections import Section, Table, TableColumn
from sartor_plugins.learn.telling.bands import wilson

MOST = 40
"""Classes that are listed; the most frequent ones."""


def sections(judged: Judged, context: Context) -> Iterator[Section]:
    """Yield the section of several classes."""
    truth, named = np.asarray(judged.truth), judged.predictions.to_numpy(dtype="float64").argmax(axis=1)
    classes = [str(label) for label in judged.classes]
    lines: list[list[Any]] = []
    counts: list[int] = []
    for place in np.argsort(-np.bincount(truth, minlength=len(classes)), kind="stable")[:MOST].tolist():
        own = truth == place
        rows = int(own.sum())
        if not rows:
            continue
        right = int((named[own] == place).sum())
        wrong = np.bincount(named[own], minlength=len(classes))
        wrong[place] = 0
        taken = int(wrong.argmax())
        enough = wrong[taken] >= context.smallest_group
        lines.append([classes[place], rows, (right / rows, *wilson(right, rows)), classes[taken] if enough else "–"])
        counts.append(rows)
    if not lines:
        return
    columns = [
        TableColumn("Class"),
        TableColumn("Rows", "count"),
        TableColumn("Named rightly", "bar", of="share", at_least=0.0, at_most=1.0),
        TableColumn("Most often taken for"),
    ]
    share = float((named == truth).mean())
    commonest = float(np.bincount(truth).max() / len(truth))
    left = len(classes) - len(lines)
    yield Section(
        "classes",
        "analyst",
        "Which classes it tells apart",
        f"It names **{100 * share:.0f} of 100 rightly**; always naming the commonest class would name "
        f"{100 * commonest:.0f}.",
        table=Table("How often each class is named rightly", columns, lines, counts),
        note=f"{left:,} rarer classes are not listed." if left > 0 else "",
    )
