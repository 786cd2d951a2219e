"""Sections about numbers: said against real in bands, and how far off the answers are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from sartor.context import Context
from sartor.rows import Judged
from sartor.sections import OTHERS, OURS, Figure, Section, Table, TableColumn
from sartor_plugins.learn.telling.bands import FloatArray, around_mean, equal_bands, histogram

BANDS = 12
BINS = 30
_SMALL = 0.9
"""Share of errors that are called the usual ones."""


def sections(judged: Judged, context: Context) -> Iterator[Section]:
    """Yield the sections of numbers."""
    truth = np.asarray(judged.truth, dtype="float64")
    said = judged.predictions["number"].to_numpy(dtype="float64")
    if len(truth) < 2 * context.smallest_group:
        return
    yield against_real(truth, said, context.smallest_group)
    yield errors(truth, said, judged, context.smallest_group)


def against_real(truth: FloatArray, said: FloatArray, smallest: int) -> Section:
    """Return what was said against what came, in bands of rising answers."""
    lines: list[list[Any]] = []
    counts: list[int] = []
    off = 0
    for places in equal_bands(said, BANDS, smallest):
        low, high = around_mean(truth[places])
        mean = float(said[places].mean())
        off += not low <= mean <= high
        lines.append([mean, (float(truth[places].mean()), low, high), len(places)])
        counts.append(len(places))
    low, high = around_mean(said - truth)
    sentence = (
        f"On average it says **{_off((said - truth).mean())}** ({_off(low)} to {_off(high)}; right would be 0). "
        f"In {len(lines) - off} of {len(lines)} bands the answer lies within the interval of what came."
    )
    figure = _against_figure(lines, counts)
    return Section("said-against-real", "analyst", "Can the numbers be taken at their word?", sentence, figure=figure)


def _against_figure(lines: list[list[Any]], counts: list[int]) -> Figure:
    columns = [
        TableColumn("Said on average", "number", name="said"),
        TableColumn("Came on average", "interval", name="came"),
        TableColumn("Rows", "count", name="rows"),
    ]
    x = {"field": "said", "type": "quantitative", "title": "said", "scale": {"zero": False}}
    y = {"field": "came", "type": "quantitative", "title": "came", "scale": {"zero": False}}
    spec = {
        "height": 300,
        "layer": [
            {"mark": {"type": "line", "color": OTHERS, "strokeDash": [4, 4], "strokeWidth": 1},
             "encoding": {"x": x, "y": {**y, "field": "said"}}},
            {"mark": {"type": "rule", "color": OURS},
             "encoding": {"x": x, "y": {**y, "field": "came_low"}, "y2": {"field": "came_high"}}},
            {"mark": {"type": "point", "color": OURS, "size": 60}, "encoding": {"x": x, "y": y}},
        ],
    }  # fmt: skip
    return Figure(
        "Said against what came",
        "On the dashed line what was said is what came, on average; above it too little was said. Thin lines: 95 %.",
        spec,
        Table("Averages in bands of rising answers", columns, lines, counts),
        f"{len(lines)} bands; answers from {_shown(lines[0][0])} to {_shown(lines[-1][0])}.",
        size="half",
    )


def errors(truth: FloatArray, said: FloatArray, judged: Judged, smallest: int) -> Section:
    """Return how far off the answers are."""
    off = said - truth
    reach = float(np.quantile(np.abs(off), 0.99)) or 1.0
    bins = histogram(np.clip(off, -reach, reach), np.linspace(-reach, reach, BINS + 1), smallest)
    lines = [[low, high, rows / len(off), rows] for low, high, rows in bins]
    columns = [
        TableColumn("From", "number", name="from"),
        TableColumn("To", "number", name="to"),
        TableColumn("Share of rows", "share", digits=1, name="share"),
        TableColumn("Rows", "count", name="rows"),
    ]
    spec = {
        "height": 300,
        "mark": {"type": "rect", "color": OURS, "stroke": "var(--paper)"},
        "encoding": {
            "x": {"field": "from", "type": "quantitative", "title": "said, less what came"},
            "x2": {"field": "to"},
            "y": {"field": "share", "type": "quantitative", "title": "of the rows", "axis": {"format": ".0%"}},
            "y2": {"datum": 0},
        },
    }
    usual = float(np.quantile(np.abs(off), _SMALL))
    plain = _plain_answer(judged)
    beside = (
        "" if plain is None else f"; the mean of what was learned from would be {_shown(_usual(plain - truth))} off"
    )
    sentence = f"Nine in ten answers are at most **{_shown(usual)} off**{beside}."
    figure = Figure(
        "How far off",
        "Left of zero too little was said, right of it too much. Ends and thin bars are pooled.",
        spec,
        Table("Share of rows by how far off the answer is", columns, lines, [rows for _, _, rows in bins]),
        f"Half of the answers are at most {_shown(float(np.median(np.abs(off))))} off.",
        size="half",
    )
    return Section("errors", "analyst", "How far off the answers are", sentence, figure=figure)


def _plain_answer(judged: Judged) -> float | None:
    learned = judged.learned_from
    return None if learned is None or not len(learned) else float(np.mean(learned.y))


def _usual(off: FloatArray) -> float:
    return float(np.quantile(np.abs(off), _SMALL))


def _off(value: float) -> str:
    return f"{_shown(abs(value))} too {'much' if value > 0 else 'little'}"


def _shown(value: float) -> str:
    shown = f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
    return shown.replace("-", "−")
