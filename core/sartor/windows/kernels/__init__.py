"""The work itself: over arrays sorted by entity, in NumPy and, where numba is installed, compiled.

Both forms give the same bits: counts are whole numbers and sums are exact.
"""

from __future__ import annotations

import importlib
import importlib.util
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol, cast

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sartor.windows.exact import Buckets, Floats, Ints, Layout, Survey
    from sartor.windows.measures import Upto

MISSING = -(2**63)
"""An item, or a moment, that is not there."""
EARLIEST = -(2**63) + 2
"""What lies before all moments."""
LATEST = 2**63 - 2
"""What lies after all moments: DuckDB's infinity is one more."""
MIX = 0x9E3779B97F4A7C15
"""Odd, and near 2 ** 64 over the golden ratio: its multiples spread whole numbers evenly over slices."""
MIX_WITHIN = 0xC13FA9A902A6328F
"""Another such number, 2 ** 64 over the plastic number, for tables in a slice: there, high bits of the first agree."""
WORTH_COMPILING = 300_000
"""Lines and rows below which loading the compiler takes longer than the work."""


class Kernels(Protocol):
    """What both forms offer; `sartor.windows.kernels.plain` says what each function does."""

    def buckets(self, entity: Ints, count: int) -> tuple[Buckets, Ints]:
        """Choose slices by a hash of the entity."""
        ...

    def spread(self, columns: list[NDArray[Any]], bucket: Buckets, counts: Ints) -> Ints:
        """Put lines slice by slice, and in each column by column."""
        ...

    def codes(self, of_lines: Ints, of_rows: Ints) -> tuple[Ints, Ints, int]:
        """Number the entities."""
        ...

    def sort(self, code: Ints, groups: int, time: Ints, order: Ints) -> tuple[Ints, Ints]:
        """Sort by entity, moment and order."""
        ...

    def bounds(
        self, starts: tuple[Ints, Ints], time: Ints, ends: Ints, orders: tuple[Ints, Ints], lengths: Ints, upto: Upto
    ) -> tuple[Ints, Ints]:
        """Find the lines of each row's windows."""
        ...

    def survey(self, values: Floats) -> Survey:
        """Look a column through."""
        ...

    def sums(self, values: Floats, first: Ints, last: Ints, starts: tuple[Ints, Ints], layout: Layout) -> Floats:
        """Sums over windows."""
        ...

    def most(self, values: Floats, first: Ints, last: Ints, starts: tuple[Ints, Ints]) -> Floats:
        """Largest value in each window."""
        ...

    def distinct(self, items: Ints, first: Ints, last: Ints, starts: tuple[Ints, Ints]) -> Ints:
        """Count the different items in each window."""
        ...


@cache
def compiler_is_there() -> bool:
    """Whether numba is installed (extra ``fast``)."""
    return importlib.util.find_spec("numba") is not None


def kernels(compiled: bool) -> Kernels:
    """Return the compiled form or that in NumPy; numba is loaded only for the former."""
    name = "compiled" if compiled else "plain"
    return cast("Kernels", importlib.import_module(f"sartor.windows.kernels.{name}"))
