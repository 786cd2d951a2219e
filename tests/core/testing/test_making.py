"""What plugin authors make their rows and tables with."""

from __future__ import annotations

import narwhals as nw
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import sartor.testing
from sartor.components import NUMBER, ModelStep
from sartor.context import Context
from sartor.engine import Engine
from sartor.plugins import Plugins
from sartor.rows import AS_OF, KNOWN_AT, ROW
from sartor.testing import (
    as_features,
    fetch,
    lazy,
    make_context,
    make_rows,
    make_scoring,
    make_table,
    make_tables,
    make_training,
    sample_classification,
    sample_events,
    sample_features,
    sample_regression,
    strange,
)


def test_everything_that_is_promised_is_there():
    assert [name for name in sartor.testing.__all__ if not hasattr(sartor.testing, name)] == []


# -- rows --------------------------------------------------------------------------------------------------------------


def test_labels_become_places_in_the_classes():
    training = make_training(pd.DataFrame({"age": [20, 30, 40]}), ["good", "bad", "good"], classes=("bad", "good"))

    assert training.y.tolist() == [1, 0, 1]
    assert training.y.dtype == np.int64


def test_a_label_that_is_no_class_is_refused():
    with pytest.raises(ValueError, match="y holds 'maybe', and the classes are 'bad', 'good'"):
        make_training(pd.DataFrame({"age": [20, 30]}), ["good", "maybe"], classes=("bad", "good"))


def test_numbers_stay_numbers_and_have_no_classes():
    training = make_training(pd.DataFrame({"age": [20, 30]}), [1, 2], answers=NUMBER)

    assert training.y.tolist() == [1.0, 2.0]
    assert training.y.dtype == np.float64
    assert training.classes == ()


def test_a_truth_of_several_parts_stays_a_frame():
    truth = pd.DataFrame({"time": [3.0, 5.0], "event": [1, 0]}, index=[8, 9])

    training = make_training(pd.DataFrame({"age": [20, 30]}), truth, answers="survival")

    assert training.y.index.tolist() == [0, 1]
    assert training.take(np.array([1])).y["time"].tolist() == [5.0]


@pytest.mark.parametrize(
    "made", [lambda X: make_training(X, [0]), lambda X: make_scoring(X, rows=pd.DataFrame({"a": [1]}))]
)
def test_lengths_must_agree(made):
    with pytest.raises(ValueError, match=r"has 1 (entries|lines) and X has 2"):
        made(pd.DataFrame({"age": [20, 30]}))


def test_features_come_in_the_types_of_a_models_door():
    frame = pd.DataFrame(
        {
            "items": [1, 2],
            "paid": [True, False],
            "shop": ["a", None],
            "region": pd.Categorical(["north", "south"]),
            "share": np.array([0.5, np.nan], dtype="float32"),
        },
        index=[5, 5],
    )

    found = as_features(frame)

    assert found.index.tolist() == [0, 1]
    assert [str(dtype) for dtype in found.dtypes] == ["float64", "bool", "str", "category", "float64"]
    assert frame["items"].dtype == np.int64


def test_rows_hold_the_key_the_own_columns_and_the_features():
    scoring = make_scoring(pd.DataFrame({"items": [1, 2]}), rows=pd.DataFrame({ROW: ["x", "y"], "shop": ["a", "b"]}))

    assert scoring.rows.columns.tolist() == [ROW, "shop", "items"]
    assert scoring.rows[ROW].tolist() == ["x", "y"]


def test_inner_rows_are_split_once_and_for_all_and_otherwise_at_each_level():
    training = sample_regression(rows=200)

    learn, validate = training.inner()
    again, _ = training.inner()
    deeper, deeper_validate = learn.inner()

    assert set(learn.rows[ROW]) | set(validate.rows[ROW]) == set(range(200))
    assert not set(learn.rows[ROW]) & set(validate.rows[ROW])
    assert 40 <= len(validate) <= 80
    assert again.rows[ROW].tolist() == learn.rows[ROW].tolist()
    assert len(deeper) + len(deeper_validate) == len(learn)
    assert len(deeper_validate) > 0


# -- sample data -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [sample_features, sample_events], ids=lambda make: make.__name__)
def test_sample_data_repeats_itself_by_its_seed(make):
    assert make(seed=3).equals(make(seed=3))
    assert not make(seed=3).equals(make(seed=4))


def test_sample_rows_are_as_mixed_as_they_say():
    X = sample_features(rows=500)

    assert [str(dtype) for dtype in X.dtypes] == ["float64", "float64", "float64", "str", "category", "bool"]
    assert 0.04 < X["amount"].isna().mean() < 0.12
    assert 0.02 < X["channel"].isna().mean() < 0.08
    assert X["amount"].min() > 0 > X["balance"].min()


def test_there_is_something_to_learn_in_sample_rows():
    training = sample_classification(rows=600)
    shares = pd.Series(training.y).groupby(training.X["channel"].tolist()).mean()

    # The truth is made so that phone is above shop.
    assert shares["phone"] > shares["shop"] + 0.2
    assert 0.3 < training.y.mean() < 0.6


def test_strange_rows_hold_what_training_never_showed():
    scoring = sample_classification(rows=60).without_truth()

    found = strange(scoring)

    assert found.X.drop(columns="member").isna().iloc[0].all()
    assert found.X["region"].iloc[-1] == "never seen before"
    assert found.X["amount"].iloc[-1] == 1e12
    assert found.rows["channel"].iloc[-1] == "never seen before"
    assert not scoring.X.isna().iloc[0].all()


# -- services and tables -----------------------------------------------------------------------------------------------


def test_a_context_has_a_seed_a_scratch_folder_and_an_ear(tmp_path):
    heard = []
    context = make_context(tmp_path, seed=5, heard=heard, step="features.wording", currency="DM")

    context.note("a note")
    context.progress(3, 10, "trees")

    assert context.rng().integers(100) == np.random.default_rng(5).integers(100)
    assert context.scratch.is_dir()
    assert context.path("data.csv") == tmp_path / "data.csv"
    assert context.currency == "DM"
    assert [event.stage for event in heard] == ["features", "features"]


def test_tables_of_one_context_join_and_keep_what_was_said_of_them(tmp_path):
    context = make_context(tmp_path)
    orders = pd.DataFrame({"order": [1, 2], "shop": ["a", "b"], "day": pd.to_datetime(["2024-01-01", "2024-01-02"])})
    shops = pa.table({"shop": ["a", "b"], "town": ["Ulm", "Bonn"]})
    tables = make_tables(
        [
            make_table("orders", orders, context, key=["order"], time="day", roles={"place": "shop"}),
            make_table("shops", shops, context, known_ahead=["town"], units={"town": "name"}),
        ],
        context,
    )

    joined = tables["orders"].frame.join(tables["shops"].frame, on="shop", how="left")

    assert fetch(joined, context).sort_values("order")["town"].tolist() == ["Ulm", "Bonn"]
    assert tables["orders"].role("place") == "shop"
    assert tables["orders"].time == "day"
    assert tables["shops"].known_ahead == {"town"}


def test_plain_frames_make_tables_of_which_nothing_more_is_said(tmp_path):
    context = make_context(tmp_path)

    table = make_tables({"orders": pd.DataFrame({"order": [1]})}, context).single()

    assert (table.name, table.key, table.time) == ("orders", (), None)


def test_what_is_lazy_stays_lazy(tmp_path):
    context = make_context(tmp_path)
    frame = lazy(context.connection.sql("SELECT 1 AS one"), context)

    assert isinstance(frame, nw.LazyFrame)
    assert lazy(frame, context).collect_schema().names() == ["one"]


def test_a_context_without_an_engine_is_named(tmp_path):
    with Engine() as engine:
        connection = engine.connection
    with pytest.raises(ValueError, match="belongs to no engine: take a context from make_context"):
        lazy(pd.DataFrame({"a": [1]}), Context(connection_of=lambda: connection))


def test_rows_need_their_key_and_both_moments(tmp_path):
    context = make_context(tmp_path)
    frame = pd.DataFrame({ROW: [0], "shop": ["a"], KNOWN_AT: pd.to_datetime(["2024-01-01"])})

    with pytest.raises(ValueError, match="the frame has no column 'customer'"):
        make_rows(frame, context, keys=["customer"])
    with pytest.raises(ValueError, match=f"the frame has {KNOWN_AT} and no {AS_OF}"):
        make_rows(frame, context, keys=["shop"])


def test_nested_models_are_found_fitted_and_seeded(tmp_path):
    import stranger_plugin

    context = make_context(tmp_path, plugins=Plugins({"stranger": stranger_plugin}))
    training = sample_classification()
    step = ModelStep.model_validate(
        {"use": "stranger.SoundModel", "with": {"smoothing": 2.0}, "prepare": [{"use": "stranger.CrossFittedPrepare"}]}
    )

    fitted = context.fit(step, training)

    assert len(fitted.predict(training.without_truth())) == len(training)


def test_nested_models_are_looked_up_among_the_installed_plugins_by_default(tmp_path):
    training = sample_classification()

    fitted = make_context(tmp_path).fit(ModelStep(use="learn.logistic"), training)

    assert fitted.predict(training.without_truth())["probability"].between(0, 1).all()
