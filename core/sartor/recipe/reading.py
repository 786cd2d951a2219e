"""Text to document: YAML read strictly, with the place of every key and value.

Stricter than YAML in what often goes wrong unseen: a key twice, a word that not all readers of YAML read alike, tags,
merge keys. Everything wrong is reported in one go, as far as the YAML parser can read on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import yaml

from sartor.errors import Problem, RecipeError
from sartor.recipe.building import TreeBuilder
from sartor.recipe.document import Document, Mapping, Node, Scalar, Source
from sartor.recipe.syntax import syntax_problem

if TYPE_CHECKING:
    from yaml.events import Event

LONGEST_TEXT = 1_000_000
"""Characters; the longest recipe anybody has shown us has 12,000."""

# libyaml is ten times as fast; PyYAML can be built without it.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# What YAML does not allow, and a BOM anywhere but at the beginning.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")
_BOM = "\ufeff"


class Reading(NamedTuple):
    """What came of a text: a document unless nothing could be read, and all that is wrong with it."""

    document: Document | None
    problems: list[Problem]


def read(path: Path, name: str | None = None) -> Document:
    """Read a recipe from a file.

    Parameters
    ----------
    path : Path
        The file.
    name : str, optional
        What the file is called in messages; the path unless given.

    Returns
    -------
    Document

    Raises
    ------
    RecipeError
        With every problem found.
    """
    return _document(read_file(path, name))


def read_text(text: str, name: str = "recipe.yaml", folder: Path | None = None) -> Document:
    r"""Read a recipe from a text.

    Parameters
    ----------
    text : str
        The recipe.
    name : str
        What the text is called in messages.
    folder : Path, optional
        What relative paths in it start from; the present folder unless given.

    Returns
    -------
    Document

    Raises
    ------
    RecipeError
        With every problem found.

    Examples
    --------
    >>> document = read_text("models:\n  forest: {use: learn.forest}\n", "small.yaml")
    >>> document.plain()
    {'models': {'forest': {'use': 'learn.forest'}}}
    >>> print(document.where(("models", "forest", "use")))
    small.yaml:2:17
    """
    return _document(read_source(Source(name, text, folder or Path.cwd())))


def read_file(path: Path, name: str | None = None) -> Reading:
    """Read a recipe from a file, and return its problems in place of raising them."""
    name = name or str(path)
    source = Source(name, "", path.parent)
    try:
        content = path.read_bytes()
    except OSError as error:
        reason = {"IsADirectoryError": "it is a folder", "FileNotFoundError": "there is no such file"}
        why = reason.get(type(error).__name__) or (error.strerror or str(error)).lower()
        return Reading(None, [Problem("R017", f"{name} cannot be read: {why}")])
    except ValueError:
        return Reading(None, [Problem("R017", f"{name!r} cannot be read: this is not the name of a file")])
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        return Reading(None, [_not_utf8(source, content, error.start)])
    return read_source(Source(name, text, path.parent))


def read_source(source: Source) -> Reading:
    """Read a recipe from a source, and return its problems in place of raising them."""
    problems: list[Problem] = []
    readable = _readable(source, problems)
    if readable is None:
        return Reading(None, problems)
    root = _root(readable, 0, problems)
    if isinstance(root, Mapping):
        return Reading(Document(root, readable), problems)
    if not problems:
        problems.append(_not_a_mapping(root, readable))
    return Reading(None, problems)


def read_value(source: Source, start: int, problems: list[Problem]) -> Node | None:
    """Read the value that begins at a character of a source, as in ``--set seed=3``."""
    readable = _readable(source, problems)
    return _root(readable, start, problems) if readable else None


def _document(reading: Reading) -> Document:
    if reading.problems or reading.document is None:
        raise RecipeError(reading.problems)
    return reading.document


def _readable(source: Source, problems: list[Problem]) -> Source | None:
    """Take away what would stop the YAML parser, and report it."""
    text = source.text
    if len(text) > LONGEST_TEXT:
        message = f"{source.name} has {len(text):,} characters; a recipe has at most {LONGEST_TEXT:,}"
        problems.append(Problem("R009", message, hints=(("to mend", "keep data in a table, and name the table"),)))
        return None
    if text.startswith(_BOM):
        # A mark of no width: the first visible character of the file is in column 1.
        source = Source(source.name, text[1:], source.folder)
        message = "the file begins with a byte order mark (BOM)"
        problems.append(Problem("R002", message, source.position(0), (("to mend", "save it as UTF-8 without BOM"),)))
    for match in list(_UNPRINTABLE.finditer(source.text))[:5]:
        message = f"a character that cannot be printed stands here (U+{ord(match[0]):04X})"
        mend = f'take it out, or write "\\u{ord(match[0]):04X}" in double quotes'
        problems.append(Problem("R005", message, source.position(match.start()), (("to mend", mend),)))
    return Source(source.name, _UNPRINTABLE.sub("\ufffd", source.text), source.folder)


def _root(source: Source, start: int, problems: list[Problem]) -> Node | None:
    builder = TreeBuilder(source, start, problems)
    try:
        for event in _events(source.text[start:]):
            if not builder.take(event):
                break
    except yaml.MarkedYAMLError as error:
        problems.append(syntax_problem(error, source, start))
        return None
    return builder.root


def _events(text: str) -> Iterator[Event]:
    events: Iterator[Event] = yaml.parse(text, Loader=_LOADER)
    return events


def _not_a_mapping(root: Node | None, source: Source) -> Problem:
    mend = (("to mend", "begin with the lines `format: 1` and `recipe: NAME`"),)
    if root is None or (isinstance(root, Scalar) and root.value is None):
        return Problem("R006", f"{source.name} is empty", source.position(0), mend)
    if not isinstance(root, Scalar):
        kind = "a list"
    elif isinstance(root.value, str):
        missing = re.match(r"(\w+):(\S)", root.value)
        mend = (("to mend", f"write a space after ':': `{missing[1]}: ...`"),) if missing else mend
        kind = "a text"
    else:
        kind = "true or false" if isinstance(root.value, bool) else "a number"
    return Problem("R007", f"a recipe is made of `key: value` lines; this is {kind}", root.where, mend)


def _not_utf8(source: Source, content: bytes, start: int) -> Problem:
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        message = f"{source.name} is written in UTF-16, not in UTF-8"
        return Problem("R001", message, source.position(0), (("to mend", "save it as UTF-8"),))
    before = content[:start].decode("utf-8")
    rest = content[start:].split(b"\n")[0].rstrip(b"\r").decode("utf-8", "replace")
    place = Source(source.name, before + rest, source.folder).position(len(before))
    message = f"byte {start + 1:,} of the file (0x{content[start]:02X}) is not UTF-8"
    guess = content[start : start + 1].decode("cp1252", "replace")
    meant = f"; in Windows-1252 this is '{guess}'" if guess.isprintable() and guess != "\ufffd" else ""
    return Problem("R001", message, place, (("to mend", f"save the file as UTF-8{meant}"),))
