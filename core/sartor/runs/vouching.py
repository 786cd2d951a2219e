"""What vouches for a run from outside its project: heads that were given away, and the key that must have signed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from sartor.errors import InputError
from sartor.runs.heads import HEADS, Place, last_head
from sartor.runs.line import Line
from sartor.runs.signing import signed_by
from sartor.wording import plural

Fault = tuple[Literal["changed", "missing"], str]


@dataclass(frozen=True)
class Vouched:
    """What somebody else vouches for.

    Parameters
    ----------
    heads : sequence of mapping
        Heads as they were given away.
    key : str or None
        The public key that must have signed the head, in Base64.
    """

    heads: Sequence[Mapping[str, Any]] = ()
    key: str | None = None


def faults_of(place: Place, lines: Sequence[Line], vouched: Vouched) -> Iterator[Fault]:
    """Yield where a ledger is not as others vouch for, or its kept head is signed wrongly."""
    kept = last_head(place)
    if kept is not None:
        yield from _signature(kept, vouched.key, f"the head in {HEADS} of the project")
    elif vouched.key is not None and not vouched.heads:
        yield "missing", f"no head of it is kept, so the key has signed nothing: {HEADS} of the project"
    for head in vouched.heads:
        yield from _signature(head, vouched.key, "the head that was given away")
        yield from _given_away(place, lines, head)


def _signature(head: Mapping[str, Any], key: str | None, name: str) -> Iterator[Fault]:
    if key is None and "signature" not in head:
        return
    try:
        signer = signed_by(head)
    except ValueError as error:
        yield "changed", f"{name}: {error}"
        return
    if key is not None and signer is None:
        yield "missing", f"{name} is not signed"
    elif key is not None and signer != key:
        yield "changed", f"{name} is signed with another key: {signer}"


def _given_away(place: Place, lines: Sequence[Line], head: Mapping[str, Any]) -> Iterator[Fault]:
    if (head["recipe"], head["run"]) != (place.recipe, place.run):
        yield "changed", f"the head that was given away is of {head['recipe']}/{head['run']}"
        return
    known, count = str(head["head"]), int(head["lines"])
    if count > len(lines):
        gone = plural(count - len(lines), "line is", "lines are")
        yield "missing", f"the last {gone} gone, as the head that was given away tells"
    elif lines[count - 1].hash != known:
        yield "changed", f"line {count} is not the one that was given away"


def read_head(file: Path) -> dict[str, Any]:
    """Read a head that was given away.

    Raises
    ------
    InputError
        If the file cannot be read or holds no head.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        said = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise _no_head(f"{file} cannot be read: {said.lower()}") from error
    return head_of(text, str(file))


def head_of(text: str, name: str) -> dict[str, Any]:
    """Return the head in a text.

    Parameters
    ----------
    text : str
    name : str
        Where the text is from.

    Raises
    ------
    InputError
        If it holds none.
    """
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict) or not _has_form(said):
        raise _no_head(f"{name} holds no head of a ledger")
    return said


def _has_form(said: Mapping[str, Any]) -> bool:
    texts = all(isinstance(said.get(part), str) for part in ("recipe", "run", "head"))
    lines, trees = said.get("lines"), said.get("trees", {})
    return texts and type(lines) is int and lines >= 1 and isinstance(trees, dict)


def _no_head(why: str) -> InputError:
    hint = ("to mend", "name a file that sartor ledger head RUN --to FILE has written")
    return InputError(why, code="D153", hints=(hint,))
