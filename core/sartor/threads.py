"""How many threads native code may use: the processors that are really free, not those that are there.

Two spinning threads on a shared core cost 4 to 40 times the work of one.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any


def processors() -> int:
    """Return how many processors this process may use, by affinity and by the container's quota."""
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    quota = _cgroup_quota(Path("/sys/fs/cgroup/cpu.max"))
    return max(1, min(available, quota or available))


def _cgroup_quota(file: Path) -> int | None:
    try:
        limit, period = file.read_text().split()
    except (OSError, ValueError):
        return None
    return None if limit == "max" else max(1, int(limit) // int(period))


def free_threads() -> int:
    """Return the threads worth using now: processors less those that others keep busy, at least one."""
    total = processors()
    try:
        busy = os.getloadavg()[0]
    except OSError:
        busy = 0.0
    return max(1, min(total, round(total - busy)))


@contextmanager
def limited(threads: int) -> Iterator[None]:
    """Hold BLAS and OpenMP to a number of threads."""
    with _libraries(len(sys.modules)).limit(limits=threads):
        yield


@lru_cache(maxsize=1)
def _libraries(modules: int) -> Any:
    """Find the libraries that are loaded: looked for again where modules, which bring them, have come since."""
    import threadpoolctl

    return threadpoolctl.ThreadpoolController()
