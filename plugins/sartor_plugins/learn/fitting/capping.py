"""Numbers held within bounds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sartor.components import NUMBER, Fitted
from sartor.context import Context
from sartor.preparing import load_nested
from sartor.rows import Scoring, Training
from sartor_plugins.learn.encoding.columns import FloatArray

if TYPE_CHECKING:
    from sartor.exporting import Export
    from sartor_plugins.learn.models.capped import Capped


class CappedFit(Fitted):
    """A model whose answers are held within bounds.

    Parameters
    ----------
    model : Fitted
    least, most : float or None
    """

    def __init__(self, model: Fitted, least: float | None, most: float | None) -> None:
        self.model, self.least, self.most = model, least, most

    def predict(self, scoring: Scoring) -> pd.DataFrame:
        """Return the model's answers within the bounds."""
        found = self.model.predict(scoring)
        return found.assign(**{NUMBER: held(found[NUMBER].to_numpy(dtype=np.float64), self.least, self.most)})

    def explain(self, scoring: Scoring) -> pd.DataFrame | None:
        """Explain as the model does; at a bound the contributions add up to more than the answer."""
        return self.model.explain(scoring)

    def learned(self) -> dict[str, Any]:
        """Return the bounds, and what the model learned."""
        return {"least": self.least, "most": self.most, "model": self.model.learned()}

    def forms(self) -> Mapping[str, str]:
        """Return the forms of the model in which bounds can be told."""
        return {form: about for form, about in self.model.forms().items() if form == "onnx"}

    def export(self, export: Export) -> bytes:
        """Return the model, its answers held within the bounds."""
        return self.model.export(replace(export, least=self.least, most=self.most))

    def save(self, folder: Path) -> None:
        """Write the model into a folder of its own; the bounds are settings."""
        (folder / "model").mkdir()
        self.model.save(folder / "model")


def held(values: FloatArray, least: float | None, most: float | None) -> FloatArray:
    """Return numbers within bounds.

    Examples
    --------
    >>> held(np.array([-3.0, 50.0, 200.0]), 0.0, 125.0).tolist()
    [0.0, 50.0, 125.0]
    """
    return np.clip(values, -np.inf if least is None else least, np.inf if most is None else most)


def fit_capped(settings: Capped, training: Training, context: Context) -> CappedFit:
    """Fit `Capped`."""
    y = held(np.asarray(training.y, dtype=np.float64), settings.least, settings.most)
    model = context.fit(settings.model, replace(training, y=y), "capped")
    return CappedFit(model, settings.least, settings.most)


def load_capped(settings: Capped, folder: Path) -> CappedFit:
    """Return what `CappedFit.save` wrote."""
    return CappedFit(load_nested(settings.model, folder / "model"), settings.least, settings.most)
