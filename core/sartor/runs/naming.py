"""Names of runs: when they began, and two characters against a second one in the same minute."""

from __future__ import annotations

import secrets
from datetime import datetime
from pathlib import Path

ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
"""Digits and letters that are not mistaken for each other."""


def new_run_id(folder: Path, now: datetime) -> str:
    """Return a name that no run in the folder has.

    Examples
    --------
    >>> new_run_id(Path("runs/none"), datetime(2026, 11, 24, 14, 5))[:9]
    '1124-1405'
    """
    while True:
        run_id = f"{now:%m%d-%H%M}-{''.join(secrets.choice(ALPHABET) for _ in range(2))}"
        if not (folder / run_id).exists():
            return run_id
