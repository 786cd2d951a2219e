"""The heavy loops of recommenders: in NumPy and SciPy and, where numba is installed, compiled.

Both forms do the same steps, so that one is the test of the other; they agree to rounding.
"""

from __future__ import annotations

import importlib
import importlib.util
from functools import cache
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from scipy import sparse

    Floats = NDArray[np.float32]
    Ints = NDArray[np.int64]


class Kernels(Protocol):
    """What both forms offer; `sartor_plugins.recommend.kernels.plain` says what each function does."""

    def als_half(
        self, matrix: sparse.csr_matrix, fixed: Floats, solved: Floats, regularisation: float, steps: int
    ) -> None:
        """Solve for one side of the factors, in place."""
        ...

    def neighbours(self, matrix: sparse.csr_matrix, norms: Floats, k: int, shrink: float) -> tuple[Ints, Floats]:
        """Find the nearest items of every item."""
        ...

    def keep_best(self, found: Floats, first: int, active: Ints, places: Ints, scores: Floats) -> None:
        """Put what is better than the last of the best among them, in place."""
        ...

    def best_of_sparse(self, known: sparse.csr_matrix, weights: sparse.csr_matrix, k: int) -> tuple[Ints, Floats]:
        """Find the largest sums of weights."""
        ...


@cache
def kernels() -> Kernels:
    """Return the compiled form where numba is installed."""
    if importlib.util.find_spec("numba") is None:
        return plain()
    return cast("Kernels", importlib.import_module("sartor_plugins.recommend.kernels.compiled"))


def plain() -> Kernels:
    """Return the form that needs nothing but SciPy."""
    return cast("Kernels", importlib.import_module("sartor_plugins.recommend.kernels.plain"))
