"""keras: networks of Keras on TensorFlow; neither is imported before a recipe's model begins to learn."""

from __future__ import annotations

from collections.abc import Iterator

from sartor.components import Component
from sartor.hookspecs import hookimpl


@hookimpl
def models() -> Iterator[Component]:
    """Offer networks."""
    yield Component(
        "keras.mlp",
        "sartor_plugins.keras.mlp:MLP",
        about="Network of dense layers, with an embedding for each category",
        extra="keras",
        requires=("tensorflow", "keras"),
    )
    yield Component(
        "keras.cnn",
        "sartor_plugins.keras.sequences:CNN",
        about="Network of convolutions over a window of readings",
        extra="keras",
        requires=("tensorflow", "keras"),
    )
    yield Component(
        "keras.rnn",
        "sartor_plugins.keras.sequences:RNN",
        about="Network of GRU or LSTM cells over a window of readings, in one direction or both",
        extra="keras",
        requires=("tensorflow", "keras"),
    )
    yield Component(
        "keras.transformer",
        "sartor_plugins.keras.transformer:Transformer",
        about="Network of causal self-attention: what comes next for each user, or over a window of readings",
        extra="keras",
        requires=("tensorflow", "keras"),
    )
    yield Component(
        "keras.two_tower",
        "sartor_plugins.keras.two_tower:TwoTower",
        about="Users and items as points, by what is said of them, too: for items and users that are new",
        extra="keras",
        requires=("tensorflow", "keras"),
    )
