"""How much memory there is: what is free, what a container allows, and amounts as people write them."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path


def amount_of(memory: str) -> tuple[float, str]:
    """Return number and unit of an amount of memory.

    Examples
    --------
    >>> amount_of("4 GB"), amount_of("1.5GiB")
    ((4.0, 'GB'), (1.5, 'GiB'))
    """
    amount, unit = re.split(r"\s*(?=[A-Za-z])", memory.strip(), maxsplit=1)
    return float(amount), unit


def bytes_of(memory: str) -> int:
    """Return how many bytes an amount of memory is.

    Examples
    --------
    >>> bytes_of("4 GB"), bytes_of("1.5KiB")
    (4000000000, 1536)
    """
    amount, unit = amount_of(memory)
    return int(amount * (1024 if "i" in unit else 1000) ** ("KMGT".index(unit[0]) + 1))


def available_and_total() -> tuple[float, float]:
    """Return bytes of memory that are free and that there are, by the container's limit where it has one; 0 unknown."""
    try:
        total = float(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    except (AttributeError, OSError, ValueError):
        total = 0.0
    available = _first_number(Path("/proc/meminfo"), lambda line: line.startswith("MemAvailable:")) * 1024
    limit = _first_number(Path("/sys/fs/cgroup/memory.max"), lambda line: line.strip().isdigit())
    if limit and limit < total:
        used = _first_number(Path("/sys/fs/cgroup/memory.current"), lambda line: line.strip().isdigit())
        return max(0.0, min(available, limit - used)), limit
    return available, total


def _first_number(file: Path, wanted: Callable[[str], bool]) -> float:
    try:
        lines = file.read_text(encoding="ascii").splitlines()
    except OSError:
        return 0.0
    return next((float(word) for line in lines if wanted(line) for word in line.split() if word.isdigit()), 0.0)
