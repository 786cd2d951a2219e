"""Judge: every model beside the trivial answers, on the same held-out rows and the same redraws of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sartor.errors import InputError
from sartor.evidence.bootstrap import Measured, Redraws, measure, totals
from sartor.evidence.verdicts import compare
from sartor.held import held_in
from sartor.rows import GROUP
from sartor.wording import form, listed, plural

if TYPE_CHECKING:
    from sartor.components import Task
    from sartor.evidence.metric import Metric
    from sartor.session import Session
    from sartor.stages.deciding import Decided
    from sartor.stages.fitting import FittedModel
    from sartor.stages.framing import Frame


@dataclass(frozen=True)
class Verdicts:
    """What was measured of every model.

    Parameters
    ----------
    metrics : tuple of Metric
        Those that exist for some model; the first is compared first.
    measured : mapping of model to mapping of metric to Measured
    redraws : Redraws
        Of the judged rows, in the order of the rounds.
    beside : mapping of model to mapping of metric to numbers
        What helps to read a metric, such as the calibration error that right probabilities would show.
    """

    metrics: tuple[Metric, ...]
    measured: Mapping[str, Mapping[str, Measured]]
    redraws: Redraws
    beside: Mapping[str, Mapping[str, Mapping[str, float]]]


def choose_champion(session: Session, task: Task, fitted: Mapping[str, FittedModel], frame: Frame) -> str:
    """Return the champion: the first model of the recipe, or the one that ``select`` picks on inner rows."""
    models = [name for name, model in fitted.items() if not model.trivial]
    select = session.recipe.select
    return models[0] if select is None else _selected(session, task, models, frame, select)


def _selected(session: Session, task: Task, models: Sequence[str], frame: Frame, by: str) -> str:
    from sartor.preparing import fit_prepared
    from sartor.stages.building import build
    from sartor.stages.fitting import checked

    if len(frame.parts.rounds) > 1:
        raise InputError(
            "select cannot go with a split in which every row judges at some time",
            code="R049",
            where=session.recipe.document.where(("select",)),
            hints=(("to mend", "let a model choose inside each round: use: learn.chosen"),),
        )
    metric = next(metric for metric in task.metrics() if metric.name == by)
    learn, validate = frame.round(0)[0].inner()
    shortfall: dict[str, float] = {}
    built = build(session.recipe, session.plugins)
    for name in models:
        prepared = built.models[name]
        with session.step(("models", name), prepared.use, "fit"):
            context = session.context(("models", name)).for_step(f"select.{name}")
            model = fit_prepared(prepared.model, prepared.steps, learn, context)
            predicted = checked(model.predict(validate.without_truth()), validate, f"models.{name}")
        value = metric.value(_judged(validate, predicted, learn))
        shortfall[name] = float(metric.shortfall(np.array([value]))[0])
    best = min(models, key=lambda name: (np.isnan(shortfall[name]), shortfall[name]))
    tried = plural(len(models), "model")
    session.context(("select",)).note(f"{best} has the best {metric.label} of {tried} on inner rows")
    return best


def _judged(held: Any, predictions: Any, learned_from: Any) -> Any:
    from sartor.rows import Judged

    return Judged(held.y, predictions, held_in(held, "rows"), held.classes, learned_from)


def judge(session: Session, task: Task, fitted: Mapping[str, FittedModel], frame: Frame) -> Verdicts:
    """Measure every model on the rows that judge, and on redraws of them."""
    recipe = session.recipe
    rounds = frame.parts.rounds
    with session.stage("judge") as stage, session.step(("task",), recipe.task.use if recipe.task else "", "metrics"):
        groups = [frame.spine[GROUP][part.test].to_numpy() for part in rounds] if GROUP in frame.spine else None
        redraws = Redraws(
            sum(int(part.test.sum()) for part in rounds),
            groups=None if groups is None else np.concatenate(groups),
            count=recipe.judge.redraws,
            seed=session.context(("judge",)).seed,
        )
        judged = {name: _of_rounds(model, frame) for name, model in fitted.items()}
        metrics = task.metrics()
        measured = measure_rounds(judged, metrics, redraws, frame)
        there = [
            metric for metric in metrics if any(not np.isnan(measured[name][metric.name].value) for name in measured)
        ]
        smallest = recipe.privacy.smallest_group
        used = tuple(metric for metric in there if _stands_on_enough(metric, judged, smallest))
        stage.line = f"{plural(len(fitted), 'model')}, {plural(redraws.count, 'redraw')}"
        stage.summary = {"models": len(fitted), "redraws": redraws.count, "groups": redraws.n_groups}
        if redraws.note:
            session.context(("judge",)).note(redraws.note)
        if hidden := [metric.name for metric in there if metric not in used]:
            session.context(("judge",)).note(
                f"{listed(hidden)} {form(len(hidden), 'stands', 'stand')} on fewer than {plural(smallest, 'row')} "
                f"and {form(len(hidden), 'is', 'are')} not told"
            )
        beside = {
            name: {metric.name: dict(metric.beside(parts[0])) for metric in used if metric.beside is not None}
            for name, parts in judged.items()
            if len(parts) == 1
        }
    return Verdicts(used, measured, redraws, beside)


def _stands_on_enough(metric: Metric, judged: Mapping[str, list[Any]], smallest: int) -> bool:
    """Tell whether a metric of some rows only, as of newcomers, has enough of them to be told."""
    if not metric.partial:
        return True
    return all(
        sum(int(np.isfinite(metric.losses(part)).sum()) for part in parts)
        >= min(smallest, sum(len(p.truth) for p in parts))
        for parts in judged.values()
    )


def _of_rounds(model: FittedModel, frame: Frame) -> list[Any]:
    return [frame.judged(number, predictions) for number, predictions in enumerate(model.predictions)]


def measure_rounds(
    judged: Mapping[str, list[Any]], metrics: Sequence[Metric], redraws: Redraws, frame: Frame
) -> dict[str, dict[str, Measured]]:
    """Measure models on the rows that judge, over all rounds or on each as the split says."""
    if len(frame.parts.rounds) == 1:
        return measure({name: parts[0] for name, parts in judged.items()}, metrics, redraws)
    if frame.parts.average == "pool":
        return measure({name: _pooled(parts) for name, parts in judged.items()}, metrics, redraws)
    sizes = [int(part.test.sum()) for part in frame.parts.rounds]
    ends = np.cumsum(sizes)
    places = [np.arange(end - size, end) for end, size in zip(ends, sizes, strict=True)]
    return measure(judged, metrics, redraws, rounds=places)


def _pooled(parts: Sequence[Any]) -> Any:
    """Put the judged rows of all rounds together; what they learned from differs and is left out."""
    import pandas as pd

    from sartor.rows import Judged

    truths = [part.truth for part in parts]
    together = pd.concat(truths, ignore_index=True) if isinstance(truths[0], pd.DataFrame) else np.concatenate(truths)
    return Judged(
        together,
        pd.concat([part.predictions for part in parts], ignore_index=True),
        pd.concat([part.rows for part in parts], ignore_index=True),
        parts[0].classes,
        None,
    )


def model_summaries(
    session: Session,
    verdicts: Verdicts,
    fitted: Mapping[str, FittedModel],
    champion: str,
    money: Mapping[str, Measured],
) -> dict[str, Any]:
    """Put every model's numbers, and its standing against the champion, into JSON types."""
    summaries: dict[str, Any] = {}
    confidence = session.recipe.judge.confidence
    for name, model in fitted.items():
        measured = verdicts.measured[name]
        entry: dict[str, Any] = {
            "trivial": model.trivial,
            "use": model.use,
            "metrics": {
                metric.name: interval_of(
                    measured[metric.name], confidence, verdicts.beside.get(name, {}).get(metric.name)
                )
                for metric in verdicts.metrics
                if not np.isnan(measured[metric.name].value)
            },
        }
        against: dict[str, Any] = {"metrics": {}}
        if name != champion:
            for metric in verdicts.metrics:
                pair = (measured[metric.name], verdicts.measured[champion][metric.name])
                against["metrics"][metric.name] = _comparison(*pair, metric.better, confidence)
        if name in money:
            entry["value"] = {"unit": session.recipe.currency or "", **interval_of(money[name], confidence)}
            if name != champion:
                against["value"] = _comparison(money[name], money[champion], "higher", confidence)
        entry["against"] = against
        summaries[name] = entry
    return summaries


def money_of(verdicts: Verdicts, decided: Decided) -> tuple[dict[str, Measured], dict[str, Measured]]:
    """Return what decisions on each model, and each simple policy, were worth in all; empty without money."""
    models = {f"model {name}": values for name, values in decided.money.items() if values is not None}
    policies = {f"policy {name}": values for name, values in decided.policies.items() if values is not None}
    if not models and not policies:
        return {}, {}
    worth = totals({**models, **policies}, verdicts.redraws)
    return (
        {name.removeprefix("model "): worth[name] for name in models},
        {name.removeprefix("policy "): worth[name] for name in policies},
    )


def policy_summaries(
    session: Session,
    policies: Mapping[str, Measured],
    champion: Measured | None,
    ours: str | None = None,
    about: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Put the worth of policies, and their standing against the champion's, into JSON types; `ours` is that one.

    Where an action says what a policy does, that stands beside it.
    """
    confidence = session.recipe.judge.confidence
    found: dict[str, Any] = {}
    for name, measured in policies.items():
        found[name] = {"unit": session.recipe.currency or "", **interval_of(measured, confidence)}
        if about and about.get(name):
            found[name]["about"] = about[name]
        if champion is not None and name != ours:
            found[name]["against"] = _comparison(measured, champion, "higher", confidence)
    return found


def action_summary(
    session: Session, decided: Decided, worth: Mapping[str, Measured], policies: Mapping[str, Measured]
) -> dict[str, Any]:
    """Put one of several actions into JSON types: its sentence, the model it decides on, what decisions are worth."""
    ours = worth.get(decided.champion)
    return {
        "headline": decided.headline,
        "champion": decided.champion,
        "models": policy_summaries(session, worth, ours, decided.champion),
        "policies": policy_summaries(session, policies, ours, about=decided.about),
    }


def interval_of(measured: Measured, confidence: float, beside: Mapping[str, float] | None = None) -> dict[str, Any]:
    """Return a value with the ends of its interval in JSON types, and what stands beside it."""
    interval = measured.interval(confidence)
    values: dict[str, Any] = {
        "value": measured.value,
        "low": interval.low if interval else None,
        "high": interval.high if interval else None,
    }
    if beside:
        values["beside"] = dict(beside)
    return values


def _comparison(model: Measured, champion: Measured, better: Any, confidence: float) -> dict[str, Any]:
    compared = compare(model, champion, better, confidence=confidence)
    return {
        "verdict": compared.sentence,
        "difference": compared.difference,
        "low": compared.interval.low if compared.interval else None,
        "high": compared.interval.high if compared.interval else None,
    }
