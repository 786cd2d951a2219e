"""What is asked of a run, and everything that must stand ready before the first row is answered."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sartor.access.door import enter_run
from sartor.engine import Engine
from sartor.errors import UsageError
from sartor.memory import amount_of
from sartor.predicting.deciding import Decider, models_decided_on
from sartor.predicting.guarding import Guard, asked_in_run, key_at_hand
from sartor.predicting.opening import Opened, open_run
from sartor.predicting.scoring import Scorer
from sartor.predicting.sources import ReaderSource, source_of, which_table
from sartor.predicting.streams import LineStream
from sartor.predicting.tables import looking_further, others, said_of_persons, spooled
from sartor.runs.models import load_model
from sartor.sealing.scratch import cache_of, scratch_of, vault_of
from sartor.session import Session
from sartor.stages.building import build
from sartor.stages.keeping import Keeper
from sartor.threads import free_threads, limited

if TYPE_CHECKING:
    from sartor.events import Event
    from sartor.plugins import Plugins
    from sartor.predicting.pieces import Source
    from sartor.recipe.project import Project

STREAM = "-"
"""Stands for standard input."""


@dataclass(frozen=True)
class Asked:
    """What is asked of a run.

    Parameters
    ----------
    run : str
        As `sartor.runs.finding.find_run` takes it.
    data : sequence of (table, object)
        A file or glob, ``TABLE=FILE``, a frame, or a binary file of lines, ``-`` for those of standard input; the empty
        name stands for `table`.
    table : str or None
        The table of the rows unless given.
    model : str or None
        The champion unless given.
    decide : bool
        Whether the actions of the recipe decide, too.
    as_of : datetime or None
        Rows without a moment of their own are asked then, and tables are read up to then. Without it rows are asked
        now, and tables are read as they are.
    memory : str or None
        How much memory tables may take, such as ``2 GB``; as the project says unless given.
    threads : int or None
    """

    run: str
    data: Sequence[tuple[str, Any]]
    table: str | None = None
    model: str | None = None
    decide: bool = False
    as_of: datetime | None = None
    memory: str | None = None
    threads: int | None = None


@dataclass(frozen=True)
class Ready:
    """A run that answers.

    Parameters
    ----------
    opened : Opened
    session : Session
    scorer : Scorer
    source : Source or None
        Where its rows come from; None where the task makes them of tables.
    """

    opened: Opened
    session: Session
    scorer: Scorer
    source: Source | None


@contextmanager
def ready(asked: Asked, project: Project, plugins: Plugins, listen: Callable[[Event], None]) -> Iterator[Ready]:
    """Open a run with its models, its tables and the new data.

    Raises
    ------
    UsageError, InputError
        If the run cannot answer, or cannot answer this data.
    """
    opened = open_run(enter_run(asked.run, project, "read_person", "predict").folder, project)
    model = opened.model(asked.model)
    with ExitStack() as stack:
        session, reading = _session(asked, opened, project, plugins, listen, stack)
        built = build(opened.recipe, plugins)
        opened = replace(opened, sees_outcomes=any(one.sees_outcomes for one in built.features.values()))
        actions = built.actions if asked.decide else {}
        decided_on = models_decided_on(opened, asked.model, list(actions)) if asked.decide else {}
        models = {
            name: load_model(opened.folder, name, plugins) for name in dict.fromkeys([model, *decided_on.values()])
        }
        scorer = Scorer(
            opened,
            session,
            built,
            models,
            model,
            moment=_now(asked),
            decider=Decider(session, actions, models, decided_on, opened.interface.class_shares),
        )
        given = _given(asked, opened)
        own = opened.interface.own
        source = None if own is None else source_of(own, given.pop(own, None), opened, session, built, reading)
        if isinstance(source, ReaderSource):
            # Opened before the other one, which frames are looked for in.
            _ = reading.connection
        _tell_failed_gates(session, opened)
        _tell_erased(session, opened)
        if isinstance(source, LineStream):
            looking_further(opened, session, built, refuse=True)
        known = said_of_persons(session, opened, source)
        scorer.others, people = others(session, built, opened, given, known)
        scorer.decider = replace(scorer.decider, tables=scorer.others)
        stack.enter_context(key_at_hand(opened.recipe, session.engine, opened.key_check))
        if own is not None:
            unit = "line" if isinstance(source, LineStream) else "row"
            asked_then = asked_in_run(opened.recipe, own, opened.interface.tables[own])
            scorer.guard = Guard(opened.recipe, own, session.engine, unit, asked_then, people, asked.as_of)
        if source is not None and looking_further(opened, session, built):
            source, scorer.whole = spooled(session, scorer, source)
        yield Ready(opened, session, scorer, source)


def _session(
    asked: Asked,
    opened: Opened,
    project: Project,
    plugins: Plugins,
    listen: Callable[[Event], None],
    stack: ExitStack,
) -> tuple[Session, Engine]:
    """Return the session that answers, and the engine that new data is read with; the stack closes both."""
    asked_threads = asked.threads or project.settings.threads
    threads = asked_threads or free_threads()
    memory = asked.memory or project.settings.memory
    vault = vault_of(opened.recipe, project)
    scratch, spill = stack.enter_context(scratch_of(vault, project))
    # The engine that new data is read with is the first: components find the one that was opened last.
    reading = stack.enter_context(Engine(threads, _share(memory, 0.25), spill / "reading", memory))
    engine = stack.enter_context(Engine(threads, _share(memory, 0.75), spill / "tables", memory))
    stack.enter_context(limited(asked_threads or 1))
    keeper = Keeper(cache_of(project.runs / ".cache", vault), plugins, asked_threads)
    session = Session(
        opened.recipe, plugins, engine, opened.run_id, opened.seed, threads, scratch, asked.as_of, listen, keeper=keeper
    )
    return session, reading


def _given(asked: Asked, opened: Opened) -> dict[str, Any]:
    """Return what is given by the tables that it stands for."""
    given: dict[str, Any] = {}
    for said, thing in asked.data:
        by_name = not said and isinstance(thing, str)
        name, what = which_table(thing, opened.recipe.ingest) if by_name else (said, thing)
        table = opened.table(name or asked.table)
        if table in given:
            raise UsageError(
                f"data is given twice for table {table}",
                code="U073",
                hints=(("to mend", "name several files of one table by a glob, or each table once: TABLE=FILE"),),
            )
        given[table] = sys.stdin.buffer if isinstance(what, str) and what == STREAM else what
    return given


def _share(memory: str | None, share: float) -> str | None:
    """Return a share of an amount of memory, such as ``4 GB``.

    Examples
    --------
    >>> _share("4 GB", 0.25), _share("1.5GiB", 0.5)
    ('1 GB', '0.75 GiB')
    """
    if memory is None:
        return None
    amount, unit = amount_of(memory)
    return f"{amount * share:g} {unit}"


def _now(asked: Asked) -> datetime:
    """Return when rows are asked that do not say it themselves, in UTC without a zone as all moments of tables are."""
    moment = asked.as_of or datetime.now(UTC)
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


def _tell_erased(session: Session, opened: Opened) -> None:
    """Say so where the models learned from somebody who has been erased since."""
    from sartor.erasing.marks import trained_on

    persons = trained_on(opened.folder)
    if persons:
        who = "a person who has" if persons == 1 else f"{persons:,} persons who have"
        session.context(("predict",)).note(
            f"the models learned from {who} been erased since: run the recipe again", caution=True
        )


def _tell_failed_gates(session: Session, opened: Opened) -> None:
    if opened.failed:
        session.context(("predict",)).note(
            f"the run failed its gates: {', '.join(opened.failed)}; its answers are not good enough by its own recipe",
            caution=True,
        )
