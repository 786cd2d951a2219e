"""A frame on disk is no looser than one in memory: what is left out of it, and what models may see of it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sartor.engine import Engine
from sartor.events import Note
from sartor.stages.kept_frame import keep_frame
from sartor.stored import StoredFile

RECIPE = """
format: 1
recipe: toy/large
ingest:
  events: {use: toy.table, key: id, time: day, with: {of: events}}
task: {use: toy.dated}
split: {time: 2024-04-01}
models:
  rate: {use: toy.piecewise}
judge: {redraws: 100}
"""
ROWS = 600


def events() -> pd.DataFrame:
    """Orders: each client has five, whose mark is different in each, and one order alone has a gift."""
    numbers, rng = np.arange(ROWS), np.random.default_rng(0)
    return pd.DataFrame(
        {
            "id": numbers,
            "day": pd.Timestamp("2023-12-01") + pd.to_timedelta(numbers // 4, unit="D"),
            "x": rng.normal(size=ROWS),
            "client": [f"client {number}" for number in rng.permutation(ROWS) // 5],
            "mark": [f"mark {number}" for number in numbers],
            "gift": np.where(numbers == 3, 7.5, np.nan),
            "none": np.full(ROWS, np.nan),
            "won": rng.integers(0, 2, ROWS),
        }
    )


@pytest.fixture
def on_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """All rows lie on disk, and few are drawn to look at columns: clients hardly come again among them."""
    monkeypatch.setattr("sartor.stages.featuring.is_beyond", lambda rows, kinds, limit: True)
    monkeypatch.setattr("sartor.stages.framing.LOOKED_AT", 60)
    monkeypatch.setattr("sartor.stages.narrowing.PIECE", 100)


def test_what_is_left_out_follows_from_all_training_rows_not_from_those_drawn(run_toys, toys, on_disk):
    notes = []
    run_toys(RECIPE, {"events": events()}, listen=notes.append)

    training, _ = toys.MET
    assert training.features == ["x", "client", "gift"]
    said = [note.text for note in notes if isinstance(note, Note) and note.text.endswith("left out")]
    assert said == [
        "mark has a different text in nearly every row: an identifier or free text: left out",
        "none is missing in every training row: left out",
    ]


def test_models_see_no_truth_beside_the_rows_on_disk(run_toys, toys, on_disk):
    run_toys(RECIPE, {"events": events()})

    training, _ = toys.MET
    assert training.stored
    assert "__row" in training.spine
    assert not [name for name in training.spine if name.startswith(("__target", "__weight")) or name == "won"]


def test_a_model_that_writes_into_the_truth_changes_it_for_no_other(run_toys, on_disk, monkeypatch):
    frames = []

    def kept(*given):
        frame, digest = keep_frame(*given)
        frames.append(frame)
        return frame, digest

    monkeypatch.setattr("sartor.performing.keep_frame", kept)
    run_toys(RECIPE, {"events": events()})
    training, _ = frames[0].round(0)
    training.y[:] = 9

    assert 9 not in frames[0].round(0)[0].y


@pytest.mark.skipif(os.name == "nt", reason="an open file cannot be removed there")
def test_a_cache_that_is_cleaned_meanwhile_takes_no_rows_from_a_run(run_toys, on_disk, monkeypatch):
    def cleaned(*given):
        frame, digest = keep_frame(*given)
        shutil.rmtree(Path("runs") / ".cache")
        return frame, digest

    held = run_toys(RECIPE, {"events": events()})
    monkeypatch.setattr("sartor.performing.keep_frame", cleaned)
    run = run_toys(RECIPE, {"events": events()}, from_stage="features")

    assert (run.folder / "predictions.parquet").read_bytes() == (held.folder / "predictions.parquet").read_bytes()


def test_a_column_named_like_a_part_of_a_structure_keeps_its_own_type(tmp_path: Path):
    shops = [{"town": None}, {"town": 2}]
    with Engine() as engine:
        table = engine.frame(pd.DataFrame({"shop": shops, "shop.town": [5, 6]}))
        kinds = engine.keep(table, tmp_path / "rows.parquet")
        fetched = engine.fetch(table)

    read = StoredFile(tmp_path / "rows.parquet", kinds).read(["shop", "shop.town"], np.arange(2))
    pd.testing.assert_frame_equal(read, fetched)
    assert read["shop.town"].dtype == "int64"


@pytest.mark.parametrize("cell", ["array_value(1.5, NULL)", "'{\"colour\": 1}'::JSON", "[[1], NULL]", "{'a': 1}"])
def test_unusual_columns_with_holes_come_back_as_a_fetch_gives_them(tmp_path: Path, cell):
    with Engine() as engine:
        table = engine.connection.sql(f"SELECT CASE WHEN i = 3 THEN NULL ELSE {cell} END AS v FROM range(9) t(i)")
        kinds = engine.keep(table, tmp_path / "rows.parquet")
        fetched = engine.fetch(table)

    pd.testing.assert_frame_equal(StoredFile(tmp_path / "rows.parquet", kinds).read(["v"], np.arange(9)), fetched)
