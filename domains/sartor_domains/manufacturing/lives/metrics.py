"""How far off a life left is: raw, and with truth and answer held to the cap; too late costs more than too early."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sartor.evidence.metric import Metric

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

EARLY, LATE = 13.0, 10.0
"""Cycles by which an answer too early, or too late, makes the score of PHM08 e-fold."""


def life_metrics(cap: float | None) -> list[Metric]:
    """Return the metrics of remaining life; with a cap the capped ones stand first.

    Examples
    --------
    >>> [metric.name for metric in life_metrics(None)]
    ['rmse', 'mae', 'phm08', 'late_share']
    >>> [metric.name for metric in life_metrics(125)]
    ['rmse_capped', 'rmse', 'mae', 'mae_capped', 'phm08', 'phm08_capped', 'late_share']
    """
    raw = {metric.name: metric for metric in _distances(_off, "", "")}
    if cap is None:
        return [*raw.values(), _late_share()]

    def off_capped(judged: Any) -> Floats:
        import numpy as np

        said = np.minimum(judged.predictions["number"].to_numpy(dtype=np.float64), cap)
        return np.asarray(said - np.minimum(judged.truth, cap))

    words = f", lives longer than {cap:g} taken as {cap:g}"
    capped = {metric.name: metric for metric in _distances(off_capped, "_capped", words)}
    order = ["rmse_capped", "rmse", "mae", "mae_capped", "phm08", "phm08_capped"]
    return [*({**raw, **capped}[name] for name in order), _late_share()]


def _off(judged: Any) -> Floats:
    import numpy as np

    return np.asarray(judged.predictions["number"].to_numpy(dtype=np.float64) - judged.truth)


def _distances(off: Callable[[Any], Floats], ending: str, words: str) -> list[Metric]:
    label = " capped" if ending else ""
    return [
        Metric(
            f"rmse{ending}",
            f"RMSE{label}",
            "lower",
            f"How many cycles an answer is off, large misses weighing more{words}.",
            per_row=lambda judged: off(judged) ** 2,
            then=lambda means: means**0.5,
            least=0.0,
        ),
        Metric(
            f"mae{ending}",
            f"mean absolute error{label}",
            "lower",
            f"How many cycles an answer is off, on average{words}.",
            per_row=lambda judged: abs(off(judged)),
            least=0.0,
        ),
        Metric(
            f"phm08{ending}",
            f"PHM08{label}",
            "lower",
            f"Sum of penalties that grow with the cycles off, faster where life is overrated{words}.",
            overall=lambda judged, weights: _summed(phm08(off(judged)), weights),
            least=0.0,
        ),
    ]


def _late_share() -> Metric:
    return Metric(
        "late_share",
        "late share",
        "lower",
        "Share of answers that promise more cycles than there were.",
        per_row=lambda judged: (_off(judged) > 0).astype(float),
        least=0.0,
        most=1.0,
    )


def phm08(off: Floats) -> Floats:
    """Return the penalty of PHM08 for each answer.

    Parameters
    ----------
    off : ndarray of shape (n_rows,)
        Cycles said less cycles there were.

    Examples
    --------
    >>> import numpy as np
    >>> phm08(np.array([-13.0, 0.0, 10.0])).round(3).tolist()
    [1.718, 0.0, 1.718]
    """
    import numpy as np

    # Beyond this an answer is as wrong as can be, and the sum stays a number.
    held = np.clip(off, -9_000.0, 7_000.0)
    return np.asarray(np.expm1(np.where(held < 0, -held / EARLY, held / LATE)))


def _summed(values: Floats, weights: Floats) -> Floats:
    """Return the sum over as many rows as there are, for each redraw."""
    import numpy as np

    total = weights.sum(axis=1)
    mean = np.divide(weights @ values, total, out=np.full(len(total), np.nan), where=total > 0)
    return np.asarray(mean * len(values))
