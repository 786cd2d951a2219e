"""Features that tell the outcome by themselves."""

import numpy as np
import pandas as pd
import pytest

from sartor.errors import InputError
from sartor.evidence.leaks import check_leaks, find_leaks

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
        "where it is 1.0 (40 of 1,000 training rows) the outcome is 'bad' in 40, against 19% in all"
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
