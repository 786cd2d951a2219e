"""Value by cut-off: what each share accepted, the safest first, would have brought on the rows that judge.

It looks back and sets nothing: a cut-off picked here is tuned on the very rows that judge it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sartor.evidence.bootstrap import Measured, Redraws
from sartor.rows import GROUP
from sartor.sections import Figure, Section, Table, TableColumn
from sartor_domains.finance.lending.telling.facts import Facts, Floats, percent
from sartor_domains.finance.value_curve import value_curve

POINTS = 40
"""Steps of the curve; larger where a step would tell of too few rows."""


@dataclass(frozen=True, eq=False)
class Curve:
    """What accepting the safest brings.

    Parameters
    ----------
    accepted : list of int
        How many are accepted, rising.
    worth : list of Measured
    defaulted : list of float or None
        Share of bad loans among them, in the population.
    ours : int
        The place of this run's own cut-off.
    rows : int
        How many there are in all.
    """

    accepted: list[int]
    worth: list[Measured]
    defaulted: list[float | None]
    ours: int
    rows: int


def value_by_cut_off(facts: Facts) -> Iterator[Section]:
    """Yield the section of the curve; nothing where there are too few rows for one."""
    curve = _curve(facts)
    if curve is None:
        return
    best = int(np.argmax([one.value for one in curve.worth]))
    yield Section(
        id="value-by-cut-off",
        place="worth",
        title="Move the cut-off",
        sentence=_sentence(facts, curve, best),
        figure=_figure(facts, curve, best),
        note="A look back, and no setting: a cut-off picked here is tuned on the very rows that judge it. Write "
        "another into the recipe (`accept_below`, or other costs) and run again." + _cost(facts),
    )


def _curve(facts: Facts) -> Curve | None:
    order = _order(facts)
    points = _points(len(order), int(facts.accepted.sum()), facts.context.smallest_group)
    if len(points) < 4:
        return None
    worth = facts.worth[order]
    sums = np.concatenate([[0.0], np.cumsum(worth)])
    draws = _drawn(facts, order, worth, points)
    bad = np.concatenate([[0.0], np.cumsum((facts.stands * facts.bad)[order])])
    stands = np.concatenate([[0.0], np.cumsum(facts.stands[order])])
    return Curve(
        accepted=points,
        worth=[Measured(float(sums[count]), draws[:, place]) for place, count in enumerate(points)],
        defaulted=[float(bad[count] / stands[count]) if count else None for count in points],
        ours=points.index(int(facts.accepted.sum())),
        rows=facts.rows,
    )


def _order(facts: Facts) -> NDArray[np.intp]:
    """Return the rows that could be accepted, the safest first; of equal ones those that are accepted.

    What has no amount, or cannot be scored, is looked at by a person wherever the cut-off lies.
    """
    chance = facts.decisions["probability"].to_numpy(dtype=np.float64)
    accepted = facts.accepted
    could = ~np.isnan(chance) & (accepted | (facts.decisions["amount"].notna().to_numpy() & ~facts.unscored))
    places = np.flatnonzero(could)
    return np.asarray(places[np.lexsort((~accepted[places], chance[places]))], dtype=np.intp)


def _points(rows: int, ours: int, smallest: int) -> list[int]:
    """Return how many are accepted at each point: ours among them, and nowhere fewer rows between two than may be told.

    Examples
    --------
    >>> _points(100, 33, 10)
    [0, 10, 20, 33, 43, 53, 63, 73, 83, 100]
    """
    step = max(smallest, -(-rows // POINTS), 1)
    below = list(range(0, max(ours - step, 0) + 1, step)) if ours else []
    above = list(range(ours + step, rows - step + 1, step)) if ours < rows else []
    return [*below, ours, *above, *([rows] if ours < rows else [])]


def _redraws(facts: Facts) -> Redraws:
    """Return the redraws that the worth of policies is measured on, so that the curve's interval is theirs."""
    audited = facts.context.audited
    if audited is not None and audited.redraws is not None:
        return audited.redraws
    groups = facts.outcome.rows[GROUP].to_numpy() if GROUP in facts.outcome.rows else None
    return Redraws(facts.rows, groups=groups, seed=facts.context.seed)


def _drawn(facts: Facts, order: NDArray[np.intp], worth: Floats, points: list[int]) -> Floats:
    """Return what each point brings in each redraw of all rows, brought to the number of rows there are."""
    redraws = _redraws(facts)
    starts = np.array(points[:-1], dtype=np.intp)
    found = []
    for weights in redraws.blocks():
        scale = facts.rows / weights.sum(axis=1, keepdims=True)
        steps = np.add.reduceat(weights[:, order[: points[-1]]] * worth[: points[-1]], starts, axis=1)
        found.append(np.concatenate([np.zeros((len(weights), 1)), np.cumsum(steps, axis=1) * scale], axis=1))
    return np.concatenate(found) if found else np.empty((0, len(points)))


def _sentence(facts: Facts, curve: Curve, best: int) -> str:
    ours, there = curve.worth[curve.ours].value, curve.worth[best].value
    count = curve.accepted[curve.ours]
    accepted = facts.counted(count)
    # How a handful of loans went is told nowhere.
    told = count >= max(facts.context.smallest_group, 1)
    of_ours = f" ({percent(curve.defaulted[curve.ours])} of them defaulted)" if told else ""
    begin = f"This run accepts {accepted}{of_ours}, which brought **{facts.money(ours)}**."
    if there <= 0:
        return f"{begin} **No cut-off would have brought anything**: on these rows declining everyone is best."
    if best == curve.ours:
        return f"{begin} No other cut-off would have brought more."
    return (
        f"{begin} Accepting the safest {curve.accepted[best]:,} ({percent(curve.defaulted[best])} of them defaulted) "
        f"would have brought {facts.money(there)}."
    )


def _cost(facts: Facts) -> str:
    """Say what the curve leaves out of this run's own value."""
    cost = facts.settings.refer_cost * float(facts.stands[facts.referred].sum())
    if not cost:
        return ""
    return f" What it costs to have a person look, {facts.money(cost)} in this run, is not taken off here."


def _figure(facts: Facts, curve: Curve, best: int) -> Figure:
    lines = []
    for place, worth in enumerate(curve.worth):
        interval = worth.interval(facts.context.confidence)
        ends = (interval.low, interval.high) if interval else None
        share = curve.accepted[place] / curve.rows
        own = worth.value if place == curve.ours else None
        told = _read(facts, curve, place, ends)
        lines.append([share, curve.accepted[place], worth.value, ends, curve.defaulted[place], own, told])
    steps = [after - before for before, after in zip([0, *curve.accepted], curve.accepted, strict=False)]
    return Figure(
        title="Value for each share accepted",
        reading=f"Further right more are accepted, the riskiest last; the band is the "
        f"{100 * facts.context.confidence:g} % interval, the dot is this run.",
        spec=value_curve(_X),
        table=Table(
            "What each share accepted would have brought, the safest first",
            [
                TableColumn("Share accepted", "share"),
                TableColumn("Accepted", "count"),
                TableColumn("Value", "money"),
                TableColumn("Interval", "range", of="money"),
                TableColumn("Defaulted of them", "share"),
                TableColumn("This run", "money"),
                TableColumn("Read aloud", name="said"),
            ],
            lines,
            counts=steps,
            ours=[curve.ours],
        ),
        sentence=_seen(facts, curve, best),
        slider="Share accepted",
    )


def _read(facts: Facts, curve: Curve, place: int, ends: tuple[float, float] | None) -> str:
    """Return what a point of the curve says, where the slider or the keyboard stops at it."""
    count, value = curve.accepted[place], facts.money(curve.worth[place].value)
    said = f" ({facts.money(ends[0])} to {facts.money(ends[1])})" if ends else ""
    if place == curve.ours:
        return f"This run accepts {count:,} of {facts.counted(curve.rows)}, which brought {value}{said}."
    if not count:
        return f"Accepting nobody would have brought {value}."
    bad = f" ({percent(curve.defaulted[place])} of them defaulted)"
    return f"Accepting the safest {count:,} of {facts.counted(curve.rows)}{bad} would have brought {value}{said}."


def _seen(facts: Facts, curve: Curve, best: int) -> str:
    last = curve.worth[-1].value
    peak = curve.worth[best].value
    everyone = "all" if curve.accepted[-1] == curve.rows else "all that could be"
    if peak <= 0:
        return f"The value falls from the start, to {facts.money(last)} when {everyone} are accepted."
    share = percent(curve.accepted[best] / curve.rows)
    fall = f", then falls to {facts.money(last)} when {everyone} are accepted" if best < len(curve.worth) - 1 else ""
    return f"The value rises to {facts.money(peak)} at {share} accepted{fall}."


_X = {
    "field": "share_accepted",
    "type": "quantitative",
    "axis": {"title": "Share accepted", "format": "%", "grid": False},
}
