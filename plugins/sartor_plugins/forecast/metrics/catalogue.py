"""The metrics of forecasts, light enough to be read before a row is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from sartor.evidence.metric import Metric

if TYPE_CHECKING:
    from typing import Any

    import numpy as np
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

SHARE = 0.95
"""Share of cases that the middle of an answer should hold."""


def demand_metrics(levels: Sequence[Sequence[str]], quantiles: Sequence[float]) -> list[Metric]:
    """Return the metrics of demand in several periods, the first of which is compared.

    Parameters
    ----------
    levels : sequence of sequences of str
        Sums of series that are judged beside the series.
    quantiles : sequence of float

    Examples
    --------
    >>> [metric.name for metric in demand_metrics([[]], [0.5])]
    ['wrmsse', 'rmsse', 'wape', 'bias', 'wspl', 'pinball', 'coverage_95']
    """
    names = list(levels)

    def wrmsse(judged: Any, weights: FloatArray) -> FloatArray:
        from sartor_plugins.forecast.metrics.scaled import weighted_errors

        return weighted_errors(judged, weights, names)

    def rmsse(judged: Any, weights: FloatArray) -> FloatArray:
        from sartor_plugins.forecast.metrics.scaled import weighted_errors

        return weighted_errors(judged, weights, None)

    return [
        Metric(
            "wrmsse",
            "WRMSSE",
            "lower",
            "Error against the past's one-step change, weighed by money, on average over sums of series and series.",
            overall=wrmsse,
            least=0.0,
        ),
        Metric(
            "rmsse",
            "RMSSE of series",
            "lower",
            "The same for the series alone.",
            overall=rmsse,
            least=0.0,
        ),
        *quantity_metrics(quantiles),
    ]


def quantity_metrics(quantiles: Sequence[float]) -> list[Metric]:
    """Return the metrics of quantities and their quantiles, whatever stretch they are summed over.

    Examples
    --------
    >>> [metric.name for metric in quantity_metrics([0.5])]
    ['wape', 'bias', 'wspl', 'pinball', 'coverage_95']
    """
    asked = list(quantiles)
    of = partial(_overall, asked)
    return [
        Metric("wape", "WAPE", "lower", "Sum of all misses against the sum of demand.", overall=of("wape"), least=0.0),
        Metric("bias", "bias", 0.0, "What is said too much, against the sum of demand.", overall=of("bias")),
        Metric(
            "wspl",
            "WSPL",
            "lower",
            "Pinball loss of the quantiles against the past's one-step change, weighed by money.",
            overall=of("wspl"),
            least=0.0,
        ),
        Metric(
            "pinball",
            "pinball loss",
            "lower",
            "How far off the quantiles are, in units.",
            per_row=partial(_pinball, asked),
            least=0.0,
        ),
        Metric(
            "coverage_95",
            "coverage of 95 %",
            SHARE,
            "Share of demand inside the middle 95 % of what was said.",
            per_row=_inside,
            least=0.0,
            most=1.0,
        ),
    ]


def _overall(quantiles: list[float], name: str) -> Callable[[Any, FloatArray], FloatArray]:
    """Return a metric of `sartor_plugins.forecast.metrics.scaled`, which is heavy, by its name."""

    def overall(judged: Any, weights: FloatArray) -> FloatArray:
        from sartor_plugins.forecast.metrics import scaled

        found: FloatArray = getattr(scaled, name)(judged, weights, quantiles)
        return found

    return overall


def _pinball(quantiles: list[float], judged: Any) -> FloatArray:
    from sartor_plugins.forecast.metrics.scaled import pinball_losses

    return pinball_losses(judged, quantiles)


def _inside(judged: Any) -> FloatArray:
    from sartor_plugins.forecast.metrics.scaled import inside_middle

    return inside_middle(judged, SHARE)
