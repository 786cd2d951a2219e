"""Values and types in the words of a person who writes recipes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sized

from sartor.errors import nearest
from sartor.recipe.document import Mapping, Node, Scalar, Sequence, plain
from sartor.recipe.scalars import Surprise, quoted, read_plain
from sartor.recipe.secret import Secret
from sartor.recipe.writing import in_one_line

TEXT = "a text"
WHOLE_NUMBER = "a whole number"
NUMBER = "a number"
TRUTH = "true or false"
LIST = "a list"
MAPPING = "a mapping"
_SEARCHED = 100
"""Problems for which the nearest name is looked for."""


def described(node: Node) -> str:
    """Say what was written: ``text 'abc'``, ``the number 3``, ``a list``."""
    if isinstance(node, Mapping):
        return MAPPING
    if isinstance(node, Sequence):
        return LIST
    assert isinstance(node, Scalar)
    return described_value(node.value)


def described_value(value: object) -> str:
    """Say what a plain value is.

    Examples
    --------
    >>> described_value("abc"), described_value(0.5), described_value(True), described_value([1])
    ("text 'abc'", 'the number 0.5', 'true', 'a list')
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return f"the number {in_one_line(value)}"
    if isinstance(value, str):
        return f"text {shortened(repr(value))}"
    if isinstance(value, Secret):
        return "a secret"
    if value is None:
        return "nothing"
    return MAPPING if isinstance(value, dict) else LIST


def how_to_mend(node: Node, wanted: str) -> tuple[tuple[str, str], ...]:
    """Suggest how to write a value of the wanted type, where it is clear what was meant."""
    value = node.value if isinstance(node, Scalar) else None
    if wanted == LIST and isinstance(node, Scalar):
        return _write(f"[{in_one_line(value)}]")
    if wanted == TEXT:
        return _as_text(node)
    if wanted in (NUMBER, WHOLE_NUMBER) and isinstance(value, str):
        return _as_number(value)
    if wanted == WHOLE_NUMBER and isinstance(value, float) and value.is_integer():
        return _write(str(int(value)))
    if wanted == TRUTH and isinstance(value, str) and value.lower() in ("true", "false", "yes", "no", "on", "off"):
        return _write(f"{'true' if value.lower() in ('true', 'yes', 'on') else 'false'} without quotes")
    return ()


def _as_text(node: Node) -> tuple[tuple[str, str], ...]:
    if isinstance(node, Sequence) and len(node.items) == 1 and isinstance(node.items[0], Scalar):
        return _write(in_one_line(node.items[0].value))
    if isinstance(node, Scalar) and isinstance(node.value, (bool, int, float)):
        return _write(f"{quoted(in_one_line(node.value))} in quotes")
    return ()


def _as_number(text: str) -> tuple[tuple[str, str], ...]:
    if re.fullmatch(r"[-+]?[0-9]+,[0-9]+", text):
        return _write(text.replace(",", "."))
    percent = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?) ?%", text)
    if percent:
        return _write(fraction(float(percent[1])))
    value = read_plain(text)
    if isinstance(value, Surprise):
        value = value.value
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return _write(f"{in_one_line(value)} without quotes")
    return ()


def fraction(percent: float) -> str:
    """Say a percentage as the fraction to write.

    Examples
    --------
    >>> fraction(15)
    '0.15; 15 % is 0.15'
    """
    written = f"{percent / 100:.12g}"
    return f"{written}; {percent:.12g} % is {written}"


def _write(what: str) -> tuple[tuple[str, str], ...]:
    return (("to mend", f"write {what}"),)


def written(node: Node) -> str:
    """Return a value as it may be written behind a key, shortened if it is long."""
    return shortened(in_one_line(plain(node)))


def near(name: str, names: Iterable[str], problems: Sized) -> tuple[tuple[str, str], ...]:
    """Return `nearest`, or nothing once so much is wrong that a search for each would take minutes."""
    return nearest(name, names) if len(problems) < _SEARCHED else ()


def shortened(text: str, longest: int = 60) -> str:
    """Return a text, or its beginning."""
    return text if len(text) <= longest else text[: longest - 3] + "..."
