"""Looks at every column of the patients' table in a few queries, and tells what seems not to mean what it says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import narwhals as nw

from sartor.wording import form, plural
from sartor_domains.healthcare.semantics.findings import Finding, stop
from sartor_domains.healthcare.semantics.rules import FEWEST, Column, consequence, negatives, tokens, zeros
from sartor_domains.healthcare.semantics.sites import Site, absences, prevalences
from sartor_plugins.learn.outcome_labels import label_of, label_text

if TYPE_CHECKING:
    from sartor.rows import Table
    from sartor_domains.healthcare.cohort import Cohort

FEW_REPEATS = 0.05
"""Where more lines repeat another, the columns tell patients too little apart."""


@dataclass(frozen=True)
class Look:
    """What was found.

    Parameters
    ----------
    findings : list of Finding
    sites : list of list
        Site, patients, events: in JSON types; empty where no column tells sites.
    absent : list of str
        Predictors that are absent at the target site.
    """

    findings: list[Finding]
    sites: list[list[Any]] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)

    def stop(self) -> None:
        """End the run if anything found cannot be right."""
        stop(self.findings)

    def absent_at_target(self) -> list[str]:
        """Return the columns that are left out because the target site hardly has them."""
        return self.absent


def look(settings: Cohort, table: Table, columns: Sequence[str], event: Any, ever: Any) -> Look:
    """Look at columns that would be features.

    Parameters
    ----------
    settings : Cohort
    table : Table
        The lines of those who are eligible.
    columns : sequence of str
    event, ever : Narwhals expression
        Whether the event happened in the time that counts, and whether it did at all; null where that is not known.
    """
    seen = looked_at(table, columns, ever)
    honest = {*settings.true_zeros, *table.expected_strong}
    findings = [
        found
        for column in seen
        for found in (
            consequence(column, table.name) if column.name not in honest else None,
            zeros(column) if column.name not in honest else None,
            negatives(column) if column.name not in honest else None,
            tokens(column),
            _constant(column),
        )
        if found is not None
    ]
    findings += _repeats(table)
    sites = sites_of(settings, table, seen, event)
    absent = absences(sites, settings, [column.name for column in seen])
    target = None if settings.target_site is None else label_of(settings.target_site)
    return Look(
        [*findings, *absent.findings, *prevalences(sites, target)],
        [[site.name, site.patients, site.events] for site in sites],
        absent.left_out,
    )


def looked_at(table: Table, columns: Sequence[str], event: Any) -> list[Column]:
    """Return the counts that the rules go by, from one query over all lines."""
    schema = table.frame.collect_schema()
    if not columns:
        return []
    asked = [nw.len().alias("lines"), _sum(event).alias("events"), _sum(~event).alias("others")]
    for place, name in enumerate(columns):
        asked += [one.alias(f"{place} {what}") for what, one in _counts(name, schema[name], event).items()]
    answer = table.frame.select(*asked).collect().to_dict(as_series=False)
    total = {what: int(answer[what][0] or 0) for what in ("lines", "events", "others")}
    return [
        Column(
            name,
            **total,
            **{
                key.split(" ", 1)[1]: _plain(key, values[0])
                for key, values in answer.items()
                if key.startswith(f"{place} ")
            },
        )
        for place, name in enumerate(columns)
    ]


def _plain(key: str, value: Any) -> Any:
    """Return a count as an integer and a measure as a float: DuckDB sums whole numbers to decimals."""
    if key.endswith(("least", "middle")):
        return None if value is None else float(value)
    return int(value or 0)


def _counts(name: str, dtype: Any, event: Any) -> Mapping[str, Any]:
    column = nw.col(name)
    there = ~column.is_null()
    asked = {
        "present": _sum(there),
        "with_event": _sum(there & event),
        "without_event": _sum(there & ~event),
        "values": column.n_unique(),
    }
    if dtype.is_numeric():
        number = column.cast(nw.Float64)
        above = nw.when(number > 0).then(number)
        asked |= {
            "zeros": _sum(number == 0),
            "below": _sum(number < 0),
            "least": above.min(),
            "middle": above.median(),
            "different": above.n_unique(),
        }
    elif dtype == nw.String:
        trimmed = column.str.strip_chars()
        asked |= {"padded": _sum(trimmed != column), "marks": _sum(trimmed.is_in(["?", "-", ".", "NULL", "NaN"]))}
    return asked


def _sum(condition: Any) -> Any:
    return condition.fill_null(False).cast(nw.Int64).sum()


def _constant(column: Column) -> Finding | None:
    if not column.present:
        what = f"'{column.name}' is missing in all {column.lines:,} lines"
        return Finding("constant", column.name, what, "nothing can be learned from it here", weighty=False)
    if column.values == 1 and column.present == column.lines:
        what = f"'{column.name}' has one value in all {column.lines:,} lines"
        return Finding("constant", column.name, what, "nothing can be learned from it here", weighty=False)
    return None


def _repeats(table: Table) -> list[Finding]:
    """Find lines that repeat another one in everything but the key."""
    others = [column for column in table.columns if column not in table.key]
    if not others:
        return []
    every = table.frame.select(*others)
    lines = int(every.select(nw.len()).collect().item())
    different = int(every.unique().select(nw.len()).collect().item())
    # Where many lines are alike, a few columns tell too little to say that a patient is there twice.
    if different == lines or lines < FEWEST or lines - different > FEW_REPEATS * lines:
        return []
    what = f"{plural(lines - different, 'line')} of {table.name} {form(lines - different, 'repeats', 'repeat')} another"
    mend = "if a patient was entered twice, one of the lines teaches while the other judges: unique: [COLUMN, ...]"
    return [Finding("repeats", "", f"{what} in all columns but the key", mend)]


def sites_of(settings: Cohort, table: Table, columns: Sequence[Column], event: Any) -> list[Site]:
    """Return what each site has, from one query."""
    if settings.site is None:
        return []
    if settings.site not in table.columns:
        from sartor.errors import InputError, nearest

        raise InputError(
            f"table {table.name} has no column '{settings.site}'",
            code="R041",
            hints=nearest(settings.site, table.columns),
        )
    flags = _flagged(table, settings.site, columns, event)
    found = flags.group_by("site").agg(*(nw.col(name).sum().alias(name) for name in flags.columns if name != "site"))
    lines = found.sort("site").collect().rows(named=True)
    return [
        Site(
            str(line["site"]),
            int(line["patients"]),
            int(line["events"]),
            int(line["events"] + line["others"]),
            {column.name: int(line[f"there {place}"]) for place, column in enumerate(columns)},
            {column.name: int(line[f"zero {place}"]) for place, column in enumerate(columns)},
        )
        for line in lines
    ]


def _alias_sum(name: str, condition: Any) -> Any:
    return condition.fill_null(False).cast(nw.Int64).alias(name)


def _flagged(table: Table, site: str, columns: Sequence[Column], event: Any) -> Any:
    """Return a frame of 0 and 1 that sums up by site."""
    schema = table.frame.collect_schema()
    flags = [nw.lit(1).alias("patients"), _alias_sum("events", event), _alias_sum("others", ~event)]
    for place, column in enumerate(columns):
        flags.append(_alias_sum(f"there {place}", ~nw.col(column.name).is_null()))
        zero = nw.col(column.name) == 0 if schema[column.name].is_numeric() else nw.lit(False)
        flags.append(_alias_sum(f"zero {place}", zero))
    label = label_text(table.frame, site)
    return table.frame.filter(~label.is_null()).select(label.alias("site"), *flags)
