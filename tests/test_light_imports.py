"""Commands that only read a recipe load no heavy library: `--help`, `check` and listings stay quick.

Ruff keeps heavy libraries out of the core's light modules; what a settings class drags in only shows when it is
imported, so every component of every installed plugin is imported here, in an interpreter of its own.
"""

from __future__ import annotations

import pytest

from sartor.plugins import Plugins
from sartor.testing.budget import heavy_imports


def test_every_module_with_settings_is_light():
    modules = sorted(
        {entry.component.target.partition(":")[0] for _, entries, _ in Plugins().all() for entry in entries}
    )
    assert len(modules) > 10
    # One interpreter for all; only where that is heavy, one for each, to name the module at fault.
    heavy = heavy_imports(modules)
    assert {module: heavy_imports([module]) for module in modules if heavy} == {}


def test_the_modules_that_name_components_are_light():
    assert (
        heavy_imports([point.value for plugin in Plugins().by_name.values() for point, _ in plugin.entry_points]) == []
    )


@pytest.mark.parametrize("module", ["sartor", "sartor.cli", "sartor.codes", "sartor.context", "sartor.rows"])
def test_what_a_command_loads_first_is_light(module: str):
    assert heavy_imports([module]) == []


def test_the_probe_notices_a_heavy_library_that_comes_in_by_another():
    assert "numpy" in heavy_imports(["pandas"])
