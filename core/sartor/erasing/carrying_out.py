"""Puts what was staged in place, run by run, and extends their ledgers; takes an interrupted erasure up again."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from sartor.erasing.staging import ERASED, PLAN
from sartor.errors import InputError
from sartor.recipe.project import Project
from sartor.runs.appending import appending
from sartor.runs.heads import Head, keep_head, last_head, place_of
from sartor.runs.ledger import FIRST, LEDGER, read, written
from sartor.runs.trees import trees_of
from sartor.sealing.folders import renewed
from sartor.sealing.keys import data_key, is_sealed, keys_for

PLACE = ".erasing"
"""Where an erasure lies until it is done, in the project's folder of runs."""


def interrupted(runs: Path) -> list[Path]:
    """Return the erasures that were begun and not ended: from their plan on they must be carried out."""
    return sorted(plan.parent for plan in (runs / PLACE).glob(f"*/{PLAN}"))


def finish(runs: Path) -> list[dict[str, Any]]:
    """Carry out what was interrupted, and forget what had not come so far; return the receipts."""
    receipts = [carry_out(runs, staging) for staging in interrupted(runs)]
    shutil.rmtree(runs / PLACE, ignore_errors=True)
    return receipts


def carry_out(runs: Path, staging: Path) -> dict[str, Any]:
    """Do what a plan says, as often as needed until it is done; return its receipt."""
    plan = json.loads((staging / PLAN).read_text(encoding="utf-8"))
    for one in plan["runs"]:
        if is_sealed(runs / one["folder"]):
            # A ledger's head needs what is encrypted: without its key nothing is begun.
            keys = keys_for(runs / one["folder"], Project.at(runs))
            data_key(runs / one["folder"], keys)
    for one in plan["runs"]:
        folder, own = runs / one["folder"], staging / one["folder"]
        if not folder.is_dir():
            continue
        for name in one["files"]:
            if (own / name).is_file():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                (own / name).replace(folder / name)
        for name in one["removed"]:
            (folder / name).unlink(missing_ok=True)
        for name in one["removed"]:
            parent = (folder / name).parent
            if parent.is_dir() and not any(parent.iterdir()):
                parent.rmdir()
        _enter(folder, one["line"], renewed(folder) if is_sealed(folder) else folder)
    for name in plan["cache"]:
        entry = runs / name
        (entry / "entry.json").unlink(missing_ok=True)
        shutil.rmtree(entry, ignore_errors=True)
    shutil.rmtree(staging)
    receipt: dict[str, Any] = plan["receipt"]
    return receipt


def _enter(folder: Path, said: dict[str, Any], plain: Path) -> None:
    """Write the line of an erasure into a ledger, once, and its head; `plain` is where the run can be read."""
    with appending(folder / LEDGER) as log:
        lines, ended = read(log.content())
        if not ended or not lines or any(not line.hash for line in lines):
            raise InputError(
                f"the erasure cannot be entered in the record of run {folder.name}: {LEDGER} is damaged",
                code="D150",
                hints=(("to see all", f"sartor verify {folder.name}"),),
            )
        there = [line for line in lines if line.stage == ERASED and line.values.get("erasure") == said["erasure"]]
        if not there:
            line, _ = written(said, len(lines) + 1, lines[-1].hash if lines else FIRST)
            log.line(line)
            lines, _ = read(log.content())
        place = place_of(folder, lines)
        kept = last_head(place)
        if place.heads is None or (kept is not None and kept["head"] == lines[-1].hash):
            return
        gone = {name for line in lines for name in line.values.get("removed", ())}
        named = {name: told for line in lines for name, told in line.files.items() if name not in gone}
        head = Head(place.recipe, place.run, len(lines), lines[-1].hash, "privacy erase", trees_of(plain, named))
        keep_head(place.heads, head)
