"""Methods over thousands of histories at once: in NumPy, and compiled where numba is installed."""

from __future__ import annotations

import importlib
from typing import Any

from sartor.windows.kernels import compiler_is_there

WORTH_COMPILING = 100_000
"""Cells of histories below which loading the compiler takes longer than the work."""


def kernels(cells: int) -> Any:
    """Return the form that is quicker for so many cells; both answer alike."""
    name = "compiled" if cells >= WORTH_COMPILING and compiler_is_there() else "plain"
    return importlib.import_module(f"sartor_plugins.forecast.kernels.{name}")
