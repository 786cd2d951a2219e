"""New rows through the guard and the contract of the run: the projection by which its own lines entered.

What privacy hides never comes in, what it changes comes in changed; a value that the contract repairs is repaired.
A line whose person did not agree, or that the contract sets aside, has no answer; one that would have stopped the run
is refused. How fresh the rows are is told when the last one is answered. That lines repeat others is not asked: each
row stands for itself, and one that comes again is answered again.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

import narwhals as nw
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sartor.blame import hushed
from sartor.contract.freshness import check_fresh, looks_from
from sartor.contract.judging import Check
from sartor.contract.telling import mixed_zones
from sartor.errors import InputError, PrivacyStop, Problem
from sartor.guard.admission import admit
from sartor.guard.admitted import BITS, OUT, Admission, bit_of
from sartor.guard.entering import REFUSED, SILENT
from sartor.guard.stops import key_for
from sartor.guard.treatments import Asked, Hidden, ShiftDates
from sartor.predicting.pieces import Piece, Refused, Source
from sartor.recipe.consenting import consent_missing, person_of
from sartor.recipe.guarded import by_missing
from sartor.stages.opening import terms_of
from sartor.wording import form, plural

if TYPE_CHECKING:
    from sartor.engine import Engine
    from sartor.recipe.model import Recipe
    from sartor.stages.agreeing import People

MOST = 1000
"""Lines of a piece whose refusal is told one by one."""


def hidden(recipe: Recipe, table: str) -> frozenset[str]:
    """Return the columns that no step sees and nothing else follows from: they are not even read."""
    privacy = recipe.privacy
    gone = {column for column, what in privacy.columns.items() if isinstance(what, Hidden)}
    needed = {what.by for what in privacy.columns.values() if isinstance(what, ShiftDates)}
    consent = privacy.consent
    if consent is not None and consent.may_ask(table):
        needed |= {consent.column, person_of(consent, recipe.ingest[table]) or consent.column}
    return frozenset(gone - needed)


def asked_in_run(recipe: Recipe, table: str, columns: Collection[str]) -> Asked:
    """Return how lines of a table were asked for consent when the run read it.

    Parameters
    ----------
    recipe : Recipe
    table : str
    columns : collection of str
        The table's, as the run read it.
    """
    consent = recipe.privacy.consent
    return "not" if consent is None else consent.way(table, columns, person_of(consent, recipe.ingest[table]))


def key_at_hand(recipe: Recipe, engine: Engine, noted: str | None = None) -> AbstractContextManager[object]:
    """Let an engine calculate pseudonyms, where the recipe has any; `noted` is the check of the key that is due.

    Raises
    ------
    PrivacyStop
        If the secret is not set, or another than the recipe was written for or the run was made with.
    """
    key = key_for(recipe.privacy, os.environ, noted)
    return nullcontext() if key is None else key.at_hand(engine.connection)


def pieces_of(source: Source, recipe: Recipe) -> Iterator[Piece]:
    """Yield the rows of new data; what goes wrong with them is told without what they hold, where privacy hides any."""
    hides = recipe.privacy.hides
    with hushed(hides):
        pieces = source.pieces()
    while True:
        with hushed(hides):
            piece = next(pieces, None)
        if piece is None:
            return
        yield piece


@dataclass(frozen=True)
class Guarded:
    """Rows as steps may see them.

    Parameters
    ----------
    data : pyarrow.Table
        A line for each row that was given.
    unanswered : ndarray of bool
        Rows that are not answered: their person did not agree, or the contract sets them aside.
    refused : tuple of Refused
        Rows that would have stopped a run.
    """

    data: pa.Table
    unanswered: np.ndarray
    refused: tuple[Refused, ...] = ()


@dataclass
class Guard:
    """Lets rows of one table in.

    Parameters
    ----------
    recipe : Recipe
    table : str
    engine : Engine
    unit : str
        What a row is called in messages.
    asked : {"line", "person", "nowhere", "not"}
        How rows are asked for consent, as they were in the run.
    people : People or None
        Who agreed, where rows go by their person.
    as_of : datetime or None
        From where the contract looks back for how fresh rows are; now where it is None.
    """

    recipe: Recipe
    table: str
    engine: Engine
    unit: str = "row"
    asked: Asked = "not"
    people: People | None = None
    as_of: datetime | None = None
    newest: datetime | None = field(default=None, init=False)
    without_consent: int = field(default=0, init=False)
    found: Counter[Check] = field(default_factory=Counter, init=False)

    def __post_init__(self) -> None:
        step = self.recipe.ingest[self.table]
        # The split is over: no row is in a part of it.
        self._terms = replace(terms_of(self.recipe, step), split=None)
        if self.asked == "person" and self.people is not None:
            self._terms = replace(self._terms, agreed=self.people.table)

    def admitted(self, data: pa.Table, lines: np.ndarray) -> Guarded:
        """Return rows as they enter.

        Parameters
        ----------
        data : pyarrow.Table
        lines : ndarray of int
            What each row is called.

        Raises
        ------
        PrivacyStop
            If a treatment finds no column, or does not suit it.
        InputError
            If the contract cannot be held against a column.
        """
        self._check_columns(tuple(data.column_names))
        with hushed(self.recipe.privacy.hides), self.engine.explained():
            admission = admit(nw.to_native(self.engine.frame(data)), self._terms)
            entered = admission.relation.to_arrow_table()
        # Columns of which a contract speaks are finite already; of the others nothing has been asked.
        for column in admission.visible:
            if pa.types.is_floating(entered[column].type):
                entered = self._finite(entered, column)
        unanswered = self._without_consent(entered, admission)
        words = [entered[word].to_numpy() for word in admission.words]
        refused: list[Refused] = []
        if any(word.any() for word in words):
            refused = self._judged(entered, admission, words, lines, unanswered)
        self._look_at_dates(entered, unanswered)
        return Guarded(entered.select(admission.visible), unanswered, tuple(refused))

    def _check_columns(self, names: tuple[str, ...]) -> None:
        """Stop before a row enters where nothing tells who agreed, or whose dates move."""
        privacy, problems = self.recipe.privacy, []
        if self.asked != asked_in_run(self.recipe, self.table, names):
            problems.append(consent_missing(self.recipe, self.table, names))
        for column, what in privacy.columns.items():
            if isinstance(what, ShiftDates) and column in names and what.by not in names:
                problems.append(by_missing(self.table, column, what.by, names))
        if problems:
            raise PrivacyStop(problems)

    def _look_at_dates(self, entered: pa.Table, unanswered: np.ndarray) -> None:
        """Keep the newest date of rows that are answered: what is set aside makes nothing fresh."""
        fresh = self._terms.contract.fresh
        if fresh is None or fresh.column not in entered.column_names:
            return
        values = entered[fresh.column].filter(pa.array(~unanswered))
        newest = pc.max(values.cast(pa.timestamp("us"))).as_py() if pa.types.is_temporal(values.type) else None
        if newest is not None and (self.newest is None or newest > self.newest):
            self.newest = newest

    def _stale(self) -> str | None:
        """Return what is to be said of how old rows are; nothing stops, as those before have been answered."""
        contract = self._terms.contract
        if contract.fresh is None:
            return None
        try:
            return check_fresh(self.table, contract.fresh, self.newest, looks_from(contract, self.as_of))
        except InputError as error:
            return error.problems[0].message

    def _finite(self, entered: pa.Table, column: str) -> pa.Table:
        """Read infinite values of a column as missing, and count them; nothing else is asked of it."""
        values = entered[column]
        wild = pc.invert(pc.fill_null(pc.is_finite(values), fill_value=True))
        count = pc.sum(wild).as_py() or 0
        if not count:
            return entered
        self.found[Check(column, "infinite", "repaired", "", "infinite")] += count
        finite = pc.if_else(wild, pa.scalar(None, values.type), values)
        return entered.set_column(entered.column_names.index(column), column, finite)

    def _without_consent(self, entered: pa.Table, admission: Admission) -> np.ndarray:
        if not admission.leaves_out:
            return np.zeros(entered.num_rows, dtype=bool)
        out: np.ndarray = (entered[OUT].to_numpy() & (REFUSED | SILENT)) != 0
        self.without_consent += int(out.sum())
        return out

    def _judged(
        self,
        entered: pa.Table,
        admission: Admission,
        words: Sequence[np.ndarray],
        lines: np.ndarray,
        unanswered: np.ndarray,
    ) -> list[Refused]:
        """Count what the contract found; mark rows that it sets aside, and return those that would stop a run."""
        refused: dict[int, Refused] = {}
        for place, check in enumerate(admission.checks):
            found = (words[place // BITS] & bit_of(place)) != 0
            count = int(found.sum())
            if not count:
                continue
            if check.consequence == "told":
                self._check_zones(entered, check, count)
            elif check.consequence == "stop":
                for row in np.flatnonzero(found)[:MOST].tolist():
                    line = int(lines[row])
                    refused.setdefault(line, Refused(line, self._problem(line, check)))
            else:
                self.found[replace(check, found="")] += count
                if check.consequence == "set_aside":
                    unanswered |= found
        return sorted(refused.values(), key=lambda one: one.line)

    def _problem(self, line: int, check: Check) -> Problem:
        said = f"{self.unit} {line}: {check.column} is {check.says}"
        mend = "repair the source, or say in the contract of the recipe what becomes of such lines, and run it again"
        return Problem("D170", said, hints=(("to mend", mend),))

    def _check_zones(self, entered: pa.Table, check: Check, count: int) -> None:
        if check.column not in entered.column_names:
            return
        total = entered.num_rows - entered[check.column].null_count
        if count < total:
            raise InputError(mixed_zones(self.table, check.column, count, total))

    def notes(self) -> list[tuple[str, bool]]:
        """Return what is worth saying of the rows that have entered, each with whether it is a caution."""
        stale = self._stale()
        told = [(stale, True)] if stale is not None else []
        if self.without_consent:
            told.append((f"{_rows(self.without_consent)} not answered: whom they are about did not agree", True))
        for check, count in self.found.items():
            values = f"{plural(count, 'value')} of {check.column} {form(count, 'was', 'were')}"
            if check.consequence == "set_aside":
                told.append((f"{_rows(count)} not answered: {check.column} is {check.says}", True))
            elif check.rule == "tidy":
                told.append((f"{values} tidied", False))
            else:
                told.append((f"{values} read as missing: {check.says}", check.rule not in ("blank", "code")))
        return told


def _rows(count: int) -> str:
    return plural(count, "row is", "rows are")
