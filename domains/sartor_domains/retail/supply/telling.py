"""What the report shows of orders: fill, stock and cost beside simple rules, and what asks for a look."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sartor.sections import Caution, Section, Table, TableColumn
from sartor.wording import plural
from sartor_domains.retail.supply.deciding import NONE, URGENCY
from sartor_domains.retail.supply.replaying import Replayed, days_between, replayed
from sartor_plugins.forecast.telling.words import percent

if TYPE_CHECKING:
    from sartor.context import Context
    from sartor.rows import Training
    from sartor_domains.retail.order_proposal import OrderProposal


def headline(decisions: pd.DataFrame) -> str:
    """Return the orders in one sentence."""
    ordered = decisions["order"] > 0
    strange = int((decisions["exception"] != NONE).sum())
    looked = f"; look at {strange:,} first" if strange else ""
    return (
        f"Order {int(decisions['packs'].sum()):,} packs on {int(ordered.sum()):,} of {plural(len(decisions), 'line')}, "
        f"worth {decisions['order_value'].sum():,.0f} at cost{looked}."
    )


def sections(
    settings: OrderProposal, decisions: pd.DataFrame, outcome: Training, context: Context
) -> Iterator[Section | Caution]:
    """Yield the sections of the orders."""
    ours = replayed(settings, decisions, outcome)
    rules = {name: replayed(settings, made, outcome) for name, made in context.policies.items()}
    yield _beside(ours, rules, 365 / days_between(outcome.rows))
    yield _looked_at(decisions)
    yield _costs(ours)
    promised = float(decisions["service_level"].mean())
    kept = float(np.mean(ours.lost <= 0))
    if promised - kept > _FAR_BELOW:
        yield Caution(
            "service-not-kept",
            f"{percent(kept, 1)} of order cycles did not run out, where {percent(promised, 1)} were asked for: "
            "recorded sales hide what nobody could buy, and forecasts may run low. Ask for a higher service level, or "
            "look at the coverage of quantiles.",
            weight=0.6,
        )


_FAR_BELOW = 0.05


def _beside(ours: Replayed, rules: dict[str, Replayed], reviews: float) -> Section:
    columns = [
        TableColumn("Orders up to"),
        TableColumn("Units filled", "share", digits=1),
        TableColumn("Cycles without a gap", "share", digits=1),
        TableColumn("Stock on average", "number", digits=0),
        TableColumn("Turns a year", "number", digits=1),
        TableColumn("Cost in all", "money"),
    ]
    lines: list[list[Any]] = [_line("this run's quantiles", ours, reviews)]
    lines += [_line(name, rule, reviews) for name, rule in rules.items()]
    best = min(rules, key=lambda name: float(rules[name].cost.sum())) if rules else ""
    gain = float(rules[best].cost.sum() - ours.cost.sum()) if best else 0.0
    than = f"; the cheapest rule, {best}, costs {abs(gain):,.0f} {'more' if gain > 0 else 'less'}" if best else ""
    sentence = (
        f"Replayed on the weeks that judge, the orders would have filled **{percent(ours.fill, 1)}** of all units "
        f"and cost **{ours.cost.sum():,.0f}**{than}."
    )
    table = Table("The same weeks under each rule", columns, lines, len(ours.demand), ours=[0])
    return Section(
        "replay",
        "worth",
        "What the last weeks would have cost",
        sentence,
        table=table,
        note="Recorded sales count as demand; what is above the stock is lost. Holding, lost margin, order lines.",
    )


def _line(name: str, told: Replayed, reviews: float) -> list[Any]:
    stock = float(told.stock.sum())
    sold = float((told.demand - told.lost).sum())
    per_review = stock / max(len(told.stock), 1)
    turns = reviews * sold / stock if stock else 0.0
    return [name, told.fill, float(np.mean(told.lost <= 0)), per_review, turns, float(told.cost.sum())]


def _looked_at(decisions: pd.DataFrame) -> Section:
    kinds = sorted((kind for kind in URGENCY if kind != NONE), key=lambda kind: URGENCY[kind])
    counts = decisions["exception"].value_counts()
    lines: list[list[Any]] = [[kind, int(counts.get(kind, 0))] for kind in kinds]
    strange = sum(line[1] for line in lines)
    lines.append(["as proposed", len(decisions) - strange])
    columns = [TableColumn("Line"), TableColumn("Lines", "count")]
    share = strange / max(len(decisions), 1)
    sentence = f"**{percent(share, 1)}** of the lines ask for a person's look; the others can go as they are."
    table = Table("Order lines by what they ask for", columns, lines, [line[1] for line in lines], parts=True)
    return Section("exceptions", "decision", "What asks for a look", sentence, table=table)


def _costs(ours: Replayed) -> Section:
    parts = [
        ("Holding stock", float(ours.holding.sum())),
        ("Margin of lost units", float(ours.margin.sum())),
        ("Order lines", float(ours.orders.sum())),
    ]
    columns = [TableColumn("Cost"), TableColumn("Amount", "money"), TableColumn("", "bar", of="money")]
    largest = max(parts, key=lambda part: part[1])
    total = sum(part[1] for part in parts)
    share = largest[1] / total if total else 0.0
    sentence = f"The largest part is **{largest[0].lower()}**, {percent(share)} of {total:,.0f}."
    lines = [[name, amount, amount] for name, amount in parts]
    table = Table("Cost by kind over the weeks that judge", columns, lines, len(ours.demand))
    return Section("costs", "worth", "Where the cost comes from", sentence, table=table)
