"""The top of the page: the decision, what it is worth, and its parts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sartor.wording import form, listed, singular
from sartor_plugins.report.facts import Facts, Worth
from sartor_plugins.report.markup import Child, Markup, said, tag
from sartor_plugins.report.numbers import amount, decimals_of, number, span
from sartor_plugins.report.words import bar_of, capital, metric_sentence


def headline(facts: Facts) -> str:
    """Return the decision; where a gate failed, that."""
    failed = facts.failed_gates
    if not failed:
        said_of = str(facts.summary.get("headline") or f"{facts.summary['recipe']} has run.")
        return said_of[:1].upper() + said_of[1:]
    total = len(facts.summary["gates"])
    gates = "; ".join(_gate_in_words(facts, gate) for gate in failed)
    return f"{len(failed)} of {total} {form(total, 'gate')} failed: {gates}."


def _gate_in_words(facts: Facts, gate: Mapping[str, Any]) -> str:
    label = metric_label(facts, str(gate["metric"])) + "".join(
        f" {word} {gate[key]}" for key, word in (("model", "of"), ("action", "of"), ("by", "by")) if gate.get(key)
    )
    value, low, high = gate.get("value"), gate.get("low"), gate.get("high")
    if value is None:
        return f"{label} has no value ({bar_of(gate)} is asked for)"
    of, unit = ("money", facts.unit) if gate["metric"] == "value" else ("number", "")
    decimals = decimals_of(of, [value])
    ends = span(low, high, of, decimals)
    return f"{label} {amount(value, of, decimals, unit=unit)}" + (
        f", {facts.percent} {ends}, where {bar_of(gate)} is asked for" if ends else f" ({bar_of(gate)})"
    )


def metric_label(facts: Facts, name: str) -> str:
    """Return a metric's label as people read it."""
    if name == "value":
        return "value"
    audits = (facts.summary.get("audit") or {}).values()
    known = [*facts.metrics, *(measure for audit in audits for measure in audit["measures"])]
    return next((str(metric["label"]) for metric in known if metric["name"] == name), name)


def lede(facts: Facts) -> list[str]:
    """Return the sentences below the headline."""
    if facts.failed_gates:
        decided = facts.summary.get("headline")
        kept = [f"The run would have decided: {decided}"] if decided and facts.summary.get("policies") else []
        return ["**Nothing is delivered while a gate fails.** " + " ".join(kept)]
    if facts.worths:
        return [_worth_sentence(facts, worth) for worth in facts.worths]
    if facts.champion and facts.metrics:
        return [first_metric_sentence(facts)]
    return []


def _worth_sentence(facts: Facts, worth: Worth) -> str:
    value, rows, unit = worth.own["value"], facts.test_rows, facts.unit
    low, high = worth.own.get("low"), worth.own.get("high")
    decimals = decimals_of("money", [value, low, high])
    ends = span(low, high, "money", decimals, unit=unit)
    interval = f" ({facts.percent}: {ends} in all)" if ends else ""
    begin = f"{capital(worth.action)}: " if worth.action else ""
    if value == 0:
        said = f"{begin}Worth **nothing, and nothing lost**, on these {rows:,} {facts.noun}{interval}."
    else:
        each = amount(abs(value) / max(rows, 1), "money", 0 if abs(value) >= 10 * rows else 2, unit=unit)
        total = amount(abs(value), "money", decimals, unit=unit)
        what = f"Worth **{total}**" if value > 0 else f"**{'Cost' if worth.only_costs else 'A loss of'} {total}**"
        said = f"{begin}{what} on these {rows:,} {facts.noun}, {each} for each one{interval}."
    if not worth.policies:
        return said
    best, policy = worth.policies[0]
    name = capital(best.replace("_", " "))
    came = f"cost {amount(-policy['value'], 'money', decimals, unit=unit)}" if worth.only_costs else None
    return f"{said} {name}, the best simple policy, would have {came or _came_to(policy, decimals, unit)}."


def _came_to(policy: Mapping[str, Any], decimals: int, unit: str) -> str:
    value = policy["value"]
    if not value:
        return "neither earned nor lost anything"
    ends = span(policy.get("low"), policy.get("high"), "money", decimals)
    word = "brought" if value > 0 else "lost"
    return f"{word} {amount(abs(value), 'money', decimals, unit=unit)}" + (f" ({ends})" if ends and value > 0 else "")


def first_metric_sentence(facts: Facts) -> str:
    """Return what the first metric says of the champion, beside the best trivial answer."""
    metric = facts.metrics[0]
    champion, other = facts.champion, best_trivial(facts)
    ours, theirs = (facts.measured(name, metric["name"]) for name in (champion, other))
    return metric_sentence(metric, champion, ours, other, theirs)


def best_trivial(facts: Facts) -> str:
    """Return the trivial answer that is hardest to beat by the first metric; empty if there is none."""
    names = [name for name, model in facts.models.items() if model.get("trivial")]
    return best_of(facts, names)


def challenger(facts: Facts) -> str:
    """Return the best model beside the champion by the first metric; empty if there is none."""
    names = [name for name, model in facts.models.items() if not model.get("trivial") and name != facts.champion]
    return best_of(facts, names)


def best_of(facts: Facts, names: list[str]) -> str:
    """Return the best of some models by the first metric; empty if there is none."""
    if not facts.metrics:
        return names[0] if names else ""
    metric = facts.metrics[0]
    better = metric["better"]

    def badness(name: str) -> float:
        value = facts.measured(name, metric["name"]).get("value")
        if value is None:
            return float("inf")
        return float(-value if better == "higher" else value if better == "lower" else abs(value - float(better)))

    return min(names, key=badness, default="")


# ---------------------------------------------------------------------------------------------------------------
# The parts of the decision, drawn as one bar
# ---------------------------------------------------------------------------------------------------------------

_TONES = ("ours", "refer", "decline", "others", "ink")


NARROW, BARE = 0.12, 0.06
"""A part of a smaller share has no room for words below it, or for its number."""


def parts_bar(facts: Facts, table: Mapping[str, Any]) -> Markup:
    """Return one bar of all parts of a decision with a key below it."""
    shown = [
        (place, line)
        for place, line in enumerate(table["lines"])
        if place not in table["hidden"] and line[1] is not None and line[1] > 0
    ]
    columns = " ".join(f"minmax(0,{line[1]:.6g}fr)" for _, line in shown)
    # A part too narrow for words: the key stands in columns of its own, told apart by colour and number.
    whole = sum(line[1] for _, line in shown)
    narrow = any(line[1] < NARROW * whole for _, line in shown)
    below = "repeat(auto-fit,minmax(9rem,1fr))" if narrow else columns
    tones = table["tones"] or _TONES
    bars = [
        tag(f"div.{tones[place % len(tones)] or 'ours'}.bare")
        if line[1] < BARE * whole
        else tag(f"div.{tones[place % len(tones)] or 'ours'}", number(line[1]))
        for place, line in shown
    ]
    keys: list[Child] = []
    for place, line in shown:
        about = [tag("span", said(str(cell))) for cell in line[2:] if cell]
        if narrow:
            name = tag("b", f"{line[0]}: {number(line[1])}")
            keys.append(tag(f"li.narrow.{tones[place % len(tones)] or 'ours'}", name, about))
        else:
            keys.append(tag("li", tag("b", str(line[0])), tag("span.vh", f" {number(line[1])}: "), about))
    hidden = len(table["lines"]) - len(shown)
    fewer = f"Parts of fewer than {facts.smallest} {facts.noun}, and what would tell them, are not shown."
    note = fewer if hidden and table["hidden"] else ""
    return tag(
        "div.parts",
        tag("div.split", bars, style=f"grid-template-columns:{columns}", aria_hidden="true"),
        tag("ul.splitkey", keys, style=f"grid-template-columns:{below}", aria_label=table["caption"]),
        tag("p.small", note) if note else None,
    )


def kick(facts: Facts) -> Markup:
    """Return the line above the headline."""
    rows = facts.test_rows
    judged = f"judged on {rows:,} {facts.noun if rows != 1 else singular(facts.noun)} that no model learned from"
    parts = [judged] if rows else []
    made_up = facts.summary.get("simulated") or []
    if made_up:
        parts.append(f"simulated data: {listed(made_up)}")
    return tag("p.kick", " · ".join([str(facts.summary["recipe"]), *parts]), " · run ", tag("span.n", facts.started))
