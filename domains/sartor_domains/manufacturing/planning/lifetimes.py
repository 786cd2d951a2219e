"""From a model's answer to lives that are equally likely."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sartor.components import NUMBER

Floats = NDArray[np.float64]

LIVES = 100
"""So many equally likely lives stand for a distribution."""
_QUANTILE = re.compile(r"quantile:(0?\.\d+(?:e-\d+)?)")


def likely_lives(predictions: pd.DataFrame) -> Floats:
    """Return lives left that are equally likely, rising.

    Parameters
    ----------
    predictions : DataFrame
        ``number``, and ``quantile:LEVEL`` where the model tells them.

    Returns
    -------
    ndarray of shape (n_rows, n_lives)
        One life where there are no quantiles: the answer, taken as certain. Beyond the lowest quantile lives fall to
        0 in proportion; beyond the highest one they are as long as it.

    Examples
    --------
    >>> likely_lives(pd.DataFrame({"number": [7.0]})).tolist()
    [[7.0]]
    >>> lives = likely_lives(pd.DataFrame({"number": [7.0], "quantile:0.5": [10.0], "quantile:0.9": [30.0]}))
    >>> lives.shape, round(float((lives <= 5).mean()), 2), round(float((lives <= 20).mean()), 2)
    ((1, 100), 0.25, 0.7)
    """
    levels = {float(found[1]): name for name in predictions if (found := _QUANTILE.fullmatch(str(name)))}
    if not levels:
        return np.asarray(np.maximum(predictions[[NUMBER]].to_numpy(dtype=np.float64), 0.0))
    order = sorted(levels)
    at = np.array([0.0, *order])
    told = predictions[[levels[level] for level in order]].to_numpy(dtype=np.float64)
    values = np.concatenate([np.zeros((len(told), 1)), np.maximum(told, 0.0)], axis=1)
    asked = (np.arange(LIVES) + 0.5) / LIVES
    right = np.clip(np.searchsorted(at, asked), 1, len(at) - 1)
    share = np.clip((asked - at[right - 1]) / (at[right] - at[right - 1]), 0.0, 1.0)
    return np.asarray(values[:, right - 1] * (1 - share) + values[:, right] * share)
