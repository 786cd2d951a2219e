"""What may be learned, kept and handed on, against the tables and actions of a recipe."""

from __future__ import annotations

from collections.abc import Iterator

from sartor.errors import Problem, nearest
from sartor.guard.treatments import Drop
from sartor.recipe.columns import KnownColumns


def limit_problems(known: KnownColumns) -> Iterator[Problem]:
    """Yield what is wrong with `privacy: {retention, release, statistics}`, each with its place."""
    recipe, limits = known.recipe, known.recipe.privacy.limits
    for table in limits.retention.tables:
        where = recipe.document.where_key(("privacy", "retention", "lines", table))
        if table not in recipe.ingest:
            yield Problem("R040", f"no table is called '{table}'", where, nearest(table, recipe.ingest))
        elif recipe.ingest[table].time is None:
            mend = ("to mend", f"say at ingest which column holds the moment of a line: {table}: {{time: COLUMN}}")
            message = f"lines of table {table} may be kept for some time only, and it has no time"
            yield Problem("P008", message, where, (mend,))
    for action in limits.release:
        if action not in recipe.actions:
            where = recipe.document.where_key(("privacy", "release", action))
            yield Problem("R040", f"no action is called '{action}'", where, nearest(action, recipe.actions))
    yield from _statistics(known)


def _statistics(known: KnownColumns) -> Iterator[Problem]:
    recipe = known.recipe
    for name, one in recipe.privacy.limits.statistics.items():
        path = ("privacy", "statistics", name)
        if one.table not in recipe.ingest:
            where = recipe.document.where((*path, "from"))
            yield Problem("R040", f"no table is called '{one.table}'", where, nearest(one.table, recipe.ingest))
            continue
        for key, column in (("mean", one.mean), ("by", one.by), ("person", one.person)):
            if column is None:
                continue
            where = recipe.document.where((*path, key))
            problem = known.problem(column, [one.table], where)
            if problem is None and isinstance(recipe.privacy.columns.get(column), Drop):
                mend = ("to mend", f"keep {column}, or leave it out of the statistic")
                problem = Problem("R047", f"privacy drops '{column}', and a statistic speaks of it", where, (mend,))
            if problem is not None:
                yield problem
