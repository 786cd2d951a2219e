"""Blocks of causal self-attention: each step looks at itself and at what came before it."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

EPSILON = 1e-6


def blocks(flow: Any, layers: int, heads: int, dropout: float, rng: np.random.Generator, dtype: str) -> Any:
    """Return what blocks of attention make of a sequence; each is normalised first and added to what came in.

    Parameters
    ----------
    flow : tensor of shape (rows, steps, width)
    layers : int
    heads : int
        They share the width among them.
    dropout : float
    rng : Generator
        Draws the seeds.
    dtype : str
    """
    width = int(flow.shape[-1])
    for place in range(1, layers + 1):
        seen = _normal(f"attention_{place}_norm", dtype)(flow)
        attention = keras.layers.MultiHeadAttention(
            heads,
            max(1, width // heads),
            dropout=dropout,
            kernel_initializer=keras.initializers.GlorotUniform(seed=drawn(rng)),
            seed=drawn(rng),
            name=f"attention_{place}",
            dtype=dtype,
        )
        flow = flow + _dropped(f"attention_{place}_drop", dropout, rng, dtype)(
            attention(seen, seen, use_causal_mask=True)
        )
        seen = _normal(f"feed_{place}_norm", dtype)(flow)
        fed = _dense(f"feed_{place}_in", width, "gelu", rng, dtype)(seen)
        fed = _dropped(f"feed_{place}_mid", dropout, rng, dtype)(fed)
        fed = _dense(f"feed_{place}_out", width, None, rng, dtype)(fed)
        flow = flow + _dropped(f"feed_{place}_drop", dropout, rng, dtype)(fed)
    return _normal("attended", dtype)(flow)


def attended(
    window: Any, units: tuple[int, ...], heads: int, dropout: float, rng: np.random.Generator, dtype: str
) -> Any:
    """Return what attention makes of a window: the last step, once it has looked at all others.

    Parameters
    ----------
    window : tensor of shape (rows, steps, channels)
    units : tuple of int
        The width, as often as there are blocks.
    heads : int
    dropout : float
    rng : Generator
    dtype : str
    """
    flow = _dense("window_in", units[0], None, rng, dtype)(window)
    flow = flow + waves(int(window.shape[1]), units[0]).astype(dtype)[None]
    return blocks(flow, len(units), heads, dropout, rng, dtype)[:, -1]


def waves(steps: int, width: int) -> Any:
    """Return what tells places apart: sines and cosines, slower from one to the next (Vaswani and others, 2017).

    Examples
    --------
    >>> waves(2, 4).round(3).tolist()
    [[0.0, 1.0, 0.0, 1.0], [0.841, 0.54, 0.01, 1.0]]
    """
    slow = 10_000 ** (-2 * (np.arange(width) // 2) / width)
    angle = np.arange(steps)[:, None] * slow
    return np.where(np.arange(width) % 2 == 0, np.sin(angle), np.cos(angle))


def begin_attention(network: Any, rng: np.random.Generator) -> None:
    """Draw the first weights of attention: one initialiser would give queries, keys and values the same."""
    for layer in network.layers:
        if isinstance(layer, keras.layers.MultiHeadAttention):
            for variable in layer.trainable_variables:
                shape = tuple(variable.shape)
                if variable.path.endswith("kernel"):
                    # Either (width, heads, size) or (heads, size, width): half of the sum of both ends is the same.
                    ends = shape[0] + shape[1] * shape[2] if shape[0] > shape[1] else shape[0] * shape[1] + shape[2]
                    reach = float(np.sqrt(6.0 / ends))
                    variable.assign(rng.uniform(-reach, reach, shape).astype("float32"))


def drawn(rng: np.random.Generator) -> int:
    """Return a seed."""
    return int(rng.integers(0, 2**31 - 1))


def _normal(name: str, dtype: str) -> Any:
    return keras.layers.LayerNormalization(epsilon=EPSILON, name=name, dtype=dtype)


def _dropped(name: str, share: float, rng: np.random.Generator, dtype: str) -> Any:
    return keras.layers.Dropout(share, seed=drawn(rng), name=name, dtype=dtype)


def _dense(name: str, units: int, activation: str | None, rng: np.random.Generator, dtype: str) -> Any:
    start = keras.initializers.GlorotUniform(seed=drawn(rng))
    return keras.layers.Dense(units, activation, kernel_initializer=start, name=name, dtype=dtype)
