"""How sure the answers are: the models beside one another on the same rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sartor_plugins.report.beside import WORDS, triple
from sartor_plugins.report.beside import ends as ends_of
from sartor_plugins.report.depth import depth_said
from sartor_plugins.report.facts import Facts
from sartor_plugins.report.front import best_trivial, challenger, first_metric_sentence
from sartor_plugins.report.markup import Child, Markup, said, tag
from sartor_plugins.report.numbers import decimals_of, number
from sartor_plugins.report.tables import table_html, table_of
from sartor_plugins.report.words import Standing, capital


def sure(facts: Facts) -> list[Child]:
    """Return sentence and table of the models, the champion first; empty without models."""
    if not facts.models or not facts.metrics:
        return []
    first, *rest = facts.metrics
    beside = _beside(facts, rest)
    names = _in_order(facts)
    lines = [_model_line(facts, name, first, beside) for name in names]
    label = first["label"]
    columns = [
        {"title": "Model"},
        {"title": label, "kind": "number"},
        {"title": f"{facts.percent} interval", "kind": "range"},
        {"title": "", "kind": "interval", "reference": _reference(facts, first)},
        {"title": f"Against {facts.champion}", "kind": "text"},
        *({"title": metric["label"][:1].upper() + metric["label"][1:], "kind": "number"} for metric in beside),
    ]
    ours = [names.index(facts.champion)] if facts.champion in names else []
    caption = f"Models on the same {facts.test_rows:,} {facts.noun} that judge"
    table = table_of(caption, columns, lines, ours=ours)
    return [
        tag("p.say", said(f"{first_metric_sentence(facts)} {_rival_said(facts)} {depth_said(facts)}".strip())),
        table_html(table, facts.unit, facts.smallest),
        tag("p.small", f"{label}: {first['about']}"),
    ]


def _beside(facts: Facts, metrics: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return two further metrics: calibration where there is one, and the next that says something else."""
    calibration = [metric for metric in metrics if metric["name"] == "calibration_error"]
    others = [metric for metric in metrics if metric["name"] not in ("gini", "average_precision", "calibration_error")]
    return [*others[: 2 - len(calibration)], *calibration]


def _in_order(facts: Facts) -> list[str]:
    """Return the models' names: the champion, the others from good to bad, the trivial answers last."""
    metric = facts.metrics[0]
    better = metric["better"]

    def place(name: str) -> tuple[bool, bool, float]:
        value = facts.measured(name, metric["name"]).get("value")
        if value is None:
            return name != facts.champion, bool(facts.models[name].get("trivial")), float("inf")
        badness = -value if better == "higher" else value if better == "lower" else abs(value - float(better))
        return name != facts.champion, bool(facts.models[name].get("trivial")), badness

    return sorted(facts.models, key=place)


def _model_line(facts: Facts, name: str, metric: Mapping[str, Any], beside: list[Mapping[str, Any]]) -> list[Any]:
    model, measured = facts.models[name], facts.measured(name, metric["name"])
    about = "trivial answer" if model.get("trivial") else str(model.get("use", ""))
    if name == facts.champion:
        against = "champion"
    else:
        against = Standing.other((model.get("against") or {}).get("metrics", {}).get(metric["name"])).told("number")
    ends = ends_of(measured)
    fixed = ends is not None and ends[0] == ends[1]
    return [
        f"{capital(name)}\n{about}",
        measured.get("value"),
        None if fixed else ends,
        triple(measured),
        against or "not compared",
        *(facts.measured(name, other["name"]).get("value") for other in beside),
    ]


def _reference(facts: Facts, metric: Mapping[str, Any]) -> float:
    """Return where the line behind the dots stands: the best trivial answer, else zero."""
    value = facts.measured(best_trivial(facts), metric["name"]).get("value")
    return float(value) if value is not None else 0.0


def _rival_said(facts: Facts) -> str:
    """Say why the champion is the one that decides."""
    other, metric, champion = challenger(facts), facts.metrics[0], facts.champion
    if not other:
        return "No other model was tried."
    value = facts.measured(other, metric["name"]).get("value")
    standing = Standing.other((facts.models[other].get("against") or {}).get("metrics", {}).get(metric["name"]))
    has = f"The nearest rival, {other}, has {number(value, decimals_of('number', [value]))}"
    told = standing.told("number")
    told = f", {told}" if told else ""
    if standing.kind == "better":
        return f"{has}{told}: **that is better, shown**; the recipe decides on {champion} all the same."
    if standing.kind == "likely better":
        return f"{has}{told}: likely better, not shown, so {champion} stays champion."
    if standing.kind == "none":
        return f"{has}{told}: no difference is shown, so {champion} stays champion."
    if standing.kind == "unknown":
        return f"{has}; the two were not compared."
    return f"{has}{told}: {WORDS[standing.kind]}, so {champion} stays champion."


def all_metrics(facts: Facts) -> Markup | None:
    """Return a table of every metric of every model, with intervals."""
    if not facts.models or not facts.metrics:
        return None
    names = _in_order(facts)
    lines: list[list[Any]] = []
    for metric in facts.metrics:
        cells = []
        for name in names:
            measured = facts.measured(name, metric["name"])
            value = measured.get("value")
            decimals = decimals_of("number", [value])
            ends = ends_of(measured)
            told = (
                f"\n{number(ends[0], decimals)} to {number(ends[1], decimals)}" if ends and ends[0] != ends[1] else ""
            )
            cells.append(None if value is None else number(value, decimals) + told)
        lines.append([f"{metric['label']}\n{_towards(metric)}", *cells])
    table = table_of(
        f"Every metric of every model, with its {facts.percent} interval",
        [{"title": "Metric"}, *({"title": capital(name)} for name in names)],
        lines,
    )
    return tag("details", tag("summary", "Every metric of every model"), table_html(table, facts.unit, 0, fold=False))


def _towards(metric: Mapping[str, Any]) -> str:
    better = metric["better"]
    return f"{better} is better" if isinstance(better, str) else f"{better:g} is right"
