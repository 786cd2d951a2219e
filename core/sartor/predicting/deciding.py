"""Decides on new rows by the actions of the recipe: row by row where an action says so, on all at once where not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from sartor.errors import UsageError
from sartor.rows import ROW
from sartor.stages.deciding import check_decisions

if TYPE_CHECKING:
    from sartor.components import Action, Fitted
    from sartor.predicting.opening import Opened
    from sartor.rows import Scoring, Table
    from sartor.session import Session


@dataclass(frozen=True)
class Decider:
    """The actions of a recipe, each with the model that it decides on.

    Parameters
    ----------
    session : Session
    actions : mapping of name to Action
        Empty where nothing is to be decided.
    models : mapping of name to Fitted
    decided_on : mapping of action to model
    class_shares : tuple of float
        Share of each class among the rows that the models learned from.
    tables : mapping of name to Table
        Beside the rows' own; an action is handed those that its ``from`` names.
    """

    session: Session
    actions: Mapping[str, Action]
    models: Mapping[str, Fitted]
    decided_on: Mapping[str, str]
    class_shares: tuple[float, ...] = ()
    tables: Mapping[str, Table] = field(default_factory=dict)

    @property
    def at_once(self) -> list[str]:
        """Actions that decide on each row by itself."""
        return [name for name, action in self.actions.items() if action.row_by_row]

    @property
    def later(self) -> list[str]:
        """Actions that must see all rows."""
        return [name for name, action in self.actions.items() if not action.row_by_row]

    def decide(self, answers: Mapping[str, pd.DataFrame], scoring: Scoring) -> dict[str, pd.DataFrame]:
        """Return what actions that look at each row by itself decide on some rows."""
        return {name: self._decide(name, answers, scoring, piecewise=True) for name in self.at_once}

    def decide_on_all(self, answers: Mapping[str, pd.DataFrame], scoring: Scoring) -> dict[str, pd.DataFrame]:
        """Return what the other actions decide on all rows."""
        return {name: self._decide(name, answers, scoring, piecewise=False) for name in self.later}

    def _decide(
        self, name: str, answers: Mapping[str, pd.DataFrame], scoring: Scoring, *, piecewise: bool
    ) -> pd.DataFrame:
        use, model = self.session.recipe.actions[name].use, self.decided_on[name]
        context = replace(
            self.session.context(("actions", name)),
            explain=self._explainer(model),
            class_shares=self.class_shares,
            piecewise=piecewise,
            tables={one: self.tables[one] for one in self.session.recipe.actions[name].sources if one in self.tables},
        )
        with self.session.step(("actions", name), use, "decide"):
            decisions = self.actions[name].decide(answers[model], scoring, context)
            check_decisions(decisions, scoring, name, use)
        if ROW not in decisions:
            raise UsageError(
                f"actions.{name} decides on no single row, so its decisions cannot stand beside the rows",
                code="U076",
                hints=(("to mend", "leave out --decide, and run the recipe for its decisions"),),
            )
        return decisions.drop(columns=ROW).reset_index(drop=True)

    def _explainer(self, model: str) -> Any:
        fitted, use = self.models[model], self.session.recipe.models[model].use

        def explain(scoring: Scoring) -> pd.DataFrame | None:
            with self.session.step(("models", model), use, "explain"):
                return fitted.explain(scoring)

        return explain


def models_decided_on(opened: Opened, model: str | None, actions: Sequence[str]) -> dict[str, str]:
    """Return the model that each action decides on: the one asked for, else the one it names, else the champion.

    Raises
    ------
    UsageError
        If there is no action.
    """
    recipe = opened.recipe
    if not actions:
        raise UsageError(
            f"{recipe.name} has no action, so there is nothing to decide",
            code="U076",
            hints=(("to mend", "leave out --decide"),),
        )
    found = {}
    for name in actions:
        named = recipe.actions[name].sources
        own = next((source for source in named if source in recipe.models), None)
        found[name] = model or own or opened.champion
    return found
