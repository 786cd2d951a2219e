"""Steps of learning as TensorFlow runs them: one compiled function for each shape of network, used fit after fit."""

from __future__ import annotations

from functools import lru_cache
from threading import Lock
from typing import Any, Literal

import keras
import numpy as np
import tensorflow as tf

from sartor_plugins.keras.moving import Moving
from sartor_plugins.keras.network import Shape, arguments, build

Loss = Literal["binary", "classes", "squared", "absolute"]

STEPS = 64
"""Steps between two looks at the clock."""
AT_ONCE = 8_192
"""Rows held out that are looked at together."""
CLIP = 10.0
"""Longest gradient that is followed as it is."""


class Trainer(Moving):
    """A network with what it takes to learn; all of it is set back before each fit.

    Parameters
    ----------
    shape : Shape
    loss : {"binary", "classes", "squared", "absolute"}
    penalty : float
        Weight decay.
    """

    def __init__(self, shape: Shape, loss: Loss, penalty: float) -> None:
        self.shape, self.loss = shape, loss
        self.lock = Lock()
        self.network = build(shape, 0)
        self.optimizer = keras.optimizers.AdamW(learning_rate=0.001, weight_decay=penalty, global_clipnorm=CLIP)
        self.optimizer.exclude_from_weight_decay(var_names=["bias"])
        self.optimizer.build(self.network.trainable_variables)
        truth = tf.TensorSpec((None,), tf.float32 if loss in ("squared", "absolute") else tf.int32)
        rows = [
            tf.TensorSpec((None, shape.width), tf.float32),
            tf.TensorSpec((None, len(shape.embeddings)), tf.int32),
            truth,
            tf.TensorSpec((None,), tf.float32),
        ]
        order = [tf.TensorSpec((None,), tf.int32), tf.TensorSpec((), tf.int32)]
        self.steps = tf.function(self._steps, input_signature=[*rows, *order])
        self.losses = tf.function(self._losses, input_signature=rows)
        self._start = [variable.numpy() for variable in self.optimizer.variables]

    def begin(self, seed: int) -> None:
        """Set weights, moments and everything random to where a seed has them begin."""
        for mine, fresh in zip(self.network.variables, build(self.shape, seed).variables, strict=True):
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

    def _steps(self, numbers: Any, codes: Any, y: Any, weight: Any, order: Any, batch: Any) -> Any:
        """Go through rows in an order, a step for each batch; return the sum of all losses on the way."""
        total = tf.constant(0.0)
        count = tf.shape(order)[0]
        for start in tf.range(0, count, batch):
            places = order[start : start + batch]
            some = [tf.gather(values, places) for values in (numbers, codes, y, weight)]
            with tf.GradientTape() as tape:
                losses = self._row_losses(some, training=True)
                loss = tf.reduce_mean(losses)
            variables = self.network.trainable_variables
            self.optimizer.apply(tape.gradient(loss, variables), variables)
            total += tf.reduce_sum(losses)
        return total

    def _losses(self, numbers: Any, codes: Any, y: Any, weight: Any) -> Any:
        """Return the sum of losses and of a metric's losses: squared error, or whether the class is right."""
        outputs = self.network(arguments(self.shape, numbers, codes), training=False)
        losses = self._of(outputs, y) * weight
        if self.loss in ("squared", "absolute"):
            metric = tf.square(outputs[:, 0] - y)
        elif self.loss == "binary":
            metric = tf.cast(tf.equal(outputs[:, 0] > 0, y > 0), tf.float32)
        else:
            metric = tf.cast(tf.equal(tf.argmax(outputs, 1, output_type=tf.int32), y), tf.float32)
        return tf.stack([tf.reduce_sum(losses), tf.reduce_sum(metric * weight)])

    def _row_losses(self, some: list[Any], *, training: bool) -> Any:
        numbers, codes, y, weight = some
        return self._of(self.network(arguments(self.shape, numbers, codes), training=training), y) * weight

    def _of(self, outputs: Any, y: Any) -> Any:
        if self.loss == "binary":
            truth = tf.cast(y, tf.float32)
            return tf.nn.sigmoid_cross_entropy_with_logits(labels=truth, logits=outputs[:, 0])
        if self.loss == "classes":
            return tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=outputs)
        off = outputs[:, 0] - y
        of_number = tf.square(off) if self.loss == "squared" else tf.abs(off)
        if not self.shape.quantiles:
            return of_number
        below = y[:, None] - outputs[:, 1:]
        levels = tf.constant(self.shape.quantiles, tf.float32)
        # Twice the pinball loss: of the middle, that is the absolute error.
        pinball = 2 * tf.maximum(levels * below, (levels - 1) * below)
        return of_number + tf.reduce_mean(pinball, axis=1)

    def judge(self, held: list[Any], weight: float) -> tuple[float, float]:
        """Return loss and metric of rows held out, on average."""
        sums = np.zeros(2)
        for start in range(0, int(held[2].shape[0]), AT_ONCE):
            sums += self.losses(*(values[start : start + AT_ONCE] for values in held)).numpy()
        return float(sums[0] / weight), float(sums[1] / weight)


@lru_cache(maxsize=8)
def trainer_for(shape: Shape, loss: Loss, penalty: float, device: str) -> Trainer:
    """Return the trainer of a shape; the last few are kept, since compiling takes longer than a small fit."""
    with tf.device(device):
        return Trainer(shape, loss, penalty)
