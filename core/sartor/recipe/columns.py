"""Columns and tables that a recipe names, against what its tables are known to hold before a row is read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sartor.errors import Position, Problem
from sartor.guard.treatments import Drop, Hidden
from sartor.recipe.document import KeyPath
from sartor.recipe.model import FoldSplit, GivenSplit, GroupSplit, IngestStep, Recipe, Split


@dataclass
class KnownColumns:
    """What is known of the tables.

    Parameters
    ----------
    recipe : Recipe
    tables : mapping of table to its columns
        None where they cannot be known before the table is read.
    """

    recipe: Recipe
    tables: dict[str, tuple[str, ...] | None] = field(default_factory=dict)

    def of(self, tables: Iterable[str]) -> dict[str, tuple[str, ...]] | None:
        """Return the columns of these tables, or None if those of one of them are not known."""
        found: dict[str, tuple[str, ...]] = {}
        for table in tables:
            columns = self.tables.get(table)
            if columns is None:
                return None
            found[table] = columns
        return found or None

    def all(self) -> dict[str, tuple[str, ...]] | None:
        """Return the columns of all tables, or None if those of one of them are not known."""
        return self.of(self.recipe.ingest)

    def problem(self, column: str, tables: Iterable[str], where: Position) -> Problem | None:
        """Return what is wrong with naming a column of one of these tables, if it can be known."""
        known = self.of(tables)
        if known is None or any(column in columns for columns in known.values()):
            return None
        whose = f"table {next(iter(known))} has no column" if len(known) == 1 else "no table has the column"
        names = [name for columns in known.values() for name in columns]
        return Problem("R041", f"{whose} '{column}'", where, only_names(self.recipe, names, near_column(column, known)))

    def kept_away(self, column: str, where: Position, *, truth: bool = False) -> Problem | None:
        """Return what is wrong with naming a column that privacy keeps from every step."""
        treatment = self.recipe.privacy.columns.get(column)
        if not isinstance(treatment, Hidden):
            return None
        said = f"drops '{column}'" if isinstance(treatment, Drop) else f"keeps '{column}' for audit only"
        needed = "it is what is to be predicted" if truth else "no step can see it"
        mend = f"take {column} out of privacy.columns, or do without it here"
        return Problem("R047", f"privacy {said}, and {needed}", where, (("to mend", mend),))


NO_HEADER = ("perhaps", "the first line holds values and no names: header: false, names: [NAME, ...]")
"""What may be wrong where none of the columns is there that are named."""


def only_names(recipe: Recipe, names: Iterable[str], hints: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """Return hints that list names of columns, unless they may be values that privacy hides.

    That is so where a table holds none of the columns that the recipe names: then its first line may be no header.
    """
    if not recipe.privacy.hides or named_anywhere(recipe) & set(names):
        return hints
    return (*(hint for hint in hints if hint[0] != "there are"), NO_HEADER)


def named_anywhere(recipe: Recipe) -> set[str]:
    """Return the columns that a recipe names at ingest and under privacy."""
    privacy = recipe.privacy
    named = set(privacy.columns) | ({privacy.consent.column} if privacy.consent is not None else set())
    for step in recipe.ingest.values():
        named |= {*step.key, *step.roles.values(), *step.units, *step.known_ahead, *step.expected_strong}
        named |= {step.time} if step.time is not None else set()
        named |= set(step.contract.columns) if step.contract is not None else set()
    return named


def near_column(column: str, known: Mapping[str, tuple[str, ...]]) -> tuple[tuple[str, str], ...]:
    """Name the column that was probably meant and its table, or the columns there are.

    Examples
    --------
    >>> near_column("sex", {"applications": ("age", "personal_status_and_sex")})
    (('nearest', 'personal_status_and_sex, in applications'),)
    """
    from difflib import get_close_matches

    tables: dict[str, str] = {}
    lower: dict[str, str] = {}
    for table, columns in known.items():
        for name in columns:
            tables.setdefault(name, table)
            lower.setdefault(name.lower(), name)
    close = get_close_matches(column.lower(), lower, n=1, cutoff=0.6)
    close = close or [name for name in lower if len(column) > 1 and column.lower() in name.split("_")][:1]
    if close:
        name = lower[close[0]]
        return (("nearest", f"{name}, in {tables[name]}"),)
    names = list(tables)
    more = f" and {len(names) - 12} more" if len(names) > 12 else ""
    return (("there are", ", ".join(names[:12]) + more),) if names else ()


def check_said_at_ingest(known: KnownColumns, step: IngestStep) -> list[Problem]:
    """Check the columns that a table's own step names: key, time, roles and the like."""
    document = known.recipe.document
    said: list[tuple[str, KeyPath]] = []
    for key, columns in (
        ("key", step.key),
        ("known_ahead", step.known_ahead),
        ("expected_strong", step.expected_strong),
    ):
        single = document.node((*step.path, key, 0)) is None
        said += [(column, (*step.path, key, *(() if single else (place,)))) for place, column in enumerate(columns)]
    if step.time:
        said.append((step.time, (*step.path, "time")))
    said += [(column, (*step.path, "roles", role)) for role, column in step.roles.items()]
    problems = [known.problem(column, [step.name], document.where(path)) for column, path in said]
    problems += [
        known.problem(column, [step.name], document.where_key((*step.path, "units", column))) for column in step.units
    ]
    needed = [(column, path) for column, path in said if path[len(step.path)] in ("key", "time", "roles")]
    problems += [known.kept_away(column, document.where(path)) for column, path in needed]
    return [problem for problem in problems if problem is not None]


def check_split(known: KnownColumns, made: Iterable[str] = ()) -> list[Problem]:
    """Check the columns that the split goes by.

    Parameters
    ----------
    known : KnownColumns
    made : iterable of str
        Columns that the task gives to its rows by itself.
    """
    by_itself = set(made)
    found: list[Problem] = []
    rule: Split | None = known.recipe.split
    path: KeyPath = ("split",)
    while rule is not None:
        if (
            isinstance(rule, (GroupSplit, GivenSplit, FoldSplit))
            and rule.column is not None
            and rule.column not in by_itself
        ):
            key = rule.by if isinstance(rule, FoldSplit) else "group" if isinstance(rule, GroupSplit) else "given"
            where = known.recipe.document.where((*path, key))
            problem = known.problem(rule.column, known.recipe.ingest, where) or known.kept_away(rule.column, where)
            found += [problem] if problem else []
        rule, path = rule.tune_on, (*path, "tune_on")
    return found


def split_columns(rule: Split | None) -> set[str]:
    """Return the columns that a split goes by, those of its ``tune_on`` too."""
    if rule is None:
        return set()
    own = {rule.column} if isinstance(rule, (GroupSplit, GivenSplit, FoldSplit)) and rule.column is not None else set()
    return own | split_columns(rule.tune_on)
