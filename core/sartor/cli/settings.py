"""A component's settings in words: name, type, default and what it is for, taken from its class and docstring."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, get_args

if TYPE_CHECKING:
    from sartor.components import Settings

_HEADING = re.compile(r"(?m)^(\w[\w ]*)\n-{3,}\n")
_ENTRY = re.compile(r"(?m)^(\S[^\n:]*?)(?: : [^\n]*)?\n((?:[ \t]+[^\n]*\n?|\n)*)")
_FOOTNOTE = re.compile(r"\s?\[\d+\]_")
_REFERENCE = re.compile(r"#/\$defs/(.+)$")
_NESTED = {"ModelStep": "a model {use, with, prepare}", "PrepareStep": "a step {use, with}"}
_FORMATS = {"date": "a date", "date-time": "a moment", "duration": "a length of time"}


@dataclass(frozen=True)
class Setting:
    """One setting.

    Parameters
    ----------
    name : str
    type : str
        In words: ``a whole number from 1 to 100,000``.
    default : str
        As it would be written in a recipe; empty where the setting must be given.
    about : str
    """

    name: str
    type: str
    default: str
    about: str


def opening(cls: type) -> str:
    """Return the paragraphs of a class's docstring before its first section.

    Examples
    --------
    >>> class Forest:
    ...     '''Many trees.
    ...
    ...     Parameters
    ...     ----------
    ...     trees : int
    ...     '''
    >>> opening(Forest)
    'Many trees.'
    """
    text = _HEADING.split(inspect.cleandoc(cls.__doc__ or "") + "\n", maxsplit=1)[0].strip()
    return _FOOTNOTE.sub("", text)


def documented(cls: type) -> dict[str, str]:
    """Return what the section ``Parameters`` of a class and its bases says, by name.

    Examples
    --------
    >>> class Forest:
    ...     '''Many trees.
    ...
    ...     Parameters
    ...     ----------
    ...     trees, leaves : int
    ...         How many
    ...         of them.
    ...     '''
    >>> documented(Forest)
    {'trees': 'How many of them.', 'leaves': 'How many of them.'}
    """
    found: dict[str, str] = {}
    for base in reversed(cls.__mro__):
        parts = _HEADING.split(inspect.cleandoc(base.__doc__ or "") + "\n")
        sections = dict(zip(parts[1::2], parts[2::2], strict=True))
        for names, text in _ENTRY.findall(sections.get("Parameters", "")):
            for name in names.split(","):
                found[name.strip()] = _FOOTNOTE.sub("", " ".join(text.replace("``", "`").split()))
    return found


def settings_of(cls: type[Settings]) -> list[Setting]:
    """Return the settings of a component, in the order of its class."""
    texts = documented(cls)
    schema = schema_of(cls)
    found = []
    for name, field in cls.model_fields.items():
        written = field.alias or name
        words = in_words(schema["properties"].get(written, {}), schema.get("$defs", {}))
        about = field.description or texts.get(name, "")
        found.append(Setting(written, _referring(words, field), _default(field), about))
    return found


def schema_of(cls: type[Settings]) -> dict[str, Any]:
    """Return the JSON Schema of a component's settings; types that JSON does not know become anything."""
    from pydantic.json_schema import GenerateJsonSchema

    class Lenient(GenerateJsonSchema):
        def handle_invalid_for_json_schema(self, schema: Any, error_info: str) -> dict[str, Any]:
            return {}

    schema: dict[str, Any] = cls.model_json_schema(schema_generator=Lenient)
    schema.setdefault("properties", {})
    return schema


def _default(field: Any) -> str:
    from pydantic_core import PydanticUndefined

    from sartor.recipe.writing import in_one_line

    value = field.default_factory() if field.default_factory is not None else field.default
    if value is PydanticUndefined:
        return ""
    if value is None:
        return "not set"
    plain = value if isinstance(value, (bool, int, float, str, list, dict)) else str(value)
    return in_one_line(plain) if plain != "" else '""'


def _referring(words: str, field: Any) -> str:
    """Say column, table, file, length of time or money where JSON knows text and number only."""
    from sartor.components import Refers, Unit
    from sartor.durations import Duration

    marks = list(_marks(field.annotation, field.metadata))
    if Duration in marks:
        return re.sub(r"\ba text\b", "a length of time", words)
    if any(isinstance(mark, Unit) and mark.of == "money" for mark in marks):
        return re.sub(r"\ba number\b", "an amount of money", words)
    refers = next((mark for mark in marks if isinstance(mark, Refers)), None)
    if refers is None:
        return words
    return re.sub(r"\btexts\b", f"{refers.to}s", re.sub(r"\ba text\b", f"a {refers.to}", words))


def _marks(annotation: Any, metadata: Any = ()) -> Iterator[Any]:
    """Yield a type, the types inside it, and the metadata of all of them."""
    yield annotation
    yield from metadata
    yield from getattr(annotation, "__metadata__", ())
    for inner in get_args(annotation):
        yield from _marks(inner)


def in_words(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> str:
    """Say in words what a JSON Schema takes.

    Examples
    --------
    >>> in_words({"type": "integer", "minimum": 1, "maximum": 100000}, {})
    'a whole number from 1 to 100,000'
    >>> in_words({"type": "number", "exclusiveMinimum": 0, "maximum": 1}, {})
    'a number above 0, at most 1'
    >>> in_words({"anyOf": [{"enum": ["sqrt", "all"]}, {"type": "array", "items": {"type": "string"}}]}, {})
    'sqrt or all, or a list of texts'
    """
    reference = _REFERENCE.match(schema.get("$ref", ""))
    if reference:
        name = reference[1]
        return _NESTED.get(name) or in_words(definitions.get(name, {}), definitions)
    if "enum" in schema or "const" in schema:
        return _words([str(value) for value in schema.get("enum", [schema.get("const")])])
    several = schema.get("anyOf") or schema.get("oneOf")
    if several:
        shown = [in_words(one, definitions) for one in several if one.get("type") != "null"]
        return ", or ".join(dict.fromkeys(filter(None, shown)))
    kind = schema.get("type")
    if kind == "array":
        inner = in_words(schema.get("items", {}), definitions)
        return f"a list of {_several(inner)}" if inner else "a list"
    if kind == "object":
        inner = in_words(schema.get("additionalProperties") or {}, definitions) if _is_mapping(schema) else ""
        return f"a mapping to {_several(inner)}" if inner else "a mapping"
    if kind in ("integer", "number"):
        return ("a whole number" if kind == "integer" else "a number") + _bounds(schema)
    if kind == "string" and schema.get("format") in _FORMATS:
        return _FORMATS[schema["format"]]
    return {"string": "a text", "boolean": "true or false", "null": "nothing"}.get(str(kind), "")


def _is_mapping(schema: Mapping[str, Any]) -> bool:
    return isinstance(schema.get("additionalProperties"), Mapping) and "properties" not in schema


def _words(values: list[str]) -> str:
    return values[0] if len(values) == 1 else f"{', '.join(values[:-1])} or {values[-1]}"


def _several(words: str) -> str:
    """Say the same of several; what is one thing or another becomes values."""
    if ", or " in words:
        return "values"
    first, *rest = words.split(" ")
    if first not in ("a", "an") or not rest:
        return words
    noun = 1 if rest[0] == "whole" else 0
    rest[noun] += "s"
    return " ".join(rest)


def _bounds(schema: Mapping[str, Any]) -> str:
    least, most = schema.get("minimum"), schema.get("maximum")
    above, below = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
    if least is not None and most is not None:
        return f" from {least:,} to {most:,}"
    if above is not None and below is not None:
        return f" strictly between {above:,} and {below:,}"
    parts = [f"{word} {value:,}" for word, value in (("from", least), ("above", above)) if value is not None]
    parts += [f"{word} {value:,}" for word, value in (("at most", most), ("below", below)) if value is not None]
    joined = ", ".join(parts)
    return f" {joined} on" if joined.startswith("from") and most is None and below is None else f" {joined}".rstrip()
