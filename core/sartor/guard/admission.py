"""What enters of a table, and in which form: one projection over what a reader returns, before a byte is stored.

Each value is read as its type, judged, and changed as privacy asks; what was found in a line is kept beside it as
bits, so that counting needs no second look at the source. A rule judges the value as it was read: a contract may say
which phone numbers there are, and privacy hide them. What leaves is only the changed one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from sartor.contract.judging import Check, Names, checks_of, code_sql, good_sql
from sartor.contract.kinds import is_floating, kinds
from sartor.contract.plain import LINE
from sartor.contract.reading import Reading, reading_of, with_number, with_plain
from sartor.errors import InputError, PrivacyStop
from sartor.guard.admitted import AS_READ, BITS, FOUND, NO_TEXT, NUMBER, OUT, Admission, bit_of
from sartor.guard.changing import changed, unsuited
from sartor.guard.entering import Value, delayed, out_sql
from sartor.guard.parts import raw_parts
from sartor.guard.terms import Terms
from sartor.guard.treatments import Changing, Drop, ShiftDates
from sartor.relations import identifier

if TYPE_CHECKING:
    import duckdb

    _Read: TypeAlias = tuple[duckdb.DuckDBPyRelation, dict[str, Value]]


def admit(relation: duckdb.DuckDBPyRelation, terms: Terms, plain: Mapping[str, str] | None = None) -> Admission:
    """Put the projection together; no row is read.

    Parameters
    ----------
    relation : DuckDBPyRelation
        What the reader returned.
    terms : Terms
    plain : mapping of column to column, optional
        Where the relation has the plain values of a column; see `sartor.contract.plain`.

    Raises
    ------
    InputError
        If a rule of the contract cannot be judged on what a column holds.
    PrivacyStop
        If a treatment does not suit a column.
    """
    return _Projection(relation, terms, plain=plain).admission()


def read_as(relation: duckdb.DuckDBPyRelation, terms: Terms, columns: Sequence[str]) -> _Read:
    """Return a relation in which some columns have been read as their types, and SQL of their values in it."""
    projection = _Projection(relation, replace(terms, treatments={}), columns)
    return projection.values_read()


def judged(
    relation: duckdb.DuckDBPyRelation, terms: Terms, columns: Sequence[str]
) -> tuple[duckdb.DuckDBPyRelation, dict[str, Names], list[Check]]:
    """Return a relation in which some columns have been read, their names in it, and what is looked for in them."""
    projection = _Projection(relation, terms, columns)
    return projection.names_judged()


class _Projection:
    """The stages of the projection, each a SELECT over the one before."""

    def __init__(
        self,
        relation: duckdb.DuckDBPyRelation,
        terms: Terms,
        columns: Sequence[str] | None = None,
        plain: Mapping[str, str] | None = None,
    ) -> None:
        self.terms = terms
        self.plain = plain or {}
        self.dtypes = kinds(relation)
        wanted = self.dtypes if columns is None else columns
        put = {LINE, *self.plain.values()} - set(self.plain) if self.plain else set()
        self.names = [name for name in self.dtypes if name in wanted and name not in put and terms.looks_at(name)]
        self.relation = relation
        self.readings: dict[str, Reading] = {}
        self.values: dict[str, Names] = {}
        self.checks: list[Check] = []
        self.good: dict[str, str] = {}

    def names_judged(self) -> tuple[duckdb.DuckDBPyRelation, dict[str, Names], list[Check]]:
        self._read()
        self._check()
        return self.relation, self.values, self.checks

    def values_read(self) -> _Read:
        self._read()
        values = self._as_values()
        return self.relation, values

    def admission(self) -> Admission:
        if self.terms.agreed is not None:
            # Who agreed is looked up by a join, which does not keep the order of lines.
            self._add([f"row_number() OVER () AS {NUMBER}"])
        self._read()
        self._check()
        values = self._as_values()
        out = out_sql(
            self.terms.table, values, time=self.terms.time, as_of=self.terms.as_of, consent=self.terms.consent,
            person=self.terms.person, agreed=self.terms.agreed, withhold=self.terms.withhold,
            oldest=self.terms.oldest,
        )  # fmt: skip
        self._add([f"{out} AS {OUT}"] if out else [])
        words = self._words(leaves_out=out is not None)
        treatments = {name: one for name, one in self.terms.treatments.items() if name in values}
        parts = raw_parts(self.terms.split, self.terms.key, values, treatments)
        columns = [name for name in self.names if not isinstance(treatments.get(name), Drop)]
        as_read = self._kept_texts(columns)
        floating = [name for name in columns if self._alone(name) and is_floating(self.dtypes[name])]
        admission = Admission(
            self.relation, self.terms, tuple(columns), tuple(self.checks), tuple(as_read), tuple(parts),
            out is not None, tuple(floating),
        )  # fmt: skip
        if as_read or any(check.consequence == "missing" for check in self.checks):
            # What follows depends on what was found.
            self._add(words)
            words = admission.words
        places = self._places_by_column()
        final = [f"{self._final(name, values, admission, places)} AS {identifier(name)}" for name in columns]
        final += [*words, *self._beside(admission, parts)]
        return replace(admission, relation=self._ordered(final))

    def _ordered(self, final: Sequence[str]) -> duckdb.DuckDBPyRelation:
        """Return the final columns in the order of the source."""
        if self.terms.agreed is None:
            return self.relation.project(", ".join(final))
        numbered = self.relation.project(", ".join([*final, NUMBER]))
        return numbered.order(NUMBER).project(f"* EXCLUDE ({NUMBER})")

    def _add(self, columns: Sequence[str]) -> None:
        if columns:
            self.relation = self.relation.project(", ".join(["*", *columns]))

    def _read(self) -> None:
        """Read every column as its type, codes for missing taken out.

        A column of which nothing is said stays what it is, and costs no stage of its own: tables may have thousands.
        """
        numbers, values, kept = [], [], []
        for place, name in enumerate(self.names):
            raw = identifier(name)
            reading = reading_of(raw, self.dtypes[name], self.terms.of(name), alone=self._alone(name))
            if reading is None:
                raise self._unreadable(name)
            if name in self.plain:
                reading = with_plain(reading, identifier(self.plain[name]))
            if reading.number is not None:
                numbers.append(f"{reading.number} AS __d{place}")
                reading = with_number(reading, f"__d{place}")
            inline = reading.value == raw
            value = reading.value if inline else f"__v{place}"
            values += [] if inline else [f"{reading.value} AS {value}"]
            found = Names(raw, value, value)
            code = code_sql(self.terms.of(name), reading, found)
            if code is not None:
                found = replace(found, kept=f"__w{place}")
                kept.append(f"CASE WHEN {code} THEN NULL ELSE {value} END AS __w{place}")
            self.readings[name], self.values[name] = reading, found
        for stage in (numbers, values, kept):
            self._add(stage)

    def _alone(self, name: str) -> bool:
        """Nothing is said of the column but that it enters; what is asked of lines sees it as it is."""
        return name not in self.terms.contract.columns and not isinstance(self.terms.treatments.get(name), Changing)

    def _unreadable(self, name: str) -> InputError:
        wanted = self.terms.of(name).type
        holds = str(self.dtypes[name]).lower()
        return InputError(
            f"column '{name}' of table {self.terms.table} holds {holds}, which is never read as {wanted}",
            code="D174",
            hints=(("to mend", "leave its type out of the contract, or convert it before it is read"),),
        )

    def _check(self) -> None:
        table = self.terms.table
        for name in self.names:
            said, reading, names = self.terms.of(name), self.readings[name], self.values[name]
            treatment = self.terms.treatments.get(name)
            if self._alone(name):
                continue
            checks = checks_of(table, name, said, reading, names)
            if isinstance(treatment, ShiftDates) and treatment.by in self.values:
                by = self.values[treatment.by].kept
                unshifted = f"({names.kept} IS NOT NULL AND {by} IS NULL)"
                checks.append(Check(name, "unshifted", "repaired", unshifted, "of nobody"))
            good = good_sql(checks, reading, said, names, plain=name in self.plain)
            self.checks += checks
            self.good |= {name: good} if good else {}

    def _as_values(self) -> dict[str, Value]:
        made = kinds(self.relation)
        found = {
            name: Value(self.values[name].kept, made.get(self.values[name].kept, self.dtypes[name]))
            for name in self.names
        }
        for name, value in found.items():
            treatment = self.terms.treatments.get(name)
            if isinstance(treatment, Changing):
                problem = unsuited(self.terms.table, name, value.dtype, treatment)
                if problem is not None:
                    raise PrivacyStop(problem)
        return found

    def _words(self, *, leaves_out: bool) -> list[str]:
        """Return the words of bits: nothing was found in most lines, which one glance tells."""
        words = []
        for start in range(0, len(self.checks), BITS):
            bits = [
                f"CASE WHEN {check.found} THEN {bit_of(place)} ELSE 0 END"
                for place, check in enumerate(self.checks[start : start + BITS], start)
            ]
            out = f"WHEN {OUT} <> 0 THEN 0 " if leaves_out else ""
            # Only the columns that this word is about: a table may have thousands.
            columns = dict.fromkeys(check.column for check in self.checks[start : start + BITS])
            plain = [LINE] if any(name in self.plain for name in columns) else []
            fine = " AND ".join([*plain, *(self.good[name] for name in columns if name in self.good)])
            word = f"CASE {out}WHEN {fine} THEN 0 ELSE {' | '.join(f'({bit})' for bit in bits)} END"
            words.append(f"CAST({word} AS BIGINT) AS {FOUND}{start // BITS}")
        return words

    def _kept_texts(self, columns: Sequence[str]) -> list[str]:
        """Columns that change as they are read, and that privacy does not touch."""
        return [
            name
            for name in columns
            if self.readings[name].text is not None
            and name in self.terms.contract.columns
            and name not in self.terms.treatments
            and name not in self.terms.withhold.columns.get(self.terms.table, ())
        ]

    def _places_by_column(self) -> dict[str, list[int]]:
        """Return the places of the checks that make values missing."""
        places: dict[str, list[int]] = {}
        for place, check in enumerate(self.checks):
            if check.consequence == "missing":
                places.setdefault(check.column, []).append(place)
        return places

    def _final(
        self, name: str, values: Mapping[str, Value], admission: Admission, places: Mapping[str, list[int]]
    ) -> str:
        value, treatment = values[name], self.terms.treatments.get(name)
        lost = places.get(name, ())
        sql = f"CASE WHEN {admission.found(lost)} THEN NULL ELSE {value.sql} END" if lost else value.sql
        if isinstance(treatment, Changing):
            person = values.get(treatment.by) if isinstance(treatment, ShiftDates) else None
            sql = changed(sql, value.dtype, treatment, (person.sql, person.dtype) if person else None)
        delay = self.terms.withhold.delays.get(self.terms.table)
        if delay is not None and name == self.terms.time:
            sql = delayed(self.terms.table, sql, value.dtype, delay, values)
        if name in self.terms.withhold.columns.get(self.terms.table, ()):
            return f"CASE WHEN false THEN {sql} END"
        return f"CASE WHEN {OUT} = 0 THEN {sql} END" if admission.leaves_out else sql

    def _beside(self, admission: Admission, parts: Mapping[str, str]) -> list[str]:
        """Return what is stored beside the columns."""
        beside = [OUT] if admission.leaves_out else []
        if admission.as_read:
            texts = [f"coalesce(hex({self.values[name].raw}), '{NO_TEXT}')" for name in admission.as_read]
            # Nobody asks how a value was written that is put right without a word.
            told = [place for place, one in enumerate(self.checks) if one.consequence not in ("repaired", "told")]
            beside.append(f"CASE WHEN {admission.found(told)} THEN concat_ws(',', {', '.join(texts)}) END AS {AS_READ}")
        for name, sql in parts.items():
            inside = f"CASE WHEN {OUT} = 0 THEN {sql} END" if admission.leaves_out else sql
            beside.append(f"{inside} AS {name}")
        return beside
