"""Performs a checked recipe stage by stage and records what was done."""

from __future__ import annotations

import hashlib
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sartor.engine import Engine
from sartor.events import Event, RunStarted, StageFinished
from sartor.rows import ROW
from sartor.runs import recording
from sartor.runs.cache import Cache
from sartor.runs.naming import new_run_id
from sartor.runs.result import Run
from sartor.session import Session
from sartor.stages.building import Built, build
from sartor.stages.deciding import Decided, decide_all
from sartor.stages.fitting import FittedModel, fit_all, nested
from sartor.stages.ingesting import Count, ingest
from sartor.stages.judging import (
    Verdicts,
    choose_champion,
    hold_gates,
    judge,
    model_summaries,
    money_of,
    policy_summaries,
)
from sartor.stages.keeping import Keeper, redone
from sartor.stages.kept_frame import keep_frame
from sartor.threads import free_threads, limited

if TYPE_CHECKING:
    from sartor.evidence.bootstrap import Measured
    from sartor.plugins import Plugins
    from sartor.recipe.model import Recipe
    from sartor.recipe.project import Project
    from sartor.stages.framing import Frame


@dataclass(frozen=True)
class Options:
    """How a run was asked for, beside its recipe."""

    seed: int
    threads: int | None
    as_of: datetime | None
    from_stage: str | None


@dataclass
class Score:
    """What the stages have made so far."""

    tables: Mapping[str, Count] = field(default_factory=dict)
    inputs: tuple[Mapping[str, Any], ...] = ()
    frame: Frame | None = None
    fitted: Mapping[str, FittedModel] = field(default_factory=dict)
    champion: str | None = None
    verdicts: Verdicts | None = None
    decided: Mapping[str, Decided] = field(default_factory=dict)
    money: dict[str, Mapping[str, Measured]] = field(default_factory=dict)
    policies: dict[str, Any] = field(default_factory=dict)
    models: dict[str, Any] = field(default_factory=dict)
    gates: list[dict[str, Any]] = field(default_factory=list)


def perform(
    recipe: Recipe,
    plugins: Plugins,
    project: Project,
    options: Options,
    listen: Callable[[Event], None],
    started: float,
) -> Run:
    """Run the stages in order, then put the run's folder in place."""
    now = datetime.now().astimezone()
    run_id = new_run_id(project.runs / recipe.name, now)
    threads = options.threads or free_threads()
    with (
        tempfile.TemporaryDirectory(prefix="sartor-") as scratch,
        Engine(threads, memory=project.settings.memory, spill=Path(scratch) / "spill") as engine,
        _observed(listen) as heard,
        # One thread in BLAS and OpenMP unless more were asked for: how busy the machine is must not change a number.
        limited(options.threads or 1),
    ):
        keeper = Keeper(Cache(project.runs / ".cache"), plugins, options.threads, redone(options.from_stage))
        session = Session(
            recipe, plugins, engine, run_id, options.seed, threads, Path(scratch), options.as_of, heard, keeper=keeper
        )
        session.fit_model = nested(plugins, session)
        session.tell(RunStarted(recipe.name, run_id, options.seed))
        built = build(recipe, plugins)
        score = Score()
        _learn(session, built, score)
        _weigh(session, built, score)
        return _record(session, score, project, now, started)


@contextmanager
def _observed(listen: Callable[[Event], None]) -> Iterator[Callable[[Event], None]]:
    """Let the observers of other distributions hear every finished stage; what they raise changes nothing."""
    from sartor.events import Note
    from sartor.plugins import observers

    manager, troubles = observers()

    def heard(event: Event) -> None:
        listen(event)
        if isinstance(event, StageFinished):
            for implementation in manager.hook.stage_finished.get_hookimpls():
                try:
                    implementation.function(event)
                except Exception as error:  # noqa: BLE001 - an observer must never stop a run
                    listen(Note("observe", f"observer '{implementation.plugin_name}' failed: {error}", caution=True))

    for trouble in troubles:
        listen(Note("observe", trouble, caution=True))
    yield heard


def _learn(session: Session, built: Built, score: Score) -> None:
    """From the tables to fitted models."""
    ingested = ingest(session, built.ingest)
    score.tables, score.inputs = ingested.counts, ingested.inputs
    if built.task is None:
        return
    score.frame, digest = keep_frame(session, built.task, built.features, ingested)
    score.fitted = fit_all(session, built.task, built.models, score.frame, digest)


def _weigh(session: Session, built: Built, score: Score) -> None:
    """Judge, decide, value, and hold the gates."""
    if built.task is None or score.frame is None:
        return
    score.champion = choose_champion(session, built.task, score.fitted, score.frame)
    score.verdicts = judge(session, built.task, score.fitted, score.frame)
    score.decided = decide_all(session, built.actions, score.fitted, score.champion, score.frame)
    first: Mapping[str, Measured] = {}
    for name, decided in score.decided.items():
        worth, policies = money_of(score.verdicts, decided)
        if not worth:
            continue
        score.money[name] = worth
        first = first or worth
        named = {
            policy if len(score.decided) == 1 else f"{name}: {policy}": value for policy, value in policies.items()
        }
        score.policies.update(policy_summaries(session, named, worth.get(decided.champion)))
    score.models = model_summaries(session, score.verdicts, score.fitted, score.champion, first)
    score.gates = hold_gates(session, score.verdicts, score.champion, score.money)


def _record(session: Session, score: Score, project: Project, now: datetime, started: float) -> Run:
    recipe = session.recipe
    recorder = recording.Recorder(project.runs, recipe.name, session.run_id)
    try:
        with session.stage("record") as stage:
            recording.write_recipe(recorder, recipe)
            metrics = _metrics(session, score)
            recorder.json("metrics.json", metrics)
            if score.frame is not None:
                _write_results(recorder, session, score)
                _log_judgement(session, score, project, now)
            stage.line = _shown(recorder.target, project)
        summary = recording.plain(
            {
                **metrics,
                "run": session.run_id,
                "folder": stage.line,
                "seconds": time.perf_counter() - started,
                "stages": [{"stage": s.stage, "line": s.line, "seconds": s.seconds} for s in session.stages],
                "notes": [{"stage": n.stage, "text": n.text, "caution": n.caution} for n in session.notes],
            }
        )
        recorder.json("summary.json", summary)
        recorder.json("record.json", _provenance(session, score, now))
        recorder.text("log.txt", _log(session, now))
        folder = recorder.finish()
    except BaseException:
        recorder.discard()
        raise
    return Run(summary, folder, {name: model.final for name, model in score.fitted.items() if not model.trivial})


def _write_results(recorder: recording.Recorder, session: Session, score: Score) -> None:
    assert score.frame is not None
    keys = tuple(session.recipe.ingest[name].key for name in session.recipe.ingest)
    own = next((key for key in keys if key and set(key) <= set(score.frame.rows.columns)), ())
    recording.write_predictions(recorder, score.frame, score.fitted)
    recording.write_decisions(recorder, score.decided, own)
    recording.write_models(recorder, score.fitted)


def _metrics(session: Session, score: Score) -> dict[str, Any]:
    """Everything that repeats byte for byte: no clock time, no run id."""
    frame, verdicts = score.frame, score.verdicts
    headlines = [entry.headline for entry in score.decided.values()]
    used = verdicts.metrics if verdicts else ()
    return {
        "schema": 1,
        "recipe": session.recipe.name,
        "about": session.recipe.about,
        "seed": session.seed,
        "unit": session.recipe.currency or "",
        "champion": score.champion,
        "headline": " ".join(headlines) or _plain_headline(session, score),
        "simulated": [name for name, count in score.tables.items() if count.simulated],
        "metrics": [{"name": m.name, "label": m.label, "better": m.better, "about": m.about} for m in used],
        "models": score.models,
        "policies": score.policies,
        "gates": score.gates,
        "tables": {name: vars(count) for name, count in score.tables.items()},
        "rows": _part_sizes(frame) if frame is not None else {"train": 0, "test": 0, "gap": 0},
    }


def _plain_headline(session: Session, score: Score) -> str:
    """Say what came of a recipe without an action."""
    if score.champion is None or score.verdicts is None:
        rows = sum(count.rows for count in score.tables.values())
        return f"{rows:,} rows read from {len(score.tables)} tables."
    metric = score.verdicts.metrics[0]
    value = score.verdicts.measured[score.champion][metric.name].value
    return f"{score.champion} answers with {metric.label} {value:.3f}; no action decides on it."


def _part_sizes(frame: Frame) -> dict[str, int]:
    parts = frame.parts
    train, test = int(parts.train.sum()), int(parts.test.sum())
    return {"train": train, "test": test, "gap": len(frame.rows) - int((parts.train | parts.test).sum())}


def _log_judgement(session: Session, score: Score, project: Project, now: datetime) -> None:
    assert score.frame is not None
    judged = score.frame.rows[ROW][score.frame.parts.test]
    digest = hashlib.sha256("\n".join(map(str, judged)).encode()).hexdigest()[:16]
    entry = {
        "at": now.isoformat(timespec="seconds"),
        "recipe": session.recipe.name,
        "run": session.run_id,
        "champion": score.champion,
        "rows": digest,
        "count": len(judged),
    }
    before = recording.log_judgement(project.runs, entry)
    if before:
        times = "once" if before == 1 else f"{before:,} times"
        session.context(("judge",)).note(f"these {len(judged):,} rows have judged {times} before")


def _provenance(session: Session, score: Score, now: datetime) -> dict[str, Any]:
    recipe = session.recipe
    return {
        "format": 1,
        "recipe": recipe.name,
        "run": session.run_id,
        "started": now.isoformat(timespec="seconds"),
        "seed": session.seed,
        "threads": session.threads,
        "as_of": session.as_of.isoformat() if session.as_of else None,
        "purpose": recipe.privacy.purpose,
        "inputs": [dict(entry) for entry in score.inputs],
        "components": {".".join(map(str, step.path)): step.use for step in _steps(recipe)},
        "versions": recording.versions(),
    }


def _steps(recipe: Recipe) -> Iterator[Any]:
    yield from recipe.ingest.values()
    if recipe.task:
        yield recipe.task
    yield from recipe.features.values()
    for model in recipe.models.values():
        yield model
        yield from model.prepare
    yield from recipe.actions.values()


def _log(session: Session, now: datetime) -> str:
    lines = [f"{session.recipe.name} run {session.run_id} seed {session.seed} {now.isoformat(timespec='seconds')}"]
    lines += [f"{stage.stage:>10}  {stage.line}  {stage.seconds:.3f} s" for stage in session.stages]
    lines += [f"{'note':>10}  {note.stage}: {note.text}" for note in session.notes]
    return "\n".join(lines) + "\n"


def _shown(folder: Path, project: Project) -> str:
    """Name a folder as the user would: from where the command is called, if it lies below."""
    for base in (Path.cwd(), project.root):
        if folder.is_relative_to(base):
            return folder.relative_to(base).as_posix()
    return folder.as_posix()
