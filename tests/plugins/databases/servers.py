"""Starts a PostgreSQL server for tests: its own, in a temporary folder, as a user without rights, on loopback only."""

from __future__ import annotations

import fcntl
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PASSWORD = "hunter2-canary"
"""Of the user `reader`; it must never be seen anywhere."""
OWNER = "owner"
USERS = ("postgres", "nobody")
PREFIX = "sartor-pg-"
"""What the name of a server's folder begins with."""
IN_USE = "in-use"
"""File in it that is locked by the process whose tests use the server."""


def binaries() -> Path | None:
    """Return the folder of the newest server that is installed, or None."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda place: int(place.parent.name))
    if found and (found[-1] / "initdb").exists():
        return found[-1]
    # Elsewhere than on Debian it lies on the path, if it is there.
    initdb = shutil.which("initdb")
    return Path(initdb).parent if initdb else None


@dataclass(frozen=True)
class Server:
    """A server that runs.

    Parameters
    ----------
    port : int
    log : Path
        What it says.
    """

    port: int
    log: Path

    def url(self, user: str = "reader", password: str = PASSWORD, database: str = "shop") -> str:
        login = f"{user}:{password}" if password else user
        return f"postgresql://{login}@127.0.0.1:{self.port}/{database}"

    @contextmanager
    def connected(self, **where: str) -> Iterator[Any]:
        from adbc_driver_postgresql import dbapi

        with closing(dbapi.connect(self.url(**{"user": OWNER, **where}), autocommit=True)) as connection:
            yield connection

    def run(self, *statements: str, **where: str) -> list[tuple[Any, ...]]:
        """Run statements as the owner, and return what the last one gives."""
        rows: list[tuple[Any, ...]] = []
        with self.connected(**where) as connection:
            for statement in statements:
                with closing(connection.cursor()) as cursor:
                    cursor.execute(statement)
                    rows = cursor.fetchall() if cursor.description else []
        return rows


@contextmanager
def server(place: Path) -> Iterator[Server]:
    """Start a server with a database `shop`, and stop it behind the block."""
    found = binaries()
    assert found is not None, "no PostgreSQL is installed"
    user = _unprivileged()
    stop_abandoned()
    # Not below pytest's folders, which only root may enter.
    home = Path(tempfile.mkdtemp(prefix=PREFIX))
    # Held as long as this process lives, however it ends; what it starts does not inherit it.
    in_use = (home / IN_USE).open("wb")
    fcntl.flock(in_use, fcntl.LOCK_EX)
    password = home / "password"
    password.write_text(f"{PASSWORD}\n", encoding="utf-8")
    if user is not None:
        shutil.chown(home, user.pw_name)
        shutil.chown(password, user.pw_name)

    def call(*arguments: str) -> None:
        run_as = user.pw_uid if user else None
        done = subprocess.run(arguments, user=run_as, cwd=home, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{' '.join(arguments)}\n{done.stdout}{done.stderr}"

    data, log, port = home / "data", home / "log", _free_port()
    options = f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories='{home}' -c fsync=off"
    # Another zone and order of dates than ours: neither may reach what is read.
    options += " -c timezone=America/New_York -c datestyle='SQL, DMY'"
    try:
        call(
            str(found / "initdb"), "-D", str(data), "-U", OWNER, "--auth=scram-sha-256", f"--pwfile={password}",
            "--no-sync", "-E", "UTF8", "--locale=C",
        )  # fmt: skip
        call(str(found / "pg_ctl"), "-D", str(data), "-l", str(log), "-o", options, "-w", "start")
        try:
            running = Server(port, log)
            running.run("CREATE DATABASE shop", database="postgres")
            running.run(f"CREATE ROLE reader LOGIN PASSWORD '{PASSWORD}'", "GRANT pg_read_all_data TO reader")
            yield running
        finally:
            call(str(found / "pg_ctl"), "-D", str(data), "-m", "immediate", "stop")
    finally:
        shutil.rmtree(home, ignore_errors=True)
        in_use.close()


def stop_abandoned() -> list[Path]:
    """Stop servers whose tests were killed before they could, remove their folders, and return these."""
    found = []
    for home in sorted(Path(tempfile.gettempdir()).glob(f"{PREFIX}*")):
        try:
            in_use = (home / IN_USE).open("r+b")
        except OSError:
            # It has only just been made, or is somebody else's.
            continue
        with in_use:
            try:
                fcntl.flock(in_use, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                continue
            _stop(home / "data" / "postmaster.pid", home)
            shutil.rmtree(home, ignore_errors=True)
            found.append(home)
    return found


def _stop(file: Path, home: Path) -> None:
    """Stop a server at once by the file that names its process, unless that process is another one by now."""
    try:
        process = int(file.read_text(encoding="utf-8").split("\n", 1)[0])
        command = Path(f"/proc/{process}/cmdline").read_bytes()
    except (OSError, ValueError):
        return
    if str(home).encode() not in command:
        return
    os.kill(process, signal.SIGQUIT)
    for _ in range(100):
        if not Path(f"/proc/{process}").exists():
            return
        time.sleep(0.05)


def _unprivileged() -> pwd.struct_passwd | None:
    """Return the user that the server runs as; None where we are nobody special ourselves."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    return next(known[name] for name in USERS if name in known)


def _free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])
