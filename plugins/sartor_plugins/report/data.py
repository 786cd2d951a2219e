"""The data: what was read, repaired, set aside, and kept from the model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sartor.wording import listed, plural
from sartor_plugins.report.facts import Facts
from sartor_plugins.report.markup import Child, Markup, said, tag
from sartor_plugins.report.numbers import number
from sartor_plugins.report.tables import table_html, table_of


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


RULES = {
    "audit_only": ("audit only", "stored apart, to see whether people are treated alike; no model sees it"),
    "drop": ("dropped", "never entered"),
    "pseudonymise": ("pseudonymised", "each value is replaced by a code that only the key leads back from"),
    "generalise": ("made coarser", "bands, periods or first characters in place of values"),
    "shift_dates": ("dates shifted", "by one number of days a person; intervals stay"),
    "mask": ("masked", "all but the ends hidden"),
}
"""What privacy does to a column: in a word, and what that means."""


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
        [listed(names), *RULES.get(rule, (rule, ""))]
        for rule, names in sorted(by_rule.items(), key=lambda pair: pair[0])
    ]
    columns_of = [{"title": "Kept from the model, or changed"}, {"title": "Rule"}, {"title": "What that means"}]
    return table_html(table_of("Columns that privacy treats", columns_of, lines), facts.unit, 0)
