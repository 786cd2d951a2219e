"""Networks learn from rows that do not fit in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sartor.events import Note
from sartor.rows import Training
from sartor.testing import make_context

pytestmark = pytest.mark.needs("tensorflow", "keras")


LIMIT = 200
"""Rows that may be read together; whoever reads more breaks."""


@pytest.fixture(scope="module", autouse=True)
def little_room() -> Iterator[None]:
    """Rows on disk are read some at a time, or not at all; a few hundred rows are many files."""
    from sartor.stored import Stored

    read = Stored.frame

    def of_few(stored: Stored) -> pd.DataFrame:
        assert len(stored) <= LIMIT, f"{len(stored)} rows were read together"
        return read(stored)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Stored, "frame", of_few)
        patch.setattr("sartor_plugins.keras.shards.SHARD_BYTES", 1_000)
        patch.setattr("sartor_plugins.keras.making.PIECE_ROWS", 150)
        patch.setattr("sartor_plugins.keras.making.DRAWN_ROWS", LIMIT)
        yield


@pytest.fixture(scope="module")
def on_disk(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Training], Training]:
    """Puts the features of rows on disk."""
    from sartor.stored import Stored, StoredFile

    def put(training: Training) -> Training:
        file = tmp_path_factory.mktemp("stored") / "features.parquet"
        training.X.to_parquet(file, row_group_size=100)
        return replace(training, X=Stored(StoredFile(file, {}), training.features, training.rows[["__row"]]))

    return put


@pytest.fixture
def lessons(on_disk: Callable[[Training], Training], tmp_path: Path) -> Callable[..., tuple[Any, Any]]:
    """Makes lessons of the same rows, on disk and in memory."""
    from sartor.context import Context
    from sartor_plugins.keras.inputs import learn_inputs
    from sartor_plugins.keras.lesson import scale_of
    from sartor_plugins.keras.making import Maker, as_they_are
    from sartor_plugins.learn.fitting.answer import target_of

    def made(training: Training, seed: int = 0) -> tuple[Any, Any]:
        target, training = target_of(training, Context())
        folder = tmp_path / f"lesson-{len(list(tmp_path.iterdir()))}"
        folder.mkdir()
        maker = Maker(learn_inputs(training.X, Context()), target, scale_of(target), as_they_are, seed, folder)
        return maker.lesson(on_disk(training)), maker.lesson(training)

    return made


def rows_in(chunks: Any) -> list[tuple[bytes, ...]]:
    """Each row as bytes."""
    return [tuple(part[place].tobytes() for part in chunk) for chunk in chunks for place in range(len(chunk[2]))]


def test_each_row_is_learned_from_once_an_epoch_and_only_the_last_batch_is_short(number_rows, lessons):
    training = number_rows(1_001)
    training = training.with_truth(training.y, np.linspace(1, 2, 1_001))
    streamed, memory = lessons(training)
    assert streamed.shards.count == 25  # 6 words a row: 24 bytes * 1,001 / 1,000
    rng = np.random.default_rng(0)
    seen, sizes = [], []
    for rows, order in streamed.epoch(rng, 32):
        sizes.append(len(order))
        seen += rows_in([[part.numpy()[order] for part in rows]])
    assert sum(sizes) == 1_001
    assert [size % 32 for size in sizes[:-1]] == [0] * (len(sizes) - 1)
    whole = rows_in([memory.identity])
    assert len(set(whole)) == 1_001
    assert sorted(seen) == sorted(whole)
    again = rows_in([[part.numpy()[order] for part in rows] for rows, order in streamed.epoch(rng, 32)])
    assert sorted(again) == sorted(whole)
    assert again != seen
    judged = rows_in([[part.numpy() for part in rows] for rows in streamed.chunks()])
    assert sorted(judged) == sorted(whole)


def test_what_is_told_of_rows_on_disk_is_what_is_told_of_the_same_rows_in_memory(class_rows, lessons):
    streamed, memory = lessons(class_rows(500, share=0.2))
    assert len(streamed) == len(memory) == 500
    assert streamed.total == memory.total
    assert streamed.sizes().tolist() == memory.sizes().tolist()
    assert streamed.counts(0, 5).tolist() == memory.counts(0, 5).tolist()
    for ours, theirs in zip(streamed.some(), memory.some(), strict=True):
        assert ours.tobytes() == theirs.tobytes()


def test_the_name_of_a_course_tells_rows_apart_and_not_how_they_came(class_rows, lessons):
    training = class_rows(400)
    first, _ = lessons(training)
    second, _ = lessons(training, seed=7)
    other, _ = lessons(training.with_truth(1 - training.y, None))
    assert first.identity == second.identity != other.identity


def test_a_batch_is_drawn_from_all_rows_however_they_are_sorted(number_rows, lessons):
    # The truth is the row's place, from 0 to 1 on the scale below; ten batches of 100 of 1,000 rows.
    training = number_rows(1_000).with_truth(np.arange(1_000.0), None)
    streamed, _ = lessons(training)
    truth = np.concatenate([
        rows[2].numpy()[order] for rows, order in streamed.epoch(np.random.default_rng(0), 100)
    ])  # fmt: skip
    means = truth.reshape(10, 100).mean(axis=1)
    # Of 100 rows drawn at once the mean lies within 0.1 * sqrt(0.9) deviations; four times that is never left.
    assert np.abs(means).max() < 0.4
    assert np.std(truth) == pytest.approx(1, abs=1e-3)


@pytest.fixture(scope="module")
def sorted_and_not(number_rows: Any, mlp: Any, on_disk: Any, tmp_path_factory: Any) -> Any:
    """Two networks, the second of a table that is sorted by its target, and the folders they were given."""
    training = number_rows(1_200)
    by_target = training.take(np.argsort(training.y, kind="stable"))
    found = []
    for name, rows in (("as-it-came", training), ("sorted", by_target)):
        folder = tmp_path_factory.mktemp(name)
        model = mlp(epochs=12, patience=12, refit=False, schedule="constant")
        found.append((model.fit(on_disk(rows), make_context(folder)), folder))
    return found


def test_a_table_that_is_sorted_by_its_target_is_learned_as_well(sorted_and_not, number_rows):
    unseen = number_rows(1_000, seed=5)
    errors = [
        float(np.sqrt(np.mean((network.predict(unseen.without_truth())["number"] - unseen.y) ** 2)))
        for network, _ in sorted_and_not
    ]
    deviation = float(np.std(unseen.y))
    assert max(errors) < 0.35 * deviation
    assert errors[1] < 1.2 * errors[0]


def test_nothing_is_left_on_disk(sorted_and_not):
    for _, folder in sorted_and_not:
        assert [path for path in folder.rglob("*") if path.name.startswith(("rows-", "shard-"))] == []


def test_rows_held_out_are_judged_from_disk_as_from_memory(number_rows, mlp, on_disk, tmp_path):
    training = number_rows(600)
    context = make_context(tmp_path)
    settings = {"epochs": 3, "refit": False, "schedule": "constant"}
    streamed = mlp(**settings).fit(on_disk(training), context)
    learn, validate = training.inner()
    error = streamed.predict(validate.without_truth())["number"].to_numpy() - validate.y
    last = streamed.history["epochs"][streamed.history["best"] - 1]
    assert streamed.history["rows"] == len(learn)
    assert last["metric"] == pytest.approx(float(np.sqrt(np.mean(error**2))), rel=1e-4)


def test_classes_weights_and_a_second_course_come_from_disk_alone(class_rows, mlp, on_disk, tmp_path):
    training = class_rows(900, share=0.2)
    training = training.with_truth(training.y, np.where(np.arange(900) % 3 == 0, 0.0, 1.5))
    context = make_context(tmp_path)
    streamed = mlp(epochs=8, class_weights="balanced").fit(on_disk(training), context)
    memory = mlp(epochs=8, class_weights="balanced").fit(training, context)
    assert streamed.history["refit"]
    assert streamed.history["rows"] == memory.history["rows"]
    unseen = class_rows(400, seed=8, share=0.2)
    shares = [network.predict(unseen.without_truth())["probability"] for network in (streamed, memory)]
    assert shares[0].mean() == pytest.approx(shares[1].mean(), abs=0.05)
    assert np.corrcoef(*shares)[0, 1] > 0.9


def test_columns_are_read_by_drawn_rows_and_the_notes_say_so(number_rows, mlp, on_disk, tmp_path, monkeypatch, said):
    monkeypatch.setattr("sartor_plugins.keras.making.DRAWN_ROWS", 100)
    training = number_rows(400)
    heard: list[Any] = []
    context = make_context(tmp_path, heard=heard)
    X = training.X.assign(same=1.0)
    drawn = training.drawn(100, context.seed).rows["__row"]
    (others,) = np.nonzero(~training.rows["__row"].isin(drawn))
    X.loc[others[0], "home"] = "tent"
    training = replace(training, X=X, split_again=None)
    network = mlp(epochs=2, refit=False).fit(on_disk(training), context)
    notes = said(heard)
    assert (
        "400 rows do not fit in memory: they are learned from on disk, and columns are read by what 100 drawn rows show"
        in notes
    )
    assert "left out, the same in every drawn row: same" in notes
    # The one tent is not among the rows drawn: it is read as any rare level is.
    assert set(network.inputs.categories[0].levels) == {"rent", "own", "free"}


def test_demand_is_learned_from_disk_as_a_multiple_of_what_is_usual(mlp, on_disk, tmp_path):
    rng = np.random.default_rng(0)
    usual = rng.uniform(1, 1_000, 600)
    day = rng.integers(0, 2, 600).astype(float)
    X = pd.DataFrame({"usual": usual, "seasonal_naive": usual * (1 + day), "day": day})
    from sartor.testing import make_training

    training = make_training(X, usual * (1 + day) * rng.uniform(0.9, 1.1, 600), answers="quantiles")
    context = make_context(tmp_path)
    network = mlp(epochs=25, refit=False).fit(on_disk(training), context)
    answers = network.predict(training.without_truth())
    assert np.median(np.abs(answers["number"] / (usual * (1 + day)) - 1)) < 0.1
    assert (answers["quantile:0.25"] <= answers["quantile:0.75"]).all()
    with pytest.raises(Exception, match="no feature tells it"):
        mlp().fit(on_disk(replace(training, X=X.drop(columns="usual"))), context)


def test_a_column_that_is_too_large_is_named(number_rows, mlp, on_disk, tmp_path):
    from sartor.errors import InputError

    training = number_rows(300)
    X = training.X.copy()
    X.loc[7, "income"] = 1e30
    with pytest.raises(InputError, match="column 'income' reaches 1e\\+30"):
        mlp(scale="none", epochs=3).fit(on_disk(replace(training, X=X)), make_context(tmp_path))
    assert [path for path in tmp_path.rglob("*") if path.name.startswith(("rows-", "shard-"))] == []


class Killed(BaseException):
    """As if the process had ended there."""


def test_a_killed_course_goes_on_and_comes_to_the_same_bytes(number_rows, mlp, on_disk, tmp_path, monkeypatch):
    from sartor_plugins.keras import resuming
    from sartor_plugins.keras.training import Course

    monkeypatch.setattr(resuming, "EVERY", 0.0)
    training, unseen = number_rows(), number_rows(seed=9).without_truth()
    settings = {"epochs": 5, "dropout": 0.2, "refit": False}
    context = make_context(tmp_path / "a")
    whole = mlp(**settings).fit(on_disk(training), context)
    leaving = replace(context, unfinished=tmp_path / "left")
    made, epoch = [], Course._epoch

    def killed_at_3(*args: Any) -> Any:
        made.append(1)
        if len(made) == 3:
            raise Killed
        return epoch(*args)

    monkeypatch.setattr(Course, "_epoch", killed_at_3)
    with pytest.raises(Killed):
        mlp(**settings).fit(on_disk(training), leaving)
    found = mlp(**settings).fit(on_disk(training), leaving)
    assert len(made) == 3 + 3
    assert found.history == whole.history
    assert found.predict(unseen).to_numpy().tobytes() == whole.predict(unseen).to_numpy().tobytes()


def test_a_disk_without_room_stops_before_anything_is_written(number_rows, mlp, on_disk, tmp_path, monkeypatch):
    from collections import namedtuple

    from sartor.errors import MachineError

    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr("sartor_plugins.keras.shards.shutil.disk_usage", lambda folder: usage(10, 10, 0))
    with pytest.raises(MachineError, match="a copy on disk, which needs 0\\.0 GB, and 0\\.0 GB are free") as raised:
        mlp().fit(on_disk(number_rows(200)), make_context(tmp_path))
    assert raised.value.problems[0].code == "U043"


def test_a_file_that_cannot_be_read_says_why(number_rows, lessons, tmp_path):
    streamed, _ = lessons(number_rows(200))
    for file in tmp_path.rglob("shard-*"):
        file.unlink()
        file.mkdir()
    with pytest.raises(IsADirectoryError):
        list(streamed.chunks())


RECIPE = """format: 1
recipe: large
about: A network of rows that stay on disk.
ingest: {shop: {use: samples.purchases, key: customer, with: {rows: 400}}}
task: {use: learn.regression, with: {outcome: amount}}
split: {hash: 0.3}
models: {network: {use: keras.mlp, with: {hidden: [8], epochs: 3}}, also: {use: learn.mean}}
"""


def test_a_whole_run_keeps_its_rows_on_disk(project, monkeypatch):
    import sartor

    monkeypatch.setattr("sartor.stages.featuring.is_beyond", lambda rows, kinds, limit: True)
    # The core itself looks at up to 200,000 rows at a time, which are all of these.
    monkeypatch.setitem(globals(), "LIMIT", 400)
    (project / "recipes").mkdir(exist_ok=True)
    (project / "recipes" / "large.yaml").write_text(RECIPE, encoding="utf-8")
    told: list[Any] = []
    made = sartor.run("large", listen=told.append, information=False)
    notes = [event.said for event in told if isinstance(event, Note)]
    beyond = (
        "rows do not fit in memory: they are learned from on disk, and columns are read by what 200 drawn rows show"
    )
    assert [note for note in notes if note.endswith(beyond)]
    # The mean holds all rows, and the network does not.
    text = "the model cannot learn from rows piece by piece"
    assert [note.partition(":")[0] for note in notes if text in note] == ["also"]
    answers = pd.read_parquet(made.folder / "predictions.parquet")
    assert answers["network: number"].notna().all()
    assert answers["network: number"].nunique() > 50
    assert list((project / "runs").rglob("shard-*")) == []
