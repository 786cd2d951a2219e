"""Several processes learn one network, come to the same as one, and never outlive the run."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from sartor.errors import InputError, MachineError, SettingError
from sartor.events import Note, Progress
from sartor.testing import make_context, make_training
from sartor_plugins.keras.workers.job import Job

needs_keras = pytest.mark.needs("tensorflow", "keras")

RECIPE = """format: 1
recipe: network
about: A network that several learn.
ingest: {shop: {use: samples.purchases, key: customer, with: {rows: 600}}}
task: {use: learn.regression, with: {outcome: amount}}
split: {hash: 0.3}
models:
  network:
    use: keras.mlp
    with: {hidden: [8], epochs: 60, patience: 60, batch: 8, workers: WORKERS}
"""
TALKING = """
import sys
from pathlib import Path
folder, index = Path(sys.argv[1]), int(sys.argv[2])
(folder / f"here-{index}").touch()
"""
"""What every false worker begins with."""


def close(first: Any, other: Any, training: Any) -> None:
    """Two networks learned the same, but for the order in which numbers were added up."""
    for epoch, beside in zip(first.history["epochs"], other.history["epochs"], strict=True):
        assert epoch["loss"] == pytest.approx(beside["loss"], rel=1e-5)
        assert epoch["held"] == pytest.approx(beside["held"], rel=1e-5)
    answers, others = (found.predict(training.without_truth()) for found in (first, other))
    np.testing.assert_allclose(answers.to_numpy(), others.to_numpy(), rtol=1e-5)


def workers_of(folder: Path) -> list[int]:
    """Return the processes that are workers of a job below a folder."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                command = (entry / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if b"sartor_plugins.keras.workers.work" in command and any(
                word.startswith(os.fsencode(folder)) for word in command
            ):
                found.append(int(entry.name))
    return found


# ---------------------------------------------------------------- two of them


@pytest.fixture(scope="module")
def alone_and_together(mlp, number_rows, tmp_path_factory) -> tuple[Any, Any, list[Any], Path]:
    """One network by one process and by two, what was heard of the two, and where they worked."""
    training, heard = number_rows(), []
    settings = {"epochs": 4, "refit": False, "batch": 33}
    folder = tmp_path_factory.mktemp("together")
    alone = mlp(**settings).fit(training, make_context(tmp_path_factory.mktemp("alone")))
    together = mlp(**settings, workers=2).fit(training, make_context(folder, heard=heard))
    return alone, together, heard, folder


@needs_keras
def test_two_workers_learn_what_one_learns(alone_and_together, number_rows):
    alone, together, _, _ = alone_and_together
    close(together, alone, number_rows())
    # 320 rows to learn from, 33 to a step: the last has 23 rows, of which one worker has 11 and the other 12.
    assert together.history["rows"] == alone.history["rows"]
    assert together.history["best"] == 4


@needs_keras
def test_the_first_worker_tells_how_far_all_are(alone_and_together):
    alone, _, heard, _ = alone_and_together
    told = [event for event in heard if isinstance(event, Progress)]
    assert [(event.done, event.total) for event in told] == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert told[-1].unit.startswith(f"epochs, loss {alone.history['epochs'][-1]['loss']:.3g}"[:16])


@needs_keras
def test_neither_processes_nor_files_are_left(alone_and_together):
    folder = alone_and_together[3]
    assert list((folder / "scratch").iterdir()) == []
    assert workers_of(folder) == []


@needs_keras
def test_every_worker_drops_other_units_and_goes_on_from_the_state_of_the_first():
    from sartor_plugins.keras.runtime import tensorflow

    tensorflow()
    from sartor_plugins.keras.network import Shape
    from sartor_plugins.keras.workers.together import Peers, Together

    first, second = (
        Together(Shape(2, (), (4,), 1, dropout=0.5), "squared", 0.0, Peers(None, index, 2)) for index in range(2)
    )
    row = [np.ones((1, 2), dtype=np.float32)]
    drawn = []
    for trainer in (first, second):
        trainer.begin(7)
        drawn.append([trainer.network(row, training=True).numpy().item() for _ in range(20)])
    assert drawn[0] != drawn[1]
    np.testing.assert_array_equal(first.network(row), second.network(row))
    second.begin(7)
    second.set_state(first.state())
    first.set_state(first.state())
    later = [[one.network(row, training=True).numpy().item() for _ in range(20)] for one in (first, second)]
    assert later[0] != later[1]


# ---------------------------------------------------------------- what a recipe says


@pytest.mark.parametrize(
    ("written", "message", "mend", "at"),
    [
        ("0", "workers must lie between 1 and 64, got 0", None, (10, 70)),
        ("two", "workers must be a whole number or a list, got text 'two'", None, (10, 70)),
        (
            '["10.0.0.1:2222", "10.0.0.1:2222"]',
            "workers must name each worker once, and 10.0.0.1:2222 stands there more than once",
            "give each worker an address of its own; on one machine, a port of its own",
            (10, 70),
        ),
        (
            '["10.0.0.1:2222", "10.0.0.2"]',
            "an item of workers must be a host and a port, got '10.0.0.2'",
            "write 10.0.0.2:2222",
            (10, 88),
        ),
        (
            '["http://node-1", "10.0.0.2:2222"]',
            "an item of workers must be a host and a port, got 'http://node-1'",
            "write node-1:2222",
            (10, 71),
        ),
        (
            '["10.0.0.1:0", "10.0.0.2:2222"]',
            "an item of workers must have a port from 1 to 65535, got '10.0.0.1:0'",
            "write 10.0.0.1:2222",
            (10, 71),
        ),
        ('["10.0.0.1:2222"]', "workers must hold at least 2 values, got 1", None, (10, 70)),
        (
            '["10.0.0.1:2222", "10.0.0.2:2222"]',
            "workers on several machines need a folder that all of them see",
            "write shared_folder: FOLDER, on a disk that all machines share",
            (10, 11),
        ),
    ],
)
def test_check_refuses_workers_that_cannot_be(project, written, message, mend, at):
    import sartor

    recipe = project / "recipes" / "network.yaml"
    recipe.parent.mkdir()
    recipe.write_text(RECIPE.replace("WORKERS", written), encoding="utf-8")
    (problem,) = sartor.check(str(recipe))
    assert problem.message.endswith(message)
    assert (problem.where.line, problem.where.column) == at
    if mend:
        assert problem.hints == (("to mend", mend),)


@needs_keras
def test_recommendations_are_learned_by_one_process(context, tmp_path):
    from sartor_plugins.keras.transformer import Transformer

    asked = replace(make_training(pd.DataFrame({"a": [1.0]}), [0.0], answers="number"), answers="slate")
    with pytest.raises(SettingError, match="what comes next is learned by one process, got workers: 2") as raised:
        Transformer(workers=2).fit(asked, context)
    assert raised.value.problems[0].hints == (("to mend", "leave `workers` out"),)


def test_workers_beside_each_other_are_counted_by_host():
    job = Job(["a:1", "b:1", "a:2"], {}, "", {}, {}, {}, None, "", 0, 1, None, 10.0, 0.0, False, False, {})
    assert [job.beside(index) for index in range(3)] == [0, 0, 1]
    assert json.loads(job.tf_config(2)) == {
        "cluster": {"worker": ["a:1", "b:1", "a:2"]},
        "task": {"type": "worker", "index": 2},
    }


# ---------------------------------------------------------------- what goes wrong


@pytest.fixture
def falsely(monkeypatch) -> Any:
    """Begins small scripts in the place of workers: how they end is looked at, and not what they learn."""
    from sartor_plugins.keras.workers import crew
    from sartor_plugins.keras.workers.job import errors

    def with_scripts(*scripts: str) -> None:
        def begin(folder: Path, index: int) -> subprocess.Popen[bytes]:
            with errors(folder, index).open("wb") as said:
                command = [sys.executable, "-c", TALKING + scripts[index], str(folder), str(index)]
                return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=said, stderr=said)

        monkeypatch.setattr(crew, "begin", begin)

    return with_scripts


WAITS = "import time; time.sleep(60)"


@needs_keras
def test_a_worker_that_was_killed_is_named_with_what_it_said(falsely, context, mlp, number_rows):
    falsely(WAITS, "import os, sys; sys.stderr.write('no more memory\\n'); sys.stderr.flush(); os.kill(os.getpid(), 9)")
    with pytest.raises(MachineError, match=r"^worker 1 at 127\.0\.0\.1:\d+ was ended by SIGKILL") as raised:
        mlp(epochs=1, workers=2).fit(number_rows(40), context)
    (problem,) = raised.value.problems
    assert problem.code == "U092"
    assert problem.hints[0][1].startswith("run it again: it goes on where it was")
    assert problem.hints[1] == ("it said", "no more memory")
    assert raised.value.exit_code == 2
    assert list(context.scratch.iterdir()) == []


@needs_keras
def test_who_lost_the_others_is_not_the_one_that_was_lost(falsely, context, mlp, number_rows):
    falsely("sys.exit(75)", "import os, time; time.sleep(1); os.kill(os.getpid(), 9)")
    with pytest.raises(MachineError, match=r"^worker 1 at .* was ended by SIGKILL"):
        mlp(epochs=1, workers=2).fit(number_rows(40), context)


@needs_keras
def test_what_a_worker_says_is_raised_as_if_it_happened_here(falsely, context, mlp, number_rows):
    said = '{"kind": "InputError", "problems": [["D310", "the loss is not a number", [["to mend", "lower it"]]]]}'
    falsely(WAITS, f"(folder / 'failed-1.json').write_text('{said}')\n{WAITS}")
    with pytest.raises(InputError, match="the loss is not a number") as raised:
        mlp(epochs=1, workers=2).fit(number_rows(40), context)
    assert raised.value.problems[0].code == "D310"
    assert raised.value.problems[0].hints == (("to mend", "lower it"),)


@needs_keras
def test_workers_that_do_not_find_each_other_are_not_waited_for_for_ever(falsely, context, mlp, number_rows):
    falsely(WAITS, WAITS)
    with pytest.raises(MachineError, match="all workers began, and did not find each other within 2 seconds") as raised:
        mlp(epochs=1, workers=2, join_within="2 seconds").fit(number_rows(40), context)
    assert raised.value.problems[0].code == "U091"


@needs_keras
def test_an_address_where_nobody_is_is_named_with_the_command_to_type(
    falsely, context, heard, tmp_path, mlp, number_rows
):
    falsely(WAITS)
    here, there = _free(), "10.255.255.1:2222"
    shared = tmp_path / "shared"
    settings = {"workers": [here, there], "shared_folder": str(shared), "join_within": "1 second"}
    with pytest.raises(MachineError, match=r"^worker 1 at 10\.255\.255\.1:2222 did not come within 1 second") as raised:
        mlp(epochs=1, **settings).fit(number_rows(40), context)
    (problem,) = raised.value.problems
    command = f"python -m sartor_plugins.keras.workers {shared} 1"
    assert problem.hints[0] == ("to mend", f"begin it there: {command}")
    note, caution = (event for event in heard if isinstance(event, Note))
    assert caution.caution
    assert caution.text.startswith("while workers learn, TensorFlow listens at their ports on every network")
    assert note.text == (
        f"learning waits for 1 more worker, unless they wait: at {there}: {command}; "
        f"meanwhile rows lie in {shared}, not encrypted"
    )
    assert list(shared.iterdir()) == []


@needs_keras
def test_the_first_address_must_be_this_machines_and_its_port_free(context, tmp_path, mlp, number_rows):
    shared = {"shared_folder": str(tmp_path)}
    elsewhere = ["192.0.2.1:2222", "192.0.2.2:2222"]
    with pytest.raises(MachineError, match=r"is at 192\.0\.2\.1:2222, and that is not this machine") as raised:
        mlp(workers=elsewhere, **shared).fit(number_rows(40), context)
    assert raised.value.problems[0].code == "U093"
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(MachineError, match=f"another process listens at 127.0.0.1:{port} already"):
            mlp(workers=[f"127.0.0.1:{port}", "192.0.2.2:2222"], **shared).fit(number_rows(40), context)


@needs_keras
def test_an_interrupted_run_ends_its_workers(falsely, context, monkeypatch, mlp, number_rows):
    from sartor_plugins.keras.workers import crew

    falsely(WAITS, WAITS)
    begun: list[subprocess.Popen[bytes]] = []
    begin = crew.begin

    def kept(folder: Path, index: int) -> subprocess.Popen[bytes]:
        begun.append(begin(folder, index))
        return begun[-1]

    def interrupted(seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(crew, "begin", kept)
    monkeypatch.setattr(crew.time, "sleep", interrupted)
    with pytest.raises(KeyboardInterrupt):
        mlp(epochs=1, workers=2).fit(number_rows(40), context)
    assert [process.returncode for process in begun] == [-signal.SIGKILL] * 2
    assert list(context.scratch.iterdir()) == []


def _free() -> str:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{found.getsockname()[1]}"


# ---------------------------------------------------------------- long ones


@pytest.fixture
def readings() -> Any:
    """A window of two channels, of which the later half tells the number."""
    rng = np.random.default_rng(0)
    window = rng.normal(size=(300, 2, 6))
    names = {f"{channel}: {back} before": window[:, at, back] for at, channel in enumerate("ab") for back in range(6)}
    return make_training(pd.DataFrame(names), window[:, 0, :3].sum(axis=1) * 10 + 100, answers="number")


@pytest.mark.slow
@needs_keras
@pytest.mark.timeout(400)
@pytest.mark.parametrize("reader", ["CNN", "RNN", "Transformer"])
def test_networks_that_read_windows_learn_the_same(reader, readings, tmp_path):
    from sartor_plugins.keras import sequences, transformer

    kind = getattr(sequences if reader != "Transformer" else transformer, reader)
    small = {"CNN": {"filters": [4]}, "RNN": {"cells": [4]}, "Transformer": {"width": 4, "layers": 1, "dropout": 0.0}}
    settings = {**small[reader], "hidden": [4], "epochs": 2, "refit": False, "batch": 31}
    alone = kind(**settings).fit(readings, make_context(tmp_path / "alone"))
    together = kind(**settings, workers=2).fit(readings, make_context(tmp_path / "together"))
    close(together, alone, readings)


@pytest.mark.slow
@needs_keras
@pytest.mark.timeout(600)
@pytest.mark.parametrize("copied", [False, True])
def test_rows_on_disk_are_learned_from_where_they_lie_or_from_a_copy(copied, class_rows, mlp, tmp_path, monkeypatch):
    from sartor.stored import Stored, StoredFile
    from sartor_plugins.keras import shards
    from sartor_plugins.keras.workers import crew

    # 300 rows of some 30 bytes lie in several files.
    monkeypatch.setattr(shards, "SHARD_BYTES", 2_000)
    training, file = class_rows(300), tmp_path / "features.parquet"
    training.X.to_parquet(file, row_group_size=100)
    stored = replace(training, X=Stored(StoredFile(file, {}), training.features, training.rows[["__row"]]))
    assert stored.stored
    if copied:
        write = crew.write_lesson
        monkeypatch.setattr(crew, "write_lesson", lambda *given, copied: write(*given, copied=True))
    settings = {"epochs": 2, "batch": 32}
    alone = mlp(**settings).fit(stored, make_context(tmp_path / "alone"))
    together = mlp(**settings, workers=2).fit(stored, make_context(tmp_path / "together"))
    close(together, alone, training)
    assert list((tmp_path / "together" / "scratch").iterdir()) == []


@pytest.mark.slow
@needs_keras
@pytest.mark.timeout(400)
def test_three_workers_share_batches_of_two_rows(class_rows, mlp, tmp_path):
    training = class_rows(60, classes=("low", "middle", "high"))
    settings = {"epochs": 2, "refit": False, "batch": 2, "class_weights": "balanced"}
    alone = mlp(**settings).fit(training, make_context(tmp_path / "alone"))
    close(mlp(**settings, workers=3).fit(training, make_context(tmp_path / "together")), alone, training)


@pytest.mark.slow
@needs_keras
@pytest.mark.timeout(600)
def test_the_same_seed_drops_the_same_units(number_rows, mlp, tmp_path):
    training = number_rows(200)
    settings = {"epochs": 3, "refit": True, "dropout": 0.3, "workers": 2}
    first, again = (mlp(**settings).fit(training, make_context(tmp_path / name)) for name in "ab")
    assert first.history == again.history
    scoring = training.without_truth()
    assert first.predict(scoring).to_numpy().tobytes() == again.predict(scoring).to_numpy().tobytes()


@pytest.mark.slow
@needs_keras
@pytest.mark.timeout(400)
def test_a_loss_that_is_no_number_names_the_column(number_rows, mlp, tmp_path):
    training = number_rows(100)
    training = replace(training, X=training.X.assign(income=training.X["income"] * 1e30))
    with pytest.raises(InputError, match=r"column 'income' reaches .* too large for a network as it is") as raised:
        mlp(scale="none", workers=2).fit(training, make_context(tmp_path))
    assert raised.value.problems[0].code == "D310"


@pytest.mark.slow
@needs_keras
@pytest.mark.timeout(400)
def test_a_time_budget_ends_all_workers_at_the_same_epoch(number_rows, mlp, tmp_path, said):
    heard: list[Any] = []
    context = make_context(tmp_path, heard=heard)
    settings = {"epochs": 100_000, "patience": 100_000, "time_budget": "20 seconds", "workers": 2}
    began = time.monotonic()
    found = mlp(**settings).fit(number_rows(2_000), context)
    assert found.history["out_of_time"]
    assert not found.history["refit"]
    assert time.monotonic() - began < 120
    assert any(note.startswith("the time budget of 20 seconds ended learning after ") for note in said(heard))


@pytest.mark.slow
@needs_keras
@pytest.mark.timeout(600)
def test_ports_that_others_took_meanwhile_are_looked_for_again(number_rows, mlp, tmp_path, monkeypatch, said):
    from sartor_plugins.keras.workers import crew

    asked = []
    free = crew.free_addresses
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()

        def addresses(count: int) -> list[str]:
            asked.append(count)
            found = free(count)
            return [f"127.0.0.1:{taken.getsockname()[1]}", *found[1:]] if len(asked) == 1 else found

        monkeypatch.setattr(crew, "free_addresses", addresses)
        # In a network of their own no port is taken.
        monkeypatch.setattr(crew, "Job", lambda **about: Job(**{**about, "apart": False}))
        heard: list[Any] = []
        found = mlp(epochs=1, refit=False, workers=2).fit(number_rows(60), make_context(tmp_path, heard=heard))
    assert asked == [2, 2]
    assert len(found.history["epochs"]) == 1
    assert said(heard)[-1].startswith("while workers learn, TensorFlow listens at their ports on every network")


@pytest.fixture
def learning(mlp, number_rows, tmp_path) -> Iterator[tuple[Any, list[Any], list[BaseException]]]:
    """Two workers at work in a thread, who would go on for hours."""
    from sartor.context import Context

    heard: list[Any] = []
    raised: list[BaseException] = []
    context: Context = make_context(tmp_path, heard=heard)

    def fit() -> None:
        try:
            mlp(epochs=100_000, patience=100_000, workers=2).fit(number_rows(4_000), context)
        except BaseException as error:  # noqa: BLE001 - looked at by the test
            raised.append(error)

    thread = threading.Thread(target=fit)
    thread.start()
    while thread.is_alive() and not any(isinstance(event, Progress) for event in heard):
        time.sleep(0.05)
    yield thread, heard, raised
    thread.join(60)


@pytest.mark.slow
@needs_keras
@pytest.mark.timeout(400)
@pytest.mark.parametrize("index", [0, 1])
def test_a_worker_that_is_killed_ends_the_other_and_the_run(index, learning, tmp_path):
    thread, heard, raised = learning
    (folder,) = tmp_path.glob("scratch/job-*")
    if (folder / "apart").read_text() != "no":
        # Nobody else reaches a port, and nothing needs to be said of it.
        port = int(Job.read(folder).addresses[0].rpartition(":")[2])
        with socket.socket() as stranger, pytest.raises(ConnectionRefusedError):
            stranger.connect(("127.0.0.1", port))
        assert not any(isinstance(event, Note) for event in heard)
    running = workers_of(tmp_path)
    assert len(running) == 2
    (victim,) = (
        one for one in running if Path(f"/proc/{one}/cmdline").read_bytes().split(b"\0")[-2] == str(index).encode()
    )
    os.kill(victim, signal.SIGKILL)
    thread.join(60)
    assert not thread.is_alive()
    (error,) = raised
    assert isinstance(error, MachineError)
    assert f"worker {index} at 127.0.0.1:" in str(error)
    assert "was ended by SIGKILL" in str(error)
    assert workers_of(tmp_path) == []


ALONE = """
import sys
from pathlib import Path
import numpy as np
import pandas as pd
from sartor.testing import make_context, make_training
from sartor_plugins.keras.mlp import MLP
rng = np.random.default_rng(0)
X = pd.DataFrame(rng.normal(size=(4000, 2)), columns=["a", "b"])
training = make_training(X, X["a"] + X["b"], answers="number")
settings = {"hidden": [8], "batch": 32, "epochs": int(sys.argv[2]), "patience": 100_000, "dropout": 0.2}
from sartor_plugins.keras import resuming
resuming.EVERY = 0.0
from dataclasses import replace
folder = Path(sys.argv[1])
context = replace(make_context(folder), unfinished=folder / "left")
found = MLP(**settings, workers=2, refit=False).fit(training, context)
np.save(folder / "answers.npy", found.predict(training.without_truth()).to_numpy())
"""


@pytest.mark.slow
@needs_keras
@pytest.mark.timeout(600)
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_workers_never_outlive_a_run_that_is_killed(how, tmp_path):
    process = subprocess.Popen([sys.executable, "-c", ALONE, str(tmp_path), "100000"], stderr=subprocess.DEVNULL)
    while process.poll() is None and not list(tmp_path.glob("scratch/job-*/told.jsonl")):
        time.sleep(0.1)
    assert len(workers_of(tmp_path)) == 2
    process.send_signal(how)
    process.wait(60)
    until = time.monotonic() + 20
    while workers_of(tmp_path) and time.monotonic() < until:
        time.sleep(0.1)
    assert workers_of(tmp_path) == []


@pytest.mark.slow
@needs_keras
@pytest.mark.timeout(600)
def test_a_run_that_was_killed_goes_on_and_comes_to_the_same_bytes(tmp_path):
    command = [sys.executable, "-c", ALONE.replace("resuming.EVERY = 0.0", ""), str(tmp_path / "whole"), "12"]
    assert subprocess.run(command, check=False).returncode == 0
    killed = tmp_path / "killed"
    process = subprocess.Popen([sys.executable, "-c", ALONE, str(killed), "12"])
    while process.poll() is None and not list(killed.glob("left/*.npz")):
        time.sleep(0.05)
    process.kill()
    process.wait(60)
    while workers_of(killed):
        time.sleep(0.05)
    assert not (killed / "answers.npy").exists()
    assert subprocess.run([sys.executable, "-c", ALONE, str(killed), "12"], check=False).returncode == 0
    assert (killed / "answers.npy").read_bytes() == (tmp_path / "whole" / "answers.npy").read_bytes()


@pytest.mark.slow
@needs_keras
@pytest.mark.timeout(600)
def test_another_machine_waits_in_the_shared_folder_and_serves_run_after_run(mlp, number_rows, tmp_path):
    shared = tmp_path / "shared"
    shared.mkdir()
    training, settings = number_rows(200), {"epochs": 2, "refit": True}
    waiting = subprocess.Popen(
        [sys.executable, "-m", "sartor_plugins.keras.workers", str(shared), "1"],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        addresses = {"workers": [_free(), _free()], "shared_folder": str(shared)}
        together = mlp(**settings, **addresses).fit(training, make_context(tmp_path / "together"))
    finally:
        waiting.send_signal(signal.SIGINT)
        told, _ = waiting.communicate(timeout=30)
    close(together, mlp(**settings).fit(training, make_context(tmp_path / "alone")), training)
    # Two courses: with rows held out, and anew from all.
    assert together.history["refit"]
    assert told.count(f"begins at {addresses['workers'][1]}: models.tested") == 2
    assert list(shared.iterdir()) == []
    assert workers_of(shared) == []


def test_who_waits_for_runs_says_how_it_is_called(tmp_path, capsys):
    from sartor_plugins.keras.workers.__main__ import main

    assert main([]) == main([str(tmp_path), "0"]) == 2
    assert "FOLDER  the shared_folder of the recipe" in capsys.readouterr().err
    assert main([str(tmp_path / "none"), "1"]) == 2
    assert capsys.readouterr().err == f"{tmp_path / 'none'} is no folder on this machine\n"


def test_addresses_without_a_shared_folder_and_folders_without_a_name_are_refused(mlp):
    with pytest.raises(ValidationError, match="need a folder that all of them see"):
        mlp(workers=["a:1", "b:1"])
    with pytest.raises(ValidationError, match="shared_folder"):
        mlp(workers=2, shared_folder="")


@needs_keras
def test_only_what_killed_runs_left_is_removed_and_never_a_folder_of_others(tmp_path):
    from sartor_plugins.keras.workers.crew import STALE, _remove_stale

    left, running, own = (tmp_path / f"job-{name}" for name in ("left", "running", "own"))
    for folder in (left, running, own):
        folder.mkdir()
        (folder / "alive").write_text("7", encoding="utf-8")
    of_others = tmp_path / "job-4711"
    of_others.mkdir()
    (of_others / "results.csv").write_text("a month of work", encoding="utf-8")
    long_ago = time.time() - 2 * STALE
    for path in (left / "alive", of_others / "results.csv", of_others):
        os.utime(path, (long_ago, long_ago))

    _remove_stale(own)

    assert sorted(path.name for path in tmp_path.iterdir()) == ["job-4711", "job-own", "job-running"]
