"""Ingest, guard and contract: each table is read, kept to what its purpose allows, held against its contract, stored.

What privacy drops never enters the store; what is for audit only is stored apart from what steps may see. Nothing is
stored of any table before it is certain that no privacy rule stops the run.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import narwhals as nw

from sartor.context import ReadAgain
from sartor.contract.freshness import check_fresh, looks_from
from sartor.contract.quarantine import QUARANTINE
from sartor.contract.terms import Contract, Fresh
from sartor.errors import InputError, Problem, nearest
from sartor.guard.entering import Withhold
from sartor.guard.stops import check_columns, key_for
from sartor.recipe.columns import only_names
from sartor.recipe.contracts import named_columns
from sartor.rows import RESERVED, Table, Tables
from sartor.runs.cache import file_digest
from sartor.stages.admitting import TABLE, admit_table, kept_lines
from sartor.stages.agreeing import People, ask
from sartor.stages.keeping import Kept
from sartor.stages.opening import Opened
from sartor.stages.told import tell_contract, tell_guard, tell_timeless
from sartor.wide import chosen
from sartor.wording import plural

if TYPE_CHECKING:
    from sartor.components import Ingest
    from sartor.guard.agreeing import Register
    from sartor.guard.pseudonyms import Key
    from sartor.recipe.model import IngestStep, Recipe
    from sartor.session import Session

__all__ = ["TABLE", "Count", "Ingested", "ingest", "sources_of"]

_OWN_NAMES = ("file_row_number",)
"""Names beside those with two underscores that stored tables need for themselves."""


@dataclass(frozen=True)
class Count:
    """What became of a table's lines."""

    rows: int
    repaired: int = 0
    set_aside: int = 0
    simulated: bool = False


@dataclass(frozen=True)
class Ingested:
    """What has entered.

    Parameters
    ----------
    tables : Tables
        Guarded.
    counts : mapping of table to Count
    audit : mapping of table to LazyFrame
        Columns that are kept for audit only.
    inputs : tuple of dict
        The files that were read.
    keys : mapping of table to str
        Of what was stored.
    columns : mapping of table to mapping
        Names and types of each table as it was read, before the guard: what new data must have.
    quarantine : mapping of table to Path
        Lines that were set aside.
    parts : mapping of table to LazyFrame
        What the split says of values that privacy has changed: the table's columns, and ``__raw_part_0`` and so on.
    people : People or None
        Who agreed, where consent goes by persons.
    """

    tables: Tables
    counts: Mapping[str, Count]
    audit: Mapping[str, nw.LazyFrame[Any]] = field(default_factory=dict)
    inputs: tuple[dict[str, Any], ...] = ()
    keys: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    quarantine: Mapping[str, Path] = field(default_factory=dict)
    parts: Mapping[str, nw.LazyFrame[Any]] = field(default_factory=dict)
    people: People | None = None


def ingest(
    session: Session,
    components: Mapping[str, Ingest],
    withhold: Withhold | None = None,
    *,
    unkept: Collection[str] = (),
    known: Register | None = None,
) -> Ingested:
    """Read, guard and store tables of the recipe.

    Parameters
    ----------
    session : Session
    components : mapping of table to Ingest
    withhold : Withhold, optional
        What is done without, to learn what it is worth.
    unkept : collection of str
        Tables that are not kept for later runs.
    known : Register, optional
        What is known already of who agreed.

    Raises
    ------
    PrivacyStop
        Before anything is stored.
    InputError
        If a table cannot be read, or breaks its contract.
    """
    recipe = session.recipe
    key = key_for(recipe.privacy, os.environ)
    with session.stage("ingest") as stage, _at_hand(session, key):
        opened = {
            name: Opened(
                session, recipe.ingest[name], component, key, (withhold or Withhold()).of(name), kept=name not in unkept
            )
            for name, component in components.items()
        }
        people = ask(session, opened, known)
        if recipe.privacy.columns or recipe.privacy.consent:
            check_columns(recipe, {name: _columns_of(one) for name, one in opened.items()})
        for one in opened.values():
            _prepare(one)
        kept = {name: _enter(one) for name, one in opened.items()}
        counts = {
            name: Count(
                entry.about["rows"], entry.about["repaired"], entry.about["set_aside"], components[name].simulated
            )
            for name, entry in kept.items()
        }
        stage.line = "; ".join(
            f"{name}: {plural(entry.about['rows'], 'row')}{' (kept)' if entry.found else ''}"
            for name, entry in kept.items()
        )
        stage.summary = {"tables": {name: vars(count) for name, count in counts.items()}}
    tell_timeless(session, kept)
    tell_guard(session, kept)
    tell_contract(session, kept)
    return replace(_ingested(session, opened, kept, counts), people=people)


def sources_of(session: Session, components: Mapping[str, Ingest]) -> dict[str, str]:
    """Return where the rows of each table come from, as their readers say it for the record."""
    found: dict[str, str] = {}
    for name, component in components.items():
        with session.step(("ingest", name), session.recipe.ingest[name].use, "source"):
            found[name] = component.source()
    return found


@contextmanager
def _at_hand(session: Session, key: Key | None) -> Iterator[None]:
    """Let the engine calculate pseudonyms while tables are read."""
    if key is None:
        yield
        return
    context = session.context(("privacy",))
    context.note(f"the check of the key is {key.check}")
    if key.is_short:
        context.note("the key of pseudonyms is so short that it can be guessed: 32 random bytes cannot", caution=True)
    with key.at_hand(session.engine.connection):
        yield


def _columns_of(opened: Opened) -> list[str]:
    with opened.asked("read"):
        return opened.columns


def _prepare(opened: Opened) -> None:
    """Meet whatever stops a run before the first table is stored, as long as no line has to be read for it."""
    if opened.about is not None:
        # It was met when the table was kept.
        return
    with opened.session.step(("ingest", opened.step.name), opened.step.use, "read"):
        _check_names(opened.step, opened.names, opened.session.recipe)
        _ = opened.admission


def _enter(opened: Opened) -> Kept:
    """Read a table into the cache, or beside it where nobody can tell whether its rows have changed."""
    session, step = opened.session, opened.step

    def write(folder: Path) -> dict[str, Any]:
        try:
            about = admit_table(opened, folder)
        except ReadAgain:
            opened.read_again()
            about = admit_table(opened, folder)
        opened.check_unchanged()
        return about

    with opened.asked("read"):
        if session.keeper is None or opened.entry is None:
            folder = session.scratch / f"ingest-{step.name}"
            folder.mkdir()
            about = write(folder)
            kept = Kept(folder, about, False, file_digest(folder / TABLE))
        else:
            # What the reader says when it is asked for its table belongs to what is kept.
            if opened.about is None:
                _ = opened.relation
            kept = session.keeper.keep(session, "ingest", opened.entry, write, opened.notes)
        contract = step.contract
        if contract is not None and contract.fresh is not None:
            _check_fresh(session, step, contract.fresh, kept)
    return kept


def _check_fresh(session: Session, step: IngestStep, fresh: Fresh, kept: Kept) -> None:
    """A table that was fresh when it was kept may be stale today."""
    newest = kept.about["newest"]
    now = looks_from(step.contract or Contract(), session.as_of)
    caution = check_fresh(step.name, fresh, datetime.fromisoformat(newest) if newest else None, now)
    if caution is not None:
        session.context(("ingest", step.name)).note(caution, caution=True)


def _ingested(
    session: Session, opened: Mapping[str, Opened], kept: Mapping[str, Kept], counts: Mapping[str, Count]
) -> Ingested:
    lines = {name: kept_lines(session.engine.connection, entry.folder, entry.about) for name, entry in kept.items()}
    frames = {name: nw.from_native(relation).lazy() for name, relation in lines.items()}
    inputs = [{"table": name, **file} for name, one in opened.items() for file in one.files]
    aside = {name: entry.folder / QUARANTINE for name, entry in kept.items() if counts[name].set_aside}
    return Ingested(
        tables=Tables(
            {
                name: _table(one.step, one.component, chosen(frames[name], kept[name].about["visible"]))
                for name, one in opened.items()
            }
        ),
        counts=counts,
        audit={
            name: chosen(frames[name], [*opened[name].step.key, *entry.about["audited"]])
            for name, entry in kept.items()
            if entry.about["audited"]
        },
        inputs=tuple(inputs),
        keys={name: entry.key for name, entry in kept.items()},
        columns={name: entry.about["columns"] for name, entry in kept.items()},
        quarantine=aside,
        parts={
            name: chosen(frames[name], [*entry.about["visible"], *entry.about["parts"]])
            for name, entry in kept.items()
            if entry.about["parts"]
        },
    )


def _table(step: IngestStep, component: Ingest, frame: nw.LazyFrame[Any]) -> Table:
    return Table(
        name=step.name,
        frame=frame,
        key=tuple(step.key),
        time=step.time,
        roles=dict(step.roles),
        known_ahead=frozenset(step.known_ahead),
        units=dict(step.units),
        expected_strong=frozenset(step.expected_strong),
        simulated=component.simulated,
    )


def _named_by(step: IngestStep) -> dict[str, Sequence[str]]:
    """Return the columns that a table's entry in the recipe names, by the key that names them."""
    contract = step.contract
    return {
        "key": step.key,
        "time": [step.time] if step.time else [],
        "roles": list(step.roles.values()),
        "known_ahead": step.known_ahead,
        "units": list(step.units),
        "expected_strong": step.expected_strong,
        "contract": list(dict.fromkeys(column for column, _ in named_columns(contract))) if contract else [],
    }


def _check_names(step: IngestStep, names: list[str], recipe: Recipe) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InputError(
            f"table {step.name} has the column {', '.join(repr(name) for name in twice)} more than once", code="D004"
        )
    reserved = [name for name in names if name.startswith(RESERVED)]
    if reserved:
        raise InputError(
            f"table {step.name} has the column '{reserved[0]}'; names that begin with '{RESERVED}' are sartor's own",
            code="D005",
            hints=(("to mend", "rename the column in the source"),),
        )
    own = [name for name in names if name.lower() in _OWN_NAMES]
    if own:
        raise InputError(
            f"table {step.name} has the column '{own[0]}', a name that stored tables need for themselves",
            code="D005",
            hints=(("to mend", "rename the column in the source"),),
        )
    problems = [
        Problem(
            "R041",
            f"table {step.name} has no column '{column}', named under {where}",
            recipe.document.where((*step.path, where)),
            only_names(recipe, names, nearest(column, names)),
        )
        for where, columns in _named_by(step).items()
        for column in columns
        if column not in names
    ]
    if problems:
        raise InputError(problems)
