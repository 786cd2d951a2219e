"""Pieces of JSON Schema that sections of recipes are described with."""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]


def text(about: str, **more: Any) -> Schema:
    """Return the schema of a text."""
    return {"type": "string", "description": about, **more}


def word(about: str, *words: str) -> Schema:
    """Return the schema of one of a few words."""
    return {"enum": list(words), "description": about}


def names(about: str) -> Schema:
    """Return the schema of a text or a list of texts."""
    return {
        "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}],
        "description": about,
    }


def columns(about: str) -> Schema:
    """Return the schema of a list of columns."""
    return {"type": "array", "items": {"type": "string"}, "description": about}


def texts(about: str) -> Schema:
    """Return the schema of a mapping from texts to texts."""
    return {"type": "object", "additionalProperties": {"type": "string"}, "description": about}


def keys(about: str, found: dict[str, Schema], **more: Any) -> Schema:
    """Return the schema of a mapping with certain keys and no others."""
    return {"type": "object", "properties": found, "additionalProperties": False, "description": about, **more}


def whole(about: str, least: int, most: int) -> Schema:
    """Return the schema of a whole number in a range."""
    return {"type": "integer", "minimum": least, "maximum": most, "description": about}


def share(about: str) -> Schema:
    """Return the schema of a number strictly between 0 and 1."""
    return {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1, "description": about}


def named(about: str, step: Schema, examples: list[str]) -> Schema:
    """Return the schema of steps by their names."""
    return {"type": "object", "additionalProperties": step, "description": about, "examples": examples}
