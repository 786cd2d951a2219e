"""What risks are judged by; light, so that `check` knows the names without NumPy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sartor.evidence.metric import Metric
from sartor_plugins.learn.judging import classification_metrics

if TYPE_CHECKING:
    from sartor.evidence.metric import FloatArray

_TAKEN = ("brier", "auc", "calibration_slope", "calibration_intercept", "calibration_error", "log_loss",
          "average_precision")  # fmt: skip


def risk_metrics(thresholds: Sequence[float]) -> list[Metric]:
    """Return the metrics of a risk; the first, by which models are compared, is a proper score.

    Parameters
    ----------
    thresholds : sequence of float
        Risks at which it would be acted.

    Examples
    --------
    >>> [metric.name for metric in risk_metrics([0.1])][:4]
    ['brier', 'scaled_brier', 'auc', 'calibration_slope']
    >>> risk_metrics([0.075])[-1].name
    'net_benefit_at_7_5_percent'
    """
    known = {metric.name: metric for metric in classification_metrics()}
    brier, *others = (known[name] for name in _TAKEN)
    return [brier, _scaled_brier(), *others[:2], _observed_to_expected(), *others[2:], *map(net_benefit, thresholds)]


def net_benefit(threshold: float) -> Metric:
    """Return the net benefit of acting from a risk on.

    True positives less false ones, each of these counting threshold / (1 - threshold), a patient [1]_.

    References
    ----------
    .. [1] Vickers and Elkin, "Decision curve analysis", *Medical Decision Making* 26, 2006.

    Examples
    --------
    Of four patients two are acted on at 20 %, one of whom has the event: (1 - 1/4) / 4.

    >>> import numpy as np, pandas as pd
    >>> from types import SimpleNamespace
    >>> judged = SimpleNamespace(truth=np.array([1, 0, 0, 1]),
    ...                          predictions=pd.DataFrame({"probability": [0.5, 0.2, 0.1, 0.1]}), classes=("no", "yes"))
    >>> net_benefit(0.2).value(judged)
    0.1875
    """
    percent = f"{100 * threshold:.10g}"

    def per_row(judged: Any) -> FloatArray:
        import numpy as np

        acted = judged.predictions["probability"].to_numpy() >= threshold
        event = _events(judged)
        return np.asarray(acted * (event - (1 - event) * threshold / (1 - threshold)), dtype=np.float64)

    return Metric(
        f"net_benefit_at_{percent.replace('.', '_')}_percent",
        f"net benefit at {percent} %",
        "higher",
        "Events acted on, less false alarms at the rate that the threshold says they may cost, a patient.",
        per_row=per_row,
    )


def _events(judged: Any) -> FloatArray:
    import numpy as np

    return np.asarray(np.asarray(judged.truth) == 1, dtype=np.float64)


def _scaled_brier() -> Metric:
    def overall(judged: Any, weights: FloatArray) -> FloatArray:
        import numpy as np

        event, said = _events(judged), judged.predictions["probability"].to_numpy(dtype=np.float64)
        total = weights.sum(axis=1)
        share = weights @ event / total
        with np.errstate(divide="ignore", invalid="ignore"):
            scaled = 1 - (weights @ (said - event) ** 2 / total) / (share * (1 - share))
        return np.where(np.isfinite(scaled), scaled, np.nan)

    return Metric(
        "scaled_brier",
        "scaled Brier score",
        "higher",
        "Share of the Brier score of the events' own share that is done away with; 0 is no better than it.",
        overall=overall,
        most=1.0,
    )


def _observed_to_expected() -> Metric:
    def overall(judged: Any, weights: FloatArray) -> FloatArray:
        import numpy as np

        expected = weights @ judged.predictions["probability"].to_numpy(dtype=np.float64)
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = weights @ _events(judged) / expected
        return np.where(np.isfinite(ratio), ratio, np.nan)

    return Metric(
        "observed_to_expected",
        "O:E",
        1.0,
        "Events that happened to events that were said; above 1 risks were said too low.",
        overall=overall,
        least=0.0,
    )
