"""Networks as ONNX: one file that reads columns and answers as the network does."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from sartor.errors import PluginError, SettingError
from sartor.exporting import Export
from sartor.testing import make_training

pytestmark = pytest.mark.needs("tensorflow", "keras", "onnx", "onnxruntime")

STEPS = 5
ASK = Export("onnx", recipe="shop", run="1", model="network")


def session_of(content):
    import onnxruntime

    return onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])


def windows(rows=60):
    rng = np.random.default_rng(0)
    readings = {f"{name}: {back} before": rng.normal(50, 5, rows) for name in ("heat", "load") for back in range(STEPS)}
    X = pd.DataFrame({**readings, "age": rng.uniform(0, 300, rows), "kind": rng.choice(["a", "b"], rows)})
    return make_training(X, X["heat: 0 before"].to_numpy() * 3 + X["age"].to_numpy(), answers="number")


def test_a_network_of_numbers_reads_raw_columns_and_answers_in_their_unit(amounts, shop):
    network, _ = amounts
    session = session_of(network.export(ASK))
    told = session.get_modelmeta().custom_metadata_map
    assert json.loads(told["numbers"]) == ["age", "income"]
    assert json.loads(told["categories"]) == ["home"]
    numbers = np.array([[30.0, 50_000.0], [np.nan, 40_000.0], [60.0, 1e30]])
    homes = np.array([["own"], [told["missing_category"]], ["tent"]], dtype=object)
    (found,) = session.run(["number"], {"numbers": numbers, "categories": homes})
    X = pd.DataFrame({"age": numbers[:, 0], "income": numbers[:, 1], "home": ["own", None, "tent"]})
    asked = make_training(X, np.zeros(3), answers="number").without_truth()
    assert found[:, 0] == pytest.approx(network.predict(asked)["number"].to_numpy(), abs=0.05)


def test_probabilities_are_turned_back_to_the_real_shares(chances, class_rows):
    rows = class_rows(200, seed=5).without_truth()
    session = session_of(chances.export(replace(ASK, golden=rows)))
    from sartor_plugins.keras.onnx.writing import feed

    (found,) = session.run(["probabilities"], feed(chances.inputs, rows.X))
    assert found[:, 1] == pytest.approx(chances.predict(rows)["probability"].to_numpy(), abs=1e-4)
    assert found.sum(axis=1) == pytest.approx(1)


def test_a_model_with_bounds_is_exported_with_them(amounts):
    from sartor_plugins.keras.onnx.writing import edge_rows, feed
    from sartor_plugins.learn.fitting.capping import CappedFit

    network, _ = amounts
    capped = CappedFit(network, 900.0, 1_000.0)
    assert list(capped.forms()) == ["onnx"]
    (found,) = session_of(capped.export(ASK)).run(None, feed(network.inputs, edge_rows(network.inputs)))
    assert (found.min(), found.max()) == (900.0, 1_000.0)


@pytest.mark.parametrize("kind", ["cnn", *(pytest.param(kind, marks=pytest.mark.slow) for kind in ("gru", "lstm"))])
@pytest.mark.parametrize("beside", ["several layers", pytest.param("quantiles", marks=pytest.mark.slow)])
def test_networks_that_read_windows_answer_alike(kind, beside, context):
    from sartor_plugins.keras.onnx.writing import edge_rows, exported
    from sartor_plugins.keras.sequences import CNN, RNN

    shared = {
        "epochs": 1,
        "refit": False,
        "hidden": [4],
        "quantiles": [0.1, 0.5, 0.9] if beside == "quantiles" else None,
    }
    if kind == "cnn":
        model = CNN(filters=[3, 4], kernel=4, activation="gelu", **shared)
    else:
        model = RNN(cells=[3, 4], cell=kind, both_ways=True, activation="silu", **shared)
    network = model.fit(windows(), context)
    assert len(edge_rows(network.inputs)) == 64
    assert exported(network, ASK)[:1] == b"\x08"


def test_a_graph_that_answers_otherwise_is_not_let_out(amounts, monkeypatch):
    from sartor_plugins.keras.onnx import writing

    network, _ = amounts
    monkeypatch.setattr(writing, "NEAR", -1.0)
    with pytest.raises(PluginError, match="answers otherwise than the network") as raised:
        network.export(ASK)
    assert raised.value.problems[0].code == "X050"


def test_without_the_extra_it_says_what_to_install(amounts, monkeypatch):
    import importlib

    network, _ = amounts
    there = importlib.import_module

    def gone(name, *more):
        if name == "onnxruntime":
            raise ModuleNotFoundError(name=name)
        return there(name, *more)

    monkeypatch.setattr(importlib, "import_module", gone)
    with pytest.raises(SettingError) as raised:
        network.export(ASK)
    assert raised.value.problems[0].message == "an export to ONNX needs onnxruntime, which is not installed"
    assert raised.value.problems[0].hints == (("to mend", 'pip install "sartor[onnx]"'),)
