"""Puts together what a run's folder holds, and puts it in place."""

from __future__ import annotations

import hashlib
import os
import time
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sartor.access import door
from sartor.contract.quarantine import quarantine_of
from sartor.guard.stops import key_for
from sartor.predicting import interface
from sartor.rows import ROW
from sartor.runs import recording, trees
from sartor.runs.cache import own_code
from sartor.runs.json_text import entries_of, line_of, object_of, plain
from sartor.runs.lines import lines_of
from sartor.runs.models import save_models
from sartor.runs.resolved import steps_of
from sartor.runs.result import Run
from sartor.stages.noising import FILE as STATISTICS
from sartor.stages.sectioning import FILE as SECTIONS
from sartor.wording import plural

if TYPE_CHECKING:
    from sartor.performing import Score
    from sartor.recipe.project import Project
    from sartor.runs.recording import Recorder
    from sartor.session import Session
    from sartor.stages.framing import Frame


def record(
    session: Session,
    score: Score,
    recorder: Recorder,
    project: Project,
    now: datetime,
    started: float,
    *,
    repeats: str = "",
) -> Run:
    """Write everything that there is of a run.

    Parameters
    ----------
    session : Session
    score : Score
        What the stages have made.
    recorder : Recorder
    project : Project
    now : datetime
        When the run began.
    started : float
        The same by `time.perf_counter`.
    repeats : str
        The run that was run once more, if any.
    """
    with session.stage("record") as stage:
        recording.write_recipe(recorder, session.recipe, session.plugins)
        if session.recipe.access:
            recorder.json(door.FILE, door.said_of(session.recipe.access))
        for table, file in score.quarantine.items():
            recorder.copy_file(file, quarantine_of(table))
        metrics = plain(_metrics(session, score))
        measured = entries_of(metrics)
        recorder.text("metrics.json", object_of(measured))
        if score.statistics:
            recorder.json(STATISTICS, score.statistics)
        judgement, before = None, 0
        if score.frame is not None:
            _write_results(recorder, session, score)
            recorder.text(SECTIONS, line_of(score.sections))
            judgement, before = _judgement(session, score, project, now)
        stage.line = shown(recorder.target, project.root)
    told = {
        "run": session.run_id,
        "folder": stage.line,
        "seconds": time.perf_counter() - started,
        "stages": [{"stage": s.stage, "line": s.line, "seconds": s.seconds} for s in session.stages],
        "judged_before": before,
        **({"statistics": score.statistics} if score.statistics else {}),
        "notes": [{"stage": n.stage, "text": n.said, "caution": n.caution} for n in session.notes],
    }
    recorder.text("summary.json", object_of({**measured, **entries_of(told)}))
    provenance = _provenance(session, score, project, metrics, now)
    recorder.json("record.json", {**provenance, **({"repeats": repeats} if repeats else {})})
    recorder.text("log.txt", _log(session, now))
    folder = recorder.finish(list(lines_of(session, score, recorder.digests(), now)), judgement)
    return Run(
        {**metrics, **told}, folder, {name: model.final for name, model in score.fitted.items() if not model.trivial}
    )


def _write_results(recorder: Recorder, session: Session, score: Score) -> None:
    assert score.frame is not None
    keys = tuple(session.recipe.ingest[name].key for name in session.recipe.ingest)
    own = next((key for key in keys if key and set(key) <= set(score.frame.columns)), ())
    recording.write_predictions(recorder, score.frame, score.fitted)
    recording.write_decisions(recorder, score.decided, own)
    recording.write_worth(recorder, score.decided)
    recorder.json(interface.FILE, interface.interface_of(score.frame, score.columns).to_json())
    recorder.json(trees.FILE, trees.new_trees(recorder.folder))
    save_models(recorder, session, score.fitted, score.frame)


def _metrics(session: Session, score: Score) -> dict[str, Any]:
    """Everything that repeats byte for byte: no clock time, no run id."""
    frame, verdicts = score.frame, score.verdicts
    several = len(score.decided) > 1
    headlines = [f"{name}: {entry.headline}" if several else entry.headline for name, entry in score.decided.items()]
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
        **({"actions": score.actions} if score.actions else {}),
        "audit": score.audits,
        **({"forbidden": score.forbidden} if score.forbidden else {}),
        "gates": score.gates,
        "tables": {name: vars(count) for name, count in score.tables.items()},
        "rows": _part_sizes(frame) if frame is not None else {"train": 0, "test": 0, "gap": 0},
    }


def _plain_headline(session: Session, score: Score) -> str:
    """Say what came of a recipe without an action."""
    if score.champion is None or score.verdicts is None:
        rows = sum(count.rows for count in score.tables.values())
        return f"{plural(rows, 'row')} read from {plural(len(score.tables), 'table')}."
    metric = score.verdicts.metrics[0]
    value = score.verdicts.measured[score.champion][metric.name].value
    return f"{score.champion} answers with {metric.label} {value:.3f}; no action decides on it."


def _part_sizes(frame: Frame) -> dict[str, int]:
    parts = frame.parts
    train, test = int(parts.train.sum()), int(parts.test.sum())
    return {"train": train, "test": test, "gap": len(frame) - int((parts.train | parts.test).sum())}


def _judgement(session: Session, score: Score, project: Project, now: datetime) -> tuple[dict[str, Any], int]:
    """Return what the project's log of judgements shall say, and how often these rows have judged before."""
    assert score.frame is not None
    judged = score.frame.spine[ROW][score.frame.parts.test]
    digest = hashlib.sha256("\n".join(map(str, judged)).encode()).hexdigest()[:16]
    before = recording.judged_before(project.runs, digest)
    if before:
        times = "once" if before == 1 else f"{before:,} times"
        session.context(("judge",)).note(
            f"{'this row has' if len(judged) == 1 else f'these {len(judged):,} rows have'} judged {times} before"
        )
    said = {
        "at": now.isoformat(timespec="seconds"),
        "recipe": session.recipe.name,
        "run": session.run_id,
        "champion": score.champion,
        "rows": digest,
        "count": len(judged),
    }
    return said, before


def _provenance(
    session: Session, score: Score, project: Project, metrics: dict[str, Any], now: datetime
) -> dict[str, Any]:
    recipe = session.recipe
    key = key_for(recipe.privacy, os.environ)
    return {
        "format": 1,
        "recipe": recipe.name,
        "run": session.run_id,
        "started": now.isoformat(timespec="seconds"),
        "seed": session.seed,
        "threads": session.threads,
        "threads_asked": session.keeper.threads if session.keeper is not None else None,
        "memory_asked": session.engine.memory,
        "as_of": session.as_of.isoformat() if session.as_of else None,
        "purpose": recipe.privacy.purpose,
        **({"key_check": key.check} if key is not None else {}),
        "answers": score.frame.answers if score.frame is not None else None,
        "classes": list(score.frame.classes) if score.frame is not None else [],
        "inputs": [dict(entry) for entry in score.inputs],
        "tables": {
            name: {"source": score.sources.get(name, ""), "simulated": count.simulated}
            for name, count in score.tables.items()
        },
        "components": {".".join(map(str, step.path)): step.use for step in steps_of(recipe)},
        "versions": recording.versions(),
        "code": own_code(),
        "folder": _from(project.root, recipe.document.source.folder),
        "brief": _brief(metrics),
    }


def _brief(metrics: dict[str, Any]) -> dict[str, Any]:
    """Return what a list of runs shows of one, so that it needs to read nothing else."""
    champion, first = metrics["champion"], next(iter(metrics["metrics"]), None)
    measured = metrics["models"].get(champion, {}).get("metrics", {})
    gates = [gate["passed"] for gate in metrics["gates"]]
    return {
        "champion": champion,
        "headline": metrics["headline"],
        "metric": {
            "name": first["name"],
            "label": first["label"],
            "better": first["better"],
            "value": measured.get(first["name"], {}).get("value"),
        }
        if first
        else None,
        "gates": {"passed": sum(gates), "failed": len(gates) - sum(gates)},
        "rows": metrics["rows"],
    }


def _log(session: Session, now: datetime) -> str:
    lines = [f"{session.recipe.name} run {session.run_id} seed {session.seed} {now.isoformat(timespec='seconds')}"]
    lines += [f"{stage.stage:>10}  {stage.line}  {stage.seconds:.3f} s" for stage in session.stages]
    lines += [f"{'note':>10}  {note.stage}: {note.said}" for note in session.notes]
    return "\n".join(lines) + "\n"


def shown(folder: Path, root: Path) -> str:
    """Name a folder as the user would: from where the command is called, if it lies below, else from the project."""
    for base in (Path.cwd(), root):
        if folder.is_relative_to(base):
            return folder.relative_to(base).as_posix()
    return folder.as_posix()


def _from(root: Path, folder: Path) -> str:
    """Name a folder from the project, so that a project that has moved still finds it; elsewhere as it is."""
    return folder.relative_to(root).as_posix() if folder.is_relative_to(root) else folder.as_posix()
