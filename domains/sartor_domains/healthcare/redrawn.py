"""How sure a model is of each risk: it learns again from redrawn patients."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.special import expit, logit
from scipy.stats import norm

from sartor.components import PROBABILITY, STATUS, Fitted
from sartor.context import Context
from sartor.errors import InputError
from sartor.preparing import load_nested
from sartor.rows import GROUP, Judged, Scoring, Training
from sartor_domains.healthcare.names import CURVE_HIGH, CURVE_LOW, HIGH, LOW
from sartor_plugins.survival.answer import CURVE, EVENT, SURVIVAL, TIMES
from sartor_plugins.survival.curves import survival_at

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sartor.sections import Caution, Section
    from sartor_domains.healthcare.with_interval import WithInterval

SURE = 1e-9
"""Probabilities are held this far from 0 and 1 before their log-odds are taken."""


class IntervalFit(Fitted):
    """A model, and what redrawn patients would have taught it.

    Parameters
    ----------
    model : Fitted
        Learned from all training rows.
    refits : sequence of Fitted
    confidence : float
    """

    def __init__(self, model: Fitted, refits: Sequence[Fitted], confidence: float) -> None:
        self.model, self.refits, self.confidence = model, tuple(refits), confidence

    def predict(self, scoring: Scoring) -> pd.DataFrame:
        """Return the model's probability with the ends of its interval."""
        said = self.model.predict(scoring).reset_index(drop=True)
        if scoring.answers == SURVIVAL:
            return self._with_curves(said, scoring)
        odds = _log_odds(said)
        apart = np.stack([_log_odds(model.predict(scoring)) for model in self.refits]).std(axis=0, ddof=1)
        half = norm.ppf((1 + self.confidence) / 2) * apart
        beside = said[[STATUS]] if STATUS in said else pd.DataFrame(index=said.index)
        risk = said[PROBABILITY].to_numpy(dtype=np.float64)
        # A risk nearer to 0 or 1 than log-odds are taken of stays inside its interval.
        low, high = np.minimum(expit(odds - half), risk), np.maximum(expit(odds + half), risk)
        made = pd.DataFrame({PROBABILITY: risk, LOW: low, HIGH: high})
        return pd.concat([made, beside], axis=1)

    def _with_curves(self, said: pd.DataFrame, scoring: Scoring) -> pd.DataFrame:
        """Return curves with the ends of their intervals, at their own times."""
        if not len(said):
            return said.assign(**{CURVE_LOW: said[CURVE], CURVE_HIGH: said[CURVE]})
        times = np.asarray(said[TIMES].iloc[0], dtype=np.float64)
        curve = survival_at(said, times)
        found = np.stack([_log_log(survival_at(model.predict(scoring), times)) for model in self.refits])
        half = norm.ppf((1 + self.confidence) / 2) * found.std(axis=0, ddof=1)
        middle = _log_log(curve)
        low, high = (np.exp(-np.exp(middle + sign * half)) for sign in (1, -1))
        ends = {CURVE_LOW: np.minimum(low, curve), CURVE_HIGH: np.maximum(high, curve)}
        return said.assign(**{name: pd.Series(list(values), dtype=object) for name, values in ends.items()})

    def explain(self, scoring: Scoring) -> pd.DataFrame | None:
        """Return the model's own contributions."""
        return self.model.explain(scoring)

    def learned(self) -> dict[str, Any]:
        """Return what the model learned, and how often it learned again."""
        return {"refits": len(self.refits), "confidence": self.confidence, "model": self.model.learned()}

    def sections(self, judged: Judged, context: Context) -> Iterable[Section | Caution]:
        """Return what the model has to say."""
        return self.model.sections(judged, context)

    def save(self, folder: Path) -> None:
        """Write each of the models into a folder of its own."""
        for name, model in self._named():
            (folder / name).mkdir()
            model.save(folder / name)

    def _named(self) -> Iterable[tuple[str, Fitted]]:
        return [("model", self.model), *((_refit(place), model) for place, model in enumerate(self.refits))]


def _refit(place: int) -> str:
    return f"refit-{place}"


def _log_odds(said: pd.DataFrame) -> NDArray[np.float64]:
    probability = said[PROBABILITY].to_numpy(dtype=np.float64)
    return np.asarray(logit(np.clip(probability, SURE, 1 - SURE)), dtype=np.float64)


def _log_log(curve: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.log(-np.log(np.clip(curve, SURE, 1 - SURE))), dtype=np.float64)


def fit_with_interval(settings: WithInterval, training: Training, context: Context) -> IntervalFit:
    """Fit `WithInterval`."""
    if training.answers == PROBABILITY and len(training.classes) != 2:
        raise InputError(
            f"an interval of a risk is about one event, and the task tells {len(training.classes)} outcomes apart",
            code="D064",
            hints=(("to mend", "use: healthcare.disease_risk"),),
        )
    rng = context.rng()
    refits = []
    for place in range(settings.refits):
        context.progress(place, settings.refits, "refits")
        refits.append(context.fit(settings.model, training.take(_redraw(training, rng)), f"refit {place + 1}"))
    return IntervalFit(context.fit(settings.model, training, "model"), refits, settings.confidence)


def _redraw(training: Training, rng: np.random.Generator) -> NDArray[np.intp]:
    """Draw as many patients as there are, again and again the same one if it comes so; both outcomes among them."""
    groups = pd.factorize(training.rows[GROUP])[0] if GROUP in training.rows else np.arange(len(training))
    order = np.argsort(groups, kind="stable")
    starts = np.searchsorted(groups[order], np.arange(groups.max(initial=0) + 2))
    truth = training.y[EVENT].to_numpy() if isinstance(training.y, pd.DataFrame) else np.asarray(training.y)
    several = len(np.unique(truth)) > 1
    for _ in range(100):
        drawn = rng.integers(0, len(starts) - 1, len(starts) - 1)
        places = np.concatenate([order[starts[group] : starts[group + 1]] for group in drawn])
        if not several or len(np.unique(truth[places])) > 1:
            break
    return np.asarray(places, dtype=np.intp)


def load_with_interval(settings: WithInterval, folder: Path) -> IntervalFit:
    """Return what `IntervalFit.save` wrote."""
    model = load_nested(settings.model, folder / "model")
    refits = [load_nested(settings.model, folder / _refit(place)) for place in range(settings.refits)]
    return IntervalFit(model, refits, settings.confidence)
