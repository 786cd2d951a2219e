"""Steps of prepare: what they make of columns, by hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sartor.components import NUMBER, PROBABILITY
from sartor.context import Context
from sartor.errors import InputError
from sartor.rows import GROUP, ROW, Training
from sartor_plugins.learn.steps import Impute, Leave, MissingFlags, Mixed, OneHot, PartsStep, Scale, TargetMean

Rows = Callable[..., Training]
ALL: list[PartsStep] = [
    Mixed(),
    Mixed(scale=True),
    Scale(),
    Scale(method="robust"),
    OneHot(),
    TargetMean(),
    MissingFlags(),
    Impute(),
]
each_step = pytest.mark.parametrize(
    "step", ALL, ids=lambda step: f"{type(step).__name__} {step.model_dump(exclude_defaults=True)}"
)


def training_of(X: pd.DataFrame, y: list[float], classes: tuple[str, ...] = (), **rows: list[object]) -> Training:
    answers = PROBABILITY if classes else NUMBER
    truth = np.array(y, dtype=np.int64 if classes else float)
    return Training(pd.DataFrame({ROW: range(len(y)), **rows}), X, answers, classes, y=truth)


@each_step
def test_every_step_keeps_lines_and_inputs_and_comes_back_from_its_folder(
    step: PartsStep, make_rows: Rows, context: Context, tmp_path: Path
):
    training = make_rows(PROBABILITY)
    before = training.X.copy(deep=True)
    shuffled = make_rows(PROBABILITY, seed=5).X.sample(frac=1, random_state=0)
    fitted, made = step.fit_transform(training, context)
    after = fitted.transform(shuffled)
    pd.testing.assert_frame_equal(training.X, before)
    assert made.index.equals(training.X.index)
    assert after.index.equals(shuffled.index)
    assert list(after.columns) == list(made.columns)
    fitted.save(tmp_path)
    loaded = step.load(tmp_path)
    pd.testing.assert_frame_equal(loaded.transform(shuffled), after)
    assert loaded.sources() == fitted.sources()


@each_step
def test_a_name_that_is_no_feature_is_refused_with_the_nearest(step: PartsStep, make_rows: Rows, context: Context):
    wrong = step.model_copy(update={"columns": ["incom"]})
    with pytest.raises(InputError, match=r"there is no feature 'incom' to prepare  R041\n  did you mean: income"):
        wrong.fit(make_rows(PROBABILITY), context)


def test_mixed_leaves_numbers_only_and_nothing_missing(make_rows: Rows, context: Context):
    training = make_rows(PROBABILITY)
    made = Mixed(min_rows=2).fit_transform(training, context)[1]
    assert not made.isna().any().any()
    assert {str(dtype) for dtype in made.dtypes} == {"bool", "float64"}
    assert {"income", "income: missing", "home = rent", "home: missing", "home: other levels"} <= set(made.columns)
    assert "constant: missing" not in made


def test_mixed_pools_rare_levels_with_those_it_never_saw(context: Context):
    X = pd.DataFrame({"home": ["own"] * 3 + ["rent"] * 2 + ["tent"]})
    fitted = Mixed(min_rows=2).fit(training_of(X, [0] * 6), context)
    made = fitted.transform(pd.DataFrame({"home": ["tent", "boat", "own", None]}))
    assert made.astype(int).to_dict("list") == {
        "home = own": [0, 0, 1, 0],
        "home = rent": [0, 0, 0, 0],
        "home: other levels": [1, 1, 0, 0],
    }


def test_the_commonest_levels_get_flags_equally_common_ones_by_name(context: Context):
    X = pd.DataFrame({"home": ["b", "a", "c", "c"]})
    made = OneHot(max_levels=2, min_rows=1).fit(training_of(X, [0] * 4), context).transform(X)
    assert list(made.columns) == ["home = c", "home = a", "home: other levels"]


def test_a_thousand_levels_stay_within_the_bound(context: Context):
    X = pd.DataFrame({"id": [f"customer {n}" for n in range(1000)]})
    made = Mixed(min_rows=1, max_levels=10).fit(training_of(X, [0.0] * 1000), context).transform(X)
    assert made.shape == (1000, 11)
    assert made["id: other levels"].sum() == 990


def test_new_columns_step_aside_for_names_that_are_taken(context: Context):
    X = pd.DataFrame({"home": ["own", "rent"], "home = own": [5.0, 6.0]})
    made = OneHot(min_rows=1).fit(training_of(X, [0, 1]), context).transform(X)
    assert list(made.columns) == ["home = own (2)", "home = rent", "home: other levels", "home = own"]
    assert made["home = own"].tolist() == [5.0, 6.0]


def test_scale_brings_numbers_to_mean_0_and_leaves_gaps_flags_and_texts(context: Context):
    X = pd.DataFrame({"age": [20.0, 40.0, np.nan], "owns": [0.0, 1.0, 1.0], "home": ["a", "b", "a"]})
    made = Scale().fit(training_of(X, [0] * 3), context).transform(X)
    np.testing.assert_allclose(made["age"], [-1, 1, np.nan])
    assert made["owns"].tolist() == [0, 1, 1]
    assert made["home"].tolist() == ["a", "b", "a"]


def test_robust_scale_is_not_moved_by_one_wild_value(context: Context):
    X = pd.DataFrame({"age": [0.0, 1.0, 2.0, 3.0, 1e9]})
    made = Scale(method="robust").fit(training_of(X, [0] * 5), context).transform(X)
    # Median 2, quartiles 1 and 3.
    np.testing.assert_allclose(made["age"][:4], [-1, -0.5, 0, 0.5])


def test_a_category_cannot_be_scaled(context: Context):
    X = pd.DataFrame({"home": ["a", "b"]})
    with pytest.raises(InputError, match="feature 'home' holds categories, and the step takes numbers  D083"):
        Scale(columns=["home"]).fit(training_of(X, [0, 1]), context)


def test_numbers_that_are_named_are_levels(context: Context):
    X = pd.DataFrame({"shop": [7.0, 7.0, 9.0], "age": [1.0, 2.0, 3.0]})
    made = OneHot(columns=["shop"], min_rows=1).fit(training_of(X, [0] * 3), context).transform(X)
    assert list(made.columns) == ["shop = 7", "shop = 9", "shop: other levels", "age"]


def test_impute_fills_by_the_rule_and_touches_nothing_else(context: Context):
    X = pd.DataFrame({"age": [1.0, 2.0, 6.0, np.nan], "home": ["a", "b", "b", None], "whole": [1.0, 2.0, 3.0, 4.0]})
    for rule, value in (("median", 2.0), ("mean", 3.0), ("zero", 0.0)):
        made = Impute(numbers=rule).fit(training_of(X, [0] * 4), context).transform(X)
        assert made["age"].tolist() == [1.0, 2.0, 6.0, value]
        assert made["home"].tolist() == ["a", "b", "b", "missing"]
        assert made["whole"].tolist() == [1.0, 2.0, 3.0, 4.0]
    commonest = Impute(categories="commonest").fit(training_of(X, [0] * 4), context).transform(X)
    assert commonest["home"].tolist() == ["a", "b", "b", "b"]


def test_missing_flags_stand_beside_their_columns(context: Context):
    X = pd.DataFrame({"age": [1.0, np.nan], "home": ["a", None], "whole": [1.0, 2.0]})
    made = MissingFlags().fit(training_of(X, [0, 1]), context).transform(X)
    assert list(made.columns) == ["age", "age: missing", "home", "home: missing", "whole"]
    assert made["age: missing"].tolist() == [False, True]
    asked = MissingFlags(columns=["whole"]).fit(training_of(X, [0, 1]), context).transform(X)
    assert asked["whole: missing"].tolist() == [False, False]


def test_target_mean_of_new_rows_is_drawn_to_the_overall_mean(context: Context):
    X = pd.DataFrame({"shop": ["a", "a", "b", None]})
    fitted = TargetMean(smoothing=1.0).fit(training_of(X, [1, 1, 0, 0], ("no", "yes")), context)
    made = fitted.transform(pd.DataFrame({"shop": ["a", "b", "z", None]}))
    # Overall 0.5; a: (2 + 0.5) / 3, b: 0.5 / 2, missing: 0.5 / 2.
    np.testing.assert_allclose(made["shop"], [2.5 / 3, 0.25, 0.5, 0.25])


def test_target_mean_of_three_classes_has_a_column_for_each(context: Context):
    X = pd.DataFrame({"shop": ["a", "a", "b"]})
    made = TargetMean(smoothing=0).fit(training_of(X, [0, 1, 2], ("x", "y", "z")), context).transform(X)
    assert made.to_dict("list") == {
        "shop: mean of x": [0.5, 0.5, 0.0],
        "shop: mean of y": [0.5, 0.5, 0.0],
        "shop: mean of z": [0.0, 0.0, 1.0],
    }


def test_no_training_row_sees_its_own_truth(context: Context):
    X = pd.DataFrame({"shop": ["a", "b"] * 20})
    y = np.random.default_rng(0).normal(size=40)
    step = TargetMean(smoothing=0, folds=4)
    plain = step.fit_transform(training_of(X, list(y)), context)[1]["shop"]
    for row in (0, 17, 39):
        other = y.copy()
        other[row] += 1000
        moved = step.fit_transform(training_of(X, list(other)), context)[1]["shop"]
        assert moved[row] == plain[row]
        assert (moved != plain).any()


def test_a_level_of_one_row_tells_that_row_nothing(context: Context):
    X = pd.DataFrame({"id": [f"row {n}" for n in range(30)]})
    y = np.arange(30.0)
    made = TargetMean(smoothing=0, folds=5).fit_transform(training_of(X, list(y)), context)[1]["id"]
    # Each row gets the mean of the other folds, which knows nothing of it; the fit on all rows would tell it exactly.
    assert abs(np.corrcoef(made, y)[0, 1]) < 0.9
    assert made.nunique() <= 5


def test_rows_of_one_group_do_not_teach_each_other(context: Context):
    groups = [f"customer {n // 4}" for n in range(40)]
    X = pd.DataFrame({"customer": groups})
    y = [float(n // 4) for n in range(40)]
    training = training_of(X, y, **{GROUP: groups})
    made = TargetMean(smoothing=0, folds=5).fit_transform(training, context)[1]["customer"]
    # A customer's rows are in one fold, so that no other fold knows the customer: all get means of everybody else.
    assert made.nunique() <= 5
    by_group = made.groupby(groups).nunique()
    assert (by_group == 1).all()


def test_weights_count_in_target_means(context: Context):
    X = pd.DataFrame({"shop": ["a", "a"]})
    training = Training(pd.DataFrame({ROW: [0, 1]}), X, NUMBER, y=np.array([0.0, 1.0]), weight=np.array([3.0, 1.0]))
    assert TargetMean(smoothing=0).fit(training, context).transform(X)["shop"].tolist() == [0.25, 0.25]


def test_columns_are_left_out_by_name_and_by_pattern(context: Context, tmp_path: Path):
    X = pd.DataFrame(
        {"heat: 0 before": [1.0, 2.0], "heat: 1 before": [0.0, 1.0], "age": [3.0, 4.0], "load": [0.0, 1.0]}
    )
    step = Leave(columns=["*: * before", "load"])
    fitted = step.fit(training_of(X, [0, 1]), context)
    assert list(fitted.transform(X)) == ["age"]
    assert list(X) == ["heat: 0 before", "heat: 1 before", "age", "load"]
    fitted.save(tmp_path)
    assert list(step.load(tmp_path).transform(X[["age", "load"]])) == ["age"]


def test_what_cannot_be_left_out_is_refused(context: Context):
    rows = training_of(pd.DataFrame({"age": [3.0, 4.0]}), [0, 1])
    with pytest.raises(InputError, match=r"there is no feature 'agee' to leave out  R041\n  did you mean: age"):
        Leave(columns=["agee"]).fit(rows, context)
    with pytest.raises(InputError, match="every feature would be left out, and nothing stay to learn from  R041"):
        Leave(columns=["*"]).fit(rows, context)
