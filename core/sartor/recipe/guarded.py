"""Privacy, contracts and units against the tables of a recipe, as far as they are known before a row is read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from sartor.errors import Problem, nearest
from sartor.guard.treatments import Changing, Drop, ShiftDates
from sartor.recipe.columns import KnownColumns
from sartor.recipe.consenting import Tables, consent_problems
from sartor.recipe.contracts import named_columns, place_of
from sartor.recipe.limited import limit_problems
from sartor.recipe.model import IngestStep, Recipe, TimeSplit


def check_guarded(known: KnownColumns) -> list[Problem]:
    """Return what is wrong with privacy, contracts and units."""
    recipe = known.recipe
    problems = [*_purposes(recipe), *_treated(known), *spelled_otherwise(recipe, known.tables)]
    problems += [*consent_problems(recipe, known.tables), *_shifted(known), *_shifted_times(recipe)]
    problems += limit_problems(known)
    for step in recipe.ingest.values():
        problems += _contract(known, step)
    return [*problems, *_units(recipe)]


def _purposes(recipe: Recipe) -> Iterator[Problem]:
    """A table may be used for the purposes that it was collected for, and for no others."""
    purpose = recipe.privacy.purpose
    for step in recipe.ingest.values():
        if not step.purposes or purpose in step.purposes:
            continue
        allowed = ", ".join(step.purposes)
        used = f"the recipe is for '{purpose}'" if purpose else "the recipe does not say what for"
        where = recipe.document.where((*step.path, "purposes"))
        mend = ("to mend", f"write privacy: {{purpose: {step.purposes[0]}}} if that is what it is for")
        close = [hint for hint in nearest(purpose or "", step.purposes) if hint[0] == "did you mean"]
        yield Problem("P001", f"table {step.name} may be used for {allowed}, and {used}", where, (*close, mend))


def _treated(known: KnownColumns) -> Iterator[Problem]:
    """A treatment of a column that is in no table protects nobody: it is misspelt."""
    recipe = known.recipe
    for column in recipe.privacy.columns:
        where = recipe.document.where_key(("privacy", "columns", column))
        problem = known.problem(column, recipe.ingest, where)
        if problem is not None:
            yield replace(problem, code="P002")


def spelled_otherwise(recipe: Recipe, tables: Tables) -> Iterator[Problem]:
    """A column that only its capital letters tell from a treated one enters as it is, and hardly shall."""
    there = {column for columns in tables.values() for column in columns or ()}
    treated = {column.casefold(): column for column in recipe.privacy.columns if column in there}
    for table, columns in tables.items():
        for column in columns or ():
            other = treated.get(column.casefold())
            if other is None or column in recipe.privacy.columns:
                continue
            where = recipe.document.where_key(("privacy", "columns", other))
            message = f"table {table} has the column '{column}', and privacy treats '{other}'"
            yield Problem("P002", message, where, (("to mend", f"say what becomes of {column} too"),))


def _shifted(known: KnownColumns) -> Iterator[Problem]:
    """Dates are shifted by person, so a table with such dates says whose they are."""
    recipe = known.recipe
    for column, treatment in recipe.privacy.columns.items():
        if not isinstance(treatment, ShiftDates):
            continue
        for table, columns in known.tables.items():
            if columns is not None and column in columns and treatment.by not in columns:
                where = recipe.document.where(("privacy", "columns", column, "shift_dates", "by"))
                yield by_missing(table, column, treatment.by, columns).at(where)


def by_missing(table: str, column: str, by: str, columns: tuple[str, ...]) -> Problem:
    """Return the problem of dates that cannot be shifted by person."""
    message = f"the dates '{column}' of table {table} are shifted by '{by}', and the table has no such column"
    close = [hint for hint in nearest(by, columns) if hint[0] == "did you mean"]
    return Problem("P005", message, hints=tuple(close) or (("to mend", "drop the dates, or generalise them"),))


def _shifted_times(recipe: Recipe) -> Iterator[Problem]:
    """Shifted dates of different persons have no common calendar that a split could go by."""
    if not isinstance(recipe.split, TimeSplit):
        return
    for step in recipe.ingest.values():
        if step.time is not None and isinstance(recipe.privacy.columns.get(step.time), ShiftDates):
            message = f"privacy shifts the dates '{step.time}', and the split goes by time"
            where = recipe.document.where((*step.path, "time"))
            mend = ("to mend", "split by hash or by group, or generalise the dates in place of shifting them")
            yield Problem("R047", message, where, (mend,))


def _contract(known: KnownColumns, step: IngestStep) -> Iterator[Problem]:
    if step.contract is None:
        return
    document, privacy = known.recipe.document, known.recipe.privacy
    for column, below in named_columns(step.contract):
        where = place_of((*step.path, "contract"), below, document)
        problem = known.problem(column, [step.name], where)
        if problem is None and isinstance(privacy.columns.get(column), Drop):
            mend = ("to mend", f"take {column} out of the contract, or out of privacy.columns")
            problem = Problem("R047", f"privacy drops '{column}', and the contract speaks of it", where, (mend,))
        if problem is not None:
            yield problem
    fresh = step.contract.fresh
    treatment = privacy.columns.get(fresh.column) if fresh else None
    if fresh and isinstance(treatment, Changing):
        where = document.where((*step.path, "contract", "fresh", "column"))
        message = f"fresh looks at '{fresh.column}', whose dates privacy changes"
        yield Problem("R047", message, where, (("to mend", "name another column of dates"),))


def _units(recipe: Recipe) -> Iterator[Problem]:
    """What has one role in two tables is measured in one unit: amounts in EUR and USD do not add up."""
    seen: dict[str, tuple[str, str, str]] = {}
    for step in recipe.ingest.values():
        for role, column in _roles(step).items():
            unit = step.units.get(column)
            if unit is None:
                continue
            table, other, first = seen.setdefault(role, (step.name, column, unit))
            if first != unit:
                where = recipe.document.where_key(_unit_path(step, column, recipe))
                message = f"'{column}' of table {step.name} is in {unit}, and '{other}' of table {table} in {first}"
                mend = ("to mend", "convert one of them before it is read, or give them different roles")
                yield Problem("R082", f"{message}; both are '{role}'", where, (mend,))


def _roles(step: IngestStep) -> Mapping[str, str]:
    """Return the columns by their roles; one has the role of its own name unless another was given it."""
    taken = set(step.roles.values())
    return {**{column: column for column in step.units if column not in taken}, **step.roles}


def _unit_path(step: IngestStep, column: str, recipe: Recipe) -> tuple[str | int, ...]:
    contract = (*step.path, "contract", "columns", column, "unit")
    return contract if recipe.document.node(contract) is not None else (*step.path, "units", column)
