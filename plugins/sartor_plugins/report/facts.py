"""What a report is made of: a run's folder, read once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from sartor.runs.ledger import LEDGER
from sartor.runs.recording import read_json
from sartor.runs.stored import check_stored, lines_of_ledger, resolved_values
from sartor.sections import SMALLEST_GROUP

SECTIONS, INFORMATION = "sections.json", "information.json"
FEW_ROWS = 500
"""Fewer rows that judge make intervals wide."""


@dataclass(frozen=True)
class Worth:
    """What one action's decisions were worth, beside named simple policies.

    Parameters
    ----------
    action : str
        Empty where there is one action.
    model : str
        The model that it decides on.
    own : mapping
        ``value``, ``low``, ``high``.
    policies : sequence of (name, mapping)
        The one worth most first.
    """

    action: str
    model: str
    own: Mapping[str, Any]
    policies: Sequence[tuple[str, Mapping[str, Any]]]

    @classmethod
    def of(cls, action: str, model: str, own: Mapping[str, Any] | None, policies: Mapping[str, Any]) -> Worth | None:
        """Return it; None where nothing has a value in money."""
        if not own or own.get("value") is None:
            return None
        known = [(name, policy) for name, policy in policies.items() if policy["value"] is not None]
        return cls(action, model, own, sorted(known, key=lambda pair: -pair[1]["value"]))

    @property
    def only_costs(self) -> bool:
        """Whether nobody could earn: the decisions and all simple policies come to less than nothing, as of stock."""
        return self.own["value"] < 0 and bool(self.policies) and all(one["value"] < 0 for _, one in self.policies)

    def name(self, policy: str) -> str:
        """Return a policy as people read it, with the action where there are several."""
        shown = policy.replace("_", " ")
        return f"{shown} ({self.action})" if self.action else shown


@dataclass(frozen=True)
class Facts:
    """A recorded run, as its folder tells it.

    Parameters
    ----------
    folder : Path
    summary, record, recipe : mapping
        ``summary.json``, ``record.json``, and the recipe as it was resolved.
    sections, cautions : sequence of mapping
        What the components had to say.
    smallest : int
        Fewer rows are told of nowhere.
    """

    folder: Path
    summary: Mapping[str, Any]
    record: Mapping[str, Any]
    recipe: Mapping[str, Any] = field(default_factory=dict)
    sections: Sequence[Mapping[str, Any]] = ()
    cautions: Sequence[Mapping[str, Any]] = ()
    smallest: int = SMALLEST_GROUP

    @classmethod
    def of(cls, folder: Path) -> Facts:
        """Read a run's folder.

        Raises
        ------
        InputError
            If a file is missing or has changed since the run.
        """
        there = [name for name in (SECTIONS, INFORMATION) if (folder / name).exists()]
        check_stored(folder, "summary.json", "record.json", "resolved.yaml", *there)
        told = read_json(folder, SECTIONS) if SECTIONS in there else {}
        worth = read_json(folder, INFORMATION) if INFORMATION in there else {}
        return cls(
            folder,
            read_json(folder, "summary.json"),
            read_json(folder, "record.json"),
            resolved_values(folder),
            [*told.get("sections", []), *worth.get("sections", [])],
            told.get("cautions", []),
            int(told.get("smallest_group", SMALLEST_GROUP)),
        )

    def at(self, *places: str) -> list[Mapping[str, Any]]:
        """Return the sections of some places: those of the task first, then the model's, then the actions'."""
        return [section for place in places for section in self.sections if section["place"] == place]

    @property
    def unit(self) -> str:
        """Of money; empty where the recipe names none."""
        return str(self.summary.get("unit") or "")

    @property
    def test_rows(self) -> int:
        """How many rows judge."""
        return int(self.summary.get("rows", {}).get("test", 0))

    @property
    def noun(self) -> str:
        """What a row is called: as all actions of the recipe say, else by the one table's own word, if it has one."""
        from sartor.wording import plural_noun

        actions = (self.recipe.get("actions") or {}).values()
        said = {str((action.get("with") or {}).get("noun") or "") for action in actions}
        if len(said) == 1 and "" not in said:
            return said.pop()
        tables = list(self.summary.get("tables", {}))
        return (plural_noun(tables[0]) if len(tables) == 1 else "") or "rows"

    @property
    def champion(self) -> str:
        """The model that decides; empty where there is none."""
        return str(self.summary.get("champion") or "")

    @cached_property
    def metrics(self) -> list[Mapping[str, Any]]:
        """What the models were judged by, the one that they are compared by first."""
        return list(self.summary.get("metrics", []))

    @property
    def models(self) -> Mapping[str, Mapping[str, Any]]:
        """Numbers of every model and trivial answer."""
        found: Mapping[str, Mapping[str, Any]] = self.summary.get("models", {})
        return found

    def measured(self, model: str, metric: str) -> Mapping[str, Any]:
        """Return value and interval of a model's metric; empty where it has none."""
        found: Mapping[str, Any] = self.models.get(model, {}).get("metrics", {}).get(metric, {})
        return found

    @cached_property
    def worths(self) -> list[Worth]:
        """What the decisions of each action were worth; empty without money."""
        actions: Mapping[str, Any] = self.summary.get("actions") or {}
        several = len(actions) > 1
        found = [
            Worth.of(
                name if several else "", entry["champion"], entry["models"].get(entry["champion"]), entry["policies"]
            )
            for name, entry in actions.items()
        ]
        if not actions:
            own = self.models.get(self.champion, {}).get("value")
            found = [Worth.of("", self.champion, own, self.summary.get("policies", {}))]
        return [worth for worth in found if worth is not None]

    @property
    def failed_gates(self) -> list[Mapping[str, Any]]:
        """Gates that failed."""
        return [gate for gate in self.summary.get("gates", []) if not gate["passed"]]

    @property
    def judge(self) -> tuple[int, float]:
        """How often rows were drawn again, and the confidence of intervals."""
        said = self.recipe.get("judge") or {}
        return int(said.get("redraws", 1000)), float(said.get("confidence", 0.95))

    @property
    def percent(self) -> str:
        """The confidence of intervals in words: ``95 %``."""
        return f"{100 * self.judge[1]:g}\u00a0%"

    @property
    def started(self) -> str:
        """When the run began, to the minute."""
        return datetime.fromisoformat(str(self.record["started"])).strftime("%Y-%m-%d %H:%M")

    @cached_property
    def head(self) -> tuple[int, str]:
        """Lines of the ledger when it was read, and the hash of the line that closed the run."""
        lines = lines_of_ledger(self.folder)
        closing = next((line for line in lines if line.stage == "record"), None)
        return (closing.place, closing.hash) if closing else (len(lines), "")

    @property
    def files(self) -> Mapping[str, Any]:
        """Files that the run recorded: name to digest and size."""
        closing = next((line for line in lines_of_ledger(self.folder) if line.stage == "record"), None)
        return closing.files if closing else {}


__all__ = ["FEW_ROWS", "LEDGER", "Facts", "Worth"]
