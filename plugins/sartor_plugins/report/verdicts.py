"""Three verdicts at most: is it better than doing it simply, better than its nearest rival, and did the gates pass?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sartor.wording import listed
from sartor_plugins.report.facts import Facts
from sartor_plugins.report.front import best_trivial, challenger, metric_label
from sartor_plugins.report.markup import Markup, tag
from sartor_plugins.report.numbers import amount, decimals_of
from sartor_plugins.report.words import ANSWERS, MARKS, Standing, bar_of, weakest


def verdicts(facts: Facts) -> Markup | None:
    """Return three verdicts at most: against simple policies or answers, against the nearest rival, and the gates."""
    found = list(_verdicts(facts))[:3]
    return tag("ul.verdicts", [_verdict(*entry) for entry in found]) if found else None


Entry = tuple[str, str, str, str]
"""Mark, question, answer, and what it rests on."""


def _verdicts(facts: Facts) -> Iterator[Entry]:
    worths = [worth for worth in facts.worths if worth.policies]
    gates = list(_gates(facts))
    if len(worths) > 1:
        for worth in worths[: 3 - len(gates)]:
            standing = weakest([Standing.ours(policy.get("against")) for _, policy in worth.policies])
            yield _answer(f"{worth.action}: better than every simple policy?", standing, "money", facts.unit)
    elif worths:
        yield from _policy_verdicts(facts, worths[0].policies)
        if not gates and len(worths[0].policies) == 1:
            yield from _model_verdicts(facts)
    else:
        yield from _model_verdicts(facts)
    yield from gates


def _policy_verdicts(facts: Facts, policies: Sequence[tuple[str, Mapping[str, Any]]]) -> Iterator[Entry]:
    (best, nearest), *others = policies
    if others:
        names = [name for name, _ in others]
        standing = weakest([Standing.ours(policy.get("against")) for _, policy in others])
        question = f"Better than “{listed([name.replace('_', ' ') for name in names], '” and “')}”?".replace(
            " ” ", "” "
        )
        yield _answer(f"Better than {_quoted(names)}?" if question else "", standing, "money", facts.unit)
    yield _answer(f"Better than {_quoted([best])}?", Standing.ours(nearest.get("against")), "money", facts.unit)


def _quoted(names: list[str]) -> str:
    return listed([f"“{name.replace('_', ' ')}”" for name in names])


def _model_verdicts(facts: Facts) -> Iterator[Entry]:
    if not facts.metrics:
        return
    name = facts.metrics[0]["name"]
    for other, question in ((best_trivial(facts), "the {}"), (challenger(facts), "{}, its nearest rival")):
        if other and other != facts.champion:
            against = (facts.models[other].get("against") or {}).get("metrics", {}).get(name)
            mark, asked, words, rests = _answer(
                f"Better than {question.format(other)}?", Standing.ours(against), "number", ""
            )
            yield mark, asked, words, f"{metric_label(facts, name)} {rests}" if rests else ""


def _answer(question: str, standing: Standing, of: str, unit: str) -> Entry:
    mark, words = ANSWERS[standing.kind]
    return mark, question, words, standing.told(of, unit)


def _gates(facts: Facts) -> Iterator[Entry]:
    gates = facts.summary.get("gates", [])
    if not gates:
        return
    failed = facts.failed_gates
    mark = "no" if failed else "yes"
    words = f"{len(failed)} of {len(gates)} failed" if failed else f"{len(gates)} of {len(gates)} passed"
    yield mark, "Gates of the recipe", words, "; ".join(gate_told(facts, gate) for gate in gates)


def gate_told(facts: Facts, gate: Mapping[str, Any]) -> str:
    """Return a gate with its value, its bar, and whether that was only just so."""
    value = gate.get("value")
    of, unit = ("money", facts.unit) if gate["metric"] == "value" else ("number", "")
    shown = amount(value, of, decimals_of(of, [value]), unit=unit)
    hair = ": failed" if not gate["passed"] else ": only within its interval" if gate.get("within_interval") else (
        ": only just" if by_a_hair(gate) else ""
    )  # fmt: skip
    by = f" by {gate['by']}" if gate.get("by") else ""
    return f"{metric_label(facts, gate['metric'])}{by} {shown} ({bar_of(gate)}){hair}"


def by_a_hair(gate: Mapping[str, Any]) -> bool:
    """Whether a gate passed, its value a tenth of its interval or less from the bar.

    Examples
    --------
    >>> by_a_hair({"at_most": 0.05, "value": 0.049, "low": 0.03, "high": 0.07, "passed": True})
    True
    >>> by_a_hair({"at_least": 0.7, "value": 0.771, "low": 0.713, "high": 0.829, "passed": True})
    False
    """
    value, low, high = gate.get("value"), gate.get("low"), gate.get("high")
    if value is None or low is None or high is None or not gate.get("passed") or gate.get("within_interval"):
        return False
    bars = [gate[key] for key in ("at_least", "at_most") if gate.get(key) is not None]
    return any(abs(value - bar) <= 0.1 * (high - low) for bar in bars)


def _verdict(mark: str, question: str, answer: str, rests: str) -> Markup:
    return tag(
        f"li.{mark}",
        tag("span.q", question),
        tag("span.a", tag("span.ic", MARKS[mark], aria_hidden="true"), answer),
        tag("span.d", rests) if rests else None,
    )
