"""``information`` against the tables of a recipe, as far as they are known before a row is read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sartor.errors import Position, Problem, nearest
from sartor.recipe.columns import KnownColumns, split_columns
from sartor.recipe.consenting import person_of
from sartor.recipe.document import KeyPath
from sartor.recipe.model import IngestStep, Recipe
from sartor.recipe.sources import Source


def check_information(known: KnownColumns, truth: Iterable[str] = (), own: str | None = None) -> list[Problem]:
    """Return what is wrong with the sources of a recipe.

    Parameters
    ----------
    known : KnownColumns
    truth : iterable of str
        Columns that hold what is to be predicted.
    own : str or None
        The table whose lines are the rows, where that is known.
    """
    if known.recipe.information is None:
        return []
    return list(_Checker(known, frozenset(truth), own).problems())


@dataclass(frozen=True)
class _Checker:
    known: KnownColumns
    truth: frozenset[str]
    own: str | None

    @property
    def recipe(self) -> Recipe:
        return self.known.recipe

    def problems(self) -> Iterator[Problem]:
        information = self.recipe.information
        assert information is not None
        for source in (*information.public, *information.private.values()):
            yield from self._names(source)
        for source in information.private.values():
            yield from self._needed(source)
            yield from self._persons(source)
            yield from self._delayed(source)
        yield from self._overlaps()

    def _where(self, source: Source, *below: str | int) -> Position:
        return self.recipe.document.where((*source.path, *below))

    def _columns(self, source: Source) -> Iterator[tuple[str, Position]]:
        """Yield the columns of a source, each with its place."""
        for place, column in enumerate(source.columns):
            for below in (("columns", place), ("columns",), (place,), ()):
                path: KeyPath = (*source.path, *below)
                if self.recipe.document.node(path) is not None:
                    yield column, self.recipe.document.where(path)
                    break

    def _names(self, source: Source) -> Iterator[Problem]:
        """Tables and columns must be there, and be seen by some step."""
        if source.table is not None and source.table not in self.recipe.ingest:
            key = ("lines", "table") if source.where is not None else ("of",) if source.columns else ("table",)
            message = f"no table is called '{source.table}'"
            yield Problem("R040", message, self._where(source, *key), nearest(source.table, self.recipe.ingest))
            return
        tables = [source.table] if source.table is not None else list(self.recipe.ingest)
        for column, where in self._columns(source):
            problem = self.known.problem(column, tables, where) or self.known.kept_away(column, where)
            if problem is not None:
                yield problem
        if source.where is not None:
            column = source.where[0]
            where = self.recipe.document.where_key((*source.path, "lines", "where", column))
            problem = self.known.problem(column, tables, where)
            if problem is not None:
                yield problem

    def _needed(self, source: Source) -> Iterator[Problem]:
        """Rows, split and truth are the same with a source and without it."""
        name = source.name
        for column, where in self._columns(source):
            why = self._why_needed(source, column)
            if why:
                yield Problem("R094", f"source '{name}' names '{column}', {why}", where, (("to mend", "leave it out"),))
        if self.own is None or source.table != self.own or source.columns:
            return
        which = "is" if source.is_table else "is lines of"
        key = ("table",) if source.is_table else ("lines", "table")
        mend = ("to mend", f"name columns of it: {name}: [COLUMN, ...]")
        message = (
            f"source '{name}' {which} {self.own}, whose lines are what is to be answered: without it there are no rows"
        )
        yield Problem("R094", message, self._where(source, *key), (mend,))

    def _why_needed(self, source: Source, column: str) -> str:
        if column in self.truth:
            return "which is what is to be predicted: it is no source"
        if column in split_columns(self.recipe.split):
            return "which the split goes by"
        consent = self.recipe.privacy.consent
        if consent is not None and column == consent.column:
            return "which says who agreed"
        for step in self._tables(source):
            if column in step.key:
                return f"which is the key of table {step.name}: lines are told apart by it"
            if column == step.time:
                return f"which is the time of table {step.name}: it says what is past"
        return ""

    def _tables(self, source: Source) -> list[IngestStep]:
        return [step for step in self.recipe.ingest.values() if source.table in (None, step.name)]

    def _persons(self, source: Source) -> Iterator[Problem]:
        """A source is something that is bought or kept, and never a person."""
        if source.where is None or source.table is None or source.table not in self.recipe.ingest:
            return
        column, step = source.where[0], self.recipe.ingest[source.table]
        consent, treated = self.recipe.privacy.consent, self.recipe.privacy.columns
        if column in treated:
            why = f"and privacy has a word on '{column}'"
        elif column in step.key or column == person_of(consent, step) or step.roles.get("user") == column:
            why = f"and '{column}' tells persons or lines apart"
        else:
            return
        where = self.recipe.document.where_key((*source.path, "lines", "where", column))
        mend = ("to mend", "pick lines by where they come from: a channel, a provider, a kind")
        message = f"source '{source.name}' is lines by '{column}', {why}: what a person is worth is not asked"
        yield Problem("P030", message, where, (mend,))

    def _delayed(self, source: Source) -> Iterator[Problem]:
        if not source.delays:
            return
        where = self._where(source, "delay")
        if source.columns:
            mend = ("to mend", "leave delay out, or keep what becomes known by and by in a table with a time")
            message = f"columns have no time of their own, so '{source.name}' cannot be known later"
            yield Problem("R095", message, where, (mend,))
        elif source.table is not None and getattr(self.recipe.ingest.get(source.table), "time", "known") is None:
            mend = ("to mend", "say at ingest when a line became known: time: COLUMN")
            message = f"table {source.table} has no time, so '{source.name}' cannot be known later"
            yield Problem("R095", message, where, (mend,))

    def _overlaps(self) -> Iterator[Problem]:
        """What is in two sources would be withheld with either, and counted twice."""
        information = self.recipe.information
        assert information is not None
        seen = list(information.public)
        for source in information.private.values():
            for other in seen:
                said = self._shared(source, other)
                if said:
                    public = other in information.public
                    one = "anyone could know" if public else f"is in '{other.name}' too"
                    what = "is private and public at once" if public else "would be counted twice"
                    mend = ("to mend", f"keep {said} in one of them")
                    message = f"source '{source.name}' holds {said}, which {one}: it {what}"
                    where = self.recipe.document.where_key(source.path)
                    yield Problem("R092", message, where, (mend,))
                    break
            seen.append(source)

    def _shared(self, one: Source, other: Source) -> str:
        """Return what two sources have in common, in words; empty where that is nothing."""
        if one.columns and other.columns:
            both = [column for column in one.columns if column in other.columns]
            apart = None not in (one.table, other.table) and one.table != other.table
            return "" if apart or not both else ", ".join(f"'{column}'" for column in both)
        if one.columns or other.columns:
            columns, whole = (one, other) if one.columns else (other, one)
            return self._inside(columns, whole)
        if one.table != other.table:
            return ""
        if one.where is None or other.where is None:
            return f"table {one.table}" if one.where is other.where else f"lines of {one.table}"
        if one.where[0] != other.where[0]:
            return ""
        both_values = [value for value in one.where[1] if value in other.where[1]]
        column = one.where[0]
        return f"lines of {one.table} with {column} {' or '.join(map(str, both_values))}" if both_values else ""

    def _inside(self, columns: Source, whole: Source) -> str:
        """Return the columns that lie in a table that is a source as a whole."""
        if not whole.is_table:
            return ""
        there = self.known.tables.get(whole.table or "")
        found = columns.columns if columns.table == whole.table else ()
        if columns.table is None and there is not None:
            found = tuple(column for column in columns.columns if column in there)
        said = [f"'{column}'" for column in found]
        return f"{', '.join(said)} of table {whole.table}" if said else ""
