"""The built-in components pass the suites that strangers' components must pass."""

from __future__ import annotations

import importlib.util
import inspect
from typing import Any

import pytest

from sartor.components import Kind
from sartor.plugins import Plugins, Registered
from sartor.testing import ComponentTests, IngestTests, ModelTests, PrepareTests

SUITES: dict[Kind, type[ComponentTests]] = {"model": ModelTests, "prepare": PrepareTests, "ingest": IngestTests}
PLUGINS = ("learn", "samples")
SETTINGS: dict[str, dict[str, Any]] = {
    "learn.boosting": {"trees": 10},
    "learn.calibrated": {"model": {"use": "learn.tree"}},
    "learn.capped": {"model": {"use": "learn.tree"}, "most": 120},
    "learn.conformal": {"model": {"use": "learn.tree"}, "rounds": 2},
    "learn.chosen": {"among": {"tree": {"use": "learn.tree"}, "nearest": {"use": "learn.nearest"}}},
    "learn.exponential": {"start": -100, "at_least": [50, 100]},
    "learn.extra_trees": {"trees": 10},
    "learn.forest": {"trees": 10},
    "learn.isolation_forest": {"trees": 20},
    "learn.leave": {"columns": ["mem*"]},
    "learn.lightgbm": {"trees": 10},
    "learn.tuned": {"model": {"use": "learn.tree"}, "over": {"depth": [2, 4]}},
    "samples.lending": {"rows": 300},
    "samples.plant": {"positions": 2, "days": 60, "life": 25.0},
}


def components() -> list[Registered]:
    """Return the built-in components that there is a suite with sample data for."""
    found = Plugins()
    entries = [entry for name in PLUGINS for entry in found.by_name[name].components.values()]
    return [entry for entry in entries if entry.kind in SUITES]


@pytest.mark.parametrize("entry", components(), ids=lambda entry: entry.id)
def test_a_built_in_component_passes_the_suite_of_its_kind(entry, tmp_path):
    missing = [name for name in entry.component.requires if importlib.util.find_spec(name) is None]
    if missing:
        pytest.skip(f"needs {missing[0]}, which is not installed: pip install 'sartor[{entry.component.extra}]'")
    suite = type("TestBuiltIn", (SUITES[entry.kind],), {"entry": entry.id, "settings": SETTINGS.get(entry.id, {})})
    for name in sorted(name for name in dir(suite) if name.startswith("test_")):
        tested = suite()
        tested.setup_method()
        folder = tmp_path / name
        folder.mkdir()
        try:
            check = getattr(tested, name)
            check(*([folder] if "tmp_path" in inspect.signature(check).parameters else []))
        finally:
            tested.teardown_method()


def test_nothing_built_in_is_left_out():
    assert len(components()) > 15
