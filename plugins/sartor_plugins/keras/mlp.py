"""The network of dense layers."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from sartor.components import Fitted
from sartor.context import Context
from sartor.rows import Training
from sartor_plugins.keras.settings import Dropped, NetworkModel, Width


class MLP(NetworkModel):
    """Network of dense layers for classification, regression and forecasts; categories enter by embeddings.

    Numbers are brought to one scale by what the training rows show, missing ones are flagged; a category that was
    never seen has the embedding of rare ones. When to stop is found on rows held out by the recipe's own rule.

    Parameters
    ----------
    hidden : list of int
        Units of each hidden layer; none at all makes it a linear model.
    activation : {"relu", "tanh", "gelu", "silu"}
        What bends each hidden layer.
    dropout : float
        Share of each hidden layer's units that a step leaves out.
    loss : {"squared", "absolute"}
        What a number is learned by: ``squared`` answers the mean, ``absolute`` the median. Classes are learned by
        their log loss.
    """

    hidden: list[Width] = Field(default_factory=lambda: [64, 64], max_length=20)
    activation: Literal["relu", "tanh", "gelu", "silu"] = "relu"
    dropout: Dropped = 0.0
    loss: Literal["squared", "absolute"] = "squared"

    def fit(self, training: Training, context: Context) -> Fitted:
        """Learn the weights."""
        from sartor_plugins.keras.runtime import tensorflow

        tensorflow(context)
        from sartor_plugins.keras.fitting import fit_mlp

        return fit_mlp(self, training, context)
