"""Recorded networks and new rows: files of several row groups, one row by itself, ONNX, and formats that are newer."""

from __future__ import annotations

import importlib
import json
import shutil
import sys
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from bad_networks import rows_of_a_shop, shop, small

import sartor
from sartor.cli import main
from sartor.errors import SartorError

pytestmark = pytest.mark.needs("tensorflow", "keras")

NEWER = {
    "record": ("sartor.predicting.opening", "RECORD_FORMAT"),
    "interface": ("sartor.predicting.interface", "FORMAT"),
    "model": ("sartor.runs.models", "FORMAT"),
    "ledger": ("sartor.runs.verifying", "FORMAT"),
    "network": ("sartor_plugins.keras.stored", "FORMAT"),
}
"""Which format a part of a run's folder has: where the number stands that this sartor reads."""
SAID = {
    "record": (2, "run {run} is recorded in format 1, and this sartor reads format 0: sartor {version} recorded it",
               "to mend: use the version of sartor that recorded it, or run the recipe again"),
    "interface": (2, "run {run} tells in format 1 what its models ask for, and this sartor reads format 0",
                  "to mend: use the version of sartor that wrote it, or run the recipe again"),
    "model": (2, "model 'network' of run {run} is saved in format 1, and this sartor reads format 0",
              "to mend: use the version of sartor that wrote it, or run the recipe again"),
    "ledger": (2, "the ledger of run {run} is in format 1, and this sartor reads format 0",
               "to mend: verify it with the version of sartor that wrote it"),
    "network": (4, "the saved model in network is of format 1, and this sartor reads format 0: a newer one wrote it",
                "to mend: pip install --upgrade sartor, or fit the model again with this one"),
}  # fmt: skip


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """A project with one run of a small network, and new customers, some of them odd."""
    folder = tmp_path_factory.mktemp("recorded")
    (folder / "sartor.toml").write_text("report = false\n", encoding="utf-8")
    (folder / "recipe.yaml").write_text(rows_of_a_shop(small("keras.mlp", "epochs: 3, batch: 16")), encoding="utf-8")
    shop().to_csv(folder / "shop.csv", index=False)
    new = shop(70).drop(columns=["amount", "paid", "part"]).astype({"age": "float"})
    new["part"] = "train"
    new.loc[3, "home"], new.loc[4, "home"] = "tent", None
    new.loc[5, "age"], new.loc[6, "income"], new.loc[7, "income"] = np.nan, 1e30, -1e30
    table = pa.Table.from_pandas(new, preserve_index=False)
    pq.write_table(table, folder / "new.parquet", row_group_size=16)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        yield sartor.run("recipe.yaml"), new, folder


@pytest.fixture
def at_home(recorded, monkeypatch):
    monkeypatch.chdir(recorded[2])
    return recorded


@pytest.fixture
def asked(at_home, capsys):
    """Calls sartor, and returns its exit code, its output and what it said, line by line."""

    def ask(*arguments: str):
        capsys.readouterr()
        code = main(list(arguments))
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        return code, said.out, [" ".join(line.split()) for line in said.err.splitlines()]

    return ask


def test_a_file_of_several_row_groups_is_answered_as_row_by_row_and_as_its_graph(asked, recorded, monkeypatch):
    onnxruntime = pytest.importorskip("onnxruntime")
    from sartor_plugins.keras import fitted

    run, new, folder = recorded
    assert pq.ParquetFile(folder / "new.parquet").num_row_groups == 5
    code, _, said = asked("predict", "@last", "--data", "new.parquet", "--out", "answers.parquet")
    assert code == 0, said
    whole = pd.read_parquet("answers.parquet")
    assert whole["customer"].tolist() == new["customer"].tolist()
    assert np.isfinite(whole["number"]).all()
    # Whatever is answered together makes no difference.
    monkeypatch.setattr(fitted, "AT_ONCE", 7)
    assert sartor.predict(run, folder / "new.parquet")["number"].to_numpy() == pytest.approx(whole["number"], rel=1e-12)
    alone = [sartor.predict(run, new.iloc[[place]])["number"].iloc[0] for place in range(10)]
    assert alone == pytest.approx(whole["number"].iloc[:10].tolist(), rel=1e-12)
    assert asked("export", "@last", "--to", "network.onnx")[0] == 0
    session = onnxruntime.InferenceSession("network.onnx", providers=["CPUExecutionProvider"])
    told = session.get_modelmeta().custom_metadata_map
    numbers = new[json.loads(told["numbers"])].to_numpy(np.float64)
    categories = new[json.loads(told["categories"])].fillna(told["missing_category"]).to_numpy(object)
    (found,) = session.run(["number"], {"numbers": numbers, "categories": categories})
    assert found[:, 0] == pytest.approx(whole["number"].to_numpy(), rel=1e-4)


@pytest.mark.parametrize("part", NEWER)
def test_a_run_of_a_newer_sartor_says_which_part_cannot_be_read(part, asked, recorded, monkeypatch):
    """A run of this sartor is one of a newer sartor to one that reads the format before."""
    module, name = NEWER[part]
    monkeypatch.setattr(importlib.import_module(module), name, 0)
    code, out, said = asked("predict", "@last", "--data", "new.parquet")
    expected, message, mend = SAID[part]
    message = message.format(run=recorded[0].run_id, version=sartor.__version__)
    assert (code, out, said[:2]) == (expected, "", [f"{message} {'D152' if expected == 2 else 'X032'}", mend])
    with pytest.raises(SartorError) as raised:
        sartor.predict(recorded[0], recorded[2] / "new.parquet")
    assert message in " ".join(str(raised.value).split())
    assert raised.value.exit_code == expected


def test_a_network_of_a_newer_keras_names_both_versions(asked, recorded, monkeypatch):
    """Weights that this Keras cannot read, in a run that nobody has changed since."""
    import keras

    from sartor_plugins.keras import stored

    load_weights = keras.Model.load_weights

    def unreadable(self, file, *more):
        if Path(file).name == "network.keras":
            raise ValueError("a layer of it is not known")
        return load_weights(self, file, *more)

    monkeypatch.setattr(keras.Model, "load_weights", unreadable)
    monkeypatch.setattr(keras, "__version__", "3.0.0")
    (file,) = recorded[0].folder.rglob("network.keras")
    with zipfile.ZipFile(file) as archive:
        wrote = json.loads(archive.read("metadata.json"))["keras_version"]
    code, out, said = asked("predict", "@last", "--data", "new.parquet")
    assert (code, out) == (4, "")
    assert said[:2] == [
        f"the saved model in network was written by Keras {wrote}, and Keras 3.0.0 cannot read it X032",
        f'to mend: pip install "keras>={wrote}", or fit the model again',
    ]
    assert stored.NETWORK == "network.keras"


def test_a_network_that_answers_otherwise_names_the_libraries_that_changed(asked, recorded, monkeypatch):
    from sartor.runs import models
    from sartor_plugins.keras.fitted import Network

    before = models.versions()
    assert "keras" in before
    assert {"tensorflow", "tensorflow-cpu"} & set(before)
    predict = Network.predict
    monkeypatch.setattr(Network, "predict", lambda self, scoring: predict(self, scoring) + 1.0)
    monkeypatch.setattr(models, "versions", lambda: {**before, "keras": "9.0.0"})
    code, _, said = asked("predict", "@last", "--data", "new.parquet")
    assert code == 2
    assert said[0].startswith(
        f"model 'network' of run {recorded[0].run_id} answers its golden rows otherwise than when"
    )
    assert said[2] == f"changed since: keras {before['keras']} → 9.0.0"


def test_new_rows_without_a_column_of_the_network_are_refused(asked, recorded):
    recorded[1].drop(columns=["income"]).to_parquet("short.parquet")
    code, out, said = asked("predict", "@last", "--data", "short.parquet")
    assert (code, out) == (2, "")
    assert said[0] == "short.parquet has no column 'income', which the models learned from D160"


def test_a_network_file_that_was_changed_is_refused_before_it_is_read(asked, recorded, tmp_path):
    run = recorded[0]
    copy = tmp_path / "runs" / "network" / run.run_id
    shutil.copytree(run.folder, copy)
    (kind,) = copy.rglob("kind.json")
    kind.write_text(json.dumps({"format": 2, "kind": "network"}), encoding="utf-8")
    code, out, said = asked("predict", str(copy), "--data", "new.parquet")
    assert (code, out) == (2, "")
    assert (
        f"model 'network' of run {run.run_id} is not as it was recorded: models/network/kind.json: changed" in said[0]
    )
