"""Ingest and guard: each table is read, kept to what its purpose allows, and stored once.

What privacy drops never enters the store; what is for audit only is stored apart from what steps may see.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import narwhals as nw

from sartor.errors import InputError, Problem, nearest
from sartor.relations import type_word
from sartor.rows import RESERVED, Table, Tables
from sartor.runs.cache import file_digest
from sartor.stages.keeping import Kept

if TYPE_CHECKING:
    from sartor.components import Ingest
    from sartor.recipe.model import IngestStep
    from sartor.session import Session


TABLE = "table.parquet"
"""A guarded table, in its folder."""


@dataclass(frozen=True)
class Count:
    """What became of a table's lines."""

    rows: int
    repaired: int = 0
    set_aside: int = 0
    simulated: bool = False


@dataclass(frozen=True)
class Ingested:
    """Guarded tables, what was counted, the columns kept for audit only, and the keys of what was stored."""

    tables: Tables
    counts: Mapping[str, Count]
    audit: Mapping[str, nw.LazyFrame[Any]] = field(default_factory=dict)
    inputs: tuple[dict[str, Any], ...] = ()
    keys: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Names and types of each table as it was read, before the guard: what new data must have."""


def ingest(session: Session, components: Mapping[str, Ingest]) -> Ingested:
    """Read, guard and store every table of the recipe."""
    tables: dict[str, Table] = {}
    counts: dict[str, Count] = {}
    audit: dict[str, nw.LazyFrame[Any]] = {}
    keys: dict[str, str] = {}
    columns: dict[str, Mapping[str, str]] = {}
    inputs: list[dict[str, Any]] = []
    with session.stage("ingest") as stage:
        lines = []
        for name, component in components.items():
            step = session.recipe.ingest[name]
            with session.step(("ingest", name), step.use, "read"):
                inputs += [{"table": name, **file} for file in component.inputs(session.context(("ingest", name)))]
                kept = _kept(session, step, component)
                about, keys[name] = kept.about, kept.key
                columns[name] = about["columns"]
                stored = session.engine.scan(kept.folder / TABLE)
                tables[name] = _table(step, component, stored.select(*about["visible"]))
                counts[name] = Count(about["rows"], about["repaired"], 0, component.simulated)
                if about["audited"]:
                    audit[name] = stored.select(*step.key, *about["audited"])
            lines.append(f"{name}: {about['rows']:,} rows{' (kept)' if kept.found else ''}")
        stage.line = "; ".join(lines)
        stage.summary = {"tables": {name: vars(count) for name, count in counts.items()}}
    _tell_guard(session)
    return Ingested(Tables(tables), counts, audit, tuple(inputs), keys, columns)


def _kept(session: Session, step: IngestStep, component: Ingest) -> Kept:
    """Read a table into the cache, or beside it where nobody can tell whether its rows have changed."""
    context = session.context(("ingest", step.name))
    keeper = session.keeper
    fingerprint = component.fingerprint(context)

    def write(folder: Path) -> dict[str, Any]:
        return _admit(session, step, session.engine.frame(component.read(context)), folder)

    if keeper is None or fingerprint is None:
        folder = session.scratch / f"ingest-{step.name}"
        folder.mkdir()
        about = write(folder)
        return Kept(folder, about, False, file_digest(folder / TABLE))
    treatments = dict(session.recipe.privacy.columns)
    said = [step.key, step.time, session.as_of, treatments]
    key = keeper.key("ingest", fingerprint, keeper.step(step.use, step.settings), step.name, said)
    return keeper.keep(session, "ingest", key, write)


def _admit(session: Session, step: IngestStep, read: nw.LazyFrame[Any], folder: Path) -> dict[str, Any]:
    """Guard and check a table, write it, and tell what became of its lines."""
    names = list(read.collect_schema().names())
    _check_names(step, names)
    treatments = {column: what for column, what in session.recipe.privacy.columns.items() if column in names}
    kept = [name for name in names if treatments.get(name) != "drop"]
    frame = read.select(*kept)
    if session.as_of is not None and step.time:
        frame = frame.filter(nw.col(step.time) < session.as_of)
    order = [name for name in step.key if name in kept] or None
    raw = folder / f"raw-{TABLE}"
    session.engine.write(frame, raw, order_by=order)
    finite, repaired = _without_infinities(session, step.name, session.engine.scan(raw))
    if repaired:
        session.engine.write(finite, folder / TABLE, order_by=order)
        raw.unlink()
    else:
        raw.rename(folder / TABLE)
    stored = session.engine.scan(folder / TABLE)
    rows = _count(stored)
    if rows == 0:
        raise InputError(f"table {step.name} has no rows", code="D002", hints=(("to mend", "check what it reads"),))
    _check_key(step, stored, rows)
    return {
        "rows": rows,
        "repaired": repaired,
        "columns": {name: type_word(dtype) for name, dtype in read.collect_schema().items()},
        "visible": [name for name in kept if treatments.get(name) != "audit_only"],
        "audited": [name for name in kept if treatments.get(name) == "audit_only"],
    }


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


def _check_names(step: IngestStep, names: list[str]) -> None:
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
    said = {
        "key": step.key,
        "time": [step.time] if step.time else [],
        "roles": list(step.roles.values()),
        "known_ahead": step.known_ahead,
        "units": list(step.units),
        "expected_strong": step.expected_strong,
    }
    problems = [
        Problem(
            "R041", f"table {step.name} has no column '{column}', named under {where}", hints=nearest(column, names)
        )
        for where, columns in said.items()
        for column in columns
        if column not in names
    ]
    if problems:
        raise InputError(problems)


def _without_infinities(session: Session, name: str, frame: nw.LazyFrame[Any]) -> tuple[nw.LazyFrame[Any], int]:
    floats = [column for column, dtype in frame.collect_schema().items() if dtype.is_float()]
    if not floats:
        return frame, 0
    infinite = [~(nw.col(column).is_finite() | nw.col(column).is_nan()) for column in floats]
    counted = frame.select(*(flag.cast(nw.Int64).sum().alias(c) for c, flag in zip(floats, infinite, strict=True)))
    found = {column: int(values[0] or 0) for column, values in counted.collect().to_dict(as_series=False).items()}
    for column, number in found.items():
        if number:
            session.context(("ingest", name)).note(
                f"{name}: {number:,} infinite values in {column} were read as missing", caution=True
            )
    finite = [nw.when(nw.col(column).is_finite()).then(nw.col(column)).alias(column) for column in floats]
    return frame.with_columns(*finite), sum(found.values())


def _count(frame: nw.LazyFrame[Any]) -> int:
    return int(frame.select(nw.len()).collect().item())


def _check_key(step: IngestStep, frame: nw.LazyFrame[Any], rows: int) -> None:
    if not step.key:
        return
    named = ", ".join(step.key)
    missing = _count(frame.filter(nw.any_horizontal(*(nw.col(c).is_null() for c in step.key), ignore_nulls=False)))
    if missing:
        raise InputError(
            f"table {step.name}: the key {named} is missing in {missing:,} of {rows:,} rows",
            code="D006",
            hints=(("to mend", "name a key that every row has"),),
        )
    distinct = _count(frame.select(*step.key).unique())
    if distinct != rows:
        raise InputError(
            f"table {step.name}: the key {named} does not identify a row: {rows:,} rows, {distinct:,} different keys",
            code="D007",
            hints=(("to mend", "name more columns, key: [a, b], or remove the repeated rows"),),
        )


def _tell_guard(session: Session) -> None:
    treatments = session.recipe.privacy.columns
    if not treatments:
        return
    with session.stage("guard") as stage:
        audited = _number(treatments, "audit_only")
        dropped = _number(treatments, "drop")
        parts = [
            f"{audited} {_columns(audited)} for audit only" if audited else "",
            f"{dropped} dropped" if dropped else "",
        ]
        stage.line = ", ".join(part for part in parts if part)
        stage.summary = {"audit_only": audited, "dropped": dropped}


def _number(treatments: Mapping[str, str], what: str) -> int:
    return sum(1 for treatment in treatments.values() if treatment == what)


def _columns(number: int) -> str:
    return "column" if number == 1 else "columns"
