"""A line of a run's ledger as it was found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Line:
    """A line of a ledger as it was found.

    Parameters
    ----------
    place : int
        Where it stands, counted from 1.
    values : mapping
        What it says; empty where it cannot be trusted.
    hash : str
        Its own; empty where it cannot be trusted.
    blank : bool
        Whether there is nothing in it.
    """

    place: int
    values: Mapping[str, Any]
    hash: str = ""
    blank: bool = False

    @property
    def number(self) -> int:
        """What it says of its own place; 0 where it cannot be trusted."""
        return int(self.values.get("line", 0))

    @property
    def previous(self) -> str:
        """The hash of the line before it."""
        return str(self.values.get("previous", ""))

    @property
    def stage(self) -> str:
        """The stage that it tells of."""
        return str(self.values.get("stage", ""))

    @property
    def files(self) -> Mapping[str, Any]:
        """What it says of files in the run's folder: name to ``[sha256, bytes]``."""
        return dict(self.values.get("files", {}))
