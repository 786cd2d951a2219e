"""Networks that read a window of readings: convolutions, and cells that remember."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from sartor.components import Fitted
from sartor.context import Context
from sartor.rows import Training
from sartor_plugins.keras.settings import Dropped, NetworkModel, Width

Layers = Annotated[list[Width], Field(min_length=1, max_length=10)]


class CNN(NetworkModel):
    """Network of convolutions over a window of readings, for classification and regression.

    A window is columns such as ``sensor_2: 0 before`` to ``sensor_2: 29 before``, as `manufacturing.sensor_window`
    builds them. Other features enter behind it.

    Parameters
    ----------
    filters : list of int
        Filters of each layer of convolutions.
    kernel : int
        Readings in a row that a filter sees.
    hidden : list of int
        Units of each dense layer behind the window.
    activation : {"relu", "tanh", "gelu", "silu"}
        What bends each layer.
    dropout : float
        Share of each dense layer's units that a step leaves out.
    loss : {"squared", "absolute"}
        What a number is learned by: ``squared`` answers the mean, ``absolute`` the median.
    """

    filters: Layers = Field(default_factory=lambda: [32, 32])
    kernel: Annotated[int, Field(ge=1, le=1_000)] = 5
    hidden: Annotated[list[Width], Field(max_length=20)] = Field(default_factory=lambda: [64])
    activation: Literal["relu", "tanh", "gelu", "silu"] = "relu"
    dropout: Dropped = 0.0
    loss: Literal["squared", "absolute"] = "squared"

    def fit(self, training: Training, context: Context) -> Fitted:
        """Learn the weights."""
        from sartor_plugins.keras.runtime import tensorflow

        tensorflow(context)
        from sartor_plugins.keras.windows import fit_cnn

        return fit_cnn(self, training, context)


class RNN(NetworkModel):
    """Network of cells that read a window one reading after the other, for classification and regression.

    A window is columns such as ``sensor_2: 0 before`` to ``sensor_2: 29 before``, as `manufacturing.sensor_window`
    builds them. Other features enter behind it.

    Parameters
    ----------
    cells : list of int
        Cells of each layer.
    cell : {"gru", "lstm"}
        Gated recurrent units, or long short-term memory.
    both_ways : bool
        Read from either end.
    hidden : list of int
        Units of each dense layer behind the window.
    activation : {"relu", "tanh", "gelu", "silu"}
        What bends each layer.
    dropout : float
        Share of each dense layer's units that a step leaves out.
    loss : {"squared", "absolute"}
        What a number is learned by: ``squared`` answers the mean, ``absolute`` the median.
    """

    cells: Layers = Field(default_factory=lambda: [32])
    cell: Literal["gru", "lstm"] = "gru"
    both_ways: bool = False
    hidden: Annotated[list[Width], Field(max_length=20)] = Field(default_factory=lambda: [64])
    activation: Literal["relu", "tanh", "gelu", "silu"] = "relu"
    dropout: Dropped = 0.0
    loss: Literal["squared", "absolute"] = "squared"

    def fit(self, training: Training, context: Context) -> Fitted:
        """Learn the weights."""
        from sartor_plugins.keras.runtime import tensorflow

        tensorflow(context)
        from sartor_plugins.keras.windows import fit_rnn

        return fit_rnn(self, training, context)
