"""Earlier runs of a recipe, for runs that begin where one of them ended."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sartor.errors import UsageError
from sartor.stages.ingesting import Count

if TYPE_CHECKING:
    from sartor.recipe.model import Recipe

BEFORE = {
    "fit": ("ingest", "privacy", "task", "split", "features"),
    "judge": ("ingest", "privacy", "task", "split", "features", "models"),
}
"""Sections of a recipe that a stage stands on."""


@dataclass(frozen=True)
class PastRun:
    """A run that was recorded."""

    folder: Path
    summary: Mapping[str, Any]
    record: Mapping[str, Any]
    sections: Mapping[str, Any]

    @property
    def tables(self) -> dict[str, Count]:
        """What became of its tables' lines."""
        return {name: Count(**count) for name, count in self.summary["tables"].items()}

    @property
    def inputs(self) -> tuple[dict[str, Any], ...]:
        """The files that it read."""
        return tuple(self.record["inputs"])


def last_run(runs: Path, recipe: str) -> PastRun:
    """Return the newest run of a recipe.

    Raises
    ------
    UsageError
        If there is none.
    """
    folders = [folder for folder in (runs / recipe).glob("[!.]*") if (folder / "record.json").exists()]
    if not folders:
        raise UsageError(
            f"{recipe} has no earlier run to begin from",
            code="U021",
            hints=(("to mend", "run it once without --from"),),
        )
    records = {folder: _read(folder / "record.json") for folder in folders}
    newest = max(folders, key=lambda folder: (records[folder]["started"], folder.stat().st_mtime_ns))
    return PastRun(newest, _read(newest / "summary.json"), records[newest], _read(newest / "sections.json"))


def _read(file: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return content


def sections_of(recipe: Recipe) -> dict[str, Any]:
    """Return the sections that stages stand on, resolved, to be compared by a later run."""
    resolved = recipe.resolved()
    return {section: resolved.get(section) for section in BEFORE["judge"]}


def require_unchanged(past: PastRun, recipe: Recipe, stage: str, seed: int) -> None:
    """Refuse to begin behind something that has changed since the run that is taken up.

    Raises
    ------
    UsageError
        If a section of the recipe, the seed, a version, or an input file is not what it was.
    """
    from sartor.runs.recording import to_json, versions

    now = json.loads(to_json(sections_of(recipe)))
    changed = [section for section in BEFORE[stage] if now[section] != past.sections.get(section)]
    if seed != past.record["seed"]:
        changed.append("seed")
    if versions() != past.record["versions"]:
        changed.append("library versions")
    changed += [str(entry["name"]) for entry in past.inputs if not _same_file(entry)]
    if changed:
        raise UsageError(
            f"{', '.join(changed)} changed since run {past.folder.name}: what stands before {stage} is no longer true",
            code="U024",
            hints=(("to mend", "run without --from"),),
        )


def _same_file(entry: Mapping[str, Any]) -> bool:
    import hashlib

    file = Path(str(entry.get("path", entry["name"])))
    if not file.exists():
        return False
    if file.stat().st_size != entry["bytes"]:
        return False
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest() == str(entry["sha256"])
