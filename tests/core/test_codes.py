"""The catalogue of error codes is complete, and holds nothing that is never raised."""

import re
from pathlib import Path

import pytest

from sartor.codes import CODES, explain
from sartor.errors import UsageError

REPOSITORY = Path(__file__).resolve().parents[2]
CATALOGUE = REPOSITORY / "core" / "sartor" / "catalogue"
CODE = re.compile(r'"([RDPXGU]\d{3})"')


def codes_in_the_sources() -> set[str]:
    found: set[str] = set()
    for root in ("core", "plugins", "domains"):
        for path in (REPOSITORY / root).rglob("*.py"):
            if CATALOGUE not in path.parents:
                found |= set(CODE.findall(path.read_text(encoding="utf-8")))
    return found


def test_every_code_that_is_raised_is_explained():
    assert sorted(codes_in_the_sources() - set(CODES)) == []


def test_every_code_that_is_explained_is_raised():
    assert sorted(set(CODES) - codes_in_the_sources()) == []


@pytest.mark.parametrize("code", CODES)
def test_an_entry_says_what_is_wrong_and_how_to_mend_it(code):
    entry = CODES[code]
    assert entry.code == code
    assert not entry.title.endswith(".")
    assert entry.explanation.endswith(".")
    assert len(entry.explanation.split()) >= 8, "an explanation says more than the title"


def test_a_code_is_explained_in_capitals_or_not():
    assert explain(" r012 ") is CODES["R012"]
    assert str(CODES["R012"]).startswith("R012  a key is written twice\n\nIn a mapping a key can have one value.")


def test_a_code_that_is_not_there_is_a_usage_error_with_the_nearest():
    with pytest.raises(UsageError, match=r"there is no error code 'R01'  U010\n  did you mean: R0"):
        explain("R01")
