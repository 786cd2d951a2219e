"""Puts the stranger's plugin on the path, and runs one check of a suite as pytest would."""

from __future__ import annotations

import inspect
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import stranger_plugin

from sartor.plugins import Plugins


@pytest.fixture
def check(tmp_path):
    """Return a function that runs one check of a suite on one component of the stranger's."""

    def run(suite, component, name, **attributes):
        members = {
            "entry": component if "." in component else f"stranger.{component}",
            "plugins": lambda self: Plugins({"stranger": stranger_plugin}),
            **attributes,
        }
        tested = type("TestTheirs", (suite,), members)()
        method = getattr(tested, name)
        tested.setup_method()
        try:
            method(*([tmp_path] if "tmp_path" in inspect.signature(method).parameters else []))
        finally:
            tested.teardown_method()

    return run
