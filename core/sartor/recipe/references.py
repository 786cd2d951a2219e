"""References in texts: ``${params.NAME}``, ``${env.NAME:-default}``, ``${data}`` and ``secret:NAME``.

They are looked up, never evaluated. A reference that is the whole value keeps its type; inside a longer text it is
written out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sartor.errors import Position, Problem, nearest
from sartor.recipe.building import DEEPEST, MOST_VALUES
from sartor.recipe.document import KeyPath, Node, Scalar, Sequence, map_scalars
from sartor.recipe.document import Mapping as MappingNode
from sartor.recipe.kinds import near
from sartor.recipe.scalars import Surprise, read_plain
from sartor.recipe.secret import Secret
from sartor.recipe.writing import in_one_line

LONGEST_TEXT = 2_000_000
"""Characters that references may make in all; params that repeat each other grow fast."""
LONGEST_CHAIN = 50
"""Params that stand for each other, one after the other."""

_BODY = re.compile(
    r"(?P<data>data)|params\.(?P<param>[A-Za-z_]\w*)|env\.(?P<env>[A-Za-z_]\w*)(?::-(?P<default>.*))?", re.DOTALL
)
_SECRET = re.compile(r"secret:[A-Za-z_][A-Za-z0-9_]*")
_HIDDEN_SECRET = re.compile(r"secret:[A-Z_][A-Z0-9_]*\b")
_THERE_ARE = (
    ("there are", "${params.NAME}, ${env.NAME}, ${env.NAME:-default} and ${data}; nothing in a recipe is run as code"),
)


@dataclass
class References:
    """Replaces references by values.

    Parameters
    ----------
    params : mapping of name to Node
        As written under ``params``.
    env : mapping of str to str
        Environment variables.
    data : Path
        What ``${data}`` stands for.
    problems : list of Problem
        Grows with what is wrong.
    """

    params: Mapping[str, Node]
    env: Mapping[str, str]
    data: Path
    problems: list[Problem]
    used: set[str] = field(default_factory=set)
    _done: dict[str, Node | None] = field(default_factory=dict)
    _doing: list[str] = field(default_factory=list)
    _written: int = 0

    def resolved(self, root: MappingNode) -> MappingNode:
        """Return a recipe's sections with every reference replaced."""
        entries: dict[str, Node] = {}
        for key, node in root.entries.items():
            if key == "params" and isinstance(node, MappingNode):
                values = {name: self._param(name) or _broken(param) for name, param in node.entries.items()}
                entries[key] = MappingNode(node.where, node.source, entries=values, keys=node.keys)
            else:
                entries[key] = map_scalars(node, self._value, (key,))
        result = MappingNode(root.where, root.source, entries=entries, keys=root.keys)
        if result.size > MOST_VALUES or result.height > DEEPEST:
            self._report("R009", "the recipe holds too many values once its references are replaced", root.where)
            return MappingNode(root.where, root.source)
        return result

    def _report(self, code: str, message: str, where: Position, hints: tuple[tuple[str, str], ...] = ()) -> None:
        self.problems.append(Problem(code, message, where, hints))

    def _value(self, path: KeyPath, scalar: Scalar) -> Node:
        text = scalar.value
        if scalar.broken or not isinstance(text, str):
            return scalar
        if text.startswith("secret:"):
            return self._secret(scalar, text)
        if "$" not in text:
            return self._without_secret(scalar, text)
        parts = list(_parts(text))
        if len(parts) == 1 and parts[0].startswith("${"):
            return self._whole(scalar, parts[0])
        texts = [self._in_text(scalar, part) for part in parts]
        if any(part is None for part in texts):
            return _broken(scalar)
        whole = "".join(part for part in texts if part is not None)
        self._written += len(whole)
        if self._written > LONGEST_TEXT:
            message = f"references make a text of more than {LONGEST_TEXT:,} characters"
            if not any(problem.message == message for problem in self.problems):
                self._report("R009", message, scalar.where)
            return _broken(scalar)
        return self._without_secret(Scalar(scalar.where, scalar.source, value=whole, start=scalar.start), text)

    def _secret(self, scalar: Scalar, text: str) -> Node:
        if not _SECRET.fullmatch(text):
            message = f"'{text[:40]}' does not name a secret"
            mend = (("to mend", "write secret:NAME; NAME is an environment variable of letters, digits and _"),)
            self._report("R058", message, scalar.where, mend)
            return _broken(scalar)
        return Scalar(scalar.where, scalar.source, value=Secret(text.removeprefix("secret:")), start=scalar.start)

    def _without_secret(self, scalar: Scalar, text: str) -> Node:
        hidden = _HIDDEN_SECRET.search(text)
        if hidden is None:
            return scalar
        message = f"'{hidden[0]}' stands inside a longer text, which would show the secret"
        mend = (("to mend", f"give the secret to a setting of its own: {hidden[0]}"),)
        self._report("R058", message, scalar.part(hidden[0]), mend)
        return _broken(scalar)

    def _whole(self, scalar: Scalar, reference: str) -> Node:
        match = self._match(scalar, reference)
        if match is None:
            return _broken(scalar)
        if match["data"]:
            return Scalar(scalar.where, scalar.source, value=str(self.data), start=scalar.start)
        if match["env"]:
            text = self._variable(scalar, reference, match["env"], match["default"])
            if text is None:
                return _broken(scalar)
            value = read_plain(text)
            kept = text if value is None or isinstance(value, Surprise) else value
            return Scalar(scalar.where, scalar.source, value=kept, start=scalar.start)
        node = self._param_for(scalar, reference, match["param"])
        if node is None:
            return _broken(scalar)
        if not isinstance(node, Scalar):
            return node
        # Pointed at where it is referred to; a path in it starts from where it was written.
        return Scalar(scalar.where, node.source, value=node.value, start=scalar.start, broken=node.broken)

    def _in_text(self, scalar: Scalar, part: str) -> str | None:
        if part in ("$${", "$$("):
            return part[1:]
        if part == "$(":
            message = "'$(' runs nothing here"
            self._report("R057", message, scalar.part("$("), (*_THERE_ARE, ("to mend", "a text that holds it: $$(")))
            return None
        if not part.startswith("${"):
            return part
        node = self._whole(scalar, part)
        value = node.value if isinstance(node, Scalar) else None
        if isinstance(node, Scalar) and node.broken:
            return None
        if isinstance(value, Secret):
            self._report("R058", f"'{part}' is a secret and cannot stand inside a longer text", scalar.part(part))
            return None
        if value is None:
            kind = "a list" if isinstance(node, Sequence) else "a mapping"
            self._report("R057", f"'{part}' is {kind} and cannot stand inside a longer text", scalar.part(part))
            return None
        return value if isinstance(value, str) else in_one_line(value)

    def _match(self, scalar: Scalar, reference: str) -> re.Match[str] | None:
        body = reference[2:-1]
        match = _BODY.fullmatch(body) if reference.endswith("}") else None
        if match is not None and "${" not in (match["default"] or ""):
            return match
        if not reference.endswith("}"):
            message = f"'{reference[:30]}' is never closed"
            hints: tuple[tuple[str, str], ...] = (("to mend", "write '}' after the name"),)
        elif "${" in body:
            message, hints = f"'{reference[:40]}' holds a reference inside a reference", _THERE_ARE
        else:
            message, hints = f"'{reference[:60]}' is not a reference", self._meant(body.strip()) + _THERE_ARE
        self._report("R057", message, scalar.part(reference), hints)
        return None

    def _meant(self, body: str) -> tuple[tuple[str, str], ...]:
        if body in self.params:
            return (("did you mean", f"${{params.{body}}}"),)
        if _BODY.fullmatch(body):
            return (("did you mean", f"${{{body}}}"),)
        section, _, name = body.partition(".")
        hints = nearest(section, ["params", "env", "data"])
        if re.fullmatch(r"[A-Za-z_]\w*", name or "x") and hints and hints[0][0] == "did you mean" and section != body:
            meant = f"{hints[0][1]}.{name}"
            return (("did you mean", f"${{{meant}}}"),) if _BODY.fullmatch(meant) else ()
        return ()

    def _variable(self, scalar: Scalar, reference: str, name: str, default: str | None) -> str | None:
        if name in self.env:
            return self.env[name]
        if default is not None:
            return default
        close = near(name, self.env, self.problems)
        hints = close if close and close[0][0] == "did you mean" else ()
        mend = (("to mend", f"set it, or give a default: ${{env.{name}:-value}}"),)
        self._report("R055", f"the environment variable {name} is not set", scalar.part(reference), hints + mend)
        return None

    def _param_for(self, scalar: Scalar, reference: str, name: str) -> Node | None:
        self.used.add(name)
        if name not in self.params:
            hints = near(name, self.params, self.problems) or (("to mend", f"write it under params: {{{name}: ...}}"),)
            self._report("R054", f"no param is called '{name}'", scalar.part(reference), hints)
            return None
        if name in self._doing:
            circle = " -> ".join([*self._doing[self._doing.index(name) :], name])
            self._report("R056", f"params stand for each other in a circle: {circle}", scalar.part(reference))
            return None
        if len(self._doing) >= LONGEST_CHAIN:
            self._report("R056", f"more than {LONGEST_CHAIN} params stand for each other", scalar.part(reference))
            return None
        return self._param(name)

    def _param(self, name: str) -> Node | None:
        """Return a param's value; None where something in it has been reported."""
        if name in self._done:
            return self._done[name]
        self._doing.append(name)
        before = len(self.problems)
        node: Node | None = map_scalars(self.params[name], self._value, ("params", name))
        self._doing.pop()
        if node is not None and (node.size > MOST_VALUES or node.height > DEEPEST):
            self._report("R009", f"param '{name}' holds too many values", self.params[name].where)
        if len(self.problems) > before:
            node = None
        self._done[name] = node
        return node


def _parts(text: str) -> Iterator[str]:
    """Cut a text into references, escapes, ``$(`` and what stands between them."""
    start = place = 0
    while (place := text.find("$", place)) >= 0:
        part = text[place : place + 3] if text[place : place + 3] in ("$${", "$$(") else text[place : place + 2]
        if part == "${":
            end = text.find("}", place)
            part = text[place:] if end < 0 else text[place : end + 1]
        elif part not in ("$${", "$$(", "$("):
            place += 1
            continue
        if place > start:
            yield text[start:place]
        yield part
        place += len(part)
        start = place
    if start < len(text):
        yield text[start:]


def _broken(node: Node) -> Scalar:
    return Scalar(node.where, node.source, value=None, broken=True)
