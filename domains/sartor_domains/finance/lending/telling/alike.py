"""Are people treated alike? Acceptance by columns that neither model nor decision has seen."""

from __future__ import annotations

from collections.abc import Iterator

from sartor.evidence.audited import Audited, ByColumn
from sartor.evidence.bootstrap import Measured
from sartor.sections import Caution, Section, Table, TableColumn
from sartor.wording import plural
from sartor_domains.finance.lending.fairness import ACCEPTANCE, BAD_RATE, OF_GOOD
from sartor_domains.finance.lending.telling.facts import Facts, percent

FOUR_FIFTHS = 0.8
"""The usual bar of the acceptance ratio."""
RATIO = "acceptance_ratio"


def alike(facts: Facts) -> Iterator[Section | Caution]:
    """Yield a section for each column that was kept for audit, and a caution where groups fare very differently."""
    audited = facts.context.audited
    if audited is None:
        return
    for number, (column, found) in enumerate(audited.by.items(), 1):
        yield _section(facts, audited, column, found, number)
        yield from _caution(facts, column, found, number)


def _section(facts: Facts, audited: Audited, column: str, found: ByColumn, number: int) -> Section:
    title = f"Are people treated alike? By {column}"
    note = _note(facts, found)
    if not found.groups:
        said = f"Nothing can be compared by `{column}`: {found.why_not}."
        return Section(f"alike-{number}", "analyst", title, said, note=note)
    return Section(
        id=f"alike-{number}",
        place="analyst",
        title=title,
        sentence=_sentence(facts, column, found),
        table=Table(
            f"Accepted by {column}, which no model and no decision has seen",
            [
                TableColumn("Group"),
                TableColumn(facts.noun.capitalize(), "count"),
                TableColumn("Accepted", "share"),
                TableColumn("Of those who repaid", "share"),
                TableColumn("Accepted and defaulted", "share"),
                TableColumn("Ratio to highest", digits=2, kind="number"),
                TableColumn(f"{100 * facts.context.confidence:g} % interval", "range", of="share"),
                TableColumn("", "interval", of="share", name="drawn", reference=_overall(audited), at_least=0.0),
            ],
            [_line(facts, found, place) for place in range(len(found.groups))],
            counts=list(found.rows),
        ),
        note=note,
    )


def _overall(audited: Audited) -> float:
    return audited.overall[ACCEPTANCE].value


def _line(facts: Facts, found: ByColumn, place: int) -> list[object]:
    assert found.each is not None
    accepted = found.each[ACCEPTANCE][place]
    interval = accepted.interval(facts.context.confidence)
    moves = interval is not None and interval.low < interval.high
    ends = (interval.low, interval.high) if interval is not None and moves else None
    drawn = (accepted.value, *ends) if ends else accepted.value
    compared = [
        one.value for one, inside in zip(found.each[ACCEPTANCE], found.compared, strict=True) if ACCEPTANCE in inside
    ]
    highest = max(compared, default=0.0)
    ratio = accepted.value / highest if highest and ACCEPTANCE in found.compared[place] else None
    return [
        found.groups[place],
        found.rows[place],
        accepted.value,
        _number(found.each[OF_GOOD][place]),
        _number(found.each[BAD_RATE][place]),
        ratio,
        ends,
        drawn,
    ]


def _number(measured: Measured) -> float | None:
    return None if measured.value != measured.value else measured.value


def _sentence(facts: Facts, column: str, found: ByColumn) -> str:
    worst = (found.worst or {}).get(RATIO)
    if worst is None or found.each is None:
        return f"Nothing is compared by `{column}`: {found.why_not or 'nobody is accepted'}."
    low, high = found.groups.index(worst.lower), found.groups.index(worst.higher)
    shares = [percent(found.each[ACCEPTANCE][place].value) for place in (low, high)]
    interval = worst.interval(facts.context.confidence)
    told = f" ({interval.low:.2f} to {interval.high:.2f})" if interval else ""
    begin = (
        f"“{worst.lower}”: **{shares[0]} accepted against {shares[1]}** of “{worst.higher}”, "
        f"ratio {_ratio(worst.value)}{told}"
    )
    if worst.value >= FOUR_FIFTHS:
        return f"{begin}: not below the usual 0.80."
    if interval is not None and interval.high < FOUR_FIFTHS:
        return f"{begin}: **below the usual 0.80, and that is shown**. Find out what lies behind it before going live."
    return (
        f"{begin}: below the usual 0.80, but on {facts.counted(found.rows[low])} that is **not shown**; look at it "
        "with more data before going live."
    )


def _ratio(value: float) -> str:
    """Return a ratio with two decimals, and with three where two would put it on the bar.

    Examples
    --------
    >>> _ratio(0.712), _ratio(0.7992)
    ('0.71', '0.799')
    """
    return f"{value:.3f}" if value < FOUR_FIFTHS <= round(value, 2) else f"{value:.2f}"


def _caution(facts: Facts, column: str, found: ByColumn, number: int) -> Iterator[Caution]:
    worst = (found.worst or {}).get(RATIO)
    if worst is None or worst.value >= FOUR_FIFTHS:
        return
    interval = worst.interval(facts.context.confidence)
    shown = interval is not None and interval.high < FOUR_FIFTHS
    ends = f" ({interval.low:.2f} to {interval.high:.2f})" if interval else ""
    sure = "that is shown" if shown else "with so few it is not shown"
    yield Caution(
        f"uneven-{number}",
        f"By `{column}`, “{worst.lower}” is accepted {_ratio(worst.value)} times as often as “{worst.higher}”{ends}, "
        f"below the usual 0.80; {sure}. Ask what lies behind it.",
        weight=0.9 if shown else 0.58,
    )


def _note(facts: Facts, found: ByColumn) -> str:
    said = ["Accepted only: what a person has to look at counts as not accepted."]
    groups, rows = found.too_small
    if groups:
        said.append(f"{plural(groups, 'group')} with {plural(rows, 'row')} in all too small to be told of.")
    bare = [name for name, inside in zip(found.groups, found.compared, strict=True) if ACCEPTANCE not in inside]
    if bare:
        said.append(f"Too few of either kind to be compared: {', '.join(bare)}.")
    worst = (found.worst or {}).get(RATIO)
    if worst is not None and worst.comparisons > 1:
        said.append(f"The interval of the ratio allows for the {worst.comparisons} pairs that were compared.")
    odds = (found.worst or {}).get("equalised_odds_difference")
    if odds is not None:
        interval = odds.interval(facts.context.confidence)
        told = f" ({interval.low:.2f} to {interval.high:.2f})" if interval else ""
        said.append(f"Equalised odds difference {odds.value:.2f}{told}, “{odds.lower}” to “{odds.higher}”.")
    return " ".join(said)
