"""Tables that cannot be used as they are, and what is made of oddities that can."""

import hashlib

import pandas as pd
import pytest
from bad_recipes import HEADER, RIGHT, changed, loans

LOOK = "to mend: look at what wrote it, or read another file"
RENAME = "to mend: give the columns other names in the file, or here: header: true, names: [...]"
OUTCOME = "recipe.yaml:9:13 the outcome 'bad' of table loans"
KEY = "recipe.yaml:8:10 table loans: the key application_id"
AMOUNT = "recipe.yaml:12:17 column 'amount' of loans"
NUMBER = "read it as a number at ingest: types: {amount: number}"
ROW = f"{HEADER}\n1,2500,24,car,yes\n"

WRONG = {
    "header only": (HEADER + "\n", ["recipe.yaml:7:18 loans.csv has a header and no row D002", LOOK]),
    "an empty file": ("", ["recipe.yaml:7:18 loans.csv is empty D105", LOOK]),
    "duplicate columns": (
        ROW.replace("term", "amount"),
        ["recipe.yaml:7:18 columns 2 and 3 of loans.csv are both called 'amount' D004", RENAME],
    ),
    "columns that differ by capital letters": (
        ROW.replace("term", "Amount"),
        [
            "recipe.yaml:7:18 columns 2 and 3 of loans.csv differ only by capital letters: 'amount' and 'Amount' D110",
            RENAME,
        ],
    ),
    "duplicate keys": (
        loans(application_id=lambda i: 7 if i == 40 else i),
        [
            f"{KEY} does not identify a row: 120 rows, 119 different keys; loans.csv:42 repeats loans.csv:9 D007",
            "to mend: name more columns, key: [a, b], or remove the repeated rows",
        ],
    ),
    "missing keys": (
        loans(application_id=lambda i: "" if i in (40, 41) else i),
        [
            f"{KEY} is missing in 2 of 120 rows: loans.csv:42, loans.csv:43 D006",
            "to mend: name a key that every row has",
        ],
    ),
    "an infinite key": (
        loans(application_id=lambda i: "inf" if i == 119 else i),
        [
            f"{KEY} is missing or infinite in 1 of 120 rows: loans.csv:121 D006",
            "to mend: name a key that every row has",
        ],
    ),
    "one class only": (
        loans(bad=lambda i: "no"),
        [
            f"{OUTCOME} has one class only: 'no' in all 120 lines that have one D070",
            "to mend: give lines of another class; without them there is nothing to tell apart",
        ],
    ),
    "an unexpected label": (
        loans(bad=lambda i: "perhaps" if i == 3 else "yes" if i % 3 == 0 else "no"),
        [
            f"{OUTCOME} holds 'no' (80), 'yes' (39), 'perhaps' (1); 'yes' and one other are expected D071",
            "to mend: where 'perhaps' means that the outcome is not known: set_aside: [perhaps]",
            "or: leave out positive to tell all of them apart",
        ],
    ),
    "a label in capital letters": (
        loans(bad=lambda i: "Yes" if i % 3 == 0 else "No"),
        [f"{OUTCOME} never holds 'yes'; it holds 'No' (80), 'Yes' (40) D073", "did you mean: Yes"],
    ),
    "an outcome that is all missing": (
        loans(bad=lambda i: ""),
        [
            "recipe.yaml:9:13 no line of table loans has a label in 'bad': there is nothing to learn from D075",
            "to mend: give lines whose outcome is known, or name the column that holds it: outcome: COLUMN",
        ],
    ),
    "a column all missing that is calculated with": (
        loans(amount=lambda i: ""),
        [
            f"{AMOUNT} is empty in every line, and affordability calculates with it D062",
            f"to mend: see why it is empty, or {NUMBER}",
        ],
    ),
    "text where numbers are due": (
        loans(amount=lambda i: f"about {i}"),
        [
            f"{AMOUNT} holds text, and affordability calculates with it D062",
            f"to mend: {NUMBER}",
        ],
    ),
    "lines with too many fields": (
        loans(purpose=lambda i: "car,tv" if i == 3 else "car"),
        [
            "recipe.yaml:7:18 loans.csv:5 has 6 fields where the header names 5 D111",
            "to mend: repair them: a field that holds ',' must stand in quotes; or say another delimiter than ','",
        ],
    ),
}


@pytest.mark.parametrize(("table", "expected"), WRONG.values(), ids=WRONG)
def test_a_table_that_cannot_be_used_is_refused_with_its_place_and_how_to_mend_it(refused, project, table, expected):
    (project / "loans.csv").write_text(table, encoding="utf-8")

    assert refused(RIGHT) == expected


def test_bytes_that_are_not_utf_8_are_named_with_what_they_may_mean(refused, project):
    text = loans(purpose=lambda i: "Küche" if i == 3 else "car")
    (project / "loans.csv").write_bytes(text.encode("latin-1"))

    first, mend = refused(RIGHT)
    assert first == "recipe.yaml:7:18 loans.csv:5 holds the byte 0xFC, which is not UTF-8 there D114"
    assert mend.startswith("to mend: say which encoding it is in, such as encoding: cp1252 (reads the byte as 'ü')")


class TestAFileThatIsMissing:
    def test_with_the_nearest_name(self, refused, written):
        (written / "loans.csv").rename(written / "loan.csv")

        assert refused(RIGHT) == ["recipe.yaml:7:18 there is no file loans.csv D101", "did you mean: loan.csv"]

    def test_with_what_there_is(self, refused, written):
        (written / "loans.csv").rename(written / "zebra.txt")

        assert refused(RIGHT) == [
            "recipe.yaml:7:18 there is no file loans.csv D101",
            "there are: recipe.yaml, sartor.toml, zebra.txt",
        ]

    def test_in_a_folder_that_is_missing(self, refused, written):
        assert refused(changed("path: loans.csv", "path: data/loans.csv")) == [
            "recipe.yaml:7:18 there is no file data/loans.csv D101",
            f"no folder: {written / 'data'}",
        ]

    def test_among_those_that_a_glob_may_find(self, refused, written):
        assert refused(changed("path: loans.csv", "path: 'loans/*.csv'")) == [
            "recipe.yaml:7:18 no file matches loans/*.csv D103",
            f"no folder: {written / 'loans'}",
            "did you mean: loans.csv",
        ]

    def test_where_a_folder_stands_in_its_place(self, refused, written):
        (written / "loans.csv").unlink()
        (written / "loans.csv").mkdir()
        (written / "loans.csv" / "january.csv").write_text(ROW, encoding="utf-8")

        assert refused(RIGHT) == [
            "recipe.yaml:7:18 loans.csv is a folder, and a file is due D102",
            "to mend: read all its files: loans.csv/*.csv",
        ]


class TestAnOddityThatStopsNothing:
    def test_infinite_values_are_read_as_missing_and_that_is_said(self, project, done):
        (project / "loans.csv").write_text(
            loans(amount=lambda i: ("inf", "-inf")[i % 2] if i < 3 else i), encoding="utf-8"
        )

        _, err = done(RIGHT)

        assert "!  loans: 3 infinite values in amount were read as missing" in err

    def test_a_column_that_is_all_missing_is_left_out_and_that_is_said(self, project, done):
        (project / "loans.csv").write_text(loans(purpose=lambda i: ""), encoding="utf-8")

        _, err = done(RIGHT)

        assert "!  purpose is missing in every training row: left out" in err
        assert "features  3: 2 of the row itself, 1 built" in err

    def test_where_every_column_is_all_missing_nothing_is_left_to_learn_from(self, refused, project):
        nothing = loans(amount=lambda i: "", term=lambda i: "", purpose=lambda i: "")
        (project / "loans.csv").write_text(nothing, encoding="utf-8")
        feature = (
            "features:\n  burden: {use: finance.affordability, from: loans, with: {amount: amount, duration: term}}\n"
        )

        first, mend = refused(changed(feature, ""))

        why = "; ".join(f"{column} is missing in every training row" for column in ("amount", "term", "purpose"))
        assert first == f"recipe.yaml:9:7 no feature is left to learn from: {why} D042"
        assert mend == "to mend: add a feature step, or read the columns as what they are: types at ingest"


def judged(project):
    """Return the keys of the rows that judge, as they are recorded."""
    (file,) = project.glob("runs/finance/loans/*/predictions.parquet")
    return pd.read_parquet(file)["row"].tolist()


def falls_to_judging(key):
    """Whether the rule ``hash: 0.3`` lets a key judge: the first 8 digits of its SHA-1 below 0.3 of their range."""
    return int(hashlib.sha1(key.encode(), usedforsecurity=False).hexdigest()[:8], 16) < 0.3 * 16**8


class TestIds:
    """A key is known by its text: 7 and 7.0 are one, 007 is another."""

    @pytest.mark.parametrize(
        ("written_as", "known_as"),
        [
            (lambda i: f"{i}", lambda i: f"{i}"),
            (lambda i: f"{i}.0", lambda i: f"{i}"),
            (lambda i: f"{i:05d}", lambda i: f"{i:05d}"),
            (lambda i: f"A{i}", lambda i: f"A{i}"),
        ],
        ids=["int", "float", "leading zeros", "str"],
    )
    def test_the_split_goes_by_their_text_whatever_type_they_are_read_as(self, project, done, written_as, known_as):
        (project / "loans.csv").write_text(loans(application_id=written_as), encoding="utf-8")

        done(RIGHT)

        expected = [known_as(i) for i in range(120) if falls_to_judging(known_as(i))]
        found = [f"{key:g}" if isinstance(key, float) else str(key) for key in judged(project)]
        assert sorted(found) == sorted(expected)
        assert 20 < len(expected) < 52

    def test_leading_zeros_tell_two_ids_apart(self, project, done):
        ids = loans(application_id=lambda i: {7: "007", 8: "07", 9: "7"}.get(i, f"1{i}"))
        (project / "loans.csv").write_text(ids, encoding="utf-8")

        _, err = done(RIGHT)

        assert "loans: 120 rows" in err

    def test_one_id_written_as_int_and_as_float_is_one(self, refused, project):
        ids = loans(application_id=lambda i: "7.0" if i == 8 else i)
        (project / "loans.csv").write_text(ids, encoding="utf-8")

        first, *_ = refused(RIGHT)

        assert first == (
            f"{KEY} does not identify a row: 120 rows, 119 different keys; loans.csv:10 repeats loans.csv:9 D007"
        )

    def test_an_id_that_is_a_text_among_numbers_makes_all_of_them_texts_and_that_is_said(self, project, done):
        ids = loans(application_id=lambda i: "A7" if i == 3 else i)
        (project / "loans.csv").write_text(ids, encoding="utf-8")

        _, err = done(RIGHT)

        said = "column 'application_id' of loans.csv is read as text: 1 of 120 values is not a number, at loans.csv:5"
        assert said in " ".join(err.split())
        assert "A7" not in err, "a value of the data stands in the terminal"
