"""How the run was made: stages with their time, versions, how to repeat it and how to verify it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sartor.wording import listed
from sartor_plugins.report.facts import LEDGER, Facts
from sartor_plugins.report.markup import Child, Markup, tag
from sartor_plugins.report.numbers import number
from sartor_plugins.report.tables import table_html, table_of

_STAGES = {
    "ingest": "tables read", "guard": "privacy rules carried out", "contract": "values held to their contract",
    "split": "rows to learn from and to judge by", "features": "features built", "fit": "models fitted",
    "judge": "answers judged", "decide": "decisions made", "inform": "sources withheld and weighed",
    "record": "everything recorded",
}  # fmt: skip


def making(facts: Facts) -> list[Child]:
    """Return stages, commands and versions."""
    run = f"{facts.summary['recipe']}/{facts.summary['run']}"
    lines, head = facts.head
    return [
        tag("p.say", f"{len(facts.files):,} files are named with their SHA-256 in {LEDGER}, whose lines follow from "
            "one another; a byte that has changed since is found."),
        _stages(facts),
        tag("h3", "Repeat and verify"),
        tag("pre", tag("code", f"sartor verify {run}\nsartor runs repro {run}")),
        _about(facts, lines, head),
    ]  # fmt: skip


def _stages(facts: Facts) -> Markup | None:
    stages = facts.summary.get("stages", [])
    if not stages:
        return None
    columns: list[dict[str, Any]] = [
        {"title": "Stage"}, {"title": "What was done"},
        {"title": "Seconds", "kind": "number", "digits": 2}, {"title": "", "kind": "bar", "digits": 2},
    ]  # fmt: skip
    lines = [
        [f"{stage['stage']}\n{_STAGES.get(stage['stage'], '')}".strip(), str(stage["line"]), *[stage["seconds"]] * 2]
        for stage in stages
    ]
    table = table_of("Stages of the run, with their time", columns, lines, ours=[])
    return table_html(table, facts.unit, 0)


def _about(facts: Facts, lines: int, head: str) -> Markup:
    record = facts.record
    versions: Mapping[str, Any] = record.get("versions", {})
    entries: list[tuple[str, str]] = [
        ("Run", f"{facts.summary['run']}, begun {facts.started}"),
        ("Seed, threads", f"{record.get('seed')}, {record.get('threads')}"),
    ]
    if record.get("as_of"):
        entries.append(("Lines read until", str(record["as_of"])))
    for entry in record.get("inputs", []):
        size = number(entry.get("bytes") or 0)
        digest = str(entry.get("sha256") or "")[:16]
        entries.append((f"Input of {entry.get('table')}", f"{entry.get('name')}, {size} bytes, sha256 {digest}…"))
    for name, table in record.get("tables", {}).items():
        if table.get("source"):
            entries.append((f"Source of {name}", str(table["source"])))
    entries.append(("Components", listed(f"{step} {use}" for step, use in record.get("components", {}).items())))
    entries.append(("Versions", ", ".join(f"{name} {version}" for name, version in versions.items())))
    entries.append(("Ledger", f"{lines} lines, closed by {head[:16]}…" if head else f"{lines} lines"))
    return tag("dl", [(tag("dt", name), tag("dd", value)) for name, value in entries])
