"""Steps of learning what comes next, as TensorFlow runs them."""

from __future__ import annotations

from functools import lru_cache
from threading import Lock
from typing import Any, Literal

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from sartor_plugins.keras.moving import Moving
from sartor_plugins.keras.recommending.network import Order, build

LearnedBy = Literal["softmax", "sampled", "gbce"]
CLIP = 10.0
"""Longest gradient that is followed as it is."""
NEVER = -1e9
"""Score of a drawn item that is the one wanted."""


class SequenceTrainer(Moving):
    """A network of sequences with what it takes to learn; all of it is set back before each fit.

    Parameters
    ----------
    order : Order
    by : {"softmax", "sampled", "gbce"}
    negatives : int
        Items drawn for each step, where not all are looked at.
    calibration : float
        ``t`` of gBCE.
    penalty : float
        Weight decay.
    """

    def __init__(self, order: Order, by: LearnedBy, negatives: int, calibration: float, penalty: float) -> None:
        self.order, self.by, self.negatives = order, by, negatives
        self.power = power(order.items, negatives, calibration)
        self.lock = Lock()
        self.network = build(order, 0)
        self.optimizer = keras.optimizers.AdamW(
            learning_rate=0.001, weight_decay=penalty, beta_2=0.98, global_clipnorm=CLIP
        )
        self.optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
        self.optimizer.build(self.network.trainable_variables)
        tables = [tf.TensorSpec((None, None), kind) for kind in (tf.int32, tf.int32, tf.float32)]
        self.step = tf.function(self._step, input_signature=[*tables, tf.TensorSpec((None,), tf.int32)])
        self.points = tf.function(
            self._points, input_signature=[tf.TensorSpec((None, None), tf.int32), tf.TensorSpec((None,), tf.int32)]
        )
        self._start = [variable.numpy() for variable in self.optimizer.variables]

    def begin(self, seed: int) -> None:
        """Set weights, moments and everything random to where a seed has them begin."""
        for mine, fresh in zip(self.network.variables, build(self.order, seed).variables, strict=True):
            mine.assign(fresh)
        for variable, start in zip(self.optimizer.variables, self._start, strict=True):
            variable.assign(start)

    @property
    def learned(self) -> list[Any]:
        """The variables that are learned."""
        return list(self.network.trainable_variables)

    @property
    def held(self) -> list[Any]:
        """All variables of the network."""
        return list(self.network.variables)

    @property
    def identity(self) -> list[Any]:
        """What it is made by: by the same it learns the same."""
        return [self.order, self.by, self.negatives, self.power]

    def draw(self, rng: np.random.Generator) -> NDArray[np.int32]:
        """Return the items that a step is held against; none where it is held against all."""
        count = 0 if self.by == "softmax" else self.negatives
        return rng.integers(0, self.order.items, count, dtype=np.int32)

    def table(self) -> Any:
        """Return the embeddings of the items, in the order of their numbers."""
        return self.network.get_layer("item").embeddings

    def _step(self, seen: Any, following: Any, weight: Any, against: Any) -> Any:
        """Make one step; return the sum of weighted losses and that of weights."""
        with tf.GradientTape() as tape:
            flow = self.network([seen, places(seen)], training=True)
            counts = weight > 0
            points = tf.boolean_mask(flow, counts)
            wanted = tf.boolean_mask(following, counts) - 1
            counted = tf.boolean_mask(weight, counts)
            losses = self._losses(points, wanted, against) * counted
            total = tf.reduce_sum(losses)
            loss = total / tf.maximum(tf.reduce_sum(counted), 1e-6)
        variables = self.network.trainable_variables
        self.optimizer.apply(tape.gradient(loss, variables), variables)
        return tf.stack([total, tf.reduce_sum(counted)])

    def _losses(self, points: Any, wanted: Any, against: Any) -> Any:
        items = tf.convert_to_tensor(self.table())[1 : self.order.items + 1]
        if self.by == "softmax":
            scores = tf.matmul(points, items, transpose_b=True)
            return tf.nn.sparse_softmax_cross_entropy_with_logits(labels=wanted, logits=scores)
        right = tf.reduce_sum(points * tf.gather(items, wanted), axis=1)
        wrong = tf.matmul(points, tf.gather(items, against), transpose_b=True)
        same = against[None, :] == wanted[:, None]
        if self.by == "sampled":
            # Each item drawn stands for as many as there are.
            wrong = tf.where(same, NEVER, wrong + np.float32(np.log(max(self.order.items, 1) / self.negatives)))
            return tf.reduce_logsumexp(tf.concat([right[:, None], wrong], axis=1), axis=1) - right
        missed = tf.where(same, 0.0, tf.nn.softplus(wrong))
        return (self.power * tf.nn.softplus(-right) + tf.reduce_sum(missed, axis=1)) / (self.negatives + 1)

    def _points(self, tokens: Any, last: Any) -> Any:
        flow = self.network([tokens, places(tokens)], training=False)
        return tf.gather(flow, last, batch_dims=1)


def places(tokens: Any) -> Any:
    """Return the place of each token in its sequence."""
    shape = tf.shape(tokens)
    return tf.broadcast_to(tf.range(shape[1])[None, :], shape)


def power(items: int, negatives: int, calibration: float) -> float:
    """Return the power of gBCE (Petrov and Macdonald, *gSASRec*, 2023): 1 without calibration.

    Examples
    --------
    >>> power(1_001, 100, 0.0), round(power(1_001, 100, 1.0), 6), round(power(1_001, 100, 0.75), 6)
    (1.0, 0.1, 0.325)
    """
    share = min(1.0, negatives / max(1, items - 1))
    return float(share * (calibration * (1 - 1 / share) + 1 / share))


@lru_cache(maxsize=2)
def trainer_for(
    order: Order, by: LearnedBy, negatives: int, calibration: float, penalty: float, device: str
) -> SequenceTrainer:
    """Return the trainer of a network; the last two are kept, since compiling takes longer than a small fit."""
    with tf.device(device):
        return SequenceTrainer(order, by, negatives, calibration, penalty)
