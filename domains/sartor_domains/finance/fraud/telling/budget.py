"""Value by budget: what looking at more, or fewer, cards a day would have brought on the rows that judge.

It looks back and sets nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from sartor.evidence.bootstrap import Measured, Redraws
from sartor.rows import GROUP
from sartor.sections import Figure, Section, Table, TableColumn
from sartor_domains.finance.fraud.telling.facts import Queue
from sartor_domains.finance.value_curve import value_curve

POINTS = 30
"""Steps of the curve."""


def value_by_budget(queue: Queue) -> Iterator[Section]:
    """Yield the section of the curve; nothing where there is no budget to move."""
    place = _places(queue)
    most = int(place.max(initial=0))
    if most < 4:
        return
    budgets = _told(_budgets(most, queue.settings.alerts_a_day), place, queue)
    worth = _worth(queue, place, budgets)
    own = queue.settings.alerts_a_day
    ours = budgets.index(own) if own in budgets else len(budgets) - 1
    best = int(np.argmax([one.value for one in worth]))
    yield Section(
        "value-by-budget",
        "worth",
        "Move the budget",
        _sentence(queue, budgets, worth, ours, best),
        figure=_figure(queue, place, budgets, worth, ours),
        note="A look back, and no setting: a budget picked here is tuned on the very payments that judge it. Write "
        "another into the recipe (`alerts_a_day`) and run again.",
    )


def _places(queue: Queue) -> NDArray[np.int64]:
    """Return each look's place in its day's queue, as if all that pay could be taken; 0 for what does not pay."""
    probability = queue.decisions["probability"].to_numpy(dtype=np.float64)
    expected = queue.looks.expected(queue.settings, probability)
    rank = expected if queue.settings.rank_by == "value" else queue.looks.highest(probability)
    return queue.looks.places(rank, expected > 0)


def _budgets(most: int, ours: int | None) -> list[int]:
    """Return how many cards a day each point stands for, this run's own among them.

    Examples
    --------
    >>> _budgets(6, 4), _budgets(100, None)[:3]
    ([0, 1, 2, 3, 4, 5, 6], [0, 4, 8])
    """
    step = max(1, -(-most // POINTS))
    found = {*range(0, most + 1, step), most}
    return sorted(found | {ours} if ours is not None and ours < most else found)


def _told(budgets: list[int], place: NDArray[np.int64], queue: Queue) -> list[int]:
    """Return the points between which lie looks enough to be told of; this run's own stays, the last one as well."""
    looks = dict(zip(budgets, np.searchsorted(np.sort(place[place > 0]), budgets, side="right").tolist(), strict=True))
    own, smallest = queue.settings.alerts_a_day, queue.context.smallest_group
    kept = [0]
    for budget in budgets[1:]:
        must = budget in (own, budgets[-1])
        while must and len(kept) > 1 and kept[-1] != own and looks[budget] - looks[kept[-1]] < smallest:
            kept.pop()
        if budget == own or looks[budget] - looks[kept[-1]] >= smallest:
            kept.append(budget)
    return kept


def _worth(queue: Queue, place: NDArray[np.int64], budgets: list[int]) -> list[Measured]:
    """Return what each budget brings, and brings in every redraw of all payments."""
    heads = queue.looks.heads(queue.decisions["probability"].to_numpy(dtype=np.float64))
    taken = np.flatnonzero(place > 0)
    taken = taken[np.argsort(place[taken], kind="stable")]
    ends = np.searchsorted(place[taken], budgets, side="right")
    came_to = queue.came_to[taken]
    sums = np.concatenate([[0.0], np.cumsum(came_to)])
    draws = []
    for weights in _redraws(queue).blocks():
        scale = len(queue.outcome) / weights.sum(axis=1, keepdims=True)
        running = np.cumsum(weights[:, heads[taken]] * came_to, axis=1)
        draws.append(np.concatenate([np.zeros((len(weights), 1)), running], axis=1)[:, ends] * scale)
    drawn: NDArray[np.float64] = np.concatenate(draws) if draws else np.empty((0, len(budgets)))
    return [Measured(float(sums[end]), drawn[:, number]) for number, end in enumerate(ends)]


def _redraws(queue: Queue) -> Redraws:
    """Return the redraws that the worth of policies is measured on, so that the curve's interval is theirs."""
    audited = queue.context.audited
    if audited is not None and audited.redraws is not None:
        return audited.redraws
    groups = queue.outcome.rows[GROUP].to_numpy() if GROUP in queue.outcome.rows else None
    return Redraws(len(queue.outcome), groups=groups, seed=queue.context.seed)


def _sentence(queue: Queue, budgets: list[int], worth: list[Measured], ours: int, best: int) -> str:
    here, there = worth[ours].value, worth[best].value
    begin = f"Looking at {budgets[ours]:,} cards a day at most brought **{queue.money(here)}**."
    if there <= 0:
        return f"{begin} **No budget would have brought anything**: on these payments looking at none is best."
    if best == ours:
        return f"{begin} No other budget would have brought more."
    return f"{begin} {budgets[best]:,} a day would have brought {queue.money(there)}."


def _figure(queue: Queue, place: NDArray[np.int64], budgets: list[int], worth: list[Measured], ours: int) -> Figure:
    lines, counts, before = [], [], 0
    for number, (budget, one) in enumerate(zip(budgets, worth, strict=True)):
        interval = one.interval(queue.context.confidence)
        ends = (interval.low, interval.high) if interval else None
        looks = int(((place > 0) & (place <= budget)).sum())
        lines.append([budget, looks, one.value, ends, one.value if number == ours else None])
        counts.append(looks - before)
        before = looks
    return Figure(
        title="Value for each budget",
        reading=f"Further right more cards are looked at each day, the least promising last; the band is the "
        f"{100 * queue.context.confidence:g} % interval, the dot is this run.",
        spec=value_curve(_X),
        table=Table(
            "What each budget would have brought",
            [
                TableColumn("Cards a day", "count"),
                TableColumn("Looks", "count"),
                TableColumn("Value", "money"),
                TableColumn("Interval", "range", of="money"),
                TableColumn("This run", "money"),
            ],
            lines,
            counts=counts,
            ours=[ours],
        ),
        sentence=f"The value is {queue.money(worth[0].value)} without a look and {queue.money(worth[-1].value)} with "
        f"{budgets[-1]:,} a day; this run's is {queue.money(worth[ours].value)}.",
    )


_X = {"field": "cards_a_day", "type": "quantitative", "axis": {"title": "Cards looked at a day", "grid": False}}
