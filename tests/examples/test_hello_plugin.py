"""The example plugin, built and installed as a stranger's would be: found, tested by its own tests, run beside ours.

Its wheel is built by hatchling without network and unpacked into a folder of its own, which is what installing a pure
Python wheel comes to; a process that has the folder on its path finds the entry point as after ``pip install``.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "hello-plugin"


class Stranger:
    """A folder with the plugin's project, and a place where its wheel is installed."""

    def __init__(self, folder: Path) -> None:
        self.project = folder / "hello-plugin"
        shutil.copytree(EXAMPLE, self.project, ignore=shutil.ignore_patterns("__pycache__", "runs", ".*_cache"))
        self.python("-m", "hatchling", "build", "-t", "wheel", "-d", str(folder / "dist"))
        (self.wheel,) = (folder / "dist").glob("*.whl")
        self.site = folder / "site"
        with zipfile.ZipFile(self.wheel) as wheel:
            wheel.extractall(self.site)

    def python(self, *arguments: str, exit_code: int = 0) -> str:
        """Run Python in the plugin's project folder, with the plugin installed; return what it prints."""
        path = [str(self.site)] if hasattr(self, "site") else []
        path += [os.environ["PYTHONPATH"]] if "PYTHONPATH" in os.environ else []
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=self.project,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(path), "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )
        assert done.returncode == exit_code, f"python {' '.join(arguments)}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def sartor(self, *arguments: str, exit_code: int = 0) -> str:
        """Call sartor's command line."""
        return self.python("-m", "sartor.cli", *arguments, exit_code=exit_code)


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Stranger:
    return Stranger(tmp_path_factory.mktemp("stranger"))


def test_the_wheel_holds_the_package_and_its_entry_point(stranger):
    with zipfile.ZipFile(stranger.wheel) as wheel:
        names = wheel.namelist()
        entry_points = wheel.read("hello_plugin-0.1.0.dist-info/entry_points.txt").decode()

    assert entry_points == "[sartor.plugins]\nhello = hello_plugin\n"
    packages = {name.partition("/")[0] for name in names}
    assert packages == {"hello_plugin", "hello_plugin-0.1.0.dist-info"}


def test_the_plugin_stands_in_the_list_beside_the_built_in_ones(stranger):
    listed = stranger.sartor("plugins", "list")

    assert "hello" in listed
    assert "hello-plugin 0.1.0" in listed
    assert "learn" in listed
    assert "hello.points" in stranger.sartor("list", "models")


def test_its_own_tests_pass_without_a_warning(stranger):
    said = stranger.python("-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider")

    # Six suites of at least ten tests each, and eight of its own: a suite that is not collected would not be missed.
    passed = int(said.strip().splitlines()[-1].split(" passed")[0])
    assert passed >= 80
    assert "skipped" not in said


def test_its_recipe_runs_through_every_stage_to_a_valued_decision(stranger):
    run = json.loads(stranger.sartor("run", "hello", "--json"))

    assert run["recipe"] == "hello"
    assert run["tables"]["messages"]["rows"] == 1500
    brier = {name: model["metrics"]["brier"]["value"] for name, model in run["models"].items()}
    assert brier["points"] < brier["base rate"]
    worth = run["models"]["points"]["value"]["value"]
    assert worth > max(policy["value"] for policy in run["policies"].values())
    assert [gate["passed"] for gate in run["gates"]] == [True]


def test_its_components_and_the_built_in_ones_go_into_one_recipe(stranger):
    recipe = (stranger.project / "recipes" / "hello.yaml").read_text(encoding="utf-8")
    both = recipe.replace("recipe: hello", "recipe: both").replace(
        "\nmodels:\n", "\nmodels:\n  logistic: {use: learn.logistic}\n"
    )
    assert both != recipe
    (stranger.project / "recipes" / "both.yaml").write_text(both, encoding="utf-8")

    run = json.loads(stranger.sartor("run", "both", "--json"))

    assert run["champion"] == "logistic"
    assert set(run["models"]) == {"base rate", "logistic", "points"}
    brier = {name: model["metrics"]["brier"]["value"] for name, model in run["models"].items()}
    assert brier["logistic"] < brier["base rate"]


def test_a_misspelt_setting_of_the_stranger_is_named_with_its_place(stranger):
    recipe = (stranger.project / "recipes" / "hello.yaml").read_text(encoding="utf-8")
    (stranger.project / "recipes" / "wrong.yaml").write_text(
        recipe.replace("recipe: hello", "recipe: wrong").replace("worth: 8", "wort: 8"), encoding="utf-8"
    )

    said = stranger.sartor("check", "wrong", exit_code=2)

    assert "hello.reply_first" in said
    assert "did you mean: worth" in said
