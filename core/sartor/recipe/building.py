"""The parser's events, one after the other, to a tree of nodes; what they may not hold is reported on the way.

No recursion: a recipe nested a million deep ends in a message. An alias adds the size of what it stands for, so that a
few lines cannot stand for a billion values.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    DocumentStartEvent,
    Event,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceStartEvent,
)

from sartor.errors import Position, Problem
from sartor.recipe.document import Mapping, Node, Scalar, Sequence, Source
from sartor.recipe.scalars import Surprise, quoted, read_plain
from sartor.recipe.syntax import tag_problem

DEEPEST = 50
"""Levels of nesting."""

MOST_VALUES = 100_000
"""Values in one recipe, those that aliases stand for included."""

_PLAIN_TAGS = ("tag:yaml.org,2002:map", "tag:yaml.org,2002:seq")


@dataclass
class _Open:
    """A mapping or list whose end has not come yet."""

    start: int
    is_mapping: bool
    anchor: str | None
    tagged: bool = False
    entries: dict[str, Node] = field(default_factory=dict)
    keys: dict[str, Position] = field(default_factory=dict)
    items: list[Node] = field(default_factory=list)
    key: tuple[str, Position] | None = None
    drop_value: bool = False

    @property
    def awaits_key(self) -> bool:
        return self.is_mapping and self.key is None and not self.drop_value


class TreeBuilder:
    """Builds the tree.

    Parameters
    ----------
    source : Source
        The text that the events come from.
    offset : int
        Where in the source the parser began.
    problems : list of Problem
        Grows with what is found.

    Attributes
    ----------
    root : Node or None
        The tree, once all events have been taken; None where there is none.
    """

    def __init__(self, source: Source, offset: int, problems: list[Problem]) -> None:
        self.root: Node | None = None
        self._source = source
        self._offset = offset
        self._problems = problems
        self._open: list[_Open] = []
        self._anchors: dict[str, Node] = {}
        self._documents = 0
        self._size = 0

    def take(self, event: Event) -> bool:
        """Take the next event; False when reading on makes no sense."""
        if isinstance(event, DocumentStartEvent):
            return self._begin_document(event)
        if isinstance(event, ScalarEvent):
            self._report_tag(event)
            return self._add(self._scalar(event), event.anchor)
        if isinstance(event, AliasEvent):
            return self._alias(event)
        if isinstance(event, (MappingStartEvent, SequenceStartEvent)):
            return self._begin(event)
        if isinstance(event, CollectionEndEvent):
            return self._end(event)
        return True

    def _report(self, code: str, message: str, where: Position, *hints: tuple[str, str]) -> None:
        self._problems.append(Problem(code, message, where, hints))

    def _span(self, event: Event) -> tuple[int, int]:
        assert event.start_mark is not None
        assert event.end_mark is not None
        return self._offset + event.start_mark.index, self._offset + event.end_mark.index

    def _where(self, event: Event) -> Position:
        return self._source.position(*self._span(event))

    def _begin_document(self, event: DocumentStartEvent) -> bool:
        self._documents += 1
        if self._documents == 1:
            return True
        message = "a second document begins here; a recipe is one document"
        self._report("R008", message, self._where(event), ("to mend", "move it into a file of its own"))
        return False

    def _report_tag(self, event: NodeEvent) -> None:
        tag = getattr(event, "tag", None)
        if tag is None:
            return
        start, end = self._span(event)
        written = self._source.text[start:end]
        first = written.find("!")
        self._problems.append(tag_problem(self._source, start + first, written[first:].split()[0].rstrip(",")))

    def _scalar(self, event: ScalarEvent) -> Scalar:
        start, end = self._span(event)
        where = self._source.position(start, end)
        if start == end and self._open and self._open[-1].key:
            # Nothing was written: the key is what can be pointed at.
            where = self._open[-1].key[1]
        if event.style or event.tag is not None:
            return Scalar(where, self._source, value=event.value, start=start, broken=event.tag is not None)
        value = read_plain(event.value)
        if isinstance(value, Surprise):
            self._surprise(event.value, value, where)
            return Scalar(where, self._source, value=value.value, start=start, broken=True)
        return Scalar(where, self._source, value=value, start=start)

    def _surprise(self, text: str, surprise: Surprise, where: Position) -> None:
        is_key = bool(self._open) and self._open[-1].awaits_key
        write = f"write {quoted(text)} in quotes" if is_key else surprise.write
        self._report("R014", surprise.message, where, ("to mend", write))

    def _alias(self, event: AliasEvent) -> bool:
        where, name = self._where(event), event.anchor
        if any(collection.anchor == name for collection in self._open):
            message = f"'*{name}' stands inside the very value it stands for"
            self._report("R010", message, where, ("to mend", "write the value out"))
            return self._add(Scalar(where, self._source, broken=True), None)
        node = self._anchors.get(str(name))
        if node is None:
            message = f"'*{name}' is an alias, and no value is marked '&{name}' before it"
            self._report("R010", message, where, ("to mend", f"put it in quotes if it is text: '*{name}'"))
            return self._add(Scalar(where, self._source, broken=True), None)
        return self._add(node, None, where)

    def _begin(self, event: MappingStartEvent | SequenceStartEvent) -> bool:
        self._report_tag(event)
        if len(self._open) >= DEEPEST:
            return self._too_deep(self._where(event))
        tagged = event.tag is not None and event.tag not in _PLAIN_TAGS
        self._open.append(_Open(self._span(event)[0], isinstance(event, MappingStartEvent), event.anchor, tagged))
        return True

    def _end(self, event: CollectionEndEvent) -> bool:
        done = self._open.pop()
        where = self._source.position(done.start, self._span(event)[1] if self._is_flow(done.start) else None)
        node: Node
        if done.tagged:
            # Nobody knows what it was to be, so nothing more is said of it.
            node = Scalar(where, self._source, broken=True)
        elif done.is_mapping:
            node = Mapping(where, self._source, entries=done.entries, keys=done.keys)
        else:
            node = Sequence(where, self._source, items=tuple(done.items))
        return self._add(node, done.anchor)

    def _is_flow(self, start: int) -> bool:
        return self._source.text[start : start + 1] in ("{", "[")

    def _too_deep(self, where: Position) -> bool:
        return self._stop(f"values nest more than {DEEPEST} deep here", where, "write it flatter")

    def _stop(self, message: str, where: Position, mend: str) -> bool:
        self._report("R009", message, where, ("to mend", mend))
        self.root = None
        return False

    def _add(self, node: Node, anchor: str | None, alias: Position | None = None) -> bool:
        """Put a finished value where it belongs."""
        # A collection's own values are counted one by one as they come; an alias brings all of its values at once.
        self._size += node.size if alias else 1
        if self._size > MOST_VALUES:
            message = f"the recipe holds more than {MOST_VALUES:,} values, those that aliases stand for included"
            return self._stop(message, alias or node.where, "keep data in a table, and name the table")
        if alias and len(self._open) + node.height > DEEPEST:
            return self._too_deep(alias)
        if anchor is not None:
            self._anchors[anchor] = node
        if not self._open:
            self.root = node
            return True
        parent = self._open[-1]
        if not parent.is_mapping:
            parent.items.append(node)
        elif parent.awaits_key:
            self._take_key(parent, node, alias or node.where)
        else:
            self._take_value(parent, node)
        return True

    def _take_key(self, parent: _Open, node: Node, where: Position) -> None:
        if isinstance(node, Scalar) and (node.broken or isinstance(node.value, str)):
            text = self._source.text[node.start : node.start + node.where.width] if node.broken else str(node.value)
            if text == "<<" and self._source.text[node.start] == "<":
                mend = ("to mend", "write the keys out, or use `extends: OTHER RECIPE`")
                self._report("R016", "merge keys ('<<') are not part of a recipe", where, mend)
                parent.drop_value = True
                return
            parent.key = (text, where)
            return
        parent.drop_value = True
        if isinstance(node, Scalar) and node.value is not None:
            written = str(node.value).lower() if isinstance(node.value, bool) else str(node.value)
            message = f"a key must be a text; this is {'the number ' if written != 'true' else ''}{written}"
            self._report("R013", message, where, ("to mend", f"write {quoted(written)} in quotes"))
            return
        kind = "nothing" if isinstance(node, Scalar) else "a list" if isinstance(node, Sequence) else "a mapping"
        self._report("R013", f"a key must be a text; this is {kind}", where, ("to mend", "write `key: value`"))

    def _take_value(self, parent: _Open, node: Node) -> None:
        if parent.drop_value:
            parent.drop_value = False
            return
        assert parent.key is not None
        (key, where), parent.key = parent.key, None
        if key in parent.keys:
            first = parent.keys[key]
            message = f"'{key}' is written twice, first in line {first.line}"
            self._report("R012", message, where, ("to mend", "keep one of the two"))
            return
        parent.entries[key] = node
        parent.keys[key] = where
