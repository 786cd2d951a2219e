"""Counts and means with noise: what is released of many says next to nothing of any single person.

Epsilon-differential privacy, by the discrete Laplace mechanism of OpenDP [1]_ on whole numbers: neighbours differ in
all lines of one person, of which at most `lines` count. A sum is taken in steps of a millionth of the range of its
values, so that no rounding of sums of binary fractions tells anything.

References
----------
.. [1] OpenDP, https://docs.opendp.org; C. Dwork et al.: *Calibrating noise to sensitivity in private data analysis*,
   2006.
"""

from __future__ import annotations

from typing import Any

from sartor.errors import PrivacyStop

STEPS = 2**20
"""Steps between the middle of a range and its end."""


def noisy(value: int, sensitivity: int, epsilon: float) -> int:
    """Return a whole number with noise.

    Parameters
    ----------
    value : int
    sensitivity : int
        The most that all lines of one person change it by.
    epsilon : float
        What is spent.

    Raises
    ------
    PrivacyStop
        If OpenDP is not installed.
    """
    mechanism = _laplace(sensitivity / epsilon)
    spent = float(mechanism.map(sensitivity))
    # The library rounds up; what it promises must be what is said.
    if spent > epsilon * (1 + 1e-9):
        raise ArithmeticError(f"noise spends {spent} in place of {epsilon}")
    return int(mechanism(value))


def noisy_mean(total: int, count: int, between: tuple[float, float], lines: int, epsilon: float) -> float:
    """Return a mean with noise, half of epsilon spent on the sum and half on the count.

    Parameters
    ----------
    total : int
        Sum of the values as steps from the middle of the range; see `steps_of`.
    count : int
    between : tuple of two floats
    lines : int
        How many lines of one person count at most.
    epsilon : float
    """
    low, high = between
    middle, step = (low + high) / 2, (high - low) / 2 / STEPS
    said = noisy(total, lines * STEPS, epsilon / 2) / max(1, noisy(count, lines, epsilon / 2))
    return min(high, max(low, middle + said * step))


def scale_of(lines: int, epsilon: float) -> float:
    """Return the scale of a count's noise: it is off by more than three times that in one of twenty.

    Examples
    --------
    >>> scale_of(lines=1, epsilon=0.5)
    2.0
    """
    return lines / epsilon


def steps_sql(column: str, between: tuple[float, float]) -> str:
    """Return SQL of a value as whole steps from the middle of its range, clamped to it."""
    low, high = between
    middle, half = (low + high) / 2, (high - low) / 2
    clamped = f"greatest(least(CAST({column} AS DOUBLE), {high!r}), {low!r})"
    return f"CAST(round(({clamped} - {middle!r}) / {half!r} * {STEPS}) AS BIGINT)"


def _laplace(scale: float) -> Any:
    try:
        import opendp.prelude as dp
    except ImportError:
        raise PrivacyStop(
            "counts and means are released with noise from OpenDP, which is not installed",
            code="P010",
            hints=(("to install", "pip install 'sartor[dp]'"),),
        ) from None
    # What is used has proofs of its own; the name says only that they come from outside the library's authors.
    dp.enable_features("contrib")
    return dp.m.make_laplace(dp.atom_domain(T=dp.i64), dp.absolute_distance(T=dp.i64), scale=scale)
