"""Lets the interpreter end without what DuckDB says of its own types."""

from __future__ import annotations

import atexit
import sys
from functools import cache


@cache
def silence_exit() -> None:
    """Let the interpreter end without DuckDB's lines about leaked instances.

    Caches of Narwhals keep DuckDB's types alive beyond the point at which DuckDB counts them (seen with DuckDB 2.0,
    Narwhals 2.29), so they are emptied at exit.
    """
    # Cached, so that it registers once.
    atexit.register(_empty_caches)


def _empty_caches() -> None:
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] == "narwhals":
            owners = [module, *(value for value in vars(module).values() if isinstance(value, type))]
            for cached in [value for owner in owners for value in vars(owner).values()]:
                clear = getattr(getattr(cached, "__func__", cached), "cache_clear", None)
                if clear is not None and not isinstance(cached, type):
                    clear()
