"""Small tables for networks; what several tests look at is learned once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sartor.context import Context
from sartor.events import Note
from sartor.rows import Training
from sartor.testing import make_context, make_training
from sartor_plugins.keras.mlp import MLP

HOMES = ("rent", "own", "free")
QUICK: dict[str, Any] = {"hidden": [8], "rate": 0.02, "batch": 32}


def _shop(rows: int = 400, seed: int = 0) -> pd.DataFrame:
    """Two numbers, of which one has gaps, and a category."""
    rng = np.random.default_rng(seed)
    age = rng.uniform(18, 80, rows)
    age[rng.random(rows) < 0.1] = np.nan
    home = rng.choice(HOMES, rows, p=[0.5, 0.4, 0.1])
    return pd.DataFrame({"age": age, "income": rng.normal(50_000, 12_000, rows), "home": home})


def _amount_of(X: pd.DataFrame, seed: int = 1) -> np.ndarray:
    """Bends with age, rises with income, and home owners spend 300 more; the noise is 40."""
    age = np.nan_to_num((X["age"].to_numpy() - 49) / 18)
    income = (X["income"].to_numpy() - 50_000) / 12_000
    own = (X["home"] == "own").to_numpy()
    noise = np.random.default_rng(seed).normal(0, 40, len(X))
    return np.asarray(1_000 - 250 * age**2 + 100 * income + 300 * own + noise)


def _number_rows(rows: int = 400, seed: int = 0) -> Training:
    X = _shop(rows, seed)
    return make_training(X, _amount_of(X, seed + 1), answers="number")


def _class_rows(
    rows: int = 400, seed: int = 0, *, share: float = 0.5, classes: tuple[str, ...] = ("no", "yes")
) -> Training:
    X = _shop(rows, seed)
    amount = _amount_of(X, seed + 1) + np.random.default_rng(seed + 2).normal(0, 150, rows)
    cuts = np.quantile(amount, 1 - share) if len(classes) == 2 else np.quantile(amount, [1 / 3, 2 / 3])
    places = np.searchsorted(np.atleast_1d(cuts), amount)
    return make_training(X, [classes[place] for place in places], classes=classes)


# Tests take these functions as fixtures: a module of tests cannot import another.


@pytest.fixture(scope="session")
def shop() -> Callable[..., pd.DataFrame]:
    return _shop


@pytest.fixture(scope="session")
def amount_of() -> Callable[..., np.ndarray]:
    return _amount_of


@pytest.fixture(scope="session")
def number_rows() -> Callable[..., Training]:
    return _number_rows


@pytest.fixture(scope="session")
def class_rows() -> Callable[..., Training]:
    return _class_rows


@pytest.fixture(scope="session")
def mlp() -> Callable[..., MLP]:
    """Makes small networks."""
    return lambda **settings: MLP(**{**QUICK, **settings})


@pytest.fixture
def said() -> Callable[..., list[str]]:
    """The notes that were heard."""
    return lambda events: [event.text for event in events if isinstance(event, Note)]


@pytest.fixture
def heard() -> list[Any]:
    return []


@pytest.fixture
def context(tmp_path: Path, heard: list[Any]) -> Context:
    return make_context(tmp_path, heard=heard)


@pytest.fixture(scope="session")
def amounts(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, list[Any]]:
    """A network of amounts, and what was heard while it learned."""
    told: list[Any] = []
    context = make_context(tmp_path_factory.mktemp("amounts"), heard=told)
    return MLP(**QUICK).fit(_number_rows(), context), told


@pytest.fixture(scope="session")
def chances(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A network of two classes, one of which is rare, learned as if they were alike common."""
    context = make_context(tmp_path_factory.mktemp("chances"))
    return MLP(**QUICK, class_weights="balanced").fit(_class_rows(800, share=0.15), context)
