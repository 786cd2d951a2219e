"""Text to document: what can be wrong with a file before anybody looks at what it says."""

import itertools

import pytest
import yaml
from telling import lines

from sartor.errors import RecipeError
from sartor.recipe import load_text, reading
from sartor.recipe.reading import read, read_file, read_text


def wrong(text):
    return lines(read_problems(text))


def read_problems(text):
    try:
        read_text(text)
    except RecipeError as error:
        return list(error.problems)
    return []


def test_every_key_and_value_knows_its_place():
    document = read_text(
        "models:\n  forest: {use: learn.forest, with: {trees: 400}}\ngates:\n  - {metric: auc}\n", "a.yaml"
    )
    assert document.plain() == {
        "models": {"forest": {"use": "learn.forest", "with": {"trees": 400}}},
        "gates": [{"metric": "auc"}],
    }
    assert str(document.where(("models", "forest", "use"))) == "a.yaml:2:17"
    assert str(document.where_key(("models", "forest", "use"))) == "a.yaml:2:12"
    assert str(document.where_key(("models", "forest"))) == "a.yaml:2:3"
    assert str(document.where(("gates", 0, "metric"))) == "a.yaml:4:14"
    assert str(document.where_key(("gates", 0))) == "a.yaml:4:5"


def test_a_place_carries_its_line_and_how_wide_the_thing_is():
    where = read_text("models:\n  forest: {use: learn.forest}  # the first\n").where(("models", "forest", "use"))
    assert where.text == "  forest: {use: learn.forest}  # the first"
    assert where.text[where.column - 1 :][: where.width] == "learn.forest"


def test_a_path_that_is_not_there_is_placed_at_what_is_nearest_to_it():
    document = read_text("models:\n  forest: {use: x}\n")
    assert document.where(("models", "forest", "with", "trees")).line == 2
    assert str(document.where_key(("models", "svm"))) == "recipe.yaml:1:1"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_end_as_on_any_system_and_columns_count_characters(end):
    document = read_text(f"über: '😀 é'{end}b: {{ç: ok}}{end}")
    where = document.where(("b", "ç"))
    assert (where.line, where.column, where.text) == (2, 8, "b: {ç: ok}")


def test_text_in_quotes_is_always_text():
    assert read_text("a: '012'\nb: \"yes\"\nc: '1e-3'\nd: '~'\n'n': 1\n").plain() == {
        "a": "012",
        "b": "yes",
        "c": "1e-3",
        "d": "~",
        "n": 1,
    }


def test_aliases_stand_for_the_value_they_name():
    assert read_text("a: &small [1, 2]\nb: *small\n").plain() == {"a": [1, 2], "b": [1, 2]}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("seed: 1e-3\n", "1:7 R014 1e-3 is 0.001 to some YAML readers and text to others | to mend: write 0.001"),
        (
            "seed: 012\n",
            (
                "1:7 R014 012 is 10 to some YAML readers and 12 to others"
                " | to mend: write 12, or '012' in quotes if it is text"
            ),
        ),
        (
            "a: {bad: yes}\n",
            "1:10 R014 'yes' is true to some YAML readers and text to others | to mend: write true, or 'yes' in quotes",
        ),
        (
            "roles: {y: outcome}\n",
            "1:9 R014 'y' is true to some YAML readers and text to others | to mend: write 'y' in quotes",
        ),
        ("a: 1\nb: 2\na: 3\n", "3:1 R012 'a' is written twice, first in line 1 | to mend: keep one of the two"),
        (
            "a:\n  b: 1\n  'b': 2\n",
            "3:3 R012 'b' is written twice, first in line 2 | to mend: keep one of the two",
        ),
        (
            "units: {2024: EUR}\n",
            "1:9 R013 a key must be a text; this is the number 2024 | to mend: write '2024' in quotes",
        ),
        ("true: 1\n", "1:1 R013 a key must be a text; this is true | to mend: write 'true' in quotes"),
        ("? [a, b]\n: 1\n", "1:3 R013 a key must be a text; this is a list | to mend: write `key: value`"),
        ("{~: 1}\n", "1:2 R013 a key must be a text; this is nothing | to mend: write `key: value`"),
        (
            "a: &b {c: 1}\nd: {<<: *b}\n",
            (
                "2:5 R016 merge keys ('<<') are not part of a recipe"
                " | to mend: write the keys out, or use `extends: OTHER RECIPE`"
            ),
        ),
        (
            "a: !!python/object/apply:os.system ['true']\n",
            (
                "1:4 R011 '!!python/object/apply:os.system' is a tag; a recipe holds plain values only, and nothing in "
                "it can run code | to mend: leave the tag out"
            ),
        ),
        (
            "a: !mine 1\n",
            (
                "1:4 R011 '!mine' is a tag; a recipe holds plain values only, and nothing in it can run code"
                " | to mend: leave the tag out"
            ),
        ),
        (
            "a: !!str 1\n",
            (
                "1:4 R011 '!!str' is a tag; a recipe holds plain values only, and nothing in it can run code"
                " | to mend: leave the tag out"
            ),
        ),
        (
            "a: !e!x 1\n",
            (
                "1:4 R011 '!e!x' is a tag; a recipe holds plain values only, and nothing in it can run code"
                " | to mend: leave the tag out"
            ),
        ),
        ("a: &a [1, *a]\n", "1:11 R010 '*a' stands inside the very value it stands for | to mend: write the value out"),
        (
            "a: *nobody\n",
            (
                "1:4 R010 '*nobody' is an alias, and no value is marked '&nobody' before it"
                " | to mend: put it in quotes if it is text: '*nobody'"
            ),
        ),
        (
            "a: 1\n---\nb: 2\n",
            (
                "2:1 R008 a second document begins here; a recipe is one document"
                " | to mend: move it into a file of its own"
            ),
        ),
        (
            "\ufeffa: 1\n",
            "1:1 R002 the file begins with a byte order mark (BOM) | to mend: save it as UTF-8 without BOM",
        ),
        (
            'a: "x\x00y"\n',
            (
                "1:6 R005 a character that cannot be printed stands here (U+0000)"
                ' | to mend: take it out, or write "\\u0000" in double quotes'
            ),
        ),
        ("", "1:1 R006 recipe.yaml is empty | to mend: begin with the lines `format: 1` and `recipe: NAME`"),
        (
            "# nothing yet\n",
            "1:1 R006 recipe.yaml is empty | to mend: begin with the lines `format: 1` and `recipe: NAME`",
        ),
        (
            "- a\n- b\n",
            (
                "1:1 R007 a recipe is made of `key: value` lines; this is a list"
                " | to mend: begin with the lines `format: 1` and `recipe: NAME`"
            ),
        ),
        (
            "42\n",
            (
                "1:1 R007 a recipe is made of `key: value` lines; this is a number"
                " | to mend: begin with the lines `format: 1` and `recipe: NAME`"
            ),
        ),
        (
            "seed:1\n",
            (
                "1:1 R007 a recipe is made of `key: value` lines; this is a text"
                " | to mend: write a space after ':': `seed: ...`"
            ),
        ),
    ],
)
def test_what_is_wrong_is_said_with_its_place_and_how_to_mend_it(text, expected):
    assert wrong(text) == [expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "about: Costs: high\n",
            "1:13 R003 a second ':' stands in one line | to mend: put the text in quotes: `about: \"Costs: high\"`",
        ),
        (
            "a: {b: ${params.x}}\n",
            '1:8 R003 a reference inside {...} or [...] stands without quotes | to mend: write "${params.x}"',
        ),
        ("a: {b: 1\nc: 2\n", "1:4 R003 this '{' is never closed | to mend: write '}' after its last value"),
        ("a: [1, 2\nc: 2\n", "1:4 R003 this '[' is never closed | to mend: write ']' after its last value"),
        ("a: 'b\nc: 2\n", "1:4 R003 this quote is never closed | to mend: write ' after the text"),
        (
            'path: "C:\\data"\n',
            "1:10 R003 '\\d' means nothing inside double quotes | to mend: write '\\\\d', or use single quotes",
        ),
        ("path: *.csv\n", "1:7 R003 a text cannot begin with '*' | to mend: write \"*.csv\""),
        ("user: @anna\n", "1:7 R003 a text cannot begin with '@' | to mend: write \"@anna\""),
        (": 1\n", "1:1 R003 a key is missing before ':' | to mend: write `key: value`"),
        ("a: [1,,2]\n", "1:7 R003 a value is missing before ',' | to mend: write the value, or take the sign out"),
        ("seed:1\nb: 2\n", "1:5 R003 a space is missing after ':' | to mend: write `seed: 1`"),
        (
            "a: 1\nseed\n",
            (
                "2:1 R003 'seed' is not followed by a colon"
                " | to mend: write `key: value`; a text in several lines begins with `key: >`"
            ),
        ),
        (
            "a:\n    b: 1\n  c: 2\n",
            "3:3 R003 this line is indented unlike its neighbours | to mend: indent lines that belong together alike",
        ),
        ("a: 1\n- b\n", "2:1 R003 a list item stands among keys | to mend: indent it under the key it belongs to"),
        (
            "a: - b\n",
            "1:4 R003 a list cannot begin behind a key | to mend: begin the list on the next line, or write [a, b]",
        ),
        (
            "a: 'x' y\n",
            "1:8 R003 'y' stands behind a value that has ended | to mend: put the whole text in quotes: \"x' y\"",
        ),
        (
            "%YAML 2.0\n---\na: 1\n",
            "1:1 R003 a line that begins with '%' is not part of a recipe | to mend: take the line out",
        ),
        (
            "a:\n\tb: 1\n",
            "2:1 R004 a tab stands where YAML takes spaces only | to mend: write spaces in place of the tab",
        ),
        (
            "a:\n\tb: 1\n\tc: 2\nd:\n \te: 1\n",
            (
                "2:1 R004 a tab stands where YAML takes spaces only"
                " | to mend: write spaces in place of the tabs in lines 2, 3, 5"
            ),
        ),
    ],
)
def test_what_is_no_yaml_is_said_in_plain_words(text, expected):
    assert wrong(text) == [expected]


def test_all_that_is_wrong_is_told_at_once_up_to_where_yaml_ends():
    assert wrong("\ufeffa: yes\nb: 012\nb: 1\nc: !x 2\nd: *e\nf: {g: 1\n") == [
        "1:1 R002 the file begins with a byte order mark (BOM) | to mend: save it as UTF-8 without BOM",
        "1:4 R014 'yes' is true to some YAML readers and text to others | to mend: write true, or 'yes' in quotes",
        (
            "2:4 R014 012 is 10 to some YAML readers and 12 to others"
            " | to mend: write 12, or '012' in quotes if it is text"
        ),
        "3:1 R012 'b' is written twice, first in line 2 | to mend: keep one of the two",
        (
            "4:4 R011 '!x' is a tag; a recipe holds plain values only, and nothing in it can run code"
            " | to mend: leave the tag out"
        ),
        (
            "5:4 R010 '*e' is an alias, and no value is marked '&e' before it"
            " | to mend: put it in quotes if it is text: '*e'"
        ),
        "6:4 R003 this '{' is never closed | to mend: write '}' after its last value",
    ]


def test_a_few_lines_of_aliases_cannot_stand_for_a_billion_values():
    names = "abcdefghi"
    text = "a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n"
    text += "".join(f"{b}: &{b} [{', '.join([f'*{a}'] * 10)}]\n" for a, b in itertools.pairwise(names))
    assert wrong(text) == [
        (
            "5:36 R009 the recipe holds more than 100,000 values, those that aliases stand for included"
            " | to mend: keep data in a table, and name the table"
        )
    ]


def test_aliases_cannot_nest_deeper_than_what_is_written_out():
    text = "a0: &a0 [1]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}]\n" for n in range(1, 60))
    assert wrong(text) == ["49:12 R009 values nest more than 50 deep here | to mend: write it flatter"]


@pytest.mark.parametrize("text", ["a: " + "[" * 200_000, "{a: " * 200_000, "- " * 200_000, "a: " + "{? " * 200_000])
def test_a_recipe_nested_without_end_is_refused_and_does_not_crash(text):
    assert [problem.code for problem in read_problems(text)] == ["R009"]


def test_a_recipe_of_a_million_characters_is_refused():
    assert wrong("a: " + "x" * 1_000_000) == [
        (
            "- R009 recipe.yaml has 1,000,003 characters; a recipe has at most 1,000,000"
            " | to mend: keep data in a table, and name the table"
        )
    ]


def test_ten_thousand_things_wrong_in_one_line_share_its_text():
    found = read_problems("a: [" + ", ".join(["yes"] * 10_000) + "]\n")
    assert len(found) == 10_000
    assert str(found[-1].where) == "recipe.yaml:1:50000"
    assert len({id(problem.where.text) for problem in found}) == 1


def test_a_byte_that_is_not_utf_8_is_named_with_its_place_and_what_it_was_meant_to_be(tmp_path):
    path = tmp_path / "latin.yaml"
    path.write_bytes("a: 1\nabout: für Café\n".encode("latin-1"))
    found = read_file(path, "latin.yaml").problems
    assert lines(found) == [
        (
            "latin.yaml:2:9 R001 byte 14 of the file (0xFC) is not UTF-8"
            " | to mend: save the file as UTF-8; in Windows-1252 this is 'ü'"
        )
    ]


def test_a_file_in_utf_16_is_told_from_one_byte_that_is_wrong(tmp_path):
    path = tmp_path / "wide.yaml"
    path.write_bytes("a: 1\n".encode("utf-16"))
    assert lines(read_file(path, "wide.yaml").problems) == [
        "wide.yaml:1:1 R001 wide.yaml is written in UTF-16, not in UTF-8 | to mend: save it as UTF-8"
    ]


def test_a_file_that_is_not_there_and_a_folder_are_told_apart(tmp_path):
    with pytest.raises(RecipeError, match=r"gone\.yaml cannot be read: there is no such file  R017"):
        read(tmp_path / "gone.yaml", "gone.yaml")
    with pytest.raises(RecipeError, match=r"here cannot be read: it is a folder  R017"):
        read(tmp_path, "here")


def test_the_bom_shifts_no_column(tmp_path):
    path = tmp_path / "bom.yaml"
    path.write_bytes(b"\xef\xbb\xbfseed: yes\n")
    assert [str(problem.where) for problem in read_file(path, "bom.yaml").problems] == ["bom.yaml:1:1", "bom.yaml:1:7"]


SYNTAX = [
    "about: Costs: high\n",
    "a: {b: 1\nc: 2\n",
    "a: 'b\nc: 2\n",
    'path: "C:\\data"\n',
    "path: *.csv\n",
    "user: @anna\n",
    "a: 1\nseed\n",
    "a:\n    b: 1\n  c: 2\n",
    "a: 1\n- b\n",
    "a:\n\tb: 1\n",
]


@pytest.mark.parametrize("text", SYNTAX)
def test_both_parsers_of_pyyaml_are_told_in_the_same_words(text, monkeypatch):
    fast = wrong(text)
    monkeypatch.setattr(reading, "_LOADER", yaml.SafeLoader)
    assert wrong(text) == fast


def test_a_tagged_collection_is_nothing_that_could_be_of_a_wrong_kind_too():
    text = "format: 1\nrecipe: r\nparams: {a: !!python/object/apply:os.system ['rm'], b: !!python/object:x.Y {c: 1}}\n"
    recipe, problems = load_text(text, env={})
    assert recipe.params == {"a": None, "b": None}
    assert [problem.code for problem in problems if problem.code != "R065"] == ["R011", "R011"]
