"""Judging models on inner rows, and the best of several."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sartor.components import NUMBER, PROBABILITY, Fitted
from sartor.context import Context
from sartor.preparing import load_nested
from sartor.rows import Judged, Scoring, Training
from sartor.wording import plural
from sartor_plugins.learn.fitting.stored import damaged, read_json, write_json
from sartor_plugins.learn.judging import metric_called

if TYPE_CHECKING:
    from sartor.evidence.metric import Metric
    from sartor.exporting import Export
    from sartor.sections import Caution, Section
    from sartor_plugins.learn.models.chosen import Chosen

RECORD = "picked.json"


class Picked(Fitted):
    """A fitted model with the record of how it was picked.

    Parameters
    ----------
    model : Fitted
    record : dict
        JSON types.
    """

    def __init__(self, model: Fitted, record: dict[str, Any]) -> None:
        self.model, self.record = model, record

    def predict(self, scoring: Scoring) -> pd.DataFrame:
        """Answer as the picked model does."""
        return self.model.predict(scoring)

    def explain(self, scoring: Scoring) -> pd.DataFrame | None:
        """Explain as the picked model does."""
        return self.model.explain(scoring)

    def learned(self) -> dict[str, Any]:
        """Return how the model was picked, and what it learned."""
        return {**self.record, "model": self.model.learned()}

    def sections(self, judged: Judged, context: Context) -> Iterable[Section | Caution]:
        """Yield what was tried, and what the picked model has to tell."""
        from sartor_plugins.learn.telling import trials

        yield from trials.sections(self.record, PROBABILITY if judged.classes else NUMBER)
        yield from self.model.sections(judged, context)

    def forms(self) -> Mapping[str, str]:
        """Return the forms that the picked model can be exported in."""
        return self.model.forms()

    def export(self, export: Export) -> bytes:
        """Export the picked model."""
        return self.model.export(export)

    def save(self, folder: Path) -> None:
        """Write the record, and the model into a folder of its own."""
        write_json(folder, RECORD, self.record)
        (folder / "model").mkdir()
        self.model.save(folder / "model")


def score(fitted: Fitted, metric: Metric, validate: Training, learn: Training) -> float:
    """Return a metric of a model on validation rows; NaN where it does not exist."""
    predictions = fitted.predict(validate.without_truth())
    judged = Judged(validate.y, predictions, validate.rows, validate.classes, learned_from=learn)
    weight = np.ones(len(validate)) if validate.weight is None else validate.weight
    return float(metric.evaluate(judged, weight[None, :])[0])


def shortfall(metric: Metric, value: float) -> float:
    """Return how far a score is from good: lower is better, what does not exist is worst."""
    found = float(metric.shortfall(np.array([value]))[0])
    return np.inf if np.isnan(found) else found


def for_json(value: float) -> float | None:
    """Return a score as JSON takes it."""
    return value if np.isfinite(value) else None


def fit_chosen(settings: Chosen, training: Training, context: Context) -> Picked:
    """Fit `Chosen`."""
    metric = metric_called(settings.by, training.answers)
    learn, validate = training.inner()
    scores: dict[str, float] = {}
    for done, (name, step) in enumerate(settings.among.items()):
        context.progress(done, len(settings.among), "models")
        fitted = context.fit(step, learn, f"try.{name}")
        scores[name] = score(fitted, metric, validate, learn)
    context.progress(len(scores), len(scores), "models")
    best = min(scores, key=lambda name: shortfall(metric, scores[name]))
    tried = plural(len(scores), "model")
    context.note(f"{best} has the best {metric.label} on inner rows: {scores[best]:.4g}, of {tried}")
    record = {
        "chosen": best,
        "by": metric.name,
        "scores": {name: for_json(value) for name, value in scores.items()},
        "rows": {"learn": len(learn), "validate": len(validate)},
    }
    return Picked(context.fit(settings.among[best], training, best), record)


def load_chosen(settings: Chosen, folder: Path) -> Picked:
    """Return what `Picked.save` wrote for `Chosen`."""
    record = read_json(folder, RECORD)
    step = settings.among.get(str(record.get("chosen")))
    if step is None:
        raise damaged(folder / RECORD, f"no model is called {record.get('chosen')!r}")
    return Picked(load_nested(step, folder / "model"), record)
