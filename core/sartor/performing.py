"""Performs a checked recipe stage by stage and records what was done."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sartor.blame import STOPS, said_of
from sartor.engine import Engine
from sartor.errors import PrivacyStop, SartorError
from sartor.events import Event, Note, RunStarted, StageFinished
from sartor.information.same_rows import check_own_table
from sartor.runs.cache import Cache
from sartor.runs.record import record
from sartor.runs.recording import Recorder
from sartor.sealing.scratch import cache_of, note_of, scratch_of, vault_of
from sartor.session import Session
from sartor.stages.auditing import audit_all, audit_summary
from sartor.stages.building import Built, build
from sartor.stages.deciding import Decided, decide_all
from sartor.stages.delivering import deliver_all, with_what_is_done
from sartor.stages.fitting import FittedModel, fit_all, nested
from sartor.stages.forbidding import check_forbidden
from sartor.stages.holding import hold_gates
from sartor.stages.ingesting import Count, Ingested, ingest, sources_of
from sartor.stages.judging import (
    Verdicts,
    action_summary,
    choose_champion,
    judge,
    model_summaries,
    money_of,
    policy_summaries,
)
from sartor.stages.keeping import Keeper, redone
from sartor.stages.kept_frame import keep_frame
from sartor.stages.noising import release_statistics
from sartor.stages.releasing import check_released
from sartor.stages.sectioning import sections_of
from sartor.threads import free_threads, limited

if TYPE_CHECKING:
    import narwhals as nw

    from sartor.evidence.audited import Audited
    from sartor.evidence.bootstrap import Measured
    from sartor.plugins import Plugins
    from sartor.recipe.model import Recipe
    from sartor.recipe.project import Project
    from sartor.rows import Tables
    from sartor.runs.result import Run
    from sartor.stages.framing import Frame


@dataclass(frozen=True)
class Options:
    """How a run was asked for, beside its recipe."""

    seed: int
    threads: int | None
    as_of: datetime | None
    from_stage: str | None
    alone: bool = False
    """Whether nothing is taken from earlier runs, and nothing left for later ones."""
    repeats: str = ""
    """The run that is run once more."""
    live: bool = False
    """Whether decisions are delivered."""
    memory: str | None = None
    """How much memory tables may take; as the project says unless given."""
    inform: bool = False
    """Whether sources are weighed, where the recipe names any."""

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> Options:
        """Return how a recorded run was asked for, by its ``record.json``; nothing is delivered."""
        as_of = record.get("as_of")
        return cls(
            seed=int(record["seed"]),
            threads=record.get("threads_asked"),
            as_of=datetime.fromisoformat(as_of) if as_of else None,
            from_stage=None,
            memory=record.get("memory_asked"),
        )


@dataclass
class Score:
    """What the stages have made so far."""

    tables: Mapping[str, Count] = field(default_factory=dict)
    inputs: tuple[Mapping[str, Any], ...] = ()
    stored: Tables | None = None
    ingested: Ingested | None = None
    sources: Mapping[str, str] = field(default_factory=dict)
    keys: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    quarantine: Mapping[str, Path] = field(default_factory=dict)
    frame: Frame | None = None
    frame_digest: str = ""
    audit: Mapping[str, nw.LazyFrame[Any]] = field(default_factory=dict)
    fitted: Mapping[str, FittedModel] = field(default_factory=dict)
    champion: str | None = None
    verdicts: Verdicts | None = None
    decided: Mapping[str, Decided] = field(default_factory=dict)
    money: dict[str, Mapping[str, Measured]] = field(default_factory=dict)
    policies: dict[str, Any] = field(default_factory=dict)
    actions: dict[str, Any] = field(default_factory=dict)
    models: dict[str, Any] = field(default_factory=dict)
    audited: Mapping[str, Audited] = field(default_factory=dict)
    audits: dict[str, Any] = field(default_factory=dict)
    forbidden: Mapping[str, Any] = field(default_factory=dict)
    statistics: Mapping[str, Any] = field(default_factory=dict)
    gates: list[dict[str, Any]] = field(default_factory=list)
    sections: Mapping[str, Any] = field(default_factory=dict)


def perform(
    recipe: Recipe,
    plugins: Plugins,
    project: Project,
    options: Options,
    listen: Callable[[Event], None],
    started: float,
) -> Run:
    """Run the stages in order, put the run's folder in place, then deliver."""
    now = datetime.now().astimezone()
    vault = vault_of(recipe, project)
    with (
        Recorder.begin(project.runs, recipe.name, now, vault) as recorder,
        session_for(recipe, plugins, project, options, listen, recorder.run_id) as session,
    ):
        session.tell(RunStarted(recipe.name, recorder.run_id, options.seed))
        if vault is not None:
            session.tell(Note("run", note_of(vault), caution=False))
        built = build(recipe, plugins)
        score = Score()
        try:
            _learn(session, built, score)
            _weigh(session, built, score)
            check_released(session, score.decided)
        except PrivacyStop:
            if session.keeper is not None:
                session.keeper.take_back()
            raise
        run = record(session, score, recorder, project, now, started, repeats=options.repeats)
        run = deliver_all(session, built.sinks, score.decided, run, project, live=options.live)
        if options.inform and recipe.information is not None and score.frame is not None:
            # The run is recorded and whole: what its sources are worth comes to it, whenever it is asked for.
            run = _informed(session, built, score, run, started)
        return run


@contextmanager
def session_for(
    recipe: Recipe,
    plugins: Plugins,
    project: Project,
    options: Options,
    listen: Callable[[Event], None],
    run_id: str,
) -> Iterator[Session]:
    """Open what stages work with: an engine, a scratch folder, and what earlier runs kept."""
    threads, vault = options.threads or free_threads(), vault_of(recipe, project)
    with (
        scratch_of(vault, project) as (scratch, spill),
        Engine(threads, memory=options.memory or project.settings.memory, spill=spill) as engine,
        _observed(listen) as heard,
        # One thread in BLAS and OpenMP unless more were asked for: how busy the machine is must not change a number.
        limited(options.threads or 1),
    ):
        cache = Cache(scratch / "cache") if options.alone else cache_of(project.runs / ".cache", vault)
        keeper = Keeper(cache, plugins, options.threads, redone(options.from_stage))
        session = Session(
            recipe, plugins, engine, run_id, options.seed, threads, scratch, options.as_of, heard, keeper=keeper
        )
        session.fit_model = nested(plugins, session)
        yield session


def _informed(session: Session, built: Built, score: Score, run: Run, started: float) -> Run:
    from sartor.information.recorded import write
    from sartor.information.weighing import weigh

    try:
        told = write(run.folder, weigh(session, built, score))
    except SartorError as error:
        raise with_what_is_done(error, run) from error.__cause__
    run.summary = {**run.summary, "information": told, "seconds": time.perf_counter() - started}
    return run


def weigh_again(
    recipe: Recipe,
    plugins: Plugins,
    project: Project,
    options: Options,
    listen: Callable[[Event], None],
    run_id: str,
    same: Callable[[Mapping[str, Any]], None],
) -> dict[str, Any]:
    """Take a recorded run up again, see that its answer is the same, and weigh its sources; nothing is recorded."""
    from sartor.information.weighing import weigh

    with session_for(recipe, plugins, project, options, listen, run_id) as session:
        built = build(recipe, plugins)
        score = Score()
        _learn(session, built, score)
        _weigh(session, built, score)
        same(score.models)
        return weigh(session, built, score)


@contextmanager
def _observed(listen: Callable[[Event], None]) -> Iterator[Callable[[Event], None]]:
    """Let the observers of other distributions hear every finished stage; what they raise changes nothing."""
    from sartor.plugins import observers

    manager, troubles = observers()

    def heard(event: Event) -> None:
        listen(event)
        if isinstance(event, StageFinished):
            for implementation in manager.hook.stage_finished.get_hookimpls():
                try:
                    implementation.function(event)
                except STOPS:
                    raise
                except BaseException as error:  # noqa: BLE001 - an observer must never stop a run
                    said = f"observer '{implementation.plugin_name}' failed: {said_of(error)}"
                    listen(Note("observe", said, caution=True))

    for trouble in troubles:
        listen(Note("observe", trouble, caution=True))
    yield heard


def _learn(session: Session, built: Built, score: Score) -> None:
    """From the tables to fitted models."""
    ingested = ingest(session, built.ingest)
    score.tables, score.inputs, score.keys = ingested.counts, ingested.inputs, ingested.keys
    score.columns, score.quarantine, score.audit = ingested.columns, ingested.quarantine, ingested.audit
    score.stored, score.ingested = ingested.tables, ingested
    score.statistics = release_statistics(session, ingested)
    score.sources = sources_of(session, built.ingest)
    if built.task is None:
        return
    score.frame, score.frame_digest = keep_frame(session, built.task, built.features, ingested)
    if session.recipe.information is not None:
        check_own_table(session.recipe, score.frame)
    score.forbidden = check_forbidden(session, score.frame, score.audit)
    score.fitted = fit_all(session, built.task, built.models, score.frame, score.frame_digest)


def _weigh(session: Session, built: Built, score: Score) -> None:
    """Judge, decide, value, and hold the gates."""
    if built.task is None or score.frame is None:
        return
    score.champion = choose_champion(session, built.task, score.fitted, score.frame)
    score.verdicts = judge(session, built.task, score.fitted, score.frame)
    score.decided = decide_all(session, built.actions, score.fitted, score.champion, score.frame, score.stored)
    first: Mapping[str, Measured] = {}
    several = len(score.decided) > 1
    for name, decided in score.decided.items():
        worth, policies = money_of(score.verdicts, decided)
        if several or decided.champion != score.champion:
            score.actions[name] = action_summary(session, decided, worth, policies)
        if not worth:
            continue
        score.money[name] = worth
        first = first or worth
        begin = f"{name}: " if several else ""
        named = {begin + policy: value for policy, value in policies.items()}
        about = {begin + policy: said for policy, said in decided.about.items()}
        score.policies.update(policy_summaries(session, named, worth.get(decided.champion), about=about))
    score.models = model_summaries(session, score.verdicts, score.fitted, score.champion, first)
    score.audited = audit_all(session, built.actions, score.decided, score.frame, score.audit, score.verdicts.redraws)
    confidence = session.recipe.judge.confidence
    score.audits = {name: audit_summary(audited, confidence) for name, audited in score.audited.items()}
    score.gates = hold_gates(session, score.verdicts, score.champion, score.money, score.audited)
    score.sections = sections_of(
        session,
        built.task,
        built.actions,
        score.fitted,
        score.champion,
        score.decided,
        score.frame,
        score.audited,
        score.stored,
    )
