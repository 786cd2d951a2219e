"""What the report shows of lives left: near the end and far from it, intervals, and the indicators that tell."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sartor.rows import GROUP
from sartor.sections import Section, Table, TableColumn
from sartor.wording import plural
from sartor_domains.manufacturing.indicators.ranking import rank
from sartor_domains.manufacturing.units import AGE
from sartor_plugins.learn.tasks import regression_sections

if TYPE_CHECKING:
    from sartor.context import Context
    from sartor.rows import Judged
    from sartor.sections import Caution
    from sartor_domains.manufacturing.remaining_life import RemainingLife

Floats = NDArray[np.float64]

BANDS = 5
SHOWN = 12
"""Indicators of which the ranking tells."""
NO_BREAK = "\N{NO-BREAK SPACE}"


def sections(settings: RemainingLife, judged: Judged, context: Context) -> Iterator[Section | Caution]:
    """Yield the sections of remaining life."""
    truth = np.asarray(judged.truth, dtype=np.float64)
    if not len(truth):
        return
    yield from _by_life_left(settings, judged, truth, context)
    yield from _intervals(judged, truth)
    held = truth if settings.cap is None else np.minimum(truth, settings.cap)
    yield from regression_sections(replace(judged, truth=held), context)
    yield from _indicators(judged)


def _by_life_left(settings: RemainingLife, judged: Judged, truth: Floats, context: Context) -> Iterator[Section]:
    """Yield how far off answers are by what was really left: near the end it matters."""
    said = judged.predictions["number"].to_numpy(dtype=np.float64)
    most = float(truth.max()) if settings.cap is None else settings.cap
    if most <= 0:
        return
    edges = np.linspace(0, most, BANDS + 1)
    lines: list[list[Any]] = []
    counts: list[int] = []
    for place in range(BANDS):
        low, high = float(edges[place]), float(edges[place + 1])
        last = place == BANDS - 1
        own = (truth >= low) & ((truth < high) | (last & (truth <= most)))
        if settings.cap is not None and last:
            own |= truth > most
        if own.any():
            off = said[own] - np.minimum(truth[own], most)
            name = f"{low:.0f} and more" if last else f"{low:.0f} to {high:.0f}"
            lines.append([name, int(own.sum()), float(np.abs(off).mean()), float(off.mean()), float((off > 0).mean())])
            counts.append(int(own.sum()))
    capped = "" if settings.cap is None else f" Lives longer than {settings.cap:g} are taken as {settings.cap:g}."
    first = lines[0]
    yield Section(
        id="by-life-left",
        place="analyst",
        title="Near the end and far from it",
        sentence=f"With {first[0]} cycles left the answer is **{first[2]:.1f} cycles off** on average; over all rows "
        f"{float(np.abs(said - np.minimum(truth, most)).mean()):.1f}.{capped}",
        table=Table(
            "How far off answers are, by the cycles that were really left",
            [
                TableColumn("Cycles left"),
                TableColumn("Rows", "count"),
                TableColumn("Cycles off, mean", "number", digits=1),
                TableColumn("Too many (+) or too few", "number", digits=1, signed=True),
                TableColumn("Promised too much", "share"),
            ],
            lines,
            counts=counts,
        ),
    )


def _intervals(judged: Judged, truth: Floats) -> Iterator[Section]:
    """Yield how often the truth lies within the interval, where the model tells one."""
    if not {"low", "high"} <= set(judged.predictions.columns):
        return
    low = judged.predictions["low"].to_numpy(dtype=np.float64)
    high = judged.predictions["high"].to_numpy(dtype=np.float64)
    inside = (low <= truth) & (truth <= high)
    below, above = int((truth < low).sum()), int((truth > high).sum())
    yield Section(
        id="intervals",
        place="sure",
        title="How sure it is of a life",
        sentence=f"The truth lay within the interval in **{100 * inside.mean():.0f}{NO_BREAK}%** of "
        f"{plural(len(truth), 'row')}: {below:,} failed before it, {above:,} outlived it. In the middle it is "
        f"{float(np.median(high - low)):.0f} cycles wide.",
        note="Intervals come from how far off the model was on training units that it had not seen.",
    )


def _indicators(judged: Judged) -> Iterator[Section]:
    """Yield the ranking of the indicators, by the lives of the units that taught."""
    learned = judged.learned_from
    if learned is None or GROUP not in learned.rows or AGE not in learned.rows or not len(learned.X.columns):
        return
    found = rank(learned.X, learned.rows[GROUP].tolist(), learned.rows[AGE].to_numpy(dtype=np.float64))
    best = found.best()[:SHOWN]
    if not found.units or not best:
        return
    lines = [
        [
            found.names[place],
            float(found.monotonicity[place]),
            float(found.trendability[place]),
            float(found.prognosability[place]),
            float(found.score[place]),
        ]
        for place in best
    ]
    yield Section(
        id="indicators",
        place="analyst",
        title="Which indicators tell wear",
        sentence=f"Over {plural(found.units, 'life', 'lives')} **{lines[0][0]}** tells it best: steadily "
        f"({lines[0][1]:.2f}), alike from unit to unit ({lines[0][2]:.2f}), to one end ({lines[0][3]:.2f}).",
        table=Table(
            f"The {len(lines)} most telling of {len(found.names)} features",
            [
                TableColumn("Feature"),
                TableColumn("Monotonicity", "number", digits=2),
                TableColumn("Trendability", "number", digits=2),
                TableColumn("Prognosability", "number", digits=2),
                TableColumn("Mean of the three", "bar", digits=2, at_least=0.0, at_most=1.0),
            ],
            lines,
            counts=None,
        ),
        note="Each lies between 0 and 1. What a unit's age tells by itself stands here too, as a measure.",
    )
