"""Probabilities bent to what happened on rows held out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
from scipy.special import expit, logit
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from sartor.components import PROBABILITY, STATUS, Fitted
from sartor.context import Context
from sartor.errors import InputError, SettingError
from sartor.preparing import load_nested
from sartor.rows import Scoring, Training
from sartor_plugins.learn.encoding.columns import FloatArray
from sartor_plugins.learn.fitting.answer import probability_frame, probability_matrix
from sartor_plugins.learn.fitting.rounds import held_out
from sartor_plugins.learn.fitting.stored import damaged, read_json, write_json

if TYPE_CHECKING:
    from sartor_plugins.learn.models.calibrated import Calibrated

FILE = "calibration.json"
SURE = 1e-9
"""Probabilities are held this far from 0 and 1 before their log-odds are taken."""
FLAT = 1e-9
"""Log-odds that differ by no more are alike."""
FEW = 1_000
"""Held-out rows below which an isotonic curve is called daring."""


@dataclass(frozen=True)
class Curve:
    """From a probability that was said to one that is right.

    Parameters
    ----------
    method : {"sigmoid", "isotonic"}
    x, y : tuple of float
        Sigmoid: slope and intercept of the log-odds, in `x`. Isotonic: corners of the curve.

    Examples
    --------
    >>> Curve("sigmoid", (0.5, 0.0)).at(np.array([0.5, 0.9])).round(3).tolist()
    [0.5, 0.75]
    """

    method: Literal["sigmoid", "isotonic"]
    x: tuple[float, ...]
    y: tuple[float, ...] = ()

    def at(self, probability: FloatArray) -> FloatArray:
        """Return the bent probabilities."""
        if self.method == "sigmoid":
            slope, intercept = self.x
            return np.asarray(expit(slope * log_odds(probability) + intercept), dtype=np.float64)
        return np.interp(probability, self.x, self.y)


AS_IT_IS = Curve("isotonic", (0.0, 1.0), (0.0, 1.0))


def log_odds(probability: FloatArray) -> FloatArray:
    """Return log-odds, held within finite bounds."""
    return np.asarray(logit(np.clip(probability, SURE, 1 - SURE)), dtype=np.float64)


class CalibratedFit(Fitted):
    """A model with a curve for each class, or one for the second of two; none where nothing is bent.

    Parameters
    ----------
    model : Fitted
    curves : tuple of Curve
    classes : tuple
    """

    def __init__(self, model: Fitted, curves: tuple[Curve, ...], classes: tuple[Any, ...]) -> None:
        self.model, self.curves, self.classes = model, curves, classes

    def predict(self, scoring: Scoring) -> pd.DataFrame:
        """Return bent probabilities."""
        said = self.model.predict(scoring)
        bent = probability_frame(_bend(probability_matrix(said, self.classes), self.curves), self.classes)
        return bent.assign(**{STATUS: said[STATUS].reset_index(drop=True)}) if STATUS in said else bent

    def explain(self, scoring: Scoring) -> pd.DataFrame | None:
        """Return the model's contributions, stretched as the curve stretches log-odds."""
        found = self.model.explain(scoring)
        if not self.curves or found is None:
            return found
        if len(self.classes) != 2 or self.curves[0].method != "sigmoid":
            return None
        return found * self.curves[0].x[0]

    def learned(self) -> dict[str, Any]:
        """Return the curves, and what the model learned."""
        labels = [self.classes[-1]] if len(self.curves) == 1 else self.classes
        lines = {
            str(label): {"slope": curve.x[0], "intercept": curve.x[1]}
            for label, curve in zip(labels, self.curves, strict=False)
            if curve.method == "sigmoid"
        }
        return {**({"calibration": lines} if lines else {}), "model": self.model.learned()}

    def save(self, folder: Path) -> None:
        """Write the curves, and the model into a folder of its own."""
        curves = [{"method": curve.method, "x": list(curve.x), "y": list(curve.y)} for curve in self.curves]
        write_json(folder, FILE, {"classes": [str(label) for label in self.classes], "curves": curves})
        (folder / "model").mkdir()
        self.model.save(folder / "model")


def _bend(said: FloatArray, curves: tuple[Curve, ...]) -> FloatArray:
    if not curves:
        return said
    if len(curves) == 1:
        positive = curves[0].at(said[:, 1])
        return np.column_stack([1 - positive, positive])
    return np.column_stack([curve.at(said[:, place]) for place, curve in enumerate(curves)])


def fit_calibrated(settings: Calibrated, training: Training, context: Context) -> CalibratedFit:
    """Fit `Calibrated`."""
    if training.answers != PROBABILITY:
        raise SettingError(
            f"learn.calibrated bends probabilities, and the task asks for a {training.answers}",
            code="R025",
            hints=(("to see all", "sartor list models"),),
        )
    curves: tuple[Curve, ...] = ()
    if settings.method != "none":
        said, truth, weight = _held_answers(settings, training, context)
        events = [truth == 1] if len(training.classes) == 2 else [truth == k for k in range(len(training.classes))]
        columns = [said[:, 1]] if len(events) == 1 else list(said.T)
        fit = _sigmoid if settings.method == "sigmoid" else _isotonic
        curves = tuple(
            # A class that no held-out row had, or all of them, teaches nothing: its probability stays as it is.
            fit(column, event, weight) if event.any() and not event.all() else AS_IT_IS
            for column, event in zip(columns, events, strict=True)
        )
        if settings.method == "isotonic" and len(truth) < FEW:
            context.note(f"{len(truth):,} held-out rows are few for an isotonic curve; sigmoid is safer", caution=True)
    return CalibratedFit(context.fit(settings.model, training, "model"), curves, training.classes)


def _held_answers(settings: Calibrated, training: Training, context: Context) -> tuple[FloatArray, Any, FloatArray]:
    """Return what models said of rows that they had not seen, with the truth and weight of those."""
    said, truth, weight = [], [], []
    rounds = held_out(training, settings.rounds, context)
    for number, (learn, held) in enumerate(rounds):
        context.progress(number, len(rounds), "rounds")
        fitted = context.fit(settings.model, learn, f"round {number + 1}")
        said.append(probability_matrix(fitted.predict(held.without_truth()), training.classes))
        truth.append(np.asarray(held.y))
        weight.append(np.ones(len(held)) if held.weight is None else held.weight)
    context.progress(len(rounds), len(rounds), "rounds")
    if not said:
        raise InputError("there are too few training rows to hold any out for calibration", code="D035")
    return np.concatenate(said), np.concatenate(truth), np.concatenate(weight)


def _sigmoid(probability: FloatArray, event: Any, weight: FloatArray) -> Curve:
    """Fit a line in the log-odds; it never falls, as that would say that the model is wrong on purpose."""
    odds = log_odds(probability)
    centre, spread = float(odds.mean()), float(odds.std())
    slope = 0.0
    if spread > FLAT:
        estimator = LogisticRegression(C=1e4, tol=1e-8, max_iter=1_000)
        estimator.fit((odds[:, None] - centre) / spread, event, sample_weight=weight)
        slope, intercept = float(estimator.coef_[0, 0]) / spread, float(estimator.intercept_[0])
    if slope <= 0:
        return Curve("sigmoid", (0.0, float(log_odds(np.average(event, weights=weight)))))
    return Curve("sigmoid", (slope, intercept - slope * centre))


def _isotonic(probability: FloatArray, event: Any, weight: FloatArray) -> Curve:
    """Fit a rising curve, kept as far from 0 and 1 as this many rows can tell."""
    estimator = IsotonicRegression(out_of_bounds="clip").fit(probability, event.astype(float), sample_weight=weight)
    least = 1 / (len(event) + 2)
    corners = np.clip(estimator.y_thresholds_, least, 1 - least)
    return Curve("isotonic", tuple(map(float, estimator.X_thresholds_)), tuple(map(float, corners)))


def load_calibrated(settings: Calibrated, folder: Path) -> CalibratedFit:
    """Return what `CalibratedFit.save` wrote."""
    saved = read_json(folder, FILE)
    try:
        curves = tuple(
            Curve(entry["method"], tuple(map(float, entry["x"])), tuple(map(float, entry["y"])))
            for entry in saved["curves"]
        )
        classes = tuple(saved["classes"])
    except (KeyError, TypeError, ValueError) as error:
        raise damaged(folder / FILE, error) from error
    return CalibratedFit(load_nested(settings.model, folder / "model"), curves, classes)
