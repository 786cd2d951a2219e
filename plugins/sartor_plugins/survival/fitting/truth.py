"""Times and events of training rows."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sartor.errors import InputError
from sartor.rows import Training
from sartor_plugins.survival.answer import EVENT, TIME

FloatArray = NDArray[np.float64]


def truth_of(training: Training) -> tuple[FloatArray, NDArray[np.bool_], FloatArray | None]:
    """Return time, event and weight of rows that count.

    Raises
    ------
    InputError
        If nothing happened among the training rows.
    """
    y: Any = training.y
    time = y[TIME].to_numpy(dtype=np.float64)
    event = y[EVENT].to_numpy(dtype=np.float64) == 1
    if not event.any():
        raise InputError(
            f"the event happened to none of {len(time):,} training rows: there is nothing to learn from",
            code="D197",
            hints=(("to mend", "take fewer folds, a later cut, or watch longer"),),
        )
    return time, event, training.weight
