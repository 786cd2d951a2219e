"""Calls of ``sartor`` as processes of their own that need not import pandas, scikit-learn and their like again.

One process, the nursery, imports what most calls need, and does nothing with it. Whatever calls ``sartor`` by a shell
finds a script of that name in front of the installed one: it hands its streams, folder, environment and arguments to
the nursery, which forks a process for this one call, and ends as that one ended. So pipes, redirections, exit codes
and files are those of a true call, and no call knows of another; only the seconds of importing are gone.

A call that changes what Python imports (``PYTHONPATH``) goes to the installed script.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

LIBRARIES = (
    "sartor.cli.endings", "sartor.performing", "sartor.reporting", "sartor.running",
    "asyncio", "duckdb", "joblib", "narwhals.stable.v2", "pandas", "pandas.plotting", "pyarrow.compute",
    "pyarrow.parquet", "rich.console", "scipy.interpolate", "scipy.optimize", "scipy.sparse", "scipy.stats",
    "sklearn.ensemble", "sklearn.linear_model", "sklearn.model_selection", "sklearn.svm",
)  # fmt: skip
"""What most calls import sooner or later: importing starts no thread of theirs, so that a fork is whole."""

_CLIENT = r"""
import json, os, socket, sys
said = {"arguments": sys.argv[2:], "folder": os.getcwd(), "environment": dict(os.environ)}
with socket.socket(socket.AF_UNIX) as door:
    door.connect(sys.argv[1])
    text = json.dumps(said).encode()
    socket.send_fds(door, [len(text).to_bytes(8, "big")], [0, 1, 2])
    door.sendall(text)
    code = door.recv(1)
os._exit(code[0] if code else 70)
"""


@contextmanager
def nursery(kept: Path | None = None) -> Iterator[Path | None]:
    """Keep a nursery, and yield the folder to put in front of PATH; None where a fork is not to be trusted.

    Parameters
    ----------
    kept : Path, optional
        The folder of the installed script; that of this interpreter unless given.
    """
    if sys.platform != "linux":
        yield None
        return
    installed = (kept or Path(sys.executable).parent) / "sartor"
    # A socket's path may have 108 signs at most, which pytest's folders often have.
    folder = Path(tempfile.mkdtemp(prefix="sartor-"))
    door = folder / "door"
    (folder / "client.py").write_text(_CLIENT, encoding="utf-8")
    script = folder / "bin" / "sartor"
    script.parent.mkdir()
    script.write_text(
        f'#!/bin/sh\n[ -z "${{PYTHONPATH+set}}" ] || exec "{installed}" "$@"\n'
        f'exec "{sys.executable}" -IS "{folder / "client.py"}" "{door}" "$@"\n',
        encoding="utf-8",
    )
    script.chmod(0o755)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(door))
        listening.listen()
        command = [sys.executable, __file__, str(listening.fileno())]
        process = subprocess.Popen(command, pass_fds=[listening.fileno()], stdin=subprocess.DEVNULL)
        try:
            yield script.parent
        finally:
            process.kill()
            process.wait()
            shutil.rmtree(folder)


def _serve(listening: socket.socket) -> None:
    """Answer calls for ever; each has a process, and one that waits for it."""
    for name in LIBRARIES:
        with suppress(ModuleNotFoundError):
            importlib.import_module(name)
    # What stays for ever is not gone through again by every call.
    gc.freeze()
    while True:
        visitor, _ = listening.accept()
        if os.fork() == 0:
            listening.close()
            _attend(visitor)
        visitor.close()
        # Those that wait are many calls behind by now; they leave no trace.
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG) != (0, 0):
                pass


def _attend(visitor: socket.socket) -> None:
    """Fork the process of one call, wait for it, and tell the one who called how it ended."""
    size, streams, _, _ = socket.recv_fds(visitor, 8, 3)
    text = b""
    while len(text) < int.from_bytes(size, "big"):
        text += visitor.recv(1 << 16)
    child = os.fork()
    if child == 0:
        visitor.close()
        _become(json.loads(text), streams)
    for stream in streams:
        os.close(stream)
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    with suppress(OSError):
        visitor.sendall(bytes([code if code >= 0 else 128 - code]))
    os._exit(0)


def _become(said: dict[str, object], streams: list[int]) -> None:
    """Be the process that was called for: its streams, its folder, its environment, its arguments."""
    for place, stream in enumerate(streams):
        os.dup2(stream, place)
        os.close(stream)
    os.environ.clear()
    os.environ.update(said["environment"])
    os.chdir(said["folder"])
    # What the nursery has open is nowhere, and where it is in that is not to be told from here.
    for place, name in enumerate(("stdin", "stdout", "stderr")):
        file = os.fdopen(place, "w" if place else "r", encoding=sys.stdout.encoding, closefd=False)
        if place == 2:
            file.reconfigure(errors="backslashreplace", line_buffering=True)
        setattr(sys, name, file)
        setattr(sys, f"__{name}__", file)
    sys.argv = ["sartor", *said["arguments"]]
    from sartor.cli import main

    code = 70
    try:
        code = main()
    except SystemExit as ending:
        code = ending.code if isinstance(ending.code, int) else int(ending.code is not None)
    except BaseException:  # noqa: BLE001 - told, as Python itself would tell it
        traceback.print_exc()
    finally:
        # As a process ends, but for taking down what the nursery has imported.
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError):
                stream.flush()
        atexit._run_exitfuncs()
        os._exit(code)


if __name__ == "__main__":
    _serve(socket.socket(fileno=int(sys.argv[1])))
