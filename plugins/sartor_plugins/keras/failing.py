"""Why a loss is no number: the column that is far larger than all others, or the layer that ran away."""

from __future__ import annotations

from typing import Any

import numpy as np

from sartor.errors import InputError
from sartor_plugins.keras.inputs import Inputs
from sartor_plugins.keras.lesson import Lesson

LARGE = 1e3
"""An input of this size is taken for the cause."""


def failure(trainer: Any, inputs: Inputs, lesson: Lesson, before: list[Any], number: int) -> InputError:
    """Return the error that says what made the loss no number.

    Parameters
    ----------
    trainer : Trainer
    inputs : Inputs
    lesson : Lesson
    before : list of ndarray
        The weights before the epoch.
    number : int
        Of the epoch, from 1.
    """
    said = f"the loss is not a number in epoch {number}"
    if found := _largest_column(inputs, lesson):
        name, size = found
        return InputError(
            f"{said}: column '{name}' reaches {size:.3g}, too large for a network as it is",
            code="D310",
            hints=(("to mend", "leave `scale` at standard, or take the column out"),),
        )
    layer = _layer_that_ran_away(trainer, before)
    return InputError(
        f"{said}: the weights of layer '{layer}' grew beyond all bounds",
        code="D310",
        hints=(("to mend", "lower `rate`, for instance to a tenth"),),
    )


def _largest_column(inputs: Inputs, lesson: Lesson) -> tuple[str, float] | None:
    sizes = lesson.sizes()
    if not len(sizes):
        return None
    place = int(np.argmax(sizes))
    return (inputs.sources[place], float(sizes[place])) if sizes[place] > LARGE else None


def _layer_that_ran_away(trainer: Any, before: list[Any]) -> str:
    """Return the layer whose weights were largest before they were no numbers any more."""
    sizes = [float(np.abs(values).max()) for values in before]
    finite = [size if np.isfinite(size) else np.inf for size in sizes]
    path = trainer.network.trainable_variables[int(np.argmax(finite))].path
    return str(path.split("/")[-2])
