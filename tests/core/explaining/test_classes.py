"""Of more than two classes it is told what answers lean on, and why the likeliest class is so likely."""

import numpy as np
import pandas as pd
import pytest

from sartor.explaining.leaning import leaning_of
from sartor.explaining.one_row import row_explained
from sartor.explaining.taking_up import taken_up
from sartor.plugins import Plugins
from sartor.recipe.project import Project
from sartor.runs.finding import find_run

RECIPE = """
format: 1
recipe: toy/kinds
ingest:
  people: {use: toy.table, key: id, with: {of: people}}
task: {use: learn.classification, with: {outcome: kind}}
split: {hash: 0.3}
models:
  tree: {use: learn.tree, with: {depth: 3}}
judge: {redraws: 100}
"""


def test_three_kinds_are_explained_in_all_and_one_by_one(run_toys, toys):
    rng = np.random.default_rng(0)
    x = rng.uniform(0, 3, 400)
    kinds = np.array(["low", "middle", "top"])[(x + rng.normal(0, 0.8, 400)).clip(0, 2.9).astype(int)]
    people = pd.DataFrame({"id": np.arange(400), "x": x, "noise": rng.normal(size=400), "kind": kinds})
    run = run_toys(RECIPE, {"people": people})
    recorded = pd.read_parquet(run.folder / "predictions.parquet")
    project = Project.at(run.folder.parents[3])
    key = str(recorded["row"].iloc[0])
    with taken_up(find_run(str(run.folder), project), project, "tree", plugins=Plugins({"toy": toys})) as taken:
        leaning, row = leaning_of(taken, rows=60), row_explained(taken, key)
    first, second = leaning["sources"]
    assert (first["source"], second["source"]) == ("x", "noise")
    assert first["worse"]["low"] > 0
    said = recorded.iloc[0].filter(like="tree: probability:").astype("float64")
    own = str(said.idxmax()).removeprefix("tree: probability:")
    assert row["answer"]["name"] == f"probability:{own}"
    assert row["answer"]["value"] == pytest.approx(float(recorded[f"tree: probability:{own}"].iloc[0]))
    assert row["contributions"][0]["source"] == "x"
    moved = sum(part["amount"] for part in row["contributions"])
    assert row["base"] + moved == pytest.approx(row["answer"]["value"])
    assert row["base"] == pytest.approx(np.mean(kinds == own), abs=0.1)
