"""Contributions of a row's features to a network's output: integrated gradients.

The gradient is averaged along the straight line from the average training row to the row (Sundararajan, Taly and Yan,
*Axiomatic attribution for deep networks*, 2017). What the average misses, a network with corners being no polynomial,
is shared out in proportion, so that contributions add up to the output exactly.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from sartor_plugins.keras.network import FEATURES
from sartor_plugins.learn.encoding.columns import FloatArray

POINTS = 24
"""Points on the line at which the gradient is taken."""
AT_ONCE_BYTES = 32 * 2**20
"""Memory that the largest layer may take for the points that are looked at together."""


def contributions(network: keras.Model, features: FloatArray, outputs: FloatArray, centre: FloatArray) -> FloatArray:
    """Return how much each feature moves the output, from the average row.

    Parameters
    ----------
    network : keras.Model
    features : ndarray of shape (n_rows, n_features)
        As the first hidden layer sees them.
    outputs : ndarray of shape (n_rows,)
    centre : ndarray of shape (n_features,)

    Returns
    -------
    ndarray of shape (n_rows, n_features)
        They add up to the output less that of the average row.
    """
    body = _body(network)
    shares, weights = np.polynomial.legendre.leggauss(POINTS)
    shares, weights = (shares + 1) / 2, weights / 2
    from_centre = features - centre
    gradients = np.zeros_like(features)
    step = max(1, AT_ONCE_BYTES // (8 * POINTS * _largest_layer(body)))
    for start in range(0, len(features), step):
        some = from_centre[start : start + step]
        points = centre + shares[:, None, None] * some
        found = _gradient(body, points.reshape(-1, features.shape[1])).reshape(points.shape)
        gradients[start : start + step] = np.einsum("p,pij->ij", weights, found)
    moved = gradients * from_centre
    base = float(body(tf.constant(centre[None, :]), training=False).numpy()[0, 0])
    missed = outputs - base - moved.sum(axis=1)
    size = np.abs(moved)
    total = size.sum(axis=1, keepdims=True)
    even = np.full_like(size, 1 / size.shape[1])
    share = np.divide(size, total, out=even, where=total > 0)
    return np.asarray(moved + share * missed[:, None])


def _body(network: keras.Model) -> Any:
    """Return the network behind its first layer."""
    return keras.Model(network.get_layer(FEATURES).output, network.output)


def _largest_layer(body: Any) -> int:
    sizes = [int(np.prod([part or 1 for part in layer.output.shape[1:]])) for layer in body.layers]
    return max(1, *sizes)


def _gradient(body: Any, points: FloatArray) -> FloatArray:
    at = tf.constant(points)
    with tf.GradientTape() as tape:
        tape.watch(at)
        output = body(at, training=False)[:, 0]
    return np.asarray(tape.gradient(output, at).numpy())
