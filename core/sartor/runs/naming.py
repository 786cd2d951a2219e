"""Names of runs: when they began, and two characters against a second one in the same minute."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from datetime import datetime

ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
"""Digits and letters that are not mistaken for each other."""

_SHORTEST = 2
_RUN_ID = re.compile(rf"[0-9]{{4}}-[0-9]{{4}}-[{ALPHABET}]{{{_SHORTEST},}}")
_TRIES = 100
"""With names of one length; after as many they grow by a character."""


def new_run_id(taken: Callable[[str], bool], now: datetime) -> str:
    """Return a name that is not taken.

    Parameters
    ----------
    taken : callable
        Tells whether a name is: by a run of now, or of an earlier year, as a name says no year.
    now : datetime

    Examples
    --------
    >>> new_run_id(lambda name: False, datetime(2026, 11, 24, 14, 5))[:10]
    '1124-1405-'
    """
    tried = 0
    while True:
        length = _SHORTEST + tried // _TRIES
        run_id = f"{now:%m%d-%H%M}-{''.join(secrets.choice(ALPHABET) for _ in range(length))}"
        if not taken(run_id):
            return run_id
        tried += 1


def is_run_id(name: str) -> bool:
    """Whether a folder's name is that of a run.

    Examples
    --------
    >>> is_run_id("1124-1405-k7"), is_run_id("credit-scoring")
    (True, False)
    """
    return _RUN_ID.fullmatch(name) is not None
