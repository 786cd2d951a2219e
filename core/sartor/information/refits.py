"""The recipe run again without some sources: withheld at the guard, through the stages there are, each refit kept."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import narwhals as nw
import numpy as np
import pandas as pd

from sartor.arrow_tables import read_frame, write_frame
from sartor.components import NUMBER
from sartor.errors import InputError
from sartor.events import Event
from sartor.guard.entering import Delay, Withhold
from sartor.information.same_rows import check_same, equal, half_of, named_by, tells_nothing, unmade
from sartor.information.scoring import Measure, Spread, line_of, means_of, measure_of, spreads_of
from sartor.information.withholding import withheld
from sartor.preparing import fit_prepared
from sartor.rows import Tables
from sartor.runs.cache import key_of
from sartor.runs.json_text import to_json
from sartor.stages.deciding import worth_of
from sartor.stages.fitting import FittedModel, checked, contexts_of, fit_first_trivial, fit_one, nested
from sartor.stages.ingesting import ingest
from sartor.stages.kept_frame import keep_frame

if TYPE_CHECKING:
    from sartor.components import Action
    from sartor.information.shares import Present
    from sartor.performing import Score
    from sartor.recipe.sources import Source
    from sartor.session import Session
    from sartor.stages.building import Built
    from sartor.stages.framing import Frame
    from sartor.stages.ingesting import Ingested

Floats = np.ndarray


class Spent(Exception):
    """The budget is used up."""


@dataclass(frozen=True)
class Tried:
    """How good answers were, and what decisions were worth, on the rows that judge and on redraws of them.

    Parameters
    ----------
    score : ndarray of shape (1 + n_redraws,)
        A row, on average; more is better.
    money : ndarray of shape (1 + n_redraws,) or None
        A decision, on average.
    """

    score: Floats
    money: Floats | None


@dataclass
class Refits:
    """Runs a recipe again without sources.

    Parameters
    ----------
    session : Session
    built : Built
    score : Score
        What the run with all sources has made.
    """

    session: Session
    built: Built
    score: Score
    done: int = 0
    planned: int = 0
    _tried: dict[Any, Tried] = field(default_factory=dict)
    _begun: float = field(default_factory=time.perf_counter)

    def __post_init__(self) -> None:
        task, frame = self.built.task, self.score.frame
        assert task is not None
        assert frame is not None
        assert self.score.verdicts is not None
        assert self.score.champion is not None
        self.task, self.frame, self.champion = task, frame, self.score.champion
        self.redraws = self.score.verdicts.redraws
        self.action = next(
            (name for name, one in self.score.decided.items()
             if one.champion == self.champion and one.money[self.champion] is not None), None,
        )  # fmt: skip
        first = frame.judged(0, self.score.fitted[self.champion].predictions[0])
        with self._asking_task(self.session):
            self.measure: Measure = measure_of(task, first, self.score.verdicts.metrics)
        self.spreads: list[Spread] = []
        self.trivial = next(name for name, model in self.score.fitted.items() if model.trivial)

    def _asking_task(self, session: Session) -> AbstractContextManager[None]:
        assert session.recipe.task is not None
        return session.step(("task",), session.recipe.task.use, "log_score")

    @property
    def sources(self) -> Mapping[str, Source]:
        """The private ones."""
        assert self.session.recipe.information is not None
        return self.session.recipe.information.private

    @property
    def tables(self) -> Tables:
        """As the run with all sources has them."""
        return self._ingested.tables

    def lines_of(self, source: Source) -> int:
        """Return how many lines a source has: of its table, or of the table that holds its columns."""
        names = [source.table] if source.table is not None else list(self.tables)
        tables = [self.tables[name] for name in names]
        held = [one for one in tables if not source.columns or set(source.columns) & set(one.columns)]
        if source.where is None:
            return sum(int(table.frame.select(nw.len()).collect().item()) for table in held)
        column, values = source.where
        listed = {str(value) for value in values}
        texts = self.session.engine.fetch(self.tables[str(source.table)].frame.select(column))[column].astype(str)
        return int(texts.isin(listed).sum())

    # -----------------------------------------------------------------------------------------------------------
    # What is tried
    # -----------------------------------------------------------------------------------------------------------

    def of(self, present: Present) -> Tried:
        """Return what came of a run with some private sources, and everything public."""
        absent = [name for name in self.sources if name not in present]
        return self._once(("of", present), absent, lambda: self._without(self.withheld(absent), absent))

    def delayed(self, name: str, seconds: int) -> Tried:
        """Return what came of a run in which a source is known later."""
        if not seconds:
            return self.of(frozenset(self.sources))
        source = self.sources[name]
        assert source.table is not None
        withhold = Withhold(delays={source.table: Delay(seconds, source.where)})
        return self._once(("delayed", name, seconds), [name], lambda: self._without(withhold, [name]))

    def half(self, present: Present, number: int) -> Tried:
        """Return what came of a run in which the champion learned from a random half of its rows."""
        absent = [name for name in self.sources if name not in present]
        return self._once(
            ("half", present, number), absent, lambda: self._without(self.withheld(absent), absent, half=number)
        )

    def nobody(self) -> Tried:
        """Return what came of the first trivial answer."""
        return self._measured(self.score.fitted[self.trivial], self.frame, self.score.stored, learn=False)

    def _once(self, key: Any, absent: Sequence[str], make: Callable[[], Tried]) -> Tried:
        if key not in self._tried:
            whole = key[0] == "of" and not absent
            if not whole:
                self._spend(absent, key[0])
            self._tried[key] = self._measured(self._champion, self.frame, self.score.stored) if whole else make()
        return self._tried[key]

    def _spend(self, absent: Sequence[str], how: str) -> None:
        information = self.session.recipe.information
        assert information is not None
        late = information.minutes is not None and time.perf_counter() - self._begun > 60 * information.minutes
        if self.done >= information.refits or late:
            raise Spent
        self.done += 1
        what = f"{', '.join(absent)} later" if how == "delayed" else f"without {', '.join(absent)}" if absent else "all"
        context = self.session.context(("inform", f"{what}, half the rows" if how == "half" else what))
        context.progress(self.done, max(self.planned, self.done), "refits")

    @property
    def _champion(self) -> FittedModel:
        return self.score.fitted[self.champion]

    # -----------------------------------------------------------------------------------------------------------
    # How it is done
    # -----------------------------------------------------------------------------------------------------------

    def withheld(self, absent: Sequence[str]) -> Withhold:
        """Return what the guard withholds where some sources are absent."""
        return withheld({name: self.sources[name] for name in absent}, self._ingested.tables)

    @property
    def _ingested(self) -> Ingested:
        assert self.score.ingested is not None
        return self.score.ingested

    def _quiet(self, number: int) -> Session:
        """Return a session that tells nobody, with a folder of its own."""
        scratch = self.session.scratch / f"inform-{number}"
        scratch.mkdir(exist_ok=True)
        session = replace(
            self.session, scratch=scratch, listen=_unheard, stages=[], notes=[], whole=self.frame.X, fit_model=None
        )
        session.fit_model = nested(session.plugins, session)
        return session

    def _without(self, withhold: Withhold, absent: Sequence[str], half: int | None = None) -> Tried:
        session = self._quiet(self.done)
        with session.engine.passing():
            try:
                frame, digest, tables = self._frame(session, withhold)
            except InputError as error:
                raise unmade(absent, error) from error
            check_same(self.frame, frame, absent)
            if not (equal(frame.y, self.frame.y) and equal(frame.weight, self.frame.weight)):
                # What came is what came: of the searches withheld from features, those that followed still happened.
                frame = replace(frame, y=self.frame.y, weight=self.frame.weight)
                digest = key_of(digest, self.score.frame_digest)
            if half is not None:
                return self._on_half(session, frame, digest, half)
            if tells_nothing(frame):
                return self._measured(fit_first_trivial(session, self.task, frame), frame, tables, session)
            model = fit_one(session, self.champion, self.built.models[self.champion], frame, digest)
            return self._measured(model, frame, tables, session, digest=digest)

    def _frame(self, session: Session, withhold: Withhold) -> tuple[Frame, str, Tables]:
        """Read what is withheld anew, take the rest as the run read it, and build the features."""
        if not withhold:
            assert self.score.stored is not None
            return self.frame, self.score.frame_digest, self.score.stored
        # Where consent goes by persons, every table is asked for them; those that are the same are found again.
        everything = self._ingested.people is not None
        touched = [name for name in self.built.ingest if everything or withhold.of(name)]
        some = ingest(session, {name: self.built.ingest[name] for name in touched}, withhold)
        tables = Tables({**self._ingested.tables, **some.tables})
        ingested = replace(
            self._ingested,
            tables=tables,
            keys={**self._ingested.keys, **some.keys},
            parts={**self._ingested.parts, **some.parts},
        )
        assert self.built.task is not None
        frame, digest = keep_frame(session, self.built.task, self.built.features, ingested)
        return frame, digest, tables

    def _measured(
        self,
        model: FittedModel,
        frame: Frame,
        tables: Tables | None,
        session: Session | None = None,
        *,
        digest: str | None = None,
        learn: bool = True,
    ) -> Tried:
        session = session or self._quiet(0)
        spreads: Sequence[Spread] = ()
        if self.task.answers == NUMBER and self.measure.in_bits:
            spreads = self._spreads(session, model, frame, digest or self.score.frame_digest)
            if not self.spreads and learn:
                self.spreads = list(spreads)
        with self._asking_task(session):
            score = line_of(self.measure, self.task, frame, model.predictions, self.redraws, spreads)
        return Tried(score, self._money(session, model, frame, tables))

    def _money(self, session: Session, model: FittedModel, frame: Frame, tables: Tables | None) -> Floats | None:
        if self.action is None:
            return None
        decided, whole = self.score.decided[self.action], frame is self.frame
        worth = decided.money.get(model.name) if whole and model.rounds else None
        if worth is None:
            action: Action = self.built.actions[self.action]
            kept = named_by(action, session.recipe, self.action)
            worth = worth_of(session, self.action, action, model, frame, self.frame, tables, kept)
        return None if worth is None else means_of(worth, self.redraws)

    def _spreads(self, session: Session, model: FittedModel, frame: Frame, digest: str) -> list[Spread]:
        """Return how far answers are from the truth, from an inner split of each round; kept like a fit."""
        name = model.name
        prepared = None if model.trivial else self.built.models[name]
        contexts = contexts_of(session, ("task",) if model.trivial else ("models", name), len(frame.parts.rounds))

        def fit(learn: Any, held: Any, number: int) -> pd.DataFrame:
            scoring, context = held.without_truth(), contexts[number]
            steps = () if prepared is None else prepared.steps
            component = self.task.trivial()[name] if prepared is None else prepared.model
            with session.step(("models", name) if prepared else ("task",), model.use, "fit"):
                learned = fit_prepared(component, steps, learn, context)
                return checked(learned.predict(scoring), scoring, f"models.{name}")

        if session.keeper is None or prepared is None:
            return spreads_of(session, self.task, frame, fit)

        def write(folder: Path) -> dict[str, Any]:
            found = spreads_of(session, self.task, frame, fit)
            (folder / "spreads.json").write_text(to_json([vars(one) for one in found]), encoding="utf-8")
            return {"spreads": [vars(one) for one in found]}

        kept = session.keeper.keep(session, "fit", self._key(session, "spreads", digest), write)
        return [Spread(**one) for one in kept.about["spreads"]]

    def _key(self, session: Session, what: str, digest: str, *more: Any) -> str:
        assert session.keeper is not None
        step = session.recipe.models[self.champion]
        steps = [session.keeper.step_of(session.recipe, inner) for inner in (*step.prepare, step)]
        return session.keeper.key(what, digest, self.champion, steps, session.seed, str(session.recipe.split), *more)

    def _on_half(self, session: Session, frame: Frame, digest: str, number: int) -> Tried:
        """Fit the champion on a random half of the rows that teach, those that depend on each other together."""
        half = half_of(frame, session.context(("inform", f"half {number}")).seed)
        prepared, rounds = self.built.models[self.champion], frame.parts.rounds
        trivial = tells_nothing(frame)
        component, steps = (
            (next(iter(self.task.trivial().values())), ()) if trivial else (prepared.model, prepared.steps)
        )

        def write(folder: Path) -> dict[str, Any]:
            for place, context in enumerate(contexts_of(session, ("models", self.champion), len(rounds))):
                scoring = frame.round(place)[1].without_truth()
                with session.step(("models", self.champion), prepared.use, "fit"):
                    model = fit_prepared(component, steps, frame.training(rounds[place].train & half), context)
                    predicted = checked(model.predict(scoring), scoring, f"models.{self.champion}")
                write_frame(predicted, folder / f"predictions-{place}.table")
            return {}

        folder = session.scratch / f"half-{number}"
        if session.keeper is None:
            folder.mkdir()
            write(folder)
        else:
            folder = session.keeper.keep(session, "fit", self._key(session, "half", digest, number), write).folder
        predictions = tuple(read_frame(folder / f"predictions-{place}.table") for place in range(len(rounds)))
        result = FittedModel(self.champion, prepared.use, trivial, (), predictions, self._champion.final)
        with self._asking_task(session):
            score = line_of(self.measure, self.task, frame, predictions, self.redraws, self.spreads)
        return Tried(score[:1], _first(self._money(session, result, frame, self.score.stored)))


def _first(line: Floats | None) -> Floats | None:
    return None if line is None else line[:1]


def _unheard(event: Event) -> None:
    """Listen to nothing: what a run without a source has to say is not said of the run."""
