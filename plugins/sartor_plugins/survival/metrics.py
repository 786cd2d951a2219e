"""What times to an event are judged by; light, so that `check` knows the names without NumPy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from sartor.evidence.metric import Metric
from sartor_plugins.learn.metrics.once import Once

if TYPE_CHECKING:
    from sartor.evidence.metric import FloatArray
    from sartor_plugins.survival.scores import Watched


def survival_metrics(horizons: Sequence[float] = ()) -> list[Metric]:
    """Return the metrics; the first, by which models are compared, is a proper score.

    Parameters
    ----------
    horizons : sequence of float
        Times by which the chance of the event is judged too.

    Examples
    --------
    >>> [metric.name for metric in survival_metrics([365])]
    ['ibs', 'c_index', 'brier_at_365', 'observed_to_expected_at_365']
    """
    of = Once(_watched)
    return [
        Metric(
            "ibs",
            "integrated Brier score",
            "lower",
            "Squared distance of the curve from what happened, over the middle of the follow-up; those who were lost "
            "are weighed for by those who were not.",
            per_row=lambda judged: of(judged).integrated(),
            least=0.0,
        ),
        Metric(
            "c_index",
            "concordance",
            "higher",
            "How often, of two of whom one is known to have had the event first, that one had the higher risk.",
            overall=lambda judged, weights: of(judged).concordance(weights),
            least=0.0,
            most=1.0,
        ),
        *(metric for horizon in horizons for metric in _at(of, float(horizon))),
    ]


def _watched(judged: Any) -> Watched:
    from sartor_plugins.survival.scores import Watched

    return Watched.of(judged)


def _at(of: Once[Watched], horizon: float) -> list[Metric]:
    name = f"{horizon:.10g}".replace(".", "_")
    return [
        Metric(
            f"brier_at_{name}",
            f"Brier score at {horizon:,.10g}",
            "lower",
            "Squared distance of the chance by this time from what happened; missing beyond the follow-up.",
            per_row=_within(of, horizon, _brier),
            least=0.0,
        ),
        Metric(
            f"observed_to_expected_at_{name}",
            f"O:E at {horizon:,.10g}",
            1.0,
            "Events by this time to events that were said; above 1 risks were said too low.",
            overall=_ratio(of, horizon),
            least=0.0,
        ),
    ]


def _within(
    of: Once[Watched], horizon: float, compute: Callable[[Watched, float], FloatArray]
) -> Callable[[Any], FloatArray]:
    def per_row(judged: Any) -> FloatArray:
        import numpy as np

        watched = of(judged)
        if horizon > watched.end:
            return np.full(len(watched.time), np.nan)
        return compute(watched, horizon)

    return per_row


def _brier(watched: Watched, horizon: float) -> FloatArray:
    import numpy as np

    return watched.brier(np.array([horizon]))[:, 0]


def _ratio(of: Once[Watched], horizon: float) -> Callable[[Any, FloatArray], FloatArray]:
    def overall(judged: Any, weights: FloatArray) -> FloatArray:
        import numpy as np

        from sartor_plugins.survival.curves import chance_within

        watched = of(judged)
        if horizon > watched.end:
            return np.full(len(weights), np.nan)
        gone, stands = watched.known(np.array([horizon]))
        expected = weights @ chance_within(watched.predictions, horizon)
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = weights @ (gone * stands)[:, 0] / expected
        return np.where(np.isfinite(ratio), ratio, np.nan)

    return overall
