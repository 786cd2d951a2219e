"""`sartor data profile`: a proposal for a recipe, or why there is none."""

from __future__ import annotations

import gzip
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

LOANS = "id;amount;since\n" + "".join(f"{line};{line * 10};2024-01-{line:02d}\n" for line in range(1, 29))


@pytest.fixture
def loans(project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file in the project's folder of data."""
    folder = project / "data"
    folder.mkdir()
    monkeypatch.delenv("SARTOR_DATA", raising=False)
    file = folder / "loans.csv"
    file.write_text(LOANS, encoding="utf-8")
    return file


def test_a_proposal_goes_to_stdout_and_names_the_file_as_any_recipe_of_the_project_can(sartor, loans):
    said = sartor("data", "profile", "data/loans.csv")
    assert said.code == 0
    assert said.err == ""
    lines = [line.partition("  #")[0].rstrip() for line in said.out.splitlines()]
    assert lines == [
        "# 28 lines of 3 columns, all of them looked at",
        "ingest:",
        "  loans:",
        "    use: tables.csv",
        "    key: id",
        "",
        '    with: {path: "${data}/loans.csv"}',
        "    contract:",
        "      required: [id, amount, since]",
        "",
        "      columns:",
        "        id: {type: integer}",
        "        amount: {type: integer, between: [10, 280]}",
        "        since: {type: date, at_least: 2024-01-01}",
    ]


def test_json_holds_the_parts_and_the_yaml(sartor, loans, as_json):
    plain = as_json(sartor("data", "profile", "data/loans.csv", "--json", "--table", "credits").out)
    assert (plain["schema"], plain["table"], plain["use"], plain["lines"]) == (1, "credits", "tables.csv", 28)
    assert plain["columns"][1] == {
        "name": "amount", "terms": {"type": "integer", "between": [10, 280]}, "required": True, "present": 28,
        "missing": 0, "distinct_about": plain["columns"][1]["distinct_about"], "notes": ["10 to 280"], "personal": None,
    }  # fmt: skip
    assert plain["yaml"] == sartor("data", "profile", "data/loans.csv", "--table", "credits").out


def test_settings_of_the_reader_are_given_as_in_a_recipe(sartor, project):
    (project / "l.csv").write_bytes("1;Köln\n2;Zürich\n".encode("cp1252"))
    said = sartor("data", "profile", "l.csv", "--with", "encoding=cp1252", "--with", "names=[id, ort]")
    assert said.code == 0
    assert "names: [id, ort]}" in said.out
    assert "required: [id, ort]" in said.out


def test_a_table_of_a_database_is_profiled_and_its_proposal_can_be_checked(sartor, project):
    with closing(sqlite3.connect(project / "shop.db")) as shop:
        shop.execute("CREATE TABLE accounts (account INTEGER, opened DATE, balance DECIMAL(9, 2), closed BOOLEAN)")
        lines = [(line, f"2024-01-{line:02d}", line / 4, line % 2) for line in range(1, 29)]
        shop.executemany("INSERT INTO accounts VALUES (?, ?, ?, ?)", lines)
        shop.commit()
    asked = ("data", "profile", "shop.db", "--use", "databases.table")
    said = sartor(*asked, "--with", "table=accounts")
    assert said.code == 0
    told = [line.partition("  #")[0].strip() for line in said.out.splitlines()]
    assert told[:3] == ["# 28 lines of 4 columns, all of them looked at", "ingest:", "accounts:"]
    assert "use: databases.table" in told
    assert f'with: {{url: "{project.as_posix()}/shop.db", table: accounts}}' in told
    assert "opened: {type: date, at_least: 2024-01-01}" in told
    (project / "recipes").mkdir(exist_ok=True)
    (project / "recipes" / "accounts.yaml").write_text("format: 1\nrecipe: accounts\n" + said.out, encoding="utf-8")
    assert "accounts  ok  1 table" in sartor("check", "accounts").out
    assert "28 rows read from 1 table." in sartor("run", "accounts", "--no-report").out
    assert sartor(*asked, "--with", "table=acounts").err.startswith("shop.db has no table 'acounts'")
    # Without a reader nothing says which table is meant.
    unsaid = sartor("data", "profile", "shop.db")
    assert unsaid.code == 2
    assert "shop.db is an SQLite database, and it is not said which of its tables is meant  U072" in unsaid.err
    assert "name it: --use databases.table --with table=NAME" in unsaid.err


def test_a_folder_is_told_from_a_file_of_an_unknown_kind(sartor, loans):
    said = sartor("data", "profile", "data")
    assert said.code == 2
    assert said.err.splitlines()[0].split("  ")[0] == "data is a folder"
    assert "name its files: 'data/*.csv'" in said.err


@pytest.mark.parametrize(
    ("name", "content", "code", "message"),
    [
        ("empty.csv", b"", "D105", "empty.csv is empty"),
        ("header.csv", b"a,b\n", "D002", "header.csv has a header and no row"),
        ("twice.csv", b"a,a\n1,2\n", "D004", "columns 1 and 2 of twice.csv are both called 'a'"),
        ("ragged.csv", b"a,b\n1,2\n3\n", "D111", "ragged.csv:3 has 1 field"),
        ("latin.csv", b"id,x\n1,K\xf6ln\n", "D114", "latin.csv:2 holds the byte 0xF6, which is not UTF-8 there"),
        ("cut.csv.gz", gzip.compress(LOANS.encode(), mtime=0)[:60], "D115", "cut.csv.gz ends in the middle"),
        ("loans.dat", b"a\n1\n", "U072", "the end of its name does not tell what loans.dat is"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_a_code(sartor, project, name, content, code, message):
    (project / name).write_bytes(content)
    said = sartor("data", "profile", name)
    assert (said.code, said.out) == (2, "")
    first = said.err.splitlines()[0]
    assert first.startswith(message)
    assert first.endswith(code)


@pytest.mark.parametrize(
    ("given", "code", "message"),
    [
        (["data/loan.csv"], "D101", "there is no file data/loan.csv"),
        (["data/loans.csv", "--with", "delimeter=;"], "R030", "tables.csv has no setting 'delimeter'"),
        (["data/loans.csv", "--with", "delimiter"], "U033", "--with takes KEY=VALUE, got 'delimiter'"),
        (["data/loans.csv", "--use", "learn.forest"], "R023", "'learn.forest' is a model; ingest takes an ingest"),
        (["data/loans.csv", "--table", "my loans"], "R070", "'my loans' cannot name a table"),
        ([], "U032", "'sartor data profile' needs FILE"),
    ],
)
def test_a_call_that_cannot_be_is_refused_with_a_code(sartor, loans, given, code, message):
    said = sartor("data", "profile", *given)
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith(message)
    assert code in said.err.replace("\n", " ").split()


_PEAK = """
import resource, sys
from sartor.cli import main
code = main(["data", "profile", sys.argv[1], "--threads", "1", "--memory", "200MB"])
print(code, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)
"""


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_ten_times_the_lines_take_little_more_memory(project):
    peaks = []
    for lines in (200_000, 2_000_000):
        file = project / f"t{lines}.csv"
        with file.open("w", encoding="utf-8") as out:
            out.write("id,amount,kind\n")
            out.writelines(f"{line},{line % 977 / 7:.2f},{'abc'[line % 3]}\n" for line in range(lines))
        done = subprocess.run(
            [sys.executable, "-c", _PEAK, str(file)], capture_output=True, text=True, check=True, timeout=280
        )
        code, peak = done.stderr.split()[-2:]
        assert code == "0"
        assert "key: id" in done.stdout
        peaks.append(int(peak) / 1024)
    assert peaks[1] - peaks[0] < 220, f"{peaks} MiB, where the tables may take 200 MB"
