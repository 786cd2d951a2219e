"""Every rule of a column finds what breaks it, and what follows is what the contract says: repair, set aside, stop."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from sartor.errors import InputError


class Case(NamedTuple):
    """A rule, three values that keep it, one in the third line that does not, and what is said of that one."""

    rule: str
    terms: str
    kept: tuple[str, str, str]
    broken: str
    says: str
    shown: str


BERLIN = "type: datetime, zone: Europe/Berlin"
TWICE = "a time of day that occurs twice as clocks are set back"
CASES = [
    Case("type", "type: integer", ("1", "2", "4"), "some 30", "not a whole number", " ('xxxx 99')"),
    Case("type", "type: integer", ("1", "2", "4"), "2.5", "not a whole number", " ('9.9')"),
    Case("type", "type: number", ("1", "2.5", "4e3"), "1.000,5", "not a number", " ('9.999,9')"),
    Case("type", "type: boolean", ("yes", "F", "1"), "maybe", "neither true nor false", " ('xxxxx')"),
    Case("type", "type: date", ("2024-02-29", "1969-07-20", "2024-12-31"), "2023-02-29",
         "not a date as in 2024-12-31", " ('9999-99-99')"),
    Case("type", "type: date, format: '%d.%m.%Y'", ("29.02.2024", "01.10.2024", "31.12.2024"), "2024-10-01",
         "not of the form %d.%m.%Y", " ('9999-99-99')"),
    Case("type", "type: datetime", ("2024-12-31 23:59:59", "2024-12-31T23:59", "2024-12-31"), "31 Dec",
         "not a moment as in 2024-12-31 23:59:59", " ('99 Xxx')"),
    Case("twice", BERLIN, ("2024-10-26 02:30:00", "2024-10-27 01:59:59", "2024-10-27 03:00:00"),
         "2024-10-27 02:30:00", TWICE, " (of 2024)"),
    Case("between", "type: number, between: [0, 100]", ("0", "99.9", "100"), "4711", "not between 0 and 100",
         " (about 5,000)"),
    Case("between", "type: integer, at_least: 18", ("18", "70", "19"), "17", "below 18", " (about 20)"),
    Case("between", "type: date, at_most: 2024-12-31", ("2024-12-31", "1969-07-20", "2024-01-01"), "2205-01-01",
         "after 2024-12-31", " (of 2205)"),
    Case("allowed", "allowed: [own, rent]", ("own", "rent", "own"), "caravan", "not one of own, rent", " ('c...n')"),
    Case("allowed", "type: integer, allowed: [1, 2, 3, 4]", ("1", "4", "2"), "25", "not one of 1, 2, 3, 4",
         " (about 20)"),
    Case("pattern", "pattern: '[A-Z]{2}[0-9]+'", ("AB1", "XY22", "ZZ3"), "AB1x", "not of the pattern '[A-Z]{2}[0-9]+'",
         " ('...')"),
    Case("length", "length: [1, 3]", ("a", "abc", "äöü"), "lengthy", "not of 1 to 3 characters", " ('l...y')"),
]  # fmt: skip
each = pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.rule}: {case.terms} {case.broken}")


def values(case):
    return [*case.kept[:2], case.broken, case.kept[2]]


@each
def test_it_is_read_as_missing(held, case):
    found = held(values(case), f"{case.terms}, otherwise: missing")
    table = found.table
    assert table["v"].isna().tolist() == [False, False, True, False]
    assert found.cautions == [f"t: 1 value of v was read as missing, {case.says}: t.csv:4{case.shown}"]
    assert found.stages["contract"]["tables"]["t"] == {
        "repaired": 1, "set_aside": 0,
        "rules": [{"column": "v", "rule": case.rule, "outcome": "missing", "count": 1}],
    }  # fmt: skip
    assert found.quarantine == {}


@each
def test_its_line_is_set_aside_with_the_reason_and_what_stood_there(held, case):
    found = held(values(case), f"{case.terms}, otherwise: set_aside")
    assert found.table["id"].tolist() == [1, 2, 4]
    assert found.cautions == [f"t: 1 line was set aside, v is {case.says}: t.csv:4{case.shown}"]
    assert found.stages["contract"]["tables"]["t"]["set_aside"] == 1
    aside = found.quarantine["t"]
    assert aside["id"].tolist() == [3]
    assert aside["__as_read"].tolist() == [{"v": case.broken}]
    assert aside["__reason"].tolist() == [f"v is {case.says}"]
    assert aside[["__place", "__source_row"]].to_numpy().tolist() == [["t.csv:4", 2]]


@each
@pytest.mark.parametrize("said", ["", ", otherwise: stop"], ids=["by default", "if asked"])
def test_it_stops_the_run(held, case, said):
    with pytest.raises(InputError) as stopped:
        held(values(case), f"{case.terms}{said}")
    (problem,) = stopped.value.problems
    assert (problem.code, problem.message) == (
        "D170",
        f"v of table t is {case.says} in 1 of 4 lines: t.csv:4{case.shown}",
    )
    assert problem.where is not None
    assert problem.where.text[problem.where.column - 1] == "v"
    assert "otherwise: missing, or otherwise: set_aside" in dict(problem.hints)["to mend"]


@each
def test_values_that_keep_it_pass_without_a_word(held, case):
    found = held(case.kept, case.terms)
    assert found.table["v"].notna().all()
    assert found.notes == []


def test_a_missing_value_breaks_no_rule(held):
    found = held(["", "NA", "5"], "type: integer, between: [1, 9], allowed: [5]")
    assert found.table["v"].isna().tolist() == [True, True, False]
    assert found.cautions == []


class TestRequired:
    def test_a_line_without_a_value_is_set_aside(self, held):
        found = held(["1", "", "3"], "type: integer, otherwise: set_aside", "required: [v]")
        assert found.table["id"].tolist() == [1, 3]
        assert found.cautions == ["t: 1 line was set aside, v is missing: t.csv:3"]

    def test_or_stops_the_run_without_offering_what_cannot_help(self, held):
        with pytest.raises(
            InputError, match=r"v of table t is missing in 2 of 3 lines: t.csv:2, t.csv:3  D170"
        ) as stop:
            held(["", "NA", "3"], "type: integer", "required: [v]")
        assert dict(stop.value.problems[0].hints)["to mend"] == (
            "repair the source, or set such lines aside: otherwise: set_aside"
        )

    def test_what_cannot_be_read_is_told_as_that_and_not_as_missing_too(self, held):
        found = held(["1", "many", "3"], "type: integer, otherwise: set_aside", "required: [v]")
        assert found.cautions == ["t: 1 line was set aside, v is not a whole number: t.csv:3 ('xxxx')"]

    def test_a_code_for_missing_is_missing(self, held):
        found = held(["1", "-9", "3"], "type: integer, missing_codes: [-9], otherwise: set_aside", "required: [v]")
        assert found.cautions == ["t: 1 line was set aside, v is missing: t.csv:3"]

    def test_a_column_of_which_nothing_else_is_said_may_be_required(self, held):
        with pytest.raises(InputError, match=r"v of table t is missing in 1 of 3 lines: t.csv:3  D170"):
            held(["a", "  ", "b"], "", "required: [v]")
        found = held(["a", "", "b"], "", "required: [v]\n      otherwise: set_aside")
        assert found.table["v"].tolist() == ["a", "b"]


class TestSeveral:
    def test_each_rule_has_its_own_outcome(self, held):
        terms = "type: integer, between: [0, 9], otherwise: {type: missing, between: set_aside}"
        found = held(["1", "x", "99", "3"], terms)
        assert found.table["id"].tolist() == [1, 2, 4]
        assert found.table["v"].isna().tolist() == [False, True, False]
        assert found.cautions == [
            "t: 1 value of v was read as missing, not a whole number: t.csv:3 ('x')",
            "t: 1 line was set aside, v is not between 0 and 9: t.csv:4 (about 100)",
        ]

    def test_counts_are_of_all_and_examples_of_the_first_three(self, held):
        found = held(["7", *(str(1000 * n) for n in range(1, 6))], "type: integer, at_most: 9, otherwise: set_aside")
        assert found.cautions == [
            "t: 5 lines were set aside, v is above 9: t.csv:3 (1,000), t.csv:4 (2,000), t.csv:5 (3,000), ..."
        ]
        assert len(found.quarantine["t"]) == 5

    def test_everything_that_stops_is_told_in_one_go(self, entered, project):
        (project / "t.csv").write_text("id,a,b\n1,x,7\n2,5,700\n", encoding="utf-8")
        contract = "{columns: {a: {type: integer}, b: {at_most: 9}}}"
        text = (
            f"format: 1\nrecipe: d/x\ningest:\n  t: {{use: tables.csv, with: {{path: t.csv}}, contract: {contract}}}\n"
        )
        with pytest.raises(InputError) as stopped:
            entered(text)
        assert [problem.message for problem in stopped.value.problems] == [
            "a of table t is not a whole number in 1 of 2 lines: t.csv:2 ('x')",
            "b of table t is above 9 in 1 of 2 lines: t.csv:3 (700)",
        ]

    def test_a_line_that_breaks_two_rules_is_set_aside_once_with_both_reasons(self, entered, project):
        (project / "t.csv").write_text("id,a,b\n1,x,700\n2,5,7\n", encoding="utf-8")
        contract = "{columns: {a: {type: integer}, b: {at_most: 9}}, otherwise: set_aside}"
        text = (
            f"format: 1\nrecipe: d/x\ningest:\n  t: {{use: tables.csv, with: {{path: t.csv}}, contract: {contract}}}\n"
        )
        found = entered(text)
        assert found.quarantine["t"]["__reason"].tolist() == ["a is not a whole number; b is above 9"]
        assert found.stages["contract"]["tables"]["t"]["set_aside"] == 1

    def test_a_table_of_which_nothing_is_left_says_why(self, held):
        with pytest.raises(InputError, match=r"no row of table t is left: of 2 lines 2 set aside  D002"):
            held(["x", "y"], "type: integer, otherwise: set_aside")


class TestRepairs:
    """What is put right without being asked, and counted."""

    def test_codes_for_missing_are_missing(self, held):
        found = held(["1", "-1", "?", "999.0", "4"], "type: number, missing_codes: [-1, 999, '?']")
        assert found.table["v"].isna().tolist() == [False, True, True, True, False]
        assert found.notes == ["t: 3 codes for missing in v were read as missing"]
        assert found.cautions == []

    def test_a_code_is_judged_before_any_rule(self, held):
        found = held(["1", "-1"], "type: integer, missing_codes: [-1], between: [0, 9]")
        assert found.table["v"].isna().tolist() == [False, True]

    def test_codes_among_texts_dates_and_flags(self, held):
        texts = held(["a", "none", "None"], "missing_codes: [none]").table["v"]
        assert texts.isna().tolist() == [False, True, False]
        dates = held(["2024-01-01", "9999-12-31"], "type: date, missing_codes: [9999-12-31]").table["v"]
        assert dates.isna().tolist() == [False, True]
        flags = held(["yes", "unknown"], "type: boolean, missing_codes: [unknown]").table["v"]
        assert flags.isna().tolist() == [False, True]

    def test_texts_are_tidied_before_they_are_judged(self, held):
        found = held(
            ["  north ", "SOUTH", "mid  west"], "tidy: [strip, collapse, lower], allowed: [north, south, mid west]"
        )
        assert found.table["v"].tolist() == ["north", "south", "mid west"]
        assert found.notes == ["t: 3 values of v were tidied"]

    def test_blanks_are_missing(self, held):
        found = held(["a", "   ", "\u00a0"], "type: text")
        assert found.table["v"].isna().tolist() == [False, True, True]
        assert found.notes == ["t: 2 empty texts in v were read as missing"]

    def test_infinite_numbers_are_missing_with_a_caution(self, held):
        found = held(["1", "inf", "-Infinity", "1e999"], "type: number, at_least: 0, otherwise: missing")
        assert found.table["v"].isna().tolist() == [False, True, True, True]
        assert found.cautions == ["t: 3 infinite values in v were read as missing"]


class TestUnique:
    def test_a_line_that_repeats_another_stops_the_run(self, held):
        with pytest.raises(InputError, match=r"2 lines of table t repeat the v of an earlier one: t.csv:4 repeats "
                                             r"t.csv:2, t.csv:5 repeats t.csv:3  D171"):  # fmt: skip
            held(["a", "b", "a", "b"], "", "unique: [[v]]")

    def test_or_is_set_aside_and_the_first_one_stays(self, held):
        found = held(["a", "b", "a", "b", "a"], "", "unique: [{columns: [v], otherwise: set_aside}]")
        assert found.table["id"].tolist() == [1, 2]
        pairs = "t.csv:4 repeats t.csv:2, t.csv:5 repeats t.csv:3, t.csv:6 repeats t.csv:2"
        assert found.cautions == [f"t: 3 lines were set aside, v stands before: {pairs}"]
        assert found.quarantine["t"]["__reason"].tolist() == ["v stands before"] * 3

    def test_missing_values_repeat_nothing(self, held):
        assert len(held(["a", "", ""], "", "unique: [[v]]").table) == 3

    def test_lines_that_are_set_aside_repeat_nothing(self, held):
        found = held(["500", "5", "500"], "type: integer, at_most: 9, otherwise: set_aside", "unique: [[v]]")
        assert found.table["id"].tolist() == [2]

    def test_it_compares_what_was_read_and_not_how_it_was_written(self, held):
        with pytest.raises(InputError, match=r"1 line of table t repeats the v of an earlier one"):
            held(["7", "7.0"], "type: number", "unique: [[v]]")

    def test_several_columns_are_compared_together(self, entered, project):
        (project / "t.csv").write_text("shop,day,n\n1,1,5\n1,2,5\n2,1,5\n1,1,6\n", encoding="utf-8")
        text = (
            "format: 1\nrecipe: d/x\ningest:\n  t: {use: tables.csv, with: {path: t.csv}, "
            "contract: {unique: [[shop, day]]}}\n"
        )
        with pytest.raises(
            InputError, match=r"1 line of table t repeats the shop, day of an earlier one: t.csv:5 repeats"
        ):
            entered(text)


class TestFresh:
    FRESH = "fresh: {column: v, within: 7 days}"

    def test_a_table_whose_newest_line_is_young_enough_passes(self, held):
        found = held(["2024-01-01", "2024-06-10"], "type: date", self.FRESH, as_of="2024-06-17")
        assert len(found.table) == 2

    def test_a_stale_one_stops_the_run(self, held):
        with pytest.raises(InputError, match=r"table t is stale: the newest v is 2024-06-10, which is 8 days before "
                                             r"2024-06-18; the contract asks for 7 days at most  D172"):  # fmt: skip
            held(["2024-01-01", "2024-06-10"], "type: date", self.FRESH, as_of="2024-06-18")

    def test_a_table_without_any_date_says_nothing_of_its_age(self, held):
        with pytest.raises(InputError, match=r"v of table t holds no date that would say how fresh it is  D172"):
            held(["", ""], "type: date", self.FRESH)

    def test_what_is_set_aside_makes_nothing_fresh(self, held):
        terms = "type: date, at_most: 2024-12-31, otherwise: set_aside"
        with pytest.raises(InputError, match=r"the newest v is 2024-06-10"):
            held(["2024-06-10", "2999-12-31"], terms, self.FRESH, as_of="2024-06-30")

    def test_a_date_to_come_is_told_for_with_it_no_table_is_ever_stale(self, held):
        found = held(["2024-06-10", "2999-12-31"], "type: date", self.FRESH, as_of="2024-06-12")
        assert [text for text in found.cautions if "newest" in text] == [
            "t: the newest v, 2999-12-31, is after 2024-06-12 by more than a day, so nothing tells how fresh it is"
        ]
