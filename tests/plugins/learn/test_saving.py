"""Saved models are plain data: what is damaged or made up is refused, and nothing in a file is ever run."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from sartor.components import Fitted, Model
from sartor.context import Context
from sartor.errors import PluginError
from sartor.rows import Training
from sartor_plugins.learn.models.bayes import NaiveBayes
from sartor_plugins.learn.models.boosting import Boosting, LightGBM
from sartor_plugins.learn.models.calibrated import Calibrated
from sartor_plugins.learn.models.chosen import Chosen
from sartor_plugins.learn.models.linear import Logistic
from sartor_plugins.learn.models.nearest import Nearest
from sartor_plugins.learn.models.svm import SVM
from sartor_plugins.learn.models.trees import Forest
from sartor_plugins.learn.models.tuned import Tuned
from sartor_plugins.learn.steps import Mixed

Rows = Callable[..., Training]


def saved(model: Model, make_rows: Rows, context: Context, folder: Path) -> Fitted:
    fitted = model.fit(make_rows("probability"), context)
    fitted.save(folder)
    return fitted


def rewrite(file: Path, **changes: np.ndarray) -> None:
    with np.load(file) as found:
        arrays = {key: found[key] for key in found.files}
    np.savez(file, **{**arrays, **changes})


def test_a_tree_that_points_outside_itself_is_refused(make_rows: Rows, context: Context, tmp_path: Path):
    model = Forest(trees=3)
    saved(model, make_rows, context, tmp_path)
    file = tmp_path / "predictor" / "trees-0.npz"
    with np.load(file) as found:
        left, feature = found["left"].copy(), found["feature"].copy()
    left[0] = 10**9
    rewrite(file, left=left)
    with pytest.raises(
        PluginError, match=r"cannot be read: trees\.json: the trees' arrays do not fit each other  X031"
    ):
        model.load(tmp_path)
    left[0] = 0  # a circle: the walk would never end
    rewrite(file, left=left)
    with pytest.raises(PluginError, match="do not fit each other"):
        model.load(tmp_path)
    feature[0] = 10_000
    rewrite(file, left=left, feature=feature)
    with pytest.raises(PluginError, match="do not fit each other"):
        model.load(tmp_path)


def test_objects_in_a_file_are_refused(make_rows: Rows, context: Context, tmp_path: Path):
    class Bomb:
        def __reduce__(self):
            return (pytest.fail, ("a file was run",))

    for model, name in (
        (Logistic(), "linear.npz"),
        (NaiveBayes(), "bayes.npz"),
        (Nearest(), "rows.npz"),
        (SVM(), "machine.npz"),
    ):
        folder = tmp_path / name
        folder.mkdir()
        saved(model, make_rows, context, folder)
        bomb = np.array([Bomb()], dtype=object)
        np.savez(folder / "predictor" / name, **dict.fromkeys(("coefficients", "prior", "rows", "vectors"), bomb))
        with pytest.raises(PluginError, match=r"cannot be read: .*npz: .*allow_pickle=False"):
            model.load(folder)
        (folder / "predictor" / name).write_bytes(pickle.dumps([1, 2]))
        with pytest.raises(PluginError, match="cannot be read"):
            model.load(folder)


def test_a_kind_that_is_not_on_the_list_is_refused(make_rows: Rows, context: Context, tmp_path: Path):
    saved(Logistic(), make_rows, context, tmp_path)
    (tmp_path / "predictor" / "kind.json").write_text(json.dumps({"format": 1, "kind": "os.system"}))
    with pytest.raises(PluginError, match=r"no model of kind 'os\.system' in format 1  X031"):
        Logistic().load(tmp_path)
    (tmp_path / "kind.json").write_text(json.dumps({"format": 2, "kind": "encoded"}))
    with pytest.raises(PluginError, match="no model of kind 'encoded' in format 2"):
        Logistic().load(tmp_path)


def test_missing_and_broken_files_say_so(make_rows: Rows, context: Context, tmp_path: Path):
    saved(Boosting(trees=3), make_rows, context, tmp_path)
    for name in ("predictor/trees-0.npz", "predictor/trees.json", "encoder.json", "kind.json"):
        text = (tmp_path / name).read_bytes()
        (tmp_path / name).write_text("[")
        with pytest.raises(PluginError, match=rf"cannot be read: .*{Path(name).name.split('-')[0].split('.')[0]}"):
            Boosting().load(tmp_path)
        (tmp_path / name).unlink()
        with pytest.raises(PluginError, match="cannot be read"):
            Boosting().load(tmp_path)
        (tmp_path / name).write_bytes(text)
    Boosting().load(tmp_path)


def test_an_encoder_with_an_unknown_part_is_refused(make_rows: Rows, context: Context, tmp_path: Path):
    saved(Logistic(), make_rows, context, tmp_path)
    file = tmp_path / "encoder.json"
    content = json.loads(file.read_text())
    content["parts"][0]["kind"] = "shell"
    file.write_text(json.dumps(content))
    with pytest.raises(PluginError, match="no part of an encoder is called 'shell'"):
        Logistic().load(tmp_path)


def test_a_broken_lightgbm_text_is_refused(make_rows: Rows, context: Context, tmp_path: Path):
    pytest.importorskip("lightgbm")
    saved(LightGBM(trees=3), make_rows, context, tmp_path)
    (tmp_path / "predictor" / "trees.txt").write_text("no trees here")
    with pytest.raises(PluginError, match=r"cannot be read: trees\.txt"):
        LightGBM().load(tmp_path)


def test_models_that_hold_models_refuse_what_their_settings_do_not_name(
    make_rows: Rows, context: Context, tmp_path: Path
):
    chosen = Chosen(among={"one": {"use": "learn.tree"}})
    (tmp_path / "chosen").mkdir()
    saved(chosen, make_rows, context, tmp_path / "chosen")
    with pytest.raises(PluginError, match="no model is called 'one'"):
        Chosen(among={"other": {"use": "learn.tree"}}).load(tmp_path / "chosen")
    tuned = Tuned(model={"use": "learn.tree"}, over={"depth": [2]})
    (tmp_path / "tuned").mkdir()
    saved(tuned, make_rows, context, tmp_path / "tuned")
    record = json.loads((tmp_path / "tuned" / "picked.json").read_text())
    (tmp_path / "tuned" / "picked.json").write_text(json.dumps({**record, "settings": {"min_leaf": 1}}))
    with pytest.raises(PluginError, match="the settings found are none of those searched"):
        tuned.load(tmp_path / "tuned")
    calibrated = Calibrated(model={"use": "learn.tree"})
    (tmp_path / "calibrated").mkdir()
    saved(calibrated, make_rows, context, tmp_path / "calibrated")
    (tmp_path / "calibrated" / "calibration.json").write_text("{}")
    with pytest.raises(PluginError, match=r"calibration\.json: 'curves'"):
        calibrated.load(tmp_path / "calibrated")


def test_a_broken_step_says_so(make_rows: Rows, context: Context, tmp_path: Path):
    Mixed().fit(make_rows("probability"), context).save(tmp_path)
    (tmp_path / "parts.json").write_text(json.dumps({"format": 9, "parts": []}))
    with pytest.raises(PluginError, match=r"parts\.json: format 9  X031"):
        Mixed().load(tmp_path)
