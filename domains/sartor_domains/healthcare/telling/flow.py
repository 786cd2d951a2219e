"""The flow of rows from the table to those that judge, and what the check of meaning found."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from sartor.sections import Caution, Section, Table, TableColumn
from sartor.wording import plural

if TYPE_CHECKING:
    from sartor.rows import Judged

KINDS = {
    "zeros": "zeros that mean missing",
    "negative": "negative values",
    "absent": "absent at a site",
    "constant": "nothing to learn from",
    "tokens": "signs and blanks",
    "repeats": "lines that repeat",
    "prevalence": "the event by site",
}


def flow(judged: Judged) -> Iterator[Section]:
    """Yield how many lines became rows, teach and judge."""
    steps: list[list[Any]] = [list(step) for step in judged.facts.get("flow", [])]
    if not steps:
        return
    if judged.learned_from is not None:
        steps += [["teach", len(judged.learned_from)], ["judge", len(judged.truth)]]
    else:
        steps.append(["judge, each by models that did not learn from it", len(judged.truth)])
    first, last = int(steps[0][1]), len(judged.truth)
    lines = [[what.capitalize() if place == 0 else what, count] for place, (what, count) in enumerate(steps)]
    yield Section(
        "flow",
        "data",
        "From the table to the answer",
        f"Of {plural(first, 'line')} of the table **{last:,} judge**; each step is told.",
        table=Table(
            "Lines left after each step",
            [TableColumn("Step"), TableColumn("Lines", "count")],
            lines,
            counts=[int(count) for _, count in steps],
        ),
    )


def meaning(judged: Judged) -> Iterator[Section | Caution]:
    """Yield what columns seem to mean, against what they say."""
    found: list[dict[str, Any]] = list(judged.facts.get("meaning", []))
    if not found:
        yield Section(
            "meaning",
            "data",
            "What the columns mean",
            "No zeros that stand for missing values, no column that follows from the event, no line twice: nothing was "
            "found that seems to mean something else than it says.",
        )
        return
    lines = [
        [KINDS.get(one["kind"], one["kind"]).capitalize(), one["column"] or "all", f"{one['what']}.\n{one['mend']}"]
        for one in found
    ]
    yield Section(
        "meaning",
        "data",
        "What the columns mean",
        f"**{plural(len(found), 'thing')}** about the columns should be looked at by somebody who knows how they were "
        "recorded.",
        table=Table(
            "What was found before any model",
            [TableColumn("Kind"), TableColumn("Column"), TableColumn("What was found")],
            lines,
            counts=None,
        ),
    )
    zeros = [one["column"] for one in found if one["kind"] == "zeros"]
    if zeros:
        yield Caution(
            "zeros",
            f"**Zeros in {', '.join(dict.fromkeys(zeros))} seem to mean that nothing was measured**, and models took "
            "them for measurements. Read them as missing, and run again: missing_codes in the contract.",
            0.9,
        )
    repeats = [one for one in found if one["kind"] == "repeats"]
    if repeats:
        yield Caution("repeats", f"**{repeats[0]['what']}**: {repeats[0]['mend']}.", 0.4)
