"""The report's own parts: what it is worth, how sure that is, the data, and how it was made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sartor.wording import listed, plural
from sartor_plugins.report.facts import Facts
from sartor_plugins.report.front import (
    best_trivial,
    challenger,
    first_metric_sentence,
    simple_policies,
)
from sartor_plugins.report.markup import Child, Markup, said, tag
from sartor_plugins.report.numbers import decimals_of, number
from sartor_plugins.report.tables import table_html, table_of
from sartor_plugins.report.words import Standing, capital

_WORDS = {
    "better": "shown better", "likely better": "likely better, not shown", "none": "no difference shown",
    "likely worse": "likely worse, not shown", "worse": "shown worse", "unknown": "not compared",
}  # fmt: skip


def _triple(measured: Mapping[str, Any] | None) -> list[Any] | None:
    if not measured or measured.get("value") is None:
        return None
    return [measured["value"], measured.get("low"), measured.get("high")]


def _ends(measured: Mapping[str, Any] | None) -> list[Any] | None:
    return [measured["low"], measured["high"]] if measured and measured.get("low") is not None else None


# ---------------------------------------------------------------------------------------------------------------
# Worth
# ---------------------------------------------------------------------------------------------------------------


def worth(facts: Facts) -> list[Child]:
    """Return sentence and table of what the decisions are worth beside named simple policies; empty without money."""
    own = facts.models.get(facts.champion, {}).get("value")
    policies = simple_policies(facts)
    if not own or own.get("value") is None:
        return []
    lines = [["This run\n" + f"decides on {facts.champion}", own["value"], _ends(own), _triple(own), "this run"]]
    for name, policy in policies:
        standing = Standing.other(policy.get("against"))
        lines.append([capital(name), policy["value"], _ends(policy), _triple(policy), _WORDS[standing.kind]])
    money = {"of": "money"}
    columns = [
        {"title": "Policy"},
        {"title": "Value", "kind": "money"},
        {"title": f"{facts.percent} interval", "kind": "range", **money},
        {"title": "", "kind": "interval", **money},
        {"title": "Against this run", "kind": "text"},
    ]
    caption = f"Value of each policy on the {facts.test_rows:,} {facts.noun} that judge"
    table = table_of(caption, columns, lines, ours=[0])
    return [
        tag("p.say", said(_worth_said(facts, own, policies))),
        table_html(table, facts.unit, facts.smallest),
    ]


def _worth_said(facts: Facts, own: Mapping[str, Any], policies: list[tuple[str, Mapping[str, Any]]]) -> str:
    redraws = facts.judge[0]
    how = (
        f"Intervals come from drawing the {facts.test_rows:,} {facts.noun} anew {redraws:,} times; "
        "the model itself is held fixed."
    )
    if not policies:
        return f"No simple policy stands beside it, so nothing tells whether this is much. {how}"
    better = [name for name, policy in policies if Standing.ours(policy.get("against")).kind == "better"]
    worse = [
        name for name, policy in policies if Standing.ours(policy.get("against")).kind in ("worse", "likely worse")
    ]
    names = [f"“{name.replace('_', ' ')}”" for name in better]
    if own["value"] <= 0:
        first = "**The decisions would not have earned anything.**"
    elif worse:
        first = f"**“{worse[0].replace('_', ' ')}” would have done better.**"
    elif len(better) == len(policies):
        first = f"**Worth more than {'every' if len(names) > 1 else 'the'} simple policy, shown.**"
    elif better:
        first = f"**Worth more than {listed(names)}, shown;** than the others that is not shown."
    else:
        first = "**That it is worth more than a simple policy is not shown.**"
    return f"{first} {how}"


# ---------------------------------------------------------------------------------------------------------------
# How sure
# ---------------------------------------------------------------------------------------------------------------


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
        tag("p.say", said(f"{first_metric_sentence(facts)} {_rival_said(facts)}".strip())),
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
    ends = _ends(measured)
    fixed = ends is not None and ends[0] == ends[1]
    return [
        f"{capital(name)}\n{about}",
        measured.get("value"),
        None if fixed else ends,
        _triple(measured),
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
    return f"{has}{told}: {_WORDS[standing.kind]}, so {champion} stays champion."


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
            ends = _ends(measured)
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


# ---------------------------------------------------------------------------------------------------------------
# Data
# ---------------------------------------------------------------------------------------------------------------


def data(facts: Facts) -> list[Child]:
    """Return what was read, repaired, set aside and kept from the model."""
    tables = facts.summary.get("tables", {})
    read = sum(int(table["rows"]) for table in tables.values())
    repaired = sum(int(table["repaired"]) for table in tables.values())
    aside = sum(int(table["set_aside"]) for table in tables.values())
    rows = facts.summary.get("rows", {})
    gap = f", {rows['gap']:,} in neither part" if rows.get("gap") else ""
    flow = [
        (number(read), f"rows read from {plural(len(tables), 'table')}"),
        (number(repaired), "values repaired"),
        (number(aside), "rows set aside"),
    ]
    if facts.test_rows:
        flow.append((f"{rows['train']:,} / {rows['test']:,}", f"rows to learn from / to judge by{gap}"))
    kept = _kept_from_the_model(facts)
    return [
        tag("p.say", said(_data_said(facts, repaired, aside, kept))),
        tag("ul.flow", [tag("li", tag("span.big", big), tag("span.t", about)) for big, about in flow]),
        _tables_table(facts) if len(tables) > 1 or aside or repaired else None,
        kept,
    ]


def _data_said(facts: Facts, repaired: int, aside: int, kept: Markup | None) -> str:
    said_of = []
    if not repaired and not aside:
        said_of.append("**Nothing needed repair.** Every row kept its type, its key and its allowed values.")
    else:
        done = [f"{repaired:,} values were repaired"] * bool(repaired) + [f"{aside:,} rows set aside"] * bool(aside)
        where = ": they stand in the run's folder, with the reason" if aside else ""
        said_of.append(f"**{listed(done)[:1].upper()}{listed(done)[1:]}**{where}.")
    if kept is None:
        said_of.append("No column was kept from the model.")
    purpose = facts.record.get("purpose")
    if purpose:
        said_of.append(f"The purpose that the data is used for: `{purpose}`.")
    return " ".join(said_of)


def _tables_table(facts: Facts) -> Markup:
    columns = [
        {"title": "Table"}, {"title": "Rows", "kind": "count"}, {"title": "Repaired", "kind": "count"},
        {"title": "Set aside", "kind": "count"},
    ]  # fmt: skip
    sources = facts.record.get("tables", {})
    lines = []
    for name, table in facts.summary["tables"].items():
        source = str(sources.get(name, {}).get("source") or "")
        made_up = "simulated" if table.get("simulated") else ""
        about = ". ".join(part for part in (made_up, source) if part)
        lines.append([f"{name}\n{about}" if about else name, table["rows"], table["repaired"], table["set_aside"]])
    return table_html(table_of("What became of each table's lines", columns, lines), facts.unit, facts.smallest)


_RULES = {
    "audit_only": ("audit only", "stored apart, to see whether people are treated alike; no model sees it"),
    "drop": ("dropped", "never entered"),
    "pseudonymise": ("pseudonymised", "each value is replaced by a code that only the key leads back from"),
    "generalise": ("made coarser", "bands, periods or first characters in place of values"),
    "shift_dates": ("dates shifted", "by one number of days a person; intervals stay"),
    "mask": ("masked", "all but the ends hidden"),
}


def _kept_from_the_model(facts: Facts) -> Markup | None:
    """Return the columns that privacy treats, by rule."""
    columns: Mapping[str, Any] = (facts.recipe.get("privacy") or {}).get("columns") or {}
    by_rule: dict[str, list[str]] = {}
    for name, treatment in columns.items():
        rule = treatment if isinstance(treatment, str) else next(iter(treatment), "")
        by_rule.setdefault(rule, []).append(str(name))
    if not by_rule:
        return None
    lines = [
        [listed(names), *_RULES.get(rule, (rule, ""))]
        for rule, names in sorted(by_rule.items(), key=lambda pair: pair[0])
    ]
    columns_of = [{"title": "Kept from the model, or changed"}, {"title": "Rule"}, {"title": "What that means"}]
    return table_html(table_of("Columns that privacy treats", columns_of, lines), facts.unit, 0)
