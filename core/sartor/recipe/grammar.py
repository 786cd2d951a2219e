"""The sections of a recipe, format 1: resolved document to `Recipe`.

Everything wrong is reported in one go; what could be read is returned all the same, so that more can be checked.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from sartor.errors import Problem
from sartor.recipe.bars import Gate, Judge
from sartor.recipe.deliveries import read_deliveries
from sartor.recipe.document import Document, Mapping, Node, Scalar, Sequence, plain
from sartor.recipe.fields import Fields, Hint
from sartor.recipe.graph import check_graph
from sartor.recipe.informing import read_information
from sartor.recipe.kinds import described, near
from sartor.recipe.model import Recipe, Split
from sartor.recipe.privacies import parse_privacy
from sartor.recipe.protecting import parse_access, parse_encrypt
from sartor.recipe.splits import RULES, parse_split
from sartor.recipe.steps import StepReader

SECTIONS = (
    "format", "recipe", "about", "extends", "abstract", "currency", "params", "seed", "ingest", "privacy", "access",
    "task", "split", "features", "models", "select", "actions", "judge", "gates", "deliver", "information",
)  # fmt: skip
"""The keys of a recipe, in the order in which one is written."""
LARGEST_SEED = 2**32 - 1
MOST_REDRAWS = 1_000_000

_SEGMENT = r"[a-z0-9][a-z0-9_-]*"
_RECIPE_NAME = re.compile(rf"{_SEGMENT}(/{_SEGMENT})*")
_PARAM_NAME = re.compile(r"[A-Za-z_]\w*")
_TOGETHER = ("task", "split", "models")


def parse(document: Document, merged: Document, written: str, problems: list[Problem]) -> Recipe:
    """Read the sections of a recipe.

    Parameters
    ----------
    document : Document
        References resolved.
    merged : Document
        References as written.
    written : str
        The recipe's own file.
    problems : list of Problem
        Grows with what is wrong.

    Returns
    -------
    Recipe
        Without the parts that are wrong.
    """
    return _Grammar(Fields(document.root, (), problems, document.source.position(0)), problems).recipe(
        document, merged, written
    )


@dataclass
class _Grammar:
    root: Fields
    problems: list[Problem]

    def recipe(self, document: Document, merged: Document, written: str) -> Recipe:
        meant = self._refuse_unknown()
        abstract = self.root.truth("abstract")
        name = self._name(abstract or "recipe" in meant)
        steps = StepReader(self.problems, abstract)
        ingest = steps.section(self.root, "ingest", steps.ingest)
        features = steps.section(self.root, "features", steps.feature)
        models = steps.section(self.root, "models", steps.model)
        actions = steps.section(self.root, "actions", steps.action)
        deliver = steps.section(self.root, "deliver", steps.deliver)
        if not abstract:
            self._check_complete(meant)
        recipe = Recipe(
            name=name,
            about=self.root.text("about") or "",
            currency=self.root.text("currency"),
            params=self._params(),
            seed=self.root.whole("seed", 0, LARGEST_SEED) or 0,
            ingest=ingest,
            privacy=parse_privacy(self.root),
            task=steps.task(self.root),
            split=self._split(abstract),
            features=features,
            models=models,
            select=self._select(),
            actions=actions,
            judge=self._judge(),
            gates=self._gates(),
            document=document,
            merged=merged,
            written=written,
            abstract=abstract,
            deliver=read_deliveries(self.root, deliver, actions, abstract),
            information=read_information(self.root, abstract=abstract),
            encrypt=parse_encrypt(self.root),
            access=parse_access(self.root),
        )
        if not abstract:
            check_graph(self.root, self.problems)
        return recipe

    def _refuse_unknown(self) -> set[str]:
        """Report unknown sections; return the known ones that they probably stand for."""
        meant: set[str] = set()
        for key in self.root:
            if key not in SECTIONS:
                hints = near(key, [section for section in SECTIONS if section not in self.root], self.problems)
                hints = hints if hints and hints[0][0] == "did you mean" else near(key, SECTIONS, self.problems)
                meant |= {name for label, name in hints if label == "did you mean"}
                self.root.report("R060", f"a recipe has no section '{key}'", self.root.where_key(key), *hints)
        return meant

    def _check_complete(self, meant: set[str]) -> None:
        node = self.root.node.entries.get("ingest")
        if (node is None and "ingest" not in meant) or (isinstance(node, Mapping) and not node.entries):
            where = self.root.where if node is None else self.root.where_key("ingest")
            mend = ("to mend", "write ingest: {NAME: {use: tables.csv, with: {path: FILE}, key: COLUMN}}")
            self.root.report("R065", "the recipe reads no table", where, mend)
        models = self.root.node.entries.get("models")
        there = [key for key in _TOGETHER if key in self.root or key in meant]
        if isinstance(models, Mapping) and not models.entries:
            mend = ("to mend", "write models: {NAME: {use: PLUGIN.NAME}}")
            self.root.report("R066", "models names no model", self.root.where_key("models"), mend)
        if there and len(there) < len(_TOGETHER):
            missing = [key for key in _TOGETHER if key not in there]
            needs = " and ".join(f"'{key}'" for key in missing)
            verb = "is" if len(missing) == 1 else "are"
            has = " and ".join(there)
            mend = ("to mend", "write task, split and models, or none of them")
            message = f"{needs} {verb} missing beside {has}"
            self.root.report("R066", message, self.root.where_key(there[0]), mend)
        if not there:
            self._check_without_task()

    def _check_without_task(self) -> None:
        for key in ("features", "select", "judge", "information"):
            if key in self.root:
                mend = ("to mend", "write task, split and models too, or leave it out")
                self.root.report("R066", f"'{key}' needs a task", self.root.where_key(key), mend)

    def _name(self, may_miss: bool) -> str:
        if "recipe" not in self.root:
            if not may_miss:
                mend = ("to mend", "write recipe: INDUSTRY/JOB, such as recipe: finance/credit-scoring")
                self.root.report("R061", "the recipe does not say its name, 'recipe'", self.root.where, mend)
            return ""
        name = self.root.text("recipe") or ""
        if name and not _RECIPE_NAME.fullmatch(name):
            where = self.root.node.entries["recipe"].where
            parts = [re.sub(r"[^a-z0-9_]+", "-", part.lower()).strip("-_") for part in name.split("/")]
            better = "/".join(part for part in parts if part)
            hints: list[Hint] = [("to mend", f"write {better}")] if better else []
            message = f"'{name}' cannot name a recipe: lower-case letters, digits, - and _ in parts separated by /"
            self.root.report("R070", message, where, *hints)
            return ""
        return name

    def _params(self) -> dict[str, Any]:
        fields = self.root.inner("params", ("to mend", "write params: {NAME: value}"))
        for name in fields or ():
            assert fields is not None
            if not _PARAM_NAME.fullmatch(name):
                better = re.sub(r"\W+", "_", name).strip("_")
                mend = [("to mend", f"write {better}")] if _PARAM_NAME.fullmatch(better) else []
                message = f"'{name}' cannot name a param: letters, digits and _ only, no digit first"
                fields.report("R070", message, fields.where_key(name), *mend)
        return {} if fields is None else {name: plain(node) for name, node in fields.node.entries.items()}

    def _split(self, abstract: bool) -> Split | None:
        fields = self.root.inner("split", ("to mend", "write split: {hash: 0.3}"))
        if fields is None or (abstract and not any(rule in fields for rule in RULES)):
            return None
        return parse_split(fields)

    def _select(self) -> str | None:
        fields = self.root.inner("select", ("to mend", "write select: {by: METRIC}"))
        if fields is None:
            return None
        fields.refuse_unknown(("by",), "select")
        if "by" not in fields:
            fields.report("R061", "select does not say by which metric", fields.where, ("to mend", "write by: METRIC"))
        return fields.text("by")

    def _judge(self) -> Judge:
        fields = self.root.inner("judge", ("to mend", "write judge: {redraws: 1000, confidence: 0.95}"))
        if fields is None:
            return Judge()
        fields.refuse_unknown(("redraws", "confidence"), "judge")
        default = Judge()
        redraws = fields.whole("redraws", 1, MOST_REDRAWS) or default.redraws
        return Judge(redraws, fields.share("confidence") or default.confidence)

    def _gates(self) -> tuple[Gate, ...]:
        node = self.root.take("gates")
        if node is None:
            return ()
        mend = ("to mend", "write gates: [{metric: auc, at_least: 0.7}]")
        if not isinstance(node, Sequence):
            self.root.report("R062", f"gates must be a list, got {described(node)}", node.where, mend)
            return ()
        gates = []
        for index, item in enumerate(node.items):
            fields = Fields.of(item, ("gates", index), self.problems, item.where, mend)
            gate = self._gate(fields, index) if fields else None
            if gate:
                gates.append(gate)
        return tuple(gates)

    def _gate(self, fields: Fields, index: int) -> Gate | None:
        fields.refuse_unknown(("metric", "at_least", "at_most", "between", "model", "action", "by"), "a gate")
        metric = fields.text("metric")
        if "metric" not in fields:
            fields.report("R061", "a gate needs a metric", fields.where, ("to mend", "write metric: NAME"))
        bars = [key for key in ("at_least", "at_most", "between") if key in fields]
        if len(bars) != 1:
            what = f"has {' and '.join(bars)}" if bars else "has no bar"
            mend = ("to mend", "write one of at_least: LOW, at_most: HIGH, between: [LOW, HIGH]")
            fields.report("R072", f"a gate {what}", fields.where, mend)
        low, high = self._bar(fields, bars)
        model = self._named(fields, "model", "models")
        action = self._named(fields, "action", "actions")
        if metric is None or (low is None and high is None):
            return None
        return Gate(metric, low, high, model, action, ("gates", index), fields.text("by"))

    @staticmethod
    def _bar(fields: Fields, bars: list[str]) -> tuple[float | None, float | None]:
        if "between" not in bars:
            return fields.number("at_least"), fields.number("at_most")
        node = fields.take("between")
        items: tuple[Node, ...] = node.items if isinstance(node, Sequence) else ()
        values = [item.value for item in items if isinstance(item, Scalar)]
        numbers = [value for value in values if isinstance(value, (int, float)) and not isinstance(value, bool)]
        if node is None:
            return None, None
        if len(items) != 2 or len(numbers) != 2:
            mend: Hint = ("to mend", "write between: [0.7, 1.3]")
            fields.report("R072", "between must be a list of two numbers", node.where, mend)
            return None, None
        if numbers[0] >= numbers[1]:
            message = f"between must rise, got {numbers[0]} and then {numbers[1]}"
            fields.report("R072", message, node.where, ("to mend", f"write [{numbers[1]}, {numbers[0]}]"))
            return None, None
        return float(numbers[0]), float(numbers[1])

    def _named(self, fields: Fields, key: str, section: str) -> str | None:
        name = fields.text(key)
        steps = self.root.node.entries.get(section)
        if name is None or (isinstance(steps, Mapping) and name in steps.entries):
            return name
        known = steps.entries if isinstance(steps, Mapping) else ()
        fields.report(
            "R048", f"no {key} is called '{name}'", fields.node.entries[key].where, *near(name, known, self.problems)
        )
        return None
