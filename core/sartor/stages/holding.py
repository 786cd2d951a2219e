"""Gates: bars that the champion, the money and the measures of decisions must not fall beyond."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from sartor.errors import InputError, nearest
from sartor.evidence.audited import TOO_FEW
from sartor.evidence.bootstrap import Measured
from sartor.evidence.groups import Worst
from sartor.evidence.verdicts import gate
from sartor.recipe.gating import MONEY
from sartor.stages.judging import interval_of

if TYPE_CHECKING:
    from sartor.evidence.audited import Audited
    from sartor.recipe.bars import Gate
    from sartor.session import Session
    from sartor.stages.judging import Verdicts


def hold_gates(
    session: Session,
    verdicts: Verdicts,
    champion: str,
    money: Mapping[str, Mapping[str, Measured]],
    audited: Mapping[str, Audited] | None = None,
) -> list[dict[str, Any]]:
    """Hold every gate of the recipe against its model; a gate fails when the whole interval lies beyond the bar.

    Parameters
    ----------
    session : Session
    verdicts : Verdicts
    champion : str
    money : mapping of action to mapping of model to Measured
    audited : mapping of action to Audited, optional
        What was measured of decisions, by action.
    """
    results = []
    confidence = session.recipe.judge.confidence
    of_task = {MONEY, *(metric.name for metric in verdicts.metrics)}
    for bar in session.recipe.gates:
        held = None if bar.metric in of_task else _measure_held(bar, audited or {})
        if held is not None:
            results.append(_measure_summary(bar, *held, confidence))
            continue
        measured = _held(session, bar, verdicts, bar.model or champion, money)
        result = gate(measured.value, measured.interval(confidence), at_least=bar.at_least, at_most=bar.at_most)
        results.append(_gate_summary(bar, measured, result, confidence))
    return results


def _held(
    session: Session, bar: Gate, verdicts: Verdicts, model: str, money: Mapping[str, Mapping[str, Measured]]
) -> Measured:
    where = session.recipe.document.where(bar.path)
    if model not in verdicts.measured:
        raise InputError(
            f"the gate names the model '{model}', and there is none",
            code="R048",
            where=where,
            hints=nearest(model, verdicts.measured),
        )
    if bar.metric == MONEY:
        worth = money.get(bar.action) if bar.action else next(iter(money.values()), None)
        if not worth or model not in worth:
            raise InputError(
                "the gate holds value, and no action of the recipe has one in money", code="R042", where=where
            )
        return worth[model]
    names = [metric.name for metric in verdicts.metrics]
    if bar.metric not in names:
        raise InputError(
            f"the gate's metric '{bar.metric}' does not exist for this task's answers",
            code="R042",
            where=where,
            hints=nearest(bar.metric, names),
        )
    return verdicts.measured[model][bar.metric]


def _measure_held(bar: Gate, audited: Mapping[str, Audited]) -> tuple[Measured, str] | None:
    """Return the number that a gate on a measure holds, and why there is none; None for another gate."""
    for name, found in audited.items():
        measure = found.measure(bar.metric)
        if measure is None or bar.action not in (None, name):
            continue
        nothing = Measured(float("nan"), np.empty(0))
        if not measure.compares:
            return found.overall[bar.metric], ""
        by = found.by.get(bar.by or "")
        if by is None:
            return nothing, f"the rows do not carry the column '{bar.by}'"
        worst = (by.worst or {}).get(bar.metric)
        return (nothing, by.why_not or TOO_FEW) if worst is None else (worst, "")
    return None


def _measure_summary(bar: Gate, measured: Measured, why: str, confidence: float) -> dict[str, Any]:
    result = gate(measured.value, measured.interval(confidence), at_least=bar.at_least, at_most=bar.at_most)
    entry = _gate_summary(bar, measured, result, confidence)
    entry.update({"by": bar.by} if bar.by is not None else {}, reason=why or result.reason)
    if isinstance(measured, Worst):
        entry.update(lower=measured.lower, higher=measured.higher)
    return entry


def _gate_summary(bar: Gate, measured: Measured, result: Any, confidence: float) -> dict[str, Any]:
    entry: dict[str, Any] = {"metric": bar.metric, **interval_of(measured, confidence)}
    entry.update(
        {key: value for key, value in (("at_least", bar.at_least), ("at_most", bar.at_most)) if value is not None}
    )
    entry.update({key: value for key, value in (("model", bar.model), ("action", bar.action)) if value})
    entry.update(passed=result.passed, within_interval=result.within_interval, reason=result.reason)
    return entry
