"""What ``sartor privacy scan`` and ``sartor privacy erase`` show."""

from __future__ import annotations

from typing import Any

from sartor.cli.look import Look
from sartor.recipe.writing import in_one_line
from sartor.wording import plural


def scan_lines(found: list[Any], look: Look) -> list[str]:
    """Return the YAML lines, and what is to be known beside them, as comments."""
    columns = {name: seen_as for one in found for name, seen_as in one.untreated.items()}
    seen = sum(one.columns for one in found)
    treated = {name for one in found for name in one.looks if name in one.treated}
    more = f", {len(treated):,} of them treated already" if treated else ""
    told = plural(len(columns) + len(treated), "column")
    lines = [f"# {told} of {seen:,} {'tells' if told.startswith('1 ') else 'tell'} of persons{more}"]
    if columns:
        needs_key = any(seen_as.treatment == "pseudonymise" for seen_as in columns.values())
        lines += ["privacy:", *(["  key: secret:PSEUDONYM_KEY"] if needs_key else []), "  columns:"]
        begin = {
            name: f"    {in_one_line(name)}: {in_one_line(seen_as.treatment)}" for name, seen_as in columns.items()
        }
        wide = max(map(len, begin.values()))
        lines += [f"{begin[name]:<{wide}}  # {seen_as.why}" for name, seen_as in columns.items()]
    for one in found:
        lines += [
            f"# the name of a file of {one.table} holds {why}, and runs record names of files: rename it"
            for _, why in one.files
        ]
    return [look.text(line) for line in lines]


def scan_json(found: list[Any]) -> dict[str, Any]:
    """Return the same in JSON types."""
    return {
        "schema": 1,
        "tables": [
            {
                "table": one.table,
                "columns": one.columns,
                "personal": [
                    {"column": name, "why": look.why, "treatment": look.treatment, "treated": name in one.treated}
                    for name, look in one.looks.items()
                ],
                "file_names": [why for _, why in one.files],
            }
            for one in found
        ],
    }


def erasure_lines(found: Any, receipts: list[str], look: Look, *, done: bool) -> list[str]:
    """Return what was erased where, or would be."""
    if found.nobody:
        lines = ["nothing is kept of this person"] if not receipts else ["an interrupted erasure was carried out"]
    else:
        lines = []
        for one in found.found:
            files = ", ".join(f"{int(mask.sum())} in {name}" for name, mask in one.masks.items()) or "no line"
            more = "; its models learned from the person" if one.trained else ""
            gone = f"; {', '.join(one.models)} removed, which held the key" if one.models else ""
            lines.append(f"{look.text(one.run.name)}: {files}{more}{gone}")
        word = "erased" if done else "would be erased"
        entries = plural(len(found.cache), "entry of the stage cache", "entries of the stage cache")
        lines.append(f"{plural(found.lines, 'line')} of {plural(len(found.found), 'run')} and {entries} {word}")
    if done and not found.nobody and not found.left:
        lines.append("a second search finds nothing")
    for one in found.unsure:
        lines.append(f"! {look.text(one.run.name)} was not reached: {one.unsure or one.trace.why_not}")
    return lines + [f"receipt: {name}" for name in receipts]


def erasure_json(found: Any, receipts: list[str], *, done: bool) -> dict[str, Any]:
    """Return the same in JSON types."""
    return {
        "schema": 1,
        "erased": done,
        "nobody": found.nobody,
        "runs": [
            {
                "run": one.run.name,
                "lines": {name: int(mask.sum()) for name, mask in one.masks.items()},
                "models_trained": one.trained,
                "models_removed": list(one.models),
            }
            for one in found.found
        ],
        "cache_entries": len(found.cache),
        "not_reached": [{"run": one.run.name, "why": one.unsure or one.trace.why_not} for one in found.unsure],
        "left": found.left,
        "receipts": receipts,
    }
