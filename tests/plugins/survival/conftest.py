"""Simulated times to an event."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sartor.testing import make_context, make_training
from sartor.testing.samples import sample_features


@pytest.fixture
def context(tmp_path):
    return make_context(tmp_path)


@pytest.fixture(scope="session")
def watched():
    """Return training rows: mixed features, times at whole numbers, about a third of them censored."""

    def made(rows: int = 240, seed: int = 0):
        X = sample_features(rows, seed)
        rng = np.random.default_rng(seed + 1)
        score = (X["months"] - 36) / 20 + (X["channel"] == "web") * 0.8 + 0.5 * X["member"]
        time = rng.exponential(20 * np.exp(-score.to_numpy(dtype=float)))
        lost = rng.exponential(40, rows)
        y = pd.DataFrame({"time": np.floor(np.minimum(time, lost)), "event": (time <= lost).astype(np.int64)})
        return make_training(X, y, answers="survival", classes=())

    return made
