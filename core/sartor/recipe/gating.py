"""Gates of a recipe against what its task and its actions are measured by, before a row is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sartor.errors import Problem
from sartor.evidence.measure import Measure
from sartor.guard.treatments import Drop
from sartor.recipe.bars import Gate
from sartor.recipe.columns import KnownColumns
from sartor.recipe.kinds import near

MONEY = "value"
"""What a gate calls the money that an action's decisions are worth."""


@dataclass(frozen=True)
class Gates:
    """Checks the gates of one recipe.

    Parameters
    ----------
    known : KnownColumns
    metrics : sequence of str or None
        Names of the task's metrics; None where it cannot tell.
    measures : mapping of action to sequence of Measure, or None
        Measures of each action; None where it cannot tell.
    said : sequence of Problem
        What was said already, so that no misspelt name is told twice.
    """

    known: KnownColumns
    metrics: Sequence[str] | None
    measures: Mapping[str, Sequence[Measure] | None]
    said: Sequence[Problem] = ()

    def problems(self) -> list[Problem]:
        """Return what is wrong with them."""
        found = [self._of_gate(gate) for gate in self.known.recipe.gates]
        return [problem for problem in found if problem is not None]

    def _of_gate(self, gate: Gate) -> Problem | None:
        if gate.metric == MONEY:
            return self._of_money(gate)
        if self.metrics is not None and gate.metric in self.metrics:
            return self._without_by(gate, "the task is measured by it over all rows")
        offering = [
            name
            for name, measures in self.measures.items()
            if measures is not None and gate.metric in [one.name for one in measures]
        ]
        if gate.action is not None and gate.action in self.measures:
            offering = [gate.action] if gate.action in offering else []
        if offering:
            return self._of_measure(gate, offering)
        if self.metrics is None or None in self.measures.values():
            return None
        return self._unknown(gate)

    def _of_money(self, gate: Gate) -> Problem | None:
        if self.known.recipe.actions:
            return self._without_by(gate, "value is the money of all decisions")
        where = self.known.recipe.document.where((*gate.path, "metric"))
        mend = ("to mend", "add an action whose decisions are worth money, or hold a metric")
        return Problem("R042", "the gate holds value, and the recipe has no action", where, (mend,))

    def _unknown(self, gate: Gate) -> Problem:
        where = self.known.recipe.document.where((*gate.path, "metric"))
        measures = {one.name: None for found in self.measures.values() for one in found or ()}
        names = [*(self.metrics or ()), *([MONEY] if self.known.recipe.actions else []), *measures]
        whose = f"action {gate.action}" if gate.metric in measures else "the task" if not measures else "the recipe"
        what = "measure" if gate.metric in measures else "metric"
        hints = near(gate.metric, names, list(self.said))
        return Problem("R042", f"{whose} has no {what} called '{gate.metric}'", where, tuple(hints))

    def _of_measure(self, gate: Gate, offering: Sequence[str]) -> Problem | None:
        document = self.known.recipe.document
        if len(offering) > 1:
            message = f"{gate.metric} is a measure of {' and of '.join(offering)}, and the gate does not say whose"
            mend = ("to mend", f"write action: {offering[0]}")
            return Problem("R086", message, document.where((*gate.path, "metric")), (mend,))
        measures = self.measures[offering[0]] or ()
        measure = next(one for one in measures if one.name == gate.metric)
        if gate.by is None:
            if not measure.compares:
                return None
            mend = ("to mend", f"name the column that makes them, by: {self._example()}")
            message = f"{gate.metric} compares groups, and the gate does not say by which column"
            return Problem("R086", message, document.where((*gate.path, "metric")), (mend,))
        if not measure.compares:
            others = [one.name for one in measures if measure.name in one.of]
            mend = ("to mend", f"hold {others[0]}, which compares them" if others else "leave by out")
            message = f"{gate.metric} is a number of each group by itself, and a gate holds one"
            return Problem("R086", message, document.where((*gate.path, "by")), (mend,))
        return self._of_column(gate, gate.by)

    def _without_by(self, gate: Gate, why: str) -> Problem | None:
        if gate.by is None:
            return None
        where = self.known.recipe.document.where((*gate.path, "by"))
        mend = ("to mend", "leave by out, or hold a measure that compares groups")
        return Problem("R086", f"{gate.metric} is held by '{gate.by}', and {why}", where, (mend,))

    def _of_column(self, gate: Gate, column: str) -> Problem | None:
        recipe = self.known.recipe
        where = recipe.document.where((*gate.path, "by"))
        problem = self.known.problem(column, recipe.ingest, where)
        if problem is not None:
            return problem
        if isinstance(recipe.privacy.columns.get(column), Drop):
            mend = ("to mend", f"write {column}: audit_only, and no step sees it")
            return Problem("R047", f"privacy drops '{column}', and the gate compares by it", where, (mend,))
        return None

    def _example(self) -> str:
        columns = self.known.recipe.privacy.columns
        return next((name for name, treatment in columns.items() if treatment.word == "audit_only"), "COLUMN")
