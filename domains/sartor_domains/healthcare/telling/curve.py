"""The decision curve: net benefit of acting on the model's risks, from each risk on, beside everyone and nobody."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from sartor.evidence.bootstrap import Measured, Redraws
from sartor.evidence.sums import weighted_means
from sartor.sections import INK, OTHERS, OURS, SOFT, Figure, Section, Table, TableColumn
from sartor_domains.healthcare.care.telling import percent

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sartor.context import Context

    Floats = NDArray[np.float64]

STEPS = 40
REDRAWS = 200


def net_benefits(event: Floats, said: Floats, thresholds: Sequence[float] | Floats) -> Floats:
    """Return net benefit a patient and threshold, shape (n_thresholds, n_rows); its mean over rows is net benefit.

    Examples
    --------
    >>> net_benefits(np.array([1.0, 0.0]), np.array([0.5, 0.5]), [0.2, 0.6]).tolist()
    [[1.0, -0.25], [0.0, -0.0]]
    """
    at = np.asarray(thresholds, dtype=np.float64)[:, None]
    return np.asarray((said >= at) * (event - (1 - event) * at / (1 - at)), dtype=np.float64)


def decision_curve(event: Floats, said: Floats, thresholds: Sequence[float], context: Context) -> Iterator[Section]:
    """Yield the curve; nothing where there are too few rows, or one outcome only."""
    events = int(event.sum())
    if min(events, len(event) - events) < max(context.smallest_group, 2):
        return
    rate = float(event.mean())
    end = min(0.95, max([2 * rate, *[1.5 * one for one in thresholds], 0.2]))
    at = np.unique(np.round([*np.linspace(0.01, end, STEPS), *thresholds], 4))
    worth = net_benefits(event, said, at)
    everyone = net_benefits(event, np.ones_like(said), at)
    redraws = Redraws(len(event), count=REDRAWS, seed=context.seed)
    drawn = np.concatenate([weighted_means(weights, worth) for weights in redraws.blocks()])
    lines: list[list[Any]] = []
    for place, threshold in enumerate(at.tolist()):
        interval = Measured(float(worth[place].mean()), drawn[:, place]).interval(context.confidence)
        ends = (interval.low, interval.high) if interval else None
        lines.append([threshold, float(worth[place].mean()), ends, float(everyone[place].mean()), 0.0])
    said_at = [_at(event, said, threshold) for threshold in thresholds]
    yield Section(
        "decision-curve",
        "worth",
        "From which risk on it helps to act",
        " ".join(said_at) or "Net benefit for each risk from which on it would be acted.",
        figure=Figure(
            "Net benefit for each risk from which on it is acted",
            "Higher is better. The band is the interval of this run's model; the others act on everyone, or nobody.",
            _spec(float(at[-1]), max(rate, 0.01)),
            Table(
                "Net benefit a patient, by the risk from which on it is acted",
                [
                    TableColumn("From a risk of", "share", digits=1, name="threshold"),
                    TableColumn("This model", "number", digits=4, name="model"),
                    TableColumn("Interval", "range", digits=4, name="interval"),
                    TableColumn("Everyone", "number", digits=4, name="everyone"),
                    TableColumn("Nobody", "number", digits=1, name="nobody"),
                ],
                lines,
                counts=len(event),
            ),
            _seen(at, worth, everyone),
        ),
        note="Net benefit counts each event that is acted on, less false alarms at the rate at which the risk says "
        "they are worth it: at 10 %, one event is worth nine false alarms.",
    )


def _at(event: Floats, said: Floats, threshold: float) -> str:
    model = float(net_benefits(event, said, [threshold]).mean())
    everyone = float(net_benefits(event, np.ones_like(said), [threshold]).mean())
    best = max(everyone, 0.0)
    by = "acting on everyone" if everyone > 0 else "acting on nobody"
    gained = 1000 * (model - best)
    return (
        f"Acting from a risk of {percent(threshold)} on finds **{gained:+.1f} events more in 1,000 patients** than "
        f"{by}, false alarms taken off."
    )


def _seen(at: Floats, worth: Floats, everyone: Floats) -> str:
    better = worth.mean(axis=1) > np.maximum(everyone.mean(axis=1), 0)
    if not better.any():
        return "At no risk is the model better than acting on everyone or on nobody."
    return (
        f"The model is better than both simple policies at {int(better.sum())} of {len(at)} risks, between "
        f"{percent(float(at[better].min()))} and {percent(float(at[better].max()))}."
    )


def _spec(end: float, rate: float) -> dict[str, Any]:
    x = {
        "field": "threshold",
        "type": "quantitative",
        "title": "risk from which on it is acted",
        "axis": {"format": ".0%"},
        "scale": {"domain": [0, end]},
    }
    scale = {"scale": {"domain": [-0.25 * rate, 1.05 * rate], "clamp": False}}
    y = {"type": "quantitative", "title": "net benefit a patient", **scale}
    return {
        "height": 260,
        "layer": [
            {
                "mark": {"type": "area", "color": OURS, "opacity": 0.15, "clip": True},
                "encoding": {"x": x, "y": {**y, "field": "interval_low"}, "y2": {"field": "interval_high"}},
            },
            {
                "mark": {"type": "line", "color": OTHERS, "clip": True},
                "encoding": {"x": x, "y": {**y, "field": "everyone"}},
            },
            {
                "mark": {"type": "line", "color": INK, "strokeDash": [4, 4], "clip": True},
                "encoding": {"x": x, "y": {**y, "field": "nobody"}},
            },
            {
                "mark": {"type": "line", "color": OURS, "strokeWidth": 2, "clip": True},
                "encoding": {"x": x, "y": {**y, "field": "model"}},
            },
            {
                "mark": {"type": "text", "color": SOFT, "align": "right", "dy": -6, "text": "acting on nobody"},
                "encoding": {"x": {"datum": end, "type": "quantitative"}, "y": {"datum": 0, "type": "quantitative"}},
            },
        ],
    }
