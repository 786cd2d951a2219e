"""What each worker does: ``python -m sartor_plugins.keras.workers.work FOLDER INDEX`` learns as the folder's job says.

It ends with the process that began it, however that one ends: it reads its standard input, which then ends, too.
"""

from __future__ import annotations

import ctypes
import json
import math
import os
import signal
import sys
import threading
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sartor.blame import machine_error
from sartor.context import Context
from sartor.errors import MachineError, SartorError
from sartor.events import Event, Note, Progress
from sartor_plugins.keras.workers.apart import go_apart
from sartor_plugins.keras.workers.job import (
    LEARNED,
    OPEN_DOORS,
    TOLD,
    UNFINISHED,
    Job,
    failed,
    here,
    joined,
    replace_text,
    versions,
)

PORT_TAKEN = 76
"""Exit code of a worker whose port another process has."""
LOST_OTHERS = 75
"""Exit code of a worker that TensorFlow tells it has lost the others."""
_ITS_OWN = ("ResourceExhaustedError", "InvalidArgumentError")
"""Errors of TensorFlow that no other worker is to blame for."""
FAILED = 74
"""Exit code of a worker that has said what went wrong."""


def main() -> None:
    """Learn, and leave what was learned in the job's folder."""
    folder, index = Path(sys.argv[1]), int(sys.argv[2])
    job = Job.read(folder)
    # Before there is a second thread.
    is_apart = job.apart and go_apart(folder, index)
    _end_with_parent()
    here(folder, index).touch()
    try:
        _work(job, folder, index, is_apart=is_apart)
    except SartorError as error:
        _say(folder, index, error)
    except Exception as error:  # noqa: BLE001 - what the machine is to blame for is said, all else is shown
        blamed = machine_error(error)
        if blamed is None:
            _leave(error)
        else:
            _say(folder, index, blamed)


def _work(job: Job, folder: Path, index: int, *, is_apart: bool) -> None:
    from sartor_plugins.keras.runtime import tensorflow

    if index == 0 and not is_apart and job.rates is None:
        _teller(folder)(Note("models", OPEN_DOORS, True))
    os.environ["TF_CONFIG"] = job.tf_config(index)
    tf = tensorflow(Context(threads=job.threads))
    _refuse_other_versions(job, index)
    _own_gpu(tf, job, index)
    # It must be there before anything is reckoned.
    strategy = tf.distribute.MultiWorkerMirroredStrategy()
    joined(folder, index).touch()
    learned = _learn(job, folder, index, strategy)
    if index == 0:
        from sartor_plugins.keras.resuming import Unfinished

        Unfinished(folder, LEARNED).write(learned[0], {"weights": learned[1]})
        _exit(0)
    # Whoever leaves first is missed by the others; the run ends who waits here.
    while True:
        time.sleep(3600)


def _learn(job: Job, folder: Path, index: int, strategy: Any) -> tuple[dict[str, Any], list[Any]]:
    from sartor_plugins.keras import resuming
    from sartor_plugins.keras.inputs import Inputs
    from sartor_plugins.keras.lesson import Scale
    from sartor_plugins.keras.network import Shape
    from sartor_plugins.keras.settings import NetworkModel
    from sartor_plugins.keras.training import Course
    from sartor_plugins.keras.workers.lessons import read_lesson
    from sartor_plugins.keras.workers.together import Peers, SharedClock, Together

    peers = Peers(strategy, index, job.count)
    settings = NetworkModel.model_validate(job.settings)
    clock = SharedClock(None if settings.time_budget is None else settings.time_budget.seconds, peers)
    clock.was_running(job.elapsed)
    trainer = Together(Shape.from_json(job.shape), job.loss, settings.penalty, peers)  # type: ignore[arg-type]
    # All take up what the first worker left, and only that one leaves anything.
    resuming.EVERY = job.every if index == 0 else math.inf
    unfinished = job.unfinished if index == 0 or job.unfinished is None else str(folder / UNFINISHED)
    context = Context(
        step=job.step,
        seed=job.seed,
        threads=job.threads,
        scratch=folder,
        unfinished=None if unfinished is None else Path(unfinished),
        tell=_teller(folder) if index == 0 else lambda event: None,
    )
    inputs = Inputs.from_json(job.inputs)
    course = Course(settings, trainer, inputs, Scale(**job.scale), context, clock)
    lesson, held = read_lesson(folder, "lesson", inputs), read_lesson(folder, "held", inputs) if job.held else None
    learned = course.run(lesson, held, job.rates)
    told = {
        "epochs": [asdict(epoch) for epoch in learned.epochs],
        "best": learned.best,
        "batch": learned.batch,
        "out_of_time": learned.out_of_time,
        "elapsed": clock.elapsed,
    }
    return told, learned.weights


def _teller(folder: Path) -> Any:
    """Return what tells the run of events, line by line."""
    stream = (folder / TOLD).open("a", encoding="utf-8")

    def tell(event: Event) -> None:
        if isinstance(event, Progress):
            stream.write(json.dumps({"progress": [event.done, event.total, event.unit]}) + "\n")
        elif isinstance(event, Note):
            stream.write(json.dumps({"note": [event.text, event.caution]}) + "\n")
        stream.flush()

    return tell


def _refuse_other_versions(job: Job, index: int) -> None:
    own = versions()
    for name, wanted in job.versions.items():
        if own[name] != wanted:
            raise MachineError(
                f"worker {index} at {job.addresses[index]} has {name} {own[name]}, and the run has {wanted}",
                code="U093",
                hints=(("to mend", "install the same versions on all machines"),),
            )


def _own_gpu(tf: Any, job: Job, index: int) -> None:
    """Leave each worker one GPU of its machine, or none where the recipe wants none."""
    found = tf.config.list_physical_devices("GPU")
    if job.settings["device"] == "cpu":
        tf.config.set_visible_devices([], "GPU")
    elif found:
        place = job.beside(index)
        if place >= len(found):
            raise MachineError(
                f"worker {index} at {job.addresses[index]} has no GPU of its own: its machine has {len(found)}",
                code="U093",
                hints=(("to mend", "name as many workers as there are GPUs, or write device: cpu"),),
            )
        tf.config.set_visible_devices([found[place]], "GPU")


def _end_with_parent() -> None:
    def watch() -> None:
        sys.stdin.buffer.read()
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=watch, daemon=True).start()
    if sys.platform == "linux":
        # The thread needs Python, which TensorFlow may hold while it waits for others; the system needs nobody.
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def _say(folder: Path, index: int, error: SartorError) -> None:
    problems = [[problem.code, problem.message, problem.hints] for problem in error.problems]
    replace_text(failed(folder, index), json.dumps({"kind": type(error).__name__, "problems": problems}))
    _exit(FAILED)


def _leave(error: Exception) -> None:
    """Show what Python shows, and say by the exit code whether it is the port's or another worker's matter."""
    import traceback

    traceback.print_exc()
    said = str(error)
    if "gRPC server" in said or "ddress already in use" in said:
        _exit(PORT_TAKEN)
    name = type(error).__name__
    _exit(LOST_OTHERS if type(error).__module__.startswith("tensorflow") and name not in _ITS_OWN else 1)


def _exit(code: int) -> None:
    # Without the ceremony of TensorFlow, which waits for all others.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
