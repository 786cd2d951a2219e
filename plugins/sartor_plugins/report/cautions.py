"""Before you use it: what checks of the numbers found, the three that weigh most; never a general warning."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sartor.wording import form, listed
from sartor_plugins.report.facts import FEW_ROWS, Facts
from sartor_plugins.report.front import best_trivial, challenger, metric_label
from sartor_plugins.report.markup import Markup, said, tag
from sartor_plugins.report.numbers import decimals_of, number, span
from sartor_plugins.report.verdicts import by_a_hair
from sartor_plugins.report.words import Standing, bar_of, capital

MOST = 3
OFTEN = 10
"""From so many judgements on the same rows on, choosing by them is to be feared."""
UNREAD = 0.02
"""Nobody reads a chance more finely than this: what is less far off is no caution, however surely it is off."""

Weighed = tuple[float, str]


def cautions(facts: Facts) -> Markup | None:
    """Return the heaviest cautions; None where no check found anything."""
    found = sentences(facts)
    if not found:
        return None
    return tag(
        "div.note",
        tag("h2.small", "Before you use it"),
        tag("ul", [tag("li", said(sentence)) for sentence in found]),
    )


def sentences(facts: Facts, most: int = MOST) -> list[str]:
    """Return the sentences of the heaviest cautions, the heaviest first."""
    own = list(_checks(facts))
    given = [(float(caution["weight"]), str(caution["sentence"])) for caution in facts.cautions]
    noted = [
        (0.55, f"{note['text'][:1].upper()}{note['text'][1:]}.")
        for note in facts.summary.get("notes", [])
        if note["caution"]
    ]
    weighed = sorted([*own, *given, *noted], key=lambda pair: -pair[0])
    return list(dict.fromkeys(sentence for _, sentence in weighed))[:most]


def _checks(facts: Facts) -> Iterator[Weighed]:
    made_up = facts.summary.get("simulated") or []
    if made_up:
        were = form(len(made_up), "is", "are")
        yield 1.0, f"{listed(made_up)} {were} **simulated**: the numbers show how the recipe works, not what it brings."
    yield from _against_simple(facts)
    yield from _gates(facts)
    yield from _calibration(facts)
    yield from _rival(facts)
    rows = facts.test_rows
    if 0 < rows < FEW_ROWS:
        yield (
            0.5,
            (
                f"{rows:,} {facts.noun} are few to judge by: the intervals are wide, and no difference is called shown "
                "that is not."
            ),
        )
    before = int(facts.summary.get("judged_before") or 0)
    if before >= OFTEN:
        yield (
            0.45,
            (
                f"These rows have judged {before:,} times before. Choosing among many runs by the same rows flatters "
                "the one chosen; judge once on rows that nobody has looked at."
            ),
        )


def _against_simple(facts: Facts) -> Iterator[Weighed]:
    """Say where a simple policy, or the trivial answer, is as good as the run, or better."""
    for worth in facts.worths:
        if not worth.policies:
            continue
        name, policy = worth.policies[0]
        standing = Standing.ours(policy.get("against"))
        shown, name = standing.told("money", facts.unit), capital(worth.name(name))
        if standing.kind in ("worse", "likely worse"):
            yield 0.95, f"“{name}”, which needs no model, **does better**: {shown} for this run."
        elif standing.kind == "none":
            yield 0.75, f"“{name}”, which needs no model, may do as well: {shown} for this run."
    other = best_trivial(facts)
    if not facts.metrics or not other or other == facts.champion:
        return
    first = facts.metrics[0]
    against = (facts.models[other].get("against") or {}).get("metrics", {}).get(first["name"])
    standing = Standing.ours(against)
    if standing.kind in ("worse", "likely worse", "none"):
        said_so = f"{first['label']} {standing.told('number')}"
        yield 0.9, f"{facts.champion} **is not shown to answer better than the {other}**: {said_so}."


def _gates(facts: Facts) -> Iterator[Weighed]:
    """Say which gates passed only within their intervals, all in one sentence, and which by a hair."""
    reached: list[tuple[str, str, str]] = []
    for gate in facts.summary.get("gates", []):
        if gate.get("value") is None or not gate["passed"]:
            continue
        by = f" by `{gate['by']}`" if gate.get("by") else ""
        label, decimals = metric_label(facts, gate["metric"]) + by, decimals_of("number", [gate["value"]])
        value = number(gate["value"], decimals)
        ends = span(gate.get("low"), gate.get("high"), "number", decimals)
        if gate.get("within_interval"):
            reached.append((f"{label} is {value}", ends, bar_of(gate)))
        elif by_a_hair(gate):
            yield 0.6, f"A gate passed by a hair: {label} is {value} ({ends}), and {bar_of(gate)} is asked for."
    if len(reached) == 1:
        told, ends, bar = reached[0]
        reach = f"the gate passed only because its interval, {ends}, reaches that far"
        yield 0.8, f"{capital(told)}, and {bar} is asked for: {reach}."
    elif reached:
        told = "; ".join(f"{what} ({ends}), where {bar} is asked for" for what, ends, bar in reached)
        yield 0.8, f"{len(reached)} gates passed only because their intervals reach that far: {told}."


def _calibration(facts: Facts) -> Iterator[Weighed]:
    """Say where probabilities are further off than right ones would look by luck, and by more than anybody reads."""
    measured = facts.measured(facts.champion, "calibration_error")
    expected: Mapping[str, Any] = measured.get("beside") or {}
    most = expected.get("calibration_error_expected_high")
    value = measured.get("value")
    if value is not None and most is not None and value > most and value >= UNREAD:
        yield (
            0.7,
            (
                f"The probabilities are off by {100 * value:.1f} points of 100 on average, where right ones would "
                f"seem off by at most {100 * most:.1f} by luck: do not read a single one as a promise."
            ),
        )


def _rival(facts: Facts) -> Iterator[Weighed]:
    """Say where another model is shown to answer better than the champion."""
    other = challenger(facts)
    if not facts.metrics or not other:
        return
    first = facts.metrics[0]
    against = (facts.models[other].get("against") or {}).get("metrics", {}).get(first["name"])
    standing = Standing.other(against)
    if standing.kind == "better":
        told = f"{first['label']} {standing.told('number')}"
        yield (
            0.65,
            f"{other} **answers better than {facts.champion}, shown**: {told}. The recipe decides on the latter.",
        )
