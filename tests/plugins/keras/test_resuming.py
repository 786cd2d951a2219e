"""A training that is killed goes on where it stood, and comes to the same bytes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sartor.runs.cache import Cache
from sartor.testing import make_context
from sartor_plugins.keras.transformer import Transformer
from sartor_plugins.keras.two_tower import TwoTower

sys.path.insert(0, str(Path(__file__).parents[1] / "recommend"))

from recommend_shops import rows_of

pytestmark = pytest.mark.needs("tensorflow", "keras")

RECIPE = """format: 1
recipe: network
about: A network that takes its time.
ingest: {shop: {use: samples.purchases, key: customer, with: {rows: 600}}}
task: {use: learn.regression, with: {outcome: amount}}
split: {hash: 0.3}
models: {network: {use: keras.mlp, with: {hidden: [8], epochs: 60, patience: 60, batch: 8, dropout: 0.1}}}
"""
SLOWLY = """
from sartor.runs import cache
from sartor_plugins.keras import resuming
cache.own_code = lambda: "as it is"  # sources that change meanwhile are another training
resuming.EVERY = 0.0
import sartor
sartor.run("network", seed=3)
"""


class Killed(BaseException):
    """As if the process had ended there."""


def test_a_course_goes_on_behind_the_epoch_in_which_it_was_killed(mlp, number_rows, tmp_path, monkeypatch):
    from sartor_plugins.keras import resuming
    from sartor_plugins.keras.training import Course

    monkeypatch.setattr(resuming, "EVERY", 0.0)
    training, unseen = number_rows(), number_rows(seed=9).without_truth()
    settings = {"epochs": 14, "patience": 4, "dropout": 0.2, "refit": True}
    context = make_context(tmp_path / "a")
    whole = mlp(**settings).fit(training, context)
    assert not (tmp_path / "left").exists()
    leaving = replace(context, unfinished=tmp_path / "left")
    made = []
    epoch = Course._epoch

    def killed_at_5(*args):
        made.append(1)
        if len(made) == 5:
            raise Killed
        return epoch(*args)

    monkeypatch.setattr(Course, "_epoch", killed_at_5)
    with pytest.raises(Killed):
        mlp(**settings).fit(training, leaving)
    (left,) = (tmp_path / "left").iterdir()
    found = mlp(**settings).fit(training, leaving)
    # 4 epochs were made before; the fifth is made again.
    assert len(made) == 5 + len(whole.history["epochs"]) - 4 + whole.history["best"]
    assert found.history == whole.history
    assert found.predict(unseen).to_numpy().tobytes() == whole.predict(unseen).to_numpy().tobytes()
    # Another course takes nothing up, and what cannot be read is begun anew.
    assert len(list((tmp_path / "left").iterdir())) == 2
    left.write_bytes(b"PK")
    again = mlp(**settings).fit(training, leaving)
    assert again.history == whole.history


RECOMMENDERS = {
    "keras.transformer": {"width": 8, "layers": 1, "heads": 1},
    "keras.two_tower": {"width": 8, "hidden": 8, "buckets": 100},
}


def killed_in(context, epoch):
    """Return the context of a fit that ends in telling of an epoch, before it is written down."""
    made = []

    def tell(event):
        if getattr(event, "unit", "").startswith("epochs, loss"):
            made.append(event.done)
            if len(made) == epoch:
                raise Killed

    return replace(context, tell=tell), made


@pytest.mark.parametrize("use", list(RECOMMENDERS))
def test_a_recommender_goes_on_behind_the_epoch_in_which_it_was_killed(use, tmp_path, monkeypatch):
    from sartor_plugins.keras import resuming

    monkeypatch.setattr(resuming, "EVERY", 0.0)
    model_of = {"keras.transformer": Transformer, "keras.two_tower": TwoTower}[use]
    training, held = rows_of("all")
    settings = {**RECOMMENDERS[use], "epochs": 6, "patience": 2, "rate": 0.02, "dropout": 0.2, "refit": True}

    def answers(fitted):
        slates = fitted.predict(held.without_truth())
        return slates.to_json(orient="split")

    context = make_context(tmp_path / "a")
    whole = model_of(**settings).fit(training, context)
    assert not (tmp_path / "left").exists()
    best, epochs = whole.settings["history"]["best"], len(whole.settings["history"]["epochs"])
    assert whole.settings["history"]["refit"]
    context = replace(context, unfinished=tmp_path / "left")
    # Killed among the rows held out, and again while all teaches: what comes before is not made again.
    killed, first = killed_in(context, 3)
    with pytest.raises(Killed):
        model_of(**settings).fit(training, killed)
    assert first == [1, 2, 3]
    killed, second = killed_in(context, epochs - 2 + 1)
    with pytest.raises(Killed):
        model_of(**settings).fit(training, killed)
    assert second == [*range(3, epochs + 1), 1]
    heard, third = killed_in(context, 100)
    found = model_of(**settings).fit(training, heard)
    assert third == list(range(1, best + 1))
    assert found.settings == whole.settings
    assert answers(found) == answers(whole)
    # Other settings, another seed and other rows begin at the first epoch.
    others = [
        (model_of(**{**settings, "penalty": 0.5}), training, context),
        (model_of(**settings), training, replace(context, seed=context.seed + 1)),
        (model_of(**settings), training.take(np.arange(len(training) - 1)), context),
    ]
    for other, rows, about in others:
        heard, made = killed_in(about, 1)
        with pytest.raises(Killed):
            other.fit(rows, heard)
        assert made == [1]


def test_a_time_budget_counts_what_was_used_before():
    from sartor_plugins.keras.training import Clock

    clock = Clock(100.0)
    clock.was_running(98.0)
    assert clock.has(1.0)
    assert not clock.has(3.0)


def test_what_was_left_is_removed_when_the_stage_is_kept_or_fails(tmp_path):
    cache = Cache(tmp_path / "cache")
    left = cache.unfinished("abc")
    left.mkdir(parents=True)
    (left / "course.npz").write_bytes(b"")
    cache.finished("abc")
    assert not (tmp_path / "cache" / "unfinished").exists()
    left.mkdir(parents=True)
    os.utime(left, (0, 0))
    cache.collect(older_than=3600)
    assert not left.exists()


def start(project: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", SLOWLY], cwd=project, env={**os.environ, "OMP_NUM_THREADS": "1"})


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_run_that_is_killed_comes_to_the_same_bytes(project):
    (project / "recipes").mkdir(exist_ok=True)
    (project / "recipes" / "network.yaml").write_text(RECIPE, encoding="utf-8")
    unfinished = project / "runs" / ".cache" / "unfinished"
    kills = 0
    for epochs in (2, 20):
        process = start(project)
        while process.poll() is None:
            if any(_epochs(file) >= epochs for file in unfinished.glob("*/*.npz")):
                process.send_signal(signal.SIGKILL)
                process.wait()
                kills += 1
            time.sleep(0.01)
    assert kills == 2
    assert start(project).wait() == 0
    assert not unfinished.exists()
    (killed,) = _whole(project)
    for part in (project / "runs" / ".cache").glob("fit/*"):
        for file in part.rglob("*"):
            if file.is_file():
                file.unlink()
    assert start(project).wait() == 0
    (other,) = _whole(project) - {killed}
    for name in ("predictions.parquet", "metrics.json", "models/network/learned.json"):
        assert (killed / name).read_bytes() == (other / name).read_bytes()


def _whole(project: Path) -> set[Path]:
    """Return the runs that came to their end."""
    return {file.parent for file in (project / "runs" / "network").glob("*-*/summary.json")}


def _epochs(file: Path) -> int:
    try:
        with np.load(file) as saved:
            return len(json.loads(bytes(saved["told"]).decode())["epochs"])
    except (OSError, ValueError, KeyError, EOFError):
        return 0
