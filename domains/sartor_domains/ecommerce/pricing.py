"""What the rules of a shop cost on the held-out window: slates chosen without each of them, beside those with all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sartor.evidence.bootstrap import Measured, Redraws
from sartor.evidence.sums import partial_means, weighted_means
from sartor.rows import GROUP
from sartor.sections import Section, Table, TableColumn
from sartor_domains.ecommerce.slating import Candidates, candidates, choose, paid
from sartor_plugins.recommend.judging import hits
from sartor_plugins.recommend.names import ITEMS, NEWCOMER

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    import pandas as pd
    from numpy.typing import NDArray

    from sartor.context import Context
    from sartor.rows import Training
    from sartor_domains.ecommerce.slate import Slate

REDRAWS = 500


@dataclass(frozen=True)
class Worth:
    """What slates were worth, customer by customer.

    Parameters
    ----------
    ndcg : ndarray of float
        NaN of newcomers and where nothing was wanted.
    money : ndarray of float
    items : ndarray of int
        How many items each slate has.
    """

    ndcg: NDArray[np.float64]
    money: NDArray[np.float64]
    items: NDArray[np.int64]


@dataclass(frozen=True)
class Price:
    """What a rule costs: how much better slates without it would have been.

    Parameters
    ----------
    rule : str
    ndcg, money : Measured
    changed : int
        Customers whose slate it changes.
    """

    rule: str
    ndcg: Measured
    money: Measured
    changed: int


def sections(action: Slate, decisions: pd.DataFrame, outcome: Training, context: Context) -> Iterator[Section]:
    """Yield what each rule costs."""
    rules = action.rules()
    if not rules or context.predictions is None:
        return
    prices, ours = priced(action, outcome, context)
    columns = [
        TableColumn("Rule"),
        TableColumn("Slates changed", "count"),
        TableColumn(f"NDCG@{action.length} it costs", "number", digits=4, signed=True, name="ndcg"),
        TableColumn("95 %", "range", digits=4, name="ndcg range"),
        TableColumn("Money it costs", "money", signed=True, name="money"),
        TableColumn("95 %, money", "range", of="money", name="money range"),
    ]
    lines = [[f"{name}\n{rules.get(name, 'no rule at all')}", price.changed, *_cells(price.ndcg), *_cells(price.money)]
             for name, price in ((price.rule, price) for price in prices)]  # fmt: skip
    counted = len(ours.items)
    table = Table(
        "What slates without each rule would have been worth more on the held-out window, all other rules in force",
        columns,
        lines,
        counts=[counted] * len(lines),
    )
    yield Section(
        "rules",
        "worth",
        "What each rule costs",
        _sentence(prices, ours, action, context),
        table=table,
        note=_note(action),
    )


def _note(action: Slate) -> str:
    money = "what customers paid in the window for items on their slate"
    return (
        f"Money is {money if action.margin is None else 'the margin of ' + money}: some would have been bought without "
        "it. A rule that costs nothing here may still be right: what is sold out cannot be bought, so the window does "
        "not show what showing it would have cost in trust."
    )


def priced(action: Slate, outcome: Training, context: Context) -> tuple[list[Price], Worth]:
    """Price each rule, and all of them together, by paired redraws of the customers.

    Returns
    -------
    list of Price
        Of each rule with all others in force; the last one is of all rules.
    Worth
        Of the slates under all rules.
    """
    assert context.predictions is not None
    found = candidates(action, context.predictions, outcome, context)
    rules = list(action.rules())
    chosen = choose(action, found, rules)
    ours = _worth(found, chosen, outcome, action.length)
    groups = outcome.rows[GROUP].to_numpy() if GROUP in outcome.rows else None
    redraws = Redraws(len(outcome), groups=groups, count=REDRAWS, seed=context.seed)
    prices = []
    for name in [*rules, "all rules"]:
        left: Collection[str] = [] if name == "all rules" else [rule for rule in rules if rule != name]
        other = choose(action, found, left)
        without = _worth(found, other, outcome, action.length)
        prices.append(
            Price(
                name,
                _difference(without.ndcg, ours.ndcg, redraws),
                _sum(without.money - ours.money, redraws),
                int((other != chosen).any(axis=1).sum()),
            )
        )
        if len(rules) == 1:
            break
    return prices, ours


def _worth(found: Candidates, chosen: NDArray[np.bool_], outcome: Training, length: int) -> Worth:
    count = chosen.sum(axis=1)
    item = found.item[chosen]
    ends = np.cumsum(count)[:-1]
    items = np.split(np.asarray(found.names, dtype=object)[item], ends)
    ndcg = hits(items, outcome.y[ITEMS], length).ndcg()
    if NEWCOMER in outcome.rows:
        ndcg = np.where(outcome.rows[NEWCOMER].to_numpy(dtype=bool), np.nan, ndcg)
    return Worth(ndcg, paid(items, np.split(found.earns[item], ends), outcome), count)


def _difference(one: NDArray[np.float64], other: NDArray[np.float64], redraws: Redraws) -> Measured:
    columns = np.stack([one, other])
    draws = [partial_means(weights, columns) for weights in redraws.blocks()]
    value = partial_means(np.ones((1, len(one))), columns)[0]
    drawn = np.concatenate(draws) if draws else np.empty((0, 2))
    return Measured(float(value[0] - value[1]), drawn[:, 0] - drawn[:, 1])


def _sum(values: NDArray[np.float64], redraws: Redraws) -> Measured:
    draws = [len(values) * weighted_means(weights, values[None, :])[:, 0] for weights in redraws.blocks()]
    return Measured(float(values.sum()), np.concatenate(draws) if draws else np.empty(0))


def _cells(measured: Measured) -> list[object]:
    interval = measured.interval()
    if np.isnan(measured.value):
        return [None, None]
    return [measured.value, (interval.low, interval.high) if interval else None]


def _sentence(prices: list[Price], ours: Worth, action: Slate, context: Context) -> str:
    """Say which rule costs most, and what all of them cost together."""
    unit = f" {context.currency}" if context.currency else ""
    of_rules = [price for price in prices if price.rule != "all rules"]
    dearest = max(of_rules, key=lambda price: price.money.value)
    held = f"**{ours.money.sum():,.0f}{unit}**"
    said = f"Under the rules the slates held what customers paid {held} for"
    if action.margin is not None:
        said = f"Under the rules customers paid for what the slates held, and its margin came to {held}"
    if dearest.money.value <= 0:
        return f"{said}; **no rule** costs anything on this window."
    said += f". The dearest rule is **{dearest.rule}**: without it {dearest.money.value:,.0f}{unit} more"
    if len(of_rules) > 1:
        whole = prices[-1].money.value
        said += f"; without any rule {abs(whole):,.0f}{unit} {'more' if whole >= 0 else 'less'}"
    return said + "."
