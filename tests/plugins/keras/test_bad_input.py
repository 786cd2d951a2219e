"""What can be wrong with rows, settings, machine and files, each with its message."""

from __future__ import annotations

import importlib
import json
import zipfile
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from sartor.context import Context
from sartor.errors import InputError, PluginError, SettingError
from sartor.plugins import Plugins
from sartor.rows import Judged
from sartor.testing import make_training

needs_keras = pytest.mark.needs("tensorflow", "keras")


def test_check_names_the_extra_that_is_not_installed(monkeypatch, project):
    import sartor

    recipe = project / "recipes" / "network.yaml"
    recipe.parent.mkdir()
    recipe.write_text(
        "format: 1\nrecipe: network\nabout: A network.\n"
        "ingest: {a: {use: samples.german_credit, key: application_id}}\n"
        "task: {use: learn.classification, with: {outcome: creditability}}\nsplit: {hash: 0.3}\n"
        "models: {network: {use: keras.mlp}}\n",
        encoding="utf-8",
    )
    monkeypatch.setattr("sartor.plugins._is_there", lambda name: name not in ("tensorflow", "keras"))
    problems = sartor.check(str(recipe))
    assert [problem.code for problem in problems] == ["R024"]
    assert problems[0].message == "'keras.mlp' needs tensorflow and keras, which are not installed"
    assert problems[0].hints == (("to mend", 'pip install "sartor[keras]"'),)


def test_learning_without_the_extra_names_it_too(monkeypatch, number_rows, mlp):
    from sartor_plugins.keras import runtime

    found = importlib.import_module

    def without(name: str) -> object:
        if name == "tensorflow":
            raise ModuleNotFoundError("No module named 'tensorflow'", name="tensorflow")
        return found(name)

    monkeypatch.setattr(runtime, "_threads", [])
    monkeypatch.setattr(runtime.importlib, "import_module", without)
    with pytest.raises(SettingError, match="a network needs tensorflow, which is not installed") as raised:
        mlp().fit(number_rows(40), Context())
    assert raised.value.problems[0].code == "R024"
    assert raised.value.problems[0].hints == (("to mend", 'pip install "sartor[keras]"'),)


@needs_keras
def test_one_class_in_the_training_part_is_answered_by_its_share(context, heard, class_rows, said, mlp):
    training = class_rows()
    one = training.take(np.flatnonzero(training.y == 1))
    assert mlp().fit(one, context).predict(one.without_truth())["probability"].unique().tolist() == [1.0]
    assert said(heard) == [
        "no training row has the class no: its probability is 0",
        "all training rows are of one class: there is nothing to learn but its share",
    ]


@needs_keras
def test_a_class_that_only_rows_held_out_would_have_is_learned_all_the_same(context, heard, class_rows, said, mlp):
    training = class_rows(60)
    lone = np.zeros(len(training), dtype=np.int64)
    _, validate = training.inner()
    lone[np.flatnonzero(training.rows["__row"] == validate.rows["__row"].iloc[0])] = 1
    answers = mlp(epochs=3).fit(replace(training, y=lone), context).predict(training.without_truth())
    assert answers["probability"].between(0, 1).all()
    assert said(heard) == ["a class stands only in rows that would be held out: all epochs are made"]


@needs_keras
def test_constant_and_empty_columns_are_left_out(context, heard, amounts, number_rows, said, mlp):
    training = number_rows()
    X = training.X.assign(
        year=2024.0, nothing=np.nan, country="DE", void=pd.Series([None] * len(training), dtype="str")
    )
    found = mlp().fit(training.with_features(X), context)
    assert set(found.inputs.sources) == {"age", "income", "home"}
    assert said(heard)[:2] == [
        "left out, missing in every training row: nothing, void",
        "left out, the same in every training row: year, country",
    ]
    later = training.with_features(X.assign(year=1e30, nothing=7.0, country="FR")).without_truth()
    np.testing.assert_array_equal(found.predict(later), amounts[0].predict(training.without_truth()))


@needs_keras
def test_where_no_column_says_anything_the_mean_is_the_answer(context, heard, said, mlp):
    training = make_training(pd.DataFrame({"year": [2024.0] * 30}), np.arange(30.0), answers="number")
    assert mlp().fit(training, context).predict(training.without_truth())["number"].unique().tolist() == [14.5]
    assert said(heard)[-1] == "no feature says anything: the answer is the same for every row"


@needs_keras
def test_a_wild_number_is_held_and_told(context, heard, amounts, number_rows, said, mlp):
    training = number_rows()
    X = training.X.copy()
    X.loc[5, "income"] = 1e30
    found = mlp().fit(training.with_features(X), context)
    unseen = number_rows(seed=9)
    off = found.predict(unseen.without_truth())["number"] - unseen.y
    was = amounts[0].predict(unseen.without_truth())["number"] - unseen.y
    # Taken as it is, 1e30 would press all other incomes to one number: 100 would be missed of each deviation.
    assert np.sqrt((off**2).mean()) < 1.25 * np.sqrt((was**2).mean())
    assert next(text for text in said(heard) if "'income'" in text).startswith(
        "1 training row lies far beyond all others in 'income' and counts as -"
    )
    wild = unseen.X.assign(income=1e30)
    assert np.isfinite(found.predict(replace(unseen, X=wild).without_truth())["number"]).all()


@needs_keras
def test_targets_of_1e30_are_learned_on_their_own_scale(context, number_rows, mlp):
    training = number_rows()
    answers = mlp(epochs=20).fit(replace(training, y=training.y * 1e30), context).predict(training.without_truth())
    assert np.corrcoef(answers["number"], training.y)[0, 1] > 0.9


@needs_keras
def test_a_loss_that_is_no_number_names_the_column(context, number_rows, mlp):
    training = number_rows()
    X = training.X.copy()
    X["income"] = 1e30
    X.loc[::2, "income"] = -1e30
    with pytest.raises(InputError) as raised:
        mlp(scale="none").fit(training.with_features(X), context)
    (problem,) = raised.value.problems
    assert problem.code == "D310"
    assert problem.message == (
        "the loss is not a number in epoch 1: column 'income' reaches 1e+30, too large for a network as it is"
    )
    assert problem.hints == (("to mend", "leave `scale` at standard, or take the column out"),)


@needs_keras
def test_a_loss_that_is_no_number_names_the_layer_where_no_column_is_large(context, number_rows):
    from sartor_plugins.keras.failing import failure
    from sartor_plugins.keras.fitting import trainer_for
    from sartor_plugins.keras.inputs import learn_inputs
    from sartor_plugins.keras.lesson import Scale, lesson_of
    from sartor_plugins.keras.network import shape_of

    training = number_rows()
    inputs = learn_inputs(training.X, context)
    lesson = lesson_of(inputs, training.X, training.y, None, Scale(), number=True)
    trainer = trainer_for(shape_of(inputs, 1, [8], "relu", 0.0), "squared", 0.0001, "/CPU:0")
    trainer.begin(0)
    before = trainer.weights()
    layers = [variable.path.split("/")[-2] for variable in trainer.network.trainable_variables]
    before[layers.index("hidden_1")][0, 0] = np.inf
    error = failure(trainer, inputs, lesson, before, 7)
    assert str(error).startswith("the loss is not a number in epoch 7: the weights of layer 'hidden_1' grew beyond all")
    assert error.problems[0].hints == (("to mend", "lower `rate`, for instance to a tenth"),)


def test_a_category_of_a_million_levels_has_a_bounded_embedding(context, heard, said):
    from sartor_plugins.keras.inputs import _category
    from sartor_plugins.learn.encoding.columns import Known

    levels = tuple(f"shop {number}" for number in range(1_000_000))
    part = _category(Known("shop", "category", levels=levels, counts=(1,) * 1_000_000), 1_000, context)
    assert (part.codes, part.width) == (1_002, 50)
    assert part.encode(pd.Series(["shop 0", "shop 999999"])).tolist() == [2, 0]
    assert said(heard) == [
        "'shop' has 1,000,000 levels: the 1,000 commonest, 0% of the rows, have an embedding each, all others share one"
    ]


@needs_keras
def test_a_time_budget_of_one_second_is_kept_and_told(context, heard, number_rows, said, mlp):
    settings = {"time_budget": "1 second", "epochs": 100_000, "patience": 100_000, "rate": 1e-6}
    found = mlp(**settings).fit(number_rows(), context)
    epochs = found.learned()["epochs"]
    assert found.learned()["out_of_time"]
    assert 1 <= epochs < 100_000
    assert not found.learned()["refit"]
    noted = "1 epoch" if epochs == 1 else f"{epochs:,} epochs"
    assert said(heard) == [f"the time budget of 1 second ended learning after {noted}; another run may stop elsewhere"]
    held = number_rows(30, seed=9)
    judged = Judged(held.y, found.predict(held.without_truth()), held.rows, (), None, held.X)
    assert "out-of-time" in [section.id for section in found.sections(judged, context)]


@needs_keras
def test_a_gpu_that_is_not_there_is_an_error(context, monkeypatch, number_rows, mlp):
    import tensorflow as tf

    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: [])
    with pytest.raises(SettingError, match="the recipe asks for a GPU, and TensorFlow finds none") as raised:
        mlp(device="gpu").fit(number_rows(40), context)
    assert raised.value.problems[0].code == "U090"
    assert raised.value.exit_code == 2


@needs_keras
def test_a_model_of_a_newer_format_is_refused(amounts, tmp_path, mlp):
    amounts[0].save(tmp_path)
    (tmp_path / "kind.json").write_text('{"format": 2, "kind": "network"}', encoding="utf-8")
    with pytest.raises(
        PluginError, match=r"is of format 2, and this sartor reads format 1: a newer one wrote it"
    ) as it:
        mlp().load(tmp_path)
    assert it.value.problems[0].code == "X032"


@needs_keras
def test_a_file_of_a_newer_keras_that_cannot_be_read_says_so(amounts, tmp_path, mlp):
    amounts[0].save(tmp_path)
    with zipfile.ZipFile(tmp_path / "network.keras", "w") as archive:
        archive.writestr("metadata.json", json.dumps({"keras_version": "9.0.0"}))
    with pytest.raises(PluginError, match=r"was written by Keras 9\.0\.0, and Keras 3\.") as raised:
        mlp().load(tmp_path)
    assert raised.value.problems[0].code == "X032"


@needs_keras
@pytest.mark.parametrize("name", ["network.keras", "network.json", "kind.json"])
def test_a_damaged_file_is_named(amounts, tmp_path, name, mlp):
    amounts[0].save(tmp_path)
    (tmp_path / name).write_text("{}" if name != "network.keras" else "PK", encoding="utf-8")
    with pytest.raises(PluginError, match=name.replace(".", r"\.")) as raised:
        mlp().load(tmp_path)
    assert raised.value.problems[0].code == "X031"


@needs_keras
def test_what_a_file_of_keras_names_is_never_looked_up(amounts, tmp_path, number_rows, mlp):
    amounts[0].save(tmp_path)
    with zipfile.ZipFile(tmp_path / "network.keras") as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["config.json"] = json.dumps({"module": "os", "class_name": "system", "config": {"command": "false"}}).encode()
    with zipfile.ZipFile(tmp_path / "network.keras", "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    scoring = number_rows().without_truth()
    np.testing.assert_array_equal(mlp().load(tmp_path).predict(scoring), amounts[0].predict(scoring))


@needs_keras
def test_too_few_rows_to_hold_any_out_are_said(context, heard, number_rows, said, mlp):
    training = number_rows(30)
    mlp(epochs=2).fit(replace(training, split_again=None), context)
    assert said(heard) == ["too few rows to hold any out: learning goes through all 2 epochs"]


@pytest.mark.parametrize(
    ("settings", "wrong"),
    [
        ({"hidden": [0]}, "greater than or equal to 1"),
        ({"dropout": 1.0}, "less than 1"),
        ({"activation": "step"}, "'relu', 'tanh', 'gelu' or 'silu'"),
        ({"device": "tpu"}, "'auto', 'cpu' or 'gpu'"),
        ({"time_budget": "soon"}, "soon"),
    ],
)
def test_settings_that_make_no_sense_are_refused(settings, wrong, mlp):
    with pytest.raises(ValidationError, match=wrong):
        mlp(**settings)


def test_the_plugin_is_found_by_its_name():
    assert Plugins().find("keras.mlp").component.extra == "keras"
