"""Simulated rows of which it is known how much each source tells."""

from __future__ import annotations

import numpy as np
import pandas as pd

A, B = 0.5, 1.2
"""Log-odds are ``A x + B signal``, of two standard normals."""


def logistic_rows(seed: int, rows: int) -> pd.DataFrame:
    """Return rows whose outcome follows from x and signal; noise says nothing of it."""
    rng = np.random.default_rng(seed)
    x, signal, noise = rng.normal(size=(3, rows))
    bad = (rng.uniform(size=rows) < 1 / (1 + np.exp(-(A * x + B * signal)))).astype(int)
    return pd.DataFrame({"id": range(rows), "x": x, "signal": signal, "noise": noise, "bad": bad})


def _grid() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return points of two standard normals with their weights."""
    nodes = np.linspace(-7, 7, 801)
    density = np.exp(-(nodes**2) / 2)
    weights = density / density.sum()
    x, signal = np.meshgrid(nodes, nodes, indexing="ij")
    return x, signal, np.outer(weights, weights)


def truth_of_signal() -> tuple[float, float]:
    """Return the bits that signal brings to who may use logistic regressions, and the money at 100 a loan.

    Without it the best regression on x alone has the slope at which its score has the mean 0. A loan is accepted below
    a chance of one half; a good one earns 50, a bad one loses 50.
    """
    from scipy.optimize import brentq

    x, signal, weight = _grid()
    chance = 1 / (1 + np.exp(-(A * x + B * signal)))

    def said(slope: float) -> np.ndarray:
        return 1 / (1 + np.exp(-slope * x))

    def bits(chances: np.ndarray) -> float:
        return float((weight * (chance * np.log2(chances) + (1 - chance) * np.log2(1 - chances))).sum())

    def money(chances: np.ndarray) -> float:
        return float((weight * 50 * (1 - 2 * chance) * (chances < 0.5)).sum())

    slope = brentq(lambda slope: float((weight * x * (chance - said(slope))).sum()), 0.0, 2.0)
    return bits(chance) - bits(said(slope)), money(chance) - money(said(slope))


def normal_rows(seed: int, rows: int) -> pd.DataFrame:
    """Return rows with a number ``x + 0.75 signal + error``, all standard normal."""
    rng = np.random.default_rng(seed)
    x, signal, error = rng.normal(size=(3, rows))
    return pd.DataFrame({"id": range(rows), "x": x, "signal": signal, "amount": x + 0.75 * signal + error})


BITS_OF_NORMAL = 0.5 * np.log2(1 + 0.75**2)
"""``0.5 log2(1 / (1 - rho^2))`` with the correlation rho of signal and amount, given x: 0.75 / root of 1 + 0.75^2."""

LAG = 10.0
"""Days in which the correlation of the state with itself falls to 1/e."""
HALF_LIFE = LAG * np.log(2) / 2
"""Of the bits, which go with the square of the correlation while they are few."""


def stale_tables(seed: int, entities: int, days: int) -> dict[str, pd.DataFrame]:
    """Return readings of a state that wanders, each day at noon, and numbers that follow it at midnight."""
    rng = np.random.default_rng(seed)
    keep = np.exp(-1 / LAG)
    state = np.empty((entities, days))
    state[:, 0] = rng.normal(size=entities)
    for day in range(1, days):
        state[:, day] = keep * state[:, day - 1] + np.sqrt(1 - keep**2) * rng.normal(size=entities)
    entity, day = (axis.ravel() for axis in np.meshgrid(range(entities), range(days), indexing="ij"))
    noon = pd.Timestamp("2024-01-01 12:00") + pd.to_timedelta(day, unit="D")
    readings = pd.DataFrame({"reading": range(len(day)), "unit": entity, "at": noon, "level": state.ravel()})
    asked = pd.DataFrame({"row": range(len(day)), "unit": entity, "day": noon + pd.Timedelta("12h")})
    asked["amount"] = state.ravel() + 1.5 * rng.normal(size=len(asked))
    asked["flat"] = rng.normal(size=len(asked))
    return {"asked": asked[day >= 40].reset_index(drop=True), "readings": readings}
