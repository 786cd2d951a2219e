"""The network of a sequence of items: embeddings, places, blocks of attention."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import keras
import numpy as np

from sartor_plugins.keras.attention import EPSILON, begin_attention, blocks, drawn

SPREAD = 0.02
"""Deviation of first embeddings."""
GIGABYTE = 1e9


@dataclass(frozen=True)
class Order:
    """All that tells one network of sequences from another, its weights aside.

    Parameters
    ----------
    items : int
    longest : int
        Most steps of a sequence.
    width, layers, heads : int
    dropout : float
    """

    items: int
    longest: int
    width: int
    layers: int
    heads: int
    dropout: float

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON types."""
        return asdict(self)

    @classmethod
    def from_json(cls, saved: dict[str, Any]) -> Order:
        """Return what was written."""
        whole = {name: int(saved[name]) for name in ("items", "longest", "width", "layers", "heads")}
        return cls(**whole, dropout=float(saved["dropout"]))


def build(order: Order, seed: int, dtype: str = "float32") -> keras.Model:
    """Build a network whose first weights follow from a seed.

    It takes tokens and their places, and answers each step with a point; the product with the embedding of an item
    tells how likely that one comes next.
    """
    rng = np.random.default_rng(seed)
    tokens = keras.Input((None,), dtype="int32", name="tokens")
    places = keras.Input((None,), dtype="int32", name="places")
    embed = _table("item", order.items + 2, order.width, rng, dtype)
    place = _table("place", order.longest, order.width, rng, dtype)
    flow = embed(tokens) + place(places)
    flow = keras.layers.LayerNormalization(epsilon=EPSILON, name="begin_norm", dtype=dtype)(flow)
    flow = keras.layers.Dropout(order.dropout, seed=drawn(rng), name="begin_drop", dtype=dtype)(flow)
    flow = blocks(flow, order.layers, order.heads, order.dropout, rng, dtype)
    network = keras.Model([tokens, places], flow, name="next_items")
    begin_attention(network, rng)
    return network


def _table(name: str, rows: int, width: int, rng: np.random.Generator, dtype: str) -> Any:
    start = keras.initializers.TruncatedNormal(stddev=SPREAD, seed=drawn(rng))
    return keras.layers.Embedding(rows, width, start, name=name, dtype=dtype)


def answering(network: keras.Model, order: Order) -> keras.Model:
    """Return the same network in 64 bits."""
    found = build(order, 0, "float64")
    for mine, theirs in zip(found.trainable_variables, network.trainable_variables, strict=True):
        mine.assign(theirs.numpy())
    return found


def memory_of(items: int, width: int, positions: int) -> tuple[float, float]:
    """Return the gigabytes of the table of items while it is learned, and those of the scores of one step.

    The table is there with its gradient, two moments, the best weights, and in 64 bits for answers; scores are there
    with their probabilities and their gradient.

    Examples
    --------
    >>> memory_of(1_000_000, 64, 2_048)
    (1.792, 24.576)
    """
    return 7 * 4 * items * width / GIGABYTE, 3 * 4 * items * positions / GIGABYTE
