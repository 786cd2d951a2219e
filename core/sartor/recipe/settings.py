"""Settings against a component's class: what pydantic finds wrong, said in the recipe's words and at its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from sartor.components import ModelStep, PrepareStep, Settings, Unit
from sartor.errors import Problem, SartorError, nearest
from sartor.recipe import kinds, setting_types
from sartor.recipe.document import Document, KeyPath, Node, Scalar
from sartor.recipe.document import Mapping as MappingNode
from sartor.recipe.kinds import described_value, fraction, how_to_mend
from sartor.recipe.setting_types import BOUNDS, Typed
from sartor.recipe.writing import in_one_line
from sartor.wording import plural

_WANTED = {
    kinds.TEXT: ("string_type", "string_sub_type", "string_unicode"),
    kinds.WHOLE_NUMBER: ("int_type", "int_from_float", "int_parsing", "int_parsing_size"),
    kinds.NUMBER: ("float_type", "float_parsing", "decimal_type"),
    kinds.TRUTH: ("bool_type", "bool_parsing"),
    kinds.LIST: ("list_type", "tuple_type", "set_type", "frozen_set_type", "iterable_type"),
    kinds.MAPPING: ("dict_type", "mapping_type", "model_type", "model_attributes_type", "dataclass_type"),
    "a date": ("date_type", "date_parsing", "date_from_datetime_parsing", "datetime_type", "datetime_parsing"),
}
_WANTED_OF = {error: wanted for wanted, errors in _WANTED.items() for error in errors}
_BOUNDS = ("greater_than", "greater_than_equal", "less_than", "less_than_equal")
_LENGTHS = ("too_short", "too_long", "string_too_short", "string_too_long")


@dataclass(frozen=True)
class _Trouble:
    """One error of pydantic, found again in the recipe.

    Parameters
    ----------
    error : dict
    path : tuple
        Below the settings, without the tags that pydantic puts in for the arms of a union.
    union : tuple or None
        The path of the union that it was found in.
    arm : str
        The tag of the arm.
    """

    error: ErrorDetails
    path: KeyPath
    union: KeyPath | None
    arm: str


def validated(
    cls: type[Settings], use: str, settings: Mapping[str, Any], path: KeyPath, document: Document
) -> tuple[Settings | None, list[Problem]]:
    """Make a component from settings.

    Parameters
    ----------
    cls : class
        The component's.
    use : str
        Its id.
    settings : mapping
        As `sartor.recipe.giving.given` made them ready.
    path : tuple
        Where the settings stand in the recipe: ``("models", "forest", "with")``.
    document : Document
        For the places.

    Returns
    -------
    component : Settings or None
        None where something is wrong.
    problems : list of Problem
    """
    try:
        return cls.model_validate(dict(settings)), []
    except ValidationError as error:
        teller = _Teller(cls, use, path, document)
        see = (("to see all", f"sartor explain {use}"),)
        problems = teller.problems(error.errors(include_url=False))
        return None, [problem if problem.hints else replace(problem, hints=see) for problem in problems]
    except SartorError as error:
        return None, [problem.at(document.where(path)) for problem in error.problems]


@dataclass(frozen=True)
class _Teller:
    cls: type[Settings]
    use: str
    path: KeyPath
    document: Document

    def problems(self, errors: list[ErrorDetails]) -> list[Problem]:
        troubles = [self._placed(error) for error in errors if error["type"] != "none_required"]
        told: list[Problem] = []
        unions: set[KeyPath] = set()
        for trouble in troubles:
            if self._is_broken(trouble.path):
                continue
            if trouble.union is None:
                told.append(self._told(trouble))
            elif trouble.union not in unions:
                unions.add(trouble.union)
                told += self._of_union([other for other in troubles if other.union == trouble.union])
        return told

    def _placed(self, error: ErrorDetails) -> _Trouble:
        node: Node | None = self.document.node(self.path)
        path: KeyPath = ()
        union, arm = None, ""
        for place, step in enumerate(error["loc"]):
            is_last = place == len(error["loc"]) - 1
            inner = self.document.node((*self.path, *path, step)) if node is not None else None
            if inner is not None or (is_last and error["type"] == "missing"):
                path, node = (*path, step), inner
            elif union is None and node is not None:
                union, arm = path, str(step)
        return _Trouble(error, path, union, arm)

    def _is_broken(self, path: KeyPath) -> bool:
        node = self.document.node((*self.path, *path))
        return isinstance(node, Scalar) and node.broken

    def _of_union(self, troubles: list[_Trouble]) -> list[Problem]:
        """Say what is wrong where a value may be of several types: by the arm that fits best, or by all of them."""
        arms: dict[str, list[_Trouble]] = {}
        for trouble in troubles:
            arms.setdefault(trouble.arm, []).append(trouble)
        fitting = [
            found
            for found in arms.values()
            if all(item.error["type"] not in _WANTED_OF and item.error["type"] != "literal_error" for item in found)
            or any(item.path != item.union for item in found)
        ]
        if fitting or len(arms) == 1:
            return self._of_arm(min(fitting or list(arms.values()), key=len))
        return [self._of_several(troubles)]

    def _of_arm(self, troubles: list[_Trouble]) -> list[Problem]:
        """Say what is wrong with one type; a value within that may be of several types itself is told once."""
        places: dict[KeyPath, list[_Trouble]] = {}
        for trouble in troubles:
            places.setdefault(trouble.path, []).append(trouble)
        told: list[Problem] = []
        for found in places.values():
            is_union = len(found) > 1 and all(trouble.error["type"] in _WANTED_OF for trouble in found)
            told += [self._of_several(found)] if is_union else [self._told(trouble) for trouble in found]
        return told

    def _of_several(self, troubles: list[_Trouble]) -> Problem:
        wanted: list[str] = []
        for trouble in troubles:
            wanted += self._words(trouble) or [_WANTED_OF.get(trouble.error["type"], "")]
        return self._not_among([word for word in dict.fromkeys(wanted) if word], troubles[0])

    def _words(self, trouble: _Trouble) -> list[str]:
        if trouble.error["type"] not in ("literal_error", "enum"):
            return []
        expected = str(trouble.error.get("ctx", {}).get("expected", ""))
        return [part.strip("'") for part in expected.replace(" or ", ", ").split(", ") if part]

    def _told(self, trouble: _Trouble) -> Problem:
        kind = trouble.error["type"]
        if kind == "missing":
            return self._missing(trouble)
        if kind == "extra_forbidden":
            return self._unknown(trouble)
        if kind in _BOUNDS or kind in _LENGTHS:
            return self._out_of_bounds(trouble)
        if kind in ("literal_error", "enum"):
            return self._not_among(self._words(trouble), trouble)
        if kind in _WANTED_OF:
            return self._wrong_type(trouble, _WANTED_OF[kind])
        return self._refused(trouble)

    def _where(self, trouble: _Trouble) -> Any:
        return self.document.where((*self.path, *trouble.path))

    def _name(self, trouble: _Trouble) -> str:
        path = trouble.path
        if path and isinstance(path[-1], int):
            name = next((str(step) for step in reversed(path) if isinstance(step, str)), self.use)
            return f"an item of {name}"
        return str(path[-1]) if path else self.use

    def _types(self, trouble: _Trouble) -> list[Typed]:
        return setting_types.at(self.cls, trouble.path)

    def _missing(self, trouble: _Trouble) -> Problem:
        name = str(trouble.path[-1])
        around = (*self.path, *trouble.path[:-1])
        # The settings may not be there at all: then the step is what can be pointed at.
        step = around[:-1] if around == self.path else around
        place = self.document.where_key(step)
        holders = [typed.type for typed in setting_types.at(self.cls, trouble.path[:-1])]
        if name == "use" and any(holder in (ModelStep, PrepareStep) for holder in holders):
            mend = ("to mend", "name its component: use: PLUGIN.NAME")
            return Problem("R067", "a step does not say what it uses", place, (mend,))
        whose = self.use if len(trouble.path) == 1 else str(trouble.path[-2])
        example = f"with: {{{name}: ...}}" if around == self.path else f"{name}: ..."
        return Problem("R031", f"{whose} needs the setting '{name}'", place, (("to mend", f"write {example}"),))

    def _unknown(self, trouble: _Trouble) -> Problem:
        name = str(trouble.path[-1])
        place = self.document.where_key((*self.path, *trouble.path))
        holders = [typed.type for typed in setting_types.at(self.cls, trouble.path[:-1])]
        classes = [holder for holder in holders if setting_types.is_settings(holder)]
        known = [field for holder in classes for field in setting_types.settings_fields(holder)]
        see = ("to see all", f"sartor explain {self.use}")
        if any(holder in (ModelStep, PrepareStep) for holder in classes):
            near = tuple(hint for hint in nearest(name, known) if hint[0] == "did you mean")
            if near and near[0][1] in ("use", "with"):
                return Problem("R060", f"'{name}' is not a key of a step", place, near)
            value = kinds.shortened(in_one_line(trouble.error["input"]))
            mend = ("to mend", f"a setting of the component stands under `with`: {{{name}: {value}}}")
            return Problem("R033", f"'{name}' is not a key of a step", place, (*near, mend))
        if not known:
            return Problem("R030", f"{self.use} takes no settings, got '{name}'", place)
        whose = self.use if len(trouble.path) == 1 else str(trouble.path[-2])
        return Problem("R030", f"{whose} has no setting '{name}'", place, (*nearest(name, known), see))

    def _wrong_type(self, trouble: _Trouble, wanted: str) -> Problem:
        node = self.document.node((*self.path, *trouble.path))
        written = described_value(trouble.error["input"])
        hints = how_to_mend(node, wanted) if node is not None else ()
        return Problem("R032", f"{self._name(trouble)} must be {wanted}, got {written}", self._where(trouble), hints)

    def _not_among(self, wanted: list[str], trouble: _Trouble) -> Problem:
        value = trouble.error["input"]
        listed = wanted[0] if len(wanted) == 1 else f"{', '.join(wanted[:-1])} or {wanted[-1]}"
        hints = nearest(value, wanted) if isinstance(value, str) else ()
        close = tuple(hint for hint in hints if hint[0] == "did you mean")
        message = f"{self._name(trouble)} must be {listed}, got {described_value(value)}"
        return Problem("R034", message, self._where(trouble), close)

    def _out_of_bounds(self, trouble: _Trouble) -> Problem:
        value = trouble.error["input"]
        types = self._types(trouble)
        bounds = {name: bound for typed in types for name, bound in typed.bounds().items()}
        context = trouble.error.get("ctx", {})
        bounds |= {name: context[name] for name in BOUNDS if name in context}
        if trouble.error["type"] in _LENGTHS:
            return Problem("R034", f"{self._name(trouble)} {_length(bounds, value)}", self._where(trouble))
        is_share = any(getattr(typed.told(Unit), "of", "") == "share" for typed in types) or _ends(bounds) == (0, 1)
        hints = (("to mend", f"write {fraction(value)}"),) if is_share and 1 < value <= 100 else ()
        message = f"{self._name(trouble)} must {_range(bounds)}, got {in_one_line(value)}"
        return Problem("R034", message, self._where(trouble), hints)

    def _refused(self, trouble: _Trouble) -> Problem:
        """Say what a component's own check says."""
        raised = trouble.error.get("ctx", {}).get("error")
        name = self._name(trouble)
        if isinstance(raised, SartorError):
            first = raised.problems[0]
            message = f"{name} {first.message}" if first.message.startswith("must ") else first.message
            return Problem(first.code, message, first.where or self._where(trouble), first.hints)
        said = str(raised) if raised is not None else trouble.error["msg"].replace("Input should", "it should")
        said = said[:1].lower() + said[1:]
        link = " " if said.startswith(("must ", "cannot ", "names ", "needs ", "has ", "may ")) else ": "
        return Problem("R034", f"{name}{link}{said}".rstrip("."), self._where(trouble))


def _ends(bounds: Mapping[str, float]) -> tuple[float | None, float | None]:
    return bounds.get("gt", bounds.get("ge")), bounds.get("lt", bounds.get("le"))


def _range(bounds: Mapping[str, float]) -> str:
    low, high = _ends(bounds)
    if low is not None and high is not None:
        if "gt" in bounds and "lt" in bounds:
            return f"lie strictly between {_shown(low)} and {_shown(high)}"
        if "ge" in bounds and "le" in bounds:
            return f"lie between {_shown(low)} and {_shown(high)}"
        below = f"{'above' if 'gt' in bounds else 'at least'} {_shown(low)}"
        return f"be {below} and {'below' if 'lt' in bounds else 'at most'} {_shown(high)}"
    if low is not None:
        return f"be {'above' if 'gt' in bounds else 'at least'} {_shown(low)}"
    return f"be {'below' if 'lt' in bounds else 'at most'} {_shown(high or 0)}"


def _shown(number: float) -> str:
    return f"{number:,.12g}"


def _length(bounds: Mapping[str, float], value: Any) -> str:
    if isinstance(value, str):
        least = int(bounds.get("min_length", 0))
        if least == 1 and not value:
            return "must not be empty"
        most = int(bounds.get("max_length", len(value)))
        number = least if len(value) < least else most
        limit = "exactly" if least == most else "at least" if len(value) < least else "at most"
        return f"must have {limit} {plural(number, 'character')}, got {len(value)}"
    least = int(bounds.get("min_length", 0))
    number = len(value)
    if number < least:
        return f"must hold at least {plural(least, 'value')}, got {number}"
    return f"must hold at most {plural(int(bounds.get('max_length', 0)), 'value')}, got {number}"


def settings_node(document: Document, path: KeyPath) -> bool:
    """Whether the settings at a path are a mapping, or are not there; anything else has been reported already."""
    node = document.node(path)
    return node is None or isinstance(node, MappingNode)
