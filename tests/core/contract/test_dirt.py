"""Tables as they really come: what is not certain is refused with its line, what the contract explains is read."""

from __future__ import annotations

import gzip
import threading

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sartor.errors import InputError


def read(found):
    """Return the values of the column, missing ones as None."""
    return [None if value is pd.NaT or value != value else value for value in found.table["v"]]


def days(found):
    return [None if value is None else value.date().isoformat() for value in read(found)]


def moments(found):
    return [None if value is None else value.isoformat(sep=" ") for value in read(found)]


class TestMixedDates:
    MIXED = ("31.12.2024", "2024-12-30", "12/29/2024", "01/02/2024")

    def test_without_a_form_only_iso_is_read_and_the_first_form_is_guessed_aloud(self, held):
        with pytest.raises(InputError) as stopped:
            held(self.MIXED, "type: date")
        (problem,) = stopped.value.problems
        assert problem.message == (
            "v of table t is not a date as in 2024-12-31 in 3 of 4 lines: t.csv:2 ('99.99.9999'), "
            "t.csv:4 ('99/99/9999'), t.csv:5 ('99/99/9999')"
        )
        assert dict(problem.hints)["perhaps"] == "the day stands first: write format: '%d.%m.%Y'"

    def test_several_forms_are_read_where_they_agree(self, held):
        found = held(self.MIXED, "type: date, format: ['%d.%m.%Y', '%Y-%m-%d', '%m/%d/%Y']")
        assert days(found) == ["2024-12-31", "2024-12-30", "2024-12-29", "2024-01-02"]

    def test_what_two_forms_read_as_different_days_is_not_read(self, held):
        both = "type: date, format: ['%d.%m.%Y', '%Y-%m-%d', '%m/%d/%Y', '%d/%m/%Y'], otherwise: missing"
        assert days(held(self.MIXED, both)) == ["2024-12-31", "2024-12-30", "2024-12-29", None]

    def test_a_year_of_two_digits_is_not_read_as_one_of_antiquity(self, held):
        found = held(["31.12.24", "31.12.2024"], "type: date, format: '%d.%m.%Y', otherwise: missing")
        assert days(found) == [None, "2024-12-31"]


class TestNumbers:
    def test_decimal_commas(self, held):
        assert read(held(["1234,5", "1,5", "-3", "1e3", " 7 "], "type: number, decimal: ','")) == [
            1234.5, 1.5, -3.0, 1000.0, 7.0,
        ]  # fmt: skip

    def test_a_comma_that_nobody_explains_is_refused_with_what_it_may_be(self, held):
        with pytest.raises(InputError, match=r"not a number in 1 of 2 lines: t.csv:2 \('9,9'\)") as stopped:
            held(["1,5", "2"], "type: number")
        assert "decimal: ','" in dict(stopped.value.problems[0].hints)["perhaps"]

    def test_with_decimal_commas_a_point_is_none_of_the_decimals(self, held):
        found = held(["1.500", "1,5"], "type: number, decimal: ',', otherwise: missing")
        assert read(found) == [None, 1.5]

    @pytest.mark.parametrize(
        ("sign", "written"),
        [(",", "1,234,567.5"), (" ", "1 234 567.5"), (" ", "1\u00a0234\u202f567.5"), ("'", "1’234'567.5"),
         ("_", "1_234_567.5")],
    )  # fmt: skip
    def test_thousands_stand_in_groups_of_three(self, held, sign, written):
        terms = f'type: number, thousands: "{sign}", otherwise: missing'
        assert read(held([written, "12.5", "1234"], terms)) == [1234567.5, 12.5, 1234.0]
        broken = written.replace("567", "56")
        assert read(held([broken, "1"], terms)) == [None, 1.0]

    def test_points_between_thousands_and_commas_before_decimals(self, held):
        found = held(
            ["1.234,5", "1.234.567", "12.34"], "type: number, decimal: ',', thousands: '.', otherwise: missing"
        )
        assert read(found) == [1234.5, 1234567.0, None]

    @pytest.mark.parametrize(
        "written", ["$5", "5 EUR", "5%", "0x1F", "\u0663", "\uff11\uff12", "1_000", "--5", "1e", "5-"]
    )
    def test_what_is_no_number_is_not_made_one(self, held, written):
        assert read(held([written, "1"], "type: number, otherwise: missing")) == [None, 1.0]

    def test_a_number_that_reads_as_text_because_of_a_blank_is_a_number(self, held):
        found = held(["29.85", " ", "0"], "type: number")
        assert read(found) == [29.85, None, 0.0]
        assert found.notes == ["t: 1 empty text in v was read as missing"]

    def test_whole_numbers_keep_all_their_digits(self, held):
        found = held(["9007199254740993", "-9223372036854775808"], "type: integer")
        assert found.table["v"].tolist() == [9007199254740993, -9223372036854775808]

    def test_one_beyond_64_bits_is_none(self, held):
        found = held(["9223372036854775808", "1"], "type: integer, otherwise: missing")
        assert read(found) == [None, 1.0]


class TestZones:
    NOON = ("2024-07-01 12:00:00+02:00", "2024-07-01T10:00:00Z", "2024-07-01 12:00:00", "2024-07-01T05:00:00-0500")

    def test_two_zones_are_one_moment(self, held):
        both = [*self.NOON[:2], self.NOON[3]]
        assert moments(held(both, "type: datetime")) == ["2024-07-01 10:00:00"] * 3

    def test_a_zone_on_some_lines_only_is_refused(self, held):
        said = "v of table t says a time zone in 3 of 4 lines, which leaves open what the other 1 mean  D173\n  to mend"
        with pytest.raises(InputError, match=said):
            held(self.NOON, "type: datetime")

    def test_unless_the_contract_says_the_zone_of_the_others(self, held):
        assert moments(held(self.NOON, "type: datetime, zone: Europe/Berlin")) == ["2024-07-01 10:00:00"] * 4


class TestClocksSetBack:
    """In Berlin half past two came twice on 27 October 2024, and never on 31 March."""

    def test_a_time_of_day_that_occurs_twice_stops_the_run_and_says_what_helps(self, held):
        with pytest.raises(
            InputError, match=r"occurs twice as clocks are set back in 1 of 2 lines: t.csv:2"
        ) as stopped:
            held(["2024-10-27 02:30:00", "2024-10-27 03:30:00"], "type: datetime, zone: Europe/Berlin")
        assert "twice: earlier" in dict(stopped.value.problems[0].hints)["perhaps"]

    @pytest.mark.parametrize(
        ("twice", "moment"), [("earlier", "2024-10-27 00:30:00"), ("later", "2024-10-27 01:30:00")]
    )
    def test_it_is_read_as_the_contract_says(self, held, twice, moment):
        found = held(["2024-10-27 02:30:00"], f"type: datetime, zone: Europe/Berlin, twice: {twice}")
        assert moments(found) == [moment]

    def test_lines_that_say_their_offset_are_told_apart(self, held):
        found = held(["2024-10-27 02:30:00+02:00", "2024-10-27 02:30:00+01:00"], "type: datetime, zone: Europe/Berlin")
        assert moments(found) == ["2024-10-27 00:30:00", "2024-10-27 01:30:00"]

    def test_a_time_of_day_that_clocks_skip_is_none(self, held):
        terms = "type: datetime, zone: Europe/Berlin, otherwise: missing"
        assert moments(held(["2024-03-31 02:30:00", "2024-03-31 03:00:00"], terms)) == [None, "2024-03-31 01:00:00"]

    def test_where_clocks_are_set_back_by_half_an_hour(self, held):
        terms = "type: datetime, zone: Australia/Lord_Howe, otherwise: set_aside"
        found = held(["2024-04-07 01:45:00", "2024-04-07 02:15:00"], terms)
        assert found.table["id"].tolist() == [2]

    def test_two_lines_that_mean_one_moment_repeat_each_other(self, held):
        with pytest.raises(InputError, match=r"1 line of table t repeats the v of an earlier one"):
            held(["2024-10-27 02:30:00+02:00", "2024-10-27 00:30:00Z"], "type: datetime", "unique: [[v]]")


GLOB = """
format: 1
recipe: demo/parts
ingest:
  t: {use: tables.KIND, key: id, with: {path: "parts/*"}CONTRACT}
"""
ASIDE = ", contract: {columns: {v: {type: integer, otherwise: set_aside}}}"


class TestFilesOfOneGlob:
    @pytest.fixture
    def csv(self, project):
        (project / "parts").mkdir()
        (project / "parts/a.csv").write_text("id,v\n1,5\n2,6\n", encoding="utf-8")
        (project / "parts/b.csv").write_text("v,id\nsix,3\n7,4\n", encoding="utf-8")
        return GLOB.replace("KIND", "csv")

    def test_a_column_that_changes_its_type_is_told_with_the_line(self, csv, entered):
        (said,) = entered(csv.replace("CONTRACT", "")).cautions
        assert "read as text: 1 of 4 values is not a number, at parts/b.csv:2" in said

    def test_and_the_contract_sets_the_lines_of_the_other_type_aside(self, csv, entered):
        found = entered(csv.replace("CONTRACT", ASIDE))
        assert found.table["v"].tolist() == [5, 6, 7]
        assert found.quarantine["t"]["__place"].tolist() == ["parts/b.csv:2"]

    def test_parquet_files_that_disagree_on_a_type_are_refused(self, project, entered):
        (project / "parts").mkdir()
        pq.write_table(pa.table({"id": [1], "v": [5]}), project / "parts/a.parquet")
        pq.write_table(pa.table({"id": [2], "v": ["6"]}), project / "parts/b.parquet")
        with pytest.raises(
            InputError, match=r"column 'v' is text in parts/b.parquet and integer in parts/a.parquet  D116"
        ):
            entered(GLOB.replace("KIND", "parquet").replace("CONTRACT", ASIDE))

    def test_whole_numbers_beyond_64_bits_are_set_aside_and_shown_to_nobody(self, project, entered):
        (project / "parts").mkdir()
        large = pa.array([5, 2**64 - 1], pa.uint64())
        pq.write_table(pa.table({"id": [1, 2], "v": large}), project / "parts/a.parquet")
        found = entered(GLOB.replace("KIND", "parquet").replace("CONTRACT", ASIDE))
        assert found.table["v"].tolist() == [5]
        assert found.cautions == ["t: 1 line was set aside, v is not a whole number: row 2"]


def test_a_file_that_somebody_goes_on_writing_to_is_refused(held, project, monkeypatch):
    """Lines come the whole time; whichever the read has seen, it is neither the old file nor the new one."""
    from sartor.guard.admission import admit

    def growing(relation, terms, plain):
        # The first look at the rows is still to come.
        file = project / "t.csv"
        writing.set()
        assert written.wait(timeout=20)
        assert file.stat().st_size > len("id;v\n1;1\n2;2\n")
        return admit(relation, terms, plain)

    writing, written, enough = threading.Event(), threading.Event(), threading.Event()

    def write():
        writing.wait(timeout=20)
        with (project / "t.csv").open("a", encoding="utf-8") as stream:
            number = 3
            while not enough.is_set():
                stream.write(f"{number};{number}\n")
                stream.flush()
                number += 1
                written.set()
                enough.wait(0.001)

    writer = threading.Thread(target=write)
    writer.start()
    monkeypatch.setattr("sartor.stages.opening.admit", growing)
    try:
        with pytest.raises(InputError, match=r"the source of table t changed while it was read  D010"):
            held(["1", "2"], "type: integer")
    finally:
        writing.set()
        enough.set()
        writer.join()


@pytest.mark.parametrize("share", [0.05, 0.5, 0.99])
def test_a_packed_file_that_is_cut_off_is_refused_wherever_it_ends(project, entered, share):
    numbers = np.random.default_rng(0).integers(0, 10**9, 20_000)
    whole = gzip.compress(b"id,v\n" + b"".join(b"%d,%d\n" % pair for pair in enumerate(numbers.tolist())))
    (project / "parts").mkdir()
    (project / "parts/a.csv.gz").write_bytes(whole[: int(share * len(whole))])
    with pytest.raises(InputError, match=r"parts/a.csv.gz ends in the middle: its gzip content is cut off  D115"):
        entered(GLOB.replace("KIND", "csv").replace("CONTRACT", ASIDE))
    (project / "parts/a.csv.gz").write_bytes(whole)
    assert len(entered(GLOB.replace("KIND", "csv").replace("CONTRACT", ASIDE)).table) == 20_000
