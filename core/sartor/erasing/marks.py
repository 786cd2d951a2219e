"""What a run's folder says of erasures; light, since every list of runs asks it."""

from __future__ import annotations

import json
from pathlib import Path

MARK = "erased.json"
"""What was erased, in a run's folder; whoever uses its models is told."""


def trained_on(folder: Path) -> int:
    """Return how many erased persons the models of a run learned from."""
    try:
        said = json.loads((folder / MARK).read_text(encoding="utf-8"))["erasures"]
        return sum(bool(one["trained"]) for one in said)
    except (OSError, ValueError, KeyError, TypeError):
        return 0
