"""Consent against the tables of a recipe: in each, something says who agreed, or it is about nobody."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from sartor.errors import Problem, nearest
from sartor.guard.treatments import Asked, Consent
from sartor.recipe.columns import only_names
from sartor.recipe.model import IngestStep, Recipe

Tables = Mapping[str, Collection[str] | None]
"""The columns of each table; None where they are not known yet."""


def person_of(consent: Consent | None, step: IngestStep) -> str | None:
    """Return what a table calls the person that consent goes by: its column of that role, or of that name.

    Examples
    --------
    >>> from sartor.recipe.model import IngestStep
    >>> step = IngestStep("orders", "tables.csv", {}, (), roles={"user": "CustomerID"})
    >>> person_of(Consent("agreed", ("yes",), person="user"), step)
    'CustomerID'
    """
    if consent is None or consent.person is None:
        return None
    return step.roles.get(consent.person, consent.person)


def ways(recipe: Recipe, tables: Tables) -> dict[str, Asked]:
    """Return how the lines of each table are asked, as far as its columns are known."""
    consent = recipe.privacy.consent
    if consent is None:
        return {}
    return {
        table: consent.way(table, columns, person_of(consent, recipe.ingest[table]))
        for table, columns in tables.items()
        if columns is not None
    }


def consent_problems(recipe: Recipe, tables: Tables) -> Iterator[Problem]:
    """Return what is wrong with consent, each with its place."""
    consent = recipe.privacy.consent
    if consent is None:
        return
    yield from _unknown_tables(recipe, consent)
    found = ways(recipe, tables)
    where = recipe.document.where(("privacy", "consent", "column"))
    for table, way in found.items():
        columns = tables[table]
        if way == "nowhere" and columns is not None:
            yield consent_missing(recipe, table, columns).at(where)
    saying = [table for table, way in found.items() if way == "line"]
    if consent.person is None:
        for table, way in found.items():
            yield from _same_persons(recipe, table, saying, tables) if way == "not" else ()
    elif set(found) == set(recipe.ingest) and "nowhere" not in found.values():
        if not saying:
            everywhere = [column for columns in tables.values() for column in columns or ()]
            message = f"no table has the column '{consent.column}' that says who agreed, so nobody did"
            yield Problem("P004", message, where, only_names(recipe, everywhere, nearest(consent.column, everywhere)))
            return
        persons = {table: person_of(consent, recipe.ingest[table]) for table in saying}
        if not any(person in (tables[table] or ()) for table, person in persons.items()):
            columns = [column for table in saying for column in tables[table] or ()]
            message = f"no table that holds '{consent.column}' has the column '{consent.person}' of the person"
            place = recipe.document.where(("privacy", "consent", "person"))
            yield Problem("P004", message, place, only_names(recipe, columns, nearest(consent.person, columns)))


def consent_missing(recipe: Recipe, table: str, columns: Collection[str]) -> Problem:
    """Return the problem of a table that does not say who agreed."""
    consent = recipe.privacy.consent
    assert consent is not None
    close = [hint for hint in nearest(consent.column, columns) if hint[0] == "did you mean"]
    mend = []
    if len(recipe.ingest) > 1:
        mend = [("to mend", "say by which column persons are told apart: consent: {person: COLUMN}")]
        if consent.person is not None:
            mend = [("to mend", f"say at ingest which column it is: roles: {{{consent.person}: COLUMN}}")]
        mend.append(("or", f"if its lines are about no person: consent: {{exempt: [{table}]}}"))
    message = f"table {table} has no column '{consent.column}' that says who agreed, so nobody did"
    return Problem("P004", message, hints=(*close, *mend))


def _unknown_tables(recipe: Recipe, consent: Consent) -> Iterator[Problem]:
    for key, named in (("tables", consent.tables), ("exempt", consent.exempt)):
        path = ("privacy", "consent", key)
        single = recipe.document.node((*path, 0)) is None
        for place, table in enumerate(named):
            if table not in recipe.ingest:
                where = recipe.document.where(path if single else (*path, place))
                yield Problem("R040", f"no table is called '{table}'", where, nearest(table, recipe.ingest))


def _same_persons(recipe: Recipe, table: str, saying: list[str], tables: Tables) -> Iterator[Problem]:
    """A table that names the persons of another one is about them, and nobody has asked it."""
    step, columns = recipe.ingest[table], tables[table] or ()
    consent = recipe.privacy.consent
    if consent is None or table in consent.exempt:
        return
    for other in saying:
        key = recipe.ingest[other].key
        roles = {column: role for role, column in recipe.ingest[other].roles.items()}
        shared = [column for column in key if column in columns]
        by_role = [(step.roles[roles[column]], roles[column]) for column in key if roles.get(column) in step.roles]
        for column, person in [*((column, column) for column in shared), *by_role]:
            message = (
                f"table {table} is not asked for consent, and holds '{column}', the key of {other}, which is asked"
            )
            mend = f"write consent: {{person: {person}}}: lines of persons who did not agree stay out there too"
            other_way = f"if its lines are about no person: consent: {{exempt: [{table}]}}"
            where = recipe.document.where(("privacy", "consent"))
            yield Problem("P006", message, where, (("to mend", mend), ("or", other_way)))
            return
