"""What tests of the core share: a plugin of toys, recipes run against it, and one real run."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import uuid4

import pandas as pd
import pyarrow as pa
import pytest

import sartor
from sartor.context import Context
from sartor.runs.result import Run

TOYS = "sartor_test_toys"


@pytest.fixture(scope="session")
def toys() -> ModuleType:
    """The module ``toys.py``, importable by its components' targets."""
    spec = importlib.util.spec_from_file_location(TOYS, Path(__file__).parent / "toys.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[TOYS] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def run_toys(project, toys, monkeypatch):
    """Return a function that runs a recipe's text against tables given as pandas frames."""
    from sartor.plugins import Plugins
    from sartor.running import run_recipe

    def run(text, tables, **options):
        toys.TABLES.clear()
        toys.TABLES.update(tables)
        file = project / "toy.yaml"
        file.write_text(text, encoding="utf-8")
        return run_recipe(file, plugins=Plugins({"toy": toys}), **options)

    return run


@pytest.fixture(scope="session")
def credit_run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run of the recipe on 1,000 real applications, in a project of its own."""
    folder = tmp_path_factory.mktemp("credit")
    (folder / "sartor.toml").write_text("", encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        return sartor.run("finance/credit-scoring", sets=["judge.redraws=100"])


@pytest.fixture
def credit(credit_run: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The same run, seen from its project."""
    monkeypatch.chdir(credit_run.folder.parents[3])
    return credit_run


@pytest.fixture
def credit_copy(credit_run: Run, tmp_path: Path) -> Path:
    """The folder of a copy of it, to write into."""
    import shutil

    folder = tmp_path / "runs" / "finance" / "credit-scoring" / credit_run.run_id
    shutil.copytree(credit_run.folder, folder)
    shutil.copyfile(credit_run.folder.parents[2] / "heads.jsonl", tmp_path / "runs" / "heads.jsonl")
    return folder


@pytest.fixture(scope="session")
def applications() -> pa.Table:
    """The 1,000 applications with how they turned out."""
    from sartor_plugins.samples.german_credit import GermanCredit

    table: pa.Table = GermanCredit().read(Context())
    return table


@dataclass(frozen=True)
class Entered:
    """What became of a recipe's tables.

    Parameters
    ----------
    tables : mapping of table to DataFrame
        Lines that entered, in the columns that steps may see, in the order in which they are stored.
    notes, cautions : list of str
    quarantine : mapping of table to DataFrame
    stages : mapping of stage to dict
        Its summary.
    """

    tables: dict[str, pd.DataFrame]
    notes: list[str]
    cautions: list[str]
    quarantine: dict[str, pd.DataFrame]
    stages: dict[str, dict[str, Any]]

    @property
    def table(self) -> pd.DataFrame:
        """The only table."""
        (table,) = self.tables.values()
        return table


@pytest.fixture
def entered(project: Path) -> Callable[..., Entered]:
    """Return a function that lets the tables of a recipe's text in: read, guarded, held against their contracts."""
    from sartor.engine import Engine
    from sartor.running import load_checked, moment_of
    from sartor.session import Session
    from sartor.stages.building import build
    from sartor.stages.ingesting import ingest

    def enter(text: str, *, as_of: str | None = None, threads: int = 2, **more: Any) -> Entered:
        file = project / "entering.yaml"
        file.write_text(text, encoding="utf-8")
        recipe, plugins, _ = load_checked(file)
        heard: list[Any] = []
        scratch = project.parent / f"scratch-{uuid4().hex}"
        scratch.mkdir()
        with Engine(threads, spill=scratch / "spill") as engine:
            session = Session(recipe, plugins, engine, "r", 0, threads, scratch, moment_of(as_of), heard.append)
            found = ingest(session, build(recipe, plugins).ingest, **more)
            return Entered(
                tables={name: engine.fetch(found.tables[name].frame) for name in recipe.ingest},
                notes=[note.text for note in session.notes],
                cautions=[note.text for note in session.notes if note.caution],
                quarantine={name: pd.read_parquet(file) for name, file in found.quarantine.items()},
                stages={stage.stage: dict(stage.summary) for stage in session.stages},
            )

    return enter
