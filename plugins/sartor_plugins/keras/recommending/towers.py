"""Two towers: one makes a point of an item, the other of a user; near ones belong together."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import lru_cache
from threading import Lock
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from sartor_plugins.keras.attention import drawn
from sartor_plugins.keras.moving import Moving

CLIP = 10.0
NEVER = -1e9


@dataclass(frozen=True)
class Towers:
    """All that tells two towers from others, their weights aside.

    Parameters
    ----------
    items, buckets : int
    width, hidden : int
    numbers : int
        Numbers that say something of a user.
    embeddings : tuple of (codes, width)
        Of the categories that do.
    dropout : float
    temperature : float
    """

    items: int
    buckets: int
    width: int
    hidden: int
    numbers: int
    embeddings: tuple[tuple[int, int], ...]
    dropout: float
    temperature: float

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON types."""
        return asdict(self)

    @classmethod
    def from_json(cls, saved: dict[str, Any]) -> Towers:
        """Return what was written."""
        embeddings = tuple((int(codes), int(width)) for codes, width in saved["embeddings"])
        return cls(**{**saved, "embeddings": embeddings})


def item_tower(towers: Towers, rng: np.random.Generator, dtype: str = "float32") -> keras.Model:
    """Build the tower of items: from a number, 0 for an item that only words tell of, and its words."""
    number = keras.Input((), dtype="int32", name="number")
    words = keras.Input((None,), dtype="int32", name="words")
    own = _table("item", towers.items + 1, towers.width, rng, dtype)(number)
    told = _table("word", towers.buckets + 1, towers.width, rng, dtype)(words)
    there = keras.ops.cast(keras.ops.expand_dims(words > 0, -1), dtype)
    mean = keras.ops.sum(told * there, axis=1) / keras.ops.maximum(keras.ops.sum(there, axis=1), 1.0)
    flow = own + mean
    flow = flow + _dense("item_out", towers.width, None, rng, dtype)(
        _dense("item_hidden", towers.hidden, "relu", rng, dtype)(flow)
    )
    return keras.Model([number, words], keras.layers.UnitNormalization(name="point", dtype=dtype)(flow), name="items")


def user_tower(towers: Towers, rng: np.random.Generator, dtype: str = "float32") -> keras.Model:
    """Build the tower of users: from the mean of what they had, whether there is any, and what is said of them."""
    past = keras.Input((towers.width,), dtype=dtype, name="past")
    had = keras.Input((1,), dtype=dtype, name="had")
    inputs, side_by_side = [past, had], [past, had]
    if towers.numbers:
        inputs.append(keras.Input((towers.numbers,), dtype=dtype, name="numbers"))
        side_by_side.append(inputs[-1])
    for place, (codes, width) in enumerate(towers.embeddings, 1):
        inputs.append(keras.Input((), dtype="int32", name=f"category_{place}"))
        side_by_side.append(_table(f"embedding_{place}", codes, width, rng, dtype)(inputs[-1]))
    flow = keras.layers.Concatenate(name="features", dtype=dtype)(side_by_side)
    flow = _dense("user_hidden", towers.hidden, "relu", rng, dtype)(flow)
    flow = keras.layers.Dropout(towers.dropout, seed=drawn(rng), name="user_drop", dtype=dtype)(flow)
    flow = past + _dense("user_out", towers.width, None, rng, dtype)(flow)
    return keras.Model(inputs, keras.layers.UnitNormalization(name="point", dtype=dtype)(flow), name="users")


def _table(name: str, rows: int, width: int, rng: np.random.Generator, dtype: str) -> Any:
    start = keras.initializers.TruncatedNormal(stddev=0.1, seed=drawn(rng))
    return keras.layers.Embedding(rows, width, start, name=name, dtype=dtype)


def _dense(name: str, units: int, activation: str | None, rng: np.random.Generator, dtype: str) -> Any:
    start = keras.initializers.GlorotUniform(seed=drawn(rng))
    return keras.layers.Dense(units, activation, kernel_initializer=start, name=name, dtype=dtype)


class TowerTrainer(Moving):
    """Two towers with what it takes to learn; all of it is set back before each fit."""

    def __init__(self, towers: Towers, penalty: float) -> None:
        self.towers = towers
        self.lock = Lock()
        rng = np.random.default_rng(0)
        self.items, self.users = item_tower(towers, rng), user_tower(towers, rng)
        self.optimizer = keras.optimizers.AdamW(learning_rate=0.001, weight_decay=penalty, global_clipnorm=CLIP)
        self.optimizer.exclude_from_weight_decay(var_names=["bias"])
        self.optimizer.build(self.variables)
        whole, real = tf.int32, tf.float32
        self.step = tf.function(
            self._step,
            input_signature=[
                tf.TensorSpec((None, None), whole),
                tf.TensorSpec((None, None), real),
                tf.TensorSpec((None,), whole),
                tf.TensorSpec((None, towers.numbers), real),
                tf.TensorSpec((None, len(towers.embeddings)), whole),
                tf.TensorSpec((None, None), whole),
                tf.TensorSpec((None,), whole),
                tf.TensorSpec((None,), real),
            ],
        )
        self._start = [variable.numpy() for variable in self.optimizer.variables]

    @property
    def variables(self) -> list[Any]:
        """Weights of both towers."""
        return [*self.items.trainable_variables, *self.users.trainable_variables]

    def begin(self, seed: int) -> None:
        """Set weights, moments and everything random to where a seed has them begin."""
        rng = np.random.default_rng(seed)
        fresh = [*item_tower(self.towers, rng).variables, *user_tower(self.towers, rng).variables]
        for mine, new in zip([*self.items.variables, *self.users.variables], fresh, strict=True):
            mine.assign(new)
        for variable, start in zip(self.optimizer.variables, self._start, strict=True):
            variable.assign(start)

    @property
    def learned(self) -> list[Any]:
        """The variables that are learned."""
        return list(self.variables)

    @property
    def held(self) -> list[Any]:
        """All variables of the network."""
        return [*self.items.variables, *self.users.variables]

    @property
    def identity(self) -> list[Any]:
        """What it is made by: by the same it learns the same."""
        return [self.towers]

    def _step(
        self, past: Any, weight: Any, wanted: Any, numbers: Any, codes: Any, words: Any, number: Any, often: Any
    ) -> Any:
        """Make one step; return the sum of losses.

        Items stand by their row in `words`, from 1 on; `number` is the one by which the tower knows each, 0 for those
        whose words alone are to tell; `often` is the logarithm of how often each is wanted.
        """
        with tf.GradientTape() as tape:
            shape = tf.shape(past)
            few, place = tf.unique(tf.concat([tf.reshape(past, [-1]), wanted], axis=0))
            point = self.items([tf.gather(number, few), tf.gather(words, few)], training=True)
            mine = tf.reshape(place[: shape[0] * shape[1]], shape)
            right = tf.gather(point, place[shape[0] * shape[1] :])
            mean, had = averaged(tf.gather(point, mine), weight)
            user = self.users(called(self.towers, mean, had, numbers, codes), training=True)
            scores = tf.matmul(user, right, transpose_b=True) / self.towers.temperature
            scores -= tf.gather(often, wanted)[None, :]
            other = tf.logical_and(wanted[None, :] == wanted[:, None], ~tf.eye(shape[0], dtype=tf.bool))
            scores = tf.where(other, NEVER, scores)
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=tf.range(shape[0]), logits=scores)
            loss = tf.reduce_mean(losses)
        self.optimizer.apply(tape.gradient(loss, self.variables), self.variables)
        return tf.reduce_sum(losses)


def averaged(points: Any, weight: Any) -> tuple[Any, Any]:
    """Return the weighted mean of points, and whether there are any."""
    total = tf.reduce_sum(weight, axis=1, keepdims=True)
    mean = tf.reduce_sum(points * weight[:, :, None], axis=1) / tf.maximum(total, 1e-6)
    return mean, tf.cast(total > 0, points.dtype)


def called(towers: Towers, mean: Any, had: Any, numbers: Any, codes: Any) -> list[Any]:
    """Return what the tower of users is called with."""
    return [
        mean,
        had,
        *([numbers] if towers.numbers else []),
        *(codes[:, place] for place in range(len(towers.embeddings))),
    ]


@lru_cache(maxsize=2)
def tower_trainer_for(towers: Towers, penalty: float, device: str) -> TowerTrainer:
    """Return the trainer of two towers; the last two are kept."""
    with tf.device(device):
        return TowerTrainer(towers, penalty)
