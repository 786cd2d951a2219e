"""Runs and entries of the stage cache that are older than their recipe says that they may be kept."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sartor.durations import Duration
from sartor.errors import SartorError
from sartor.runs.cache import MARKER

if TYPE_CHECKING:
    from sartor.runs.finding import Recorded


@dataclass(frozen=True)
class Expired:
    """What may be kept no more.

    Parameters
    ----------
    runs : tuple of Recorded
    entries : tuple of Path
        Of the stage cache.
    """

    runs: tuple[Recorded, ...] = ()
    entries: tuple[Path, ...] = ()

    @property
    def size(self) -> int:
        """Bytes of the entries."""
        return sum(file.stat().st_size for entry in self.entries for file in entry.rglob("*") if file.is_file())


def expired(found: Iterable[Recorded], cache: Path, now: datetime) -> Expired:
    """Return what is too old to be kept.

    Parameters
    ----------
    found : iterable of Recorded
        All runs, newest first: a recipe's newest says how long what the stage cache holds of it may be kept.
    cache : Path
    now : datetime
    """
    runs: list[Recorded] = []
    lengths: dict[str, Duration | None] = {}
    for run in found:
        length = kept_for(run.folder)
        lengths.setdefault(run.recipe, length)
        if length is not None and run.started is not None and run.started < length.to_offset(now, times=-1):
            runs.append(run)
    limits = {recipe: length.to_offset(now, times=-1) for recipe, length in lengths.items() if length is not None}
    entries = [
        marker.parent
        for marker in sorted(cache.glob(f"*/*/{MARKER}"))
        if (limit := limits.get(_recipe_of(marker))) is not None and _made(marker) < limit.timestamp()
    ]
    return Expired(tuple(runs), tuple(entries))


def kept_for(folder: Path) -> Duration | None:
    """Return how long a run may be kept; None where its recipe does not say it."""
    from sartor.runs.stored import resolved_values

    try:
        said = (resolved_values(folder).get("privacy") or {}).get("retention")
        text = said.get("runs") if isinstance(said, Mapping) else said
        return Duration.parse(text) if isinstance(text, str) else None
    except (SartorError, OSError):
        return None


def _recipe_of(marker: Path) -> str:
    try:
        return str(json.loads(marker.read_text(encoding="utf-8")).get("recipe", ""))
    except (OSError, ValueError, AttributeError):
        return ""


def _made(marker: Path) -> float:
    """Return when an entry was made: its marker is touched whenever it is used, its other files are not."""
    times = [file.stat().st_mtime for file in marker.parent.rglob("*") if file.is_file() and file != marker]
    return max(times, default=marker.stat().st_mtime)
