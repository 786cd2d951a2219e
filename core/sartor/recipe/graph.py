"""``from``: what a step is made of, and whether the steps can be put in an order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sartor.errors import Position, Problem
from sartor.recipe.document import Mapping as MappingNode
from sartor.recipe.document import Node, Scalar, Sequence
from sartor.recipe.fields import Fields
from sartor.recipe.kinds import near

SOURCES = {
    "ingest": (("ingest", "table"),),
    "features": (("ingest", "table"), ("features", "feature")),
    "actions": (("ingest", "table"), ("models", "model"), ("actions", "action")),
    "deliver": (("actions", "action"),),
}
"""What the steps of a section can be made from, and what each is called."""

Step = tuple[str, str]


def check_graph(root: Fields, problems: list[Problem]) -> None:
    """Report names under ``from`` that nothing has, or two things have, and steps that wait for each other."""
    edges: dict[Step, list[tuple[Step, Position]]] = {}
    for section, kinds in SOURCES.items():
        for name, sources in _sources(root, section):
            edges[section, name] = []
            for source, where in sources:
                found = [other for other, _ in kinds if source in _names(root, other)]
                if len(found) == 1:
                    edges[section, name].append(((found[0], source), where))
                elif found:
                    problems.append(_ambiguous(source, [kind for other, kind in kinds if other in found], where))
                elif _names(root, "ingest"):
                    # Without a table nothing can come from anywhere, and that has been said.
                    problems.append(_nowhere(root, (section, name), source, where, problems))
    for circle, where in _circles(edges):
        path = " -> ".join(circle)
        message = f"'{circle[0]}' is made from itself" if len(circle) == 2 else f"steps wait for each other: {path}"
        problems.append(Problem("R044", message, where, (("to mend", "let one of them come from something else"),)))


def _names(root: Fields, section: str) -> Mapping[str, Node]:
    node = root.node.entries.get(section)
    return node.entries if isinstance(node, MappingNode) else {}


def _sources(root: Fields, section: str) -> Iterator[tuple[str, list[tuple[str, Position]]]]:
    for name, step in _names(root, section).items():
        node = step.entries.get("from") if isinstance(step, MappingNode) else None
        items = node.items if isinstance(node, Sequence) else (node,)
        texts = [item for item in items if isinstance(item, Scalar) and not item.broken]
        yield name, [(item.value, item.where) for item in texts if isinstance(item.value, str) and item.value.strip()]


def _nowhere(root: Fields, step: Step, source: str, where: Position, problems: list[Problem]) -> Problem:
    kinds = SOURCES[step[0]]
    known = [name for section, _ in kinds for name in _names(root, section) if (section, name) != step]
    what = " or ".join(kind for _, kind in kinds)
    hints = near(source, known, problems) or (("to mend", "take `from` out: there is nothing else"),)
    elsewhere = [section for section in ("features", "models", "actions") if source in _names(root, section)]
    if elsewhere:
        hints = (("there are", f"{what}s only; '{source}' stands under {elsewhere[0]}"),)
    return Problem("R043", f"no {what} is called '{source}'", where, hints)


def _ambiguous(source: str, kinds: list[str], where: Position) -> Problem:
    message = f"'{source}' is the name of {' and of '.join(f'a {kind}' for kind in kinds)}"
    return Problem("R045", message, where, (("to mend", "rename one of them"),))


def _circles(edges: dict[Step, list[tuple[Step, Position]]]) -> Iterator[tuple[list[str], Position]]:
    """Walk along ``from`` without recursion; yield the names of each circle met, with the place that closes it."""
    done: set[Step] = set()
    for start, first in edges.items():
        trail: list[Step] = [start]
        on_trail = {start}
        waiting = [iter(first)] if start not in done else []
        while waiting:
            following = next(waiting[-1], None)
            if following is None:
                waiting.pop()
                on_trail.discard(trail[-1])
                done.add(trail.pop())
                continue
            step, where = following
            if step in on_trail:
                yield [name for _, name in trail[trail.index(step) :]] + [step[1]], where
            elif step not in done and step in edges:
                trail.append(step)
                on_trail.add(step)
                waiting.append(iter(edges[step]))
