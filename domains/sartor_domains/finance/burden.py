"""Computes what a loan or a card asks of its holder: ratios of columns of one line, lazily on any engine."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import narwhals as nw

from sartor.errors import InputError, nearest
from sartor.rows import ROW
from sartor_domains.finance.names import FAMILIES, candidates

if TYPE_CHECKING:
    from sartor.context import Context
    from sartor.rows import Rows, Table
    from sartor_domains.finance.affordability import Affordability


@dataclass(frozen=True)
class Named:
    """The columns to work on; None or empty where the table has no such thing."""

    amount: str | None = None
    duration: str | None = None
    income: str | None = None
    instalments: str | None = None
    instalment_share: str | None = None
    limit: str | None = None
    bills: tuple[str, ...] = ()
    payments: tuple[str, ...] = ()
    delays: tuple[str, ...] = ()

    @property
    def columns(self) -> list[str]:
        """All columns, each once."""
        found: list[str] = []
        for entry in fields(self):
            value = getattr(self, entry.name)
            found += [value] if isinstance(value, str) else list(value or ())
        return list(dict.fromkeys(found))


def build(settings: Affordability, rows: Rows, table: Table, context: Context) -> nw.LazyFrame[Any]:
    """Return ``__row`` and the ratios that the table's columns allow."""
    # The columns that an earlier feature step built come as a table with the row itself as key.
    if not table.key or not set(table.key) <= {ROW, *rows.keys}:
        raise InputError(
            f"table {table.name} has a line for each {', '.join(table.key) or 'event'}, and affordability takes one "
            f"for each row, identified by {', '.join(rows.keys) or 'a key'}",
            code="D060",
            hints=(("to mend", "take it from the table of the applications: from: TABLE"),),
        )
    named = _named(settings, table, context)
    _check_numbers(named, table)
    keys = list(table.key)
    numbers = [nw.col(column).cast(nw.Float64).alias(_safe(place)) for place, column in enumerate(named.columns)]
    lines = rows.frame.select(*dict.fromkeys([ROW, *keys])).join(
        table.frame.select(*keys, *numbers), on=keys, how="left"
    )
    built = ratios(named, {column: nw.col(_safe(place)) for place, column in enumerate(named.columns)})
    if not built:
        raise InputError(
            f"affordability can build nothing from {', '.join(named.columns) or f'the columns of {table.name}'}",
            code="D061",
            hints=(
                (
                    "to mend",
                    "name columns that belong together: amount and duration, limit and bills, payments, delays",
                ),
            ),
        )
    return lines.select(ROW, *(value.alias(settings.prefix + name) for name, value in built.items()))


def _safe(place: int) -> str:
    """A name that no column of a user's table has; keys may stand among the columns to work on."""
    return f"__affordability_{place}"


def _named(settings: Affordability, table: Table, context: Context) -> Named:
    said = {entry.name: getattr(settings, entry.name) for entry in fields(Named)}
    if any(said.values()):
        columns: dict[str, Any] = {
            name: tuple(value or ()) if name in FAMILIES else value for name, value in said.items()
        }
        given = Named(**columns)
        for column in given.columns:
            if column not in table.columns:
                raise InputError(
                    f"table {table.name} has no column '{column}' that affordability can see",
                    code="R041",
                    hints=nearest(column, table.columns),
                )
        return given
    found = _found(table, context)
    if found.columns:
        context.note(f"affordability takes {', '.join(found.columns)}")
    return found


def _found(table: Table, context: Context) -> Named:
    schema = table.frame.collect_schema()
    numbers = [name for name, dtype in schema.items() if dtype.is_numeric() and name not in table.key]
    found: dict[str, Any] = {}
    for entry in fields(Named):
        thing = entry.name
        if table.roles.get(thing) in numbers:
            found[thing] = (table.roles[thing],) if thing in FAMILIES else table.roles[thing]
        elif thing in FAMILIES:
            found[thing] = tuple(candidates(thing, numbers))
        elif thing != "instalment_share":
            near = candidates(thing, numbers)
            if len(near) == 1:
                found[thing] = near[0]
            elif near:
                context.note(f"affordability leaves {thing} out: it could be {' or '.join(near)}", caution=True)
    return Named(**found)


def _check_numbers(named: Named, table: Table) -> None:
    schema = table.frame.collect_schema()
    for column in named.columns:
        if not schema[column].is_numeric():
            empty = not table.frame.select(nw.col(column).count()).collect().item()
            what = "is empty in every line" if empty else f"holds {_word(schema[column])}"
            see = "see why it is empty, or " if empty else ""
            raise InputError(
                f"column '{column}' of {table.name} {what}, and affordability calculates with it",
                code="D062",
                hints=(("to mend", f"{see}read it as a number at ingest: types: {{{column}: number}}"),),
            )


def _word(dtype: Any) -> str:
    if dtype == nw.String:
        return "text"
    return "true and false" if dtype == nw.Boolean else "dates" if dtype.is_temporal() else str(dtype)


def ratios(named: Named, values: dict[str, nw.Expr]) -> dict[str, nw.Expr]:
    """Return the features by name, as expressions over numeric columns.

    Parameters
    ----------
    named : Named
    values : mapping of column to expression
    """
    return {**_of_a_loan(named, values), **_of_a_limit(named, values), **_of_delays([values[c] for c in named.delays])}


def _of_a_loan(named: Named, values: dict[str, nw.Expr]) -> dict[str, nw.Expr]:
    built: dict[str, nw.Expr] = {}
    amount, duration = _value(named.amount, values), _value(named.duration, values)
    income, existing = _value(named.income, values), _value(named.instalments, values)
    instalment = None
    if amount is not None and duration is not None:
        instalment = built["instalment"] = _divided(amount, duration)
        if named.instalment_share is not None:
            built["disposable_income"] = _divided(instalment, values[named.instalment_share])
    if income is not None:
        if amount is not None:
            built["amount_to_income"] = _divided(amount, income)
        if instalment is not None:
            built["instalment_to_income"] = _divided(instalment, income)
        owed = [value for value in (instalment, existing) if value is not None]
        if existing is not None:
            built["obligations_to_income"] = _divided(owed[0] if len(owed) == 1 else owed[0] + owed[1], income)
    return built


def _of_a_limit(named: Named, values: dict[str, nw.Expr]) -> dict[str, nw.Expr]:
    built: dict[str, nw.Expr] = {}
    limit = _value(named.limit, values)
    bills, payments = [values[c] for c in named.bills], [values[c] for c in named.payments]
    if limit is not None and bills:
        built["utilisation"] = _divided(bills[0], limit)
        if len(bills) > 1:
            built["utilisation_mean"] = _divided(nw.mean_horizontal(*bills), limit)
            built["utilisation_highest"] = _divided(nw.max_horizontal(*bills), limit)
            built["utilisation_rise"] = _divided(bills[0] - bills[-1], limit)
    if limit is not None and payments:
        built["paid_to_limit"] = _divided(_total(payments), limit)
        built["lowest_payment_to_limit"] = _divided(nw.min_horizontal(*payments), limit)
    if payments and bills:
        owed = [nw.when(bill > 0).then(bill).otherwise(nw.when(~bill.is_null()).then(nw.lit(0.0))) for bill in bills]
        built["paid_share"] = _divided(_total(payments), _total(owed))
        if len(bills) > 1:
            built["paid_share_latest"] = _divided(payments[0], bills[1])
    if payments:
        built["highest_payment"] = nw.max_horizontal(*payments)
        built["months_unpaid"] = _count([payment <= 0 for payment in payments], payments)
    return built


def _of_delays(delays: list[nw.Expr]) -> dict[str, nw.Expr]:
    if not delays:
        return {}
    behind = [nw.when(delay > 0).then(delay).otherwise(nw.when(~delay.is_null()).then(nw.lit(0.0))) for delay in delays]
    built = {"delay_latest": behind[0]}
    if len(delays) > 1:
        built["delay_worst"] = nw.max_horizontal(*behind)
        built["delay_sum"] = _total(behind)
        built["months_delayed"] = _count([delay > 0 for delay in delays], delays)
        since: nw.Expr = nw.lit(float(len(delays)))
        for months in reversed(range(len(delays))):
            since = nw.when(delays[months] > 0).then(nw.lit(float(months))).otherwise(since)
        built["months_since_delay"] = _unless_all_missing(since, delays)
    return built


def _value(column: str | None, values: dict[str, nw.Expr]) -> nw.Expr | None:
    return None if column is None else values[column]


def _divided(part: nw.Expr, whole: nw.Expr) -> nw.Expr:
    return nw.when(whole > 0).then(part / whole)


def _total(values: list[nw.Expr]) -> nw.Expr:
    return _unless_all_missing(nw.sum_horizontal(*values), values)


def _count(flags: list[nw.Expr], values: list[nw.Expr]) -> nw.Expr:
    counted = nw.sum_horizontal(*(nw.when(flag).then(nw.lit(1.0)).otherwise(nw.lit(0.0)) for flag in flags))
    return _unless_all_missing(counted, values)


def _unless_all_missing(expression: nw.Expr, values: list[nw.Expr]) -> nw.Expr:
    return nw.when(~nw.all_horizontal(*(value.is_null() for value in values), ignore_nulls=False)).then(expression)
