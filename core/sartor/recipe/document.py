"""What a recipe's text becomes: plain values, each with the place where it was written.

A document is a tree of three kinds of node (`Scalar`, `Mapping`, `Sequence`). Nodes are never changed once they are
built, so that a base recipe and its children, or a YAML anchor and its aliases, can share them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from collections.abc import Mapping as MappingType
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TypeAlias

from sartor.errors import Position
from sartor.recipe.secret import Secret

Value: TypeAlias = "str | int | float | bool | Secret | None | dict[str, Value] | list[Value]"
"""A value in a recipe."""

KeyPath: TypeAlias = "tuple[str | int, ...]"
"""The keys and list positions that lead to a value: ``("models", "forest", "with", "trees")``."""


@dataclass(frozen=True, eq=False)
class Source:
    """A text in which positions are looked up.

    Parameters
    ----------
    name : str
        The file as the user would name it, or ``--set``.
    text : str
        All of it.
    folder : Path
        What relative paths written in it start from.
    """

    name: str
    text: str
    folder: Path

    @cached_property
    def _lines(self) -> tuple[list[int], list[str]]:
        """Where each line begins, and its text; kept, so that many places in one long line share its text."""
        starts, lines, begun, start = [], [], [], 0
        for piece in self.text.splitlines(keepends=True):
            # An editor ends a line at these only; splitlines knows more, such as a form feed.
            begun.append(piece)
            if piece.endswith(("\n", "\r")):
                line = "".join(begun)
                starts.append(start)
                lines.append(line.rstrip("\r\n"))
                start += len(line)
                begun = []
        return [*starts, start], [*lines, "".join(begun)]

    def position(self, start: int, end: int | None = None) -> Position:
        """Return the place of the characters from `start` to before `end`, cut at the end of the first line."""
        starts, lines = self._lines
        number = bisect_right(starts, start) - 1
        line, column = lines[number], start - starts[number]
        wide = line[column : column + 1 if end is None else column + end - start].rstrip()
        return Position(self.name, number + 1, column + 1, max(1, len(wide)), line)


@dataclass(frozen=True, eq=False)
class Node:
    """A value and where it stands.

    Parameters
    ----------
    where : Position
        The value's place.
    source : Source
        The text it was written in; paths in it start from ``source.folder``.
    """

    where: Position
    source: Source

    @property
    def children(self) -> tuple[Node, ...]:
        """The values that it holds."""
        return ()

    @cached_property
    def size(self) -> int:
        """How many values it holds, itself included; what stands in several places counts each time."""
        return 1 + sum(child.size for child in self.children)

    @cached_property
    def height(self) -> int:
        """How deep values nest in it; 1 for a scalar."""
        return 1 + max((child.height for child in self.children), default=0)


@dataclass(frozen=True, eq=False)
class Scalar(Node):
    """A text, number, truth value, secret or null.

    Parameters
    ----------
    value : str, int, float, bool, Secret or None
        What was read.
    start : int
        Where its characters begin in the source.
    broken : bool
        A problem has been reported for it already; the value is a stand-in and nothing more is said about it.
    """

    value: str | int | float | bool | Secret | None = None
    start: int = 0
    broken: bool = False

    def part(self, text: str) -> Position:
        """Return the place of a part of the text, or of all of it where the part is written otherwise."""
        if self.where.file != self.source.name:
            # A param's value, pointed at where it is referred to.
            return self.where
        line_end = self.source.text.find("\n", self.start)
        found = self.source.text.find(text, self.start, line_end if line_end >= 0 else None)
        return self.source.position(found, found + len(text)) if text and found >= 0 else self.where


@dataclass(frozen=True, eq=False)
class Mapping(Node):
    """Keys with their values, in the order written.

    Parameters
    ----------
    entries : mapping of str to Node
        The values.
    keys : mapping of str to Position
        Where each key stands.
    """

    entries: MappingType[str, Node] = field(default_factory=dict)
    keys: MappingType[str, Position] = field(default_factory=dict)

    @property
    def children(self) -> tuple[Node, ...]:
        """The values that it holds."""
        return tuple(self.entries.values())

    def with_entry(self, key: str, node: Node, where_key: Position | None = None) -> Mapping:
        """Return a mapping in which `key` has another value, or is there for the first time."""
        where_key = where_key or self.keys.get(key, node.where)
        return Mapping(
            self.where,
            self.source,
            entries={**self.entries, key: node},
            keys={**self.keys, key: where_key},
        )

    def without(self, *removed: str) -> Mapping:
        """Return a mapping without some keys."""
        return Mapping(
            self.where,
            self.source,
            entries={key: node for key, node in self.entries.items() if key not in removed},
            keys={key: where for key, where in self.keys.items() if key not in removed},
        )


@dataclass(frozen=True, eq=False)
class Sequence(Node):
    """A list.

    Parameters
    ----------
    items : tuple of Node
        What it holds.
    """

    items: tuple[Node, ...] = ()

    @property
    def children(self) -> tuple[Node, ...]:
        """The values that it holds."""
        return self.items


def plain(node: Node) -> Value:
    """Return a node's value without places: dictionaries, lists, texts, numbers."""
    if isinstance(node, Mapping):
        return {key: plain(entry) for key, entry in node.entries.items()}
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    assert isinstance(node, Scalar)
    return node.value


def walk(node: Node, path: KeyPath = ()) -> Iterator[tuple[KeyPath, Node]]:
    """Yield every node below and including `node` with its path, parents first."""
    yield path, node
    if isinstance(node, Mapping):
        for key, entry in node.entries.items():
            yield from walk(entry, (*path, key))
    elif isinstance(node, Sequence):
        for index, item in enumerate(node.items):
            yield from walk(item, (*path, index))


def map_scalars(node: Node, change: Callable[[KeyPath, Scalar], Node], path: KeyPath = ()) -> Node:
    """Return a tree in which every scalar is replaced by what `change` makes of it and of its path."""
    if isinstance(node, Mapping):
        entries = {key: map_scalars(entry, change, (*path, key)) for key, entry in node.entries.items()}
        return Mapping(node.where, node.source, entries=entries, keys=node.keys)
    if isinstance(node, Sequence):
        items = tuple(map_scalars(item, change, (*path, index)) for index, item in enumerate(node.items))
        return Sequence(node.where, node.source, items=items)
    assert isinstance(node, Scalar)
    return change(path, node)


@dataclass(frozen=True, eq=False)
class Document:
    """A recipe's values with the place of each.

    Parameters
    ----------
    root : Mapping
        The recipe's sections.
    source : Source
        The recipe's own text; a base recipe's values point into theirs.
    """

    root: Mapping
    source: Source

    def plain(self) -> dict[str, Value]:
        """Return all values without places."""
        return {key: plain(node) for key, node in self.root.entries.items()}

    def node(self, path: KeyPath) -> Node | None:
        """Return what stands at a path, or None."""
        node: Node | None = self.root
        for step in path:
            node = _child(node, step)
        return node

    def where(self, path: KeyPath) -> Position:
        """Return the place of the value at a path, or of the nearest value around it that is there."""
        node: Node = self.root
        for step in path:
            child = _child(node, step)
            if child is None:
                break
            node = child
        return node.where

    def where_key(self, path: KeyPath) -> Position:
        """Return the place of the key at a path; for an item of a list, of the item."""
        for length in range(len(path), 0, -1):
            parent = self.node(path[: length - 1])
            step = path[length - 1]
            if isinstance(parent, Mapping) and step in parent.keys:
                return parent.keys[str(step)]
            if isinstance(parent, Sequence) and isinstance(step, int) and 0 <= step < len(parent.items):
                return parent.items[step].where
        return self.root.where

    def folder(self, path: KeyPath) -> Path:
        """Return the folder of the file in which the value at a path was written."""
        node: Node = self.root
        for step in path:
            child = _child(node, step)
            if child is None:
                break
            node = child
        return node.source.folder


def _child(node: Node | None, step: str | int) -> Node | None:
    if isinstance(node, Mapping):
        return node.entries.get(step) if isinstance(step, str) else None
    if isinstance(node, Sequence) and isinstance(step, int) and 0 <= step < len(node.items):
        return node.items[step]
    return None
