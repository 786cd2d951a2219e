"""The catalogue of error codes is complete, and holds nothing that is never raised."""

import re
from pathlib import Path

import pytest

from sartor.codes import CODES, explain
from sartor.errors import UsageError
from sartor.recipe import Project, load_text

REPOSITORY = Path(__file__).resolve().parents[2]
CATALOGUE = REPOSITORY / "core" / "sartor" / "catalogue"
CODE = re.compile(r'"([RDPXGU]\d{3})"')
ENTRY = re.compile(r'Code\(\s*"([RDPXGU]\d{3})"')


def codes_in_the_sources() -> set[str]:
    found: set[str] = set()
    for root in ("core", "plugins", "domains"):
        for path in (REPOSITORY / root).rglob("*.py"):
            if CATALOGUE not in path.parents:
                found |= set(CODE.findall(path.read_text(encoding="utf-8")))
    return found


def test_every_code_that_is_raised_is_explained():
    assert sorted(codes_in_the_sources() - set(CODES)) == []


def test_no_code_means_two_things():
    entries = [code for path in CATALOGUE.glob("*.py") for code in ENTRY.findall(path.read_text(encoding="utf-8"))]
    assert len(entries) >= len(CODES)
    assert sorted({code for code in entries if entries.count(code) > 1}) == []


def test_every_code_that_is_explained_is_raised():
    assert sorted(set(CODES) - codes_in_the_sources()) == []


@pytest.mark.parametrize("code", CODES)
def test_an_entry_says_what_is_wrong_and_how_to_mend_it(code):
    entry = CODES[code]
    assert entry.code == code
    assert not entry.title.endswith(".")
    assert entry.explanation.endswith(".")
    assert len(entry.explanation.split()) >= 8, "an explanation says more than the title"


# These examples are wrong only for the tables or plugins that they name; tests/core/recipe shows each of them.
FOR_PLUGINS = {"R021", "R022", "R023", "R030", "R032", "R034", "R042", "R086", "R092", "R094", "R095"}
OF_RECIPES = [code for code, entry in CODES.items() if code[0] == "R" and entry.wrong and code not in FOR_PLUGINS]


@pytest.mark.parametrize("code", OF_RECIPES)
def test_the_wrong_example_is_wrong_in_this_way_and_the_right_one_is_not(code, tmp_path):
    project = Project(tmp_path)
    wrong = load_text(CODES[code].wrong, project=project, env={}).problems
    right = load_text(CODES[code].right, project=project, env={}).problems
    assert code in {problem.code for problem in wrong}
    assert code not in {problem.code for problem in right}


def test_a_code_is_explained_in_capitals_or_not():
    assert explain(" r012 ") is CODES["R012"]
    assert str(CODES["R012"]).startswith("R012  a key is written twice\n\nIn a mapping a key can have one value.")


def test_a_code_that_is_not_there_is_a_usage_error_with_the_nearest():
    with pytest.raises(UsageError, match=r"there is no error code 'R01'  U010\n  did you mean: R0"):
        explain("R01")
