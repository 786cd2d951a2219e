"""A recipe against the installed plugins, without reading a row: components, settings, tables, columns, metrics."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sartor.components import Kind, ModelStep, Refers, Settings
from sartor.context import Context
from sartor.errors import PluginError, Position, Problem
from sartor.plugins import KIND_NAMES, Registered
from sartor.recipe import setting_types
from sartor.recipe.asking import Asking
from sartor.recipe.columns import KnownColumns, check_said_at_ingest, check_split
from sartor.recipe.document import KeyPath, Scalar
from sartor.recipe.gating import Gates
from sartor.recipe.giving import given
from sartor.recipe.guarded import check_guarded
from sartor.recipe.informed import check_information
from sartor.recipe.kinds import near
from sartor.recipe.loading import in_order
from sartor.recipe.model import ActionStep, DeliverStep, FeatureStep, FoldSplit, IngestStep, Recipe, Step, TimeSplit
from sartor.recipe.settings import settings_node, validated
from sartor.recipe.targets import Delivery, check_deliveries
from sartor.wording import listed, with_article

if TYPE_CHECKING:
    from sartor.evidence.measure import Measure
    from sartor.plugins import Plugins


def check(recipe: Recipe, plugins: Plugins, project: Path | None = None) -> list[Problem]:
    """Return what is wrong with a recipe as far as the plugins can tell; no row is read.

    Parameters
    ----------
    recipe : Recipe
        As `load` or `load_lenient` gave it.
    plugins : Plugins
        Only those that the recipe names are loaded.
    project : Path, optional
        The folder that deliveries are named from; the present one unless given.

    Returns
    -------
    list of Problem
        In the order of their places; empty when the recipe can be run.
    """
    if recipe.abstract:
        return []
    checker = _Checker(recipe, plugins, project or Path.cwd())
    checker.check()
    return in_order(checker.problems, recipe.document.source.name)


@dataclass(frozen=True)
class _Checked:
    """A step whose component was found.

    Parameters
    ----------
    path : tuple
        Where the step stands.
    use : str
    settings : mapping
    cls : class
    component : Settings or None
        None where the settings are wrong.
    step : Step or None
        The step of the recipe that it is, or that it stands inside.
    """

    path: KeyPath
    use: str
    settings: Mapping[str, Any]
    cls: type[Settings]
    component: Settings | None
    step: Step


@dataclass
class _Checker:
    recipe: Recipe
    plugins: Plugins
    project: Path
    problems: list[Problem] = field(default_factory=list)

    @cached_property
    def asking(self) -> Asking:
        return Asking(self.recipe, self.problems)

    def check(self) -> None:
        recipe = self.recipe
        ingest = self._steps(recipe.ingest.values(), "ingest")
        task = self._steps([recipe.task] if recipe.task else [], "task")
        features = self._steps(recipe.features.values(), "feature")
        models = self._steps(recipe.models.values(), "model")
        prepare = self._steps([step for model in recipe.models.values() for step in model.prepare], "prepare")
        actions = self._steps(recipe.actions.values(), "action")
        sinks = self._steps(recipe.deliver.values(), "sink")
        known = KnownColumns(recipe, dict.fromkeys(recipe.ingest))
        for table in ingest:
            known.tables[table.step.name] = self._columns(table)
        for table in ingest:
            assert isinstance(table.step, IngestStep)
            self.problems += check_said_at_ingest(known, table.step)
        made = [name for one in task for name in getattr(one.component, "made_columns", ())]
        self.problems += check_guarded(known) + check_split(known, made)
        every = [*ingest, *task, *features, *models, *prepare, *actions]
        for checked in [inner for outer in every for inner in (outer, *self._nested(outer))]:
            self._check_references(checked, known)
        self._check_answers(task, [*models, *actions])
        deciding: dict[str, Any] = {action.step.name: action.component for action in actions}
        self.problems += check_deliveries(
            recipe, [_delivery(sink, deciding) for sink in sinks], self.project, self.asking
        )
        self.problems += check_information(known, self._named(task, truth=True), self._own(task))
        self._check_metrics(task, {action.step.name: action for action in actions}, known)

    def _report(self, code: str, message: str, where: Position, *hints: tuple[str, str]) -> None:
        self.problems.append(Problem(code, message, where, hints))

    def _steps(self, steps: Iterable[Step], kind: Kind) -> list[_Checked]:
        found = [self._checked(step.path, step.use, step.settings, kind, step) for step in steps]
        return [checked for checked in found if checked is not None]

    def _checked(self, path: KeyPath, use: str, settings: Mapping[str, Any], kind: Kind, step: Step) -> _Checked | None:
        """Find a step's component and check its settings."""
        cls = self._class_of(use, kind, self.recipe.document.where((*path, "use")))
        if cls is None:
            return None
        document, place = self.recipe.document, (*path, "with")
        if not settings_node(document, place):
            return _Checked(path, use, {}, cls, None, step)
        component: Settings | None = None
        with self.asking.verb(path, use, "a check of its settings"):
            component, problems = validated(cls, use, given(cls, settings, self.recipe, path), place, document)
            self.problems += problems
        if component is not None:
            self._ask(component, use, path)
        return _Checked(path, use, settings, cls, component, step)

    def _ask(self, component: Settings, use: str, step: KeyPath) -> None:
        """Let a component look at what its own settings say of other components."""
        document, place = self.recipe.document, (*step, "with")
        with self.asking.verb(step, use, "check_settings", document.where_key(place)):
            for below, problem in component.check_settings(self.plugins):
                path: KeyPath = (*place, *below)
                is_item = bool(below) and isinstance(below[-1], int)
                self.problems.append(problem.at(document.where(path) if is_item else document.where_key(path)))

    def _class_of(self, use: str, kind: Kind, where: Position) -> type[Settings] | None:
        try:
            registered = self.plugins.find(use)
        except KeyError:
            self.problems.append(self.plugins.unknown(use, kind).at(where))
            return None
        except PluginError as error:
            self.problems += [problem.at(where) for problem in error.problems]
            return None
        if registered.kind != kind:
            self._report(*self._of_other_kind(registered, kind, where))
            return None
        missing = self.plugins.missing(registered)
        if missing:
            self._report(*self._needs(registered, missing, where))
        try:
            return self.plugins.class_of(registered)
        except PluginError as error:
            # A component whose library is missing may not be importable; that has been said.
            told = [replace(problem.at(where), cause=error.__cause__) for problem in error.problems]
            self.problems += [] if missing else told
            return None

    def _of_other_kind(self, registered: Registered, kind: Kind, where: Position) -> Any:
        plural = {"ingest": "ingest", "prepare": "prepare"}.get(kind, f"{kind}s")
        takes = f"{kind} takes" if kind in ("ingest", "task", "prepare") else f"{plural} take"
        takes = "deliver takes" if kind == "sink" else takes
        message = f"'{registered.id}' is {KIND_NAMES[registered.kind]}; {takes} {KIND_NAMES[kind]}"
        return "R023", message, where, ("to see all", f"sartor list {plural}")

    def _needs(self, registered: Registered, missing: list[str], where: Position) -> Any:
        component = registered.component
        plugin = self.plugins.by_name[component.plugin]
        extra = f"[{component.extra}]" if component.extra else ""
        verb = "which is" if len(missing) == 1 else "which are"
        message = f"'{component.id}' needs {' and '.join(missing)}, {verb} not installed"
        return "R024", message, where, ("to mend", f'pip install "{plugin.distribution}{extra}"')

    def _columns(self, table: _Checked) -> tuple[str, ...] | None:
        """Ask a table's reader for the columns."""
        component: Any = table.component
        if component is None:
            return None
        document = self.recipe.document
        context = Context(
            step=".".join(str(part) for part in table.path),
            folder=self.recipe.base_folder(table.path),
            currency=self.recipe.currency or "",
        )
        files = setting_types.files(table.cls, table.settings)
        where = document.where((*table.path, "with", *files[0]) if files else (*table.path, "use"))
        with self.asking.verb(table.path, table.use, "columns", where):
            columns = component.columns(context)
            return None if columns is None else tuple(columns)
        return None

    def _nested(self, checked: _Checked) -> Iterator[_Checked]:
        """Check the models and steps of prepare inside settings, and those inside them."""
        for found in setting_types.values(checked.cls, checked.settings):
            if not isinstance(found.value, dict):
                continue
            path: KeyPath = (*checked.path, "with", *found.path)
            kind: Kind = "model" if found.typed.type is ModelStep else "prepare"
            steps: list[tuple[KeyPath, Any, Kind]] = [(path, found.value, kind)]
            prepare = found.value.get("prepare")
            for index, step in enumerate(prepare if isinstance(prepare, list) and kind == "model" else []):
                steps.append(((*path, "prepare", index), step, "prepare"))
            for place, step, its_kind in steps:
                yield from self._inner(place, step, its_kind, checked.step)

    def _inner(self, path: KeyPath, value: Any, kind: Kind, step: Step) -> Iterator[_Checked]:
        use = value.get("use") if isinstance(value, dict) else None
        if not isinstance(use, str):
            return
        settings = value.get("with")
        inner = self._checked(path, use, settings if isinstance(settings, dict) else {}, kind, step)
        if inner is not None:
            yield inner
            yield from self._nested(inner)

    def _check_references(self, checked: _Checked, known: KnownColumns) -> None:
        document, step = self.recipe.document, checked.step
        tables = self._tables_of(step)
        for found in setting_types.values(checked.cls, checked.settings):
            refers = found.typed.told(Refers)
            path: KeyPath = (*checked.path, "with", *found.path)
            node = document.node(path)
            if refers is None or not found.value or (isinstance(node, Scalar) and node.broken):
                continue
            where = document.where_key(path) if found.is_key else document.where(path)
            if refers.to == "table" and found.value not in self.recipe.ingest:
                hints = near(found.value, self.recipe.ingest, self.problems)
                self._report("R040", f"no table is called '{found.value}'", where, *hints)
            elif refers.to == "table" and isinstance(step, ActionStep) and found.value not in step.sources:
                mend = ("to mend", f"name it under from: from: [{', '.join([*step.sources, str(found.value)])}]")
                self._report("R087", f"actions.{step.name} is not handed the table '{found.value}'", where, mend)
            if refers.to != "column" or tables is None:
                continue
            problem = known.problem(found.value, tables, where)
            if problem is None and not isinstance(checked.step, IngestStep):
                problem = known.kept_away(found.value, where, truth=refers.truth)
            self.problems += [problem] if problem else []

    def _tables_of(self, step: Step) -> list[str] | None:
        """Return the tables whose columns a step may name; None where features may bring columns of their own."""
        recipe = self.recipe
        if isinstance(step, IngestStep):
            return [step.name, *step.sources]
        if step is recipe.task:
            return list(recipe.ingest)
        if isinstance(step, FeatureStep):
            built = any(source in recipe.features for source in step.sources)
            return None if built else list(step.sources or recipe.ingest)
        if recipe.features:
            return None
        if isinstance(step, ActionStep) and step.sources:
            # What an action decides on may be another action's decisions, with columns of its own.
            return None
        return list(recipe.ingest)

    def _named(self, steps: list[_Checked], *, truth: bool) -> set[str]:
        """Return the columns that settings of steps name, those of the truth or all."""
        return {
            str(found.value)
            for checked in steps
            for found in setting_types.values(checked.cls, checked.settings)
            for refers in [found.typed.told(Refers)]
            if refers is not None and refers.to == "column" and (refers.truth or not truth) and found.value
        }

    def _own(self, task: list[_Checked]) -> str | None:
        """Return the table that a task makes its rows of, where there is only one."""
        tables = list(self.recipe.ingest)
        return tables[0] if task and len(tables) == 1 else None

    def _check_answers(self, task: list[_Checked], steps: list[_Checked]) -> None:
        wanted = getattr(task[0].component or task[0].cls, "answers", None) if task else None
        if not isinstance(wanted, str):
            return
        for checked in steps:
            answers = getattr(checked.component or checked.cls, "answers", None)
            if not isinstance(answers, (set, frozenset)) or wanted in answers:
                continue
            verb = "decides on" if isinstance(checked.step, ActionStep) else "answers"
            own = listed(map(with_article, sorted(answers)), "or")
            message = f"'{checked.use}' {verb} {own}; the task '{task[0].use}' asks for {with_article(wanted)}"
            where = self.recipe.document.where((*checked.path, "use"))
            section = "actions" if isinstance(checked.step, ActionStep) else "models"
            self._report("R025", message, where, ("to see all", f"sartor list {section}"))

    def _check_metrics(self, task: list[_Checked], actions: Mapping[str, _Checked], known: KnownColumns) -> None:
        recipe, document = self.recipe, self.recipe.document
        if recipe.select and self._judges_every_row():
            mend = ("to mend", "let a model choose inside each round: use: learn.chosen")
            message = "select cannot go with a split in which every row judges at some time"
            self._report("R049", message, document.where_key(("select",)), mend)
        names = self._metric_names(task)
        if recipe.select and names is not None and recipe.select not in names:
            message = f"the task has no metric called '{recipe.select}'"
            self._report("R042", message, document.where(("select", "by")), *near(recipe.select, names, self.problems))
        if recipe.gates:
            measures = {name: self._measures(name, actions.get(name)) for name in recipe.actions}
            self.problems += Gates(known, names, measures, self.problems).problems()

    def _measures(self, name: str, action: _Checked | None) -> list[Measure] | None:
        """Ask an action for its measures; None where it cannot tell."""
        component: Any = action.component if action is not None else None
        if action is None or component is None:
            return None
        with self.asking.verb(("actions", name), action.use, "measures"):
            return list(component.measures())
        return None

    def _judges_every_row(self) -> bool:
        split = self.recipe.split
        return isinstance(split, FoldSplit) or (
            isinstance(split, TimeSplit) and split.refit == "each" and split.origins > 1
        )

    def _metric_names(self, task: list[_Checked]) -> list[str] | None:
        """Ask the task for its metrics; None where it cannot tell."""
        if not task:
            return None if self.recipe.task else []
        component: Any = task[0].component
        if component is None:
            return None
        with self.asking.verb(("task",), task[0].use, "metrics"):
            return [metric.name for metric in component.metrics()]
        return None


def _delivery(sink: _Checked, actions: Mapping[str, Any]) -> Delivery:
    component: Any = sink.component
    assert isinstance(sink.step, DeliverStep)
    return Delivery(sink.step, sink.cls, component, actions.get(sink.step.source))
