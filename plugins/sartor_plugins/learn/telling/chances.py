"""Sections about the chance of an event: said against happened, what a cut-off catches, how the answers spread."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from sartor.context import Context
from sartor.rows import Judged
from sartor.sections import Caution, Figure, Section, Table, TableColumn
from sartor_plugins.learn.telling import drawings
from sartor_plugins.learn.telling.bands import FloatArray, equal_bands, histogram, wilson

BANDS = 10
BINS = 25
MOST_STEPS = 60
FEW = 2
"""Fewer bands than this show no shape."""


def sections(judged: Judged, context: Context) -> Iterator[Section | Caution]:
    """Yield the sections of an event's chance.

    Parameters
    ----------
    judged : Judged
        With two classes; rows whose truth is known.
    context : Context
    """
    truth, said = np.asarray(judged.truth), judged.predictions["probability"].to_numpy(dtype="float64")
    event, other = str(judged.classes[-1]), str(judged.classes[0])
    smallest = context.smallest_group
    if len(np.unique(truth)) < FEW or len(truth) < FEW * smallest:
        return
    yield calibration(truth, said, event, smallest)
    yield caught(truth, said, event, other, smallest)
    learned = judged.learned_from
    rate = float(np.mean(truth if learned is None else learned.y))
    yield spread(truth, said, event, other, rate, smallest)
    yield from moved(judged, truth, event)


def calibration(truth: FloatArray, said: FloatArray, event: str, smallest: int) -> Section:
    """Return what was said against what happened, in bands of rising chance."""
    bands = equal_bands(said, BANDS, smallest)
    lines = [_band(truth[places], said[places]) for places in bands]
    within = sum(low <= mean <= high for mean, (_, low, high), _ in lines)
    columns = [
        TableColumn("Said", "share", name="said"),
        TableColumn("Happened", "bar", of="share", name="happened"),
        TableColumn("Rows", "count", name="rows"),
    ]
    caption = f"Chance of “{event}” that was said, and the share that it happened to"
    table = Table(caption, columns, lines, [len(places) for places in bands])
    most = min(1.0, 1.05 * max(max(line[0], line[1][2]) for line in lines))
    average, share = float(said.mean()), float(truth.mean())
    sentence = (
        f"Over all rows {_of_100(average)} of 100 were said, and {_of_100(share)} of 100 happened. In **{within} of "
        f"{len(lines)} bands** the chance that was said lies within the interval of what happened."
    )
    figure = Figure(
        "Said against happened",
        "On the dashed line what was said is what happened; above it the chance was said too low. Thin lines: 95 %.",
        drawings.calibration(most),
        table,
        f"{len(lines)} bands from {_of_100(lines[0][0])} to {_of_100(lines[-1][0])} of 100 said; what happened runs "
        f"from {_of_100(lines[0][1][0])} to {_of_100(lines[-1][1][0])} of 100.",
        size="half",
    )
    return Section("calibration", "analyst", "Can the chances be taken at their word?", sentence, figure=figure)


def _band(truth: FloatArray, said: FloatArray) -> list[Any]:
    """Return the mean chance that was said in a band, how often it happened with its interval, and the rows."""
    happened, rows = int(truth.sum()), len(truth)
    return [float(said.mean()), (happened / rows, *wilson(happened, rows)), rows]


def caught(truth: FloatArray, said: FloatArray, event: str, other: str, smallest: int) -> Section:
    """Return what a cut-off catches and what it picks wrongly: the ROC curve, with its largest distance (KS)."""
    order = np.argsort(-said, kind="stable")
    ranked, hits = said[order], truth[order].cumsum()
    ends = np.append(np.flatnonzero(np.diff(ranked)), len(ranked) - 1) + 1
    total, others = float(truth.sum()), float(len(truth) - truth.sum())
    gap = hits[ends - 1] / total - (ends - hits[ends - 1]) / others
    best = int(ends[int(gap.argmax())])
    kept = _thinned(ends.tolist(), best, max(smallest, len(truth) // MOST_STEPS), smallest)
    lines = [
        [0.0, 0.0, 0.0],
        *([float((k - hits[k - 1]) / others), float(hits[k - 1] / total), k / len(truth)] for k in kept),
    ]
    counts = [0, *np.diff([0, *kept]).tolist()]
    columns = [
        TableColumn(f"“{other}” picked", "share", name="false_alarms"),
        TableColumn(f"“{event}” caught", "share", name="caught"),
        TableColumn("Rows picked", "share", name="picked"),
    ]
    table = Table(f"Share of “{event}” caught and of “{other}” picked, as the cut-off falls", columns, lines, counts)
    at = {"x": (best - float(hits[best - 1])) / others, "y": float(hits[best - 1]) / total}
    sentence = (
        f"Where it tells most apart, it **catches {_of_100(at['y'])} of 100 “{event}” and picks {_of_100(at['x'])} of "
        f"100 “{other}”** (KS {at['y'] - at['x']:.3f}). A coin that picks as many rows would catch "
        f"{_of_100(best / len(truth))} of 100 of either."
    )
    figure = Figure(
        "What a cut-off catches",
        "The cut-off falls from left to right; a coin would go along the dashed line. Known as the ROC curve.",
        drawings.caught(event, other, at, f"{_of_100(at['y'])} caught, {_of_100(at['x'])} picked"),
        table,
        f"The curve lies {_of_100(at['y'] - at['x'])} points of 100 above the coin's line at its best, where "
        f"{_of_100(best / len(truth))} of 100 rows are picked.",
        size="half",
    )
    return Section("cut-offs", "analyst", "How well it tells apart", sentence, figure=figure)


def _thinned(ends: list[int], best: int, step: int, smallest: int) -> list[int]:
    """Return the ends that are told: steps of so many rows, and the best one where that leaves no step too small.

    Examples
    --------
    >>> _thinned([3, 10, 17, 20, 30, 34], best=17, step=10, smallest=10)
    [17, 34]
    >>> _thinned([3, 10, 17, 20, 30, 34], best=3, step=10, smallest=10)
    [10, 20, 34]
    """
    last = ends[-1]
    is_told = best == last or smallest <= best <= last - smallest
    kept: list[int] = []
    for end in ends:
        room = not is_told or end > best or best - end >= smallest
        if (end == best and is_told) or end == last or (end - (kept or [0])[-1] >= step and room):
            kept.append(end)
    if len(kept) > 1 and kept[-1] - kept[-2] < smallest:
        del kept[-2]
    return kept


def spread(truth: FloatArray, said: FloatArray, event: str, other: str, rate: float, smallest: int) -> Section:
    """Return how the chances spread among those it happened to and the others."""
    edges = np.linspace(0.0, max(float(said.max()), 0.02), BINS + 1)
    lines: list[list[Any]] = []
    counts: list[int] = []
    tops: dict[str, tuple[float, float]] = {}
    for name, own in ((other, said[truth == 0]), (event, said[truth == 1])):
        for low, high, rows in histogram(own, edges, smallest):
            density = rows / len(own) / (100 * (high - low))
            lines.append([name, low, high, rows / len(own), rows, density])
            counts.append(rows)
            tops[name] = max(tops.get(name, (0.0, 0.0)), (density, (low + high) / 2))
    columns = [
        TableColumn("Truth", name="truth"),
        TableColumn("From", "share", digits=1, name="from"),
        TableColumn("To", "share", digits=1, name="to"),
        TableColumn("Share of its rows", "share", digits=1, name="share"),
        TableColumn("Rows", "count", name="rows"),
        TableColumn("Share a point", "share", digits=2, name="density"),
    ]
    table = Table("How many rows were told which chance, by what happened", columns, lines, counts)
    medians = [float(np.median(said[truth == value])) for value in (1, 0)]
    figure = Figure(
        "How the answers spread",
        "Bars of one colour add up to all its rows; the further apart, the better. Thin ends are pooled.",
        drawings.spread(event, other, tops),
        table,
        f"Half of “{event}” were told {_of_100(medians[0])} of 100 or more, half of “{other}” {_of_100(medians[1])}.",
    )
    sentence = (
        f"The middle “{event}” was told **{_of_100(medians[0])} of 100**, the middle “{other}” {_of_100(medians[1])}; "
        f"the base rate tells everyone {_of_100(rate)}."
    )
    return Section("answers", "analyst", "Which chances were told", sentence, figure=figure)


def moved(judged: Judged, truth: FloatArray, event: str) -> Iterator[Caution]:
    """Say where what is to be foretold is more, or less, frequent than in the rows that were learned from."""
    learned = judged.learned_from
    if learned is None or not len(learned):
        return
    before, now = float(np.mean(learned.y)), float(truth.mean())
    low, high = wilson(float(truth.sum()), len(truth))
    low_before, high_before = wilson(float(np.sum(learned.y)), len(learned))
    if low > high_before or high < low_before:
        word = "more" if now > before else "less"
        yield Caution(
            "moved",
            f"“{event}” is **{word} frequent than in the rows that were learned from**: {_of_100(now)} of 100 against "
            f"{_of_100(before)}. Chances learned there need not hold here.",
            0.7,
        )


def _of_100(share: float) -> str:
    shown = 100 * share
    return f"{shown:.0f}" if shown >= 2 or shown == 0 else f"{shown:.1f}"
