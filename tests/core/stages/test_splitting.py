"""Which rows teach and which judge."""

from dataclasses import replace
from datetime import datetime

import numpy as np
import pandas as pd
import pytest

from sartor.durations import Duration
from sartor.errors import InputError
from sartor.recipe.model import FoldSplit, GivenSplit, GroupSplit, HashRule, HashSplit, TimeSplit
from sartor.rows import Training
from sartor.stages.splitting import origins_of, split, split_again

WEEK = Duration.parse("1 week")


def rows(n=100, **columns):
    return pd.DataFrame({"__row": range(n), **columns})


def all_known(frame):
    return np.ones(len(frame), dtype=bool)


def training_of(frame, rule):
    y = np.zeros(len(frame), dtype="int64")
    return Training(frame, frame[["__row"]], "probability", ("no", "yes"), y=y, split_again=split_again(rule))


def weekly(weeks=20, delay="0 days"):
    as_of = pd.Series(pd.date_range("2024-01-01", periods=weeks, freq="7D"))
    return rows(weeks, __as_of=as_of, __known_at=as_of + pd.Timedelta(delay))


def test_a_hash_split_gives_every_row_a_part():
    frame = rows(1000)
    (part,) = split(frame, HashSplit(HashRule(share=0.3)), all_known(frame)).rounds
    assert (part.train ^ part.test).all()
    assert part.test.sum() == 298


def test_rows_without_truth_neither_teach_nor_judge():
    frame = rows(1000)
    known = np.arange(1000) % 2 == 0
    (part,) = split(frame, HashSplit(HashRule(share=0.3)), known).rounds
    assert not (part.train | part.test)[~known].any()


def test_by_time_a_row_teaches_only_when_its_truth_was_known_at_the_cut():
    frame = weekly(20, delay="14 days")
    (part,) = split(frame, TimeSplit(datetime(2024, 3, 4)), all_known(frame)).rounds
    assert frame["__as_of"][part.test].min() == pd.Timestamp("2024-03-04")
    assert frame["__known_at"][part.train].max() == pd.Timestamp("2024-03-04")
    assert (~(part.train | part.test)).sum() == 1  # 26 February: asked before the cut, known after it


def test_by_time_with_windows_the_test_part_ends_with_the_last_window():
    frame = weekly(20)
    (part,) = split(frame, TimeSplit(datetime(2024, 3, 4), every=WEEK, origins=3), all_known(frame)).rounds
    assert frame["__as_of"][part.test].dt.strftime("%m-%d").tolist() == ["03-04", "03-11", "03-18"]


def test_a_window_forgets_what_became_known_before_it():
    frame = pd.DataFrame({"__row": range(8), "__as_of": pd.date_range("2024-03-01", periods=8)})
    frame["__known_at"] = frame["__as_of"] + pd.Timedelta(days=2)
    rule = TimeSplit(
        datetime(2024, 3, 6), every=Duration.parse("1 day"), origins=2, refit="each", window=Duration.parse("2 days")
    )
    first, second = split(frame, rule, all_known(frame)).rounds
    # At the cut on the 6th truths up to it are known, those of the 4th and before are too old.
    assert np.flatnonzero(first.train).tolist() == [2, 3]
    assert np.flatnonzero(first.test).tolist() == [5]
    assert np.flatnonzero(second.train).tolist() == [3, 4]
    (whole,) = split(frame, TimeSplit(datetime(2024, 3, 6), window=Duration.parse("1 day")), all_known(frame)).rounds
    assert np.flatnonzero(whole.train).tolist() == [3]


def test_refitting_at_each_origin_learns_up_to_that_origin():
    frame = weekly(20)
    parts = split(frame, TimeSplit(datetime(2024, 3, 4), every=WEEK, origins=3, refit="each"), all_known(frame))
    assert [part.name for part in parts.rounds] == ["2024-03-04", "2024-03-11", "2024-03-18"]
    assert [int(part.train.sum()) for part in parts.rounds] == [9, 10, 11]
    assert [int(part.test.sum()) for part in parts.rounds] == [1, 1, 1]


def test_months_are_added_to_the_first_cut_so_that_no_day_is_lost():
    origins = origins_of(TimeSplit(datetime(2024, 1, 31), every=Duration.parse("1 month"), origins=3))
    assert [f"{moment:%m-%d}" for moment in origins.moments()] == ["01-31", "02-29", "03-31"]


def test_a_time_split_of_rows_without_time_says_how_to_mend_it():
    frame = rows()
    with pytest.raises(InputError, match=r"the split goes by time and the rows of this task have none") as caught:
        split(frame, TimeSplit(datetime(2024, 1, 1)), all_known(frame))
    assert "give the task its date column" in str(caught.value)


def test_a_time_zone_of_the_rows_is_the_time_zone_of_the_cut():
    frame = rows(4, __as_of=pd.date_range("2024-01-01", periods=4, freq="D", tz="Europe/Rome"))
    (part,) = split(frame, TimeSplit(datetime(2024, 1, 3)), all_known(frame)).rounds
    assert part.test.tolist() == [False, False, True, True]


class TestAPartWithoutRows:
    """Weekly rows from 1 January to 13 May 2024."""

    def refused(self, frame, *rule, known=None, **more):
        with pytest.raises(InputError) as caught:
            split(frame, TimeSplit(*rule, **more), all_known(frame) if known is None else known)
        (problem,) = caught.value.problems
        assert problem.code == "D031"
        return problem.message, problem.hints[0][1]

    def test_a_cut_before_all_rows_leaves_none_to_learn_from(self):
        message, mend = self.refused(weekly(20), datetime(2023, 12, 1))
        assert message == (
            "the split leaves no row to learn from: the cut is 2023-12-01, "
            "and rows are asked from 2024-01-01 to 2024-05-13"
        )
        assert mend == "choose a cut later than 2024-01-01, and no later than 2024-05-13: split: {time: DATE}"

    def test_a_cut_after_all_rows_leaves_none_to_judge_by(self):
        message, mend = self.refused(weekly(20), datetime(2025, 1, 1, 12, 30))
        assert message == (
            "the split leaves no row to judge by: the cut is 2025-01-01 12:30, "
            "and rows are asked from 2024-01-01 to 2024-05-13"
        )
        assert mend == "choose a cut later than 2024-01-01, and no later than 2024-05-13: split: {time: DATE}"

    def test_a_truth_that_comes_late_is_said(self):
        message, mend = self.refused(weekly(20, delay="30 days"), datetime(2024, 1, 15))
        assert message.endswith("from 2024-01-01 to 2024-05-13, and the first truth is known on 2024-01-31")
        assert mend.startswith("choose a cut later than 2024-01-31, and no later than 2024-05-13")

    def test_a_truth_that_comes_after_the_last_row_leaves_no_cut(self):
        _, mend = self.refused(weekly(20, delay="300 days"), datetime(2024, 3, 4))
        assert mend == (
            "no cut has rows on both sides, as no truth is known by 2024-05-13, when the last row is asked: "
            "take rows of a longer time, or split by hash"
        )

    def test_a_truth_that_is_known_with_the_last_row_leaves_one_cut(self):
        frame = weekly(20, delay=f"{19 * 7} days")
        _, mend = self.refused(frame, datetime(2024, 3, 4))
        assert mend == "one cut alone has rows on both sides: split: {time: 2024-05-13}"
        assert split(frame, TimeSplit(datetime(2024, 5, 13)), all_known(frame)).rounds[0].train.sum() == 1

    def test_rows_of_one_moment_cannot_be_cut(self):
        _, mend = self.refused(weekly(1), datetime(2024, 1, 1))
        assert mend.startswith("all rows are asked at one moment, so no cut has rows on both sides: split by hash")

    def test_windows_say_where_they_end(self):
        message, _ = self.refused(weekly(20), datetime(2023, 1, 1), every=WEEK, origins=3)
        assert "the cut is 2023-01-01, its windows end before 2023-01-22, and rows are asked from 2024" in message
        message, _ = self.refused(weekly(20), datetime(2025, 1, 1), every=WEEK, origins=3, refit="each")
        assert message.startswith("the split leaves no row to judge by: the cut is 2025-01-01, its windows end before ")

    def test_a_window_that_has_nothing_to_learn_from_is_named(self):
        message, _ = self.refused(weekly(20), datetime(2024, 1, 1), every=WEEK, origins=2, refit="each")
        assert message.startswith("the split leaves no row to learn from in 2024-01-01: the cut is 2024-01-01, ")

    def test_rows_without_a_truth_do_not_count(self):
        frame = weekly(20)
        message, _ = self.refused(frame, datetime(2024, 3, 4), known=np.arange(20) < 3)
        assert message.endswith("and rows with a truth are asked from 2024-01-01 to 2024-01-15")


def test_groups_stay_together():
    frame = rows(300, unit=np.repeat(np.arange(30), 10))
    (part,) = split(frame, GroupSplit("unit", HashRule(share=0.3)), all_known(frame)).rounds
    assert not set(frame["unit"][part.train]) & set(frame["unit"][part.test])
    assert part.test.any()
    assert part.train.any()


def test_a_given_column_decides_and_other_values_are_the_gap():
    frame = rows(4, site=["rome", "paris", "oslo", "rome"])
    (part,) = split(frame, GivenSplit("site", ("rome",), ("paris",)), all_known(frame)).rounds
    assert part.train.tolist() == [True, False, False, True]
    assert part.test.tolist() == [False, True, False, False]


def test_a_value_that_a_given_column_does_not_hold_is_named():
    frame = rows(2, site=["rome", "paris"])
    with pytest.raises(InputError, match=r"the split names 'pairs', and column 'site' holds 'paris', 'rome'"):
        split(frame, GivenSplit("site", ("rome",), ("pairs",)), all_known(frame))


@pytest.mark.parametrize(
    "rule",
    [FoldSplit(5, "hash"), FoldSplit(5, "group", "unit"), FoldSplit(5, "given", "fold")],
    ids=["hash", "group", "given"],
)
def test_in_folds_every_row_judges_once(rule):
    frame = rows(500, unit=np.arange(500) // 10, fold=np.arange(500) % 5)
    parts = split(frame, rule, all_known(frame))
    assert sum(part.test.astype(int) for part in parts.rounds).tolist() == [1] * 500
    assert all(not (part.train & part.test).any() for part in parts.rounds)


def test_folds_by_hash_are_the_md5_of_the_key_modulo_their_number():
    frame = rows(920)
    parts = split(frame, FoldSplit(5, "hash"), all_known(frame))
    import hashlib

    first = [int(hashlib.md5(str(key).encode()).hexdigest(), 16) % 5 == 0 for key in range(920)]
    assert parts.rounds[0].test.tolist() == first


def test_an_empty_part_says_so():
    frame = weekly(5)
    with pytest.raises(InputError, match=r"the split leaves no row to judge by"):
        split(frame, TimeSplit(datetime(2030, 1, 1)), all_known(frame))


@pytest.mark.parametrize(
    "rule",
    [
        HashSplit(HashRule(share=0.3)),
        HashSplit(HashRule(modulo=5, test=(0,), digest="md5")),
        GroupSplit("unit", HashRule(share=0.3)),
        FoldSplit(5, "group", "unit"),
        GivenSplit("fold", (0, 1, 2), (3, 4)),
    ],
    ids=lambda rule: type(rule).__name__,
)
def test_split_again_leaves_both_parts_and_splits_otherwise_at_each_level(rule):
    frame = rows(500, unit=np.arange(500) // 5, fold=np.arange(500) % 5)
    (first, *_) = split(frame, rule, all_known(frame)).rounds
    training = training_of(frame, rule).take(first.train)
    learn, validate = training.inner()
    assert len(learn) + len(validate) == len(training)
    assert len(validate) > 0.05 * len(training)
    deeper, _ = learn.inner()
    assert 0.3 * len(training) < len(deeper) < len(learn)


def test_split_again_never_sees_a_test_row():
    rule = HashSplit(HashRule(share=0.3))
    frame = rows(1000)
    (part,) = split(frame, rule, all_known(frame)).rounds
    learn, validate = training_of(frame, rule).take(part.train).inner()
    seen = set(learn.rows["__row"]) | set(validate.rows["__row"])
    assert not seen & set(frame["__row"][part.test])


def test_groups_stay_together_when_split_again():
    rule = GroupSplit("unit", HashRule(share=0.3))
    frame = rows(500, unit=np.arange(500) // 5)
    learn, validate = training_of(frame, rule).inner()
    assert not set(learn.rows["unit"]) & set(validate.rows["unit"])


def test_groups_of_the_task_stay_together_inside_a_given_part():
    rule = GivenSplit("part", ("train",), ("test",))
    frame = rows(600, part="train", __group=np.arange(600) // 6)
    learn, validate = training_of(frame, rule).inner()
    assert not set(learn.rows["__group"]) & set(validate.rows["__group"])
    assert len(validate) == pytest.approx(150, abs=60)


def test_tune_on_is_the_rule_at_deeper_levels_too():
    rule = TimeSplit(datetime(2024, 4, 1), every=WEEK, origins=4, tune_on=GroupSplit("unit", HashRule(share=0.3)))
    frame = weekly(20).assign(unit=np.arange(20) // 2)
    training = training_of(frame, rule)
    for level in (0, 1, 2):
        learn, validate = replace(training, level=level).inner()
        assert not set(learn.rows["unit"]) & set(validate.rows["unit"])


def test_a_time_rule_moves_its_cut_back_by_its_window_and_keeps_the_delay():
    rule = TimeSplit(datetime(2024, 4, 1), every=WEEK, origins=4)
    frame = weekly(20, delay="7 days")
    (part,) = split(frame, rule, all_known(frame)).rounds
    learn, validate = training_of(frame, rule).take(part.train).inner()
    cut = validate.rows["__as_of"].min()
    assert (learn.rows["__known_at"] <= cut).all()
    assert validate.rows["__as_of"].nunique() == 4  # as many weeks as the test window has
    assert validate.rows["__as_of"].max() < pd.Timestamp("2024-04-01")


def test_tune_on_is_the_rule_inside_the_training_part():
    rule = HashSplit(HashRule(share=0.3), tune_on=GivenSplit("year", (2020,), (2021,)))
    frame = rows(100, year=np.where(np.arange(100) < 60, 2020, 2021))
    learn, validate = training_of(frame, rule).inner()
    assert set(learn.rows["year"]) == {2020}
    assert set(validate.rows["year"]) == {2021}
    assert learn.inner()[1].rows["year"].eq(2020).all()


def test_too_few_rows_to_split_again_is_said():
    rule = HashSplit(HashRule(share=0.3))
    with pytest.raises(InputError, match=r"too few training rows to split again"):
        training_of(rows(1), rule).inner()
