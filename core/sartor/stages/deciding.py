"""Decide, and value the decisions in money beside those of named simple policies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sartor.errors import PluginError
from sartor.evidence.future import cut_table
from sartor.rows import AS_OF, ROW
from sartor.wide import chosen
from sartor.wording import form, plural

if TYPE_CHECKING:
    from sartor.components import Action, Fitted
    from sartor.rows import Scoring, Table, Tables
    from sartor.session import Session
    from sartor.stages.fitting import FittedModel
    from sartor.stages.framing import Frame


@dataclass(frozen=True)
class Decided:
    """What an action made of the predictions.

    Parameters
    ----------
    name : str
        The recipe's name for the action.
    champion : str
        The model that it decides on.
    decisions : DataFrame
        The champion's decisions for all judged rows, in the order of the rounds.
    headline : str
        The decision as a sentence.
    money : mapping of model to ndarray or None
        What each row's decision was worth, by the model decided on.
    policies : mapping of policy to ndarray or None
        The same for the named simple policies.
    by_policy : mapping of policy to DataFrame
        What they decide.
    """

    name: str
    champion: str
    decisions: pd.DataFrame
    headline: str
    money: Mapping[str, np.ndarray | None]
    policies: Mapping[str, np.ndarray | None]
    by_policy: Mapping[str, pd.DataFrame] = field(default_factory=dict)

    @property
    def about(self) -> dict[str, str]:
        """What each policy says of itself, by ``attrs["about"]`` of its decisions; the others are not named."""
        said = {policy: str(made.attrs.get("about") or "") for policy, made in self.by_policy.items()}
        return {policy: text for policy, text in said.items() if text}


def decide_all(
    session: Session,
    actions: Mapping[str, Action],
    fitted: Mapping[str, FittedModel],
    champion: str,
    frame: Frame,
    tables: Tables | None = None,
) -> dict[str, Decided]:
    """Let every action decide, on the champion's predictions and for comparison on every other model's.

    Parameters
    ----------
    tables : Tables, optional
        From which an action is handed those that its ``from`` names.
    """
    if not actions:
        return {}
    decided: dict[str, Decided] = {}
    with session.stage("decide") as stage:
        for name, action in actions.items():
            sources = [source for source in session.recipe.actions[name].sources if source in fitted]
            on = sources[0] if sources else champion
            decided[name] = _decide_one(session, name, action, fitted, on, frame, tables)
        lines = sum(len(entry.decisions) for entry in decided.values())
        reasons = any("reason" in column for entry in decided.values() for column in entry.decisions.columns)
        stage.line = plural(lines, "decision") + (f", with {form(lines, 'its', 'their')} reasons" if reasons else "")
        stage.summary = {name: len(entry.decisions) for name, entry in decided.items()}
    return decided


def _decide_one(
    session: Session,
    name: str,
    action: Action,
    fitted: Mapping[str, FittedModel],
    champion: str,
    frame: Frame,
    tables: Tables | None,
) -> Decided:
    held = _Held({model: [] for model in fitted}, {model: [] for model in fitted})
    for number in range(len(frame.parts.rounds)):
        _decide_round(session, name, action, fitted, champion, frame, tables, number, held)
    decisions = pd.concat(held.made[champion], ignore_index=True)
    return Decided(
        name=name,
        champion=champion,
        decisions=decisions,
        headline=_headline(session, name, action, named(decisions, frame.own_table)),
        money={model: _joined(values) for model, values in held.money.items()},
        policies={policy: _joined(values) for policy, values in held.policies.items()},
        by_policy={policy: _together(made) for policy, made in held.by_policy.items()},
    )


@dataclass(frozen=True)
class _Held:
    """What an action made of each round so far: its decisions and their worth, by model and by policy."""

    made: dict[str, list[pd.DataFrame]]
    money: dict[str, list[np.ndarray | None]]
    policies: dict[str, list[np.ndarray | None]] = field(default_factory=dict)
    by_policy: dict[str, list[pd.DataFrame]] = field(default_factory=dict)


def _decide_round(
    session: Session,
    name: str,
    action: Action,
    fitted: Mapping[str, FittedModel],
    champion: str,
    frame: Frame,
    tables: Tables | None,
    number: int,
    held: _Held,
) -> None:
    use, step = session.recipe.actions[name].use, ("actions", name)
    training, outcome = frame.round(number)
    handed = tables_for(session.recipe.actions[name].sources, tables, frame, outcome.rows)
    shares = frame.class_shares(frame.parts.rounds[number].train)
    context = replace(session.context(step), class_shares=shares, tables=handed)
    scoring = outcome.without_truth()
    scoring = replace(scoring, rows=named(scoring.rows, frame.own_table))
    for model, result in fitted.items():
        explain = _explainer(session, result.rounds[number], result) if model == champion else None
        with session.step(step, use, "decide"):
            decisions = action.decide(result.predictions[number], scoring, replace(context, explain=explain))
            check_decisions(decisions, scoring, name, use)
        held.made[model].append(decisions)
        with session.step(step, use, "value"):
            held.money[model].append(_money(action.value(decisions, outcome), len(outcome), name, use))
    with session.step(step, use, "policies"):
        simple = dict(action.policies(training, scoring, context))
    with session.step(step, use, "value"):
        for policy, decisions in simple.items():
            worth = _money(action.value(decisions, outcome), len(outcome), name, use)
            held.policies.setdefault(policy, []).append(worth)
            held.by_policy.setdefault(policy, []).append(decisions)


def worth_of(
    session: Session,
    name: str,
    action: Action,
    result: FittedModel,
    frame: Frame,
    whole: Frame,
    tables: Tables | None,
    kept: Sequence[str],
) -> np.ndarray | None:
    """Return what an action's decisions on one model are worth, a line a row, where some of what is known is withheld.

    Parameters
    ----------
    frame, whole : Frame
        Without a source, and with all of them: what really happened is taken from there.
    kept : sequence of str
        Columns of the rows that the action's own settings name: a loan has an amount, whoever knows it.
    """
    use, context = session.recipe.actions[name].use, session.context(("actions", name))
    money: list[np.ndarray | None] = []
    for number, predictions in enumerate(result.predictions):
        held, outcome = frame.round(number)[1].without_truth(), whole.round(number)[1]
        rows = held.rows.assign(**{column: outcome.rows[column] for column in kept if column in outcome.rows})
        scoring = replace(held, rows=named(rows, frame.own_table))
        handed = tables_for(session.recipe.actions[name].sources, tables, frame, outcome.rows)
        shares = whole.class_shares(whole.parts.rounds[number].train)
        context = replace(context, class_shares=shares, tables=handed)
        explain = _explainer(session, result.rounds[number], result) if result.rounds else None
        with session.step(("actions", name), use, "decide"):
            decisions = action.decide(predictions, scoring, replace(context, explain=explain))
            check_decisions(decisions, scoring, name, use)
        with session.step(("actions", name), use, "value"):
            money.append(_money(action.value(decisions, outcome), len(outcome), name, use))
    return _joined(money)


def tables_for(sources: Sequence[str], tables: Tables | None, frame: Frame, rows: pd.DataFrame) -> dict[str, Table]:
    """Return the tables that an action names, as they stood when the first of some rows was asked, without truth."""
    moment = rows[AS_OF].min() if AS_OF in rows and len(rows) else None
    handed: dict[str, Table] = {}
    for name in sources:
        if tables is None or name not in tables:
            continue
        table = tables[name]
        if name == frame.own_table:
            table = table.with_frame(chosen(table.frame, [one for one in table.columns if one not in frame.truth]))
        handed[name] = table if moment is None else cut_table(table, moment.to_pydatetime())
    return handed


def _headline(session: Session, name: str, action: Action, decisions: pd.DataFrame) -> str:
    use = session.recipe.actions[name].use
    with session.step(("actions", name), use, "headline"):
        headline = action.headline(decisions)
        if not isinstance(headline, str):
            raise PluginError(
                f"actions.{name}: '{use}' breaks the contract of headline: it returned {type(headline).__name__} "
                "where a sentence is due",
                code="X021",
            )
    return headline


def named(decisions: pd.DataFrame, table: str | None) -> pd.DataFrame:
    """Return rows or decisions with the name of the table that they are about; what is recorded does not carry it."""
    told = decisions.copy(deep=False)
    if table is not None:
        told.attrs["table"] = table
    return told


def _explainer(session: Session, model: Fitted, result: FittedModel) -> Any:
    path = ("task",) if result.trivial else ("models", result.name)

    def explain(scoring: Scoring) -> pd.DataFrame | None:
        with session.step(path, result.use, "explain"):
            return model.explain(scoring)

    return explain


def check_decisions(decisions: Any, scoring: Scoring, name: str, use: str) -> None:
    """Refuse decisions that break the contract: lines that are not the rows in their order.

    Raises
    ------
    PluginError
    """
    if not isinstance(decisions, pd.DataFrame):
        raise PluginError(
            f"actions.{name}: '{use}' breaks the contract of decide: it returned {type(decisions).__name__} "
            "where a DataFrame is due",
            code="X021",
        )
    if ROW in decisions and (
        len(decisions) != len(scoring) or not (decisions[ROW].to_numpy() == scoring.rows[ROW].to_numpy()).all()
    ):
        raise PluginError(
            f"actions.{name}: '{use}' breaks the contract of decide: its lines are not the "
            f"{plural(len(scoring), 'row')} in their order",
            code="X021",
        )


def _money(values: Any, rows: int, name: str, use: str) -> np.ndarray | None:
    if values is None:
        return None
    money = np.asarray(values, dtype="float64")
    if money.shape != (rows,) or not np.isfinite(money).all():
        raise PluginError(
            f"actions.{name}: '{use}' breaks the contract of value: one finite amount is due for each of "
            f"{plural(rows, 'row')}",
            code="X021",
        )
    return money


def _together(made: list[pd.DataFrame]) -> pd.DataFrame:
    """Put a policy's decisions of all rounds together; what it says of itself is that of the first."""
    together = made[0] if len(made) == 1 else pd.concat(made, ignore_index=True)
    together.attrs.update(made[0].attrs)
    return together


def _joined(values: list[np.ndarray | None]) -> np.ndarray | None:
    present = [value for value in values if value is not None]
    return np.concatenate(present) if len(present) == len(values) and present else None
