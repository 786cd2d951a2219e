"""Small mixed tables, training rows made of them, and a context that fits nested models."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sartor.context import Context
from sartor.events import Note
from sartor.plugins import Plugins
from sartor.rows import ROW, Training
from sartor.stages.fitting import nested


def mixed_features(n_rows: int, seed: int = 0) -> pd.DataFrame:
    """Columns of every kind, with gaps, odd names and a column that says nothing."""
    rng = np.random.default_rng(seed)
    income = rng.lognormal(7, 1, n_rows)
    income[rng.random(n_rows) < 0.1] = np.nan
    home = rng.choice(["rent", "own", "free"], n_rows, p=[0.5, 0.4, 0.1]).astype(object)
    home[rng.random(n_rows) < 0.05] = None
    codes = rng.integers(1, 5, n_rows)
    return pd.DataFrame(
        {
            "income": income,
            'Höhe [m²]: {"x"}': rng.normal(size=n_rows),
            "home": home,
            "code": pd.Categorical(codes),
            "owns": rng.random(n_rows) < 0.3,
            "asked": pd.array(np.where(rng.random(n_rows) < 0.2, None, rng.random(n_rows) < 0.5), dtype="boolean"),
            "agent": [f"agent {number}" for number in rng.integers(0, 300, n_rows)],
            "constant": 1.0,
            "empty": np.full(n_rows, np.nan),
            "empty text": np.full(n_rows, None, dtype=object),
        }
    )


def signal(X: pd.DataFrame) -> np.ndarray:
    """What the truth depends on: income, home and the code."""
    income = np.log(X["income"].fillna(1000)) - 7
    home = X["home"].map({"rent": 0.8, "own": -0.8}).fillna(0).astype(float)
    return (income - home + 0.5 * (X["code"].astype(int) == 2)).to_numpy(dtype=float)


def split_by_row(training: Training) -> tuple[np.ndarray, np.ndarray]:
    """A rule like a hash: another quarter at each level."""
    rows = training.rows[ROW].to_numpy()
    validate = (rows * 2_654_435_761 // 7 + 12_345 * training.level) % 4 == 0
    return ~validate, validate


def rows_of(answers: str, n_rows: int = 160, seed: int = 0, n_classes: int = 2) -> Training:
    """Training rows whose truth follows `signal`."""
    X = mixed_features(n_rows, seed)
    rng = np.random.default_rng(seed + 1)
    score = signal(X) + rng.logistic(scale=0.5, size=n_rows)
    rows = pd.DataFrame({ROW: np.arange(n_rows)})
    if answers == "number":
        return Training(rows, X, "number", (), y=100 * score, split_again=split_by_row)
    cuts = np.quantile(score, np.linspace(0, 1, n_classes + 1)[1:-1])
    classes = ("good", "bad") if n_classes == 2 else tuple("abcdef"[:n_classes])
    y = np.searchsorted(cuts, score).astype(np.int64)
    return Training(rows, X, "probability", classes, y=y, split_again=split_by_row)


@pytest.fixture
def make_rows() -> Callable[..., Training]:
    """Return `rows_of`."""
    return rows_of


@pytest.fixture
def make_features() -> Callable[..., pd.DataFrame]:
    """Return `mixed_features`."""
    return mixed_features


class Told(list[str]):
    """The notes that a context heard."""


@pytest.fixture
def told() -> Told:
    """Notes of the test's context."""
    return Told()


@pytest.fixture
def context(told: Told) -> Context:
    """A context that fits nested models, as the engine's does."""

    def hear(event: Any) -> None:
        if isinstance(event, Note):
            told.append(event.text)

    return Context(step="models.tested", seed=7, tell=hear, fit_model=nested(Plugins()))
