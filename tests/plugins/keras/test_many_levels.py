"""A category with far more levels than a network takes, in a whole run."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from sartor.cli import main

pytestmark = pytest.mark.needs("tensorflow", "keras")

RECIPE = """format: 1
recipe: levels
about: A category with many levels.
judge: {redraws: 10}
ingest: {rows: {use: tables.parquet, key: id, with: {path: rows.parquet}}}
task: {use: learn.classification, with: {outcome: bought}}
split: {hash: 0.2}
models:
  network: {use: keras.mlp, with: {epochs: 2, hidden: [8], max_levels: 100}}
  logistic: {use: learn.logistic}
"""


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_twenty_thousand_levels_are_told_of_and_leave_the_number_its_say(tmp_path, monkeypatch, capsys):
    rng = np.random.default_rng(0)
    item = np.concatenate([np.arange(20_000), rng.integers(0, 20_000, 10_000)])
    x = rng.normal(size=len(item))
    bought = np.where(rng.random(len(item)) < 1 / (1 + np.exp(-2 * x)), "yes", "no")
    table = pd.DataFrame(
        {"id": np.arange(len(item)), "item": [f"item {one}" for one in item], "x": x, "bought": bought}
    )
    table.to_parquet(tmp_path / "rows.parquet")
    (tmp_path / "sartor.toml").write_text("report = false\n", encoding="utf-8")
    (tmp_path / "recipe.yaml").write_text(RECIPE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert main(["run", "recipe.yaml"]) == 0
    err = " ".join(capsys.readouterr().err.split())
    assert "! network: 'item' has" in err
    assert "levels: the 100 commonest" in err
    assert "all others share one" in err
    (run,) = (tmp_path / "runs" / "levels").glob("*-*")
    learned = json.loads((run / "models" / "network" / "learned.json").read_text("utf-8"))
    # 102 codes of the category at most, and one number: no table of 20,000 rows.
    assert learned["weights"] < 102 * 50 + 1_000, learned
