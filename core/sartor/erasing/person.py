"""Who is to be erased: by which columns, and as which texts, a run knows the person."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sartor.errors import PrivacyStop, UsageError, nearest
from sartor.guard.pseudonyms import Key

_UNTRACEABLE = {"generalise": "made coarser", "mask": "masked", "shift_dates": "shifted"}


@dataclass(frozen=True)
class Trace:
    """How a run knows a person.

    Parameters
    ----------
    columns : mapping of table to str
        The column that holds the key in each table that may have it.
    text : str
        The key as it entered: itself, or its pseudonym.
    why_not : str
        Why nobody can be told apart in the run; empty where they can.
    """

    columns: Mapping[str, str]
    text: str
    why_not: str = ""


def trace_of(recipe: Mapping[str, Any], key: str, table: str | None, checks: frozenset[str]) -> Trace | None:
    """Return how a recipe, as it was resolved, knows a person; None where it does not have the table.

    Parameters
    ----------
    recipe : mapping
    key : str
        As the source has it.
    table : str or None
        Whose key it is.
    checks : frozenset of str
        Checks of keys that the run noted; a key of another check gives other pseudonyms.

    Raises
    ------
    UsageError
        If it is left open which table's key it is.
    PrivacyStop
        If the key of pseudonyms is missing, or is another one.
    """
    ingest: Mapping[str, Any] = recipe.get("ingest") or {}
    if table is not None and table not in ingest:
        return None
    own, column = _column_of(recipe, ingest, table)
    roles = {name: role for role, name in (ingest[own].get("roles") or {}).items()} if own else {}
    role = roles.get(column)
    columns = {name: str((step.get("roles") or {}).get(role, column)) for name, step in ingest.items()}
    privacy = recipe.get("privacy") or {}
    said = (privacy.get("columns") or {}).get(column)
    word = next(iter(said)) if isinstance(said, Mapping) else said
    if word == "pseudonymise":
        return Trace(columns, _key_of(privacy, checks).pseudonym(key))
    if word == "drop":
        return Trace({}, key, f"'{column}' never entered")
    if word in _UNTRACEABLE:
        return Trace({}, key, f"'{column}' was {_UNTRACEABLE[word]}, so that nobody can be told apart by it")
    return Trace(columns, key)


def _column_of(recipe: Mapping[str, Any], ingest: Mapping[str, Any], table: str | None) -> tuple[str, str]:
    """Return the table whose key it is, and the column."""
    keys = {name: _names(step.get("key")) for name, step in ingest.items()}
    if table is not None:
        if len(keys[table]) != 1:
            what = "no key" if not keys[table] else f"a key of {len(keys[table])} columns"
            raise UsageError(
                f"table {table} of {recipe.get('recipe')} has {what}, so that a single value names no person",
                code="U130",
                hints=(("to mend", "say the column: sartor privacy erase --key ID --column COLUMN"),),
            )
        return table, keys[table][0]
    person = ((recipe.get("privacy") or {}).get("consent") or {}).get("person")
    if person:
        for name, step in ingest.items():
            return name, str((step.get("roles") or {}).get(person, person))
    single = {names[0]: name for name, names in keys.items() if len(names) == 1}
    if len(single) == 1:
        column, own = next(iter(single.items()))
        return own, column
    tables = ", ".join(sorted(single.values())) or "none"
    raise UsageError(
        f"whose key it is is left open: tables of {recipe.get('recipe')} with a key of one column: {tables}",
        code="U130",
        hints=(("to mend", "say the table: sartor privacy erase --key ID --table TABLE"),),
    )


def _names(said: Any) -> list[str]:
    return [said] if isinstance(said, str) else list(said or ())


def _key_of(privacy: Mapping[str, Any], checks: frozenset[str]) -> Key:
    name = str(privacy.get("key", "")).removeprefix("secret:")
    secret = os.environ.get(name)
    if not secret:
        raise PrivacyStop(
            f"the secret {name} is not set, and the pseudonym of the person follows from it",
            code="P003",
            hints=(("to mend", f"set the environment variable {name}, then erase again"),),
        )
    key = Key(secret.encode("utf-8", "surrogateescape"))
    wanted = {str(privacy["key_check"])} if privacy.get("key_check") else checks
    if wanted and key.check not in wanted:
        raise PrivacyStop(
            f"the secret {name} is another key than the run was made with: the person has another pseudonym there",
            code="P003",
            hints=(("to mend", f"set {name} to the key that the run was made with"),),
        )
    return key


def unknown_table(table: str, known: set[str]) -> UsageError:
    """Return the error of a table that no run has read."""
    return UsageError(f"no run has read a table '{table}'", code="U131", hints=nearest(table, known))
