"""What a model of a recorded run leans on: how much worse its metric is without each of its sources."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from sartor.errors import PrivacyStop
from sartor.events import Progress
from sartor.explaining.importance import REDRAWS, REPEATS, ROWS, HeldOut, Importance, importances, rows_for
from sartor.explaining.sources import sources_of
from sartor.wording import plural

if TYPE_CHECKING:
    from sartor.evidence.bootstrap import Measured
    from sartor.evidence.metric import Metric
    from sartor.explaining.taking_up import TakenUp
    from sartor.rows import Training

STEP = ("explain",)


def leaning_of(run: TakenUp, metric: str | None = None, rows: int | None = None) -> dict[str, Any]:
    """Return what a model leans on, in JSON types.

    Parameters
    ----------
    run : TakenUp
    metric : str, optional
        The first one of the run unless given.
    rows : int, optional
        How many held-out rows are asked at most; 2,000 unless given, and fewer where there are many features.

    Raises
    ------
    PrivacyStop
        If fewer rows judge than may be told of.
    """
    measured_by, recipe = run.metric(metric), run.session.recipe
    seed = run.session.context((*STEP, run.model.name)).seed
    parts, of_rows = _held_out(run, seed, rows or ROWS)
    training, _ = run.frame.round(0)
    sources = sources_of(_drawn_features(training, seed), run.frame.steps)

    def told(done: int) -> None:
        run.session.tell(Progress("explain", run.model.name, done, len(sources), "sources"))

    with run.session.stage("explain", run.model.name) as stage:
        before, found = importances(
            parts, sources, measured_by, seed=seed, pooled=run.frame.parts.average == "pool", told=told
        )
        asked = sum(len(part.rows) for part in parts)
        answers = asked * (1 + REPEATS * len(sources))
        stage.line = f"{plural(len(sources), 'source')} shuffled {REPEATS} times among {plural(asked, 'held-out row')}"
        stage.summary = {"rows": asked, "answers": answers}
    confidence = recipe.judge.confidence
    return {
        "recipe": recipe.name,
        "model": run.model.name,
        "use": run.model.use,
        "champion": run.champion,
        "metric": {**_about(measured_by), **_interval(before, confidence)},
        "rows": {"asked": asked, "held_out": of_rows},
        "shuffles": REPEATS,
        "redraws": REDRAWS if before.draws.size else 0,
        "answers": answers,
        "confidence": confidence,
        "sources": [_said(one, measured_by, confidence) for one in found],
    }


def _held_out(run: TakenUp, seed: int, most: int) -> tuple[list[HeldOut], int]:
    """Draw held-out rows of each round, for the model that did not learn from them; return how many there are in all.

    Raises
    ------
    PrivacyStop
        If fewer rows judge than may be told of.
    """
    whole = [run.frame.round(number) for number in range(len(run.frame.parts.rounds))]
    of_rows, smallest = sum(len(held) for _, held in whole), run.session.recipe.privacy.smallest_group
    if of_rows < smallest:
        raise PrivacyStop(
            f"{plural(of_rows, 'row judges', 'rows judge')}, and nothing is told of fewer than {smallest}",
            code="P042",
            hints=(("to mend", "hold out more rows, and run the recipe again"),),
        )
    count = max(smallest, rows_for(len(run.frame.features), most=most))
    shares = [max(1, round(count * len(held) / of_rows)) for _, held in whole]
    parts = [
        HeldOut(held.drawn(share, seed + number), run.asked(fitted), learned_from if len(whole) == 1 else None)
        for number, ((learned_from, held), share, fitted) in enumerate(
            zip(whole, shares, run.model.rounds, strict=True)
        )
    ]
    return parts, of_rows


def _drawn_features(training: Training, seed: int) -> Any:
    """Return features of some rows that teach: which features are near copies is none of the test rows' business."""
    return training.drawn(ROWS, seed).X


def _about(metric: Metric) -> dict[str, Any]:
    return {"name": metric.name, "label": metric.label, "better": metric.better}


def _interval(measured: Measured, confidence: float) -> dict[str, float | None]:
    interval = measured.interval(confidence)
    value = None if np.isnan(measured.value) else measured.value
    return {"value": value, "low": interval.low if interval else None, "high": interval.high if interval else None}


def _said(one: Importance, metric: Metric, confidence: float) -> dict[str, Any]:
    worse = _interval(one.measured, confidence)
    return {
        "source": one.source,
        "features": list(one.features),
        "worse": worse,
        "sentence": sentence(one.source, _about(metric), worse),
    }


def sentence(source: str, metric: Mapping[str, Any], worse: Mapping[str, float | None]) -> str:
    """Say what it costs to do without a source.

    Examples
    --------
    >>> sentence("status", {"label": "AUC", "better": "higher"}, {"value": 0.0521, "low": 0.045, "high": 0.06})
    'without status the AUC falls by 0.052 (0.045 to 0.060)'
    >>> sentence("age", {"label": "RMSE", "better": "lower"}, {"value": 12.31, "low": 10, "high": 15})
    'without age the RMSE rises by 12.3 (10.0 to 15.0)'
    >>> sentence("noise", {"label": "AUC", "better": "higher"}, {"value": 0.001, "low": -0.002, "high": 0.003})
    'without noise the AUC hardly changes: 0.00100 worse (−0.00200 to 0.00300)'
    """
    if worse["value"] is None:
        return f"without {source} the {metric['label']} has no value"
    shown = numbers([worse["value"], worse["low"], worse["high"]])
    span = f" ({shown[1]} to {shown[2]})" if worse["low"] is not None else ""
    if worse["low"] is not None and worse["low"] <= 0 <= (worse["high"] or 0.0):
        return f"without {source} the {metric['label']} hardly changes: {shown[0]} worse{span}"
    better, falls = metric["better"], worse["value"] < 0
    if better not in ("higher", "lower"):
        return f"without {source} the {metric['label']} is {shown[0]} further from {better:g}{span}"
    word = "falls" if (better == "higher") != falls else "rises"
    if falls:
        shown = numbers([-worse["value"], -(worse["high"] or 0), -(worse["low"] or 0)])
        span = f" ({shown[1]} to {shown[2]}), for the better" if worse["low"] is not None else ", for the better"
    return f"without {source} the {metric['label']} {word} by {shown[0]}{span}"


def numbers(values: list[float | None]) -> list[str]:
    """Return numbers of one scale, with three digits of the largest."""
    from sartor.cli.figures import metric_decimals, number

    places = metric_decimals(values)
    return [number(value, places) for value in values]
