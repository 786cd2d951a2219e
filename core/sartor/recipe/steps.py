"""``ingest``, ``task``, ``features``, ``models`` and ``actions``: what stands around ``use`` and ``with``."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from sartor.errors import Problem
from sartor.recipe.contracts import parse_contract, with_units
from sartor.recipe.document import KeyPath, Mapping, Node, Scalar, Sequence
from sartor.recipe.fields import Fields, Hint
from sartor.recipe.kinds import described, near, written
from sartor.recipe.model import ActionStep, DeliverStep, FeatureStep, IngestStep, ModelStep, Step

LONGEST_NAME = 80
"""Characters; a step's name becomes a part of file names."""

_NAME = re.compile(r"[^\W\d_][\w-]*")
_COMMON = ("use", "with")
_STEP = TypeVar("_STEP", bound=Step)

INGEST_KEYS = (
    *_COMMON, "from", "key", "time", "roles", "known_ahead", "units", "expected_strong", "fresh", "purposes",
    "contract",
)  # fmt: skip
FEATURE_KEYS = (*_COMMON, "from", "expected_strong")
MODEL_KEYS = (*_COMMON, "prepare")
ACTION_KEYS = (*_COMMON, "from")
DELIVER_KEYS = (*_COMMON, "from")
_ONE_OF = {"ingest": "a table", "actions": "an action", "deliver": "a delivery"}


@dataclass(frozen=True)
class StepReader:
    """Reads steps.

    Parameters
    ----------
    problems : list of Problem
        Grows with what is wrong.
    abstract : bool
        Whether the recipe is only a base, so that steps may be incomplete.
    """

    problems: list[Problem]
    abstract: bool

    def section(self, root: Fields, section: str, read: Callable[[str, Fields], _STEP | None]) -> dict[str, _STEP]:
        """Read the named steps of a section."""
        one = section.removesuffix("s")
        node = root.take(section)
        if isinstance(node, Sequence):
            mend = ("to mend", f"give each a name: `{section}: {{NAME: {{use: ...}}}}`")
            root.report("R062", f"{section} must be a mapping, got a list", node.where, mend)
            return {}
        named = root.inner(section, ("to mend", f"give each a name: `{section}: {{NAME: {{use: ...}}}}`"))
        steps: dict[str, _STEP] = {}
        for name in named or ():
            assert named is not None
            self._check_name(named, name, _ONE_OF.get(section, f"a {one}"))
            fields = named.inner(name, *self._as_mapping(named.node.entries[name]))
            step = read(name, fields) if fields else None
            if step is not None:
                steps[name] = step
        return steps

    def task(self, root: Fields) -> Step | None:
        """Read the task."""
        node = root.take("task")
        fields = root.inner("task", *self._as_mapping(node)) if node else None
        if fields is None:
            return None
        common = self._common("task", fields, _COMMON, "the task")
        return Step(**common) if common else None

    def ingest(self, name: str, fields: Fields) -> IngestStep | None:
        """Read a step of ``ingest``."""
        common = self._common(name, fields, INGEST_KEYS, "a step of ingest")
        said: dict[str, Any] = {
            "key": fields.names("key", or_one=True),
            "time": fields.text("time"),
            "roles": fields.texts("roles"),
            "known_ahead": fields.names("known_ahead"),
            "units": fields.texts("units"),
            "expected_strong": fields.names("expected_strong"),
            "sources": fields.names("from", or_one=True),
            "fresh": fields.duration("fresh"),
            "purposes": fields.names("purposes", or_one=True),
            "contract": parse_contract(fields),
        }
        said["units"] = with_units(fields, said["units"], said["contract"])
        return IngestStep(**common, **said) if common else None

    def feature(self, name: str, fields: Fields) -> FeatureStep | None:
        """Read a step of ``features``."""
        common = self._common(name, fields, FEATURE_KEYS, "a feature")
        sources, strong = fields.names("from", or_one=True), fields.names("expected_strong")
        return FeatureStep(**common, sources=sources, expected_strong=strong) if common else None

    def action(self, name: str, fields: Fields) -> ActionStep | None:
        """Read a step of ``actions``."""
        common = self._common(name, fields, ACTION_KEYS, "an action")
        sources = fields.names("from", or_one=True)
        return ActionStep(**common, sources=sources) if common else None

    def deliver(self, name: str, fields: Fields) -> DeliverStep | None:
        """Read a step of ``deliver``; without ``from`` it delivers what the only action decides."""
        common = self._common(name, fields, DELIVER_KEYS, "a delivery")
        source = fields.text("from")
        return DeliverStep(**common, source=source or "") if common else None

    def model(self, name: str, fields: Fields) -> ModelStep | None:
        """Read a step of ``models``."""
        common = self._common(name, fields, MODEL_KEYS, "a model")
        prepare = tuple(self._prepare(fields))
        return ModelStep(**common, prepare=prepare) if common else None

    def _prepare(self, fields: Fields) -> list[Step]:
        node = fields.take("prepare")
        if node is None:
            return []
        if not isinstance(node, Sequence):
            mend = ("to mend", "write prepare: [{use: ...}]")
            fields.report("R062", f"prepare must be a list, got {described(node)}", node.where, mend)
            return []
        steps = []
        for index, item in enumerate(node.items):
            path: KeyPath = (*fields.path, "prepare", index)
            inner = Fields.of(item, path, self.problems, item.where, *self._as_mapping(item))
            common = self._common(f"prepare {index + 1}", inner, _COMMON, "a step of prepare") if inner else None
            if common:
                steps.append(Step(**common))
        return steps

    def _check_name(self, fields: Fields, name: str, what: str) -> None:
        if _NAME.fullmatch(name) and len(name) <= LONGEST_NAME:
            return
        if len(name) > LONGEST_NAME:
            message = f"the name of {what} has at most {LONGEST_NAME} characters, got {len(name)}"
            self.problems.append(Problem("R070", message, fields.where_key(name)))
            return
        better = re.sub(r"[^\w-]+", "_", name).strip("_-")
        better = better if _NAME.fullmatch(better) else f"{what.rsplit(maxsplit=1)[-1]}_{better}".rstrip("_")
        message = f"'{name}' cannot name {what}: letters, digits, _ and - only, a letter first"
        self.problems.append(Problem("R070", message, fields.where_key(name), (("to mend", f"write {better}"),)))

    @staticmethod
    def _as_mapping(node: Node) -> tuple[Hint, ...]:
        if isinstance(node, Scalar) and isinstance(node.value, str):
            return (("to mend", f"write {{use: {node.value}}}"),)
        return ()

    def _common(self, name: str, fields: Fields, known: tuple[str, ...], what: str) -> dict[str, Any] | None:
        """Read ``use`` and ``with``, and report keys that a step does not have."""
        likely_use = self._report_unknown(fields, known, what)
        settings = fields.settings()
        use = fields.text("use")
        if use is None:
            if "use" not in fields and not self.abstract and not likely_use:
                mend = ("to mend", "name its component: use: PLUGIN.NAME")
                fields.report("R067", f"{_subject(fields.path)} does not say what it uses", fields.where, mend)
            if not self.abstract:
                return None
        return {"name": name, "use": use or "", "settings": settings, "path": fields.path}

    def _report_unknown(self, fields: Fields, known: tuple[str, ...], what: str) -> bool:
        """Report unknown keys; tell whether one of them was meant to be ``use``."""
        likely_use = False
        for key in fields:
            if key in known:
                continue
            hints = near(key, known, self.problems)
            close = hints if hints and hints[0][0] == "did you mean" else ()
            likely_use |= close == (("did you mean", "use"),)
            where = fields.where_key(key)
            if close and close[0][1] in ("use", "with"):
                fields.report("R060", f"'{key}' is not a key of {what}", where, *close)
                continue
            setting = f"{key}: {written(fields.node.entries[key])}"
            if isinstance(fields.node.entries.get("with"), Mapping):
                mend = f"a setting of the component stands under `with`, beside the others: {setting}"
            else:
                mend = f"a setting of the component stands under `with`: {{{setting}}}"
            fields.report("R033", f"'{key}' is not a key of {what}", where, *close, ("to mend", mend))
        return likely_use


def _subject(path: KeyPath) -> str:
    if path == ("task",):
        return "the task"
    if len(path) >= 2 and path[-2] == "prepare":
        return f"step {int(path[-1]) + 1} of prepare"
    kinds = {"ingest": "table", "features": "feature", "models": "model", "actions": "action", "deliver": "delivery"}
    kind = kinds.get(str(path[0]), "step")
    return f"{kind} '{path[-1]}'"
