"""What the report shows of a maintenance plan: its parts, its calendar, and what early and late cost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sartor.sections import DECLINE, OURS, Caution, Figure, Section, Table, TableColumn, Tone
from sartor.wording import plural, singular
from sartor_domains.manufacturing.maintenance_plan import SERVICE, SUPERSEDED
from sartor_domains.manufacturing.planning.deciding import gains, planned, plans_of
from sartor_domains.manufacturing.planning.worth import cost_of_service, costs

if TYPE_CHECKING:
    from sartor.context import Context
    from sartor.rows import Training
    from sartor_domains.manufacturing.maintenance_plan import MaintenancePlan

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

NO_BREAK = "\N{NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"


@dataclass(frozen=True, eq=False)
class Facts:
    """A plan with what became of the units.

    Parameters
    ----------
    settings : MaintenancePlan
    context : Context
    left : ndarray of shape (n_rows,)
        Cycles that each unit really had left.
    out : ndarray of bool, shape (n_rows,)
        Who is serviced.
    after : ndarray of shape (n_rows,)
        After how many cycles; NaN where a unit runs on.
    cost : ndarray of shape (n_rows,)
        What each decision cost.
    plans : int
        How many plans there are.
    """

    settings: MaintenancePlan
    context: Context
    left: Floats
    out: Flags
    after: Floats
    cost: Floats
    plans: int

    @property
    def late(self) -> Flags:
        """Who failed before the service."""
        return np.asarray(self.out & (self.left <= np.nan_to_num(self.after)))

    @property
    def missed(self) -> Flags:
        """Who was left running and failed within the plan."""
        return np.asarray(~self.out & (self.left <= self.settings.horizon))

    def money(self, amount: float) -> str:
        """Return an amount in whole units, with the currency."""
        unit = f"{self.context.currency}{NO_BREAK}" if self.context.currency else ""
        return f"{unit}{MINUS if round(amount) < 0 else ''}{abs(round(amount)):,}"

    def counted(self, count: int) -> str:
        """Return a number of units with their word."""
        return self.settings.counted(count)


def sections(
    settings: MaintenancePlan, decisions: pd.DataFrame, outcome: Training, context: Context
) -> Iterator[Section | Caution]:
    """Yield the sections of a plan."""
    counts = (decisions["decision"] != SUPERSEDED).to_numpy()
    decisions, outcome = decisions[counts].reset_index(drop=True), outcome.take(counts)
    if not len(decisions):
        return
    facts = Facts(
        settings,
        context,
        left=np.asarray(outcome.y, dtype=np.float64),
        out=(decisions["decision"] == SERVICE).to_numpy(),
        after=decisions["after"].to_numpy(dtype=np.float64),
        cost=costs(settings, decisions, np.asarray(outcome.y, dtype=np.float64)),
        plans=sum(1 for _ in plans_of(outcome)),
    )
    yield _parts(facts)
    yield _calendar(facts)
    yield _early_and_late(facts, outcome)
    yield _terms(facts)
    yield from _cautions(facts)


def _parts(facts: Facts) -> Section:
    now = facts.out & (facts.after == 0)
    said: list[tuple[str, Flags, Tone]] = [
        ("Take out now", now, "ours"),
        ("Take out later", facts.out & ~now, "refer"),
        ("Run on", ~facts.out, "others"),
    ]
    lines: list[list[Any]] = []
    tones: list[Tone] = []
    for name, rows, tone in said:
        if rows.any():
            lines.append([name, int(rows.sum()), _went(facts, rows)])
            tones.append(tone)
    failing = int((facts.left <= facts.settings.horizon).sum())
    caught = int((facts.out & ~facts.late & (facts.left <= facts.settings.horizon)).sum())
    plans = f" in {plural(facts.plans, 'plan')}" if facts.plans > 1 else ""
    return Section(
        id="plan-in-parts",
        place="decision",
        title="The plan in parts",
        sentence=f"Of {facts.counted(len(facts.left))}{plans} **{failing:,} would have failed within "
        f"{facts.settings.horizon} cycles**; **{caught:,} of them are taken out in time**.",
        table=Table(
            "How many are taken out now, later, and run on, and what became of them",
            [TableColumn("Decision"), TableColumn("Number", "count"), TableColumn("What came")],
            lines,
            counts=[line[1] for line in lines],
            tones=tones,
            parts=True,
        ),
    )


def _went(facts: Facts, rows: Flags) -> str:
    if (rows & facts.out).any():
        late = int((rows & facts.late).sum())
        spare = facts.left[rows & ~facts.late] - facts.after[rows & ~facts.late]
        told = f"{late:,} failed before" if late else "none failed before"
        return f"{told}; {np.median(spare):.0f} cycles to spare in the middle" if len(spare) else told
    missed = int((rows & facts.missed).sum())
    return f"{missed:,} failed within {facts.settings.horizon} cycles" if missed else "none failed"


def _slots(facts: Facts) -> list[tuple[str, int, int]]:
    """Return the slots of a plan, how many services each has, and how many units would have failed in it."""
    settings, lines = facts.settings, []
    for start in settings.starts:
        end = min(start + settings.slot, settings.horizon)
        served = int((facts.out & (facts.after == start)).sum())
        due = int(((facts.left > start) & (facts.left <= end) | ((start == 0) & (facts.left == 0))).sum())
        lines.append((f"{start} to {end}", served, due))
    return lines


def _calendar(facts: Facts) -> Section:
    settings, lines = facts.settings, _slots(facts)
    crew = "as many as are wanted" if settings.crew is None else f"at most {settings.crew} in a plan's slot"
    busiest = max(lines, key=lambda line: line[1])
    after = busiest[0].split(" ")[0]
    when = "now" if after == "0" else f"after {after} cycles"
    sentence = f"The crew services {crew}; most are due {when}, **{busiest[1]}**."
    x = {"field": "cycles_from_now", "type": "nominal", "sort": None, "axis": {"title": "cycles from now"}}
    spec = {
        "height": 220,
        "layer": [
            {
                "mark": {"type": "bar", "color": OURS},
                "encoding": {"x": x, "y": {"field": "services", "type": "quantitative", "axis": {"title": None}}},
            },
            {
                "mark": {"type": "tick", "color": DECLINE, "thickness": 3},
                "encoding": {"x": x, "y": {"field": "would_have_failed", "type": "quantitative"}},
            },
        ],
    }
    figure = Figure(
        "Services and failures, slot by slot",
        "Bars are services, planned for the beginning of a slot; a stroke is how many would have failed in it.",
        spec,
        Table(
            "Services planned in each slot, and how many units would have failed in it",
            [
                TableColumn("Cycles from now"),
                TableColumn("Services", "count"),
                TableColumn("Would have failed", "count"),
            ],
            lines,
            counts=[min((count for count in line[1:] if count), default=0) for line in lines],
        ),
        f"{sum(line[1] for line in lines):,} services in {plural(len(lines), 'slot')}.",
    )
    return Section("calendar", "decision", "The calendar", sentence, figure=figure)


def _early_and_late(facts: Facts, outcome: Training) -> Section:
    in_time = facts.out & ~facts.late
    rows: list[tuple[str, Flags]] = [
        ("Serviced in time", in_time),
        ("Failed before the service", facts.late),
        ("Left running, and failed", facts.missed),
        ("Left running, and ran on", ~facts.out & ~facts.missed),
    ]
    lines, counts = [], []
    for name, own in rows:
        spare = float((facts.left[own] - facts.after[own]).mean()) if own.any() and name == rows[0][0] else None
        lines.append([name, int(own.sum()), spare, float(facts.cost[own].sum())])
        counts.append(int(own.sum()))
    early = float(cost_of_service(facts.settings, facts.left[in_time], facts.after[in_time]).sum())
    early -= facts.settings.service_cost * int(in_time.sum())
    late = int(facts.late.sum() + facts.missed.sum())
    ideal = _with_foresight(facts, outcome)
    return Section(
        id="early-and-late",
        place="worth",
        title="What early and late cost",
        sentence=f"Life given up by early services cost **{facts.money(early)}**; {facts.counted(late)} failed all the "
        f"same and cost **{facts.money(late * facts.settings.failure_cost)}**. With the same crew, and each end known "
        f"beforehand, the plan would have cost {facts.money(ideal)} in place of {facts.money(facts.cost.sum())}.",
        table=Table(
            "What became of the units, and what it cost",
            [
                TableColumn("What came"),
                TableColumn(facts.settings.noun.capitalize(), "count"),
                TableColumn("Cycles given up, mean", "number", digits=0),
                TableColumn("Cost", "money"),
            ],
            lines,
            counts=counts,
        ),
    )


def _with_foresight(facts: Facts, outcome: Training) -> float:
    """Return what the best plan would have cost had the ends been known."""
    gain = gains(facts.settings, facts.left[:, None])
    slots = planned(facts.settings, gain, outcome)
    saved = gain[np.arange(len(gain)), np.maximum(slots, 0)][slots >= 0].sum()
    alone = facts.settings.failure_cost * (facts.left <= facts.settings.horizon).sum()
    return float(alone - saved)


def _terms(facts: Facts) -> Section:
    settings = facts.settings
    lines: list[list[Any]] = [
        ["A failure", settings.failure_cost],
        ["A planned service", settings.service_cost],
        ["A cycle of life given up", settings.unused_cycle],
    ]
    return Section(
        id="terms",
        place="making",
        title="What the plan goes by",
        sentence=f"A plan covers {settings.horizon} cycles in slots of {settings.slot}; what happens behind them "
        "counts in the next plan. Costs are those of the recipe.",
        table=Table("Costs", [TableColumn("What"), TableColumn("Cost", "money")], lines, counts=None),
    )


def _cautions(facts: Facts) -> Iterator[Caution]:
    if not (facts.left > 0).any():
        yield Caution(
            "planned-at-the-end",
            f"**Every one of {facts.counted(len(facts.left))} is planned at its last reading, at which it failed**: no "
            "service can come before, and so the plan is worth nothing, whatever the model knows. Split by time, with "
            "a date of readings and failed: {table: ..., moment: ...}, to plan on days in the middle of lives.",
            weight=0.9,
        )
    failing = int((facts.left <= facts.settings.horizon).sum())
    if failing < 30:
        noun = singular(facts.settings.noun)
        yield Caution(
            "few-failures",
            f"**{plural(failing, noun, facts.settings.noun)} failed within the plan**, too few to tell plans apart "
            "by a hair: judge on more of them before the money is believed.",
            weight=0.55,
        )
