"""A table that is read block by block as values enters as it does line by line as texts, and is told of alike."""

from __future__ import annotations

import bz2
import gzip
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from sartor.contract.plain import Plain
from sartor.contract.terms import Bounds, ColumnTerms
from sartor.errors import InputError
from sartor_plugins.tables import blocks, csv_files, plainly

RECIPE = """
format: 1
recipe: demo/plainly
ingest:
  t:
    use: tables.csv
    with: {path: "t*.csv*", WITH}
    contract:
      required: [count]
      columns:
        name: {type: text, allowed: [a, b, c, d, e, "é, f", "x\\ny"], otherwise: set_aside}
        free: {type: text, pattern: "[^z]*", otherwise: missing}
        count: {type: integer, at_least: -5, missing_codes: [-1, none], otherwise: set_aside}
        share: {type: number, between: [0, 1000000000], missing_codes: [999], otherwise: missing}
        flag: {type: boolean, otherwise: missing}
        day: {type: date, at_least: "1900-01-01", otherwise: set_aside}
        moment: {type: datetime, otherwise: missing}
"""
NAMES = ["name", "free", "count", "share", "flag", "day", "moment"]
GOOD = {
    "name": ["a", "b", "c", "d", "e"], "free": ["plain", "Ünï", "0x1"], "count": ["1", "-5", "007", "12345678901234"],
    "share": ["0", "0.25", "1e3", "7.125"], "flag": ["true", "FALSE", "1", "n"], "day": ["2024-02-29", "1999-12-31"],
    "moment": ["2024-12-31 23:59:59", "2024-12-31T00:00", "2024-12-31"],
}  # fmt: skip
ODD = {
    "name": ["f", " ", "é, f", "x\ny", "", "NA"], "free": ["z", "  ", " lead", 'say "so"', "\u00a0", "\u2003", "a\tb"],
    "count": ["-6", "-1", "none", "1.0", "1.5", "0x10", "1_0", " 4", "+4", "1e2", "9" * 19, "", "NaN"],
    "share": ["-1", "inf", "nan", "1e400", "999", ".5", "5.", "1_0", "2e9", "0x1", "1e-400", " 1 ", "infinity", "1,5"],
    "flag": ["maybe", "Yes", " true", "tRUE", "2"],
    "day": ["2024-02-30", "1899-12-31", "24-01-01", "2024-12-31 ", "0001-01-01"],
    "moment": ["2024-12-31 23", "24:00", "2024-12-31 23:59:60", "2024-12-31 23:59:59.5",
        "2024-12-31 23:59:59Z", "2024-12-31 24:00:00"],
}  # fmt: skip
QUIETLY = [HealthCheck.function_scoped_fixture]


def field(text: str, delimiter: str) -> str:
    quoted = any(sign in text for sign in (delimiter, '"', "\n", "\r"))
    return f'"{text.replace(chr(34), chr(34) * 2)}"' if quoted else text


def written(rows: list[list[str]], delimiter: str, end: str) -> str:
    return "".join(delimiter.join(field(text, delimiter) for text in row) + end for row in [NAMES, *rows])


def outcome(enter: Callable[[], Any]) -> tuple[Any, ...]:
    try:
        found = enter()
    except InputError as error:
        return ("refused", str(error))
    return ("entered", found.table, found.notes, found.cautions, found.quarantine)


def assert_alike(one: tuple[Any, ...], other: tuple[Any, ...]) -> None:
    assert one[0] == other[0]
    if one[0] == "refused":
        assert one[1] == other[1]
        return
    assert_frame_equal(one[1], other[1])
    assert one[2:4] == other[2:4]
    assert one[4].keys() == other[4].keys()
    for table, aside in one[4].items():
        assert_frame_equal(aside, other[4][table])


@pytest.fixture
def both(project: Path, entered: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Return a function that enters files in both ways and returns what became of them, if it is the same."""

    def enter(files: dict[str, bytes], said: str = "header: true", size: int = 400) -> tuple[Any, ...]:
        for old in project.glob("t*.csv*"):
            old.unlink()
        for name, content in files.items():
            (project / name).write_bytes(content)
        recipe = RECIPE.replace("WITH", said)
        with monkeypatch.context() as patch:
            patch.setattr(blocks, "SIZE", size)
            found = outcome(lambda: entered(recipe))
        with monkeypatch.context() as patch:
            patch.setattr(plainly, "is_plain", lambda *_: False)
            assert_alike(found, outcome(lambda: entered(recipe)))
        return found

    return enter


@st.composite
def tables(draw: st.DrawFn) -> list[list[str]]:
    seed = draw(st.integers(0, 2**32))
    lines, odd = draw(st.integers(1, 60)), draw(st.sampled_from([0.0, 0.01, 0.1]))
    chance = random.Random(seed)
    return [[chance.choice(ODD[name] if chance.random() < odd else GOOD[name]) for name in NAMES] for _ in range(lines)]


FORMS = st.tuples(
    st.sampled_from([",", ";", "\t"]), st.sampled_from(["\n", "\r\n"]), st.sampled_from(["utf-8", "utf-8-sig"])
)


@settings(max_examples=8, deadline=None, suppress_health_check=QUIETLY)
@given(rows=tables(), form=FORMS)
def test_tables_with_odd_values_enter_alike(both: Any, rows: list[list[str]], form: tuple[str, str, str]) -> None:
    both({"t.csv": written(rows, *form[:2]).encode(form[2])})


@pytest.mark.slow
@settings(max_examples=300, deadline=None, suppress_health_check=QUIETLY)
@given(rows=tables(), form=FORMS)
def test_many_tables_with_odd_values_enter_alike(both: Any, rows: list[list[str]], form: tuple[str, str, str]) -> None:
    both({"t.csv": written(rows, *form[:2]).encode(form[2])})


@pytest.mark.parametrize(("name", "odd"), [(name, odd) for name, listed in ODD.items() for odd in listed])
def test_each_odd_value_among_good_ones_enters_alike(both: Any, name: str, odd: str) -> None:
    rows = [[GOOD[one][line % len(GOOD[one])] for one in NAMES] for line in range(30)]
    rows[17][NAMES.index(name)] = odd
    both({"t.csv": written(rows, ",", "\n").encode()})


GOOD_ROW = b"a,plain,1,0.5,true,2024-01-01,2024-12-31\n"
HEADER = ",".join(NAMES).encode() + b"\n"


@pytest.mark.parametrize(
    "lines",
    [
        b'a,"in""ner",1,0.5,true,2024-01-01,2024-12-31\n',
        b'a,in"ner,1,0.5,true,2024-01-01,2024-12-31\n',
        b'a,"in"ner,1,0.5,true,2024-01-01,2024-12-31\n',
        b'a,"never closed,1,0.5,true,2024-01-01,2024-12-31\n',
        b'"NA","","1","0.5","true","2024-01-01","2024-12-31"\n',
        b"a,plain,1,0.5,true,2024-01-01\n",
        b"a,plain,1,0.5,true,2024-01-01,2024-12-31,\n",
        b"a,plain,1,0.5,true,2024-01-01,2024-12-31,more\n",
        b"\n\na,plain,1,0.5,true,2024-01-01,2024-12-31\n\n",
        b"a,pl\xffain,1,0.5,true,2024-01-01,2024-12-31\n",
        b"a,pl\0ain,1,0.5,true,2024-01-01,2024-12-31\n",
        b"a,plain,1,0.5,true,2024-01-01,2024-12-31\r\n",
        b"a,pl\rain,1,0.5,true,2024-01-01,2024-12-31\n",
        b"a,plain,1,0.5,true,2024-01-01,2024-12-31",
        b'a,"two\nlines",1,0.5,true,2024-01-01,2024-12-31\nf,plain,1,0.5,true,2024-01-01,2024-12-31\n',
    ],
)
def test_lines_of_an_odd_form_are_read_or_refused_alike(both: Any, lines: bytes) -> None:
    both({"t.csv": HEADER + GOOD_ROW * 20 + lines + (GOOD_ROW * 5 if lines.endswith(b"\n") else b"")})


def test_packed_files_of_a_glob_enter_alike_and_are_named(both: Any) -> None:
    zstd = pa.Codec("zstd")
    bad = GOOD_ROW.replace(b"a,", b"f,", 1)
    content = {
        "t1.csv": HEADER + GOOD_ROW * 9,
        "t2": HEADER + GOOD_ROW * 50 + bad,
        "t3": HEADER + bad,
        "t4": HEADER + bad,
    }
    files = {
        "t1.csv": content["t1.csv"],
        "t2.csv.gz": gzip.compress(content["t2"]),
        "t3.csv.zst": zstd.compress(content["t3"], asbytes=True),
        "t4.csv.bz2": bz2.compress(content["t4"]),
    }

    kind, table, notes, *_ = both(files)

    assert kind == "entered"
    assert len(table) == 59
    assert any("t2.csv.gz:52" in note and "t3.csv.zst:2" in note and "t4.csv.bz2:2" in note for note in notes)


def test_a_cut_off_packed_file_is_refused_alike(both: Any) -> None:
    whole = gzip.compress(HEADER + b"".join(GOOD_ROW.replace(b"1", b"%d" % n, 1) for n in range(999)))

    assert both({"t.csv.gz": whole[: len(whole) // 2]})[0] == "refused"


@pytest.mark.parametrize(
    "said", ["encoding: cp1252", "decimal: ','", "quote: ''", "missing: [plain, '-']", "row_number: line"]
)
def test_other_settings_of_the_reader_enter_alike(both: Any, said: str) -> None:
    both({"t.csv": HEADER + GOOD_ROW * 20 + b"a,-,1,0.5,true,2024-01-01,2024-12-31\n"}, said)


def test_plain_blocks_are_indeed_read_as_values(
    project: Path, entered: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: Any) -> Any:
        raise AssertionError("a block of plain lines was read as texts")

    monkeypatch.setattr(plainly.Converter, "_texts", never)
    monkeypatch.setattr(csv_files.CsvFiles, "_texts", never)
    (project / "t.csv").write_bytes(HEADER + GOOD_ROW * 20)

    assert len(entered(RECIPE.replace("WITH", "header: true")).table) == 20


@pytest.mark.parametrize(
    ("kind", "terms", "values", "holds"),
    [
        ("integer", {"bounds": Bounds(0, 10)}, [0, 10, None], True),
        ("integer", {"bounds": Bounds(0, 10)}, [11], False),
        ("integer", {"bounds": Bounds(0, 10), "missing_codes": (11,)}, [11, 3], True),
        ("integer", {"required": True, "missing_codes": (11,)}, [11, 3], False),
        ("number", {"allowed": (0.5, 1)}, [0.5, 1.0, None], True),
        ("number", {}, [float("inf")], False),
        ("text", {"allowed": ("a", 1)}, ["a", "1"], True),
        ("text", {}, [" "], False),
        ("text", {}, [""], False),
        ("boolean", {"allowed": (True,)}, [False], False),
    ],
)
def test_a_block_holds_what_its_contract_says(kind: Any, terms: dict[str, Any], values: list[Any], holds: bool) -> None:
    plain = Plain(kind, terms=ColumnTerms(kind, **terms))

    assert plain.holds(pa.array(values, plainly.TYPES[kind])) is holds
