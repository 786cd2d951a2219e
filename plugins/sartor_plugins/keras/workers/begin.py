"""Begins a worker as a process of this machine, and ends it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from sartor_plugins.keras.workers.job import errors


def begin(folder: Path, index: int) -> subprocess.Popen[bytes]:
    """Begin a worker of a job."""
    command = [sys.executable, "-P", "-m", "sartor_plugins.keras.workers.work", str(folder.absolute()), str(index)]
    # What this process can import, the worker can.
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry)}
    for name in ("no_proxy", "NO_PROXY"):
        environment[name] = ",".join(filter(None, [os.environ.get(name, ""), "127.0.0.1"]))
    with errors(folder, index).open("wb") as said:
        # A group of its own: Ctrl-C is for the run, which then ends its workers.
        return subprocess.Popen(  # noqa: S603 - our own module
            command, stdin=subprocess.PIPE, stdout=said, stderr=said, env=environment, start_new_session=True
        )


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a worker: TensorFlow does not heed anything gentler while it waits for others."""
    process.kill()
    process.wait()
    if process.stdin is not None:
        process.stdin.close()
