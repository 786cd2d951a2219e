"""Anchors: places outside a project that keep heads of ledgers, so that the project's own cannot be exchanged unseen.

What is installed in the entry-point group ``sartor.anchors`` is a class; it is made with the place that the user
names, as ``file:/mnt/audit/heads.jsonl`` names a file.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from sartor.blame import STOPS, said_of
from sartor.entry_points import offers_of
from sartor.errors import PluginError, SartorError, UsageError, nearest

GROUP = "sartor.anchors"


class Anchor(Protocol):
    """A place that keeps heads.

    Parameters
    ----------
    place : str
        What the user has written behind the anchor's name.
    """

    def __init__(self, place: str) -> None: ...

    def put(self, recipe: str, run: str, head: str) -> str:
        """Keep a head and return where it is now; keeping the same one again is no error.

        Parameters
        ----------
        recipe, run : str
            What it is of.
        head : str
            A JSON object on one line.
        """
        ...

    def kept(self, recipe: str, run: str) -> Iterable[str]:
        """Return the heads that are kept of a run, the oldest first."""
        ...


def anchor_of(named: str) -> Anchor:
    """Return the anchor that a user names: ``NAME:PLACE``.

    Raises
    ------
    UsageError
        If no anchor has the name, or nothing names a place.
    PluginError
        If it does not load.
    """
    name, _, place = named.partition(":")
    offers = {offer.point.name: offer for offer in offers_of(GROUP)}
    if name not in offers or not place:
        known = ", ".join(f"{offer}:PLACE" for offer in sorted(offers))
        hints = nearest(name, sorted(offers)) or (("to mend", f"write one of {known}"),)
        raise UsageError(f"'{named}' names no anchor and place", code="U068", hints=hints)
    try:
        made: Anchor = offers[name].point.load()(place)
    except (*STOPS, SartorError):
        raise
    except BaseException as error:
        raise PluginError(f"anchor '{name}' of {offers[name].origin} failed: {said_of(error)}", code="X020") from error
    return made


def put(named: str, head: Mapping[str, Any]) -> str:
    """Keep a head in an anchor; return where it is now.

    Raises
    ------
    UsageError
        If it cannot be kept there.
    """
    text = json.dumps(dict(head), sort_keys=True, separators=(",", ":"))
    return anchor_of(named).put(str(head["recipe"]), str(head["run"]), text)


def kept(named: str, recipe: str, run: str) -> list[dict[str, Any]]:
    """Return the heads that an anchor keeps of a run.

    Raises
    ------
    InputError
        If what it keeps is no head.
    UsageError
        If it keeps none, or cannot be read.
    """
    from sartor.runs.vouching import head_of

    found = [head_of(text, named) for text in anchor_of(named).kept(recipe, run)]
    if not found:
        raise UsageError(
            f"{named} keeps no head of {recipe}/{run}",
            code="U068",
            hints=(("to mend", f"sartor ledger anchor {recipe}/{run} --in {named}"),),
        )
    return found
