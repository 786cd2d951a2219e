"""What installed distributions offer to sartor: their entry points, looked up once as long as nothing is installed."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import Distribution, EntryPoint, distributions
from pathlib import Path

_OURS = "sartor."
"""What the names of our groups begin with."""
_FRESH = 2_000_000_000
"""Nanoseconds for which a folder that was changed may change again and have the same time stamp."""


@dataclass(frozen=True)
class Offer:
    """An entry point, and who offers it.

    Parameters
    ----------
    point : EntryPoint
    distribution, version : str
        As its metadata say.
    """

    point: EntryPoint
    distribution: str
    version: str

    @property
    def origin(self) -> str:
        """Name and version of the distribution."""
        return f"{self.distribution} {self.version}"


def offers_of(group: str) -> list[Offer]:
    """Return the entry points of a group of ours, each distribution once.

    `importlib.metadata.entry_points` hides the second of two distributions that claim one name; a clash must show.

    Examples
    --------
    >>> "learn" in [offer.point.name for offer in offers_of("sartor.plugins")]
    True
    """
    stamps = tuple((place, _changed(place)) for place in sys.path)
    settled = time.time_ns() - max((changed for _, changed in stamps), default=0) > _FRESH
    every = _every(stamps) if settled else _every.__wrapped__(stamps)
    return [offer for offer in every if offer.point.group == group]


def _changed(place: str) -> int:
    """Return when something was last put into a folder of the path."""
    try:
        return Path(place).stat().st_mtime_ns
    except (OSError, ValueError):
        return 0


@lru_cache(maxsize=1)
def _every(stamps: tuple[tuple[str, int], ...]) -> tuple[Offer, ...]:
    """Return the entry points of all groups of ours; the stamps tell when to look again."""
    seen: set[str] = set()
    found: list[Offer] = []
    for distribution in distributions():
        try:
            offers = list(_offers(distribution))
        except (OSError, TypeError, ValueError):
            # What a broken install has left behind must not end the commands that have nothing to do with it.
            continue
        # One distribution may lie on the path twice, spelt otherwise: the first is the one that Python imports.
        plain = re.sub(r"[-_.]+", "-", offers[0].distribution).lower() if offers else ""
        if plain and plain not in seen:
            seen.add(plain)
            found += offers
    return tuple(found)


def _offers(distribution: Distribution) -> Iterator[Offer]:
    if _OURS not in (distribution.read_text("entry_points.txt") or ""):
        return
    ours = [point for point in distribution.entry_points if point.group.startswith(_OURS)]
    text = (distribution.read_text("METADATA") or distribution.read_text("PKG-INFO") or "") if ours else ""
    # Only the head is read, and once: the body is a README, and parsing it takes longer than all the rest.
    head = dict(re.findall(r"^(Name|Version):[ \t]*(.*?)[ \t]*$", text.partition("\n\n")[0], re.MULTILINE))
    for point in ours:
        yield Offer(point, head.get("Name", ""), head.get("Version", ""))
