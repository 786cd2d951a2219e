"""Windows of readings among the features: columns such as ``sensor_2: 0 before`` to ``sensor_2: 29 before``.

Every reading of a sensor is brought to one scale, that of its latest: the same level must look the same at each step.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import pandas as pd

from sartor.components import Fitted
from sartor.context import Context
from sartor.errors import InputError
from sartor.rows import Training
from sartor_plugins.keras.fitting import Plan, fit_network
from sartor_plugins.keras.inputs import Inputs, learn_inputs
from sartor_plugins.keras.network import Shape, Window, shape_of

if TYPE_CHECKING:
    from sartor_plugins.keras.sequences import CNN, RNN
    from sartor_plugins.keras.transformer import Transformer

STEP = re.compile(r"(?P<channel>.+): (?P<back>\d+) before")
"""How a reading of a window is called."""


def windows_in(names: list[str]) -> dict[str, int]:
    """Return the channels of a window, and how many readings each has.

    Examples
    --------
    >>> windows_in(["age", "heat: 0 before", "heat: 1 before", "load: 0 before", "load: 1 before"])
    {'heat': 2, 'load': 2}
    """
    found: dict[str, set[int]] = {}
    for name in names:
        if match := STEP.fullmatch(name):
            found.setdefault(match["channel"], set()).add(int(match["back"]))
    return {channel: len(backs) for channel, backs in found.items() if backs == set(range(len(backs)))}


def learn_windows(
    X: pd.DataFrame, context: Context, *, scale: str, max_levels: int, among: str = "training row"
) -> Inputs:
    """Learn from training rows how a window and the features beside it are read.

    Raises
    ------
    InputError
        If there is no window, or its channels are of different lengths.
    """
    channels = windows_in([str(name) for name in X.columns])
    lengths = sorted(set(channels.values()))
    if len(lengths) != 1 or lengths[0] < 2:
        said = "no window of readings" if not channels else f"windows of {' and '.join(map(str, lengths))} readings"
        raise InputError(
            f"a network that reads windows needs one of at least 2 readings, all channels alike, and finds {said}",
            code="D311",
            hints=(("to mend", "build one: features: {window: {use: manufacturing.sensor_window}}"),),
        )
    (steps,) = lengths
    members = [f"{channel}: {back} before" for channel in channels for back in range(steps)]
    beside = learn_inputs(X.drop(columns=members), context, scale=scale, max_levels=max_levels, among=among)
    latest = learn_inputs(X[[f"{channel}: 0 before" for channel in channels]], context, scale=scale, among=among)
    window = [
        replace(part, name=part.name.replace(": 0 before", f": {back} before"), flag=False)
        for back in reversed(range(steps))
        for part in latest.numbers
    ]
    return Inputs((*window, *beside.numbers), beside.categories, steps if window else 0, len(latest.numbers))


def fit_cnn(settings: CNN, training: Training, context: Context) -> Fitted:
    """Fit `CNN`."""

    def window(inputs: Inputs) -> Window:
        return Window(inputs.steps, inputs.channels, "cnn", tuple(settings.filters), settings.kernel)

    return _fit(settings, window, training, context)


def fit_rnn(settings: RNN, training: Training, context: Context) -> Fitted:
    """Fit `RNN`."""

    def window(inputs: Inputs) -> Window:
        return Window(inputs.steps, inputs.channels, settings.cell, tuple(settings.cells), both=settings.both_ways)

    return _fit(settings, window, training, context)


def fit_transformer(settings: Transformer, training: Training, context: Context) -> Fitted:
    """Fit `Transformer` to windows."""

    def window(inputs: Inputs) -> Window:
        units = (settings.width,) * settings.layers
        return Window(
            inputs.steps, inputs.channels, "transformer", units, heads=settings.heads, dropout=settings.dropout
        )

    return _fit(settings, window, training, context)


def _fit(
    settings: CNN | RNN | Transformer, window: Callable[[Inputs], Window], training: Training, context: Context
) -> Fitted:
    read = partial(learn_windows, scale=settings.scale, max_levels=settings.max_levels)

    def shape(inputs: Inputs, outputs: int) -> Shape:
        read_by = window(inputs) if inputs.steps else None
        return shape_of(inputs, outputs, settings.hidden, settings.activation, settings.dropout, read_by)

    return fit_network(settings, Plan(read, shape, settings.loss), training, context)
