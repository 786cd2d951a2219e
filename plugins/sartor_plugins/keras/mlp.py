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
    scale : {"standard", "range", "none"}
        What numbers are brought to, by what training rows show: mean 0 and deviation 1, from 0 to 1, or left alone.
    max_levels : int
        Most levels of a category with an embedding of their own, the commonest first; all others share one.
    rate : float
        Learning rate at the beginning.
    schedule : {"plateau", "cosine", "constant"}
        ``plateau`` halves the rate when the rows held out stop getting better, ``cosine`` lowers it to nothing over
        all epochs.
    penalty : float
        Weight decay, as in AdamW.
    epochs : int
        Most times that all rows are learned from.
    patience : int
        Epochs without getting better after which learning stops.
    refit : bool
        Learn anew from all training rows for as many epochs as were best; else the weights that were best are kept.
    batch : int, optional
        Rows behind one step; by default as many as suit the rows and fit into memory.
    time_budget : duration, optional
        Learning stops there, and keeps what was best. Another run may then stop elsewhere.
    class_weights : {"none", "balanced"}
        ``balanced`` learns as if all classes were equally common, and turns probabilities back to the real shares.
    device : {"auto", "cpu", "gpu"}
        ``gpu`` stops where there is none.
    quantiles : list of float, optional
        Quantiles that it answers beside a number, rising; they never cross. A forecast has the nine of the M5
        competition unless said, any other number none.
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
