"""A run's summary made by hand, plugins on a path of their own, and the command called in this process."""

from __future__ import annotations

import copy
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from sartor.cli import main

REPOSITORY = Path(__file__).resolve().parents[3]


class Said(NamedTuple):
    """What a call of sartor ended with."""

    code: int
    out: str
    err: str


@pytest.fixture
def sartor(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Said]:
    """Return a function that calls the command line in this process; 80 columns, no terminal."""
    monkeypatch.setenv("COLUMNS", "80")

    def call(*arguments: str) -> Said:
        capsys.readouterr()
        code = main(list(arguments))
        said = capsys.readouterr()
        return Said(code, said.out, said.err)

    return call


@pytest.fixture
def sartor_process() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Return a function that calls the command line in a process of its own."""

    def call(*arguments: str, **settings: Any) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "COLUMNS": "80", **settings.pop("env", {})}
        return subprocess.run(
            [sys.executable, "-m", "sartor.cli", *arguments],
            capture_output=True,
            text=True,
            encoding="utf-8",
            env=environment,
            timeout=60,
            check=False,
            **settings,
        )

    return call


_INTERVALS = {
    "scorecard": (0.771, 0.713, 0.829, None),
    "logistic": (0.764, 0.704, 0.820, ("no difference shown", -0.007, -0.031, 0.018)),
    "boosting": (0.759, 0.701, 0.815, ("no difference shown", -0.012, -0.047, 0.024)),
    "forest": (0.785, 0.731, 0.838, ("no difference shown", 0.014, -0.015, 0.044)),
    "base rate": (0.5, 0.5, 0.5, ("worse", -0.271, -0.329, -0.213)),
}
_BESIDE = {
    "scorecard": (0.46, 0.049),
    "logistic": (0.44, 0.055),
    "boosting": (0.43, 0.071),
    "forest": (0.47, 0.073),
    "base rate": (0.0, 0.062),
}


def _model(name: str) -> dict[str, Any]:
    value, low, high, against = _INTERVALS[name]
    found: dict[str, Any] = {
        "trivial": name == "base rate",
        "metrics": {
            "auc": {"value": value, "low": low, "high": high},
            "ks": {"value": _BESIDE[name][0], "low": None, "high": None},
            "calibration_error": {"value": _BESIDE[name][1], "low": None, "high": None},
        },
        "value": None,
    }
    if against:
        verdict, difference, least, most = against
        found["against"] = {
            "metrics": {"auc": {"verdict": verdict, "difference": difference, "low": least, "high": most}}
        }
    return found


def _policy(value: float, low: float, high: float, verdict: str) -> dict[str, Any]:
    against = {"verdict": verdict, "difference": value - 18428, "low": None, "high": None}
    return {"unit": "DM", "value": value, "low": low, "high": high, "against": against}


def made_by_hand() -> dict[str, Any]:
    """Return the summary behind the terminal's picture in the design: German credit, five models, three policies."""
    models = {name: _model(name) for name in _INTERVALS}
    models["scorecard"]["value"] = {"unit": "DM", "value": 18428.4, "low": 6093, "high": 30375}
    return {
        "schema": 1,
        "recipe": "finance/credit-scoring",
        "run": "1124-1405-k7",
        "seed": 0,
        "folder": "runs/finance/credit-scoring/1124-1405-k7",
        "champion": "scorecard",
        "headline": "Accept 118 of 298 applications, have a person look at 43, decline 137.",
        "unit": "DM",
        "simulated": [],
        "stages": [{"stage": "ingest", "line": "applications: 1,000 rows", "seconds": 0.05}],
        "notes": [],
        "metrics": [
            {"name": "auc", "label": "AUC", "better": "higher"},
            {"name": "ks", "label": "KS", "better": "higher"},
            {"name": "calibration_error", "label": "calib.", "better": "lower"},
        ],
        "models": models,
        "policies": {
            "decline everyone": _policy(0, 0, 0, "worse"),
            "one-line rule": _policy(3809, -17312, 25016, "likely worse, not shown"),
            "accept everyone": _policy(-147669, -206695, -88967, "worse"),
        },
        "gates": [
            {
                "metric": "auc",
                "at_least": 0.7,
                "value": 0.771,
                "low": 0.713,
                "high": 0.829,
                "passed": True,
                "within_interval": False,
                "reason": "",
            },
            {
                "metric": "calibration_error",
                "at_most": 0.05,
                "value": 0.049,
                "low": 0.021,
                "high": 0.083,
                "passed": True,
                "within_interval": False,
                "reason": "",
            },
        ],
        "tables": {"applications": {"rows": 1000, "repaired": 0, "set_aside": 0, "simulated": False}},
        "rows": {"train": 702, "test": 298, "gap": 0},
        "seconds": 3.04,
    }


@pytest.fixture
def summary() -> dict[str, Any]:
    """Return a summary to be changed at will."""
    return copy.deepcopy(made_by_hand())


@pytest.fixture
def fake_run(monkeypatch: pytest.MonkeyPatch, summary: dict[str, Any]) -> Callable[..., list[dict[str, Any]]]:
    """Return a function that lets `sartor run` end as it is told, without a recipe; it returns how it was called."""

    def replace(
        ending: BaseException | None = None,
        events: tuple[Any, ...] = (),
        files: tuple[str, ...] = (),
        troubles: tuple[str, ...] = (),
    ) -> list[dict[str, Any]]:
        from sartor.reporting import Reported
        from sartor.runs.result import Run

        calls: list[dict[str, Any]] = []

        def run_recipe(recipe: str, **options: Any) -> Run:
            calls.append({"recipe": recipe, **options})
            for event in events:
                options["listen"](event)
            if ending is not None:
                raise ending
            return Run(summary, Path(summary["folder"]))

        def make_reports(folder: Path) -> Reported:
            replace.reported.append(folder)  # type: ignore[attr-defined]
            return Reported(tuple(folder / file for file in files), troubles)

        monkeypatch.setattr("sartor.running.run_recipe", run_recipe)
        monkeypatch.setattr("sartor.reporting.make_reports", make_reports)
        return calls

    replace.reported = []  # type: ignore[attr-defined]
    return replace


_FINE = """
from sartor.components import Component
from sartor.hookspecs import hookimpl

@hookimpl
def ingest():
    yield Component("{name}.greetings", "{name}_plugin.parts:Greetings", about="A table of greetings")

@hookimpl
def tasks():
    yield Component("{name}.politeness", "{name}_plugin.parts:Politeness", about="Is a greeting polite?")

@hookimpl
def models():
    yield Component("{name}.majority", "{name}_plugin.parts:Majority", about="Always the commonest class")
    yield Component("{name}.net", "{name}_plugin.parts:Net", about="Layered network", extra="deep",
                    requires=("a_library_that_nobody_has",))
"""
_PARTS = '''
from typing import Annotated
from pydantic import Field
from sartor.components import Column, Duration, Ingest, Model, ModelStep, Money, Task, TruthColumn

class Greetings(Ingest):
    """A table of greetings."""

    def columns(self, context):
        return {"id": "integer", "text": "text", "polite": "boolean"}

class Politeness(Task):
    """Is a greeting polite?"""

    answers = "probability"
    truth: TruthColumn

    def metrics(self):
        return []

class Majority(Model):
    """Always the commonest class.

    A second paragraph.

    Parameters
    ----------
    rounds : int
        How often it looks.
    column : Column
        What it looks at.
    patience : Duration
        How long it waits.
    """

    answers = frozenset({"probability"})
    rounds: Annotated[int, Field(ge=1, le=9)] = 3
    column: Column
    patience: Duration = "30 days"
    price: Money = 0.5
    others: list[ModelStep] = []

class Net(Model):
    """Layered network."""

    answers = frozenset({"probability"})
'''


def install(folder: Path, name: str, module: str, *, extras: tuple[str, ...] = ()) -> None:
    """Put a plugin into a folder as pip would: its package and its dist-info."""
    package = folder / f"{name}_plugin"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(module.replace("{name}", name), encoding="utf-8")
    (package / "parts.py").write_text(_PARTS, encoding="utf-8")
    info = folder / f"{name}_plugin-0.3.dist-info"
    info.mkdir()
    lines = ["Metadata-Version: 2.4", f"Name: {name}-plugin", "Version: 0.3", "Summary: For tests"]
    lines += [f"Provides-Extra: {extra}" for extra in extras]
    (info / "METADATA").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (info / "entry_points.txt").write_text(f"[sartor.plugins]\n{name} = {name}_plugin\n", encoding="utf-8")


@pytest.fixture
def plugin_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return a folder on the path with two plugins: `acme`, which is fine, and `broken`, which does not load."""
    folder = tmp_path / "site"
    install(folder, "acme", _FINE, extras=("deep",))
    install(folder, "broken", "raise RuntimeError('the licence server does not answer')\n")
    monkeypatch.syspath_prepend(str(folder))
    yield folder
    for module in [name for name in sys.modules if name.startswith(("acme_plugin", "broken_plugin"))]:
        del sys.modules[module]


RECIPE = """\
format: 1
recipe: acme/politeness
about: Is a greeting polite?
ingest:
  greetings: {use: acme.greetings, key: id}
privacy:
  columns: {text: audit_only}
task: {use: acme.politeness, with: {truth: polite}}
split: {hash: 0.3}
models:
  majority: {use: acme.majority, with: {column: id}}
"""


@pytest.fixture
def recipe(project: Path, plugin_folder: Path) -> Path:
    """Return a recipe of the project that can be checked with the plugin `acme`."""
    file = project / "recipes" / "acme" / "politeness.yaml"
    file.parent.mkdir(parents=True)
    file.write_text(RECIPE, encoding="utf-8")
    return file


@pytest.fixture
def as_json() -> Callable[[str], Any]:
    """Return a function that reads exactly one JSON object of one line."""

    def read(text: str) -> Any:
        assert text.count("\n") == 1
        assert text.endswith("\n")
        return json.loads(text)

    return read
