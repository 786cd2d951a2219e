"""Reasons on notices: how many name each, and what an applicant would read; never one applicant's own notice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from sartor.sections import Section, Table, TableColumn
from sartor.wording import form, plural
from sartor_domains.finance.lending.reasons import MOST, NO_FACTOR
from sartor_domains.finance.lending.telling.facts import Facts

_SHOWN = 3


def reasons_named(facts: Facts) -> Iterator[Section]:
    """Yield how many notices name each reason."""
    declined = int(facts.declined.sum())
    if not declined:
        return
    notices = [list(texts) for texts in facts.decisions["reasons"] if len(texts)]
    if not notices:
        yield Section(
            id="reasons",
            place="analyst",
            title="No reasons for declined applicants",
            sentence=f"**{declined:,} {form(declined, 'is', 'are')} declined without a reason**: the model does not "
            "explain itself, and no notice can be written. Decide on a model that does, such as `finance.scorecard`.",
        )
        return
    named = Counter(text for texts in notices for text in texts)
    first = Counter(texts[0] for texts in notices)
    told = [(text, count) for text, count in _most(named) if count >= facts.context.smallest_group]
    rarer = len(named) - len(told)
    yield Section(
        id="reasons",
        place="analyst",
        title="Reasons given to declined applicants",
        sentence=_sentence(facts, declined, told),
        table=Table(
            f"How many of {declined:,} notices name each reason",
            [TableColumn("Reason on the notice"), TableColumn("First on", "count"), TableColumn("Named", "count"),
             TableColumn("", "bar", of="count", name="drawn")],
            [
                [text, first[text] if first[text] >= facts.context.smallest_group else None, count, count]
                for text, count in told
            ],
            counts=[count for _, count in told],
        ),
        note=_note(facts, told, rarer),
    )  # fmt: skip


def _most(named: Counter[str]) -> list[tuple[str, int]]:
    return sorted(named.items(), key=lambda pair: (-pair[1], pair[0]))


def _sentence(facts: Facts, declined: int, told: list[tuple[str, int]]) -> str:
    rule = (
        f"At most {MOST} a notice: only what the model counts against the applicant, from the average applicant, and "
        "only what may be named."
    )
    if not told:
        return f"{rule} Of {declined:,} notices no reason stands on {facts.context.smallest_group} or more."
    text, count = told[0]
    return f"{rule} **“{text}”** stands on {count:,} of {plural(declined, 'notice')}."


def _note(facts: Facts, told: list[tuple[str, int]], rarer: int) -> str:
    said = []
    if told:
        words = "; ".join(text for text, _ in told[:_SHOWN])
        said.append(
            f"What an applicant reads: “We cannot offer what you asked for. What counted most: {words}. You may ask "
            "for a person to look at it again.” The commonest reasons put together; no applicant's own notice is shown."
        )
    if rarer:
        said.append(f"{plural(rarer, 'rarer reason is', 'rarer reasons are')} not listed.")
    without = int((facts.decisions["reasons_from"] == NO_FACTOR).sum())
    if without:
        said.append(
            f"{without:,} would have been declined without a reason that may be named: a person looks at "
            f"{form(without, 'it', 'them')}."
        )
    return " ".join(said)
