"""``--set KEY=VALUE``: values of a recipe for one run."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sartor.errors import Problem, nearest
from sartor.recipe.document import KeyPath, Mapping, Node, Scalar, Sequence, Source
from sartor.recipe.reading import read_value

OPTION = "--set"
_SEGMENT = re.compile(r"""("([^"]*)"|'([^']*)'|[^.="']+)(\.|=|$)""")
_FIXED = ("format", "recipe", "extends", "abstract")
_OPENED = (
    "params", "privacy", "columns", "ingest", "task", "features", "models", "actions", "judge", "with", "roles",
    "units",
)  # fmt: skip
"""Keys that need not be there for something to be put under them."""


@dataclass(frozen=True)
class _Override:
    source: Source
    path: tuple[str, ...]
    starts: tuple[int, ...]
    value: Node


class _WrongPath(Exception):
    def __init__(self, place: int, message: str, hints: tuple[tuple[str, str], ...] = ()) -> None:
        super().__init__(message)
        self.place, self.message, self.hints = place, message, hints


def overridden(root: Mapping, sets: Iterable[str], problems: list[Problem]) -> tuple[Mapping, list[KeyPath]]:
    """Put the values of ``--set`` into a recipe.

    Parameters
    ----------
    root : Mapping
        The recipe's sections, merged, references not yet replaced.
    sets : iterable of str
        ``models.forest.with.trees=200``; the value is read as it would be in the recipe. ``gates.0.at_least=0.75``
        counts items from 0; ``split.hash=~`` takes a key away.
    problems : list of Problem
        Grows with what is wrong (codes U002 and U003, or those of the value itself).

    Returns
    -------
    root : Mapping
        With the new values; each points at the option.
    params : list of tuple
        Paths of params that the recipe itself does not have; somebody must refer to them.
    """
    new_params: list[KeyPath] = []
    for text in sets:
        override = _read(text, problems)
        if override is None:
            continue
        params = root.entries.get("params")
        known = params.entries if isinstance(params, Mapping) else {}
        if override.path[0] == "params" and len(override.path) == 2 and override.path[1] not in known:
            new_params.append(override.path)
        try:
            changed = _put(root, override, 0)
        except _WrongPath as wrong:
            start = override.starts[wrong.place]
            where = override.source.position(start, start + len(override.path[wrong.place]))
            problems.append(Problem("U003", wrong.message, where, wrong.hints))
            continue
        assert isinstance(changed, Mapping)
        root = changed
    return root, new_params


def _read(text: str, problems: list[Problem]) -> _Override | None:
    source = Source(OPTION, text, Path.cwd())
    mend = (("to mend", f"write {OPTION} KEY=VALUE, such as {OPTION} models.forest.with.trees=200"),)
    path: list[str] = []
    starts: list[int] = []
    place, sign = 0, "."
    while sign == ".":
        match = _SEGMENT.match(text, place)
        if match is None:
            problems.append(Problem("U002", f"'{text}' does not begin with the path of a value", None, mend))
            return None
        path.append(next(part for part in (match[2], match[3], match[1]) if part is not None))
        starts.append(match.start(1))
        place, sign = match.end(), match[4]
    if sign != "=":
        problems.append(Problem("U002", f"'{text}' has no '=' and no value", None, mend))
        return None
    if path[0] in _FIXED:
        problems.append(Problem("U003", f"{OPTION} cannot change '{path[0]}'", source.position(0, len(path[0]))))
        return None
    value = _read_value(source, place, problems)
    return _Override(source, tuple(path), tuple(starts), value) if value is not None else None


def _read_value(source: Source, start: int, problems: list[Problem]) -> Node | None:
    before = len(problems)
    if not source.text[start:].strip():
        mend = (("to mend", "write a value after '='; '' is an empty text and ~ takes the key away"),)
        problems.append(Problem("U002", f"'{source.text}' has no value", None, mend))
        return None
    value = read_value(source, start, problems)
    if len(problems) > before or value is None:
        return None
    if isinstance(value, (Mapping, Sequence)) and source.text[start:].lstrip()[0] not in "{[":
        mend = (("to mend", "write a mapping as {a: 1}, a list as [a, b], and a text with ': ' in quotes"),)
        problems.append(Problem("U002", f"'{source.text}' has a value that is not clear", value.where, mend))
        return None
    return value


def _put(node: Node, override: _Override, depth: int) -> Node:
    if isinstance(node, Mapping):
        return _put_key(node, override, depth)
    if isinstance(node, Sequence):
        return _put_item(node, override, depth)
    above = ".".join(override.path[:depth])
    raise _WrongPath(depth - 1, f"nothing can be set under {above}, which is a single value")


def _put_key(node: Mapping, override: _Override, depth: int) -> Node:
    key, is_last = override.path[depth], depth == len(override.path) - 1
    above = ".".join(override.path[:depth]) or "the recipe"
    if is_last:
        if not _takes_away(override.value):
            start = override.starts[depth]
            return node.with_entry(key, override.value, override.source.position(start, start + len(key)))
        if key not in node.entries:
            raise _WrongPath(depth, f"{above} has no '{key}' to take away", nearest(key, node.entries))
        return node.without(key)
    below = node.entries.get(key)
    if below is None:
        if key not in _OPENED:
            raise _WrongPath(depth, f"{above} has no '{key}'", nearest(key, node.entries))
        below = Mapping(override.value.where, override.source)
    return node.with_entry(key, _put(below, override, depth + 1))


def _put_item(node: Sequence, override: _Override, depth: int) -> Node:
    key, is_last = override.path[depth], depth == len(override.path) - 1
    number = len(node.items)
    above = ".".join(override.path[:depth])
    index = int(key) if re.fullmatch("[0-9]{1,6}", key) else None
    if index is None or index > number or (index == number and (not is_last or _takes_away(override.value))):
        counted = f"its {number} items are counted from 0" if number != 1 else "its one item is number 0"
        raise _WrongPath(depth, f"{above} has no item '{key}'; {counted}")
    items = list(node.items)
    if not is_last:
        items[index] = _put(items[index], override, depth + 1)
    elif _takes_away(override.value):
        del items[index]
    else:
        items[index : index + 1] = [override.value]
    return Sequence(node.where, node.source, items=tuple(items))


def _takes_away(value: Node) -> bool:
    return isinstance(value, Scalar) and value.value is None
