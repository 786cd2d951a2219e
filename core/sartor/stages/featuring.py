"""Rows, split and features: from guarded tables to the frame.

A row's features are the readable columns of its own line and whatever the feature steps build from its past. The
future check rebuilds some of them without their future; the leak check looks for features that tell the outcome by
themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import narwhals as nw
import pandas as pd

from sartor.errors import InputError
from sartor.evidence.future import check_future, choose_origins
from sartor.evidence.leaks import check_leaks, parts_of_truth
from sartor.held import chosen_in
from sartor.rows import AS_OF, GROUP, KNOWN_AT, RAW_PART, RESERVED, ROW, WEIGHT, Rows, Table, Tables
from sartor.stages.beyond import at_moments, is_beyond, limit_of, rows_on_disk
from sartor.stages.framing import LOOKED_AT, Frame, truth_of
from sartor.stages.narrowing import as_whole, narrow
from sartor.stages.raw_parts import with_raw_parts
from sartor.stages.remarks import remark_on_key, split_line, warn_of_dependent_rows, warn_of_empty_folds
from sartor.stages.splitting import origins_of, split, split_again
from sartor.stages.visible import barred_columns, own_columns, shown_columns, split_columns, without_truth
from sartor.wide import chosen, left_joined
from sartor.wording import form, plural

if TYPE_CHECKING:
    from sartor.components import Feature, Task
    from sartor.errors import Position
    from sartor.session import Session
    from sartor.stored import Stored


def make_frame(
    session: Session,
    task: Task,
    features: Mapping[str, Feature],
    tables: Tables,
    folder: Path,
    raw_parts: Mapping[str, nw.LazyFrame[Any]] | None = None,
) -> Frame:
    """Make rows, split them, build and check their features.

    Parameters
    ----------
    session : Session
    task : Task
    features : mapping of name to Feature
    tables : Tables
    folder : Path
        Where rows may be written that do not fit in memory.
    raw_parts : mapping of table to LazyFrame, optional
        What the split says of values that privacy has changed.
    """
    recipe = session.recipe
    if recipe.task is None or recipe.split is None:
        raise InputError("a frame takes a task and a split", code="R066")
    with session.step(("task",), recipe.task.use, "rows"):
        rows = _made_rows(session, task, tables)
    visible = without_truth(rows, tables)
    made = build_features(session, features, rows, visible)
    data, stored = join(session, rows, visible, made, folder)
    data = with_raw_parts(session, rows, data, raw_parts or {})
    y, known = truth_of(data, rows)
    with session.stage("split") as stage, session.step(("split",), "split", "split"):
        parts = split(data, recipe.split, known)
        stage.line = split_line(parts, rows, known)
        stage.summary = {"train": int(parts.train.sum()), "test": int(parts.test.sum())}
    warn_of_empty_folds(session, recipe.split, parts)
    warn_of_dependent_rows(session, data, parts)
    with session.stage("features") as stage:
        frame = _frame(session, task, rows, visible, made, (data, stored), (y, parts))
        compared = 0
        if session.whole is None:
            # What holds with all sources holds without one of them.
            compared = _future(session, features, rows, visible, (data, stored), frame)
            _leaks(session, frame, rows)
            _remark_on_key(session, rows, visible)
        stage.line = f"{len(frame.features)}: {frame.own} of the row itself, {frame.built} built" + (
            f"; {plural(compared, 'row')} rebuilt without {form(compared, 'its', 'their')} future" if compared else ""
        )
        stage.summary = {"own": frame.own, "built": frame.built, "rows_rebuilt": compared}
    return frame


def _made_rows(session: Session, task: Task, tables: Tables) -> Rows:
    assert session.recipe.split is not None
    rows = session.rows(task.rows(tables, origins_of(session.recipe.split)))
    stored = session.engine.store(session.engine.frame(rows.frame), "rows", order_by=[ROW])
    count, distinct, missing = (
        stored.select(nw.len(), nw.col(ROW).n_unique().alias("distinct"), nw.col(ROW).null_count().alias("missing"))
        .collect()
        .row(0)
    )
    if count == 0:
        raise InputError("the task makes no row from the tables", code="D022")
    if missing or distinct != count:
        raise InputError(
            f"the task's rows are not distinct: {plural(count, 'row')}, {plural(distinct, 'different key')}, "
            f"{missing:,} missing",
            code="D023",
            hints=(("to mend", "declare at ingest the key that identifies a line: key: COLUMN"),),
        )
    if rows.own is not None:
        lines = tables[rows.own].frame.select(nw.len()).collect().item()
        if lines > count:
            session.context(("task",)).note(
                f"{lines - count:,} of {plural(lines, 'line')} of {rows.own} "
                f"{form(lines - count, 'is no row: the task set it', 'are no rows: the task set them')} aside",
                caution=not rows.chosen,
            )
    return replace(rows, frame=stored)


def _remark_on_key(session: Session, rows: Rows, tables: Tables) -> None:
    if rows.own is not None and session.recipe.split is not None:
        table = tables[rows.own]
        barred = barred_columns(rows, table, split_columns(session.recipe.split))
        remark_on_key(session, table, [part for part in table.key if part not in barred])


def build_features(
    session: Session, features: Mapping[str, Feature], rows: Rows, tables: Tables, lines: Table | None = None
) -> dict[str, nw.LazyFrame[Any]]:
    """Build every feature step; a step may stand on an earlier one, whose columns it sees as a table of rows.

    Parameters
    ----------
    lines : Table, optional
        The own table's lines that rows are of, for features that look at no other line of it.
    """
    seen: dict[str, Table] = dict(tables)
    made: dict[str, nw.LazyFrame[Any]] = {}
    for name in _order(session, features):
        step = session.recipe.features[name]
        sources = tuple(step.sources or tables)
        given = {**seen, lines.name: lines} if lines is not None and features[name].alone(lines.name) else seen
        with session.step(("features", name), step.use, "build"):
            built = features[name].build(rows, Tables(given, only=sources), session.context(("features", name)))
            frame = session.frame(built, ("features", name), step.use, "build")
            _check_built(name, frame)
            made[name] = frame
        seen[name] = Table(name, frame, key=(ROW,))
    return made


def _order(session: Session, features: Mapping[str, Feature]) -> list[str]:
    """Put steps after those they stand on; `check` has refused circles."""
    waiting = list(features)
    done: list[str] = []
    while waiting:
        for name in waiting:
            if not any(source in waiting for source in session.recipe.features[name].sources):
                done.append(name)
                waiting.remove(name)
                break
        else:
            raise InputError("feature steps depend on each other", code="R044")
    return done


def _check_built(name: str, frame: nw.LazyFrame[Any]) -> None:
    columns = list(frame.collect_schema().names())
    if ROW not in columns:
        raise ValueError(f"the columns built lack {ROW}: {', '.join(columns)}")
    reserved = [column for column in columns if column.startswith("__") and column != ROW]
    if reserved:
        raise ValueError(f"feature columns must not begin with two underscores: {', '.join(reserved)}")
    if len(columns) == 1:
        raise InputError(f"features.{name} built no column", code="D040")


def join(
    session: Session, rows: Rows, tables: Tables, made: Mapping[str, nw.LazyFrame[Any]], folder: Path
) -> tuple[pd.DataFrame, Stored | None]:
    """Join rows, own columns and built features, worked out once and sorted by the row's key.

    Returns
    -------
    data : DataFrame
        All of it; or where it does not fit in memory, what is held of every row.
    stored : Stored or None
        All of it, where it does not fit in memory.
    """
    lazy = joined(session, rows, tables, made)
    count = int(rows.frame.select(nw.len()).collect().item())
    if is_beyond(count, lazy.collect_schema().dtypes(), limit_of(session.engine.memory)):
        return rows_on_disk(session, rows, lazy, folder)
    return session.engine.fetch(session.engine.store(lazy, "frame", order_by=[ROW])), None


def joined(session: Session, rows: Rows, tables: Tables, made: Mapping[str, nw.LazyFrame[Any]]) -> nw.LazyFrame[Any]:
    """Join rows, own columns and built features, lazily."""
    frame = rows.frame
    if rows.own is not None:
        table = tables[rows.own]
        there = set(frame.collect_schema().names())
        shown = [column for column in shown_columns(rows, tables) if column not in there]
        on = list(rows.keys)
        frame = left_joined(frame, chosen(table.frame, dict.fromkeys([*on, *shown])), on)
    taken = set(frame.collect_schema().names())
    for name, built in made.items():
        columns = [column for column in built.collect_schema().names() if column != ROW]
        twice = sorted(taken.intersection(columns))
        if twice:
            raise InputError(
                f"features.{name} builds '{twice[0]}', and another column of the rows has that name",
                code="D041",
                where=session.recipe.document.where(("features", name)),
                hints=(("to mend", "rename one of them"),),
            )
        taken.update(columns)
        frame = left_joined(frame, chosen(built, [ROW, *columns]), [ROW])
    return frame


def _frame(
    session: Session,
    task: Task,
    rows: Rows,
    tables: Tables,
    made: Mapping[str, nw.LazyFrame[Any]],
    data_and_stored: tuple[pd.DataFrame, Stored | None],
    truth_and_parts: tuple[Any, Any],
) -> Frame:
    recipe = session.recipe
    assert recipe.split is not None
    (data, stored), (y, parts) = data_and_stored, truth_and_parts
    there = stored.names if stored is not None else data.columns.tolist()
    own = [column for column in own_columns(rows, tables, split_columns(recipe.split)) if column in set(there)]
    steps = {column: name for name, built in made.items() for column in built.collect_schema().names() if column != ROW}
    strong = {column for table in tables.values() for column in table.expected_strong}
    strong.update(column for step in recipe.features.values() for column in step.expected_strong)
    services = [column for column in (AS_OF, KNOWN_AT, GROUP) if column in data]
    services += [column for column in data if column.startswith(RAW_PART)]
    shown = [column for column in there if not column.startswith("__") and column not in steps]
    held = data if stored is None else stored.beside(data[_seen(data, services)])
    frame = Frame(
        rows=chosen_in(held, [ROW, *services, *shown]),
        X=chosen_in(held, [*own, *steps]),
        y=y,
        weight=data[WEIGHT].to_numpy(dtype="float64") if WEIGHT in data else None,
        answers=task.answers,
        classes=rows.classes,
        parts=parts,
        split_again=split_again(recipe.split),
        own=len(own),
        built=len(steps),
        steps=steps,
        strong=frozenset(strong),
        own_table=rows.own,
        keys=rows.keys,
        truth=rows.truth,
        facts=rows.facts,
    )
    return narrow(frame, session) if session.whole is None else as_whole(frame, session.whole)


def _seen(data: pd.DataFrame, services: list[str]) -> list[str]:
    """Return what models may look at of rows on disk as of those in memory: truth and weight are no part of it."""
    return [column for column in data if not column.startswith(RESERVED) or column in (ROW, *services)]


def _future(
    session: Session,
    features: Mapping[str, Feature],
    rows: Rows,
    tables: Tables,
    data_and_stored: tuple[pd.DataFrame, Stored | None],
    frame: Frame,
) -> int:
    data, stored = data_and_stored
    timed = [table for table in tables.values() if table.time is not None]
    if AS_OF not in data or not frame.steps or not timed:
        return 0

    def rebuild(some: Rows, past: Tables) -> pd.DataFrame:
        built = build_features(session, features, some, past)
        again = some.frame.select(ROW)
        for columns in built.values():
            again = left_joined(again, columns, [ROW])
        return session.engine.fetch(again)

    if stored is not None:
        data = at_moments(stored, data, choose_origins(data[AS_OF]), LOOKED_AT)
    steps = {name: step for name, step in frame.steps.items() if name in data}
    return check_future(data, rows, tables, rebuild, steps, lambda feature: _where(session, frame, rows, feature))


def _leaks(session: Session, frame: Frame, rows: Rows) -> None:
    X, places = frame.looked_at(frame.parts.rounds[0].train)
    y = frame.y.iloc[places] if isinstance(frame.y, pd.DataFrame) else frame.y[places]
    several = isinstance(y, pd.DataFrame)
    if not several and frame.answers not in ("probability", "number"):
        return
    context = session.context(("features",))
    for some, outcome, classes in parts_of_truth(y) if several else [(slice(None), y, frame.classes)]:
        check_leaks(
            X[some],
            outcome,
            classes,
            frame.strong,
            where=lambda name: _where(session, frame, rows, name),
            caution=lambda text: context.note(text, caution=True),
            rare=not several,
        )


def _where(session: Session, frame: Frame, rows: Rows, feature: str) -> Position | None:
    """Return the place in the recipe that brings a feature: the step that builds it, or its table."""
    if feature in frame.steps:
        return session.recipe.document.where(("features", frame.steps[feature]))
    return session.recipe.document.where(("ingest", rows.own)) if rows.own else None
