"""The keys of one mapping, taken one by one with their types checked.

What is missing or wrong comes back as None or empty; what is wrong has then been reported, once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from sartor.durations import Duration
from sartor.errors import Position, Problem, SettingError, nearest
from sartor.recipe.document import KeyPath, Mapping, Node, Scalar, Sequence, plain
from sartor.recipe.kinds import (
    LIST,
    MAPPING,
    NUMBER,
    TEXT,
    TRUTH,
    WHOLE_NUMBER,
    described,
    fraction,
    how_to_mend,
    near,
)

Choice = TypeVar("Choice", bound=str)
Hint = tuple[str, str]


@dataclass(frozen=True)
class Fields:
    """One mapping of a recipe.

    Parameters
    ----------
    node : Mapping
    path : tuple
        Where it stands.
    problems : list of Problem
        Grows with what is wrong.
    where : Position
        The place of its own key: where to point when something is missing in it.
    """

    node: Mapping
    path: KeyPath
    problems: list[Problem]
    where: Position

    @classmethod
    def of(
        cls, node: Node, path: KeyPath, problems: list[Problem], where: Position | None, *hints: Hint
    ) -> Fields | None:
        """Return the fields of a node, or None, reported, if it is no mapping."""
        if isinstance(node, Mapping):
            return cls(node, path, problems, where or node.where)
        if not _is_broken(node):
            message = f"{_name(path)} must be {MAPPING}, got {described(node)}"
            problems.append(Problem("R062", message, node.where, hints))
        return None

    def __contains__(self, key: str) -> bool:
        return key in self.node.entries

    def __iter__(self) -> Iterator[str]:
        return iter(self.node.entries)

    def report(self, code: str, message: str, where: Position, *hints: Hint) -> None:
        """Note that something is wrong."""
        self.problems.append(Problem(code, message, where, hints))

    def where_key(self, key: str) -> Position:
        """Return the place of a key, or of the mapping where the key is not there."""
        return self.node.keys.get(key, self.where)

    def take(self, key: str) -> Node | None:
        """Return a value; None if it is absent, or has been reported already."""
        node = self.node.entries.get(key)
        return None if node is None or _is_broken(node) else node

    def refuse_unknown(self, known: Iterable[str], what: str) -> None:
        """Report every key that is not known here, with the nearest one that is."""
        known = list(known)
        for key in self:
            if key not in known:
                self.report(
                    "R060", f"'{key}' is not a key of {what}", self.where_key(key), *near(key, known, self.problems)
                )

    def scalar(self, key: str, wanted: str, *types: type) -> Any:
        """Return a value of one of these types."""
        node = self.take(key)
        if node is None:
            return None
        value = node.value if isinstance(node, Scalar) else None
        if type(value) in types:
            return value
        self.wrong_type(key, node, wanted)
        return None

    def wrong_type(self, key: str, node: Node, wanted: str) -> None:
        """Report a value of the wrong type."""
        self.report("R062", f"{key} must be {wanted}, got {described(node)}", node.where, *how_to_mend(node, wanted))

    def text(self, key: str) -> str | None:
        """Return a text that is not empty."""
        value = self.scalar(key, TEXT, str)
        if value is not None and not value.strip():
            self.report("R062", f"{key} must be {TEXT}, got an empty one", self.node.entries[key].where)
            return None
        return value  # type: ignore[no-any-return]

    def truth(self, key: str) -> bool:
        """Return true or false; false if it is absent."""
        return bool(self.scalar(key, TRUTH, bool))

    def number(self, key: str) -> float | None:
        """Return a number."""
        value = self.scalar(key, NUMBER, int, float)
        return None if value is None else float(value)

    def whole(self, key: str, least: int, most: int) -> int | None:
        """Return a whole number within bounds."""
        value = self.scalar(key, WHOLE_NUMBER, int)
        if value is None or least <= value <= most:
            return value  # type: ignore[no-any-return]
        message = f"{key} must be a whole number from {least} to {most:,}, got {value}"
        self.report("R069", message, self.node.entries[key].where)
        return None

    def share(self, key: str, name: str | None = None) -> float | None:
        """Return a share, strictly between 0 and 1."""
        node = self.take(key)
        return None if node is None else self.share_of(node, name or key)

    def share_of(self, node: Node, name: str) -> float | None:
        """Return a value as a share, strictly between 0 and 1."""
        value = node.value if isinstance(node, Scalar) else None
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            message = f"{name} must be a number between 0 and 1, got {described(node)}"
            self.report("R062", message, node.where, *how_to_mend(node, NUMBER))
            return None
        if 0 < value < 1:
            return float(value)
        written = described(node).removeprefix("the number ")
        hints = [("to mend", f"write {fraction(value)}" if 1 < value < 100 else "write a share such as 0.3")]
        self.report("R068", f"{name} must lie strictly between 0 and 1, got {written}", node.where, *hints)
        return None

    def choice(self, key: str, options: dict[str, Choice]) -> Choice | None:
        """Return one of a few words."""
        value = self.scalar(key, TEXT, str)
        if value is None or value in options:
            return None if value is None else options[value]
        *others, last = options
        known = f"{', '.join(others)} or {last}" if others else last
        message = f"{key} must be {known}, got {described(self.node.entries[key])}"
        hints = nearest(value, options)
        hints = hints if hints and hints[0][0] == "did you mean" else ()
        self.report("R069", message, self.node.entries[key].where, *hints)
        return None

    def duration(self, key: str) -> Duration | None:
        """Return a length of time, written in words, that is longer than nothing."""
        node = self.take(key)
        value = node.value if isinstance(node, Scalar) else None
        if node is None:
            return None
        if type(value) is not str:
            hints = [("to mend", f"write {value} days")] if type(value) is int else []
            self.report("R075", f"{key} must be a length of time in words, got {described(node)}", node.where, *hints)
            return None
        try:
            length = Duration.parse(value)
        except SettingError as error:
            self.problems.extend(problem.at(node.where) for problem in error.problems)
            return None
        if length.count == 0:
            self.report("R075", f"{key} must be longer than nothing", node.where)
            return None
        return length

    def names(self, key: str, *, or_one: bool = False) -> tuple[str, ...]:
        """Return a list of texts, each once; with `or_one` a single text stands for a list of one."""
        node = self.take(key)
        if node is None:
            return ()
        if or_one and isinstance(node, Scalar) and type(node.value) is str:
            return (node.value,) if node.value.strip() else ()
        if not isinstance(node, Sequence):
            wanted = "a text or a list of texts" if or_one else LIST
            hints = how_to_mend(node, TEXT if or_one else LIST)
            self.report("R062", f"{key} must be {wanted}, got {described(node)}", node.where, *hints)
            return ()
        found: dict[str, None] = {}
        for item in node.items:
            value = item.value if isinstance(item, Scalar) else None
            if type(value) is str:
                if value in found:
                    self.report("R069", f"{key} lists '{value}' twice", item.where)
                found[value] = None
            elif not _is_broken(item):
                message = f"{key} must hold texts, got {described(item)}"
                self.report("R062", message, item.where, *how_to_mend(item, TEXT))
        return tuple(found)

    def texts(self, key: str) -> dict[str, str]:
        """Return a mapping from texts to texts."""
        inner = self.inner(key)
        if inner is None:
            return {}
        found = {name: inner.text(name) for name in inner}
        return {name: value for name, value in found.items() if value is not None}

    def inner(self, key: str, *hints: Hint) -> Fields | None:
        """Return the fields of a mapping below a key."""
        node = self.take(key)
        if node is None:
            return None
        return Fields.of(node, (*self.path, key), self.problems, self.node.keys.get(key), *hints)

    def settings(self, key: str = "with") -> dict[str, Any]:
        """Return a mapping as plain values."""
        inner = self.inner(key)
        return {} if inner is None else {name: plain(node) for name, node in inner.node.entries.items()}


def _is_broken(node: Node) -> bool:
    return isinstance(node, Scalar) and node.broken


def _name(path: KeyPath) -> str:
    return next((str(step) for step in reversed(path) if isinstance(step, str)), "the recipe")
