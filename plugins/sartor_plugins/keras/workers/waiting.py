"""Waits on another machine for runs that need its worker, and begins one for each: see `__main__`.

A run begins a course of learning for every fit, and workers begin and end with it; who waits stays.
"""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from sartor_plugins.keras.workers.begin import begin, stop
from sartor_plugins.keras.workers.job import ABOUT, SIGN_OF_LIFE, Job, ended, replace_text

LOOK = 0.5
"""Seconds between two looks at the folder."""
SILENT = 60.0
"""Seconds without a sign of life of the run after which its worker is ended."""


class Waiting:
    """Who begins a worker for each run that asks for one.

    Parameters
    ----------
    shared : Path
        The folder that all machines see.
    index : int
        Of the worker: its place among the addresses, from 0.
    tell : callable
        Hears what happens.
    """

    def __init__(self, shared: Path, index: int, tell: Callable[[str], object]) -> None:
        self.shared, self.index, self.tell = shared, index, tell
        self.seen: dict[Path, str] = {}
        self.changed: dict[Path, float] = {}
        self.processes: dict[Path, subprocess.Popen[bytes]] = {}
        self.done: set[Path] = set()

    def forever(self) -> None:
        """Look until somebody interrupts."""
        self.tell(f"worker {self.index} waits for runs in {self.shared}; Ctrl-C ends it")
        try:
            while True:
                self.look()
                time.sleep(LOOK)
        finally:
            for process in self.processes.values():
                stop(process)

    def look(self) -> None:
        """Begin workers that are asked for, and end those whose run is over."""
        for folder in sorted(self.shared.glob("job-*")):
            if self._is_alive(folder) and folder not in self.done and (folder / ABOUT).exists():
                self._begin(folder)
        for folder, process in list(self.processes.items()):
            if process.poll() is not None:
                self._tell_end(folder, process.returncode)
            elif not (folder / ABOUT).exists() or time.monotonic() - self.changed[folder] > SILENT:
                stop(process)
                self.tell(f"{folder.name} is over")
            else:
                continue
            del self.processes[folder]

    def _begin(self, folder: Path) -> None:
        self.done.add(folder)
        job = Job.read(folder)
        if self.index >= job.count:
            self.tell(f"{folder.name} has workers 0 to {job.count - 1}, and none for worker {self.index}")
            return
        self.processes[folder] = begin(folder, self.index)
        self.tell(f"{folder.name} begins at {job.addresses[self.index]}: {job.step}")

    def _is_alive(self, folder: Path) -> bool:
        """Whether its run gives signs of life: a run that was killed leaves a folder that no longer changes."""
        try:
            sign = (folder / SIGN_OF_LIFE).read_text(encoding="utf-8")
        except OSError:
            return False
        before = self.seen.get(folder)
        if sign != before:
            self.seen[folder] = sign
            self.changed[folder] = time.monotonic()
        return before is not None and sign != before

    def _tell_end(self, folder: Path, code: int) -> None:
        self.tell(f"{folder.name} ended with exit code {code}")
        if (folder / ABOUT).exists():
            replace_text(ended(folder, self.index), json.dumps({"code": code}))
