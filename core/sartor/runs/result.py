"""The object that `sartor.run` returns: numbers, decisions and models of one run, shown well in notebooks."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from sartor.components import Fitted

JSON_KEYS = ("schema", "recipe", "run", "champion", "models", "policies", "gates", "tables", "rows", "seconds")


@dataclass
class Run:
    """One finished run.

    Parameters
    ----------
    summary : mapping
        Everything that is shown of the run, in JSON types; also stored as ``summary.json``.
    folder : Path
        Where the run is recorded.
    models : mapping of name to Fitted
        The fitted models of the recipe.

    Examples
    --------
    >>> run = Run({"recipe": "a/b", "run": "1", "headline": "Accept 1 of 2.", "gates": [], "models": {}}, Path("."))
    >>> run.headline
    'Accept 1 of 2.'
    >>> run.passed
    True
    """

    summary: Mapping[str, Any]
    folder: Path
    models: Mapping[str, Fitted] = field(default_factory=dict, repr=False)

    @property
    def name(self) -> str:
        """The recipe's name."""
        return str(self.summary["recipe"])

    @property
    def run_id(self) -> str:
        """The run's name, as ``--json`` prints it."""
        return str(self.summary["run"])

    @property
    def champion(self) -> str | None:
        """The model that decides."""
        return self.summary.get("champion")

    @property
    def headline(self) -> str:
        """The decision, as one sentence."""
        return str(self.summary.get("headline", ""))

    @property
    def passed(self) -> bool:
        """Whether no gate failed."""
        return all(gate["passed"] for gate in self.summary.get("gates", []))

    @cached_property
    def metrics(self) -> pd.DataFrame:
        """Metrics with their intervals: a line a model, columns (metric, value | low | high)."""
        import pandas as pd

        lines = {
            name: {
                (metric, part): interval.get(part)
                for metric, interval in model["metrics"].items()
                for part in ("value", "low", "high")
            }
            for name, model in self.summary["models"].items()
        }
        return pd.DataFrame.from_dict(lines, orient="index").rename_axis("model")

    @cached_property
    def value(self) -> pd.DataFrame:
        """Money with its interval: a line for each model and policy, and of several actions for each action."""
        import pandas as pd

        worth: dict[Any, Mapping[str, Any]] = {}
        actions = self.summary.get("actions") or {}
        for action, entry in actions.items() if len(actions) > 1 else ():
            worth.update({(action, name): found for name, found in {**entry["models"], **entry["policies"]}.items()})
        if not worth:
            worth = {name: model["value"] for name, model in self.summary["models"].items() if model.get("value")}
            worth.update(self.summary.get("policies", {}))
        lines = {name: {part: entry.get(part) for part in ("value", "low", "high")} for name, entry in worth.items()}
        table = pd.DataFrame.from_dict(lines, orient="index")
        return table.rename_axis(["action", "policy"] if table.index.nlevels > 1 else "policy")

    @cached_property
    def decisions(self) -> pd.DataFrame:
        """Decisions of the only action.

        Raises
        ------
        UsageError
            If there are several actions: `decisions_of` takes the name.
        """
        from sartor.errors import UsageError

        files = sorted(self.folder.glob("decisions*.parquet"))
        if len(files) != 1:
            names = ", ".join(file.stem.removeprefix("decisions-") for file in files) or "none"
            raise UsageError(
                f"the run has {len(files)} decision tables: {names}",
                code="U011",
                hints=(("to mend", "name the action: run.decisions_of(ACTION)"),) if files else (),
            )
        return _read(files[0])

    def decisions_of(self, action: str) -> pd.DataFrame:
        """Return the decisions of one action.

        Raises
        ------
        UsageError
            If the recipe has no such action.
        """
        from sartor.errors import UsageError, nearest

        record = json.loads((self.folder / "record.json").read_text(encoding="utf-8"))
        actions = [step.removeprefix("actions.") for step in record["components"] if step.startswith("actions.")]
        if action not in actions:
            raise UsageError(f"the run has no action '{action}'", code="U011", hints=nearest(action, actions))
        return _read(self.folder / ("decisions.parquet" if len(actions) == 1 else f"decisions-{action}.parquet"))

    @cached_property
    def predictions(self) -> pd.DataFrame:
        """Truth and every model's predictions for the rows that judge."""
        return _read(self.folder / "predictions.parquet")

    @property
    def information(self) -> Mapping[str, Any] | None:
        """What sources are worth, as ``information.json`` has it; None where the recipe names none, or nobody asked."""
        from sartor.information.recorded import stored

        told: Mapping[str, Any] | None = self.summary.get("information")
        return told if told is not None else stored(self.folder)

    def report(self) -> Path:
        """Make the report of the run, ``report.html`` in its folder, and return its file.

        Raises
        ------
        SartorError
            If it cannot be made.

        Examples
        --------
        >>> import sartor
        >>> run = sartor.run("finance/credit-scoring", sets=["judge.redraws=100"])
        >>> run.report().name
        'report.html'
        """
        from sartor.reporting import page_of

        return page_of(self.folder).files[0]

    def to_json(self) -> dict[str, Any]:
        """Return the versioned object that ``sartor run --json`` prints."""
        chosen: dict[str, Any] = {key: self.summary.get(key) for key in JSON_KEYS}
        chosen["models"] = {name: _model_json(model) for name, model in self.summary["models"].items()}
        chosen["policies"] = _worth_json(self.summary["policies"])
        if self.summary.get("actions"):
            chosen["actions"] = {name: _action_json(action) for name, action in self.summary["actions"].items()}
        counts = ("rows", "repaired", "set_aside")
        if self.summary.get("information"):
            told = self.summary["information"]
            chosen["information"] = {key: value for key, value in told.items() if key != "sections"}
        if self.summary.get("delivery"):
            chosen["delivery"] = self.summary["delivery"]
        chosen["tables"] = {name: {key: table[key] for key in counts} for name, table in self.summary["tables"].items()}
        return chosen

    def __repr__(self) -> str:
        return f"<Run {self.name} {self.run_id}: {self.headline}>"

    def _repr_html_(self) -> str:
        from sartor.runs.notebook import html_of

        return html_of(self.summary)


def _model_json(model: Mapping[str, Any]) -> dict[str, Any]:
    metrics = {
        name: {part: measured[part] for part in ("value", "low", "high")} for name, measured in model["metrics"].items()
    }
    chosen: dict[str, Any] = {"trivial": model["trivial"], "metrics": metrics}
    if model.get("value"):
        chosen["value"] = model["value"]
    return chosen


def _worth_json(entries: Mapping[str, Any]) -> dict[str, Any]:
    return {name: {key: entry.get(key) for key in ("unit", "value", "low", "high")} for name, entry in entries.items()}


def _action_json(action: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "headline": action["headline"],
        "champion": action["champion"],
        "models": _worth_json(action["models"]),
        "policies": _worth_json(action["policies"]),
    }


def _read(file: Path) -> pd.DataFrame:
    import pyarrow.parquet as pq

    table: pd.DataFrame = pq.read_table(file).to_pandas()
    return table
