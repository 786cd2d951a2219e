"""Are people treated alike? What was measured of the decisions in the groups that columns kept for audit make."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sartor_plugins.report.beside import ends, triple
from sartor_plugins.report.facts import Facts
from sartor_plugins.report.markup import Child, said, tag
from sartor_plugins.report.numbers import decimals_of, number, span
from sartor_plugins.report.tables import table_html, table_of

BESIDE = 2
"""Further measures that stand beside the drawn one."""


def alike(facts: Facts) -> list[Child]:
    """Return what was measured by group, unless the action's own section tells it; empty where nothing was."""
    children: list[Child] = []
    for action, audit in audits(facts).items():
        parts = [part for column in audit["by"] for part in _column(facts, audit, column)]
        if parts:
            title = "Are people treated alike?" if len(audits(facts)) == 1 else f"Are people treated alike? {action}"
            children.append(tag("section.part", tag("h3", title), parts))
    return children


def audits(facts: Facts) -> Mapping[str, Any]:
    """Return what was measured by group, by action, where no section of the action tells it."""
    own = {str(section["step"]) for section in facts.sections if str(section["id"]).startswith(("alike", "groups"))}
    told: Mapping[str, Any] = facts.summary.get("audit") or {}
    return {name: audit for name, audit in told.items() if f"actions.{name}" not in own and audit.get("by")}


def _column(facts: Facts, audit: Mapping[str, Any], column: str) -> Iterator[Child]:
    found = audit["by"][column]
    sentences = list(worst_said(audit, column))
    if found["why_not"]:
        sentences.append(f"Nothing is compared by `{column}`: {found['why_not']}.")
    small = found["too_small"]
    if small["groups"]:
        sentences.append(
            f"Not told of: {small['groups']:,} of fewer than {facts.smallest}, {small['rows']:,} rows in all."
        )
    yield tag("p.say", said(" ".join(sentences) or f"By `{column}`."))
    table = table_by_group(audit, column, facts)
    if table["lines"]:
        yield table_html(table, facts.unit, facts.smallest, shows_caption=True)


def table_by_group(audit: Mapping[str, Any], column: str, facts: Facts) -> dict[str, Any]:
    """Return the numbers of each group of a column, the first measure drawn."""
    groups = [group for group in audit["by"][column]["groups"] if group["rows"] >= facts.smallest]
    names = [name for name in _labels(audit) if any(name in group["measures"] for group in groups)]
    labels = _labels(audit)
    first, beside = names[:1], names[1 : 1 + BESIDE]
    kinds = {name: _kind(groups, name) for name in names}
    columns: list[dict[str, Any]] = [{"title": column}, {"title": "Rows", "kind": "count"}]
    for name in first:
        title, kind = labels[name], kinds[name]
        columns += [{"title": title, "kind": kind}, {"title": f"{facts.percent} interval", "kind": "range", "of": kind},
                    {"title": "", "kind": "interval", "of": kind}]  # fmt: skip
    columns += [{"title": labels[name], "kind": kinds[name]} for name in beside]
    lines = []
    for group in groups:
        measured = [group["measures"].get(name) for name in first]
        cells = [cell for entry in measured for cell in ((entry or {}).get("value"), ends(entry), triple(entry))]
        others = [(group["measures"].get(name) or {}).get("value") for name in beside]
        lines.append([str(group["group"]), group["rows"], *cells, *others])
    return table_of(f"Decisions by {column}", columns, lines)


def _labels(audit: Mapping[str, Any]) -> dict[str, str]:
    return {str(measure["name"]): str(measure["label"]) for measure in audit["measures"]}


def _kind(groups: list[Mapping[str, Any]], name: str) -> str:
    """Shares are shown as such; whatever leaves 0 to 1 is a number."""
    values = [group["measures"][name]["value"] for group in groups if group["measures"].get(name)]
    return "share" if all(value is None or 0 <= value <= 1 for value in values) else "number"


def worst_said(audit: Mapping[str, Any], column: str) -> Iterator[str]:
    """Yield a sentence for the worst of each comparison of two groups of a column."""
    for name, pair in audit["by"][column]["worst"].items():
        label = _labels(audit).get(name, name)
        value = pair["value"]
        if value is None:
            continue
        decimals = decimals_of("number", [value, pair.get("low"), pair.get("high")])
        told = span(pair.get("low"), pair.get("high"), "number", decimals)
        yield (
            f"**{label[:1].upper()}{label[1:]} {number(value, decimals)}**{f' ({told})' if told else ''}, between "
            f"“{pair['lower']}” and “{pair['higher']}”."
        )
