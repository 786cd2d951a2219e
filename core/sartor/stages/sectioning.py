"""Sections: what task, champion and actions have to say in the report, checked, and small groups hidden.

The verb ``sections`` of each is called once, after deciding. A record that breaks the contract ends the run, as that
of any other verb does; lines that tell of fewer rows than the recipe's smallest group are hidden here, so that no
report ever has them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sartor.errors import PluginError
from sartor.held import held_in, with_fields
from sartor.rows import ROW, Judged
from sartor.sections import Caution, Section
from sartor.stages.deciding import named, tables_for
from sartor.stages.section_contract import problem_of
from sartor.stages.section_writing import written

if TYPE_CHECKING:
    from sartor.components import Action, Fitted, Task
    from sartor.context import Context
    from sartor.evidence.audited import Audited
    from sartor.rows import Scoring, Tables, Training
    from sartor.session import Session
    from sartor.stages.deciding import Decided
    from sartor.stages.fitting import FittedModel
    from sartor.stages.framing import Frame

FILE = "sections.json"
"""The sections in a run's folder."""


def sections_of(
    session: Session,
    task: Task,
    actions: Mapping[str, Action],
    fitted: Mapping[str, FittedModel],
    champion: str,
    decided: Mapping[str, Decided],
    frame: Frame,
    audited: Mapping[str, Audited] | None = None,
    tables: Tables | None = None,
) -> dict[str, Any]:
    """Return what the components have to say, in JSON types: what ``sections.json`` holds.

    Raises
    ------
    PluginError
        If a verb fails, or yields something other than sections that keep the contract.
    """
    model = fitted[champion]
    made: list[dict[str, Any]] = []
    with session.stage("sections"):
        judged = judged_of(model, frame)
        verbs = _verbs(session, task, actions, fitted, model, decided, frame, judged, audited or {}, tables)
        for path, use, verb in verbs:
            made.extend(_asked(session, path, use, verb))
    return {
        "schema": 1,
        "smallest_group": session.recipe.privacy.smallest_group,
        "sections": [entry for entry in made if "title" in entry],
        "cautions": [entry for entry in made if "title" not in entry],
    }


Verb = Callable[["Context"], "Iterable[Section | Caution]"]


def _verbs(
    session: Session,
    task: Task,
    actions: Mapping[str, Action],
    fitted: Mapping[str, FittedModel],
    model: FittedModel,
    decided: Mapping[str, Decided],
    frame: Frame,
    judged: Judged,
    audited: Mapping[str, Audited],
    tables: Tables | None,
) -> Iterator[tuple[tuple[str, ...], str, Verb]]:
    """Yield each verb ``sections`` with its step; what it is handed is made when it is called."""
    recipe = session.recipe
    path = ("task",) if model.trivial else ("models", model.name)
    yield ("task",), recipe.task.use if recipe.task else "", lambda context: task.sections(judged, context)
    predict = _predictor(model, frame)
    yield path, model.use, lambda context: model.final.sections(judged, replace(context, predict=predict))
    for name, action in actions.items():
        yield (
            ("actions", name),
            recipe.actions[name].use,
            _verb_of(action, decided[name], fitted, frame, audited.get(name), recipe.actions[name].sources, tables),
        )


def _verb_of(
    action: Action,
    decided: Decided,
    fitted: Mapping[str, FittedModel],
    frame: Frame,
    audited: Audited | None,
    sources: Sequence[str],
    tables: Tables | None,
) -> Verb:
    def verb(context: Context) -> Iterable[Section | Caution]:
        outcome = _outcome(frame)
        predictions = pd.concat(fitted[decided.champion].predictions, ignore_index=True)
        explain = _explainer(fitted[decided.champion], frame)
        policies = {name: made.copy(deep=False) for name, made in decided.by_policy.items()}
        handed = replace(
            context,
            explain=explain,
            policies=policies,
            audited=audited,
            tables=tables_for(sources, tables, frame, outcome.rows),
            predictions=predictions,
        )
        return action.sections(named(decided.decisions, frame.own_table), outcome, handed)

    return verb


def _asked(session: Session, path: tuple[str, ...], use: str, verb: Verb) -> Iterator[dict[str, Any]]:
    context = session.context(path)
    with session.step(path, use, "sections"):
        records: Any = verb(context)
        found = list(records) if isinstance(records, Iterable) else [records]
    seen: set[str] = set()
    for record in found:
        problem = problem_of(record) or (f"it yields '{record.id}' twice" if record.id in seen else "")
        if problem:
            raise PluginError(
                f"{'.'.join(path)}: '{use}' breaks the contract of sections: {problem}",
                code="X021",
                where=session.recipe.document.where(path),
            )
        seen.add(record.id)
        yield {"step": ".".join(path), "use": use, **written(record, session.recipe.privacy.smallest_group)}


# ---------------------------------------------------------------------------------------------------------------
# The held-out rows, of all rounds together
# ---------------------------------------------------------------------------------------------------------------


def judged_of(model: FittedModel, frame: Frame) -> Judged:
    """Return all held-out rows with truth, features and one model's predictions, those of several rounds together."""
    if len(frame.parts.rounds) == 1:
        judged = frame.judged(0, model.predictions[0])
        return with_fields(judged, X=held_in(frame.round(0)[1], "X"), facts=frame.facts)
    outcome = _outcome(frame)
    predictions = pd.concat(model.predictions, ignore_index=True)
    rows, X = held_in(outcome, "rows"), held_in(outcome, "X")
    return Judged(outcome.y, predictions, rows, frame.classes, None, X, frame.facts)


def _outcome(frame: Frame) -> Training:
    """Return the held-out rows with their truth, in the order of the rounds, which is that of the decisions."""
    rounds = frame.parts.rounds
    if len(rounds) == 1:
        return frame.round(0)[1]
    return frame.training(np.concatenate([np.flatnonzero(part.test) for part in rounds]))


Asking = Callable[["Fitted", "Scoring"], "pd.DataFrame | None"]


def _explainer(model: FittedModel, frame: Frame) -> Callable[[Scoring], pd.DataFrame | None]:
    """Explain held-out rows, each by the model that did not learn from it."""
    return _by_rounds(model, frame, lambda fitted, scoring: fitted.explain(scoring))


def _predictor(model: FittedModel, frame: Frame) -> Callable[[Scoring], pd.DataFrame]:
    """Answer held-out rows, each by the model that did not learn from it, whatever features they are handed with."""
    asked = _by_rounds(model, frame, lambda fitted, scoring: fitted.predict(scoring))

    def predict(scoring: Scoring) -> pd.DataFrame:
        answers = asked(scoring)
        return model.final.predict(scoring) if answers is None else answers

    return predict


def _by_rounds(model: FittedModel, frame: Frame, ask: Asking) -> Callable[[Scoring], pd.DataFrame | None]:
    rounds = frame.parts.rounds
    if len(rounds) == 1:
        return lambda scoring: ask(model.rounds[0], scoring)
    round_of = pd.Series(-1, index=frame.spine[ROW])
    for number, part in enumerate(rounds):
        round_of.iloc[np.flatnonzero(part.test)] = number

    def asked(scoring: Scoring) -> pd.DataFrame | None:
        numbers = round_of.reindex(scoring.rows[ROW]).to_numpy()
        pieces = []
        for number in np.unique(numbers):
            places = np.flatnonzero(numbers == number)
            piece = ask(model.rounds[int(number)], scoring.take(places))
            if piece is None:
                return None
            pieces.append(piece.set_axis(places))
        return pd.concat(pieces).sort_index().reset_index(drop=True) if pieces else None

    return asked
