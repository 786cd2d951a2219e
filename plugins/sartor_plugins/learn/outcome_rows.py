"""Rows of classification and regression: a line of one table, its key, and its outcome as truth.

Frames stay lazy; what is read at once are counts: how many lines carry each label, how many moments are missing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import narwhals as nw

from sartor.errors import InputError, nearest
from sartor.rows import AS_OF, GROUP, KNOWN_AT, ROW, TARGET, WEIGHT, Rows, Table
from sartor_plugins.learn.outcome_labels import KNOWN, Labels, all_lines, label_counts, label_of, label_text, lines

if TYPE_CHECKING:
    from sartor_plugins.learn.tasks import Label


@dataclass(frozen=True)
class Marks:
    """Columns that say more of the rows; see `sartor_plugins.learn.tasks.Classification`."""

    never: Sequence[str] = ()
    group: str | None = None
    as_of: str | None = None
    known_at: str | None = None
    weight: str | None = None


def classification_rows(
    table: Table,
    outcome: str,
    positive: Label | None,
    negative: Label | None,
    set_aside: Sequence[Label],
    marks: Marks,
) -> Rows:
    """Make rows with labels; see `sartor_plugins.learn.tasks.rows_of_classification`."""
    own = OwnLines.of(table, outcome, marks)
    if table.unanswered:
        return own.rows(nw.lit(None, nw.String), ())
    label = label_text(table.frame, outcome)
    counts = label_counts(table.frame.filter(*own.known()), label)
    found = Labels(table.name, outcome, counts, [label_of(value) for value in set_aside])
    classes = found.classes(
        None if positive is None else label_of(positive), None if negative is None else label_of(negative)
    )
    target = nw.when(label.is_in(list(classes)), *own.known()).then(label)
    return own.rows(target, classes)


def regression_rows(table: Table, outcome: str, marks: Marks) -> Rows:
    """Make rows with numbers; see `sartor_plugins.learn.tasks.rows_of_regression`."""
    own = OwnLines.of(table, outcome, marks)
    if table.unanswered:
        return own.rows(nw.lit(None, nw.Float64), ())
    dtype = table.frame.collect_schema()[outcome]
    if not dtype.is_numeric():
        raise InputError(
            f"the outcome '{outcome}' of table {table.name} is {_named(dtype)}, and a regression asks for a number",
            code="D076",
            hints=(("to mend", "declare its type at ingest, or use: learn.classification"),),
        )
    number = nw.col(outcome).cast(nw.Float64)
    known = [number.is_finite(), *own.known()]
    count, least, most = (
        table.frame.filter(*known)
        .select(nw.len().alias("count"), number.min().alias("least"), number.max().alias("most"))
        .collect()
        .row(0)
    )
    if not count:
        raise InputError(
            f"no line of table {table.name} has a number in '{outcome}': there is nothing to learn from",
            code="D075",
            hints=(KNOWN,),
        )
    if least == most:
        raise InputError(
            f"the outcome '{outcome}' of table {table.name} is {least:g} in {all_lines(count)}",
            code="D070",
            hints=(("to mend", "give lines with other numbers, or another outcome"),),
        )
    return own.rows(nw.when(*known).then(number), ())


@dataclass(frozen=True)
class OwnLines:
    """A table whose lines are rows, and the columns that say more of them."""

    table: Table
    outcome: str
    marks: Marks

    @classmethod
    def of(cls, table: Table, outcome: str, marks: Marks) -> OwnLines:
        """Return a table's rows; those to be scored need nothing that only learning asks for."""
        if not table.unanswered:
            return cls(table, outcome, marks)
        there = table.columns
        group = marks.group if marks.group in there else None
        never = [column for column in marks.never if column in there]
        return cls(table, outcome, replace(marks, never=never, group=group, weight=None))

    def __post_init__(self) -> None:
        if not self.table.key:
            raise InputError(
                f"table {self.table.name} has no key, and every row needs a name of its own",
                code="D079",
                hints=(("to mend", "say at ingest which column identifies a line: key: COLUMN"),),
            )
        named = [self.outcome, *self.marks.never, *self._columns().values()]
        for column in named:
            if column not in self.table.columns:
                raise InputError(
                    f"table {self.table.name} has no column '{column}'",
                    code="R041",
                    hints=nearest(column, self.table.columns),
                )
        self._check_marks()

    def _columns(self) -> dict[str, str]:
        """Return the columns that were named, by what they become."""
        named = {
            AS_OF: self.marks.as_of,
            KNOWN_AT: self.marks.known_at,
            GROUP: self.marks.group,
            WEIGHT: self.marks.weight,
        }
        return {what: column for what, column in named.items() if column is not None}

    def known(self) -> list[nw.Expr]:
        """Return what must hold for a line to have a truth: its key and its moments are there."""
        columns = self._columns()
        moments = [columns[what] for what in (AS_OF, KNOWN_AT) if what in columns]
        return [~nw.col(column).is_null() for column in (*self.table.key, *moments)]

    def rows(self, target: nw.Expr | Mapping[str, nw.Expr], classes: tuple[str, ...] = ()) -> Rows:
        """Return the rows, lazily; a target of several parts is a mapping by their names."""
        columns = self._columns()
        casts: dict[str, Any] = {AS_OF: nw.Datetime("us"), KNOWN_AT: nw.Datetime("us"), WEIGHT: nw.Float64}
        schema = self.table.frame.collect_schema()
        marks = [
            nw.col(column).cast(casts[what]).alias(what)
            if what == WEIGHT or schema[column] == nw.Date
            else nw.col(column).alias(what)
            for what, column in columns.items()
        ]
        # A group or moment that is part of the key keeps its own name beside.
        parts = target.items() if isinstance(target, Mapping) else [("", target)]
        targets = [one.alias(f"{TARGET}_{name}" if name else TARGET) for name, one in parts]
        frame = self.table.frame.select(row_name(self.table).alias(ROW), *self.table.key, *targets, *marks)
        known_at = columns.get(KNOWN_AT)
        barred = [columns[what] for what in (AS_OF, GROUP, WEIGHT) if what in columns]
        return Rows(
            frame=frame,
            keys=self.table.key,
            own=self.table.name,
            truth=(self.outcome, *([known_at] if known_at is not None and known_at != self.outcome else [])),
            classes=classes,
            never=tuple(dict.fromkeys([*self.marks.never, *barred])),
        )

    def _check_marks(self) -> None:
        columns, schema = self._columns(), self.table.frame.collect_schema()
        for what in (AS_OF, KNOWN_AT):
            if what in columns and schema[columns[what]] not in (nw.Date, nw.Datetime):
                raise InputError(
                    f"column '{columns[what]}' of table {self.table.name} is to be a moment and is "
                    f"{_named(schema[columns[what]])}",
                    code="D077",
                    hints=(("to mend", "declare its type at ingest: a date, or a date and time"),),
                )
        if WEIGHT in columns:
            self._check_weight(columns[WEIGHT], schema[columns[WEIGHT]])
        if GROUP in columns:
            missing = self._number(nw.col(columns[GROUP]).is_null())
            if missing:
                raise InputError(
                    f"the group '{columns[GROUP]}' of table {self.table.name} is missing in {lines(missing)}",
                    code="D083",
                    hints=(("to mend", "fill the column at the source: a line that stands alone is its own group"),),
                )
        if AS_OF in columns and KNOWN_AT in columns:
            before = self._number(nw.col(columns[KNOWN_AT]) < nw.col(columns[AS_OF]))
            if before:
                raise InputError(
                    f"in {lines(before)} of table {self.table.name} the truth is known ('{columns[KNOWN_AT]}') before "
                    f"it is asked for ('{columns[AS_OF]}')",
                    code="D077",
                    hints=(("to mend", "see whether the two are exchanged"),),
                )

    def _check_weight(self, column: str, dtype: Any) -> None:
        if not dtype.is_numeric():
            raise InputError(
                f"column '{column}' of table {self.table.name} is to be a weight and is {_named(dtype)}", code="D078"
            )
        weight = nw.col(column).cast(nw.Float64)
        strange = self._number(weight.is_null() | ~weight.is_finite() | (weight < 0))
        if strange:
            raise InputError(
                f"the weight '{column}' of table {self.table.name} is missing, negative or infinite in "
                f"{lines(strange)}",
                code="D078",
                hints=(("to mend", "give every line a number of at least 0"),),
            )

    def _number(self, condition: nw.Expr) -> int:
        return int(self.table.frame.filter(condition).select(nw.len()).collect().item())


def row_name(table: Table) -> nw.Expr:
    """Return the row's name: the key, or the texts of its parts, put together so that no two keys look alike."""
    if len(table.key) == 1:
        return nw.col(table.key[0])
    parts = [
        nw.col(part)
        .cast(nw.String)
        .str.replace_all("\\", "\\\\", literal=True)
        .str.replace_all("|", "\\|", literal=True)
        for part in table.key
    ]
    return nw.concat_str(*parts, separator="|")


def _named(dtype: Any) -> str:
    """Return a type in words.

    Examples
    --------
    >>> _named(nw.String()), _named(nw.Boolean())
    ('text', 'true or false')
    """
    if dtype == nw.String:
        return "text"
    if dtype == nw.Boolean:
        return "true or false"
    if dtype in (nw.Date, nw.Datetime):
        return "a date"
    return "a number" if dtype.is_numeric() else str(dtype).lower()
