"""The networks pass the suite of any model."""

from __future__ import annotations

from typing import ClassVar

import pytest

from sartor.testing import ModelTests


@pytest.mark.needs("tensorflow", "keras")
class TestMLP(ModelTests):
    entry = "keras.mlp"
    settings: ClassVar = {"hidden": [8], "epochs": 3, "refit": False}
