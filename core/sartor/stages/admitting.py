"""Lets a table enter: guarded, held against its contract, counted and stored, in one scan of its source.

What was found in each line is stored beside it as bits, so that everything that is counted afterwards looks at a
narrow column of what is stored and never at the source again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sartor.contract.judging import Check
from sartor.contract.quarantine import QUARANTINE, write_quarantine
from sartor.contract.tallying import ROW, Finding, Tally, aside_places, infinite_in, scan_of, tally
from sartor.contract.telling import (
    mixed_zones,
    notes_of,
    problems_of,
    repeats_note,
    repeats_problem,
    where_are,
)
from sartor.contract.terms import Unique
from sartor.contract.uniqueness import Repeats, is_rising, repeating, repeats
from sartor.errors import InputError, Problem
from sartor.guard.admitted import OUT, Admission
from sartor.guard.entering import EXPIRED, REFUSED, SILENT, WITHHELD
from sartor.relations import identifier, literal, select
from sartor.wording import plural

if TYPE_CHECKING:
    import duckdb

    from sartor.errors import Position
    from sartor.stages.opening import Opened

TABLE = "table.parquet"
"""A guarded table, in its folder."""


def admit_table(opened: Opened, folder: Path) -> dict[str, Any]:
    """Let a table enter, and tell what became of its lines.

    Parameters
    ----------
    opened : Opened
    folder : Path
        Gets the table, and the lines that are set aside.

    Raises
    ------
    InputError
        With everything in its lines that stops a run.
    """
    entrance = _Entrance(opened, opened.admission, folder)
    entrance.write()
    entrance.judge()
    entrance.check_lines()
    entrance.put_in_order()
    return entrance.about()


@dataclass
class _Entrance:
    """The work on one table; `kept` is SQL of the lines that stay, `reasons` of those that are set aside."""

    opened: Opened
    admission: Admission
    folder: Path
    counts: Tally = field(default_factory=lambda: Tally(0))
    kept: str = "true"
    reasons: list[tuple[str, str]] = field(default_factory=list)
    repeated: int = 0
    infinite: list[str] = field(default_factory=list)
    rewritten: bool = False

    @property
    def connection(self) -> duckdb.DuckDBPyConnection:
        return self.opened.session.engine.connection

    @property
    def table(self) -> str:
        return self.opened.step.name

    @property
    def source(self) -> str:
        """SQL of what is stored, with the numbers of the lines."""
        return scan_of(self.folder / TABLE)

    @property
    def rows(self) -> int:
        """Lines that stay."""
        return self.counts.kept - self.repeated

    def places(self, rows: Sequence[int]) -> list[str]:
        return self.opened.places(rows, self.counts.lines)

    def note(self, text: str, *, caution: bool) -> None:
        self.opened.context.note(text, caution=caution)

    def write(self) -> None:
        """Work the projection out, in the order of the source; this is the only look at it."""
        file = self.folder / TABLE
        with self.opened.session.engine.explained():
            self.admission.relation.write_parquet(str(file), compression="zstd")
            self.counts = tally(self.connection, file, self.admission)
            for column, (infinite, _) in infinite_in(self.connection, self.source, self.admission.floating).items():
                self.infinite.append(column)
                check = Check(column, "infinite", "repaired", "", "infinite")
                findings = [Finding(check, -1, infinite)] if infinite else []
                self.counts = replace(self.counts, findings=(*self.counts.findings, *findings))

    def judge(self) -> None:
        """Stop at what must not be, tell what was repaired, and set aside what shall be."""
        contract, places = self.admission.terms.contract, aside_places(self.admission)
        rows = [example.row for finding in self.counts.findings for example in finding.examples]
        where = where_are(rows, self.places)
        problems = [
            problem.at(self._position(column))
            for column, problem in problems_of(self.table, self.counts, contract.columns, where)
        ]
        problems += self._mixed_zones()
        entered = f"{OUT} = 0" if self.admission.leaves_out else "true"
        self.kept = f"{entered} AND NOT {self.admission.found(places)}" if places else entered
        for place in places:
            check = self.admission.checks[place]
            condition = f"{entered} AND {self.admission.found([place])}"
            self.reasons.append((f"({condition})", f"{check.column} is {check.says}"))
        for unique in contract.unique:
            problems += self._unique(unique)
        if problems:
            raise InputError(problems)
        for said in notes_of(self.table, self.counts, where):
            self.note(said.text, caution=said.caution)

    def _position(self, column: str) -> Any:
        document, path = self.opened.session.recipe.document, self.opened.step.path
        return document.where_key((*path, "contract", "columns", column))

    def _named(self, what: str) -> Position:
        return self.opened.session.recipe.document.where((*self.opened.step.path, what))

    def _mixed_zones(self) -> list[Problem]:
        """Refuse moments some of which say their zone: what the others mean is left open."""
        problems = []
        for finding in self.counts.of("told"):
            column = finding.check.column
            said = select([f"count({identifier(column)})"], self.source)
            total = self.connection.execute(said).fetchall()[0][0]
            if finding.count < total:
                problem = mixed_zones(self.table, column, finding.count, total)
                problems.append(problem.at(self._position(column)))
        return problems

    def _unique(self, unique: Unique) -> list[Problem]:
        found = repeats(self.connection, self.source, self.kept, unique.columns)
        if not found.count:
            return []
        where = where_are([row for pair in found.examples for row in pair], self.places)
        if unique.otherwise == "stop":
            return [repeats_problem(self.table, found, where)]
        self._set_aside(found)
        said = repeats_note(self.table, found, where)
        self.note(said.text, caution=said.caution)
        return []

    def _set_aside(self, found: Repeats) -> None:
        name = f"repeated_{len(self.reasons)}"
        chosen = repeating(self.source, self.kept, found.columns, [f"t.{ROW} AS row"])
        self.connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {chosen}")
        condition = f"({ROW} IN ({select(['row'], name)}))"
        self.reasons.append((condition, f"{', '.join(found.columns)} stands before"))
        self.kept = f"{self.kept} AND NOT {condition}"
        self.repeated += found.count

    def check_lines(self) -> None:
        """Make sure that there are lines, and that the key tells them apart."""
        people = self.opened.people
        # New data may be of other persons than a table tells of.
        of_others = people is not None and people.known is not None and self.counts.lines > 0
        if self.rows == 0 and not self.counts.out.get(WITHHELD) and not of_others:
            raise self._nothing_left()
        key = self.opened.step.key
        if not key:
            return
        infinite = [column for column in key if column in self.infinite]
        if not infinite and is_rising(self.connection, self.source, self.kept, key):
            return
        self.rewritten = True
        self._check_key_is_there(key, infinite)
        named = ", ".join(key)
        different = select([f"DISTINCT {', '.join(map(identifier, key))}"], self.source, self.kept)
        distinct = self._number(f"({different})")
        if distinct != self.rows:
            found = repeats(self.connection, self.source, self.kept, key)
            where = where_are([row for pair in found.examples for row in pair], self.places)
            pairs = ", ".join(f"{where[row]} repeats {where[first]}" for row, first in found.examples)
            raise InputError(
                f"table {self.table}: the key {named} does not identify a row: {plural(self.rows, 'row')}, "
                f"{plural(distinct, 'different key')}; {pairs}{', ...' if found.count > len(found.examples) else ''}",
                code="D007",
                where=self._named("key"),
                hints=(("to mend", "name more columns, key: [a, b], or remove the repeated rows"),),
            )

    def _check_key_is_there(self, key: Sequence[str], infinite: Sequence[str]) -> None:
        """Refuse lines without a key; what is infinite is stored as missing."""
        missing = [f"{identifier(column)} IS NULL" for column in key]
        missing += [f"NOT isfinite({identifier(column)})" for column in infinite]
        lost = f"({self.kept}) AND ({' OR '.join(missing)})"
        count = self._number(self.source, lost)
        if not count:
            return
        first = select([ROW], self.source, f"{lost} ORDER BY {ROW} LIMIT 3")
        rows = [row for (row,) in self.connection.execute(first).fetchall()]
        where = where_are(rows, self.places)
        what = "missing or infinite" if infinite else "missing"
        raise InputError(
            f"table {self.table}: the key {', '.join(key)} is {what} in {count:,} of {plural(self.rows, 'row')}: "
            f"{', '.join(where[row] for row in rows)}{', ...' if count > len(rows) else ''}",
            code="D006",
            where=self._named("key"),
            hints=(("to mend", "name a key that every row has"),),
        )

    def _number(self, source: str, where: str = "") -> int:
        return int(self.connection.execute(select(["count(*)"], source, where)).fetchall()[0][0])

    def _nothing_left(self) -> InputError:
        if self.counts.lines == 0:
            mend = ("to mend", "check what it reads")
            return InputError(f"table {self.table} has no rows", code="D002", hints=(mend,))
        refused = self.counts.out.get(REFUSED, 0) + self.counts.out.get(SILENT, 0)
        aside = self.counts.set_aside + self.repeated
        old = self.counts.out.get(EXPIRED, 0)
        others = self.counts.lines - refused - aside - old
        why = [f"{refused:,} without consent"] if refused else []
        why += [f"{aside:,} set aside"] if aside else []
        why += [f"{old:,} older than they may be kept"] if old else []
        why += [f"{others:,} of after --as-of"] if others else []
        return InputError(
            f"no row of table {self.table} is left: of {plural(self.counts.lines, 'line')} {', '.join(why)}",
            code="D002",
        )

    def put_in_order(self) -> None:
        """Write the lines that are set aside, and the others sorted by their key, where they are not so already.

        What is stored must not depend on the order of the source; a table that is sorted is not written again, even
        if it holds lines that are set aside: nobody reads those.
        """
        if self.reasons:
            file = self.folder / QUARANTINE
            write_quarantine(self.connection, self.source, self.admission, self.reasons, self.places, file)
        if not (self.rewritten or self.repeated or self.infinite):
            return
        key = [identifier(column) for column in self.opened.step.key] or [ROW]
        columns = [*map(identifier, self.admission.columns), *self.admission.parts]
        lines = self.connection.sql(select([*columns, ROW], self.source, self.kept))
        finite = {name: f"CASE WHEN isfinite({identifier(name)}) THEN {identifier(name)} END" for name in self.infinite}
        ordered = lines.order(", ".join(f"{column} ASC NULLS LAST" for column in key))
        named = [f"{finite.get(name, identifier(name))} AS {identifier(name)}" for name in self.admission.columns]
        chosen = [*named, *self.admission.parts]
        part = self.folder / f"sorted-{TABLE}"
        with self.opened.session.engine.explained():
            ordered.project(", ".join(chosen)).write_parquet(str(part), compression="zstd")
        part.replace(self.folder / TABLE)
        self.kept = "true"

    def about(self) -> dict[str, Any]:
        """Tell what became of the table."""
        terms, fresh = self.admission.terms, self.admission.terms.contract.fresh
        return {
            "rows": self.rows,
            "repaired": self.counts.repaired,
            "set_aside": self.counts.set_aside + self.repeated,
            "refused": self.counts.out.get(REFUSED, 0) + self.counts.out.get(SILENT, 0),
            "expired": self.counts.out.get(EXPIRED, 0),
            "columns": self._read_as(),
            "visible": self.admission.visible,
            "audited": self.admission.audited,
            "parts": list(self.admission.parts),
            "leaves_out": self.admission.leaves_out and self.kept != "true",
            "aside": self._aside_masks() if self.kept != "true" else [],
            "rules": [
                [finding.check.column, finding.check.rule, finding.check.consequence, finding.count]
                for finding in self.counts.findings
                if finding.check.consequence != "told"
            ],
            "newest": self._newest(fresh.column) if fresh is not None and terms.contract.fresh is not None else None,
        }

    def _aside_masks(self) -> list[list[Any]]:
        masks: dict[str, int] = {}
        for place in aside_places(self.admission):
            word, bit = self.admission.words[place // 62], 1 << (place % 62)
            masks[word] = masks.get(word, 0) | bit
        return [[word, mask] for word, mask in masks.items()]

    def _read_as(self) -> dict[str, str]:
        """Names and types of the columns as they were read, before the guard; the contract's own where it says one."""
        import narwhals as nw

        from sartor.relations import type_word

        schema = nw.from_native(self.opened.relation).collect_schema()
        said = self.admission.terms.contract.columns
        return {
            name: (said[name].type if name in said else None) or type_word(schema[name]) for name in self.opened.names
        }

    def _newest(self, column: str) -> str | None:
        newest = select([f"CAST(CAST(max({identifier(column)}) AS TIMESTAMP) AS VARCHAR)"], self.source, self.kept)
        found: str | None = self.connection.execute(newest).fetchall()[0][0]
        return found


def kept_lines(connection: duckdb.DuckDBPyConnection, folder: Path, about: Mapping[str, Any]) -> Any:
    """Return the lines of a stored table that stay, as a relation."""
    conditions = [f"{OUT} = 0"] if about["leaves_out"] else []
    conditions += [f"{identifier(word)} & {int(mask)} = 0" for word, mask in about["aside"]]
    source = f"read_parquet({literal(str(folder / TABLE))})"
    return connection.sql(select(["*"], source, " AND ".join(conditions)))
