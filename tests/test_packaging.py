"""What is built is whole: all four roots, their data files and recipes, licences and ways in."""

from __future__ import annotations

import importlib
import re
import tomllib
import zipfile
from itertools import chain
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
ROOTS = ("core", "plugins", "domains", "recipes")


@pytest.fixture(scope="module")
def pyproject() -> dict:
    return tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.mark.needs("hatchling")
def test_a_wheel_holds_every_file_of_the_four_roots(tmp_path: Path):
    from hatchling.builders.wheel import WheelBuilder

    (wheel,) = WheelBuilder(str(REPOSITORY)).build(directory=str(tmp_path), versions=["standard"])
    built = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    there = {
        path.relative_to(REPOSITORY / root).as_posix()
        for root in ROOTS
        for path in (REPOSITORY / root).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert built == there
    assert "sartor_plugins/samples/data/german_credit.csv.gz" in built
    assert "sartor_recipes/finance/credit-scoring.yaml" in built


@pytest.mark.needs("hatchling")
def test_a_wheel_carries_licence_and_notice(tmp_path: Path):
    from hatchling.builders.wheel import WheelBuilder

    (wheel,) = WheelBuilder(str(REPOSITORY)).build(directory=str(tmp_path), versions=["standard"])
    names = zipfile.ZipFile(wheel).namelist()
    assert [name.rpartition("/")[2] for name in names if "/licenses/" in name] == ["LICENSE", "NOTICE"]


def test_every_way_in_leads_to_something(pyproject: dict):
    ways = {**pyproject["project"]["scripts"], **pyproject["project"]["entry-points"]["sartor.plugins"]}
    for target in ways.values():
        module, _, attribute = target.partition(":")
        found = importlib.import_module(module)
        assert not attribute or callable(getattr(found, attribute))


def test_what_is_called_all_is_every_extra_that_a_user_may_want(pyproject: dict):
    extras = pyproject["project"]["optional-dependencies"]
    (everything,) = extras["all"]
    named = set(re.fullmatch(r"sartor\[(.+)\]", everything)[1].split(","))
    # scikit-survival is GPL-3.0: nobody gets it who has not asked for it by name.
    assert named == set(extras) - {"all", "dev", "docs", "test", "survival"}


def test_the_constraints_pin_every_dependency_and_name_no_index(pyproject: dict):
    text = (REPOSITORY / "constraints.txt").read_text(encoding="utf-8")
    project = pyproject["project"]
    wanted = [*project["dependencies"], *chain.from_iterable(project["optional-dependencies"].values())]
    names = {re.match(r"[\w-]+", line)[0].lower() for line in wanted} - {"sartor"}
    pinned = set(re.findall(r"^([\w-]+)==", text, re.MULTILINE))
    assert names - pinned == set()
    assert not re.search(r"https?:|--|\bsha256\b|@", text)


def test_what_is_pinned_twice_says_for_which_python():
    lines = (REPOSITORY / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if not line.startswith("#")]
    names = [line.partition("==")[0] for line in pins]
    assert [line for line in pins if names.count(line.partition("==")[0]) > 1 and ";" not in line] == []


def test_tensorflow_is_the_small_package_where_there_is_one(pyproject: dict):
    from packaging.requirements import Requirement

    def chosen(system: str, machine: str, version: str = "3.12") -> list[str]:
        where = {"sys_platform": system, "platform_machine": machine, "python_version": version}
        asked = [Requirement(line) for line in pyproject["project"]["optional-dependencies"]["keras"]]
        return [one.name for one in asked if one.marker.evaluate(where)]

    assert chosen("linux", "x86_64") == ["tensorflow-cpu"]
    assert chosen("linux", "aarch64") == chosen("darwin", "arm64") == ["tensorflow"]
    assert chosen("darwin", "x86_64") == chosen("linux", "x86_64", "3.14") == []
