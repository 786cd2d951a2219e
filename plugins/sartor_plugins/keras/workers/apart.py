"""A network of their own for workers of one machine: TensorFlow listens on every network that it finds, for anyone.

Linux gives a process a network with nothing in it but itself, and others of the same user may enter it. Where the
system does not let it, the run says at which doors it stands open.
"""

from __future__ import annotations

import ctypes
import os
import sys
import time
from pathlib import Path

from sartor_plugins.keras.workers.job import replace_text

_USER, _NETWORK = 0x10000000, 0x40000000
"""``CLONE_NEWUSER`` and ``CLONE_NEWNET`` of Linux."""
_FILE = "apart"
_NOWHERE = "no"
_LOOK = 0.02


def go_apart(folder: Path, index: int) -> bool:
    """Enter a network that only the workers of a job are in; to be called before there is a second thread.

    Parameters
    ----------
    folder : Path
        Of the job.
    index : int
        The first worker makes the network, and the others enter it.

    Returns
    -------
    bool
        Whether there is one.
    """
    file = folder / _FILE
    if index > 0:
        parent = os.getppid()
        while not file.exists():
            if os.getppid() != parent:
                os._exit(1)
            time.sleep(_LOOK)
        found = file.read_text(encoding="utf-8")
        if found != _NOWHERE:
            _enter(int(found))
        return found != _NOWHERE
    is_apart = _can()
    if is_apart:
        try:
            _make()
        except OSError:
            is_apart = False
    replace_text(file, str(os.getpid()) if is_apart else _NOWHERE)
    return is_apart


def _can() -> bool:
    """Whether the system lets it: tried by a child, since half of it would leave no network at all."""
    if sys.platform != "linux":
        return False
    child = os.fork()
    if child == 0:
        try:
            _make()
        except OSError:
            os._exit(1)
        os._exit(0)
    return os.waitpid(child, 0)[1] == 0


def _make() -> None:
    try:
        _call("unshare", _NETWORK)
    except OSError:
        user, group = os.geteuid(), os.getegid()
        if user == 0:
            # Root without this right would lose more: files that belong to others.
            raise
        _call("unshare", _USER | _NETWORK)
        for name, text in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
            Path("/proc/self", name).write_text(text, encoding="ascii")
    _begin_loopback()


def _enter(process: int) -> None:
    with Path(f"/proc/{process}/ns/user").open("rb") as theirs:
        if os.fstat(theirs.fileno()).st_ino != Path("/proc/self/ns/user").stat().st_ino:
            _call("setns", theirs.fileno(), _USER)
    with Path(f"/proc/{process}/ns/net").open("rb") as theirs:
        _call("setns", theirs.fileno(), _NETWORK)


def _begin_loopback() -> None:
    import fcntl
    import socket
    import struct

    # The interface `lo`, and its flags with IFF_UP: SIOCGIFFLAGS, SIOCSIFFLAGS.
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        found = fcntl.ioctl(asked, 0x8913, struct.pack("16sh14x", b"lo", 0))
        flags = struct.unpack("16sh14x", found)[1]
        fcntl.ioctl(asked, 0x8914, struct.pack("16sh14x", b"lo", flags | 1))


def _call(name: str, *arguments: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if getattr(libc, name)(*arguments) != 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))
