"""The swap set: who is accepted now and was not before, who no longer is, and how their loans went."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sartor.sections import Section, Table, TableColumn, Tone
from sartor_domains.finance.credit_decision import ACCEPT
from sartor_domains.finance.lending.present import NAME
from sartor_domains.finance.lending.telling.facts import Facts, Flags, percent

RULE = "one-line rule"


def swap_set(facts: Facts) -> Iterator[Section]:
    """Yield who changes sides against the present policy, or against the one-line rule where there is none."""
    name = NAME if NAME in facts.context.policies else RULE
    decisions = facts.context.policies.get(name)
    if decisions is None:
        return
    theirs = facts.made(ACCEPT, decisions)
    ours = facts.accepted
    groups: list[tuple[str, Flags, Tone]] = [
        ("Accepted by both", ours & theirs, "others"),
        ("Accepted by this run only", ours & ~theirs, "ours"),
        (f"Accepted by the {name} only", ~ours & theirs, "decline"),
        ("Accepted by neither", ~ours & ~theirs, "others"),
    ]
    there = [(title, rows, tone) for title, rows, tone in groups if rows.any()]
    about = str(decisions.attrs.get("about") or "")
    yield Section(
        id="swap-set",
        place="worth" if name == NAME else "analyst",
        title=f"Who changes sides against the {name}",
        sentence=_sentence(facts, name, ours & ~theirs, ~ours & theirs),
        table=Table(
            f"This run and the {name}",
            [
                TableColumn("Group"),
                TableColumn(facts.noun.capitalize(), "count"),
                TableColumn("Went bad", "count"),
                TableColumn("Worth if accepted", "money"),
                TableColumn("Share that went bad", "bar", of="share", at_least=0.0),
            ],
            [_line(facts, title, rows) for title, rows, _ in there],
            counts=[int(rows.sum()) for _, rows, _ in there],
            tones=[tone for _, _, tone in there],
        ),
        note=f"The {name}: {about}. What a person has to look at counts as not accepted." if about else "",
    )


def _line(facts: Facts, title: str, rows: Flags) -> list[object]:
    bad = int((rows & facts.bad).sum())
    return [title, int(rows.sum()), bad, float(facts.worth[rows].sum()), facts.bad_share(rows)]


def _sentence(facts: Facts, name: str, swapped_in: Flags, swapped_out: Flags) -> str:
    smallest = facts.context.smallest_group
    counts = [int(rows.sum()) for rows in (swapped_in, swapped_out)]
    if not any(counts):
        return f"This run accepts exactly whom the {name} accepts."
    if any(0 < count < smallest for count in counts):
        return f"Fewer than {smallest} change one way against the {name}, too few to be told of one by one."
    new, gone = (f"{count:,}" for count in counts)
    parts = []
    if counts[0]:
        parts.append(f"**{new} are new**, and {percent(facts.bad_share(swapped_in))} of them went bad")
    if counts[1]:
        parts.append(f"**{gone} are no longer accepted**, and {percent(facts.bad_share(swapped_out))} of them went bad")
    gain = float(np.sum(facts.worth[swapped_in]) - np.sum(facts.worth[swapped_out]))
    return f"{'; '.join(parts)}. Together that is {facts.money(gain)} against the {name}."
