"""What all tests share: where the real data lies, what is skipped and why, and a clean place to work in.

Real data lies where ``SARTOR_DATA`` says, or beside the repository in ``../shared/data``. Where neither is there, the
tests on real data are skipped; where there is one, a set that is missing from it is an error and no reason to skip.
"""

from __future__ import annotations

import gc
import importlib.metadata
import importlib.util
import os
from collections import Counter
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest
from _pytest.doctest import DoctestModule
from hypothesis import settings
from packaging.requirements import Requirement

REPOSITORY = Path(__file__).resolve().parent
BESIDE = REPOSITORY.parent / "shared" / "data"

EXTRAS = {
    "adbc_driver_manager": "sql",
    "adbc_driver_postgresql": "sql",
    "cryptography": "trust",
    "fsspec": "remote",
    "keras": "keras",
    "lightgbm": "boost",
    "numba": "fast",
    "polars": "polars",
    "python_calamine": "excel",
    "tensorflow": "keras",
}
"""The extra of sartor that brings a module."""

# How long an example takes says how busy the machine is. What must be quick is timed by a test of its own.
settings.register_profile("sartor", deadline=None)
settings.load_profile("sartor")

TOGETHER = ("tests/plugins/keras/", "plugins/sartor_plugins/keras/", "tests/test_every_module.py")
"""What imports TensorFlow, 4 seconds a process."""

EACH = ("tests/docs/test_pages.py::test_every_example_on_the_page_runs[",)
"""Tests that are files of their own to the cores: they take long, and share nothing."""

FIRST = (
    *TOGETHER,
    *EACH,
    "tests/core/testing/test_built_ins.py",
    "tests/recipes/",
    "tests/core/windows/test_agreement.py",
)
"""What takes long though its tests are few; of the rest, the files of most tests come first."""


def data_root() -> Path | None:
    """Return the folder of the real data, or None where there is none to expect."""
    if named := os.environ.get("SARTOR_DATA"):
        return Path(named).expanduser().absolute()
    return BESIDE if BESIDE.is_dir() else None


@pytest.fixture(scope="session")
def data_folder() -> Callable[[str], Path]:
    """Return a function from a dataset's name, ``finance/german-credit``, to its folder."""

    def folder_of(dataset: str) -> Path:
        root = data_root()
        if root is None:
            pytest.skip(f"no real data here: SARTOR_DATA is not set, and {BESIDE.parent.name}/{BESIDE.name} is missing")
        folder = root / dataset
        if not folder.is_dir() or not any(folder.iterdir()):
            pytest.fail(f"the data folder {root} holds no dataset {dataset}", pytrace=False)
        return folder

    return folder_of


@pytest.fixture(autouse=True)
def _plain_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give every test one terminal, 120 wide and without colour, and none of the caller's settings."""
    for name in [name for name in os.environ if name.startswith("SARTOR_") and name != "SARTOR_DATA"]:
        monkeypatch.delenv(name)
    for name in ("FORCE_COLOR", "CLICOLOR_FORCE", "PY_COLORS", "LC_ALL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setenv("COLUMNS", "120")


@pytest.fixture(autouse=True)
def _doctests_leave_nothing_behind(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Run the examples of docstrings in an empty folder: some write files, or whole runs."""
    if isinstance(request.node, pytest.DoctestItem):
        monkeypatch.chdir(tmp_path_factory.mktemp("doctest"))


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty project folder, and stand in it: runs are written here, recipes are looked for here."""
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "sartor.toml").write_text("", encoding="utf-8")
    monkeypatch.chdir(folder)
    return folder


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test whose modules are missing; `make test` has installed them all, so there it fails."""
    for mark in item.iter_markers("needs"):
        for module in mark.args:
            if importlib.util.find_spec(module.partition(".")[0]) is not None:
                continue
            extra = EXTRAS.get(module.partition(".")[0], "")
            how = f": pip install 'sartor[{extra}]'" if extra else ""
            reason = f"needs {module}, which is not installed{how}"
            if EVERYTHING_IS_INSTALLED and brings_something_here(extra):
                pytest.fail(f"{reason}; 'make test' should have", pytrace=False)
            pytest.skip(reason)


def pytest_sessionstart() -> None:
    """Look for no garbage while tests are collected: almost all that is made then stays, and looking took a third."""
    gc.disable()


def pytest_collection_finish() -> None:
    """Look for garbage again, though never among what was collected."""
    gc.freeze()
    gc.enable()


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(file_path: Path) -> Generator[None, list[Any], list[Any]]:
    """Look for examples only where there are some, so that no core imports modules just to find none.

    That each can be imported is tested in ``tests/test_every_module.py``, once.
    """
    found = yield
    if file_path.suffix == ".py" and ">>>" not in file_path.read_text(encoding="utf-8"):
        return [collector for collector in found if not isinstance(collector, DoctestModule)]
    return found


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Hand out whole files, as ``--dist loadfile`` does, but what takes long first, so that no core waits for another.

    Pages of the documentation share nothing and are handed out one by one; what imports TensorFlow goes to one core,
    where that is imported once.
    """
    if config.getvalue("dist") != "loadfile":
        return None
    from xdist.scheduler import LoadFileScheduling

    class LongestFirst(LoadFileScheduling):  # type: ignore[misc]
        def _split_scope(self, nodeid: str) -> str:
            if nodeid.startswith(TOGETHER):
                return TOGETHER[0]
            return nodeid if nodeid.startswith(EACH) else str(super()._split_scope(nodeid))

        def _assign_work_unit(self, node: Any) -> None:
            chosen = next((scope for scope in self.workqueue if scope.startswith(FIRST)), None)
            if chosen is not None:
                self.workqueue.move_to_end(chosen, last=False)
            super()._assign_work_unit(node)

    return LongestFirst(config, log)


def brings_something_here(extra: str) -> bool:
    """Whether an extra has packages for this machine: there is no TensorFlow for an Intel Mac."""
    requirements = [Requirement(text) for text in importlib.metadata.requires("sartor") or ()]
    return any(asked.marker is not None and asked.marker.evaluate({"extra": extra}) for asked in requirements)


# Read here, since tests see none of the caller's settings.
EVERYTHING_IS_INSTALLED = os.environ.get("SARTOR_EXTRAS") == "all"


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Say before the tests what they will do without."""
    root = data_root()
    missing = sorted({extra for module, extra in EXTRAS.items() if importlib.util.find_spec(module) is None})
    slow = "left out, 'make slow' runs them" if "not slow" in config.option.markexpr else "as asked"
    return [
        f"real data: {root or 'none (SARTOR_DATA is not set): tests on real data are skipped'}",
        f"extras not installed: {', '.join(missing) or 'none'}; slow tests: {slow}",
    ]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say after the tests what was skipped, and why, each reason once."""
    skipped = terminalreporter.stats.get("skipped", [])
    reasons = Counter(str(report.longrepr[2]).removeprefix("Skipped: ") for report in skipped)
    if reasons:
        terminalreporter.section("skipped")
        for reason, count in reasons.most_common():
            terminalreporter.line(f"{count:5}  {reason}")
