"""How kernels are compiled: when first called, and kept on disk where there is a folder to keep them in."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

import numba

P = ParamSpec("P")
R = TypeVar("R")


def compiled(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a function of numbers and arrays; the result does not hold Python's lock."""
    try:
        made = numba.njit(cache=True, nogil=True)(function)
    except RuntimeError:
        # Neither beside the module nor in the user's folder can a file be written.
        made = numba.njit(nogil=True)(function)
    return cast("Callable[P, R]", made)
