"""All forms of the split."""

from datetime import datetime, timedelta, timezone

import pytest
from telling import RIGHT

from sartor.durations import Duration
from sartor.recipe import load_text
from sartor.recipe.model import FoldSplit, GivenSplit, GroupSplit, HashRule, HashSplit, TimeSplit

CUT = datetime(2024, 1, 31)

SHARE = " | to mend: write a share such as 0.3"


@pytest.fixture
def split_of(project):
    def split_of(text):
        recipe, problems = load_text(RIGHT.replace("{hash: 0.3}", text), project=project, env={})
        assert problems == []
        return recipe.split

    return split_of


@pytest.mark.parametrize(
    ("text", "split"),
    [
        ("{hash: 0.3}", HashSplit(HashRule(share=0.3))),
        ("{hash: 0.3, salt: b}", HashSplit(HashRule(share=0.3, salt="b"))),
        ("{hash: {digest: md5, modulo: 5, test: [0]}}", HashSplit(HashRule(digest="md5", modulo=5, test=(0,)))),
        (
            "{hash: {digest: none, modulo: 10, test: [0, 9]}}",
            HashSplit(HashRule(digest="none", modulo=10, test=(0, 9))),
        ),
        ("{time: 2024-01-31}", TimeSplit(CUT)),
        ("{time: 2024-01-31, window: 4 weeks}", TimeSplit(CUT, window=Duration(4, "week"))),
        ("{time: '2024-01-31 18:30'}", TimeSplit(CUT + timedelta(hours=18, minutes=30))),
        (
            "{time: 2024-01-31T00:00:00+01:00}",
            TimeSplit(CUT.replace(tzinfo=timezone(timedelta(hours=1)))),
        ),
        (
            "{time: 2024-01-31, every: 1 week, origins: 26, refit: never}",
            TimeSplit(CUT, Duration(1, "week"), 26, "never"),
        ),
        (
            "{time: 2024-01-31, every: 1 month, origins: 3, refit: each}",
            TimeSplit(CUT, Duration(1, "month"), 3, "each"),
        ),
        ("{group: unit, test: 0.3}", GroupSplit("unit", HashRule(share=0.3))),
        (
            "{group: unit, test: {digest: md5, modulo: 4, test: [1]}}",
            GroupSplit("unit", HashRule(digest="md5", modulo=4, test=(1,))),
        ),
        ("{given: part, train: [a, b], test: [c]}", GivenSplit("part", ("a", "b"), ("c",))),
        ("{given: fold, train: [0, 1], test: [2]}", GivenSplit("fold", (0, 1), (2,))),
        ("{folds: 5, hash: {digest: md5}}", FoldSplit(5, "hash", digest="md5")),
        ("{folds: 5, average: mean, group: unit}", FoldSplit(5, "group", "unit", "mean")),
        ("{folds: 5, given: fold}", FoldSplit(5, "given", "fold")),
        (
            "{time: 2024-01-31, tune_on: {group: unit, test: 0.2}}",
            TimeSplit(CUT, tune_on=GroupSplit("unit", HashRule(share=0.2))),
        ),
        (
            "{folds: 3, given: fold, tune_on: {hash: 0.5}}",
            FoldSplit(3, "given", "fold", tune_on=HashSplit(HashRule(0.5))),
        ),
    ],
)
def test_each_form_of_the_split_becomes_a_record(split_of, text, split):
    assert split_of(text) == split


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "{hash: 30}",
            (
                "6:15 R068 the share of test rows must lie strictly between 0 and 1, got 30"
                " | to mend: write 0.3; 30 % is 0.3"
            ),
        ),
        (
            "{hash: -0.3}",
            "6:15 R068 the share of test rows must lie strictly between 0 and 1, got -0.3" + SHARE,
        ),
        (
            "{hash: 0}",
            "6:15 R068 the share of test rows must lie strictly between 0 and 1, got 0" + SHARE,
        ),
        (
            "{hash: 1.0}",
            "6:15 R068 the share of test rows must lie strictly between 0 and 1, got 1.0" + SHARE,
        ),
        (
            "{hash: 30%}",
            (
                "6:15 R062 the share of test rows must be a number between 0 and 1, got text '30%'"
                " | to mend: write 0.3; 30 % is 0.3"
            ),
        ),
        (
            "{hash: '0,3'}",
            "6:15 R062 the share of test rows must be a number between 0 and 1, got text '0,3' | to mend: write 0.3",
        ),
        ("0.3", "6:8 R062 split must be a mapping, got the number 0.3 | to mend: write split: {hash: 0.3}"),
        ("{hash: 0.3, sald: x}", "6:20 R060 'sald' is not a key of a split by hash | did you mean: salt"),
        (
            "{hash: {digest: sha256, modulo: 5, test: [0]}}",
            "6:24 R069 digest must be sha1, md5 or none, got text 'sha256' | did you mean: sha1",
        ),
        (
            "{hash: {digest: md5, modulo: 5}}",
            "6:9 R061 'test' is missing | to mend: write hash: {digest: md5, modulo: 5, test: [0]}",
        ),
        (
            "{hash: {modulo: 5, test: [5]}}",
            "6:34 R069 test must hold whole numbers from 0 to 4, got the number 5",
        ),
        (
            "{hash: {modulo: 2, test: [0, 1]}}",
            "6:34 R069 test holds every remainder by 2; nothing is left to learn from",
        ),
        (
            "{hash: {modulo: 5, test: 0}}",
            "6:33 R062 test must be a list, got the number 0 | to mend: write [0]",
        ),
        (
            "{hash: 0.3, time: 2024-01-31}",
            (
                "6:20 R071 a split by hash and time at once"
                " | to mend: keep one; an inherited rule is taken away by `hash: ~`"
            ),
        ),
        (
            "{tune_on: {hash: 0.3}}",
            (
                "6:9 R071 the split has no rule | one of: split: {hash: 0.3} | one of: split: {time: 2024-01-31}"
                " | one of: split: {group: COLUMN, test: 0.3} | one of: split: {given: COLUMN, train: [a], test: [b]}"
                " | one of: split: {folds: 5, group: COLUMN}"
            ),
        ),
        ("{hasch: 0.3}", "6:9 R060 'hasch' is not a key of a split | did you mean: hash"),
        (
            "{time: 31.01.2024}",
            (
                "6:15 R076 time must be a date, got text '31.01.2024'"
                " | to mend: write it like 2024-01-31 or 2024-01-31 18:30:00"
            ),
        ),
        (
            "{time: 2024-02-30}",
            "6:15 R076 there is no date 2024-02-30 | to mend: write it like 2024-01-31 or 2024-01-31 18:30:00",
        ),
        ("{time: 2024}", "6:15 R062 time must be a text, got the number 2024 | to mend: write '2024' in quotes"),
        (
            "{time: 2024-01-31, every: 7}",
            "6:34 R075 every must be a length of time in words, got the number 7 | to mend: write 7 days",
        ),
        (
            "{time: 2024-01-31, every: 1 fortnight}",
            (
                "6:34 R075 '1 fortnight' has no unit of time that is known"
                " | to mend: write it like 30 days, 1 week or 6 months"
            ),
        ),
        ("{time: 2024-01-31, every: 0 days}", "6:34 R075 every must be longer than nothing"),
        (
            "{time: 2024-01-31, origins: 3}",
            "6:27 R061 3 origins need 'every' | to mend: say how far apart they are: every: 1 week",
        ),
        (
            "{time: 2024-01-31, refit: often}",
            "6:34 R069 refit must be never or each, got text 'often'",
        ),
        (
            "{group: unit}",
            (
                "6:9 R061 a split by group needs the share of groups to test on, 'test'"
                " | to mend: write split: {group: COLUMN, test: 0.3}"
            ),
        ),
        (
            "{group: unit, test: 3}",
            (
                "6:28 R068 the share of test rows must lie strictly between 0 and 1, got 3"
                " | to mend: write 0.03; 3 % is 0.03"
            ),
        ),
        (
            "{given: part, test: [a]}",
            (
                "6:9 R061 a split by given values needs 'train'"
                " | to mend: write split: {given: COLUMN, train: [a], test: [b]}"
            ),
        ),
        (
            "{given: part, train: [a, b], test: [b]}",
            "6:44 R069 text 'b' is for training and for testing at once",
        ),
        ("{given: part, train: [a], test: []}", "6:40 R069 test must hold at least one value"),
        (
            "{folds: 5}",
            (
                "6:9 R071 folds need a rule"
                " | to mend: write one of hash: {digest: md5}, group: COLUMN, given: COLUMN beside folds"
            ),
        ),
        (
            "{folds: 5, group: a, given: b}",
            (
                "6:29 R071 folds by group and given at once"
                " | to mend: write one of hash: {digest: md5}, group: COLUMN, given: COLUMN beside folds"
            ),
        ),
        ("{folds: 1, group: a}", "6:16 R069 folds must be a whole number from 2 to 1,000, got 1"),
        (
            "{folds: 5, hash: 0.3}",
            (
                "6:25 R062 in folds hash must be a mapping, got the number 0.3"
                " | to mend: write hash: {digest: md5}; the fold is the digest modulo the number of folds"
            ),
        ),
        (
            "{folds: 5, average: median, group: a}",
            "6:28 R069 average must be pool or mean, got text 'median' | did you mean: mean",
        ),
        (
            "{folds: 5, group: a, time: 2024-01-31}",
            (
                "6:9 R071 a split by time and folds at once"
                " | to mend: keep one; an inherited rule is taken away by `time: ~`"
            ),
        ),
        (
            "{hash: 0.3, tune_on: {hash: 40}}",
            (
                "6:36 R068 the share of test rows must lie strictly between 0 and 1, got 40"
                " | to mend: write 0.4; 40 % is 0.4"
            ),
        ),
    ],
)
def test_what_is_wrong_in_a_split_is_said_at_its_place(told_of, text, expected):
    assert told_of("{hash: 0.3}", text) == [expected]
