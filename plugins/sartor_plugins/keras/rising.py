"""The end of a network that answers quantiles beside a number: they never cross, by how they are made."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from statistics import NormalDist
from typing import Any

import keras
import numpy as np


def rising(outputs: Any) -> Any:
    """Return outputs whose quantiles never cross: behind the number and the lowest, each adds what is above 0."""
    steps = keras.ops.softplus(outputs[:, 2:])
    climbed = keras.ops.cumsum(keras.ops.concatenate([outputs[:, 1:2], steps], axis=1), axis=1)
    return keras.ops.concatenate([outputs[:, :1], climbed], axis=1)


def offsets(quantiles: Sequence[float]) -> Any:
    """Return how the offsets of outputs begin: with the quantiles of a normal distribution, as a scaled target has."""
    return keras.initializers.Constant(np.array(first_offsets(quantiles))) if quantiles else "zeros"


def first_offsets(quantiles: Sequence[float]) -> list[float]:
    """Return the offsets of the number, of the lowest quantile, and of each step from one quantile to the next.

    Examples
    --------
    >>> [round(value, 3) for value in first_offsets((0.5, 0.9))]
    [0.0, 0.0, 0.956]
    """
    normal = [NormalDist().inv_cdf(level) for level in quantiles]
    # What softplus turns into the step between the two.
    steps = [math.log(math.expm1(high - low)) for low, high in pairwise(normal)]
    return [0.0, normal[0], *steps]
