"""Recipes that are no recipes yet: what is wrong with the text of the file."""

from itertools import pairwise

import pytest
from bad_recipes import RIGHT, changed

BEGIN = "to mend: begin with the lines `format: 1` and `recipe: NAME`"
NO_CODE = "is a tag; a recipe holds plain values only, and nothing in it can run code"


def exploding():
    """A few lines whose aliases stand for a billion values."""
    lines = ["  a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]"]
    lines += [f"  {y}: &{y} [{', '.join([f'*{x}'] * 10)}]" for x, y in pairwise("abcdefghi")]
    return "\n".join(["format: 1", "recipe: a", "params:", *lines]) + "\n"


WRONG = {
    "a duplicate key": (
        RIGHT + "judge: {redraws: 30}\n",
        ["recipe.yaml:18:1 'judge' is written twice, first in line 15 R012", "to mend: keep one of the two"],
    ),
    "1e-3": (
        changed("hash: 0.3", "hash: 1e-3"),
        ["recipe.yaml:10:15 1e-3 is 0.001 to some YAML readers and text to others R014", "to mend: write 0.001"],
    ),
    "012": (
        changed("trees: 10", "trees: 012"),
        [
            "recipe.yaml:14:45 012 is 10 to some YAML readers and 12 to others R014",
            "to mend: write 12, or '012' in quotes if it is text",
        ],
    ),
    "yes": (
        changed("positive: 'yes'", "positive: yes"),
        [
            "recipe.yaml:9:66 'yes' is true to some YAML readers and text to others R014",
            "to mend: write true, or 'yes' in quotes",
        ],
    ),
    "tabs": (
        changed("    use: tables.csv\n    with", "\tuse: tables.csv\n\twith"),
        [
            "recipe.yaml:6:1 a tab stands where YAML takes spaces only R004",
            "to mend: write spaces in place of the tabs in lines 6, 7",
        ],
    ),
    "a BOM": (
        b"\xef\xbb\xbf" + RIGHT.encode(),
        [
            "recipe.yaml:1:1 the file begins with a byte order mark (BOM) R002",
            "to mend: save it as UTF-8 without BOM",
        ],
    ),
    "bytes that are not UTF-8": (
        changed("Who will not pay back?", "Wer zahlt nicht zurück?").encode("latin-1"),
        [
            "recipe.yaml:3:27 byte 59 of the file (0xFC) is not UTF-8 R001",
            "to mend: save the file as UTF-8; in Windows-1252 this is 'ü'",
        ],
    ),
    "UTF-16": (
        RIGHT.encode("utf-16"),
        ["recipe.yaml:1:1 recipe.yaml is written in UTF-16, not in UTF-8 R001", "to mend: save it as UTF-8"],
    ),
    "an empty file": ("", ["recipe.yaml:1:1 recipe.yaml is empty R006", BEGIN]),
    "nothing but a comment": ("# to do\n", ["recipe.yaml:1:1 recipe.yaml is empty R006", BEGIN]),
    "a list": (
        "- format: 1\n- recipe: a\n",
        ["recipe.yaml:1:1 a recipe is made of `key: value` lines; this is a list R007", BEGIN],
    ),
    "a number": ("42\n", ["recipe.yaml:1:1 a recipe is made of `key: value` lines; this is a number R007", BEGIN]),
    "two documents": (
        RIGHT + "---\n" + RIGHT,
        [
            "recipe.yaml:18:1 a second document begins here; a recipe is one document R008",
            "to mend: move it into a file of its own",
        ],
    ),
    "a recursive alias": (
        changed("{trees: 10}", "&with {trees: *with}"),
        [
            "recipe.yaml:14:51 '*with' stands inside the very value it stands for R010",
            "to mend: write the value out",
        ],
    ),
    "exploding aliases": (
        exploding(),
        [
            "recipe.yaml:8:38 the recipe holds more than 100,000 values, those that aliases stand for included R009",
            "to mend: keep data in a table, and name the table",
        ],
    ),
    "a python tag that calls": (
        changed("path: loans.csv", "path: !!python/object/apply:os.system ['touch pwned']"),
        [f"recipe.yaml:7:18 '!!python/object/apply:os.system' {NO_CODE} R011", "to mend: leave the tag out"],
    ),
    "a python tag that names": (
        changed("trees: 10", "trees: !!python/name:os.system"),
        [f"recipe.yaml:14:45 '!!python/name:os.system' {NO_CODE} R011", "to mend: leave the tag out"],
    ),
    "a python tag that makes": (
        changed("hash: 0.3", "hash: !!python/object/new:subprocess.Popen [[touch, pwned]]"),
        [f"recipe.yaml:10:15 '!!python/object/new:subprocess.Popen' {NO_CODE} R011", "to mend: leave the tag out"],
    ),
    "brackets that do not close": (
        changed("{hash: 0.3}", "{hash: 0.3"),
        ["recipe.yaml:10:8 this '{' is never closed R003", "to mend: write '}' after its last value"],
    ),
}


@pytest.mark.parametrize(("text", "expected"), WRONG.values(), ids=WRONG)
def test_a_text_that_is_no_recipe_is_refused_at_its_place_with_how_to_mend_it(refused, written, text, expected):
    assert refused(text) == expected
    assert not (written / "pwned").exists()


@pytest.mark.parametrize(("text", "expected"), WRONG.values(), ids=WRONG)
def test_sartor_check_says_the_same(checked, written, text, expected):
    assert checked(text) == expected


def test_what_is_wrong_is_shown_with_its_line_and_a_caret_under_it(written, capsys):
    from sartor.cli import main

    (written / "recipe.yaml").write_text(changed("trees: 10", "trees: 012"), encoding="utf-8")
    assert main(["run", "recipe.yaml"]) == 2
    assert capsys.readouterr().err.splitlines()[1:3] == [
        "  14 │   forest: {use: learn.forest, with: {trees: 012}}",
        "     │                                             ^^^",
    ]


def test_a_recipe_that_is_right_runs(written, done):
    _, err = done(RIGHT)
    assert "loans: 120 rows" in err
