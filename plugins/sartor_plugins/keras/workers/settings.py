"""How many workers there are, and where: what a recipe says under ``workers``."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from sartor.errors import SettingError

_ADDRESS = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_.-]+):(?P<port>[0-9]{1,5})")
MOST = 64
"""Workers of one network."""


def host_of(address: str) -> str:
    """Return the host of an address.

    Examples
    --------
    >>> host_of("10.0.0.1:2222"), host_of("[fd00::1]:2222")
    ('10.0.0.1', 'fd00::1')
    """
    return address.rpartition(":")[0].strip("[]")


def port_of(address: str) -> int:
    """Return the port of an address.

    Examples
    --------
    >>> port_of("10.0.0.1:2222")
    2222
    """
    return int(address.rpartition(":")[2])


def _address(text: str) -> str:
    found = _ADDRESS.fullmatch(text)
    if found is None:
        raise SettingError(
            f"must be a host and a port, got '{text}'", hints=(("to mend", f"write {_host_in(text)}:2222"),)
        )
    if not 1 <= int(found["port"]) <= 65_535:
        raise SettingError(
            f"must have a port from 1 to 65535, got '{text}'", hints=(("to mend", f"write {found['host']}:2222"),)
        )
    return text


def _host_in(text: str) -> str:
    host = text.rsplit("://", maxsplit=1)[-1].partition("/")[0].partition(":")[0].strip()
    return host if re.fullmatch(r"[A-Za-z0-9_.-]+", host) else "10.0.0.1"


def _different(addresses: list[str]) -> list[str]:
    twice = sorted({address for address in addresses if addresses.count(address) > 1})
    if twice:
        raise SettingError(
            f"must name each worker once, and {' and '.join(twice)} stands there more than once",
            hints=(("to mend", "give each worker an address of its own; on one machine, a port of its own"),),
        )
    return addresses


Address = Annotated[str, AfterValidator(_address)]
"""Host and port of a worker."""
Addresses = Annotated[list[Address], Field(min_length=2, max_length=MOST), AfterValidator(_different)]
"""Of all workers, the first of which is the machine that the recipe runs on."""
Workers = Annotated[int, Field(ge=1, le=MOST)] | Addresses
"""So many processes on this machine, or the addresses of several machines."""
