"""What tests of cards share: borrowers and tenants whose risk is known."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sartor.testing import make_scoring, make_training

CLASSES = ("good", "bad")


def training(X, bad, **more):
    return make_training(pd.DataFrame(X), [CLASSES[flag] for flag in bad], classes=CLASSES, **more)


def homes(**more):
    """80 of 100 owners are good, 20 of 100 tenants; their age tells nothing."""
    X = {"home": ["own"] * 100 + ["rent"] * 100, "age": [30.0] * 200}
    return training(X, [0] * 80 + [1] * 20 + [0] * 20 + [1] * 80, **more)


def borrowers(rows=2000, seed=0):
    rng = np.random.default_rng(seed)
    income, years = rng.lognormal(8, 0.5, rows), rng.integers(0, 20, rows).astype(float)
    job = rng.choice(["clerk", "miner", "nurse"], rows)
    risk = -1.2 * (np.log(income) - 8) - 0.1 * years + 0.8 * (job == "miner")
    bad = (rng.random(rows) < 1 / (1 + np.exp(-risk))).astype(int)
    years[rng.random(rows) < 0.1] = np.nan
    return {"income": income, "years": years, "job": job}, bad


def scoring(X):
    return make_scoring(pd.DataFrame(X), classes=CLASSES)


def answers(card, X):
    return card.predict(scoring(X))


def chances(card, X):
    return answers(card, X)["probability"].tolist()
