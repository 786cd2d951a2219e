"""What the tasks and models of learn say in a report: numbers to check by hand, and nothing of few rows."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from sartor.context import Context
from sartor.rows import Judged, Training
from sartor.stages.section_contract import problem_of
from sartor.stages.section_writing import written
from sartor_plugins.learn.telling import bands, chances, classes, features, numbers


def of_chances(truth, said, learned=None):
    truth, rows = np.asarray(truth), pd.DataFrame({"__row": range(len(truth))})
    predictions = pd.DataFrame({"probability": np.asarray(said, dtype="float64")})
    taught = None
    if learned is not None:
        taught = Training(rows.iloc[:0], pd.DataFrame(), "probability", y=np.asarray(learned))
        taught = replace(taught, rows=pd.DataFrame({"__row": range(len(learned))}))
    return Judged(truth, predictions, rows, ("good", "bad"), taught)


def told(sections, name):
    return next(section for section in sections if section.id == name)


# Twenty rows are told 0.2 and four of them are bad; twenty are told 0.8 and sixteen are.
TRUTH = [1] * 4 + [0] * 16 + [1] * 16 + [0] * 4
SAID = [0.2] * 20 + [0.8] * 20


class TestChances:
    def test_calibration_stands_in_bands_of_equal_answers_with_what_happened(self):
        found = told(chances.sections(of_chances(TRUTH, SAID), Context()), "calibration")
        lines = found.figure.table.lines
        assert [(round(line[0], 9), line[1][0], line[2]) for line in lines] == [(0.2, 0.2, 20), (0.8, 0.8, 20)]
        assert found.sentence.startswith(
            "Over all rows 50 of 100 were said, and 50 of 100 happened. In **2 of 2 bands**"
        )

    def test_chances_that_are_too_high_are_told_so(self):
        found = told(chances.sections(of_chances([0] * 40 + [1] * 2, [0.9] * 42), Context()), "calibration")
        assert "90 of 100 were said, and 5 of 100 happened. In **0 of 1 bands**" in found.sentence

    def test_a_cut_off_is_told_beside_a_coin(self):
        found = told(chances.sections(of_chances(TRUTH, SAID), Context()), "cut-offs")
        assert found.sentence == (
            "Where it tells most apart, it **catches 80 of 100 “bad” and picks 20 of 100 “good”** (KS 0.600). "
            "A coin that picks as many rows would catch 50 of 100 of either."
        )
        assert [line[:2] for line in found.figure.table.lines] == [[0.0, 0.0], [0.2, 0.8], [1.0, 1.0]]

    def test_the_cut_off_that_tells_most_apart_lies_on_the_curve(self):
        rng = np.random.default_rng(0)
        truth = rng.integers(0, 2, 500)
        found = told(chances.sections(of_chances(truth, 0.3 * truth + rng.random(500)), Context()), "cut-offs")
        mark = found.figure.spec["layer"][2]["encoding"]
        points = [(line[0], line[1]) for line in found.figure.table.lines]
        assert (mark["x"]["datum"], mark["y"]["datum"]) in points

    def test_no_step_of_a_curve_and_no_bar_tells_of_fewer_rows_than_allowed(self):
        rng = np.random.default_rng(0)
        judged = of_chances(rng.integers(0, 2, 500), rng.random(500))
        for section in chances.sections(judged, Context(smallest_group=20)):
            counts = section.figure.table.counts
            assert all(count == 0 or count >= 20 for count in counts)
            assert written(section, 20)["figure"]["table"]["left_out"] == 0

    def test_the_base_rate_is_that_of_the_rows_that_were_learned_from(self):
        judged = of_chances(TRUTH, SAID, learned=[1, 0, 0, 0] * 10)
        assert told(chances.sections(judged, Context()), "answers").sentence == (
            "The middle “bad” was told **80 of 100**, the middle “good” 20; the base rate tells everyone 25."
        )

    def test_an_event_that_became_more_frequent_is_a_caution(self):
        judged = of_chances(TRUTH, SAID, learned=[1] + [0] * 99)
        (caution,) = [one for one in chances.sections(judged, Context()) if one.id == "moved"]
        assert caution.sentence.startswith(
            "“bad” is **more frequent than in the rows that were learned from**: 50 of 100 against 1.0."
        )

    @pytest.mark.parametrize("truth", [[1] * 40, [0] * 40, TRUTH[:9]])
    def test_of_one_class_or_of_few_rows_nothing_is_told(self, truth):
        assert list(chances.sections(of_chances(truth, [0.5] * len(truth)), Context())) == []

    def test_every_section_keeps_the_contract(self):
        judged = of_chances(TRUTH, SAID, learned=[1, 0] * 50)
        assert [problem_of(section) for section in chances.sections(judged, Context())] == ["", "", ""]


class TestClasses:
    def test_each_is_told_with_its_interval_and_what_it_is_taken_for(self):
        truth = np.array([0] * 30 + [1] * 20 + [2] * 15)
        right = np.eye(3)[np.where(np.arange(65) < 12, 1, truth)]
        judged = Judged(truth, pd.DataFrame(right), pd.DataFrame(), ("red", "green", "blue"))
        (section,) = classes.sections(judged, Context())
        lines = section.table.lines
        assert [line[0] for line in lines] == ["red", "green", "blue"]
        assert (lines[0][1], lines[0][2][0], lines[0][3]) == (30, 0.6, "green")
        assert lines[1][3] == "–"
        assert section.sentence == "It names **82 of 100 rightly**; always naming the commonest class would name 46."
        assert problem_of(section) == ""


class TestNumbers:
    def judged(self, off=2.0):
        truth = np.arange(100.0)
        return Judged(truth, pd.DataFrame({"number": truth + off}), pd.DataFrame())

    def test_bias_is_told_with_its_interval(self):
        found = told(numbers.sections(self.judged(), Context()), "said-against-real")
        assert found.sentence.startswith(
            "On average it says **2 too much** (2 too much to 2 too much; right would be 0)."
        )

    def test_how_far_off_is_told_beside_the_mean_of_what_was_learned_from(self):
        taught = Training(pd.DataFrame({"__row": [0, 1]}), pd.DataFrame(), "number", y=np.array([40.0, 60.0]))
        judged = replace(self.judged(off=-3.0), learned_from=taught)
        said = told(numbers.sections(judged, Context()), "errors").sentence
        assert said == "Nine in ten answers are at most **3 off**; the mean of what was learned from would be 45 off."

    def test_every_section_keeps_the_contract(self):
        assert [problem_of(section) for section in numbers.sections(self.judged(), Context())] == ["", ""]


class TestWhatMovesTheAnswers:
    def test_the_widest_comes_first_and_the_rest_is_one_line(self):
        explained = pd.DataFrame({f"column {place}": [place, -place] * 10 for place in range(20)}, dtype="float64")
        section = features.moves(explained, Context(), "in log-odds")
        lines = section.table.lines
        assert [line[0] for line in lines[:2]] == ["column 19", "column 18"]
        assert (lines[0][1], lines[0][2]) == (19.0, 19 / 190)
        assert lines[-1][:2] == ["the other 5", 10.0]
        assert section.sentence.startswith("**6 of 20 features move the answers as much as all others together.**")
        assert problem_of(section) == ""


def test_the_interval_of_a_share_is_wilsons():
    # Wilson 1927; the numbers of a published table for 8 of 10.
    assert bands.wilson(8, 10) == pytest.approx((0.4902, 0.9433), abs=1e-4)
    assert bands.wilson(0, 20)[0] == 0.0
    assert bands.wilson(20, 20)[1] == 1.0


def test_equal_values_stay_in_one_band():
    places = bands.equal_bands(np.array([1.0] * 30 + [2.0] * 5 + [3.0] * 30), bands=4, smallest=10)
    assert [len(place) for place in places] == [30, 35]
