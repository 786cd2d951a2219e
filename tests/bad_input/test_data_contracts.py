"""Tables that break their contract, break off or are locked, stops of privacy, and a model that was touched."""

from __future__ import annotations

import gzip
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from bad_recipes import RIGHT, changed, loans

from sartor.cli import main

CONTRACT = """
format: 1
recipe: shop/readings
ingest:
  readings:
    use: tables.csv
    key: id
    with: {path: "r*.csv"}
    contract: {columns: {v: {TERMS}}}
"""
MEND = "to mend: repair the source, or say what becomes of such lines: otherwise: missing, or otherwise: set_aside"
BERLIN = "type: datetime, zone: Europe/Berlin"
V = "recipe.yaml:9:26 v of table readings"

BROKEN = {
    "dates of two formats": (
        [["2024-03-05", "05.03.2024", "06.03.2024"]],
        "type: date",
        [
            (
                f"{V} is not a date as in 2024-12-31 in 2 of 3 lines: r1.csv:3 ('99.99.9999'), r1.csv:4 ('99.99.9999') "
                "D170"
            ),
            "perhaps: the day stands first: write format: '%d.%m.%Y'",
            MEND,
        ],
    ),
    "a decimal comma": (
        [["1,5", "2.5"]],
        "type: number",
        [
            f"{V} is not a number in 1 of 2 lines: r1.csv:2 ('9,9') D170",
            "perhaps: commas stand before the decimals: write decimal: ','; or between thousands: thousands: ','",
            MEND,
        ],
    ),
    "thousands that stand in no groups of three": (
        [["1.234,5", "12.34,5"]],
        "type: number, decimal: ',', thousands: '.'",
        [f"{V} is not a number in 1 of 2 lines: r1.csv:3 ('99.99,9') D170", MEND],
    ),
    "a word among numbers, beside a blank, which is missing": (
        [["3", '" "', '"two"']],
        "type: integer",
        [f"{V} is not a whole number in 1 of 3 lines: r1.csv:4 ('xxx') D170", MEND],
    ),
    "two time zones": (
        [["2024-03-05 10:00:00+01:00", "2024-03-05 10:00:00"]],
        "type: datetime",
        [
            f"{V} says a time zone in 1 of 2 lines, which leaves open what the other 1 mean D173",
            "to mend: say the zone of those without one: zone: Europe/Berlin",
        ],
    ),
    "an hour that occurs twice": (
        [["2024-10-27 02:30:00"]],
        BERLIN,
        [
            f"{V} is a time of day that occurs twice as clocks are set back in 1 of 1 line: r1.csv:2 (of 2024) D170",
            "perhaps: it is known which moment is meant: write twice: earlier, or twice: later",
            MEND,
        ],
    ),
    "an hour that clocks skip": (
        [["2024-03-31 02:30:00"]],
        BERLIN,
        [
            (
                f"{V} is not a moment as in 2024-12-31 23:59:59 in Europe/Berlin in 1 of 1 line: r1.csv:2 "
                "('9999-99-99 99:99:99') D170"
            ),
            MEND,
        ],
    ),
    "another type in the second file": (
        [["1", "2"], ["3", "four"]],
        "type: integer",
        [f"{V} is not a whole number in 1 of 4 lines: r2.csv:3 ('xxxx') D170", MEND],
    ),
}


@pytest.mark.parametrize(("files", "terms", "expected"), BROKEN.values(), ids=BROKEN)
def test_a_broken_contract_is_told_with_the_line_and_how_to_mend_it(refused, project, files, terms, expected):
    number = 0
    for place, values in enumerate(files, 1):
        lines = [f"{number + at};{value}\n" for at, value in enumerate(values)]
        number += len(values)
        (project / f"r{place}.csv").write_text("id;v\n" + "".join(lines), encoding="utf-8")

    assert refused(CONTRACT.replace("TERMS", terms)) == expected


def test_a_packed_file_that_is_cut_off_is_refused(refused, project):
    (project / "loans.csv.gz").write_bytes(gzip.compress(loans().encode())[:-20])

    assert refused(changed("loans.csv", "loans.csv.gz")) == [
        "recipe.yaml:7:18 loans.csv.gz ends in the middle: its gzip content is cut off D115",
        "to mend: get the file again: a download or a copy was broken off",
    ]


class TestDatabases:
    RECIPE = changed(
        "use: tables.csv\n    with: {path: loans.csv}", "use: databases.table\n    with: {url: shop.db, table: loans}"
    )

    def test_a_table_that_is_gone_is_named_with_what_there_is(self, refused, project):
        with closing(sqlite3.connect(project / "shop.db")) as shop:
            shop.execute("CREATE TABLE other (application_id INTEGER)")

        assert refused(self.RECIPE) == ["recipe.yaml:6:10 shop.db has no table 'loans' D202", "there are: other"]

    def test_a_locked_file_is_given_up_after_a_while(self, refused, project, monkeypatch):
        monkeypatch.setattr("sartor_plugins.databases.sqlite.PATIENCE", 0.1)
        with closing(sqlite3.connect(project / "shop.db", isolation_level=None)) as shop:
            shop.execute("CREATE TABLE loans (application_id INTEGER)")
            shop.execute("BEGIN EXCLUSIVE")

            assert refused(self.RECIPE) == [
                "recipe.yaml:6:10 shop.db is locked: somebody else writes to it D205",
                "to mend: wait until whoever writes to it has ended, then run it again",
            ]

    def test_an_address_whose_secret_is_not_set(self, refused):
        assert refused(self.RECIPE.replace("shop.db", "secret:NOT_SET")) == [
            "recipe.yaml:6:10 the secret NOT_SET is not set U006",
            "to mend: set the environment variable NOT_SET before the run",
        ]


STOPS = {
    "a missing secret": (
        "{key: secret:NOT_SET, columns: {purpose: pseudonymise}}",
        [
            "the secret NOT_SET is not set, and pseudonyms follow from it P003",
            "to mend: set the environment variable NOT_SET before the run",
        ],
    ),
    "a wrong secret": (
        "{key: secret:LOANS_KEY, key_check: 00000000000000aa, columns: {purpose: pseudonymise}}",
        [
            (
                "the secret LOANS_KEY is another key than this recipe is for: pseudonyms would differ from those that "
                "there are P003"
            ),
            "to mend: set LOANS_KEY to the key that the recipe was written with",
        ],
    ),
    "a consent column that is missing": (
        "{consent: {column: agreed, value: 'yes'}}",
        ["recipe.yaml:18:29 table loans has no column 'agreed' that says who agreed, so nobody did P004"],
    ),
    "a treatment of no column": (
        "{columns: {purpos: drop}}",
        ["recipe.yaml:18:21 table loans has no column 'purpos' P002", "nearest: purpose, in loans"],
    ),
}


@pytest.mark.parametrize(("privacy", "expected"), STOPS.values(), ids=STOPS)
def test_a_stop_of_privacy_ends_with_3_and_writes_nothing(refused, written, monkeypatch, privacy, expected):
    monkeypatch.setenv("LOANS_KEY", "a key that nobody shall ever see")

    assert refused(f"{RIGHT}privacy: {privacy}\n", code=3) == expected
    assert not (written / "runs").exists()


def test_lines_without_a_yes_stay_out_and_are_counted(done, project):
    said = ["yes", "no", "", "perhaps"]
    lines = loans().splitlines()
    lines = [f"{lines[0]},agreed", *(f"{line},{said[place % 4]}" for place, line in enumerate(lines[1:]))]
    (project / "loans.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    privacy = "privacy: {consent: {column: agreed, value: 'yes'}, columns: {agreed: drop}}\n"

    _, err = done(RIGHT.replace("{hash: 0.3}", "{hash: 0.4}") + privacy, "--no-report")
    assert "!  loans: 60 lines did not enter: who they are about did not agree" in err
    assert "!  loans: 30 lines did not enter: nothing says that anybody agreed" in err
    assert "loans: 30 rows" in err


class TestAModelOfWhichOneByteHasChanged:
    @pytest.fixture
    def file(self, done, written) -> Path:
        done(RIGHT, "--no-report")
        (file,) = written.glob("runs/finance/loans/*/models/forest/predictor/trees-0.npz")
        content = bytearray(file.read_bytes())
        content[len(content) // 2] ^= 1
        file.write_bytes(content)
        return file

    def test_it_answers_nothing_and_verify_names_it(self, file, capsys):
        capsys.readouterr()
        assert main(["predict", "@last", "--data", "loans.csv"]) == 2
        said = capsys.readouterr()
        assert said.out == ""
        assert "is not as it was recorded: models/forest/predictor/trees-0.npz: changed" in said.err
        assert "to mend:      take the folder from a copy that is untouched, or run the recipe again" in said.err
        assert main(["verify", "@last"]) == 1
        assert capsys.readouterr().out.startswith("models/forest/predictor/trees-0.npz  changed")
