"""The probes behind the suites: what counts as a pickle, as a heavy import, as a change."""

from __future__ import annotations

import base64
import bz2
import gzip
import json
import lzma
import pickle
import random
import zipfile
import zlib

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sartor.components import Settings
from sartor.testing import Watch, difference, heavy_imports, pickles_in, sample_classification, snapshot

LEARNED = {"weights": [0.25, 0.75], "name": "forest"}

# -- pickles -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_pickle_of_any_protocol_is_found_whatever_it_is_called(tmp_path, protocol):
    (tmp_path / "model.json").write_bytes(pickle.dumps(LEARNED, protocol=protocol))

    assert pickles_in(tmp_path) == ["model.json: a pickle"]


@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress, lzma.compress, zlib.compress])
def test_a_compressed_pickle_is_found(tmp_path, compress):
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "model.bin").write_bytes(compress(pickle.dumps(LEARNED)))

    assert pickles_in(tmp_path) == ["deep/model.bin (unpacked): a pickle"]


def test_a_pickle_in_an_archive_is_found(tmp_path):
    with zipfile.ZipFile(tmp_path / "model.skops", "w") as archive:
        archive.writestr("schema.json", "{}")
        archive.writestr("tree.bin", pickle.dumps(LEARNED))

    assert pickles_in(tmp_path) == ["model.skops/tree.bin: a pickle"]


def test_an_array_of_objects_is_found(tmp_path):
    np.save(tmp_path / "labels.npy", np.array(["a", None], dtype=object), allow_pickle=True)
    np.savez(tmp_path / "model.npz", weights=np.zeros(3), labels=np.array([None], dtype=object))

    assert pickles_in(tmp_path) == [
        "labels.npy: a NumPy array of objects, which is a pickle inside",
        "model.npz/labels.npy: a NumPy array of objects, which is a pickle inside",
    ]


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_a_pickle_in_base64_is_found(tmp_path, protocol):
    text = base64.b64encode(pickle.dumps(LEARNED, protocol=protocol)).decode()
    (tmp_path / "model.json").write_text(json.dumps({"model": text}))

    assert pickles_in(tmp_path) == ["model.json: a pickle in base64"]


@pytest.mark.parametrize("name", ["model.pkl", "model.joblib", "weights.PT"])
def test_a_file_that_is_loaded_by_unpickling_is_found_by_its_name(tmp_path, name):
    (tmp_path / name).write_bytes(b"anything")

    assert pickles_in(tmp_path) == [f"{name}: a kind of file that is loaded by unpickling"]


def test_data_is_no_pickle(tmp_path):
    (tmp_path / "model.json").write_text(json.dumps({**LEARNED, "text": "gASsomething that is not long enough"}))
    (tmp_path / "numbers.txt").write_text("0.85\n1.0.")
    (tmp_path / "empty").write_bytes(b"")
    (tmp_path / "stop").write_bytes(b".")
    (tmp_path / "cut.gz").write_bytes(gzip.compress(b"x" * 1000)[:20])
    np.savez(tmp_path / "weights.npz", weights=np.random.default_rng(0).normal(size=1000), labels=np.array(["a", "b"]))
    np.save(tmp_path / "record.npy", np.zeros(2, dtype=[("a", "f8"), ("b", "i4")]))
    pq.write_table(pa.table({"label": ["a", "b"], "mean": [0.5, 0.25]}), tmp_path / "means.parquet")

    assert pickles_in(tmp_path) == []


def test_a_model_that_skops_wrote_is_no_pickle(tmp_path):
    from sklearn.ensemble import RandomForestClassifier
    from skops.io import dump

    training = sample_classification(rows=60)
    numbers = training.X[["months", "balance"]]
    dump(RandomForestClassifier(5, random_state=0).fit(numbers, training.y), tmp_path / "forest.skops")

    assert pickles_in(tmp_path) == []


# -- imports -----------------------------------------------------------------------------------------------------------


def test_what_a_module_brings_in_is_named():
    assert heavy_imports(["pandas"], heavy=["duckdb", "numpy", "pandas"]) == ["numpy", "pandas"]
    assert heavy_imports(["json", "sartor.components"]) == []


def test_a_module_that_is_not_there_is_an_import_error_with_its_cause():
    with pytest.raises(ImportError, match=r"(?s)no_such_module cannot be imported afresh:.*No module named"):
        heavy_imports(["no_such_module"])


def test_modules_are_looked_for_where_this_interpreter_looks(tmp_path, monkeypatch):
    (tmp_path / "only_here.py").write_text("import numpy\n")
    monkeypatch.syspath_prepend(str(tmp_path))

    assert heavy_imports(["only_here"]) == ["numpy"]


# -- changes -----------------------------------------------------------------------------------------------------------


class Trees(Settings):
    depths: list[int]


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (1, 2, "it is 2 and was 1"),
        (1, 1.0, "it is float and was int"),
        ("a", None, "it is NoneType and was str"),
        (float("nan"), 1.0, "it is 1.0 and was nan"),
        ([1], [1, 2], "it has 2 entries and had 1"),
        ({"a": [1, 2]}, {"a": [1, 3]}, "it['a'][1] is 3 and was 2"),
        ({"a": 1}, {"b": 1}, "it has the entries b and had a"),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, "it has the entries b, a and had a, b"),
        (np.array([1, 2]), np.array([1, 5]), "it differs in 1 of 2 lines, first in line 1: 5 and not 2"),
        (np.array([1, 2]), np.array([1.0, 2.0]), "it is float64 of shape (2,) and was int64 of shape (2,)"),
        (np.zeros((2, 2)), np.zeros(4), "it is float64 of shape (4,) and was float64 of shape (2, 2)"),
        (pd.DataFrame({"a": [1]}), pd.DataFrame({"b": [1]}), "it has the columns b and had a"),
        (pd.DataFrame({"a": [1]}), pd.DataFrame({"a": [1, 2]}), "it has 2 lines and had 1"),
        (pd.DataFrame({"a": [1]}), pd.DataFrame({"a": [1]}, index=[5]), "it has another index than it had"),
        (pd.DataFrame({"a": [1]}), pd.DataFrame({"a": [1.0]}), "it['a'] is of type float64 and was int64"),
        (
            pd.DataFrame({"a": ["x", None, "z"]}),
            pd.DataFrame({"a": ["x", "y", "w"]}),
            "it['a'] differs in 2 of 3 lines, first in line 1: 'y' and not nan",
        ),
        (
            pd.DataFrame({"slate": [["a", "b"], ["c"]]}),
            pd.DataFrame({"slate": [["a", "b"], ["d"]]}),
            "it['slate'] differs in 1 of 2 lines, first in line 1: ['d'] and not ['c']",
        ),
    ],
)
def test_the_first_difference_is_said_in_words(before, after, said):
    assert difference(before, after, "it") == said


@pytest.mark.parametrize(
    "thing",
    [
        float("nan"),
        pd.DataFrame({"a": [1.0, np.nan], "b": ["x", None], "c": pd.Categorical(["u", None])}),
        {"weights": np.array([np.nan, 1.0]), "names": ("a", "b")},
        pd.DataFrame({"when": pd.to_datetime(["2024-01-01", None]), "slate": [["a"], []]}),
    ],
    ids=["number", "frame", "mapping", "times and lists"],
)
def test_a_snapshot_is_like_what_it_was_taken_of(thing):
    assert difference(snapshot(thing), thing, "it") is None


def test_a_tolerance_is_for_numbers():
    near = pd.DataFrame({"a": [1.0 + 1e-9]})

    assert difference(pd.DataFrame({"a": [1.0]}), near, "it", tolerance=1e-7) is None
    assert difference(pd.DataFrame({"a": [1.0]}), near, "it") is not None


def test_a_snapshot_is_deep():
    settings, training = Trees(depths=[1]), sample_classification(rows=30)
    watch = Watch(settings=settings, training=training)
    watch.assert_unchanged("looking")

    settings.depths.append(2)
    with pytest.raises(AssertionError, match=r"growing changes .*: settings\['depths'\] has 2 entries and had 1"):
        watch.assert_unchanged("growing")

    watch = Watch(training=training)
    training.rows.loc[3, "months"] = -1.0
    with pytest.raises(AssertionError, match=r"writing changes .*: training\.rows\['months'\] differs in 1 of 30"):
        watch.assert_unchanged("writing")


@pytest.mark.parametrize("draw", [random.random, np.random.random], ids=["random", "numpy"])
def test_drawing_from_a_global_generator_is_noticed(draw):
    watch = Watch()
    draw()

    with pytest.raises(AssertionError, match="guessing uses or seeds the global random generator"):
        watch.assert_unchanged("guessing")
