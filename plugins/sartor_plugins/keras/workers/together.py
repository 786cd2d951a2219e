"""Steps that several workers make as one: each has a part of every batch, and what they find is added up.

Every worker keeps all weights and makes the step of the whole batch, from the gradients of all: they stay the same
without being sent. Whatever decides on the course, such as losses and clocks, is added up, too, so that no worker ever
goes another way than the others.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from sartor_plugins.keras.network import Shape
from sartor_plugins.keras.trainer import AT_ONCE, Loss, Trainer
from sartor_plugins.keras.training import Clock


class Peers:
    """All workers, as one of them sees them.

    Parameters
    ----------
    strategy : tf.distribute.Strategy
    index, count : int
        Which of how many this one is.
    """

    def __init__(self, strategy: Any, index: int, count: int) -> None:
        self.strategy, self.index, self.count = strategy, index, count
        numbers = [tf.TensorSpec((None,), tf.float64)]
        self._numbers = tf.function(lambda values: self.summed([values])[0], input_signature=numbers)

    def summed(self, values: list[Any]) -> list[Any]:
        """Return the sums of what each worker has; all must ask for them at the same time."""

        def everywhere(*own: Any) -> list[Any]:
            # An identity has a device, which the strategy looks for; a tensor on the way has none.
            tensors = [tf.identity(value) for value in own]
            return list(tf.distribute.get_replica_context().all_reduce(tf.distribute.ReduceOp.SUM, tensors))

        return list(self.strategy.run(everywhere, args=tuple(values)))

    def sums(self, numbers: Any) -> NDArray[np.float64]:
        """Return the sums of some numbers of each worker."""
        return np.asarray(self._numbers(tf.constant(numbers, tf.float64)).numpy())

    def mine(self, rows: Any) -> tuple[Any, Any]:
        """Return which of so many rows are this worker's: from, and up to."""
        return rows * self.index // self.count, rows * (self.index + 1) // self.count


class Together(Trainer):
    """A network that learns in several processes; see `Trainer`.

    Parameters
    ----------
    shape : Shape
    loss : {"binary", "classes", "squared", "absolute"}
    penalty : float
    peers : Peers
    """

    def __init__(self, shape: Shape, loss: Loss, penalty: float, peers: Peers) -> None:
        self.peers = peers
        super().__init__(shape, loss, penalty)

    def begin(self, seed: int) -> None:
        """Begin at the same weights as all others, and draw otherwise what is random."""
        super().begin(seed)
        self._draw_otherwise()

    def set_state(self, state: list[NDArray[Any]]) -> None:
        """Go on from the state of the first worker."""
        super().set_state(state)
        self._draw_otherwise()

    def _draw_otherwise(self) -> None:
        for variable in self.network.variables:
            if variable.path.endswith("seed_generator_state"):
                seed, drawn = variable.numpy()
                variable.assign(np.array([seed + self.peers.index, drawn]))

    def _steps(self, numbers: Any, codes: Any, y: Any, weight: Any, order: Any, batch: Any) -> Any:
        """Go through rows in an order, a step for each batch; return the sum of all losses on the way."""
        total = tf.constant(0.0)
        count = tf.shape(order)[0]
        for start in tf.range(0, count, batch):
            everyones = order[start : start + batch]
            rows = tf.shape(everyones)[0]
            first, end = self.peers.mine(rows)
            # A layer may not know what to do with no row at all: then there is one that counts for nothing.
            places = everyones[first : tf.maximum(end, first + 1)]
            counts = tf.cast(end > first, tf.float32)
            some = [tf.gather(values, places) for values in (numbers, codes, y, weight)]
            with tf.GradientTape() as tape:
                losses = self._row_losses(some, training=True) * counts
                loss = tf.reduce_sum(losses) / tf.cast(rows, tf.float32)
            variables = self.network.trainable_variables
            gradients = [tf.convert_to_tensor(found) for found in tape.gradient(loss, variables)]
            self.optimizer.apply(self.peers.summed(gradients), variables)
            total += tf.reduce_sum(losses)
        return self.peers.summed([total])[0]

    def judge(self, held: list[Any], weight: float) -> tuple[float, float]:
        """Return loss and metric of rows held out, on average; each worker looks at a part of them."""
        first, end = self.peers.mine(int(held[2].shape[0]))
        sums = np.zeros(2)
        for start in range(first, end, AT_ONCE):
            sums += self.losses(*(values[start : min(start + AT_ONCE, end)] for values in held)).numpy()
        loss, metric = self.peers.sums(sums)
        return float(loss / weight), float(metric / weight)


class SharedClock(Clock):
    """The clock of the first worker, by which all others go.

    Parameters
    ----------
    budget : float or None
        Seconds.
    peers : Peers
    """

    def __init__(self, budget: float | None, peers: Peers) -> None:
        super().__init__(budget)
        self.peers = peers

    @property
    def out(self) -> bool:
        """Whether the budget is used up by the first worker's clock."""
        if self.budget is None:
            return False
        return bool(self.peers.sums([float(self.peers.index == 0 and self.elapsed >= self.budget)])[0])
