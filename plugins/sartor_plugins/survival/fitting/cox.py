"""Cox regression on an encoded matrix, by Newton's method."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sartor.components import Fitted
from sartor.context import Context
from sartor.rows import Scoring, Training
from sartor.threads import limited
from sartor_plugins.learn.encoding.encoder import Encoder, by_feature, mixed
from sartor_plugins.learn.fitting.stored import damaged, read_arrays, read_json, write_arrays, write_json
from sartor_plugins.survival.curves import answers, grid_of
from sartor_plugins.survival.fitting.partial_likelihood import Events
from sartor_plugins.survival.fitting.truth import truth_of

if TYPE_CHECKING:
    from sartor_plugins.survival.cox import Cox

FloatArray = NDArray[np.float64]
STEPS = 50
ENOUGH = 1e-9
"""A step that would raise the log-likelihood by less than this is the last."""
FURTHEST = 30.0
"""Log-hazards beyond which a row's curve cannot tell any more."""


class CoxFit(Fitted):
    """Coefficients, and the cumulated hazard of the average row.

    Parameters
    ----------
    encoder : Encoder
    coefficients, means : ndarray of shape (n_columns,)
    times, hazard : ndarray of shape (n_times,)
    """

    def __init__(
        self, encoder: Encoder, coefficients: FloatArray, means: FloatArray, times: FloatArray, hazard: FloatArray
    ) -> None:
        self.encoder, self.coefficients, self.means = encoder, coefficients, means
        self.times, self.hazard = times, hazard

    def predict(self, scoring: Scoring) -> pd.DataFrame:
        """Return log-hazard and curve of each row."""
        risk = (self.encoder.matrix(scoring.X) - self.means) @ self.coefficients
        ratio = np.exp(np.clip(risk, -FURTHEST, FURTHEST))
        return answers(risk, self.times, np.exp(-ratio[:, None] * self.hazard))

    def explain(self, scoring: Scoring) -> pd.DataFrame | None:
        """Return what each feature adds to the log-hazard, from the average row."""
        return by_feature((self.encoder.matrix(scoring.X) - self.means) * self.coefficients, self.encoder.sources)

    def learned(self) -> dict[str, Any]:
        """Return coefficients by column, in the unit that the model sees; e to the power of one is a hazard ratio."""
        named = zip(self.encoder.names, self.coefficients, strict=True)
        return {"coefficients": {name: float(value) for name, value in named}}

    def save(self, folder: Path) -> None:
        """Write encoder and arrays."""
        write_json(folder, "encoder.json", {"parts": self.encoder.to_json()})
        write_arrays(
            folder,
            "cox.npz",
            coefficients=self.coefficients,
            means=self.means,
            times=self.times,
            hazard=self.hazard,
        )

    @classmethod
    def load(cls, folder: Path) -> CoxFit:
        """Return what was saved."""
        saved, found = read_json(folder, "encoder.json"), read_arrays(folder, "cox.npz")
        try:
            encoder = Encoder.from_json(saved["parts"])
            return cls(encoder, *(found[name] for name in ("coefficients", "means", "times", "hazard")))
        except (KeyError, TypeError, ValueError) as error:
            raise damaged(folder / "cox.npz", error) from error


def fit_cox(settings: Cox, training: Training, context: Context) -> CoxFit:
    """Fit `Cox`."""
    time, event, weight = truth_of(training)
    encoder = mixed(
        training.X, scale=True, flags=settings.flags, max_levels=settings.max_levels, min_rows=settings.min_rows
    )
    matrix = encoder.matrix(training.X)
    with limited(context.threads):
        means = np.average(matrix, axis=0, weights=weight)
        events = Events.of(matrix - means, time, event, weight, efron=settings.ties == "efron")
        coefficients, settled = maximise(events, settings.penalty)
        if not settled:
            context.note("the Cox regression did not settle; a larger penalty helps", caution=True)
        times = grid_of(time, event)
        hazard = baseline(matrix - means, time, event, weight, coefficients, times)
    return CoxFit(encoder, coefficients, means, times, hazard)


def maximise(events: Events, penalty: float) -> tuple[FloatArray, bool]:
    """Maximise the log-likelihood less half the penalty on the squares; a step that does not help is halved.

    Returns
    -------
    coefficients : ndarray of shape (n_columns,)
    settled : bool
        False where the steps ran out, as when a column separates those with the event and there is no penalty.
    """
    beta = np.zeros(events.X.shape[1])
    ridge = np.eye(len(beta)) * penalty
    value, gradient, curve = events.derivatives(beta)
    for _ in range(STEPS):
        uphill = gradient - penalty * beta
        step = np.linalg.lstsq(curve + ridge, uphill, rcond=None)[0]
        if float(step @ uphill) < ENOUGH:
            return beta, True
        objective = value - penalty * float(beta @ beta) / 2
        for halving in range(30):
            tried = beta + step * 0.5**halving
            found = events.derivatives(tried)
            if found[0] - penalty * float(tried @ tried) / 2 >= objective:
                break
        else:
            return beta, True
        beta, (value, gradient, curve) = tried, found
        if np.abs(beta).max(initial=0.0) > FURTHEST:
            return beta, False
    return beta, False


def baseline(
    X: FloatArray,
    time: FloatArray,
    event: NDArray[np.bool_],
    weight: FloatArray | None,
    coefficients: FloatArray,
    at: FloatArray,
) -> FloatArray:
    """Return the cumulated hazard of the average row at some times, by Breslow."""
    weights = np.ones(len(time)) if weight is None else weight
    hazard = weights * np.exp(np.clip(X @ coefficients, -FURTHEST, FURTHEST))
    times, place = np.unique(time, return_inverse=True)
    at_risk = np.bincount(place, weights=hazard, minlength=len(times))[::-1].cumsum()[::-1]
    events = np.bincount(place, weights=weights * event, minlength=len(times))
    so_far = np.concatenate([[0.0], np.cumsum(np.divide(events, at_risk, out=np.zeros_like(events), where=events > 0))])
    return np.asarray(so_far[np.searchsorted(times, at, side="right")], dtype=np.float64)
