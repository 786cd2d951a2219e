"""Scores pieces of new data: the same guard, rows, features and columns as in the run, then its model and actions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

import narwhals as nw
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from sartor.errors import InputError, Problem
from sartor.predicting.answers import Answered, Part, together
from sartor.predicting.deciding import Decider
from sartor.predicting.door import scoring_of
from sartor.predicting.guarding import Guard
from sartor.predicting.pieces import ROWS, Piece, Refused, Wanted
from sartor.predicting.values import arrow_type
from sartor.rows import ROW, Origins, Rows, Scoring, Table, Tables
from sartor.stages.featuring import build_features, joined
from sartor.stages.fitting import checked, columns_due
from sartor.stages.visible import outcomes_of, without_truth
from sartor.wide import chosen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sartor.components import Fitted
    from sartor.predicting.opening import Opened
    from sartor.session import Session
    from sartor.stages.building import Built

PLACE = "__place"
"""Where a line stands in its piece; joined to its row at the end, so that no step sees it."""


@dataclass
class Scorer:
    """Answers rows of new data with models of a run.

    Parameters
    ----------
    opened : Opened
    session : Session
        Its engine holds all tables but the one whose rows are answered.
    built : Built
    models : mapping of name to Fitted
    model : str
        Whose answer is asked for.
    moment : datetime
        When rows without a moment of their own are asked.
    decider : Decider
    others : Tables
        Tables that rows are not of.
    whole : Table or None
        All lines of the own table, for features that look at other lines than the row's own.
    guard : Guard or None
        What new rows enter by.
    """

    opened: Opened
    session: Session
    built: Built
    models: Mapping[str, Fitted]
    model: str
    moment: datetime
    decider: Decider
    others: Tables = field(default_factory=lambda: Tables({}))
    whole: Table | None = None
    guard: Guard | None = None
    repeated: int = field(default=0, init=False)
    undated: int = field(default=0, init=False)
    set_aside: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        own = self.opened.interface.own
        self.wanted: Wanted | None = None if own is None else self.opened.wanted(own)

    # -- rows that are lines of new data --------------------------------------------------------------------------

    def answer(self, piece: Piece) -> Answered:
        """Return the answers for a piece, a line for each of its lines.

        A key that comes again is answered again: each line stands for itself. A line without a key is refused.
        """
        assert self.wanted is not None
        step = self.session.recipe.ingest[self.wanted.table]
        piece = piece if piece.unanswered is not None else self.admit(piece)
        count, data = len(piece), piece.data
        if not count:
            return Answered(piece.lines, pa.table({}), {}, {}, refused=piece.refused)
        asked = np.flatnonzero(~piece.unanswered) if piece.unanswered is not None else np.arange(count)
        parts = [self._part(data, places) for places in self._passes(data, asked, step.key)] if len(asked) else []
        parts = [part for part in parts if len(part.places)]
        made = [(part.places, self.decider.decide(part.answers, part.scoring)) for part in parts]
        self.set_aside += len(asked) - sum(len(part.places) for part in parts)
        if not sum(len(part.places) for part in parts):
            return Answered(piece.lines, data.select(list(step.key)), self._nothing(count), {}, refused=piece.refused)
        return Answered(
            lines=piece.lines,
            keys=data.select(list(step.key)),
            predictions={
                name: together([(part.places, part.answers[name]) for part in parts], count) for name in self.models
            },
            decisions={
                name: together([(places, decided[name]) for places, decided in made], count)
                for name in self.decider.at_once
            },
            parts=tuple(parts) if self.decider.later else (),
            refused=piece.refused,
        )

    def admit(self, piece: Piece) -> Piece:
        """Return a piece as steps may see it: guarded, each row with a key and the moment at which it is asked."""
        assert self.wanted is not None
        assert self.guard is not None
        if not len(piece):
            return piece
        guarded = self.guard.admitted(piece.data, piece.lines)
        refused = [*piece.refused, *guarded.refused]
        key = [
            column
            for column in self.session.recipe.ingest[self.wanted.table].key
            if column in guarded.data.column_names
        ]
        missing = np.logical_or.reduce([pc.is_null(guarded.data[column]).to_numpy() for column in key])
        told = {one.line for one in refused}
        for line in piece.lines[missing & ~guarded.unanswered].tolist():
            if line not in told:
                said = f"{self.guard.unit} {line} has no {' and no '.join(key)}, which is its key"
                refused.append(Refused(line, Problem("D162", said)))
        kept = ~np.isin(piece.lines, [one.line for one in refused])
        data = self._dated(guarded.data, guarded.unanswered)
        return Piece(
            data=data if kept.all() else data.filter(pa.array(kept)),
            lines=piece.lines[kept],
            refused=tuple(sorted(refused, key=lambda one: one.line)),
            unanswered=guarded.unanswered[kept],
        )

    def _part(self, data: pa.Table, places: np.ndarray) -> Part:
        taken, scoring = self._scored(data if len(places) == data.num_rows else data.take(pa.array(places)))
        return Part(places[taken], scoring, self.predict(scoring) if len(scoring) else {})

    def _nothing(self, count: int) -> dict[str, pd.DataFrame]:
        """Return answers for lines of which none is a row."""
        interface = self.opened.interface
        empty = pd.DataFrame()
        due = columns_due(Scoring(empty, empty, interface.answers, interface.classes))
        return {name: pd.DataFrame(np.nan, index=range(count), columns=due) for name in self.models}

    def _dated(self, data: pa.Table, unanswered: np.ndarray) -> pa.Table:
        """Return lines in which the moment of asking is now where they do not say it.

        Of who is not answered all is taken away, the moment too: that is no line that does not say it.
        """
        wanted = self.wanted
        if wanted is None or wanted.moment is None or wanted.moment not in wanted.columns:
            return data
        kind = arrow_type(wanted.columns[wanted.moment])
        now = pa.scalar(self.moment.date() if pa.types.is_date(kind) else self.moment, kind)
        if wanted.moment not in data.column_names:
            self.undated += int((~unanswered).sum())
            return data.append_column(wanted.moment, pa.array([now.as_py()] * data.num_rows, kind))
        column = data[wanted.moment]
        if not column.null_count:
            return data
        self.undated += int((pc.is_null(column).to_numpy() & ~unanswered).sum())
        filled = pc.fill_null(column, now.cast(column.type))
        return data.set_column(data.column_names.index(wanted.moment), wanted.moment, filled)

    def _passes(self, data: pa.Table, asked: np.ndarray, key: tuple[str, ...]) -> list[np.ndarray]:
        """Return places of the rows asked in as many rounds as a key comes again: in each, every key is there once."""
        keys = data.select(list(key)).take(pa.array(asked)).to_pandas()
        again = keys.duplicated()
        if not again.any():
            return [asked]
        self.repeated += int(again.sum())
        turn = keys.groupby(list(key), sort=False).cumcount().to_numpy()
        return [asked[turn == number] for number in range(int(turn.max()) + 1)]

    def _scored(self, data: pa.Table) -> tuple[np.ndarray, Scoring]:
        """Return rows at the model's door, with the place of each among the lines."""
        assert self.wanted is not None
        recipe, engine = self.session.recipe, self.session.engine
        assert recipe.task is not None
        assert self.built.task is not None
        lines = self.own_table(engine.frame(self._with_empty_truth(data)))
        with self.session.step(("task",), recipe.task.use, "rows"):
            tables = Tables({**self.others, lines.name: lines})
            rows = self.session.rows(self.built.task.rows(tables, Origins(self.moment, unanswered=True)))
        visible = without_truth(rows, Tables({**self.others, lines.name: lines}))
        seen = visible
        if self.whole is not None:
            seen = Tables({**visible, lines.name: self.whole})
        made = build_features(self.session, self.built.features, rows, seen, visible[lines.name])
        places = data.select(list(lines.key)).append_column(PLACE, pa.array(np.arange(data.num_rows)))
        frame = joined(self.session, rows, visible, made).join(engine.frame(places), on=list(lines.key), how="inner")
        fetched = engine.fetch(frame, order_by=[PLACE])
        taken = fetched.pop(PLACE).to_numpy()
        if len(np.unique(taken)) != len(taken):
            raise InputError("the task or a feature makes several rows of one line", code="D023")
        return taken, self._at_the_door(fetched, data.column_names)

    def own_table(self, frame: nw.LazyFrame[Any]) -> Table:
        """Return lines of new data as the own table of the run."""
        assert self.wanted is not None
        step = self.session.recipe.ingest[self.wanted.table]
        return Table(
            name=step.name,
            frame=frame,
            key=tuple(step.key),
            time=step.time,
            roles=dict(step.roles),
            known_ahead=frozenset(step.known_ahead),
            units=dict(step.units),
            expected_strong=frozenset(step.expected_strong),
            unanswered=True,
        )

    def whole_table(self, frame: nw.LazyFrame[Any]) -> Table:
        """Return all lines of new data as the own table, how past ones turned out apart from it."""
        lines = self.own_table(frame)
        truth = self.opened.interface.truth
        if not self.opened.sees_outcomes:
            return lines
        recipe = self.session.recipe
        assert recipe.task is not None
        assert self.built.task is not None
        with self.session.step(("task",), recipe.task.use, "rows"):
            tables = Tables({**self.others, lines.name: lines})
            rows = self.session.rows(self.built.task.rows(tables, Origins(self.moment, unanswered=True)))
        seen = chosen(frame, [name for name in lines.columns if name not in truth])
        return replace(lines, frame=seen, outcomes=outcomes_of(replace(rows, truth=truth), lines))

    def _with_empty_truth(self, data: pa.Table) -> pa.Table:
        interface = self.opened.interface
        types = interface.tables.get(str(interface.own), {})
        for column in interface.truth:
            data = data.append_column(column, pa.nulls(data.num_rows, arrow_type(types.get(column, "text"))))
        return data

    def _at_the_door(self, data: pd.DataFrame, names: list[str]) -> Scoring:
        wanted = self.wanted
        lacking = [] if wanted is None else [name for name in wanted.columns if name not in names]
        return scoring_of(data, self.opened.interface, lacking)

    # -- rows that a task makes of tables -------------------------------------------------------------------------

    def rows(self) -> Iterator[Answered]:
        """Yield the answers for rows that are no lines of a table, such as customers at a moment."""
        recipe, engine = self.session.recipe, self.session.engine
        assert recipe.task is not None
        assert self.built.task is not None
        with self.session.step(("task",), recipe.task.use, "rows"):
            rows = self.session.rows(self.built.task.rows(self.others, Origins(self.moment, unanswered=True)))
        stored = nw.to_native(engine.store(engine.frame(rows.frame), "rows", order_by=[ROW]))
        done, total = 0, len(stored)
        while done < total:
            some: Rows = replace(rows, frame=nw.from_native(stored.limit(ROWS, done)).lazy())
            made = build_features(self.session, self.built.features, some, self.others)
            data = engine.fetch(joined(self.session, some, self.others, made), order_by=[ROW])
            scoring = self._at_the_door(data, [])
            answers = self.predict(scoring)
            lines = np.arange(done + 1, done + 1 + len(data))
            keys = pa.Table.from_pandas(data[list(rows.keys)], preserve_index=False).replace_schema_metadata(None)
            decisions = self.decider.decide(answers, scoring)
            part = Part(np.arange(len(data)), scoring, answers)
            yield Answered(lines, keys, answers, decisions, (part,) if self.decider.later else ())
            done += len(data)

    # -- both -----------------------------------------------------------------------------------------------------

    def predict(self, scoring: Scoring) -> dict[str, pd.DataFrame]:
        """Return every model's answers."""
        answers = {}
        for name, model in self.models.items():
            use = self.session.recipe.models[name].use
            with self.session.step(("models", name), use, "predict"):
                answers[name] = checked(model.predict(scoring), scoring, f"models.{name}: '{use}'")
        return answers
