"""Deliver: hand the recorded decisions of a live run to the sinks of its recipe, behind the gates.

It begins when the run's folder is in place. Decisions are read from there, so that what is delivered is what is
recorded, and every delivery that was made leaves a receipt in the folder before the next one begins.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sartor.delivery import Decisions, Receipt
from sartor.errors import PluginError, SartorError, UsageError
from sartor.rows import ROW
from sartor.runs.cache import file_digest, key_of
from sartor.runs.json_text import to_json
from sartor.runs.ledger import enter
from sartor.runs.recording import decisions_file
from sartor.stages.hashing import key_text
from sartor.wording import plural

if TYPE_CHECKING:
    from sartor.components import Sink
    from sartor.recipe.model import DeliverStep
    from sartor.recipe.project import Project
    from sartor.runs.result import Run
    from sartor.session import Session
    from sartor.stages.deciding import Decided

RECEIPTS = "receipts.json"
"""What was delivered, in the run's folder; entered in its ledger."""
NOT_LIVE = "that takes --live"
GATE_FAILED = "a gate failed"


def deliver_all(
    session: Session,
    sinks: Mapping[str, Sink],
    decided: Mapping[str, Decided],
    run: Run,
    project: Project,
    *,
    live: bool,
) -> Run:
    """Carry out the deliveries of a recipe, in the order written, if the run is live and all its gates pass.

    Parameters
    ----------
    session : Session
    sinks : mapping of name to Sink
    decided : mapping of action to Decided
    run : Run
        Recorded.
    project : Project
        Its folder is where targets are named from.
    live : bool

    Returns
    -------
    Run
        The same, with ``delivery`` in its summary: what was delivered, or why nothing was.

    Raises
    ------
    SartorError
        If a sink cannot deliver. Its hints say where the run is recorded and what had been delivered before.
    """
    if not sinks:
        return run
    why = GATE_FAILED if not run.passed else "" if live else NOT_LIVE
    receipts: list[dict[str, Any]] = []
    if not why:
        with session.stage("deliver") as stage:
            for name, sink in sinks.items():
                step = session.recipe.deliver[name]
                decisions = _decisions(session, step, sink, decided, run, project)
                try:
                    receipts.append(_delivered(session, step, sink, decisions, project))
                    _keep(run, receipts)
                except SartorError as error:
                    raise with_what_is_done(error, run, receipts) from error.__cause__
            stage.line = "; ".join(f"{receipt['step']}: {plural(receipt['rows'], 'row')}" for receipt in receipts)
            stage.summary = {receipt["step"]: receipt["rows"] for receipt in receipts}
    return replace(run, summary={**run.summary, "delivery": {"live": live, "why": why, "receipts": receipts}})


def _decisions(
    session: Session, step: DeliverStep, sink: Sink, decided: Mapping[str, Decided], run: Run, project: Project
) -> Decisions:
    """Return the recorded decisions that a step delivers."""
    file = run.folder / decisions_file(step.source, len(decided))
    made = list(decided[step.source].decisions.columns)
    recorded = Decisions(file)
    # The record calls the key of the rows by the name that it has in their table.
    key = (recorded.columns[made.index(ROW)],) if ROW in made else ()
    target = _target(session, step, sink, project)
    same = key_of(session.recipe.name, step.name, step.use, target, file_digest(file))
    return Decisions(file, key, same, session.recipe.name, session.run_id, step.name)


def _context(session: Session, step: DeliverStep, project: Project) -> Any:
    return replace(session.context(("deliver", step.name)), folder=project.root)


def _target(session: Session, step: DeliverStep, sink: Sink, project: Project) -> str:
    with session.step(step.path, step.use, "target"):
        return sink.target(_context(session, step, project))


def _delivered(
    session: Session, step: DeliverStep, sink: Sink, decisions: Decisions, project: Project
) -> dict[str, Any]:
    """Let a sink deliver, and return the receipt as it is kept."""
    context = _context(session, step, project)
    decisions.check_key(decisions.key, context.connection)
    with session.step(("deliver", step.name), step.use, "deliver"):
        receipt: Any = sink.deliver(decisions, context)
    if not isinstance(receipt, Receipt) or receipt.rows != decisions.rows:
        gave = f"a receipt for {receipt.rows:,} rows" if isinstance(receipt, Receipt) else type(receipt).__name__
        raise PluginError(
            f"deliver.{step.name}: '{step.use}' breaks the contract of deliver: it returned {gave} "
            f"where a Receipt for {decisions.rows:,} rows is due",
            code="X021",
            where=session.recipe.document.where((*step.path, "use")),
        )
    return {
        "step": step.name,
        "from": step.source,
        "use": step.use,
        "target": _target(session, step, sink, project),
        "rows": receipt.rows,
        "added": receipt.added,
        "changed": receipt.changed,
        "key": list(decisions.key),
        "keys": keys_digest(decisions, decisions.key) if decisions.key else None,
        "idempotency_key": decisions.idempotency_key,
        "at": datetime.now().astimezone().isoformat(timespec="seconds"),
    }


def keys_digest(decisions: Decisions, key: Sequence[str]) -> str:
    """Return the SHA-256 of all keys in their order: whose decisions were delivered, without naming anybody."""
    digest = hashlib.sha256()
    for batch in decisions.batches(tuple(key)):
        for values in zip(*(column.to_pylist() for column in batch.columns), strict=True):
            digest.update(json.dumps([key_text(value) for value in values]).encode() + b"\n")
    return digest.hexdigest()


def _keep(run: Run, receipts: list[dict[str, Any]]) -> None:
    """Write the receipts so far into the run's folder, whole or not at all, and enter them in its ledger."""
    file = run.folder / RECEIPTS
    part = run.folder.parent / f".{run.folder.name}-{RECEIPTS}"
    try:
        part.write_text(to_json(receipts), encoding="utf-8")
        part.replace(file)
        enter(run.folder, file, by="deliver")
    except OSError as error:
        part.unlink(missing_ok=True)
        raise UsageError(
            f"{receipts[-1]['step']} was delivered, and the receipt cannot be written: {error.strerror or error}",
            code="U043",
            hints=(("to mend", "make room, then run again: delivering again leaves one copy"),),
        ) from error


def with_what_is_done(error: SartorError, run: Run, receipts: Sequence[dict[str, Any]] = ()) -> SartorError:
    """Return an error that also says what the run leaves behind.

    Parameters
    ----------
    error : SartorError
    run : Run
    receipts : sequence of dict
        Of what was delivered.
    """
    done = [("delivered before", ", ".join(receipt["step"] for receipt in receipts))] if receipts else []
    recorded = ("the run", f"is recorded in {run.summary.get('folder') or Path(run.folder).as_posix()}")
    more = (*done, recorded)
    told = [replace(problem, hints=(*problem.hints, *more)) for problem in error.problems]
    return type(error)(told)
