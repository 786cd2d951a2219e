"""How a column is read: numbers, categories, dates, gaps, and the same values in another type."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from sartor.errors import InputError
from sartor_plugins.learn.encoding.columns import (
    Known,
    codes_of,
    learn_column,
    learn_columns,
    numbers_again,
    numbers_of,
)
from sartor_plugins.learn.encoding.encoder import Encoder, mixed, native
from sartor_plugins.learn.encoding.parts import LARGEST, from_json, number_part, to_json


@pytest.mark.parametrize(
    ("values", "numbers"),
    [
        (pd.Series([1, 2]), [1, 2]),
        (pd.Series([True, False]), [1, 0]),
        (pd.Series([1, None], dtype="Int64"), [1, np.nan]),
        (pd.Series([True, None], dtype=object), [1, np.nan]),
        (pd.Series([1.5, None], dtype=object), [1.5, np.nan]),
        (pd.Series([Decimal("1.5"), None]), [1.5, np.nan]),
        (pd.Series([np.inf, -np.inf, 1.0]), [np.nan, np.nan, 1]),
        (pd.Series([dt.date(1970, 1, 3), None]), [2, np.nan]),
        (pd.Series(pd.to_datetime(["1970-01-01 06:00"])), [0.25]),
        (pd.Series(pd.to_datetime(["1970-01-02"])).dt.tz_localize("Europe/Berlin"), [23 / 24]),
        (pd.Series(pd.to_timedelta(["36 hours"])), [1.5]),
        (pd.Series([None, None], dtype=object), [np.nan, np.nan]),
    ],
)
def test_what_can_be_counted_is_a_number(values, numbers):
    np.testing.assert_allclose(numbers_of(values), numbers)


@pytest.mark.parametrize(
    "values",
    [
        pd.Series(["1", "2"]),
        pd.Series(["a", None], dtype=object),
        pd.Series(pd.Categorical([1, 2])),
        pd.Series(pd.Categorical([1.5, 2.5])),
        pd.Series([1, "a"], dtype=object),
        pd.Series([dt.time(1), dt.time(2)]),
    ],
)
def test_what_names_things_is_a_category(values):
    assert numbers_of(values) is None
    assert learn_column(values, "x").kind == "category"


@pytest.mark.parametrize(
    "values",
    [
        pd.Series([np.nan]),
        pd.Series([None], dtype=object),
        pd.Series(pd.Categorical([None])),
        pd.Series([None], dtype="str"),
    ],
)
def test_a_column_without_a_value_teaches_nothing(values):
    assert learn_column(values, "x").kind == "empty"


@pytest.mark.parametrize(
    "values",
    [
        pd.Series([1, 2, None], dtype="Int64"),
        pd.Series([1.0, 2.0, np.nan]),
        pd.Series(["1", "2", None]),
        pd.Series(pd.Categorical([1, 2, None])),
        pd.Series(pd.Categorical([1.0, 2.0, None])),
        pd.Series([1, "2", None], dtype=object),
    ],
)
def test_levels_are_the_same_in_every_type(values):
    assert codes_of(values, ("2", "1"), "x").tolist() == [1, 0, -1]


def test_truth_values_are_levels_by_their_names():
    assert codes_of(pd.Series([True, False]), ("true", "false"), "x").tolist() == [0, 1]


def test_levels_of_two_types_that_read_alike_are_counted_together():
    known = learn_column(pd.Series([1, "1", "a"], dtype=object), "x")
    assert (known.levels, known.counts) == (("1", "a"), (2, 1))


def test_a_number_that_comes_as_text_is_read_by_its_digits():
    np.testing.assert_allclose(numbers_again(pd.Series(["1.5", "", None, " 2"]), "x"), [1.5, np.nan, np.nan, 2])
    np.testing.assert_allclose(numbers_again(pd.Series(pd.Categorical(["3"])), "x"), [3])


def test_text_in_place_of_a_number_is_refused():
    with pytest.raises(InputError, match="feature 'x' held numbers in training and now holds 'many'  D081"):
        numbers_again(pd.Series(["1", "many"]), "x")


def test_lists_are_no_feature():
    with pytest.raises(
        InputError, match="feature 'x' holds lists or mappings, and a feature is one number or one text  D082"
    ):
        learn_column(pd.Series([[1], [2]]), "x")


def test_two_features_of_one_name_are_refused():
    with pytest.raises(InputError, match="two features are called 'x'  D004"):
        learn_columns(pd.DataFrame([[1, 2]], columns=["x", "x"]))


def test_an_encoder_is_the_same_after_json():
    X = pd.DataFrame({"age": [0.1, None, 1 / 3], "home": ['Größe, "x"', "b", None], "shop": pd.Categorical([1, 2, 1])})
    for encoder in (mixed(X, scale=True, min_rows=1), native(X, first="categories")):
        again = Encoder.from_json(encoder.to_json())
        assert again == encoder
        np.testing.assert_array_equal(again.matrix(X), encoder.matrix(X))
        assert [from_json(to_json(part)) for part in encoder.parts] == list(encoder.parts)


def test_a_wild_number_at_prediction_stays_finite():
    encoder = mixed(pd.DataFrame({"x": [1.0, 2.0, 3.0]}), scale=True)
    made = encoder.matrix(pd.DataFrame({"x": [1e308, -1e308]}))
    assert made[:, 0].tolist() == [LARGEST, -LARGEST]


def test_huge_training_numbers_are_scaled_without_overflow():
    encoder = mixed(pd.DataFrame({"x": [1e308, -1e308, 1e308, -1e308]}), scale=True)
    np.testing.assert_allclose(encoder.matrix(pd.DataFrame({"x": [1e308, 0.0]}))[:, 0], [1, 0])


def test_equal_numbers_are_not_blown_up_by_rounding():
    encoder = mixed(pd.DataFrame({"x": [0.1] * 7}), scale=True)
    np.testing.assert_allclose(encoder.matrix(pd.DataFrame({"x": [0.1, 0.2]}))[:, 0], [0, 0.1], atol=1e-12)


def test_features_that_teach_nothing_leave_one_column_of_zeros():
    encoder = mixed(pd.DataFrame({"x": [np.nan, np.nan]}), scale=False)
    assert encoder.matrix(pd.DataFrame({"x": [1.0]})).tolist() == [[0.0]]
    assert encoder.names == ["nothing"]


def test_levels_beyond_the_bound_share_one_code_with_those_never_seen():
    X = pd.DataFrame({"shop": list("aabbc")})
    encoder = native(X, max_levels=2, first="as given")
    assert encoder.matrix(pd.DataFrame({"shop": ["a", "b", "c", "z"]}))[:, 0].tolist() == [0, 1, 2, 2]
    # Where no level was rare, one that was never seen is like a missing value.
    assert np.isnan(native(X, first="as given").matrix(pd.DataFrame({"shop": ["z"]}))[0, 0])


@pytest.mark.parametrize(
    ("values", "scale"),
    [
        # Identifiers far from zero differ all the same: 0, 10 and 20 deviate by the root of 200/3.
        ([1e15, 1e15 + 10, 1e15 + 20], (200 / 3) ** 0.5),
        ([0.3, 0.1 + 0.2, 0.3], 1.0),
        ([0.1] * 3, 1.0),
        ([-1e308, 1e308], 1e308),
    ],
)
def test_a_deviation_is_told_from_rounding(values, scale):
    part = number_part(np.array(values), Known("id", "number"), scale=True, flag=False)
    assert part.scale == pytest.approx(scale)
