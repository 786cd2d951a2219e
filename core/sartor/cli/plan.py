"""What a run would do, from the recipe alone: ``sartor run --dry-run``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from sartor.cli.figures import bar
from sartor.cli.look import QUIET, STRONG, Look, wrap
from sartor.cli.progress import VERBS
from sartor.wording import plural

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sartor.plugins import Plugins
    from sartor.recipe.bars import Gate
    from sartor.recipe.model import HashRule, IngestStep, Recipe, Split
    from sartor.recipe.project import Project

Plan = dict[str, Any]


def plan_of(recipe: Recipe, plugins: Plugins, project: Project) -> Plan:
    """Return the steps of a checked recipe in the order in which they would be done; JSON types only.

    Parameters
    ----------
    recipe : Recipe
        Checked.
    plugins : Plugins
    project : Project
        Where the run would be recorded.
    """
    steps: list[dict[str, Any]] = []
    for name, step in recipe.ingest.items():
        columns = _columns(recipe, step, plugins)
        steps.append(_step("ingest", name, step.use, key=list(step.key), sources=list(step.sources), columns=columns))
    if recipe.privacy.columns:
        treated = {column: treatment.plain() for column, treatment in recipe.privacy.columns.items()}
        told = {column: treatment.told for column, treatment in recipe.privacy.columns.items()}
        steps.append(_step("guard", columns=treated, told=told))
    if recipe.split is not None:
        steps.append(_step("split", about=split_in_words(recipe.split)))
    steps += [
        _step("features", name, feature.use, sources=list(feature.sources)) for name, feature in recipe.features.items()
    ]
    champion = None if recipe.select else next(iter(recipe.models), None)
    for name, model in recipe.models.items():
        prepare = [step.use for step in model.prepare]
        steps.append(_step("fit", name, model.use, prepare=prepare, champion=name == champion))
    if recipe.task is not None:
        steps.append(_step("judge", use=recipe.task.use, redraws=recipe.judge.redraws, select=recipe.select))
    steps += [
        _step("decide", name, action.use, sources=list(action.sources)) for name, action in recipe.actions.items()
    ]
    steps += [_step("gates", gate.title, about=_bars(gate)) for gate in recipe.gates]
    steps.append(_step("record", about=_shown(project.runs / recipe.name)))
    steps += [_step("deliver", name, step.use, sources=[step.source]) for name, step in recipe.deliver.items()]
    return {"schema": 1, "recipe": recipe.name, "seed": recipe.seed, "steps": steps}


def _step(stage: str, name: str = "", use: str = "", **more: Any) -> dict[str, Any]:
    return {"stage": stage, **({"name": name} if name else {}), **({"use": use} if use else {}), **more}


def _columns(recipe: Recipe, step: IngestStep, plugins: Plugins) -> Mapping[str, str] | None:
    """Ask a reader for the columns it knows without reading a row."""
    from sartor.components import Ingest
    from sartor.context import Context
    from sartor.stages.building import component

    reader = component(plugins, step.use, step.settings, recipe, step.path)
    assert isinstance(reader, Ingest)
    context = Context(step=f"ingest.{step.name}", folder=recipe.base_folder(step.path), currency=recipe.currency or "")
    columns = reader.columns(context)
    return None if columns is None else dict(columns)


def split_in_words(split: Split) -> str:
    """Say how rows are divided.

    Examples
    --------
    >>> from sartor.recipe.model import HashRule, HashSplit
    >>> split_in_words(HashSplit(HashRule(share=0.3)))
    'by hash of the key, 30 in 100 to judge'
    """
    from sartor.recipe.model import FoldSplit, GivenSplit, GroupSplit, HashSplit

    if isinstance(split, HashSplit):
        return f"by hash of the key, {_share(split.rule)}"
    if isinstance(split, GroupSplit):
        return f"by groups of {split.column}, {_share(split.rule)}"
    if isinstance(split, GivenSplit):
        return f"as {split.column} says: {_list(split.train)} to learn, {_list(split.test)} to judge"
    if isinstance(split, FoldSplit):
        by = {"hash": "by hash of the key", "group": f"by groups of {split.column}", "given": f"as {split.column} says"}
        return f"{split.folds} folds {by[split.by]}"
    windows = f", {plural(split.origins, 'window')} of {split.every}" if split.every else ""
    again = ", learned again for each" if split.refit == "each" else ""
    back = f", from what was known within {split.window}" if split.window else ""
    return f"by time, cut at {split.cut.isoformat(sep=' ').removesuffix(' 00:00:00')}{windows}{again}{back}"


def _share(rule: HashRule) -> str:
    if rule.share is not None:
        return f"{100 * rule.share:g} in 100 to judge"
    return f"{rule.digest} modulo {rule.modulo} in {_list(rule.test)} to judge"


def _list(values: tuple[Any, ...]) -> str:
    return ", ".join(map(str, values))


def _bars(gate: Gate) -> str:
    if gate.at_least is not None and gate.at_most is not None:
        return f"{bar(gate.at_least)} to {bar(gate.at_most)}"
    return f"≥ {bar(gate.at_least)}" if gate.at_least is not None else f"≤ {bar(gate.at_most or 0)}"


def _shown(folder: Path) -> str:
    here = Path.cwd()
    return (folder.relative_to(here) if folder.is_relative_to(here) else folder).as_posix()


def plan_lines(plan: Plan, look: Look) -> list[str]:
    """Return the lines of a plan, stages at the left as in a run."""
    lines = [f"{look.paint(plan['recipe'], STRONG)}{look.text(' · dry run · seed ' + str(plan['seed']))}"]
    before = ""
    for step in plan["steps"]:
        stage = step["stage"] if step["stage"] != before else ""
        before = step["stage"]
        room = max(30, look.width - VERBS - 2)
        text = look.text(_words(step))
        first, *rest = wrap(text, room) if look.fold else [text]
        lines.append(f"{stage.rjust(VERBS)}  {first}")
        lines += [" " * (VERBS + 4) + line for line in rest]
    return [*lines, "", look.paint("no row of data was read, and nothing was written", QUIET)]


def _words(step: Mapping[str, Any]) -> str:
    if step["stage"] == "guard":
        return ", ".join(f"{column} {told}" for column, told in step["told"].items())
    if step["stage"] == "judge":
        picked = f", champion picked by {step['select']}" if step["select"] else ""
        return f"{step['use']}, {plural(step['redraws'], 'redraw')}{picked}"
    if step["stage"] == "gates":
        return f"{step['name']} {step['about']}"
    if "use" not in step:
        return str(step["about"])
    said = f"{step['name']}: {step['use']}"
    said += f" from {', '.join(step['sources'])}" if step.get("sources") else ""
    said += f", prepared by {', '.join(step['prepare'])}" if step.get("prepare") else ""
    said += ", champion" if step.get("champion") else ""
    said += ", only with --live" if step["stage"] == "deliver" else ""
    if step["stage"] == "ingest":
        columns = step["columns"]
        said += (
            f"; {plural(len(columns), 'column')}: {', '.join(columns)}"
            if columns
            else "; columns known when it is read"
        )
    return said
