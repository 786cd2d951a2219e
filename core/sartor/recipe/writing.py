"""Plain values to YAML that `sartor.recipe.reading` reads back as the same values."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

from sartor.recipe.scalars import read_plain
from sartor.recipe.secret import Secret

# Begins like a word or a number, and holds no sign that means something in YAML, inside [...] and {...} too.
_PLAIN = re.compile(r"[^\W_](?:[\w ./%+-]*[\w.%/+])?")
_LINE = 100


def to_yaml(values: dict[str, Any]) -> str:
    """Write a mapping as YAML, short values on one line.

    Parameters
    ----------
    values : dict
        Texts, numbers, truth values, secrets, and dictionaries and lists of them.

    Returns
    -------
    str

    Examples
    --------
    >>> print(to_yaml({"format": 1, "gates": [{"metric": "auc", "at_least": 0.7}], "note": "1e-3"}), end="")
    format: 1
    gates:
      - {metric: auc, at_least: 0.7}
    note: "1e-3"
    """
    return "".join(f"{line}\n" for line in _block(values))


def in_one_line(value: Any) -> str:
    """Write a value as it may stand behind a key.

    Examples
    --------
    >>> in_one_line({"trees": 400, "path": "a, b"})
    '{trees: 400, path: "a, b"}'
    """
    if isinstance(value, dict):
        return "{" + ", ".join(f"{in_one_line(key)}: {in_one_line(entry)}" for key, entry in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(in_one_line(item) for item in value) + "]"
    if value is None:
        return "~"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        written = format(Decimal(repr(value)), "f")
        return written if "." in written else written + ".0"
    return str(value) if isinstance(value, int) else _text(str(value))


def _text(text: str) -> str:
    if isinstance(read_plain(text), str) and _PLAIN.fullmatch(text) and "  " not in text:
        return text
    if re.fullmatch(rf"{Secret.__name__.lower()}:\w+", text):
        return text
    # JSON's quotes are YAML's; what JSON writes as two surrogates stays the one character.
    quoted = json.dumps(text, ensure_ascii=False)
    return re.sub(r"[\x7f-\xa0\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]", lambda found: _escape(found[0]), quoted)


def _escape(character: str) -> str:
    return f"\\u{ord(character):04X}"


def _block(values: dict[str, Any]) -> list[str]:
    lines: list[str] = []
    for key, value in values.items():
        name = in_one_line(key)
        lines += _entry(f"{name}:", value, is_section=True)
    return lines


def _entry(begin: str, value: Any, *, is_section: bool = False) -> list[str]:
    flat = f"{begin} {in_one_line(value)}"
    holds_more = isinstance(value, (dict, list)) and any(isinstance(item, (dict, list)) for item in _values(value))
    if not isinstance(value, (dict, list)) or not value or (len(flat) <= _LINE and not (is_section and holds_more)):
        return [flat]
    if isinstance(value, list):
        return [begin, *(f"  - {in_one_line(item)}" for item in value)]
    inner = [line for key, entry in value.items() for line in _entry(f"{in_one_line(key)}:", entry)]
    return [begin, *(f"  {line}" for line in inner)]


def _values(value: Any) -> list[Any]:
    return list(value.values()) if isinstance(value, dict) else list(value)
