"""Compares two recorded runs: what went in, how good the answers are, and which decisions moved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import pandas as pd

from sartor.errors import SartorError
from sartor.runs.paired import Difference, Pair, metric_difference, pair_of, worth_differences
from sartor.runs.recording import read_json
from sartor.runs.settled import Change, settings_changes, table_changes, version_changes
from sartor.runs.stored import check_stored, decision_tables, resolved_recipe

if TYPE_CHECKING:
    from sartor.components import Task
    from sartor.evidence.metric import Metric
    from sartor.plugins import Plugins
    from sartor.recipe.model import Recipe
    from sartor.recipe.project import Project
    from sartor.runs.finding import Recorded

READ = ("summary.json", "record.json", "resolved.yaml", "predictions.parquet", "decisions", "worth.parquet")
"""Files that a comparison stands on."""
DECISION = "decision"
"""The column that says what is decided, where a table of decisions has it."""


@dataclass(frozen=True)
class Number:
    """A number of both runs.

    Parameters
    ----------
    label : str
        As people read it.
    before, after : float or None
    difference : Difference or None
    gate : tuple of (before, after, gate) or None
        How a gate on it came out in either run, where that is not the same.
    money : bool
    target : float or None
        Where good is, if that is neither up nor down: the difference is then one of distances from there.
    """

    label: str
    before: float | None
    after: float | None
    difference: Difference | None
    gate: tuple[str, str, Mapping[str, Any]] | None = None
    money: bool = False
    target: float | None = None


@dataclass(frozen=True)
class Moves:
    """How the decisions of an action moved.

    Parameters
    ----------
    action : str
    same, total : int
        Of the rows that both decided on.
    moved : tuple of (before, after, count)
        The commonest first.
    gone, new : int
        Rows that only one of the runs decided on.
    """

    action: str
    same: int
    total: int
    moved: tuple[tuple[str, str, int], ...] = ()
    gone: int = 0
    new: int = 0


@dataclass(frozen=True)
class Compared:
    """Two runs side by side.

    Parameters
    ----------
    before, after : Recorded
    settings, versions : tuple of Change
    champions : pair of str or None
    tables : mapping of table to ``same``, ``changed``, ``added`` or ``removed``
    sizes : pair of mapping of table to lines
    split : str
        ``same``, ``other``, or empty where nothing was split.
    numbers : tuple of Number
    why_not : str
        Why no differences could be paired; empty if they could.
    moves : tuple of Moves
    confidence : float
    """

    before: Recorded
    after: Recorded
    settings: tuple[Change, ...]
    versions: tuple[Change, ...]
    champions: tuple[str | None, str | None]
    tables: Mapping[str, str]
    sizes: tuple[Mapping[str, int], Mapping[str, int]]
    split: str
    numbers: tuple[Number, ...]
    why_not: str
    moves: tuple[Moves, ...]
    confidence: float

    @property
    def same_data(self) -> bool:
        """Whether every table is the same."""
        return all(word == "same" for word in self.tables.values())


def compare_runs(before: Recorded, after: Recorded, project: Project, plugins: Plugins | None = None) -> Compared:
    """Compare two runs.

    Parameters
    ----------
    before, after : Recorded
        With their records, see `sartor.runs.finding`.
    project : Project
    plugins : Plugins, optional
        To find the metrics; the installed ones unless given.

    Raises
    ------
    InputError
        If a file that the comparison stands on is not as it was recorded.
    """
    for run in (before, after):
        check_stored(run.folder, *READ)
    summaries = (read_json(before.folder, "summary.json"), read_json(after.folder, "summary.json"))
    recipe = resolved_recipe(after.folder, after.record, project)
    pair = pair_of(before, after)
    return Compared(
        before=before,
        after=after,
        settings=tuple(settings_changes(before, after)),
        versions=tuple(version_changes(before, after)),
        champions=(summaries[0].get("champion"), summaries[1].get("champion")),
        tables=table_changes(before, after),
        sizes=(_sizes(summaries[0]), _sizes(summaries[1])),
        split=_split(pair, summaries),
        numbers=tuple(_numbers(pair, (before, after), summaries, recipe, plugins)) if pair else (),
        why_not=pair.why_not if pair else "",
        moves=tuple(_moves(before, after, summaries, recipe)),
        confidence=recipe.judge.confidence,
    )


def _sizes(summary: Mapping[str, Any]) -> dict[str, int]:
    return {name: int(table["rows"]) for name, table in summary.get("tables", {}).items()}


def _split(pair: Pair | None, summaries: tuple[Mapping[str, Any], Mapping[str, Any]]) -> str:
    if pair is None:
        return ""
    same_rows = pair.before["row"].equals(pair.after["row"]) and pair.before["round"].equals(pair.after["round"])
    return "same" if same_rows and summaries[0].get("rows") == summaries[1].get("rows") else "other"


# ---------------------------------------------------------------------------------------------------------------
# Numbers
# ---------------------------------------------------------------------------------------------------------------

Summaries = tuple[Mapping[str, Any], Mapping[str, Any]]


def _numbers(
    pair: Pair, runs: tuple[Recorded, Recorded], summaries: Summaries, recipe: Recipe, plugins: Plugins | None
) -> Iterator[Number]:
    metrics = _metrics(recipe, plugins) if not pair.why_not else {}
    gates = [_gates(summary) for summary in summaries]
    for name, label, model in _compared(summaries):
        models = tuple(model or summary.get("champion") or "" for summary in summaries)
        values = tuple(_value(summary, of, name) for summary, of in zip(summaries, models, strict=True))
        difference = None
        if name in metrics:
            difference = metric_difference(
                metrics[name], pair, (models[0], models[1]), runs, recipe, (values[0], values[1])
            )
        own = [gate.get((name, model or "", "")) for gate in gates]
        shown = f"{label} of {model}" if model else label
        better = metrics[name].better if name in metrics else ""
        target = None if isinstance(better, str) else float(better)
        yield Number(shown, values[0], values[1], difference, _turned(own[0], own[1]), target=target)
    actions = list(summaries[1].get("actions") or recipe.actions)
    unit = str(summaries[1].get("unit") or "")
    for action, (old, new, difference) in worth_differences(pair, runs, recipe, actions).items():
        label = "value" if len(actions) == 1 else f"value of {action}"
        own = [gate.get(("value", "", action)) or gate.get(("value", "", "")) for gate in gates]
        shown = f"{label}, {unit}" if unit else label
        yield Number(shown, old, new, difference, _turned(own[0], own[1]), money=True)


def _metrics(recipe: Recipe, plugins: Plugins | None) -> dict[str, Metric]:
    from sartor.plugins import Plugins
    from sartor.stages.building import component

    if recipe.task is None:
        return {}
    try:
        task = cast("Task", component(plugins or Plugins(), recipe.task.use, recipe.task.settings, recipe, ("task",)))
        return {metric.name: metric for metric in task.metrics()}
    except (SartorError, KeyError):
        # The plugin is not installed any more: the stored numbers stand side by side without a paired difference.
        return {}


def _compared(summaries: Summaries) -> list[tuple[str, str, str | None]]:
    """Return what is compared: the first metric, then those that gates watch; each with a model if it is named."""
    labels = [{metric["name"]: metric["label"] for metric in summary.get("metrics", [])} for summary in summaries]
    both = [name for name in labels[1] if name in labels[0]]
    wanted: list[tuple[str, str | None]] = [(name, None) for name in both[:1]]
    wanted += [
        (gate["metric"], gate.get("model"))
        for summary in reversed(summaries)
        for gate in summary.get("gates", [])
        if gate["metric"] in both
    ]
    return [(name, labels[1][name], model) for name, model in dict.fromkeys(wanted)]


def _value(summary: Mapping[str, Any], model: str, metric: str) -> float | None:
    found = summary.get("models", {}).get(model, {}).get("metrics", {}).get(metric, {}).get("value")
    return None if found is None else float(found)


def _gates(summary: Mapping[str, Any]) -> dict[tuple[str, str, str], Mapping[str, Any]]:
    return {
        (gate["metric"], gate.get("model") or "", gate.get("action") or ""): gate for gate in summary.get("gates", [])
    }


def _turned(
    before: Mapping[str, Any] | None, after: Mapping[str, Any] | None
) -> tuple[str, str, Mapping[str, Any]] | None:
    """Return how a gate came out in either run, where that is not the same."""
    if before is None or after is None:
        return None
    words = (_outcome(before), _outcome(after))
    return (*words, after) if words[0] != words[1] else None


def _outcome(gate: Mapping[str, Any]) -> str:
    if not gate.get("passed"):
        return "failed"
    return "passed within its interval" if gate.get("within_interval") else "passed"


# ---------------------------------------------------------------------------------------------------------------
# Decisions
# ---------------------------------------------------------------------------------------------------------------


def _moves(before: Recorded, after: Recorded, summaries: Summaries, recipe: Recipe) -> Iterator[Moves]:
    from sartor.runs.stored import resolved_values

    old = decision_tables(before.folder, resolved_values(before.folder).get("actions", {}))
    new = decision_tables(after.folder, recipe.actions)
    for action in new:
        if action in old:
            yield moves_of(action, old[action], new[action])


def moves_of(action: str, before: pd.DataFrame, after: pd.DataFrame) -> Moves:
    """Compare two tables of decisions, whose first column names the row.

    Examples
    --------
    >>> old = pd.DataFrame({"loan": [1, 2, 3], "decision": ["accept", "refer", "refer"]})
    >>> moves_of("decide", old, old.assign(decision=["accept", "decline", "refer"])).moved
    (('refer', 'decline', 1),)
    """
    key = before.columns[0]
    unique = key == after.columns[0] and before[key].is_unique and after[key].is_unique
    if not unique:
        # A plan or a list: all that can be said is how many of its lines are in both.
        old, new = _lines(before), _lines(after)
        same = int((old.value_counts().reindex(new.unique(), fill_value=0).clip(upper=new.value_counts())).sum())
        return Moves(action, same, max(len(old), len(new)))
    old, new = _decided(before, key), _decided(after, key)
    both = old.index.intersection(new.index)
    told, said = old.loc[both], new.loc[both]
    other = (told.to_numpy() != said.to_numpy()).nonzero()[0]
    moved: dict[tuple[str, str], int] = {}
    if DECISION in before and DECISION in after:
        for place in other:
            step = (str(told.iloc[place]), str(said.iloc[place]))
            moved[step] = moved.get(step, 0) + 1
    ordered = sorted(moved.items(), key=lambda item: (-item[1], item[0]))
    steps = tuple((one, to, count) for (one, to), count in ordered)
    return Moves(action, len(both) - len(other), len(both), steps, len(old) - len(both), len(new) - len(both))


def _decided(table: pd.DataFrame, key: str) -> pd.Series:
    values = table[DECISION].astype(str) if DECISION in table else _lines(table.drop(columns=key))
    return values.set_axis(table[key].astype(str))


def _lines(table: pd.DataFrame) -> pd.Series:
    """Return each line as one text."""
    texts = table.map(lambda value: str(value.tolist() if hasattr(value, "tolist") else value))
    return texts.agg("\x1f".join, axis=1) if len(texts.columns) else pd.Series([""] * len(table), dtype="str")
