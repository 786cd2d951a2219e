"""Where workers listen: free ports of this machine, and addresses that must be its own."""

from __future__ import annotations

import errno
import socket

from sartor.errors import MachineError
from sartor_plugins.keras.workers.settings import host_of, port_of


def free_addresses(count: int) -> list[str]:
    """Return so many addresses of this machine at which nobody listens."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [f"127.0.0.1:{one.getsockname()[1]}" for one in sockets]
    finally:
        for one in sockets:
            one.close()


def refuse_other_machine(address: str) -> None:
    """Refuse an address that is not this machine's, or whose port is taken.

    Raises
    ------
    MachineError
    """
    host, port = host_of(address), port_of(address)
    try:
        family, kind, _, _, target = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tried.bind(target)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise taken(address) from error
        raise MachineError(
            f"the first of the workers is at {address}, and that is not this machine",
            code="U093",
            hints=(("to mend", "name this machine first, or run the recipe there"),),
        ) from error


def taken(address: str) -> MachineError:
    """Return the error for a port that another process has."""
    return MachineError(
        f"another process listens at {address} already",
        code="U093",
        hints=(("to mend", "name another port, or end what listens there"),),
    )
