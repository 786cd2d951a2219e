"""Fits a network to what users did one after the other."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import tensorflow as tf

from sartor.context import Context
from sartor.rows import Training
from sartor_plugins.keras.recommending.course import (
    LOOKS,
    Learning,
    Lessons,
    Scorer,
    asks_new_only,
    table_memory,
    told_of,
)
from sartor_plugins.keras.recommending.fitted import NextItem
from sartor_plugins.keras.recommending.network import Order, answering, memory_of
from sartor_plugins.keras.recommending.sequences import Sequences, asked, sequences_of, telling
from sartor_plugins.keras.recommending.trainer import LearnedBy, SequenceTrainer, trainer_for
from sartor_plugins.keras.runtime import device_of
from sartor_plugins.keras.training import Clock
from sartor_plugins.recommend.interactions import Interactions, learned_from
from sartor_plugins.recommend.recommender import shared

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sartor_plugins.keras.transformer import Transformer

MANY_ITEMS = 50_000
"""More items are never looked at all at once: a step would take too long."""
FEWEST_POSITIONS = 256
"""Steps are made smaller where memory is short, down to so many places of sequences."""


@dataclass(frozen=True)
class Size:
    """How large a step may be.

    Parameters
    ----------
    by : {"softmax", "sampled", "gbce"}
    positions : int
        Places of sequences behind a step.
    negatives : int
    needed : float
        Gigabytes.
    """

    by: LearnedBy
    positions: int
    negatives: int
    needed: float


def size_of(settings: Transformer, items: int, steps: int, context: Context) -> Size:
    """Return how large a step may be, within the memory allowed.

    Raises
    ------
    InputError
        If the table of items alone is too large.
    """
    positions = 2 ** round(math.log2(min(2_048, max(64, steps / 60))))
    if settings.batch is not None:
        positions = min(settings.batch, max(1, steps))
    table = table_memory(settings, items)
    scores = memory_of(items, settings.width, positions)[1]
    negatives = min(settings.negatives, max(1, items - 1))
    if settings.learned_by != "softmax":
        return Size(settings.learned_by, positions, negatives, table)
    while positions > FEWEST_POSITIONS and settings.batch is None and table + scores > settings.memory:
        positions //= 2
        scores /= 2
    if items <= MANY_ITEMS and table + scores <= settings.memory:
        return Size("softmax", positions, negatives, table + scores)
    context.note(
        f"a softmax over {items:,} items takes {scores:.1f} GB and too long: {negatives:,} items are drawn for each "
        "step in place of all",
        caution=True,
    )
    positions = 2 ** round(math.log2(min(2_048, max(64, steps / 60)))) if settings.batch is None else positions
    return Size("sampled", positions, negatives, table)


def fit_next_items(settings: Transformer, training: Training, context: Context) -> NextItem:
    """Fit `Transformer` to sequences of items."""
    clock = Clock(None if settings.time_budget is None else settings.time_budget.seconds)
    catalogue, everything = learned_from(training, settings.weights)
    past, items = telling(everything), len(catalogue)
    order = Order(items, settings.longest, settings.width, settings.layers, settings.heads, settings.dropout)
    size = size_of(settings, items, len(past.item), context)
    new_only = asks_new_only(training)
    device = device_of(settings.device)
    with tf.device(device):
        trainer = trainer_for(order, size.by, size.negatives, settings.calibration, settings.penalty, device)
        with trainer.lock:
            learning = SequenceLearning(settings, context, clock, trainer, catalogue.offered, new_only, size.positions)
            _, history = learning.learn(past)
            made = answering(trainer.network, order)
    told = {
        "width": settings.width,
        "layers": settings.layers,
        "learned_by": size.by,
        "weights": int(made.count_params()),
        **told_of(settings, size.needed, history),
    }
    return NextItem(catalogue, shared(settings, order=order.to_json(), history=history, told=told), {}, made)


@dataclass(frozen=True, eq=False)
class SequenceLearning(Learning["Transformer", SequenceTrainer, Sequences]):
    """Learning of what comes next in a sequence.

    Parameters
    ----------
    positions : int
        Places of sequences behind a step.
    """

    positions: int

    @property
    def identity(self) -> list[Any]:
        """How much stands behind a step."""
        return [self.positions]

    def lessons(self, past: Interactions) -> Lessons[Sequences]:
        """Return sequences cut into pieces."""
        items, longest = self.pupil.order.items, self.settings.longest
        pieces = sequences_of(past, items, longest, new_only=self.new_only)
        return Lessons(pieces, len(pieces.next), self.positions)

    def epoch(self, lessons: Lessons[Sequences], rng: np.random.Generator) -> tuple[float, bool]:
        """Go through all pieces once, or until the time is up; return the mean loss, and whether all was done."""
        sums, steps = np.zeros(2), 0
        found: list[Any] = []
        for seen, following, weight in lessons.of.batches(lessons.batch, rng):
            against = self.pupil.draw(rng)
            if not (weight > 0).any():
                continue
            found.append(self.pupil.step(seen, following, weight, against))
            steps += 1
            if steps % LOOKS == 0:
                sums += np.sum([one.numpy() for one in found], axis=0)
                found = []
                if self.clock.out:
                    return float(sums[0] / max(sums[1], 1e-9)), False
        if found:
            sums += np.sum([one.numpy() for one in found], axis=0)
        return float(sums[0] / max(sums[1], 1e-9)), True

    def scorer(self, learned: Interactions) -> Scorer:
        """Return what scores users by the embeddings of items."""
        order = self.pupil.order
        table = self.pupil.table().numpy()[1 : order.items + 1]

        def score(part: Interactions, user: NDArray[np.int64]) -> NDArray[np.float32]:
            tokens, last = asked(part, order.items, order.longest)
            found: NDArray[np.float32] = self.pupil.points(tokens, last.astype(np.int32)).numpy() @ table.T
            return found

        return score
