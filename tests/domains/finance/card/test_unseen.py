"""What training never saw is loud, and a row of which nothing is known is never scored."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from cards import answers, chances, homes, scoring, training

from sartor_domains.finance.scorecard import Scorecard


def houses(**more):
    """Like `homes`, with a size that tells something as well."""
    X = {"home": ["own"] * 100 + ["rent"] * 100, "size": ([3.0] * 50 + [1.0] * 50) * 2}
    good_of_50 = (45, 35, 20, 5)
    return training(X, [flag for good in good_of_50 for flag in [0] * good + [1] * (50 - good)], **more)


class TestUnseen:
    def test_an_unseen_level_counts_neither_for_nor_against(self, context):
        card = Scorecard(penalty=0, decimals=6, fewest_known=0).fit(homes(), context)
        assert chances(card, {"home": ["tent", "own"]}) == pytest.approx([0.5, 0.2], abs=1e-6)
        assert card.points(pd.DataFrame({"home": ["tent"]})).loc[0, "home"] == pytest.approx(0, abs=1e-6)

    def test_it_is_told_once_with_its_column_and_count(self, context, cautions):
        card = Scorecard(fewest_known=0).fit(homes(), context)
        cautions()
        for _ in range(2):
            chances(card, {"home": ["houseboat"] * 3 + ["own"]})
        assert cautions() == [
            "home holds 1 level that training never saw, in 3 rows ('h...t'): counted neither for nor against"
        ]

    def test_a_level_of_many_is_told_in_full_and_of_few_masked_and_the_list_ends(self, context, cautions):
        card = Scorecard(fewest_known=0).fit(homes(), context)
        cautions()
        rare = [f"The house of {name}" for name in ("Anna", "Bert", "Cara", "Dora", "Emil")]
        chances(card, {"home": [*rare, *["caravan"] * 12]})
        (told,) = cautions()
        assert told.startswith("home holds 6 levels that training never saw, in 17 rows (")
        assert told.endswith("('caravan', 'T...a', 'T...t', 'T...a' and 2 more): counted neither for nor against")

    def test_a_stream_of_new_levels_does_not_talk_for_ever(self, context, cautions):
        card = Scorecard(fewest_known=0).fit(homes(), context)
        cautions()
        for number in range(10):
            chances(card, {"home": [f"house number {number}"]})
        told = cautions()
        assert len(told) == 3
        assert told[-1].endswith("counted neither for nor against, and no more is told of it")

    def test_an_unseen_level_is_not_taken_for_missing(self, context, cautions):
        column = ["own"] * 50 + ["rent"] * 50 + [None] * 40
        bad = [0] * 40 + [1] * 10 + [0] * 25 + [1] * 25 + [0] * 4 + [1] * 36
        card = Scorecard(penalty=0, decimals=6, fewest_known=0).fit(training({"home": column}, bad), context)
        unseen, missing = chances(card, {"home": ["tent", None]})
        assert missing == pytest.approx(0.9, abs=1e-5)
        # A weight of evidence of 0 stands for the odds of all, 69 good to 71 bad.
        assert unseen == pytest.approx(71 / 140, abs=1e-3)
        assert "home holds 1 level" in cautions()[-1]

    def test_missing_values_that_training_never_had_are_told_too(self, context, cautions):
        card = Scorecard(fewest_known=0).fit(homes(), context)
        cautions()
        chances(card, {"home": [None, "own"]})
        assert cautions() == [
            "home is missing in 1 row, and was never missing in training: counted neither for nor against"
        ]

    def test_a_level_that_is_called_missing_is_a_level(self, context, cautions):
        card = Scorecard(fewest_known=0).fit(homes(), context)
        cautions()
        chances(card, {"home": ["missing"] * 10 + [None]})
        (told,) = cautions()
        assert "1 level that training never saw, in 10 rows ('missing'), and is missing in 1 row" in told

    def test_a_special_code_that_training_never_had_is_told_in_full(self, context, cautions):
        X = {"days": [1.0] * 100 + [9.0] * 100}
        card = Scorecard(special_codes={"days": [999]}, fewest_known=0).fit(
            training(X, [0] * 80 + [1] * 20 + [0] * 20 + [1] * 80), context
        )
        cautions()
        chances(card, {"days": [999.0, 5.0]})
        assert cautions() == [
            "days holds 1 number that training never saw, in 1 row ('999'): counted neither for nor against"
        ]

    def test_a_loaded_card_tells_the_log(self, context, tmp_path, caplog):
        (tmp_path / "saved").mkdir()
        Scorecard().fit(homes(), context).save(tmp_path / "saved")
        chances(Scorecard().load(tmp_path / "saved"), {"home": ["tent"]})
        assert "home holds 1 level that training never saw, in 1 row ('...')" in caplog.text


class TestCannotScore:
    def test_a_row_that_tells_nothing_has_no_score_and_the_base_rate(self, context):
        card = Scorecard().fit(houses(), context)
        said = answers(card, {"home": ["own", None, "tent", None], "size": [3.0, np.nan, np.nan, 3.0]})
        assert said["status"].isna().tolist() == [True, False, False, True]
        assert said["status"][1] == said["status"][2] == "cannot score"
        assert said["score"].isna().tolist() == [False, True, True, False]
        assert said["probability"][1] == said["probability"][2] == 95 / 200
        assert said["probability"][0] < 0.2

    def test_it_is_told_once(self, context, cautions):
        card = Scorecard().fit(houses(), context)
        cautions()
        for _ in range(2):
            answers(card, {"home": ["own", None], "size": [3.0, np.nan]})
        assert cautions()[-1] == (
            "1 of 2 rows cannot be scored: what the scorecard asks is missing, a special code or unseen in training"
        )

    def test_missing_values_that_training_had_are_no_information_either(self, context):
        column = ["own"] * 50 + ["rent"] * 50 + [None] * 40
        bad = [0] * 40 + [1] * 10 + [0] * 25 + [1] * 25 + [0] * 4 + [1] * 36
        card = Scorecard().fit(training({"home": column}, bad), context)
        said = answers(card, {"home": ["own", None]})
        assert said["status"].tolist()[1] == "cannot score"
        assert said["probability"][1] == pytest.approx(71 / 140)

    def test_special_codes_are_no_information_either(self, context):
        X = {"days": [1.0] * 60 + [9.0] * 60 + [999.0] * 40, "visits": [0.0] * 60 + [5.0] * 60 + [-1.0] * 40}
        bad = [0] * 50 + [1] * 10 + [0] * 10 + [1] * 50 + [0] * 36 + [1] * 4
        card = Scorecard(special_codes={"days": [999], "visits": [-1]}).fit(training(X, bad), context)
        said = answers(card, {"days": [999.0, 999.0, 1.0], "visits": [-1.0, 5.0, -1.0]})
        assert said["status"].isna().tolist() == [False, True, True]

    def test_more_can_be_asked_for_and_nothing(self, context):
        rows = {"home": ["own", "own", None], "size": [3.0, np.nan, np.nan]}
        two = Scorecard(fewest_known=2).fit(houses(), context)
        assert answers(two, rows)["status"].isna().tolist() == [True, False, False]
        none = Scorecard(fewest_known=0).fit(houses(), context)
        assert answers(none, rows)["status"].isna().tolist() == [True, True, True]

    def test_nothing_is_added_for_a_row_that_cannot_be_scored(self, context):
        card = Scorecard().fit(houses(), context)
        added = card.explain(scoring({"home": ["tent", "own"], "size": [np.nan, 3.0]}))
        assert added.loc[0].tolist() == [0.0, 0.0]
        assert added.loc[1, "home"] < 0

    def test_a_card_of_nothing_can_score_no_one(self, context):
        card = Scorecard().fit(training({"same": ["x"] * 40}, [0] * 30 + [1] * 10), context)
        said = answers(card, {"same": ["x"]})
        assert said["status"].tolist() == ["cannot score"]
        assert said["probability"].tolist() == [0.25]

    def test_the_probability_stays_finite_so_that_every_row_is_judged(self, context):
        card = Scorecard().fit(houses(), context)
        assert np.isfinite(answers(card, {"home": [None], "size": [np.nan]})["probability"]).all()
