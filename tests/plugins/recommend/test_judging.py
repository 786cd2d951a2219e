"""What slates are judged by, with numbers that can be checked by hand."""

import numpy as np
import pandas as pd
import pytest
from recommend_shops import rows_of

from sartor.context import Context
from sartor.errors import InputError
from sartor.rows import Judged
from sartor_plugins.recommend.metrics import slate_metrics
from sartor_plugins.recommend.models.popularity import Popularity


def lists(*cells):
    return pd.Series([list(cell) for cell in cells], dtype=object)


@pytest.fixture
def judged():
    """Ann wants a cup again and a mug, newly; Bob wants nothing; Cid is a newcomer and wants a jug."""
    rows = pd.DataFrame(
        {"__row": ["ann", "bob", "cid"], "user": ["ann", "bob", "cid"], "newcomer": [False, False, True]}
    )
    truth = pd.DataFrame({"items": lists(["cup", "mug"], [], ["jug"]), "again": lists([True, False], [], [False])})
    predictions = pd.DataFrame({"items": lists(["jug", "cup", "pan"], ["cup"], ["jug", "cup"])})
    return Judged(truth, predictions, rows)


def value(judged, name, both=True):
    return next(metric for metric in slate_metrics(both=both) if metric.name == name).value(judged)


def test_ndcg_is_the_gain_over_the_best_there_could_be(judged):
    # The cup stands second, 1 / log2 3; the best would be 1 + 1 / log2 3.
    assert value(judged, "ndcg@10") == pytest.approx((1 / np.log2(3)) / (1 + 1 / np.log2(3)))


def test_recall_place_and_hits_are_those_of_who_was_known_and_wanted_something(judged):
    assert value(judged, "recall@10") == 0.5
    assert value(judged, "mrr@10") == 0.5
    assert value(judged, "hit@10") == 1.0


def test_newcomers_are_judged_apart(judged):
    assert value(judged, "ndcg@10_cold") == 1.0
    assert value(judged, "recall@10_cold") == 1.0


def test_what_is_bought_again_and_what_is_new_are_judged_apart(judged):
    assert value(judged, "ndcg@10_repeat") == pytest.approx(1 / np.log2(3))
    assert value(judged, "ndcg@10_new") == 0.0


def test_new_items_alone_have_no_metric_of_repeats():
    assert "ndcg@10_repeat" not in [metric.name for metric in slate_metrics()]


def test_coverage_is_the_share_of_what_was_ever_sold_that_somebody_is_shown():
    training, held = rows_of("all")
    sold = {item for line, kinds in zip(training.y["later_items"], training.y["later_events"], strict=True)
            for item, kind in zip(line, kinds, strict=True) if kind == "purchase"}  # fmt: skip
    for past, kinds in zip(training.X["history_items"], training.X["history_events"], strict=True):
        sold |= {item for item, kind in zip(past, kinds, strict=True) if kind == "purchase"}
    fitted = Popularity().fit(training, Context(step="models.popular"))
    judged = Judged(held.y, fitted.predict(held.without_truth()), held.rows, (), training)
    assert value(judged, "coverage") == pytest.approx(10 / len(sold))


def test_a_recommender_without_anybodys_past_says_which_feature_is_missing():
    training, held = rows_of("all")
    fitted = Popularity().fit(training, Context(step="models.popular"))
    without = held.without_truth().with_features(held.X[[]])
    with pytest.raises(InputError, match=r"learns from what users did, and the rows have no history_items") as caught:
        fitted.predict(without)
    assert caught.value.problems[0].code == "D305"
