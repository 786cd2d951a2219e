"""Starts a PostgreSQL server for tests: its own, in a temporary folder, as a user without rights, on loopback only."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PASSWORD = "hunter2-canary"
"""Of the user `reader`; it must never be seen anywhere."""
OWNER = "owner"
USERS = ("postgres", "nobody")


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
    # Not below pytest's folders, which only root may enter.
    home = Path(tempfile.mkdtemp(prefix="sartor-pg-"))
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
