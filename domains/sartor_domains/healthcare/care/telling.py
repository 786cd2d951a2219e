"""What the report shows of a care list: its parts, what can be changed, and what it is worth from each risk on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pandas as pd

from sartor.sections import Caution, Section, Table, TableColumn, Tone
from sartor.wording import plural, singular
from sartor_domains.healthcare.care.risks import happened
from sartor_domains.healthcare.care_list import CARE
from sartor_plugins.learn.telling.bands import wilson
from sartor_plugins.survival.answer import TIME

if TYPE_CHECKING:
    from sartor.context import Context
    from sartor.rows import Training
    from sartor_domains.healthcare.care_list import CareList

MANY_UNSURE = 0.2
"""A larger share of unsure decisions is a caution."""


def sections(
    settings: CareList, decisions: pd.DataFrame, outcome: Training, context: Context
) -> Iterator[Section | Caution]:
    """Yield the sections of a care list."""
    event = happened(settings, outcome.y)
    listed = decisions["decision"].to_numpy() == CARE
    noun = settings.called(decisions)
    yield parts(settings, decisions, event, listed, context.smallest_group)
    yield from changeable(decisions, listed, noun, context.smallest_group)
    yield terms(settings, noun)
    yield from _watched_too_short(settings, outcome.y)
    unsure = int(decisions["unsure"].sum())
    if unsure > MANY_UNSURE * len(decisions):
        yield Caution(
            "unsure",
            f"**{unsure:,} of {plural(len(decisions), singular(noun), noun)} have an interval that spans the risk of "
            f"{percent(settings.acts_from)}** from which it is acted: for them the list is nearly a coin's toss; have "
            "a clinician look, or learn from more patients.",
            0.6,
        )


def _watched_too_short(settings: CareList, truth: Any) -> Iterator[Caution]:
    """Say where nobody who judges was watched up to the horizon."""
    if settings.horizon is None or not isinstance(truth, pd.DataFrame) or not len(truth):
        return
    longest = float(truth[TIME].max())
    if settings.horizon > longest:
        yield Caution(
            "horizon-beyond-follow-up",
            f"**Nobody who judges was watched up to {settings.horizon:,.10g}**, the longest for {longest:,.10g}: "
            "events after that count as none, and the list's worth is too low. Take an earlier horizon, or judge on "
            "patients who were watched longer.",
            0.8,
        )


def percent(share: float) -> str:
    """Return a share in percent, with a decimal where it is small.

    Examples
    --------
    >>> percent(0.075), percent(0.5)
    ('7.5 %', '50 %')
    """
    shown = 100 * share
    return f"{shown:.0f} %" if shown >= 10 or shown == 0 else f"{shown:.2g} %"


def parts(settings: CareList, decisions: pd.DataFrame, event: Any, listed: Any, smallest: int) -> Section:
    """Return the bar below the headline."""
    noun = settings.called(decisions)
    by = f" by {settings.horizon:,.10g}" if settings.horizon is not None else ""
    unsure = decisions["unsure"].to_numpy(dtype=bool)
    said: list[tuple[str, Any, Tone]] = [
        ("On the list", listed & ~unsure, "ours"),
        ("On the list, unsure", listed & unsure, "refer"),
        ("Usual care, unsure", ~listed & unsure, "refer"),
        ("Usual care", ~listed & ~unsure, "others"),
    ]
    lines: list[list[Any]] = []
    tones: list[Tone] = []
    for name, rows, tone in said:
        if rows.any():
            had = round(float(event[rows].sum()))
            lines.append([name, int(rows.sum()), f"{had:,} of them had the event, {percent(had / rows.sum())}"])
            tones.append(tone)
    everyone = plural(len(event), singular(noun), noun)
    found, events = round(float(event[listed].sum())), round(float(event.sum()))
    sentence = f"Of {everyone} **{events:,} had the event{by}, {percent(event.mean())}**"
    if min(events, int(listed.sum())) >= smallest:
        low, high = wilson(found, events)
        sentence += (
            f"; **{found:,} of them were on the list**, {percent(found / events)} ({percent(low)} to {percent(high)})."
            f" Of {int(listed.sum()):,} on the list {max(int(listed.sum()) - found, 0):,} did not have it."
        )
    else:
        sentence += "; too few are on the list, or had it, to tell more."
    return Section(
        "parts",
        "decision",
        "The care list in parts",
        sentence,
        table=Table(
            "How many are on the list, and how many of them had the event",
            [TableColumn("Decision"), TableColumn("Number", "count"), TableColumn("What happened")],
            lines,
            counts=[int(line[1]) for line in lines],
            tones=tones,
            parts=True,
        ),
    )


def changeable(decisions: pd.DataFrame, listed: Any, noun: str, smallest: int) -> Iterator[Section]:
    """Yield what raises the risk of those on the list, and can be changed."""
    told = Counter(text for texts in decisions["changeable"][listed] for text in texts)
    if not told:
        return
    total = int(listed.sum())
    lines = [[text, count, count / total] for text, count in sorted(told.items(), key=lambda pair: (-pair[1], pair[0]))]
    first, count = str(lines[0][0]), int(str(lines[0][1]))
    none = int(decisions["changeable"][listed].map(len).eq(0).sum())
    rest = f" For {none:,} of them nothing named raises it." if none >= smallest else ""
    yield Section(
        "changeable",
        "decision",
        "What can be changed",
        f"For **{count:,} of {plural(total, singular(noun), noun)} on the list** {first.lower()} raises the risk above "
        f"the average patient's.{rest}",
        table=Table(
            "Factors that raise the risk of those on the list and can be changed",
            [TableColumn("Factor"), TableColumn("On the list", "count"), TableColumn("Share", "bar", of="share")],
            lines,
            counts=[int(str(line[1])) for line in lines],
        ),
        note="What goes with a higher risk in these records need not cause it: changing it may change nothing. Whether "
        "it does is a question for a trial.",
    )


def terms(settings: CareList, noun: str) -> Section:
    """Return on what terms patients are put on the list."""
    if settings.benefit is not None and settings.cost is not None:
        why = (
            f"Caring for one of the {noun} costs {settings.cost:,.10g} and is worth {settings.benefit:,.10g} if the "
            f"event is there or comes: from a risk of **{percent(settings.acts_from)}** on it pays."
        )
    else:
        why = (
            f"It is acted from a risk of **{percent(settings.acts_from)}** on, as the recipe says: one event found is "
            f"worth {(1 - settings.acts_from) / settings.acts_from:.3g} false alarms."
        )
    room = f" There is room for {percent(settings.at_most)} of them." if settings.at_most < 1 else ""
    return Section(
        "terms",
        "making",
        "On what terms it decides",
        f"{why}{room} The list says whom to look at first; what is done stays with those who treat. Software that "
        "guides care may be a medical device, and emergency triage is high-risk by the EU AI Act (Annex III, 5 d).",
    )
