"""What the report shows of the queue of alerts: its parts, its days, the facts that are told, and a larger budget."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sartor.rows import AS_OF
from sartor.sections import Caution, Section, Table, TableColumn
from sartor.wording import plural
from sartor_domains.finance.fraud.telling.budget import value_by_budget
from sartor_domains.finance.fraud.telling.facts import Queue, percent

if TYPE_CHECKING:
    from sartor.context import Context
    from sartor.rows import Training
    from sartor_domains.finance.alert_queue import AlertQueue

SHOWN_FACTS = 12


def sections(
    settings: AlertQueue, decisions: pd.DataFrame, outcome: Training, context: Context
) -> Iterator[Section | Caution]:
    """Return the sections and cautions of a queue."""
    if not len(decisions):
        return
    queue = Queue(settings, decisions, outcome, context)
    yield _parts(queue)
    yield from value_by_budget(queue)
    yield _days(queue)
    yield from _facts(queue)
    yield _terms(queue)
    yield from _few_alerts_hold_fraud(queue)


def _parts(queue: Queue) -> Section:
    alerts, found = int(queue.alert.sum()), int((queue.looked & queue.held).sum())
    passed = int(queue.fraud[~queue.looked[queue.looks.of]].sum())
    lost = float(queue.looks.amount[queue.fraud].sum())
    saved = float(queue.looks.amount[queue.fraud & queue.looked[queue.looks.of]].sum())
    unlooked = int((~queue.looked).sum())
    return Section(
        "parts",
        "decision",
        "The queue in parts",
        f"**{found:,} of {plural(alerts, 'alert')} hold fraud, {percent(found, alerts)}.** On the cards and days "
        f"looked at lies {percent(saved, lost)} of {queue.money(lost)} that fraud takes.",
        table=Table(
            "Alerts with and without fraud, and the cards and days that nobody looks at",
            [TableColumn("Cards and days"), TableColumn("Number", "count"), TableColumn("What they were")],
            [
                ["Alerts with fraud", found, f"{queue.money(saved)} of fraud on them"],
                ["Alerts without", alerts - found, "a look, and a holder to calm"],
                ["Not looked at", unlooked, f"{plural(passed, 'fraud')} among them"],
            ],
            counts=[found, alerts - found, unlooked],
            tones=["ours", "refer", "others"],
            parts=True,
        ),
    )


def _days(queue: Queue) -> Section:
    """Return what each day of the queue was like."""
    names = pd.Series(queue.outcome.rows[AS_OF]).dt.strftime("%Y-%m-%d").to_numpy()
    lines, counts = [], []
    for day in np.unique(queue.looks.day):
        of_day = queue.looks.day == day
        rows = of_day[queue.looks.of]
        looked = of_day & queue.looked
        found, frauds = int((looked & queue.held).sum()), int(queue.fraud[rows].sum())
        worth = float(queue.came_to[looked].sum())
        lines.append([names[rows][0], int(rows.sum()), int(looked.sum()), found, frauds, worth])
        counts.append(int(rows.sum()))
    busiest = max(lines, key=lambda line: int(str(line[2])))
    return Section(
        "days",
        "analyst",
        "Day by day",
        f"**{int(queue.alert.sum()) / queue.days:.0f} cards a day** are looked at, on average; on the busiest, "
        f"{busiest[0]}, {busiest[2]:,}.",
        table=Table(
            "Payments, alerts and frauds of each day",
            [
                TableColumn("Day"),
                TableColumn("Payments", "count"),
                TableColumn("Looked at", "count"),
                TableColumn("Hold fraud", "count"),
                TableColumn("Frauds", "count", about="payments of the day"),
                TableColumn("Worth", "money"),
            ],
            lines,
            counts=counts,
        ),
    )


def _facts(queue: Queue) -> Iterator[Section]:
    """Yield which facts stand beside alerts; never those of one alert."""
    told = [str(text) for text in queue.decisions["facts"][queue.alert].dropna()]
    named = Counter(fact.split(":")[0] for text in told for fact in text.split("; ") if fact)
    smallest = queue.context.smallest_group
    common = [(name, count) for name, count in named.most_common(SHOWN_FACTS) if count >= smallest]
    if not common:
        return
    source = queue.decisions["facts_from"][queue.alert].mode().iloc[0]
    yield Section(
        "facts",
        "analyst",
        "What investigators read",
        f"At most four facts an alert, by {source}. **{common[0][0]}** stands on {common[0][1]:,} of "
        f"{plural(len(told), 'alert')}.",
        table=Table(
            "How many alerts tell each fact",
            [
                TableColumn("Fact"),
                TableColumn("Alerts", "count"),
                TableColumn("", "bar", of="count", name="drawn"),
            ],
            [[name, count, count] for name, count in common],
            counts=[count for _, count in common],
        ),
    )


def _terms(queue: Queue) -> Section:
    settings = queue.settings
    most = f"at most {settings.alerts_a_day:,} cards a day" if settings.alerts_a_day is not None else "every such card"
    return Section(
        "terms",
        "making",
        "On what terms alerts are raised",
        f"A look costs {queue.money(settings.review_cost)}, one without fraud {queue.money(settings.friction_cost)} "
        f"more; it saves {100 * settings.recovered:g}\u00a0% of the frauds among the card's payments of that day. "
        f"Looked at is what is expected to save more than it costs, {most}. Frauds that a blocked card does not have "
        "later are not counted. To detect fraud is exempt from what the EU AI Act calls high-risk (Annex III, 5 b).",
    )


def _few_alerts_hold_fraud(queue: Queue) -> Iterator[Caution]:
    """Warn where a queue is worth less than nothing on the rows that judge."""
    worth = float(queue.came_to[queue.looked].sum())
    if worth < 0:
        yield Caution(
            "queue-costs",
            f"**These alerts cost {queue.money(-worth)} more than they saved**: on these payments no system at all was "
            "better. See whether chances are right, and what a look costs.",
            weight=0.9,
        )
