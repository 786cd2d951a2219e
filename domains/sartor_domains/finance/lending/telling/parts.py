"""The parts of the decision: how many are accepted, looked at and declined, and how their loans went."""

from __future__ import annotations

from collections.abc import Iterator

from sartor.sections import Caution, Section, Table, TableColumn, Tone
from sartor_domains.finance.lending.reasons import NO_FACTOR
from sartor_domains.finance.lending.telling.facts import Facts, Flags, percent

MANY_BAD = 0.2
"""A larger share of bad loans is seldom that of those who apply."""


def parts(facts: Facts) -> Section:
    """Return the bar below the headline."""
    lines: list[list[object]] = []
    tones: list[Tone] = []
    said: list[tuple[str, Flags, Tone]] = [
        ("Accept", facts.accepted, "ours"),
        ("Have a person look", facts.referred, "refer"),
        ("Decline", facts.declined, "decline"),
    ]
    for name, rows, tone in said:
        if rows.any():
            lines.append([name, int(rows.sum()), _went(facts, rows, accepted=tone == "ours")])
            tones.append(tone)
    return Section(
        id="parts",
        place="decision",
        title="The decision in parts",
        sentence=_sentence(facts),
        table=Table(
            "How many are accepted, looked at and declined, and how their loans went",
            [TableColumn("Decision"), TableColumn("Number", "count"), TableColumn("How they went")],
            lines,
            counts=[int(str(line[1])) for line in lines],
            tones=tones,
            parts=True,
        ),
    )


def _went(facts: Facts, rows: Flags, *, accepted: bool) -> str:
    bad, total = int((rows & facts.bad).sum()), int(rows.sum())
    defaulted = "defaulted" if accepted else "would have defaulted"
    return f"{bad:,} of them {defaulted}, {percent(bad / total)}"


def _sentence(facts: Facts) -> str:
    everyone = facts.counted(facts.rows)
    bad = int(facts.bad.sum())
    missed = int((facts.declined & ~facts.bad).sum())
    declined = int(facts.declined.sum())
    begin = f"Of {everyone} **{bad:,} went bad, {percent(bad / facts.rows)}**"
    # How a handful of loans went is told nowhere.
    fewest = max(facts.context.smallest_group, 1)
    accepted = int(facts.accepted.sum())
    lost = f" Of {declined:,} that are declined {missed:,} would have repaid." if declined >= fewest else ""
    if not accepted:
        return f"{begin}; none is accepted."
    if accepted < fewest:
        return f"{begin}; of those accepted too few to be told of.{lost}"
    of_accepted = int((facts.accepted & facts.bad).sum())
    return f"{begin}; of those accepted **{of_accepted:,}, {percent(of_accepted / accepted)}**.{lost}"


def oversight(facts: Facts) -> Section:
    """Return who looks at what: where the decision is left to a person."""
    low, high = facts.settings.cut_offs
    referred = int(facts.referred.sum())
    without = int((facts.decisions["reasons_from"] == NO_FACTOR).sum())
    band = f", where the chance of default lies from {percent(max(low, 0.0))} to {percent(high)}" if high > low else ""
    said = [f"A person decides on {referred:,} of {facts.counted(facts.rows)}{band}, and on whatever cannot be scored."]
    if without:
        said.append(f"{without:,} of them would be declined without a reason that may be named.")
    if facts.declined.any():
        said.append("Who is declined is told at most four reasons, and may ask for a person to look again.")
    return Section("oversight", "making", "Who looks at what", " ".join(said))


def terms(facts: Facts) -> Section:
    """Return on what terms it is decided: what loans earn and lose, and the cut-offs that follow or were set."""
    settings = facts.settings
    low, high = settings.cut_offs
    referred = f", a person looks at what lies up to {_tenths(high)}" if high > low else ""
    return Section(
        "terms",
        "making",
        "On what terms it decides",
        f"A good loan earns {100 * settings.margin:g}\u00a0% of its amount and a bad one loses "
        f"{100 * settings.loss_given_default:g}\u00a0%: a chance of default of **{_tenths(settings.break_even)}** is "
        f"break-even. Accepted is below {_tenths(max(low, 0.0))}{referred}, and the rest is declined. To judge whether "
        "people are worth a credit is high-risk by the EU AI Act (Annex III, 5 b).",
    )


def _tenths(share: float) -> str:
    """Return a share in percent with one decimal, which cut-offs need.

    Examples
    --------
    >>> _tenths(1 / 6).replace(chr(160), " ")
    '16.7 %'
    """
    return f"{100 * share:.1f}\u00a0%"


def base_rate_caution(facts: Facts) -> Iterator[Caution]:
    """Warn of a sample with far more bad loans than those who apply have, unless it is brought to them."""
    share = float(facts.bad.mean())
    if share > MANY_BAD and facts.settings.bad_rate_of_population is None:
        yield Caution(
            "base-rate",
            f"**{percent(share)} of these {facts.noun} went bad**, far more than a bank usually sees: chances and "
            "money hold for such a sample only. If bad ones were drawn more often, say how many there are among those "
            "who apply, `bad_rate_of_population`, and run again.",
            weight=0.65,
        )
