"""Release: what an action decides leaves only as anonymous as ``privacy: {release: ...}`` asks.

A run is held to it before it records and delivers, `sartor.predicting` before the first answer to new data leaves.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sartor.errors import PrivacyStop, Problem
from sartor.guard.anonymity import problems_of

if TYPE_CHECKING:
    import pandas as pd

    from sartor.recipe.model import Recipe
    from sartor.session import Session
    from sartor.stages.deciding import Decided


def check_released(session: Session, decided: Mapping[str, Decided]) -> None:
    """Hold the decisions of a run to what is asked of them; nothing has been recorded yet.

    Raises
    ------
    PrivacyStop
        Naming the smallest classes by their sizes only.
    """
    check_tables(session.recipe, {name: one.decisions for name, one in decided.items()})


def check_tables(recipe: Recipe, tables: Mapping[str, pd.DataFrame]) -> None:
    """Hold tables, by the actions that decided them, to what the recipe asks of them."""
    problems: list[Problem] = []
    for action, release in recipe.privacy.limits.release.items():
        if action in tables:
            where = recipe.document.where_key(("privacy", "release", action))
            found = problems_of(f"the table of '{action}'", tables[action], release)
            problems += [problem.at(where) for problem in found]
    if problems:
        raise PrivacyStop(problems)
