"""What `sartor runs list`, `show` and `diff` print: golden texts at 80 and 120 columns."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sartor.cli.look import Look, cells
from sartor.cli.run_diff import diff_json, diff_lines
from sartor.cli.run_list import list_json, list_lines
from sartor.runs.comparing import Compared, Moves, Number
from sartor.runs.finding import Recorded
from sartor.runs.paired import Difference
from sartor.runs.settled import Change

NOW = datetime(2026, 11, 24, 14, 5, 30, tzinfo=UTC)

LIST = """\
run           recipe                         age  champion   metric     gates        size
1124-1405-k7  finance/credit-scoring        30 s  scorecard  AUC 0.771  passed    519 KiB
1124-1352-c2  finance/credit-scoring      13 min  scorecard  AUC 0.773  1 failed    2 MiB
1120-0900-aa  retail/replenishment        4 days  seasonal   RMSE 4.12              1 KiB
1124-1405-zz  lots                    2025-11-24                                    1 KiB
4 runs. More on one: sartor runs show RUN
"""

TWO_AT_80 = """\
run           recipe                age  champion   metric     gates        size
1124-1405-k7  finance/credit-s…    30 s  scorecard  AUC 0.771  passed    519 KiB
1124-1352-c2  finance/credit-s…  13 min  scorecard  AUC 0.773  1 failed    2 MiB
2 runs. More on one: sartor runs show RUN
"""

DIFF = """\
finance/credit-scoring   1124-1352-c2 → 1124-1405-k7   same data, same split
  changed  models.scorecard.with.max_bins    8 → 6
  same     all other settings, versions, 1,000 rows
                      before    after   difference, 95 %
  AUC                  0.773    0.771   −0.002 (−0.006 to +0.002)   not shown
  calibration error    0.060    0.049   gate ≤ 0.05: passed within its interval → passed
  value, DM           19,003   18,428   −575 (−1,726 to 0)          not shown
  decisions          295 of 298 the same; refer → decline 2, refer → accept 1
"""

DIFF_OF_MUCH = """\
finance/credit-scoring/1124-1352-c2 → finance/other/1124-1405-k7   other data, other split
  changed  models.forest.with.trees    400 → 200
  changed  numpy                       2.1.0 → 2.2.1
  added    models.svm    {use: learn.svm}
  changed  table applications  1,000 → 1,200 rows
  changed  table bureau  300 rows, other content
  added    table payments  9 rows
  changed  champion  scorecard → svm
  same     all other settings
                        before   after
  AUC                    0.773   0.771
  decisions of decide  250 of 298 the same; 10 before and 5 after only
  decisions of limit   1 of 1 the same
  no paired differences: they judge different rows, 298 of 360 the same
"""


def run_of(folder, name, started, brief, size):
    recipe, _, run = name.rpartition("/")
    place = folder / name
    place.mkdir(parents=True)
    (place / "file").write_bytes(b"x" * size)
    return Recorded(recipe, run, place, {"started": started.isoformat(), "brief": brief})


def brief_of(champion, label, value, passed, failed):
    return {
        "champion": champion,
        "headline": "",
        "metric": {"name": label.lower(), "label": label, "value": value},
        "gates": {"passed": passed, "failed": failed},
    }


@pytest.fixture
def runs(tmp_path: Path) -> list[Recorded]:
    return [
        run_of(tmp_path, *told)
        for told in (
            ("finance/credit-scoring/1124-1405-k7", NOW - timedelta(seconds=30),
             brief_of("scorecard", "AUC", 0.771, 2, 0), 519 * 1024),
            ("finance/credit-scoring/1124-1352-c2", NOW - timedelta(minutes=13),
             brief_of("scorecard", "AUC", 0.773, 1, 1), 2 * 2**20),
            ("retail/replenishment/1120-0900-aa", NOW - timedelta(days=4, hours=5),
             brief_of("seasonal", "RMSE", 4.1234, 0, 0), 12),
            ("lots/1124-1405-zz", NOW - timedelta(days=365), {}, 1),
        )
    ]  # fmt: skip


def listed(runs, look=None, **more):
    return "".join(line + "\n" for line in list_lines(runs, more.pop("total", len(runs)), look or Look(), NOW, **more))


class TestList:
    def test_a_line_for_each_run_newest_first_as_it_was_handed(self, runs):
        assert listed(runs) == LIST
        assert listed(runs, Look(width=120)) == LIST

    def test_names_are_cut_where_a_terminal_is_narrow_and_nothing_else(self, runs):
        assert listed(runs[:2], Look(width=80, fold=True)) == TWO_AT_80
        assert max(map(cells, TWO_AT_80.splitlines())) == 80
        assert listed(runs, Look(width=120, fold=True)) == LIST

    def test_the_name_of_the_one_recipe_that_was_asked_for_need_not_stand_in_every_line(self, runs):
        lines = listed(runs[:1], recipe="finance/credit-scoring").splitlines()
        assert lines[0] == "run            age  champion   metric     gates      size"
        assert lines[1] == "1124-1405-k7  30 s  scorecard  AUC 0.771  passed  519 KiB"

    def test_what_is_not_shown_is_counted_with_how_to_see_it(self, runs):
        assert listed(runs[:1], total=3412).splitlines()[-1] == (
            "1 of 3,412 runs. All of them: sartor runs list --limit 3412"
        )

    def test_a_run_that_cannot_be_read_is_named_below(self, runs):
        lines = listed([*runs[:1], replace(runs[1], record={})]).splitlines()
        assert lines[2] == (
            "! finance/credit-scoring/1124-1352-c2 cannot be read: sartor verify finance/credit-scoring/1124-1352-c2"
        )

    def test_without_unicode_and_with_names_that_must_not_reach_a_terminal(self, runs):
        brief = brief_of("tree\x1b[31m", "AUC", None, 0, 0)
        shown = listed([replace(runs[0], record={"brief": brief, "started": "never"})], Look(unicode=False))
        assert "\x1b" not in shown
        assert shown.isascii()
        assert "AUC -" in shown

    def test_as_json(self, runs):
        first, *_, last = list_json(runs)["runs"]
        assert first["recipe"] == "finance/credit-scoring"
        assert (first["run"], first["champion"], first["bytes"]) == ("1124-1405-k7", "scorecard", 519 * 1024)
        assert first["gates"] == {"passed": 2, "failed": 0}
        assert (last["champion"], last["metric"], last["started"]) == (None, None, "2025-11-24T14:05:30+00:00")


@pytest.fixture
def compared() -> Compared:
    """Return the comparison behind the terminal's picture in the design."""
    gate = {"metric": "calibration_error", "at_most": 0.05}
    return Compared(
        before=Recorded("finance/credit-scoring", "1124-1352-c2", Path("a")),
        after=Recorded("finance/credit-scoring", "1124-1405-k7", Path("b")),
        settings=(Change("changed", "models.scorecard.with.max_bins", "8", "6"),),
        versions=(),
        champions=("scorecard", "scorecard"),
        tables={"applications": "same"},
        sizes=({"applications": 1000}, {"applications": 1000}),
        split="same",
        numbers=(
            Number("AUC", 0.773, 0.771, Difference(-0.002, -0.006, 0.002, "no difference shown")),
            Number(
                "calibration error", 0.060, 0.049,
                Difference(-0.011, -0.03, 0.01, "no difference shown"),
                gate=("passed within its interval", "passed", gate),
            ),
            Number("value, DM", 19003.2, 18428.1, Difference(-575.1, -1726, 0, "no difference shown"), money=True),
        ),
        why_not="",
        moves=(Moves("decision", 295, 298, (("refer", "decline", 2), ("refer", "accept", 1))),),
        confidence=0.95,
    )  # fmt: skip


def diffed(compared, **look):
    return "".join(line + "\n" for line in diff_lines(compared, Look(**look)))


class TestDiff:
    def test_what_changed_and_what_came_of_it(self, compared):
        assert diffed(compared) == DIFF
        assert diffed(compared, width=120, fold=True) == DIFF

    def test_numbers_that_agree_in_every_redraw_are_the_same(self, compared):
        money = compared.numbers[2]
        ends = {"the same": (0.0, 0.0), "not shown": (0.0, 3.0)}
        for said, (low, high) in ends.items():
            one = replace(money, after=money.before, difference=Difference(0.0, low, high, "no difference shown"))
            (line,) = [line for line in diffed(replace(compared, numbers=(one,))).splitlines() if "value" in line]
            assert " ".join(line.split()) == f"value, DM 19,003 19,003 0 (0 to {'+3' if high else '0'}) {said}"

    def test_at_80_columns_what_does_not_fit_stands_below(self, compared):
        shown = diffed(compared, width=80, fold=True)
        gate = "gate ≤ 0.05: passed within its interval → passed"
        assert shown == DIFF.replace(f"    0.049   {gate}", f"    0.049\n{gate:>80}")
        assert max(map(cells, shown.splitlines())) == 80

    def test_in_a_narrow_terminal_a_long_verdict_stands_below_its_difference(self, compared):
        likely = Difference(-0.002, -0.006, 0.0001, "likely worse, not shown")
        longer = replace(compared, numbers=(replace(compared.numbers[0], difference=likely), *compared.numbers[1:]))
        lines = diffed(longer, width=80, fold=True).splitlines()
        assert max(map(cells, lines)) <= 80
        place = next(place for place, line in enumerate(lines) if line.startswith("  AUC"))
        assert lines[place + 1] == f"{'likely worse, not shown':>80}"
        assert "to 0.000)   likely worse, not shown" in diffed(longer, width=120, fold=True)

    def test_other_recipes_data_models_and_rows(self, compared):
        much = replace(
            compared,
            after=Recorded("finance/other", "1124-1405-k7", Path("b")),
            settings=(
                Change("changed", "models.forest.with.trees", "400", "200"),
                Change("added", "models.svm", "", "{use: learn.svm}"),
            ),
            versions=(Change("changed", "numpy", "2.1.0", "2.2.1"),),
            champions=("scorecard", "svm"),
            tables={"applications": "changed", "bureau": "changed", "payments": "added"},
            sizes=({"applications": 1000, "bureau": 300}, {"applications": 1200, "bureau": 300, "payments": 9}),
            split="other",
            numbers=(Number("AUC", 0.773, 0.771, None),),
            why_not="they judge different rows, 298 of 360 the same",
            moves=(Moves("decide", 250, 298, gone=10, new=5), Moves("limit", 1, 1)),
        )
        assert diffed(much) == DIFF_OF_MUCH

    def test_long_values_are_cut_in_a_terminal_and_whole_in_a_file(self, compared):
        long = replace(compared, settings=(Change("changed", "about", "a " * 60, "b " * 60),))
        assert max(map(cells, diffed(long, width=80, fold=True).splitlines()[:3])) <= 80
        assert "a " * 60 in diffed(long)

    def test_values_stand_below_a_path_that_leaves_them_no_room(self, compared):
        reasons = "actions.decision.with.reasons.present_residence_since"
        both = (Change("changed", reasons, "Time at the address", "Home"), Change("changed", "seed", "0", "1"))
        lines = diffed(replace(compared, settings=both), width=80, fold=True).splitlines()
        assert lines[1:4] == [
            f"  changed  {reasons}",
            "               Time at the address → Home",
            "  changed  seed    0 → 1",
        ]
        assert f"  changed  {reasons}    Time at the address → Home" in diffed(replace(compared, settings=both))

    def test_many_changes_are_counted(self, compared):
        many = replace(
            compared, settings=tuple(Change("changed", f"params.p{number}", "1", "2") for number in range(40))
        )
        lines = diffed(many).splitlines()
        assert lines[13] == "  changed  and 28 more; all of them with --json"

    def test_two_runs_that_are_the_same(self, compared):
        same = replace(compared, settings=(), numbers=(), moves=())
        assert diffed(same).splitlines()[1:] == ["  same     all settings, versions, 1,000 rows"]

    def test_the_difference_of_a_metric_with_a_target_is_explained(self, compared):
        slope = Number(
            "calibration slope", 0.79, 0.82, Difference(-0.03, -0.06, 0.03, "no difference shown"), target=1.0
        )
        shown = diffed(replace(compared, numbers=(slope,)))
        assert shown.endswith("  calibration slope is right at 1: its difference is that of the distances from there\n")

    def test_what_is_cut_without_unicode_fits_as_well(self, compared):
        long = replace(compared, settings=(Change("changed", "about", "a" * 90, "b" * 90),))
        line = diffed(long, width=80, fold=True, unicode=False).splitlines()[1]
        assert line == f"  changed  about    {'a' * 25}... -> {'b' * 25}..."

    def test_without_unicode(self, compared):
        shown = diffed(compared, unicode=False)
        assert shown.isascii()
        assert "models.scorecard.with.max_bins    8 -> 6" in shown

    def test_as_json(self, compared):
        told = diff_json(compared)
        assert told["before"] == {"recipe": "finance/credit-scoring", "run": "1124-1352-c2", "champion": "scorecard"}
        assert told["settings"] == [
            {"what": "changed", "path": "models.scorecard.with.max_bins", "before": "8", "after": "6"}
        ]
        assert told["numbers"][0] == {
            "label": "AUC", "before": 0.773, "after": 0.771, "difference": -0.002, "low": -0.006, "high": 0.002,
            "verdict": "no difference shown", "gate": None,
        }  # fmt: skip
        assert told["numbers"][1]["gate"] == {"before": "passed within its interval", "after": "passed"}
        assert told["decisions"][0]["moved"][0] == {"before": "refer", "after": "decline", "rows": 2}
