"""``extends``: a recipe that says only what is different from another.

Mappings are merged, everything else is replaced, and ``key: ~`` takes an inherited key away.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sartor.errors import Problem, UsageError
from sartor.recipe.document import Document, Mapping, Node, Scalar, Sequence, map_scalars, walk
from sartor.recipe.finding import RecipeFile
from sartor.recipe.kinds import described, near
from sartor.recipe.reading import read_file

NOT_INHERITED = ("format", "recipe", "abstract", "extends")
FORMAT = 1
LONGEST_CHAIN = 20
"""Recipes that extend each other, one after the other."""

Locate = Callable[[str, Path], RecipeFile]
"""Finds a recipe by its name, or by a path relative to a folder."""


def extended(document: Document, path: Path | None, locate: Locate, problems: list[Problem]) -> Mapping:
    """Merge a recipe with the recipes that it extends.

    Parameters
    ----------
    document : Document
        The recipe as read.
    path : Path or None
        Its file, to notice a circle.
    locate : callable
        Finds the recipe that is extended.
    problems : list of Problem
        Grows with what is wrong, in the bases too.

    Returns
    -------
    Mapping
        The recipe's sections, merged, without ``extends``.
    """
    check_format(document, problems)
    chain = [(document.source.name, path.resolve() if path else None)]
    return _extended(document.root, chain, locate, problems)


def check_format(document: Document, problems: list[Problem]) -> None:
    """Report a missing ``format``, or one that this version does not read."""
    node = document.root.entries.get("format")
    if node is None:
        where, mend = document.source.position(0), (("to mend", f"begin with the line `format: {FORMAT}`"),)
        problems.append(Problem("R063", "the recipe does not say its format", where, mend))
        return
    value = node.value if isinstance(node, Scalar) else None
    if (isinstance(node, Scalar) and node.broken) or (value == FORMAT and type(value) is int):
        return
    if type(value) is int and value > FORMAT:
        message = f"format {value} is newer than this sartor, which reads format {FORMAT}"
        problems.append(Problem("R064", message, node.where, (("to mend", "install a newer sartor"),)))
        return
    message = f"format must be {FORMAT}, got {described(node)}"
    problems.append(Problem("R064", message, node.where, (("to mend", f"write `format: {FORMAT}`"),)))


def _extended(own: Mapping, chain: list[tuple[str, Path | None]], locate: Locate, problems: list[Problem]) -> Mapping:
    node = own.entries.get("extends")
    if node is None:
        return own
    own = own.without("extends")
    base = _base(node, chain, locate, problems)
    return own if base is None else _merged(base, own, problems)


def _base(node: Node, chain: list[tuple[str, Path | None]], locate: Locate, problems: list[Problem]) -> Mapping | None:
    if not isinstance(node, Scalar) or not isinstance(node.value, str):
        if not (isinstance(node, Scalar) and node.broken):
            message = f"extends must be the name or the file of one recipe, got {described(node)}"
            problems.append(Problem("R062", message, node.where, (("to mend", "write extends: NAME"),)))
        return None
    if "${" in node.value:
        mend = (("to mend", "write the name itself"),)
        problems.append(Problem("R057", "extends takes no references", node.part("${"), mend))
        return None
    try:
        found = locate(node.value, node.source.folder)
    except UsageError as error:
        problem, itself = error.problems[0], Path(chain[-1][0]).name
        hints = tuple(hint for hint in problem.hints if Path(hint[1]).name != itself)
        hints = hints or (("to mend", "name a recipe, or a file from the folder of this one"),)
        problems.append(Problem("R050", problem.message + ", to extend", node.where, hints))
        return None
    resolved = found.path.resolve()
    if resolved in [path for _, path in chain] or len(chain) >= LONGEST_CHAIN:
        circle = " -> ".join([*(name for name, _ in chain), found.shown])
        what = "recipes extend each other"
        if len(chain) >= LONGEST_CHAIN:
            what = f"more than {LONGEST_CHAIN} recipes extend each other"
        mend = (("to mend", "let one of them extend nothing"),)
        problems.append(Problem("R051", f"{what}: {circle}", node.where, mend))
        return None
    reading = read_file(found.path, found.shown)
    problems += reading.problems
    if reading.document is None:
        return None
    check_format(reading.document, problems)
    base = _extended(reading.document.root, [*chain, (found.shown, resolved)], locate, problems)
    return base.without(*NOT_INHERITED)


def _merged(base: Mapping, own: Mapping, problems: list[Problem]) -> Mapping:
    entries, keys = dict(base.entries), dict(base.keys)
    for key, node in own.entries.items():
        inherited = base.entries.get(key)
        if isinstance(node, Scalar) and node.value is None and not node.broken:
            if inherited is None:
                message = f"'{key}' has no value, and the recipe that is extended has no '{key}' to take away"
                problems.append(Problem("R052", message, own.keys[key], near(key, base.entries, problems)))
            entries.pop(key, None)
            keys.pop(key, None)
            continue
        keys[key] = own.keys[key]
        both = isinstance(inherited, Mapping) and isinstance(node, Mapping)
        entries[key] = _merged(inherited, node, problems) if both else node  # type: ignore[arg-type]
    return Mapping(own.where, own.source, entries=entries, keys=keys)


def without_nulls(root: Mapping, problems: list[Problem]) -> Mapping:
    """Report every key and item that has no value, and put a stand-in there that is not reported again."""
    found = [path for path, node in walk(root) if isinstance(node, Scalar) and node.value is None and not node.broken]
    if not found:
        return root
    document = Document(root, root.source)

    def stand_in(path: tuple[str | int, ...], node: Scalar) -> Node:
        if node.value is not None or node.broken:
            return node
        problems.append(_no_value(document, path))
        return Scalar(node.where, node.source, value=None, start=node.start, broken=True)

    result = map_scalars(root, stand_in)
    assert isinstance(result, Mapping)
    return result


def _no_value(document: Document, path: tuple[str | int, ...]) -> Problem:
    key = path[-1]
    where = document.where_key(path)
    if isinstance(document.node(path[:-1]), Sequence):
        name = next((str(step) for step in reversed(path) if isinstance(step, str)), "")
        message, mend = f"an item of '{name}' has no value", "write the value, or take the item out"
    elif ":" in str(key) and not str(key).endswith(":"):
        first, _, rest = str(key).partition(":")
        message, mend = f"'{key}' has no value", f"write a space after ':': `{first}: {rest}`"
    else:
        message, mend = f"'{key}' has no value", f"write a value after `{key}:`, or take the line out"
    return Problem("R015", message, where, (("to mend", mend),))
