"""What a command imports before it answers. Numbers of milliseconds are in benchmarks/startup.py."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = ("pandas", "numpy", "duckdb", "narwhals", "sklearn", "pyarrow", "scipy", "polars", "lightgbm")
SLOW = ("pydantic", "rich", "yaml", "pluggy", "importlib.metadata")


def loaded_by(*arguments: str, path: Path | None = None) -> set[str]:
    """Return the modules that a call of sartor has imported when it ends."""
    code = (
        "import sys\n"
        f"sys.path[:0] = {[str(path)] if path else []}\n"
        "from sartor.cli import main\n"
        f"code = main({list(arguments)})\n"
        "sys.stderr.write('\\n'.join(['LOADED', *sys.modules]))\n"
        "sys.exit(code)"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    return set(ended.stderr.split("LOADED\n")[1].splitlines())


@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"], ["recipes", "--help"], ["plugins", "new", "-h"]])
def test_help_imports_nothing_heavy_and_nothing_slow(arguments):
    assert loaded_by(*arguments).isdisjoint([*HEAVY, *SLOW])


@pytest.mark.parametrize(
    "arguments",
    [
        ["--version"],
        ["list", "models"],
        ["explain", "R021"],
        ["explain", "split"],
        ["recipes", "list"],
        ["plugins", "list"],
        ["schema"],
        ["runn"],
    ],
)
def test_no_showing_verb_imports_anything_heavy(arguments):
    assert loaded_by(*arguments).isdisjoint([*HEAVY, "rich"])


def test_check_imports_nothing_heavy_and_no_plugin_that_is_not_named(recipe, plugin_folder, monkeypatch):
    loaded = loaded_by("check", str(recipe), path=plugin_folder)
    assert loaded.isdisjoint([*HEAVY, "rich"])
    assert "acme_plugin" in loaded
    assert not any(name.startswith(("broken_plugin", "sartor_plugins.")) for name in loaded)


def test_help_looks_at_no_plugin_at_all(plugin_folder):
    loaded = loaded_by("--help", path=plugin_folder)
    assert not any(name.startswith(("acme_plugin", "broken_plugin", "sartor_plugins")) for name in loaded)
