"""The heads of ledgers: the hash of each one's last line, kept outside the run's folder, in ``heads.jsonl``.

A head says which run it is of, how many lines its ledger has, their last hash, and the roots of the run's hash trees
(`sartor.runs.trees`). A project whose ``sartor.toml`` names a ``signing_key`` signs each head, see
`sartor.runs.signing`. Cut-off lines at the end of a ledger show here; and a head that was given away shows whether the
project's own has been exchanged.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sartor.runs.appending import appending
from sartor.runs.line import Line
from sartor.sealing.views import origin_of

HEADS = "heads.jsonl"


@dataclass(frozen=True)
class Head:
    """What is said of a ledger outside of it.

    Parameters
    ----------
    recipe, run : str
    lines : int
        How many its ledger has.
    head : str
        Hash of the last one.
    by : str
        The verb that wrote that line.
    trees : mapping
        A hash tree's name to its root and how many leaves it has.
    """

    recipe: str
    run: str
    lines: int
    head: str
    by: str
    trees: Mapping[str, Any] = field(default_factory=dict)

    def said(self) -> dict[str, Any]:
        """Return it as JSON types, with the time."""
        said = {
            "at": datetime.now().astimezone().isoformat(timespec="seconds"),
            "recipe": self.recipe,
            "run": self.run,
            "lines": self.lines,
            "head": self.head,
            "by": self.by,
        }
        return {**said, "trees": dict(self.trees)} if self.trees else said


@dataclass(frozen=True)
class Place:
    """A run by its names, and where its project keeps the heads.

    Parameters
    ----------
    recipe, run : str
    heads : Path or None
        None where the folder lies outside the project that it was recorded in.
    """

    recipe: str
    run: str
    heads: Path | None


def place_of(folder: Path, lines: Sequence[Line]) -> Place:
    """Return the names of a run, as its ledger says, and where its head is kept.

    A run lies in ``runs/<recipe>/<run>``; one that was copied elsewhere has no head.
    """
    first = next((line.values for line in lines if line.stage == "run"), {})
    recipe, run = str(first.get("recipe", "")), str(first.get("run", folder.name))
    own = (*recipe.split("/"), run) if recipe else ()
    folder = origin_of(folder).absolute()
    if own and folder.parts[-len(own) :] == own:
        return Place(recipe, run, folder.parents[len(own) - 1] / HEADS)
    return Place(recipe, run, None)


def keep_head(heads: Path, head: Head) -> None:
    """Write down a head outside the run's folder, signed where the project has a key.

    Raises
    ------
    UsageError
        If the project's key cannot be used.
    """
    from sartor.runs.signing import sealed

    said = sealed(head.said(), heads.parent)
    with appending(heads) as log:
        log.line(json.dumps(said))


def read_heads(heads: Path) -> tuple[list[dict[str, Any]], list[int]]:
    """Return what is kept of ledgers' heads, in the order in which it was written, and lines that are damaged."""
    try:
        content = heads.read_bytes()
    except OSError:
        return [], []
    found, damaged = [], []
    for place, raw in enumerate(content.split(b"\n"), 1):
        if not raw.strip():
            continue
        try:
            said = json.loads(raw)
        except ValueError:
            said = None
        named = isinstance(said, dict) and isinstance(said.get("run"), str) and isinstance(said.get("recipe"), str)
        # As it was written, byte for byte: a line of the same meaning in other letters was written by somebody else.
        if named and json.dumps(said).encode() == raw:
            found.append(said)
        else:
            damaged.append(place)
    return found, damaged


def last_head(place: Place) -> dict[str, Any] | None:
    """Return the newest head that a project keeps of a run; None where it keeps none."""
    said = read_heads(place.heads)[0] if place.heads is not None else []
    own = [head for head in said if (head["recipe"], head["run"]) == (place.recipe, place.run) and "head" in head]
    return own[-1] if own else None
