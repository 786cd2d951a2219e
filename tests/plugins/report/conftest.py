"""What tests of the report share: recorded runs of every kind of job, their pages, and a browser to look at them."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from betting import BETS, people
from browser import Page, browser, chromium

from sartor.plugins import Plugins
from sartor.running import run_recipe
from sartor_plugins.report.facts import Facts
from sartor_plugins.report.page import figures_here, page

TELLERS = "sartor_test_tellers"

RECIPE = """
format: 1
recipe: {name}
about: Which of them win?
currency: DM
ingest:
  people: {{use: tables.csv, key: id, with: {{path: people.csv}}}}
task: {{use: {task}, with: {{outcome: outcome{positive}}}}}
split: {split}
models:
  logistic: {{use: {model}}}
  tree: {{use: learn.tree, with: {{depth: 3}}}}
judge: {{redraws: 120}}
{more}
"""


@pytest.fixture(scope="session")
def tellers():
    """The plugin ``tell``."""
    spec = importlib.util.spec_from_file_location(TELLERS, Path(__file__).parent / "tellers.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[TELLERS] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def recorded(tmp_path_factory: pytest.TempPathFactory, tellers) -> Callable[..., Path]:
    """Return a function that runs a job on made-up rows and gives its folder; one run for one job."""
    known: dict[str, Path] = {}

    def run(kind: str = "two", more: str = BETS, table: pd.DataFrame | None = None, **changes: str) -> Path:
        own = f"{kind} {more} {changes} {None if table is None else list(table.columns)}"
        if own not in known:
            folder = tmp_path_factory.mktemp("project")
            (folder / "sartor.toml").write_text("", encoding="utf-8")
            (people(kind=kind) if table is None else table).to_csv(folder / "people.csv", index=False)
            said = {
                "name": "toy/people", "task": "learn.regression" if kind == "number" else "learn.classification",
                "positive": ", positive: won" if kind == "two" else "", "split": "{hash: 0.3}",
                "model": "learn.linear" if kind == "number" else "learn.logistic", "more": more, **changes,
            }  # fmt: skip
            recipe = folder / "people.yaml"
            recipe.write_text(RECIPE.format(**said), encoding="utf-8")
            with pytest.MonkeyPatch.context() as patch:
                patch.chdir(folder)
                known[own] = run_recipe(recipe, plugins=Plugins({"tell": tellers})).folder
        return known[own]

    return run


@pytest.fixture(scope="session")
def html_of() -> Callable[[Path], str]:
    """Return a function from a run's folder to its page; nothing is written into the folder."""
    known: dict[Path, str] = {}

    def html(folder: Path) -> str:
        if folder not in known:
            figures = figures_here()
            known[folder] = page(Facts.of(folder), figures)
            assert figures.failed == []
        return known[folder]

    return html


@pytest.fixture(scope="session")
def tab() -> Iterator[Page]:
    """A tab of a browser that is started once."""
    pytest.importorskip("websocket", reason="needs websocket-client: pip install 'sartor[test]'")
    if chromium() is None:
        pytest.skip("no Chromium is installed: apt-get install chromium")
    with browser() as opened:
        yield opened


@pytest.fixture
def shown(tab: Page, html_of: Callable[[Path], str], tmp_path: Path) -> Callable[..., Page]:
    """Return a function that shows the page of a run's folder in the browser."""

    def show(folder: Path, width: int = 1240, *, script: bool = True, **media: str) -> Page:
        file = tmp_path / "report.html"
        file.write_text(html_of(folder), encoding="utf-8")
        tab.show(width, 900, **media)
        tab.open(file, script=script)
        return tab

    return show
