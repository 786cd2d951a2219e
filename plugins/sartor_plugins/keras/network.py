"""Networks as Keras builds them, and what it takes to build one again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from sartor_plugins.keras.attention import attended, begin_attention
from sartor_plugins.keras.inputs import Inputs
from sartor_plugins.keras.rising import offsets, rising

FEATURES = "features"
"""The layer in which numbers, flags and embeddings of a row stand side by side."""


@dataclass(frozen=True)
class Window:
    """How a window of readings is read.

    Parameters
    ----------
    steps, channels : int
    reader : {"cnn", "gru", "lstm", "transformer"}
    units : tuple of int
        Filters, cells or width of each layer.
    kernel : int
        Steps that a filter sees.
    both : bool
        Whether cells read in both directions.
    heads : int
        Of attention.
    dropout : float
        Share of units of attention that a step leaves out.
    """

    steps: int
    channels: int
    reader: str
    units: tuple[int, ...]
    kernel: int = 1
    both: bool = False
    heads: int = 1
    dropout: float = 0.0


@dataclass(frozen=True)
class Shape:
    """All that tells one network of dense layers from another, its weights aside.

    Parameters
    ----------
    width : int
        Numbers and flags of a row.
    embeddings : tuple of (codes, width)
    hidden : tuple of int
    outputs : int
    activation : str
    dropout : float
    window : Window, optional
        How the first numbers are read, where they are a window.
    quantiles : tuple of float
        Quantiles that stand behind the first output, a number.
    """

    width: int
    embeddings: tuple[tuple[int, int], ...]
    hidden: tuple[int, ...]
    outputs: int
    activation: str = "relu"
    dropout: float = 0.0
    window: Window | None = None
    quantiles: tuple[float, ...] = ()

    @property
    def classes(self) -> bool:
        """Whether the outputs are those of several classes."""
        return self.outputs > 1 and not self.quantiles

    @property
    def largest_layer(self) -> int:
        """Most numbers that a row takes in one layer."""
        inside = 0 if self.window is None else self.window.steps * max(self.window.units)
        return max(self.width + sum(width for _, width in self.embeddings), *self.hidden, self.outputs, inside)

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON types."""
        return asdict(self)

    @classmethod
    def from_json(cls, saved: dict[str, Any]) -> Shape:
        """Return what was written."""
        embeddings = tuple((int(codes), int(width)) for codes, width in saved["embeddings"])
        return cls(
            int(saved["width"]),
            embeddings,
            tuple(map(int, saved["hidden"])),
            int(saved["outputs"]),
            str(saved["activation"]),
            float(saved["dropout"]),
            _window(saved["window"]),
            tuple(map(float, saved["quantiles"])),
        )


def _window(saved: dict[str, Any] | None) -> Window | None:
    return None if saved is None else Window(**{**saved, "units": tuple(map(int, saved["units"]))})


def shape_of(
    inputs: Inputs, outputs: int, hidden: list[int], activation: str, dropout: float, window: Window | None = None
) -> Shape:
    """Return the network's shape for some inputs."""
    embeddings = tuple((part.codes, part.width) for part in inputs.categories)
    return Shape(inputs.width, embeddings, tuple(hidden), outputs, activation, dropout, window)


def build(shape: Shape, seed: int, dtype: str = "float32") -> keras.Model:
    """Build a network whose first weights follow from a seed; layers have names of their own, run after run.

    Parameters
    ----------
    shape : Shape
    seed : int
    dtype : {"float32", "float64"}
        A network learns in 32 bits and answers in 64, so that a row is answered alike alone and among others.
    """
    rng = np.random.default_rng(seed)
    inputs, side_by_side = [], []
    if shape.width:
        inputs.append(keras.Input((shape.width,), dtype=dtype, name="numbers"))
        side_by_side.append(inputs[-1])
    for place, (codes, width) in enumerate(shape.embeddings, 1):
        inputs.append(keras.Input((), dtype="int32", name=f"category_{place}"))
        start = keras.initializers.RandomUniform(-0.05, 0.05, seed=_seed(rng))
        embed = keras.layers.Embedding(codes, width, start, name=f"embedding_{place}", dtype=dtype)
        side_by_side.append(embed(inputs[-1]))
    if len(side_by_side) > 1:
        flow = keras.layers.Concatenate(name=FEATURES, dtype=dtype)(side_by_side)
    else:
        flow = keras.layers.Identity(name=FEATURES, dtype=dtype)(side_by_side[0])
    if shape.window is not None:
        flow = read_window(shape.window, flow, shape.activation, rng, dtype)
    for place, units in enumerate(shape.hidden, 1):
        kernel = keras.initializers.HeUniform(seed=_seed(rng))
        dense = keras.layers.Dense(
            units, shape.activation, kernel_initializer=kernel, name=f"hidden_{place}", dtype=dtype
        )
        flow = dense(flow)
        drawn = _seed(rng)
        if shape.dropout:
            flow = keras.layers.Dropout(shape.dropout, seed=drawn, name=f"dropout_{place}", dtype=dtype)(flow)
    last = keras.initializers.GlorotUniform(seed=_seed(rng))
    first = offsets(shape.quantiles)
    end = keras.layers.Dense(shape.outputs, None, True, last, first, name="answer", dtype=dtype)
    answer = rising(end(flow)) if shape.quantiles else end(flow)
    network = keras.Model(inputs, answer, name="network")
    if shape.window is not None and shape.window.reader == "transformer":
        begin_attention(network, rng)
    return network


def _seed(rng: np.random.Generator) -> int:
    return int(rng.integers(0, 2**31 - 1))


def read_window(window: Window, flow: Any, activation: str, rng: np.random.Generator, dtype: str) -> Any:
    """Return what layers make of the window, beside what is no part of it."""
    cells = window.steps * window.channels
    read = keras.layers.Reshape((window.steps, window.channels), name="window", dtype=dtype)(flow[:, :cells])
    last = len(window.units)
    if window.reader == "transformer":
        read = attended(read, window.units, window.heads, window.dropout, rng, dtype)
        return keras.layers.Concatenate(name="window_and_rest", dtype=dtype)([read, flow[:, cells:]])
    for place, units in enumerate(window.units, 1):
        name = f"{window.reader}_{place}"
        if window.reader == "cnn":
            start = keras.initializers.HeUniform(seed=_seed(rng))
            kernel = {"padding": "same", "activation": activation, "kernel_initializer": start}
            layer = keras.layers.Conv1D(units, window.kernel, name=name, dtype=dtype, **kernel)
        else:
            layer = _cells(window, units, place < last, name, rng, dtype)
        read = layer(read)
    if window.reader == "cnn":
        read = keras.layers.Flatten(name="flat", dtype=dtype)(read)
    return keras.layers.Concatenate(name="window_and_rest", dtype=dtype)([read, flow[:, cells:]])


def _cells(window: Window, units: int, sequence: bool, name: str, rng: np.random.Generator, dtype: str) -> Any:
    kind = keras.layers.GRU if window.reader == "gru" else keras.layers.LSTM

    def made(called: str, **more: Any) -> Any:
        again = keras.initializers.Orthogonal(seed=_seed(rng))
        first = keras.initializers.GlorotUniform(seed=_seed(rng))
        return kind(
            units,
            return_sequences=sequence,
            kernel_initializer=first,
            recurrent_initializer=again,
            seed=_seed(rng),
            name=called,
            dtype=dtype,
            **more,
        )

    if not window.both:
        return made(name)
    forth, back = made(f"{name}_forth"), made(f"{name}_back", go_backwards=True)
    return keras.layers.Bidirectional(forth, backward_layer=back, name=name, dtype=dtype)


def arguments(shape: Shape, numbers: Any, codes: Any) -> list[Any]:
    """Return what the network is called with: the numbers, if there are any, and each category's codes."""
    return [*([numbers] if shape.width else []), *(codes[:, place] for place in range(len(shape.embeddings)))]


def seen_again(network: keras.Model, shape: Shape, counts_of: Callable[[int, int], NDArray[np.int64]]) -> None:
    """Give each embedding that no training row had the mean of those that rows had, as often as they had them.

    Otherwise a level that was never seen would be answered by what weights happened to begin with.

    Parameters
    ----------
    network : keras.Model
    shape : Shape
    counts_of : callable
        Returns how often each code is there, for the place of a category and its number of codes.
    """
    for place in range(len(shape.embeddings)):
        layer = network.get_layer(f"embedding_{place + 1}")
        (table,) = layer.get_weights()
        counts = counts_of(place, len(table))
        mean = (counts @ table.astype(np.float64)) / counts.sum()
        table[counts == 0] = mean
        layer.set_weights([table])


def answering(network: keras.Model, shape: Shape) -> keras.Model:
    """Return the same network in 64 bits, without what only learning needs."""
    found = build(shape, 0, "float64")
    for layer in network.layers:
        if layer.get_weights() and not layer.name.startswith("dropout"):
            found.get_layer(layer.name).set_weights(layer.get_weights())
    return found
