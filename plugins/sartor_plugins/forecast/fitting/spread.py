"""Quantiles around a forecast: how demand lay to it in training rows that were said as much."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sartor.components import Fitted
from sartor.errors import InputError
from sartor.rows import Scoring, Training
from sartor_plugins.forecast.names import NUMBER, quantile_name, trivial_name

Floats = NDArray[np.float64]
BINS = 10
"""Into so many parts of equal size training rows go, by what was said."""
FEWEST = 200
"""Training rows that a part needs."""
FILE = "spread.json"


class FittedSpread(Fitted):
    """A method with the quantiles of demand against it.

    Parameters
    ----------
    method : str
    of_rows : bool
        Whether the forecast stands in the rows, else in the features.
    quantiles : ndarray of shape (n_quantiles,)
    edges : ndarray of shape (n_bins - 1,)
        Forecasts that part the bins.
    ratios : ndarray of shape (n_bins, n_quantiles)
        Demand over forecast.
    plain : ndarray of shape (n_quantiles,)
        Demand where the forecast is 0.
    """

    def __init__(
        self, method: str, of_rows: bool, quantiles: Floats, edges: Floats, ratios: Floats, plain: Floats
    ) -> None:
        self.method, self.of_rows, self.quantiles = method, of_rows, quantiles
        self.edges, self.ratios, self.plain = edges, ratios, plain

    def predict(self, scoring: Scoring) -> pd.DataFrame:
        """Return the forecast and its quantiles."""
        number = forecast_of(self.method, scoring, self.of_rows)
        places = np.searchsorted(self.edges, number, side="right")
        spread = number[:, None] * self.ratios[places]
        spread = np.where((number > 0)[:, None], spread, self.plain[None, :])
        names = [quantile_name(float(quantile)) for quantile in self.quantiles]
        return pd.DataFrame({NUMBER: number, **dict(zip(names, spread.T, strict=True))})

    def learned(self) -> dict[str, Any]:
        """Return how wide demand lies around the forecast."""
        return {"method": self.method, "quantiles": self.quantiles.tolist(), "ratios": self.ratios.tolist()}

    def save(self, folder: Path) -> None:
        """Write itself as JSON."""
        saved = {
            "method": self.method,
            "of_rows": self.of_rows,
            **{name: getattr(self, name).tolist() for name in ("quantiles", "edges", "ratios", "plain")},
        }
        (folder / FILE).write_text(json.dumps(saved), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> FittedSpread:
        """Return what was saved."""
        saved = json.loads((folder / FILE).read_text(encoding="utf-8"))
        arrays = (np.asarray(saved[name], dtype=np.float64) for name in ("quantiles", "edges", "ratios", "plain"))
        return cls(saved["method"], saved["of_rows"], *arrays)


def forecast_of(method: str, scoring: Scoring, of_rows: bool) -> Floats:
    """Return a method's forecast, which rows or features carry; 0 where it is missing.

    Raises
    ------
    InputError
        If they do not.
    """
    held, name = (scoring.rows, trivial_name(method)) if of_rows else (scoring.X, method)
    if name not in held:
        raise InputError(
            f"there is no forecast of the method '{method}' among the features",
            code="D187",
            hints=(("to mend", f"features: {{own: {{use: forecast.own, with: {{methods: [{method}]}}}}}}"),),
        )
    values = held[name].to_numpy(dtype=np.float64, na_value=np.nan)
    return np.asarray(np.maximum(np.nan_to_num(values, nan=0.0, posinf=0.0), 0.0))


def demand_of(training: Training) -> Floats:
    """Return the demand of training rows; of a truth with parts the first."""
    y = training.y
    return np.asarray(y.iloc[:, 0] if isinstance(y, pd.DataFrame) else y, dtype=np.float64)


def fit_spread(method: str, quantiles: Sequence[float], training: Training, *, of_rows: bool) -> FittedSpread:
    """Learn how demand lay to a method's forecast."""
    levels = np.asarray(quantiles, dtype=np.float64)
    number, demand = forecast_of(method, training, of_rows), demand_of(training)
    said = number > 0
    plain = np.quantile(demand[~said], levels) if (~said).any() else np.zeros(len(levels))
    if not said.any():
        return FittedSpread(method, of_rows, levels, np.zeros(0), np.zeros((1, len(levels))), plain)
    bins = int(np.clip(said.sum() // FEWEST, 1, BINS))
    edges = np.unique(np.quantile(number[said], np.arange(1, bins) / bins)) if bins > 1 else np.zeros(0)
    places = np.searchsorted(edges, number[said], side="right")
    ratio = demand[said] / number[said]
    ratios = np.array(
        [
            np.quantile(ratio[places == place] if (places == place).any() else ratio, levels)
            for place in range(len(edges) + 1)
        ]
    )
    return FittedSpread(method, of_rows, levels, edges, ratios, plain)
