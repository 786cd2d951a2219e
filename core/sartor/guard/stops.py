"""What stops a run before anything of a table is stored: no key, no consent, treatments that protect nobody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from sartor.errors import PrivacyStop, Problem, UsageError, nearest
from sartor.guard.pseudonyms import Key
from sartor.guard.treatments import Pseudonymise, ShiftDates
from sartor.recipe.columns import only_names
from sartor.recipe.consenting import consent_problems
from sartor.recipe.guarded import by_missing, spelled_otherwise

if TYPE_CHECKING:
    from sartor.recipe.model import Recipe
    from sartor.recipe.private import Privacy


def needs_key(privacy: Privacy) -> bool:
    """Tell whether a treatment follows from the key."""
    return any(isinstance(treatment, Pseudonymise | ShiftDates) for treatment in privacy.columns.values())


def key_for(privacy: Privacy, env: Mapping[str, str], noted: str | None = None) -> Key | None:
    """Return the key of pseudonyms and shifts of dates; None where no treatment needs one.

    Parameters
    ----------
    privacy : Privacy
    env : mapping
        Where secrets stand.
    noted : str, optional
        The check of the key that a run was made with, and that it is held to.

    Raises
    ------
    PrivacyStop
        If the secret is not set, or is another than the recipe was written for or the run was made with.
    """
    if not needs_key(privacy):
        return None
    if privacy.key is None:
        raise PrivacyStop("a treatment needs a key, and privacy names none", code="P003")
    try:
        key = Key(privacy.key.reveal(env).encode("utf-8", "surrogateescape"))
    except UsageError as error:
        hints = error.problems[0].hints
        raise PrivacyStop(
            f"{error.problems[0].message}, and pseudonyms follow from it", code="P003", hints=hints
        ) from None
    if privacy.key_check is not None and privacy.key_check != key.check:
        raise PrivacyStop(
            f"the secret {privacy.key.name} is another key than this recipe is for: pseudonyms would differ from those "
            "that there are",
            code="P003",
            hints=(("to mend", f"set {privacy.key.name} to the key that the recipe was written with"),),
        )
    if noted is not None and noted != key.check:
        raise PrivacyStop(
            f"the secret {privacy.key.name} is another key than the run was made with: pseudonyms would differ from "
            "those that it knows",
            code="P003",
            hints=(
                ("to mend", f"set {privacy.key.name} to the key of then, whose check is {noted}"),
                ("or", "run the recipe again with the key of now"),
            ),
        )
    return key


def check_columns(recipe: Recipe, tables: Mapping[str, Sequence[str]]) -> None:
    """Make sure that treatments and consent find their columns, once the columns of all tables are known.

    Raises
    ------
    PrivacyStop
        With everything that is missing.
    """
    privacy = recipe.privacy
    problems = [problem for problem in consent_problems(recipe, tables) if problem.code.startswith("P")]
    problems += spelled_otherwise(recipe, tables)
    everywhere = {column for columns in tables.values() for column in columns}
    for column in privacy.columns:
        if column not in everywhere and set(tables) == set(recipe.ingest):
            where = recipe.document.where_key(("privacy", "columns", column))
            hints = only_names(recipe, everywhere, nearest(column, everywhere))
            problems.append(Problem("P002", f"no table has the column '{column}'", where, hints))
    for table, columns in tables.items():
        for column, treatment in privacy.columns.items():
            if isinstance(treatment, ShiftDates) and column in columns and treatment.by not in columns:
                where = recipe.document.where_key(("privacy", "columns", column))
                problems.append(by_missing(table, column, treatment.by, tuple(columns)).at(where))
    if problems:
        raise PrivacyStop(problems)
