"""Features that tell the outcome by themselves."""

import numpy as np
import pandas as pd
import pytest

from sartor.errors import InputError
from sartor.evidence.leaks import check_leaks, find_leaks, parts_of_truth

CLASSES = ("good", "bad")


@pytest.fixture
def outcome():
    return (np.random.default_rng(0).random(1000) < 0.2).astype("int64")


def leaks(X, y, classes=CLASSES, strong=()):
    return {leak.feature: leak.how for leak in find_leaks(pd.DataFrame(X), y, classes, frozenset(strong))}


def test_a_copy_of_the_outcome_is_found_and_honest_noise_is_not(outcome):
    noise = np.random.default_rng(1).normal(size=1000)
    found = leaks({"copy": outcome * 2.0 + 1, "upside_down": -outcome, "noise": noise}, outcome)
    assert set(found) == {"copy", "upside_down"}
    assert found["copy"] == "alone it has AUC 1.000 on 1,000 training rows"


def test_a_strong_but_honest_score_passes(outcome):
    score = outcome + np.random.default_rng(1).normal(scale=0.5, size=1000)
    assert not leaks({"score": score}, outcome)


def test_a_rare_flag_with_a_certain_outcome_is_found(outcome):
    flag = np.zeros(1000)
    flag[np.flatnonzero(outcome)[:40]] = 1
    found = leaks({"flag": flag}, outcome)
    assert found["flag"].startswith(
        "where it is 1 (40 of 1,000 training rows) the outcome is 'bad' in 40, against 19 % in all"
    )


def test_a_column_filled_only_when_the_event_occurred_is_found(outcome):
    filled = pd.Series(np.nan, index=range(1000))
    places = np.flatnonzero(outcome)[:60]
    filled[places] = np.random.default_rng(1).normal(size=60)
    assert "where it is present (60 of 1,000 training rows)" in leaks({"chapter": filled}, outcome)["chapter"]


def test_a_rare_level_of_the_common_class_proves_nothing():
    y = np.zeros(2000, dtype="int64")
    y[:20] = 1
    terminal = np.where(np.arange(2000) >= 1900, "quiet", "busy")
    assert not leaks({"terminal": terminal}, y)


def test_a_text_that_names_the_outcome_is_found(outcome):
    assert "status" in leaks({"status": np.where(outcome == 1, "charged off", "paid")}, outcome)


def test_many_levels_of_few_rows_are_no_leak(outcome):
    towns = np.random.default_rng(2).integers(0, 400, size=1000).astype(str)
    assert not leaks({"town": towns}, outcome)


def test_one_class_told_of_several_is_found():
    y = np.random.default_rng(0).integers(0, 3, size=900)
    assert "is_c" in leaks({"is_c": (y == 2) * 1.0}, y, classes=("a", "b", "c"))


def test_in_a_regression_a_rescaled_target_is_found():
    y = np.random.default_rng(0).lognormal(size=500)
    assert "gross" in leaks({"gross": y * 1.2, "half": y + np.random.default_rng(1).lognormal(size=500)}, y, classes=())


def test_declared_strong_features_are_let_through(outcome):
    assert not leaks({"bureau": outcome.astype(float)}, outcome, strong=["bureau"])


def test_the_error_says_how_to_keep_it_away_and_how_to_declare_it(outcome):
    with pytest.raises(InputError, match=r"feature 'copy' tells the outcome by itself: alone it has AUC") as caught:
        check_leaks(pd.DataFrame({"copy": outcome * 1.0}), outcome, CLASSES, frozenset())
    assert "never: [copy]" in str(caught.value)
    assert "expected_strong: [copy]" in str(caught.value)


def test_missing_values_and_constant_columns_are_no_trouble(outcome):
    assert not leaks({"empty": np.full(1000, np.nan), "one": np.ones(1000), "text": ["x"] * 1000}, outcome)


def test_a_rank_correlation_and_an_auc_are_those_of_scipy():
    from scipy.stats import mannwhitneyu, spearmanr

    from sartor.evidence.ranking import Ranking

    rng = np.random.default_rng(4)
    y = rng.integers(0, 2, size=300)
    scores = np.round(y + rng.normal(scale=0.15, size=300), 1)
    auc = mannwhitneyu(scores[y == 1], scores[y == 0]).statistic / ((y == 1).sum() * (y == 0).sum())
    (ranked,) = Ranking(y, CLASSES).of_numbers(pd.DataFrame({"score": -scores}))
    assert ranked.strong == f"alone it has AUC {auc:.3f} on 300 training rows"
    target = rng.normal(size=300)
    near = np.round(target + rng.normal(scale=0.02, size=300), 2)
    (ranked,) = Ranking(target, ()).of_numbers(pd.DataFrame({"near": near}))
    correlation = spearmanr(near, target).statistic
    assert ranked.strong == f"its rank correlation with the target is {correlation:.3f} on 300 training rows"


def test_thousands_of_columns_are_looked_at_together(outcome):
    noise = np.random.default_rng(5).normal(size=(1000, 3000))
    noise[:, 1234] = outcome + np.random.default_rng(6).normal(scale=0.01, size=1000)
    found = leaks({f"gene_{place}": noise[:, place] for place in range(3000)}, outcome)
    assert list(found) == ["gene_1234"]


def contacts(rows=4000, seed=0):
    """Return how often customers called, and who left: the more calls the more leave, and all of those with six."""
    counts = np.random.default_rng(seed).choice(7, size=rows, p=[0.05, 0.15, 0.3, 0.33, 0.13, 0.033, 0.007])
    leave = np.array([0.02, 0.07, 0.13, 0.2, 0.23, 0.34, 1.0])[counts]
    return counts, (np.random.default_rng(seed + 1).random(rows) < leave).astype("int64")


class TestWhatIsSuspiciousOnly:
    def test_the_rare_end_of_a_slope_of_counts_is_a_caution(self):
        counts, left = contacts()
        sixes = int((counts == 6).sum())
        (leak,) = find_leaks(pd.DataFrame({"calls": counts}), left, ("stayed", "left"), frozenset())
        assert not leak.stops
        assert leak.how == (
            f"where it is 6 ({sixes} of 4,000 training rows) the outcome is 'left' in {sixes}, "
            f"against {100 * left.mean():.0f} % in all"
        )

    def test_the_lower_end_of_a_slope_is_a_caution_too(self):
        counts, left = contacts()
        (leak,) = find_leaks(pd.DataFrame({"balance": 60.0 - 10 * counts}), left, ("stayed", "left"), frozenset())
        assert (leak.stops, leak.how.partition(" (")[0]) == (False, "where it is 0")

    def test_a_caution_names_the_value_and_how_to_declare_it(self):
        counts, left = contacts()
        heard = []
        check_leaks(pd.DataFrame({"calls": counts}), left, ("stayed", "left"), frozenset(), caution=heard.append)
        (text,) = heard
        assert text.startswith("feature 'calls' may tell the outcome by itself: where it is 6 (")
        assert text.endswith(
            "If it is honest, declare it where it comes from, expected_strong: [calls]; "
            "if it leaks, keep it away, never: [calls]"
        )
        check_leaks(
            pd.DataFrame({"calls": counts}), left, ("stayed", "left"), frozenset(["calls"]), caution=heard.append
        )
        assert len(heard) == 1

    def test_a_level_of_few_rows_is_a_caution(self):
        _, left = contacts()
        shops = np.random.default_rng(3).choice(["north", "south", "east"], size=4000)
        shops[np.flatnonzero(left)[:25]] = "shut"
        (leak,) = find_leaks(pd.DataFrame({"shop": shops}), left, ("stayed", "left"), frozenset())
        assert (leak.stops, leak.how.partition(" (")[0]) == (False, "where it is 'shut'")


class TestWhatStops:
    """Leaks planted into rows of which about 17 in 100 have the outcome."""

    def stops(self, column, y):
        found = find_leaks(pd.DataFrame({"column": column}), y, ("stayed", "left"), frozenset())
        return [leak.how.partition(" (")[0].partition(" on ")[0] for leak in found if leak.stops]

    @pytest.mark.parametrize("share", [0.01, 0.015, 0.02])
    def test_a_flag_set_afterwards_on_one_to_two_rows_of_a_hundred(self, share):
        _, left = contacts()
        rng = np.random.default_rng(4)
        flag = np.zeros(4000)
        flag[rng.choice(np.flatnonzero(left), size=int(share * 4000), replace=False)] = 1
        # One in a hundred of them is wrong.
        if share > 0.015:
            flag[np.flatnonzero(left == 0)[0]] = 1
        assert self.stops(flag, left) == ["where it is 1"]
        assert self.stops(flag.astype(bool), left) == ["where it is True"]
        assert self.stops(np.where(flag == 1, "closed", "open"), left) == ["where it is 'closed'"]

    def test_a_code_among_others_that_no_slope_leads_to(self):
        _, left = contacts()
        code = np.random.default_rng(5).choice([1, 2, 4, 5], size=4000)
        code[np.flatnonzero(left)[:60]] = 3
        assert self.stops(code, left) == ["where it is 3"]

    def test_a_code_at_the_end_of_numbers_that_lean_the_other_way(self):
        _, left = contacts()
        visits = np.where(left == 1, 1, np.random.default_rng(6).choice([2, 3, 4], size=4000))
        visits[np.random.default_rng(7).random(4000) < 0.6] = 2
        visits[np.flatnonzero(left)[:60]] = 99
        assert self.stops(visits, left) == ["where it is 99"]

    def test_the_end_of_a_slope_that_holds_a_quarter_of_the_outcome(self):
        counts, left = contacts()
        counts[np.flatnonzero(left)[:300]] = 6
        assert self.stops(counts, left) == ["where it is 6"]

    def test_a_copy_and_its_opposite(self):
        _, left = contacts()
        assert self.stops(3.0 - left, left) == ["alone it has AUC 1.000"]

    def test_numbers_of_a_file_that_is_sorted_by_the_outcome(self):
        left = np.sort(contacts()[1])
        assert self.stops(np.arange(4000), left) == ["alone it has AUC 1.000"]

    def test_numbers_of_a_file_put_together_block_by_block(self):
        # 2,000 who stayed, 700 who left, and others who stayed: the order as a whole tells little.
        left = np.repeat([0, 1, 0], [2000, 700, 1300])
        assert self.stops(np.arange(4000) + 1000.0, left) == ["alone it has AUC 1.000 by blocks of its order"]

    def test_the_order_of_equal_numbers_is_not_looked_at(self):
        left = np.sort(contacts()[1])
        income = np.where(np.random.default_rng(8).random(4000) < 0.8, 0.0, np.random.default_rng(9).random(4000))
        assert self.stops(income, left) == []

    def test_noise_in_blocks_is_none_even_of_few_rows(self):
        rng = np.random.default_rng(10)
        for rows in (100, 300, 1000):
            y = (rng.random(rows) < 0.2).astype("int64")
            assert self.stops(rng.normal(size=rows), y) == []


@pytest.mark.parametrize(
    ("folder", "outcome", "suspicious"),
    [
        ("finance/bank-churners", "Attrition_Flag", ["Contacts_Count_12_mon"]),
        ("finance/bank-marketing", "y", []),
        ("finance/credit-default-taiwan", "default.payment.next.month", []),
        ("finance/german-credit", "creditability", []),
        ("ecommerce/telco_churn", "Churn", []),
        ("healthcare/heart-disease-uci", "num", []),
    ],
)
def test_no_honest_column_of_real_data_stops_a_run(data_folder, folder, outcome, suspicious):
    (file,) = data_folder(folder).glob("*.csv.gz")
    table = pd.read_csv(file, sep=None, engine="python")
    labels = (table[outcome] > 0) if outcome == "num" else table[outcome]
    y, classes = pd.factorize(labels, sort=True)
    found = find_leaks(table.drop(columns=outcome), y, tuple(classes), frozenset())
    assert [(leak.feature, leak.stops) for leak in found] == [(name, False) for name in suspicious]


class TestATimeToAnEvent:
    """Two of three had the event; how long the others were watched says when they came."""

    TRUTH = pd.DataFrame({"time": np.arange(1.0, 151.0), "event": np.tile([1, 1, 0], 50)})

    def found(self, column):
        X = pd.DataFrame({"x": column, "noise": np.random.default_rng(0).normal(size=150)})
        return [
            leak.feature
            for rows, y, classes in parts_of_truth(self.TRUTH)
            for leak in find_leaks(X[rows], y, classes, frozenset(), rare=False)
        ]

    def test_is_told_by_a_copy_of_the_time(self):
        assert self.found(self.TRUTH["time"] / 365) == ["x"]

    def test_is_told_by_a_copy_of_the_event(self):
        assert self.found(self.TRUTH["event"] * 3.0) == ["x"]

    def test_is_not_told_by_how_long_others_were_watched(self):
        noise = pd.Series(np.random.default_rng(1).uniform(0, 150, 150))
        assert self.found(noise.where(self.TRUTH["event"] == 1, self.TRUTH["time"])) == []

    def test_of_a_truth_without_a_flag_nothing_is_asked(self):
        assert list(parts_of_truth(pd.DataFrame({"units": [1.0, 2.0], "items": [["a"], ["b"]]}))) == []
