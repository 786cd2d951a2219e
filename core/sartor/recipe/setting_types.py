"""Follows the types of a component's settings: what names a column, what holds a model, what bounds there are."""

from __future__ import annotations

import types
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from sartor.components import ModelStep, PrepareStep, Refers, Settings
from sartor.recipe.document import KeyPath

_LISTS = (list, tuple, set, frozenset, Sequence, Iterable, Set)
_MAPPINGS = (dict, Mapping)
BOUNDS = ("gt", "ge", "lt", "le", "min_length", "max_length")
"""Names that pydantic gives to the bounds of numbers and lengths."""


@dataclass(frozen=True)
class Typed:
    """A type with what is said beside it.

    Parameters
    ----------
    type : Any
        Without ``Annotated``.
    metadata : tuple
        `Refers`, `Unit`, bounds.
    """

    type: Any
    metadata: tuple[Any, ...] = ()

    def told(self, kind: type) -> Any:
        """Return the metadata of a kind, or None."""
        return next((entry for entry in self.metadata if isinstance(entry, kind)), None)

    def bounds(self) -> dict[str, float]:
        """Return the bounds of a number or length by their names, see `BOUNDS`."""
        found = {name: getattr(entry, name, None) for entry in self.metadata for name in BOUNDS if hasattr(entry, name)}
        return {name: value for name, value in found.items() if value is not None}


@dataclass(frozen=True)
class Found:
    """A value among settings, with its type.

    Parameters
    ----------
    path : tuple
        Below the settings.
    value : str or dict
        A text, or a nested step.
    typed : Typed
    is_key : bool
        The text is a key of a mapping, which may name a column as well as a value may.
    """

    path: KeyPath
    value: Any
    typed: Typed
    is_key: bool = False


def members(typed: Typed) -> tuple[Typed, ...]:
    """Take ``Annotated`` and unions apart: every type that a value may have."""
    return _remembered(_members, typed)


def below(typed: Typed, step: str | int) -> tuple[Typed, ...]:
    """Return the types that a value's key or item may have."""
    return _remembered(_below, typed, step)


def _remembered(follow: Any, *asked: Any) -> tuple[Typed, ...]:
    """Follow a type once: a run asks for the same ones hundreds of times."""
    try:
        found: tuple[Typed, ...] = follow(*asked)
    except TypeError:
        # What is said beside a type need not be hashable.
        found = follow.__wrapped__(*asked)
    return found


@lru_cache(maxsize=4096)
def _members(typed: Typed) -> tuple[Typed, ...]:
    origin = get_origin(typed.type)
    if origin is Annotated:
        inner, *told = get_args(typed.type)
        return members(Typed(inner, typed.metadata + _flat(told)))
    if origin in (Union, types.UnionType):
        return tuple(member for arm in get_args(typed.type) for member in members(Typed(arm, typed.metadata)))
    value = getattr(typed.type, "__value__", None)
    if value is not None:  # a `type` statement
        return members(Typed(value, typed.metadata))
    return (typed,)


@lru_cache(maxsize=4096)
def _below(typed: Typed, step: str | int) -> tuple[Typed, ...]:
    found: list[Typed] = []
    for member in members(typed):
        origin = get_origin(member.type) or member.type
        arguments = [argument for argument in get_args(member.type) if argument is not Ellipsis]
        if is_settings(member.type):
            field = settings_fields(member.type).get(str(step))
            found += [Typed(field.annotation, _flat(field.metadata))] if field else []
        elif origin in _MAPPINGS and len(arguments) == 2:
            found.append(Typed(arguments[1]))
        elif origin in _LISTS and arguments and isinstance(step, int):
            is_row = origin is tuple and len(arguments) > 1
            found.append(Typed(arguments[step] if is_row and step < len(arguments) else arguments[0]))
    return tuple(found)


def at(cls: type, path: KeyPath) -> list[Typed]:
    """Return the types that the value at a path below a class's settings may have, unions taken apart."""
    found = [Typed(cls)]
    for step in path:
        found = [inner for typed in found for inner in below(typed, step)]
    return [member for typed in found for member in members(typed)]


def is_settings(kind: Any) -> bool:
    """Whether a type is a class whose fields are settings."""
    return isinstance(kind, type) and issubclass(kind, Settings)


def settings_fields(cls: type[Settings]) -> dict[str, FieldInfo]:
    """Return a class's fields by the names that recipes use."""
    return {field.alias or name: field for name, field in cls.model_fields.items()}


def values(cls: type, settings: Mapping[str, Any]) -> Iterator[Found]:
    """Yield every value among settings that is a text with metadata, or a nested step, with its type."""
    for name, value in settings.items():
        for typed in below(Typed(cls), name):
            yield from _values(typed, value, (name,))


def files(cls: type, settings: Mapping[str, Any]) -> list[KeyPath]:
    """Return where settings name files, below the settings."""
    told = [(found, found.typed.told(Refers)) for found in values(cls, settings)]
    return [found.path for found, refers in told if refers is not None and refers.to == "file"]


def _values(typed: Typed, value: Any, path: KeyPath) -> Iterator[Found]:
    for member in members(typed):
        if isinstance(value, str):
            if member.type is str and member.metadata:
                yield Found(path, value, member)
                return
        elif isinstance(value, dict):
            if member.type in (ModelStep, PrepareStep):
                yield Found(path, value, member)
                return
            yield from _entries(member, value, path)
        elif isinstance(value, list):
            for index, item in enumerate(value):
                for inner in below(member, index):
                    yield from _values(inner, item, (*path, index))


def _entries(member: Typed, value: dict[str, Any], path: KeyPath) -> Iterator[Found]:
    origin = get_origin(member.type) or member.type
    if origin in _MAPPINGS and len(get_args(member.type)) == 2:
        for key in value:
            yield from (
                Found(found.path, found.value, found.typed, is_key=True)
                for found in _values(Typed(get_args(member.type)[0]), key, (*path, key))
            )
    for key, entry in value.items():
        for inner in below(member, key):
            yield from _values(inner, entry, (*path, key))


def _flat(metadata: Iterable[Any]) -> tuple[Any, ...]:
    flat: list[Any] = []
    for entry in metadata:
        flat += _flat(entry.metadata) if isinstance(entry, FieldInfo) else [entry]
    return tuple(flat)
