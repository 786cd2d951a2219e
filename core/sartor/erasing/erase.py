"""Erases a person from a project: finds, stages, carries out, and looks once more."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sartor.erasing.carrying_out import PLACE, carry_out, finish
from sartor.erasing.opening import Entries, let_go, plain_run
from sartor.erasing.person import Trace, unknown_table
from sartor.erasing.searching import LONG, CacheHit, Found, search_cache, search_run, texts_in
from sartor.erasing.staging import person_digest, plan_of, stage_run
from sartor.errors import InputError, UsageError
from sartor.runs.finding import all_runs
from sartor.runs.stored import check_stored, resolved_values
from sartor.sealing.keys import is_sealed
from sartor.sealing.views import view_of

if TYPE_CHECKING:
    from sartor.recipe.project import Project
    from sartor.runs.finding import Recorded


@dataclass
class Erasure:
    """What is kept of a person, or was.

    Parameters
    ----------
    found : list of Found
        Runs that hold lines of the person, or learned from them.
    cache : list of CacheHit
        Entries of the stage cache that go.
    unsure : list of Found
        Runs of which it cannot be known.
    receipts : list of mapping
        Of erasures that are done.
    left : list of str
        What a second search has still found.
    """

    found: list[Found] = field(default_factory=list)
    cache: list[CacheHit] = field(default_factory=list)
    unsure: list[Found] = field(default_factory=list)
    receipts: list[dict[str, Any]] = field(default_factory=list)
    left: list[str] = field(default_factory=list)

    @property
    def lines(self) -> int:
        """Lines of the person in all runs."""
        return sum(one.lines for one in self.found)

    @property
    def nobody(self) -> bool:
        """Whether nothing is kept of such a person."""
        return not self.found and not any(hit.holds for hit in self.cache)


def look_for(project: Project, key: str, table: str | None, column: str | None) -> Erasure:
    """Return everything that a project keeps of a person; changes nothing."""
    if not key.strip():
        raise UsageError("the key of the person is empty", code="U130")
    result, traces = Erasure(), []
    tables: set[str] = set()
    entries = Entries(project.runs / ".cache", project)
    try:
        for run in all_runs(project.runs):
            was_open = view_of(run.folder)
            plain, closed = plain_run(run.folder, project)
            found = None if closed else _search(run, plain, key, table, column, entries, tables)
            if closed:
                result.unsure.append(Found(run, Trace({}, key), plain, unsure=closed))
            if found is not None:
                traces += [found.trace] if found.trace.columns else []
                if found.unsure or found.trace.why_not:
                    result.unsure.append(found)
            if found is not None and found.holds:
                result.found.append(found)
            elif was_open is None:
                let_go(run.folder, plain)
        hits = search_cache(entries, traces)
    finally:
        entries.close()
    if table is not None and table not in tables and not result.unsure:
        raise unknown_table(table, tables)
    holding = {hit.recipe for hit in hits if hit.holds} | {found.run.recipe for found in result.found}
    result.cache = [hit for hit in hits if hit.holds or hit.recipe in holding]
    return result


def _search(run: Recorded, plain: Path, key: str, table: str | None, column: str | None, entries: Entries,
            tables: set[str]) -> Found | None:  # fmt: skip
    """Return what a run holds; add the tables that it has read to others."""
    try:
        recipe = resolved_values(plain)
    except (InputError, OSError):
        return None
    tables |= set(recipe.get("ingest") or {})
    return search_run(run, plain, recipe, key, table, column, entries)


def erase(project: Project, key: str, table: str | None, column: str | None, now: datetime) -> Erasure:
    """Erase a person from everything that a project keeps, and prove it by a second search."""
    earlier = finish(project.runs)
    found = look_for(project, key, table, column)
    if found.nobody:
        found.receipts = earlier
        return found
    for one in found.found:
        # What was tampered with must not look as if it had been erased lawfully.
        check_stored(one.run.folder, *one.masks)
    salt, token = secrets.token_hex(32), secrets.token_hex(8)
    digest = person_digest(salt, key)
    staging = project.runs / PLACE / token
    staging.mkdir(parents=True)
    runs = [stage_run(one, project.runs, staging, digest, token, now) for one in found.found]
    receipt = _receipt(found, digest, salt, now)
    plan_of(staging, runs, found.cache, project.runs, receipt)
    carry_out(project.runs, staging)
    finish(project.runs)
    again = look_for(project, key, table, column)
    found.left = [f"{one.run.name}: {one.lines} lines" for one in again.found if one.masks or one.models]
    found.left += [str(hit.folder) for hit in again.cache if hit.holds]
    texts = {one.trace.text for one in found.found}
    by_text = [text for text in texts if len(text) >= LONG]
    opened = {one.run.name: plain_run(one.run.folder, project)[0] for one in found.found if is_sealed(one.run.folder)}
    for text in by_text:
        found.left += [f"runs/{name}" for name in texts_in(project.runs, text)]
        found.left += [f"{run}: {name}" for run, plain in opened.items() for name in texts_in(plain, text)]
    receipt["searched_again"] = {
        "by": "every text" if by_text and len(by_text) == len(texts) else "the columns of the key",
        "found": len(found.left),
    }
    found.receipts = [*earlier, receipt]
    return found


def _receipt(found: Erasure, digest: str, salt: str, now: datetime) -> dict[str, Any]:
    return {
        "schema": 1,
        "erased": now.isoformat(timespec="seconds"),
        "person": digest,
        "salt": salt,
        "about": "person is HMAC-SHA-256 of the key under salt; ledgers hold person, and only this file the salt",
        "runs": [
            {
                "run": one.run.name,
                "lines": {name: int(mask.sum()) for name, mask in one.masks.items()},
                "models_trained": one.trained,
                "models_removed": list(one.models),
                "delivered_to": _delivered(one.plain),
            }
            for one in found.found
        ],
        "cache_entries": len(found.cache),
        "not_reached": [
            {"run": one.run.name, "why": one.unsure or one.trace.why_not} for one in found.unsure if one.unsure
        ],
    }


def _delivered(folder: Path) -> list[str]:
    import json

    file = folder / "receipts.json"
    if not file.is_file():
        return []
    return sorted({str(one.get("target")) for one in json.loads(file.read_text(encoding="utf-8"))})
