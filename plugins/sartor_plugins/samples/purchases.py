"""What customers of a shop spend, by age and income."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from sartor.components import Fraction, Ingest

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    from sartor.context import Context

SHAPE = 9.0
"""Of the gamma law around each customer's mean: its standard deviation is a third of the mean."""


class Purchases(Ingest):
    """Simulated customers of a shop with their age, their income, and what their next purchase came to.

    Nobody in it exists. What a customer spends on average rises with income, ever more slowly, and is highest in the
    middle of life; a single purchase lies around that average with a standard deviation of a third of it.

    Parameters
    ----------
    rows : int
        How many customers.
    seed : int
        The same settings give the same rows, whatever the seed of the run.
    missing : float
        Share of customers who did not tell their income.
    true_mean : bool
        Adds what the customer spends on average, which no model can do better than. For tests, never as a feature.

    Examples
    --------
    >>> from sartor.context import Context
    >>> Purchases(rows=100).read(Context()).column_names
    ['customer', 'age', 'income', 'amount']
    """

    simulated: ClassVar[bool] = True

    rows: Annotated[int, Field(ge=1, le=10_000_000)] = 4_000
    seed: Annotated[int, Field(ge=0)] = 0
    missing: Fraction = 0.03
    true_mean: bool = False

    def columns(self, context: Context) -> Mapping[str, str]:
        """Return names and types, known beforehand."""
        known = {"customer": "integer", "age": "integer", "income": "number", "amount": "number"}
        return {**known, **({"true_mean": "number"} if self.true_mean else {})}

    def source(self) -> str:
        """Say that nobody in it exists."""
        return f"simulated by samples.purchases, seed {self.seed}; not real"

    def fingerprint(self, context: Context) -> str:
        """Return the same text always: the rows follow from the settings alone."""
        return "simulated"

    def read(self, context: Context) -> pa.Table:
        """Return a line for each customer."""
        import numpy as np
        import pyarrow as pa

        rng = np.random.default_rng(self.seed)
        age = rng.integers(18, 81, self.rows)
        # People earn most at about 50.
        income = np.round(np.exp(10.5 - ((age - 50) / 45) ** 2 + rng.normal(0, 0.45, self.rows)), -2).astype(np.float64)
        mean = mean_amount(age.astype(np.float64), income)
        amount = np.round(np.maximum(rng.gamma(SHAPE, mean / SHAPE), 0.01), 2)
        hidden = rng.random(self.rows) < self.missing
        table = {
            "customer": pa.array(np.arange(self.rows)),
            "age": pa.array(age),
            "income": pa.array(income, mask=hidden),
            "amount": pa.array(amount),
        }
        return pa.table({**table, **({"true_mean": pa.array(mean)} if self.true_mean else {})})


def mean_amount(age: NDArray[np.float64], income: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what customers spend on average.

    Parameters
    ----------
    age, income : ndarray of shape (n_customers,)

    Examples
    --------
    >>> import numpy as np
    >>> mean_amount(np.array([25.0, 45.0, 75.0]), np.full(3, 50_000.0)).round().tolist()
    [512.0, 739.0, 258.0]
    """
    import numpy as np

    return np.asarray(100 + 900 * (1 - np.exp(-income / 40_000)) * np.exp(-(((age - 43) / 27) ** 2)))
