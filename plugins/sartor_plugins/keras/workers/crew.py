"""Begins the workers of a network, hears what they say, and sees to it that none outlives the run."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

import sartor.errors
from sartor.context import Context
from sartor.errors import MachineError, Problem, SartorError
from sartor.windows.answering import scratch_of
from sartor.wording import plural
from sartor_plugins.keras import resuming
from sartor_plugins.keras.lesson import Lesson
from sartor_plugins.keras.resuming import Unfinished
from sartor_plugins.keras.settings import NetworkModel
from sartor_plugins.keras.training import Course, Epoch, Learned
from sartor_plugins.keras.workers import job as files
from sartor_plugins.keras.workers.begin import begin, stop
from sartor_plugins.keras.workers.job import Job
from sartor_plugins.keras.workers.lessons import write_lesson
from sartor_plugins.keras.workers.places import free_addresses, refuse_other_machine, taken
from sartor_plugins.keras.workers.work import LOST_OTHERS, PORT_TAKEN

LOOK = 0.05
"""Seconds between two looks at the workers."""
BEAT = 1.0
"""Seconds between two signs of life."""
GRACE = 5.0
"""Seconds in which a lost worker is looked for, when another says that it lost one."""
ATTEMPTS = 4
"""Times that ports are looked for on this machine."""
STALE = 600.0
"""Seconds without a sign of life after which a folder of a run that was killed is removed."""
LINES = 12
"""Last lines that are shown of what a worker said."""


class PortTaken(Exception):
    """Another process has had a port since it was free."""


def learn_together(course: Course, lesson: Lesson, held: Lesson | None, rates: list[float] | None) -> Learned:
    """Learn as `Course.run` does, in several processes.

    Raises
    ------
    MachineError
        If not all workers come, or one is lost.
    InputError
        If the loss is no number.
    """
    settings, context = course.settings, course.context
    workers = settings.workers
    if isinstance(workers, list):
        refuse_other_machine(workers[0])
        assert settings.shared_folder is not None, "settings ask for one"
        shared = context.path(settings.shared_folder)
        shared.mkdir(parents=True, exist_ok=True)
        if rates is None:
            _tell_commands(context, workers, shared)
            context.note(files.OPEN_DOORS, caution=True)
        return _attempt(course, lesson, held, rates, workers, shared)
    for _ in range(ATTEMPTS - 1):
        try:
            return _attempt(course, lesson, held, rates, free_addresses(workers), scratch_of(context))
        except PortTaken:
            continue
    return _attempt(course, lesson, held, rates, free_addresses(workers), scratch_of(context))


def _attempt(
    course: Course,
    lesson: Lesson,
    held: Lesson | None,
    rates: list[float] | None,
    addresses: list[str],
    parent: Path | None,
) -> Learned:
    folder = Path(tempfile.mkdtemp(prefix="job-", dir=parent))
    local = range(1) if isinstance(course.settings.workers, list) else range(len(addresses))
    crew = Crew(course, folder, addresses, local)
    try:
        crew.hand_over(lesson, held, rates)
        crew.begin()
        crew.watch()
        return crew.learned()
    finally:
        crew.end()


class Crew:
    """The workers of one course of learning.

    Parameters
    ----------
    course : Course
    folder : Path
        Of the job; made before, and removed at the end.
    addresses : list of str
    local : range
        Workers that are processes of this machine, begun here.
    """

    def __init__(self, course: Course, folder: Path, addresses: list[str], local: range) -> None:
        self.course, self.folder, self.addresses, self.local = course, folder, addresses, local
        self.processes: dict[int, subprocess.Popen[bytes]] = {}
        self.heard = 0
        self.beats = 0

    def hand_over(self, lesson: Lesson, held: Lesson | None, rates: list[float] | None) -> None:
        """Write what the workers need."""
        course, settings, context = self.course, self.course.settings, self.course.context
        self.beat()
        _remove_stale(self.folder)
        elsewhere = len(self.local) < len(self.addresses)
        write_lesson(self.folder, "lesson", lesson, copied=elsewhere)
        if held is not None:
            write_lesson(self.folder, "held", held, copied=elsewhere)
        left = self.folder / files.UNFINISHED
        if context.unfinished is not None and context.unfinished.is_dir():
            shutil.copytree(context.unfinished, left)
        about = Job(
            addresses=self.addresses,
            shape=course.trainer.shape.to_json(),
            loss=course.trainer.loss,
            inputs=course.inputs.to_json(),
            scale=asdict(course.scale),
            settings=settings.model_dump(mode="json", include=set(NetworkModel.model_fields)),
            rates=rates,
            step=context.step,
            seed=context.seed,
            threads=max(1, context.threads // len(self.local)),
            unfinished=None if context.unfinished is None else str(context.unfinished.absolute()),
            every=resuming.EVERY,
            elapsed=course.clock.elapsed,
            held=held is not None,
            apart=not elsewhere,
            versions=files.versions(),
        )
        about.write(self.folder)

    def begin(self) -> None:
        """Begin the processes of this machine."""
        for index in self.local:
            self.processes[index] = begin(self.folder, index)

    def watch(self) -> None:
        """Pass on what is said until the first worker has ended well.

        Raises
        ------
        MachineError
            If not all workers come in time, or one is lost.
        """
        limit = self.course.settings.join_within.seconds
        began = beat = time.monotonic()
        together = False
        while True:
            # In this order: what a worker wrote before it ended is read.
            ended = self._ended()
            self._pass_on()
            self._raise_what_they_say()
            if ended:
                if ended.get(0) == 0:
                    return
                raise self._lost(ended, together)
            together = together or all(files.joined(self.folder, index).exists() for index in self._all)
            now = time.monotonic()
            if not together and now - began > limit:
                raise self._late()
            if now - beat > BEAT:
                self.beat()
                beat = now
            time.sleep(LOOK)

    def learned(self) -> Learned:
        """Return what the first worker wrote."""
        found = Unfinished(self.folder, files.LEARNED).take_up()
        if found is None:
            raise RuntimeError("the first worker ended without a word of what it learned")
        told, arrays = found
        self.course.clock.was_running(told["elapsed"])
        epochs = [Epoch(**epoch) for epoch in told["epochs"]]
        return Learned(arrays["weights"], epochs, told["best"], told["batch"], told["out_of_time"])

    def end(self) -> None:
        """Kill what still runs, and remove the folder."""
        for process in self.processes.values():
            stop(process)
        shutil.rmtree(self.folder, ignore_errors=True)

    def beat(self) -> None:
        """Give a sign of life."""
        self.beats += 1
        files.replace_text(self.folder / files.SIGN_OF_LIFE, str(self.beats))

    @property
    def _all(self) -> range:
        return range(len(self.addresses))

    def _ended(self) -> dict[int, int]:
        """Return the exit codes of workers that have ended."""
        found = {index: code for index, process in self.processes.items() if (code := process.poll()) is not None}
        for index in self._all:
            file = files.ended(self.folder, index)
            if index not in self.local and file.exists():
                found[index] = int(json.loads(file.read_text(encoding="utf-8"))["code"])
        return found

    def _pass_on(self) -> None:
        file = self.folder / files.TOLD
        if not file.exists():
            return
        with file.open("rb") as stream:
            stream.seek(self.heard)
            whole = stream.read().rpartition(b"\n")[0]
        context = self.course.context
        for line in whole.splitlines():
            told = json.loads(line)
            if "progress" in told:
                context.progress(*told["progress"])
            else:
                text, caution = told["note"]
                context.note(text, caution=caution)
        self.heard += len(whole) + 1 if whole else 0

    def _raise_what_they_say(self) -> None:
        for index in self._all:
            file = files.failed(self.folder, index)
            if file.exists():
                raise _error_in(json.loads(file.read_text(encoding="utf-8")))

    def _late(self) -> MachineError:
        within = self.course.settings.join_within
        missing = [index for index in self._all if not files.here(self.folder, index).exists()]
        longer = ("to wait longer", "write join_within: 10 minutes")
        if missing:
            who = " and ".join(f"worker {index} at {self.addresses[index]}" for index in missing)
            named = [index for index in missing if index not in self.local]
            hints = [("to mend", f"begin it there: {command(self.folder.parent, index)}") for index in named]
            return MachineError(f"{who} did not come within {within}", code="U091", hints=(*hints, longer))
        where = ", ".join(self.addresses)
        mend = ("to mend", "look whether each machine is reached from the others at its address and port")
        return MachineError(
            f"all workers began, and did not find each other within {within} at {where}",
            code="U091",
            hints=(mend, longer),
        )

    def _lost(self, ended: dict[int, int], together: bool) -> MachineError:
        """Return the error that says which worker ended first, and what it said.

        Raises
        ------
        PortTaken
            If it ended because its port was taken.
        """
        if PORT_TAKEN in ended.values() and not together:
            return self._port_taken(next(index for index, code in ended.items() if code == PORT_TAKEN))
        until = time.monotonic() + GRACE
        while all(code == LOST_OTHERS for code in ended.values()) and time.monotonic() < until:
            time.sleep(LOOK)
            ended = self._ended()
        self._raise_what_they_say()
        # A worker that was killed is the cause, and those that lost it are not.
        index = min(ended, key=lambda one: (ended[one] == LOST_OTHERS, ended[one] >= 0, one))
        code = ended[index]
        how = f"was ended by {_signal(-code)}" if code < 0 else f"ended with exit code {code}"
        if code == LOST_OTHERS:
            how = "lost the others"
        said = _last_lines(files.errors(self.folder, index))
        hints = [
            ("to mend", "run it again: it goes on where it was; fewer workers or a smaller batch need less memory"),
            *([("it said", line) for line in said]),
        ]
        return MachineError(f"worker {index} at {self.addresses[index]} {how}", code="U092", hints=hints)

    def _port_taken(self, index: int) -> MachineError:
        if index in self.local and not isinstance(self.course.settings.workers, list):
            raise PortTaken
        return taken(self.addresses[index])


def command(shared: Path, index: int) -> str:
    """Return what begins a worker on another machine."""
    return f"python -m sartor_plugins.keras.workers {shared} {index}"


def _tell_commands(context: Context, addresses: list[str], shared: Path) -> None:
    commands = "; ".join(
        f"at {address}: {command(shared, index)}" for index, address in enumerate(addresses) if index > 0
    )
    context.note(
        f"learning waits for {plural(len(addresses) - 1, 'more worker')}, unless they wait: {commands}; "
        f"meanwhile rows lie in {shared}, not encrypted"
    )


def _remove_stale(own: Path) -> None:
    """Remove what runs left that were killed: their last sign of life is far older than one of now."""
    now = (own / files.SIGN_OF_LIFE).stat().st_mtime
    # Only what has such a sign: others may have folders of this name beside, as in the system's temporary folder.
    for beat in own.parent.glob(f"job-*/{files.SIGN_OF_LIFE}"):
        # Another run may remove its own, or the same, meanwhile.
        with suppress(OSError):
            if now - beat.stat().st_mtime > STALE:
                shutil.rmtree(beat.parent, ignore_errors=True)


def _error_in(said: dict[str, Any]) -> SartorError:
    problems = [Problem(code, message, hints=tuple(map(tuple, hints))) for code, message, hints in said["problems"]]
    kind = getattr(sartor.errors, str(said["kind"]), MachineError)
    if not (isinstance(kind, type) and issubclass(kind, SartorError)):
        kind = MachineError
    return kind(problems)


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _last_lines(file: Path) -> list[str]:
    if not file.exists():
        return []
    lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    return [line.strip() for line in lines if line.strip()][-LINES:]
