"""Rows that do not fit in memory stay on disk, and a run over them comes to the same as one that holds them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from narwhals import Boolean, Float64, Int64, List, String

from sartor.engine import GROUP_ROWS, Engine
from sartor.errors import InputError
from sartor.events import Note
from sartor.stages.beyond import is_beyond, limit_of
from sartor.stored import Stored, StoredFile

RECIPE = """
format: 1
recipe: toy/large
ingest:
  events: {use: toy.table, key: id, time: day, with: {of: events}}
task: {use: toy.dated, with: {group: shop}}
split: {time: 2024-06-01}
features:
  seen: {use: toy.seen, from: events}
models:
  tree: {use: learn.tree, with: {depth: 3}}
  chosen: {use: learn.tuned, with: {model: {use: learn.tree}, over: {depth: [1, 3]}}}
actions:
  say: {use: toy.decides}
gates: [{metric: log_loss, at_most: 2}]
judge: {redraws: 100}
"""


def events(n: int = 600) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    x = rng.normal(size=n)
    return pd.DataFrame(
        {
            "id": [f"order {number}" for number in rng.permutation(n)],
            "day": pd.Timestamp("2023-12-01") + pd.to_timedelta(np.arange(n) // 2, unit="D"),
            "shop": rng.integers(0, 40, n),
            "x": np.where(rng.random(n) < 0.1, np.nan, x),
            "items": pd.array(np.where(rng.random(n) < 0.1, None, rng.integers(1, 5, n)), dtype="Int64"),
            "late": pd.array(np.where(rng.random(n) < 0.1, None, x > 1), dtype="boolean"),
            "colour": rng.choice(["red", "green", None], size=n),
            "won": (x + rng.normal(size=n) > 0).astype("int64"),
        }
    )


@pytest.fixture
def on_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sartor.stages.featuring.is_beyond", lambda rows, kinds, limit: True)


class TestARunOverRowsOnDisk:
    def test_comes_to_the_same_bytes_as_one_that_holds_them(self, run_toys, monkeypatch):
        held = run_toys(RECIPE, {"events": events()})
        monkeypatch.setattr("sartor.stages.featuring.is_beyond", lambda rows, kinds, limit: True)
        stored = run_toys(RECIPE, {"events": events()}, from_stage="features")

        names = ["metrics.json", "predictions.parquet", "decisions.parquet", "sections.json", "interface.json"]
        assert {name: (held.folder / name).read_bytes() for name in names} == {
            name: (stored.folder / name).read_bytes() for name in names
        }
        golden = sorted(path.relative_to(held.folder) for path in held.folder.rglob("golden.parquet"))
        assert len(golden) == 2
        assert all((held.folder / path).read_bytes() == (stored.folder / path).read_bytes() for path in golden)

    def test_is_taken_up_where_it_is_kept(self, run_toys, on_disk):
        first, again = (run_toys(RECIPE, {"events": events()}) for _ in range(2))

        assert "(kept)" in (again.folder / "log.txt").read_text("utf-8")
        assert (first.folder / "metrics.json").read_bytes() == (again.folder / "metrics.json").read_bytes()

    def test_says_so_and_names_the_models_that_hold_all_rows(self, run_toys, on_disk):
        notes = []
        first = run_toys(RECIPE, {"events": events()}, listen=notes.append)

        said = {(note.stage, note.said): note.caution for note in notes if isinstance(note, Note)}
        stay = (
            "600 rows do not fit in the memory that a run may take, and stay on disk; models that can learn from them"
        )
        assert said["features", f"{stay} piece by piece do so"] is False
        text = "{}: the model cannot learn from rows piece by piece: all 366 are read into memory"
        assert said["models", text.format("tree")] is said["models", text.format("chosen")] is True
        # What is kept says so too, and whose it is goes by the recipe that takes it up.
        again = run_toys(RECIPE, {"events": events()})
        told, retold = (
            [note["text"] for note in run.summary["notes"] if note["stage"] == "models"] for run in (first, again)
        )
        assert text.format("chosen") in told
        assert retold == told
        assert f"models: {text.format('tree')}" in (again.folder / "log.txt").read_text("utf-8")
        alone = RECIPE.replace(next(line for line in RECIPE.splitlines(keepends=True) if "chosen:" in line), "")
        kept = run_toys(alone, {"events": events()})
        assert text.format("tree").removeprefix("tree: ") in [note["text"] for note in kept.summary["notes"]]

    def test_says_where_its_disk_is_memory_itself(self, run_toys, on_disk, monkeypatch):
        monkeypatch.setattr("sartor.stages.beyond.is_in_memory", lambda folder: True)
        notes = []
        run_toys(RECIPE, {"events": events()}, listen=notes.append)

        said = {note.text: note.caution for note in notes if isinstance(note, Note)}
        where = "take 0.00 GB of a memory file system, as those of an encrypted run always do"
        assert said[f"600 rows do not fit in the memory that a run may take, and {where}"] is True

    def test_still_finds_a_feature_that_sees_the_future(self, run_toys, on_disk):
        shameless = RECIPE.replace("from: events}", "from: events, with: {all_of_time: true}}")

        with pytest.raises(InputError, match="feature 'mean_x' saw the future"):
            run_toys(shameless, {"events": events()})

    def test_still_finds_a_feature_that_tells_the_outcome(self, run_toys, on_disk):
        with pytest.raises(InputError, match="'twin'"):
            run_toys(RECIPE, {"events": events().assign(twin=lambda table: table["won"] * 2.0 + 1)})


def test_a_model_that_learns_from_pieces_meets_every_row_once_and_reads_no_more(run_toys, on_disk, toys):
    notes = []
    text = RECIPE.replace("tree: {use: learn.tree, with: {depth: 3}}", "rate: {use: toy.piecewise}")
    run_toys(text, {"events": events()}, listen=notes.append)

    training, pieces = toys.MET
    assert [len(piece) for piece in pieces] == [100, 100, 100, 66]
    assert training.stored, "the whole was never read"
    keys = pd.concat([piece.rows["__row"] for piece in pieces])
    assert keys.is_unique
    table = events().set_index("id").loc[keys]
    np.testing.assert_array_equal(np.concatenate([piece.X["x"] for piece in pieces]), table["x"])
    np.testing.assert_array_equal(np.concatenate([piece.y for piece in pieces]), table["won"])
    # The one beside it holds all rows and says so; this one has nothing to say.
    holding = [note.whose for note in notes if isinstance(note, Note) and "read into memory" in note.text]
    assert holding == ["chosen"]


class TestStoredColumns:
    @pytest.fixture
    def table(self) -> pd.DataFrame:
        n = 2 * GROUP_ROWS + 10
        rng = np.random.default_rng(0)
        whole = pd.array(np.arange(n), dtype="Int64")
        late = pd.array(rng.random(n) < 0.5, dtype="boolean")
        # Only the last group has holes: the pieces before it must have the same types all the same.
        whole[n - 1] = late[n - 1] = pd.NA
        return pd.DataFrame(
            {
                "id": rng.permutation(n),
                "whole": whole,
                "late": late,
                "paid": rng.random(n) < 0.5,
                "day": pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(n), unit="min"),
                "wait": pd.to_timedelta(np.arange(n), unit="s"),
                "name": [f"shop {number % 7}" for number in range(n)],
            }
        )

    @pytest.fixture
    def stored(self, table: pd.DataFrame, tmp_path: Path) -> tuple[Stored, pd.DataFrame]:
        with Engine() as engine:
            kinds = engine.keep(engine.frame(table), tmp_path / "rows.parquet", order_by="id")
            fetched = engine.fetch(engine.frame(table), order_by="id")
        return Stored(StoredFile(tmp_path / "rows.parquet", kinds), list(table), fetched[["id"]]), fetched

    def test_have_in_every_piece_the_types_and_values_that_a_fetch_gives(self, stored):
        columns, fetched = stored

        pd.testing.assert_frame_equal(columns.frame(), fetched)
        for start in (0, GROUP_ROWS - 5, 2 * GROUP_ROWS):
            some = np.arange(start, start + 10)
            expected = fetched.iloc[some].reset_index(drop=True)
            pd.testing.assert_frame_equal(columns.take(some).frame(), expected)

    def test_come_in_the_order_in_which_they_are_asked_for(self, stored):
        columns, fetched = stored
        places = np.random.default_rng(1).choice(len(fetched), 500)

        expected = fetched.iloc[places].reset_index(drop=True)
        pd.testing.assert_frame_equal(columns.take(places).frame(), expected)
        assert columns.take(places).take(np.array([3, 1])).column("id").tolist() == fetched["id"].iloc[
            places[[3, 1]]
        ].tolist()  # fmt: skip
        assert columns.take(places).spine["id"].tolist() == expected["id"].tolist()

    def test_lie_in_groups_of_which_one_at_a_time_is_read(self, stored, tmp_path):
        assert pq.ParquetFile(tmp_path / "rows.parquet").metadata.num_row_groups == 3

    def test_of_no_row_have_their_types_too(self, stored):
        columns, fetched = stored
        empty = columns.take(np.array([], dtype=int)).frame()

        assert len(empty) == 0
        assert empty.dtypes.tolist() == fetched.dtypes.tolist()


def test_rows_are_beyond_memory_when_three_copies_do_not_fit():
    kinds = [Float64()] * 10 + [Int64(), Boolean()]
    assert is_beyond(1_000_000, kinds, 3 * 89_000_000 - 1)
    assert not is_beyond(1_000_000, kinds, 3 * 89_000_000)
    assert is_beyond(1_000_000, [String()], 3 * 56_000_000 - 1)
    assert is_beyond(1_000_000, [List(String())], 3 * 400_000_000 - 1)


@pytest.mark.parametrize(("total", "limit"), [(10e9, 8 * 10**9), (0.0, 2**63)], ids=["of a container", "unknown"])
def test_the_limit_is_the_memory_that_was_asked_for_or_most_of_what_there_is(monkeypatch, total, limit):
    monkeypatch.setattr("sartor.stages.beyond.available_and_total", lambda: (1e9, total))
    assert limit_of("4 GB") == 4 * 10**9
    assert limit_of(None) == limit


def test_rows_of_nobody_are_answered_without_a_piece(tmp_path):
    from sartor.stages.fitting import predicted
    from sartor.testing import make_stored, sample_regression

    class Ones:
        def predict(self, scoring):
            return pd.DataFrame({"number": np.ones(len(scoring))})

    none = make_stored(tmp_path, sample_regression()).take(np.array([], dtype=int)).without_truth()
    assert none.stored
    assert predicted(Ones(), none, "models.ones").columns.tolist() == ["number"]
