"""Fits a network to what users did one after the other."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import tensorflow as tf

from sartor.context import Context
from sartor.errors import InputError
from sartor.rows import Training
from sartor.wording import plural
from sartor_plugins.keras.recommending.fitted import NextItem
from sartor_plugins.keras.recommending.network import Order, answering, build, memory_of
from sartor_plugins.keras.recommending.sequences import Sequences, asked, held_out, sequences_of, telling
from sartor_plugins.keras.recommending.trainer import LearnedBy, SequenceTrainer, trainer_for
from sartor_plugins.keras.runtime import device_of
from sartor_plugins.keras.training import Clock, Pace
from sartor_plugins.recommend.interactions import Interactions, learned_from
from sartor_plugins.recommend.judging import Hits
from sartor_plugins.recommend.names import NEW, TOP, WANTED
from sartor_plugins.recommend.ranking import best, block_size
from sartor_plugins.recommend.recommender import shared

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sartor_plugins.keras.transformer import Transformer

MANY_ITEMS = 50_000
"""More items are never looked at all at once: a step would take too long."""
FEWEST_POSITIONS = 256
"""Steps are made smaller where memory is short, down to so many places of sequences."""
FEWEST_HELD = 10
"""Users held out; with fewer, when to stop would be chance."""
LOOKS = 8
"""Steps between two looks at the clock."""


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
    table, scores = memory_of(items, settings.width, positions)
    if table > settings.memory:
        raise InputError(
            f"{items:,} items of width {settings.width} need {table:.1f} GB while they are learned, and "
            f"{settings.memory:g} GB are allowed",
            code="D312",
            hints=(("to mend", "a smaller width, or more memory"),),
        )
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
    past = telling(everything)
    asks = set(training.rows[WANTED]) if WANTED in training.rows else set()
    device = device_of(settings.device)
    with tf.device(device):
        fit = _Fit(settings, context, clock, len(catalogue), asks == {NEW}, device)
        network, history = fit.fit(past, catalogue.offered)
        made = answering(network, fit.order)
    told = {
        "width": settings.width,
        "layers": settings.layers,
        "learned_by": fit.size.by,
        "weights": int(network.count_params()),
        "memory": {"needed_gb": round(fit.size.needed, 3), "allowed_gb": settings.memory},
        "epochs": len(history["epochs"]),
        "best_epoch": history["best"],
        "out_of_time": history["out_of_time"],
        "refit": history["refit"],
    }
    stored = shared(settings, order=fit.order.to_json(), history=history, told=told)
    return NextItem(catalogue, stored, {}, made)


class _Fit:
    """One fit to sequences."""

    def __init__(
        self, settings: Transformer, context: Context, clock: Clock, items: int, new_only: bool, device: str
    ) -> None:
        self.settings, self.context, self.clock = settings, context, clock
        self.items, self.new_only, self.device = items, new_only, device
        self.order = Order(items, settings.longest, settings.width, settings.layers, settings.heads, settings.dropout)
        self.size = Size("softmax", 0, 0, 0.0)

    def fit(self, past: Interactions, offered: NDArray[np.bool_]) -> tuple[Any, dict[str, Any]]:
        """Find out when to stop on the last purchases of some users, and learn."""
        settings, context = self.settings, self.context
        self.size = size_of(settings, self.items, len(past.item), context)
        learn, some, wanted = held_out(past, context.rng())
        trainer = trainer_for(
            self.order, self.size.by, self.size.negatives, settings.calibration, settings.penalty, self.device
        )
        with trainer.lock:
            if len(wanted) < FEWEST_HELD:
                context.note(
                    f"too few users to hold any out: learning goes through all {plural(settings.epochs, 'epoch')}",
                    caution=True,
                )
                weights, history = self._course(trainer, past, None)
                return self._network(weights), history
            held = _Held(some, wanted, offered, self.order, new_only=self.new_only)
            weights, history = self._course(trainer, learn, held)
            if history["out_of_time"]:
                context.note(
                    f"the time budget of {settings.time_budget} ended learning after "
                    f"{plural(len(history['epochs']), 'epoch')}; another run may stop elsewhere",
                    caution=True,
                )
            again = self.clock.elapsed * history["best"] / len(history["epochs"])
            if settings.refit and not history["out_of_time"] and self.clock.has(again):
                rates = [epoch["rate"] for epoch in history["epochs"][: history["best"]]]
                weights, second = self._course(trainer, past, None, rates)
                history = {**history, "refit": not second["out_of_time"]}
        return self._network(weights), history

    def _network(self, weights: list[Any]) -> Any:
        network = build(self.order, 0)
        for variable, values in zip(network.trainable_variables, weights, strict=True):
            variable.assign(values)
        return network

    def _course(
        self, trainer: SequenceTrainer, past: Interactions, held: _Held | None, rates: list[float] | None = None
    ) -> tuple[list[Any], dict[str, Any]]:
        """Learn epoch by epoch; return the best weights, and what each epoch came to."""
        settings = self.settings
        rng = self.context.rng()
        pieces = sequences_of(past, self.items, settings.longest, new_only=self.new_only)
        trainer.begin(self.context.seed)
        total = settings.epochs if rates is None else len(rates)
        pace = Pace(settings, total)
        weights, epochs, best_epoch, out = trainer.weights(), [], 0, False
        for number in range(1, total + 1):
            rate = pace.rate(number) if rates is None else rates[number - 1]
            trainer.set_rate(rate)
            loss, done = self._epoch(trainer, pieces, rng)
            if not math.isfinite(loss):
                raise no_number(number)
            value = None if held is None else held.value(trainer)
            epochs.append({"rate": rate, "loss": loss, f"ndcg@{TOP}": value})
            out = not done or self.clock.out
            if value is None or pace.better(1 - value, number):
                weights, best_epoch = trainer.weights(), number
            self.context.progress(number, total, progress_of(loss, value))
            if out or (held is not None and pace.over(number)):
                break
        count = 0 if held is None else len(held.wanted)
        return weights, history_of(epochs, best_epoch, self.size.positions, len(pieces.next), count, out=out)

    def _epoch(self, trainer: SequenceTrainer, pieces: Sequences, rng: np.random.Generator) -> tuple[float, bool]:
        """Go through all pieces once, or until the time is up; return the mean loss, and whether all was done."""
        sums, steps = np.zeros(2), 0
        found: list[Any] = []
        for seen, following, weight in pieces.batches(self.size.positions, rng):
            against = trainer.draw(rng)
            if not (weight > 0).any():
                continue
            found.append(trainer.step(seen, following, weight, against))
            steps += 1
            if steps % LOOKS == 0:
                sums += np.sum([one.numpy() for one in found], axis=0)
                found = []
                if self.clock.out:
                    return float(sums[0] / max(sums[1], 1e-9)), False
        if found:
            sums += np.sum([one.numpy() for one in found], axis=0)
        return float(sums[0] / max(sums[1], 1e-9)), True


def no_number(epoch: int) -> InputError:
    """Return the error of a loss that is no number."""
    return InputError(
        f"the loss is not a number in epoch {epoch}: steps are too long",
        code="D310",
        hints=(("to mend", "lower `rate`, for instance to a tenth"),),
    )


def progress_of(loss: float, value: float | None) -> str:
    """Return what is told of an epoch while learning goes on."""
    return f"epochs, loss {loss:.4g}" + ("" if value is None else f", NDCG@{TOP} held out {value:.4f}")


def history_of(
    epochs: list[dict[str, Any]], best: int, positions: int, steps: int, held: int, *, out: bool
) -> dict[str, Any]:
    """Return how learning went: where no epoch was better than another, the first was best."""
    return {
        "epochs": epochs,
        "best": max(1, best),
        "positions": positions,
        "steps": steps,
        "held": held,
        "out_of_time": out,
        "refit": False,
    }


class _Held:
    """Users of whom the last purchase was taken away."""

    def __init__(
        self,
        past: Interactions,
        wanted: NDArray[np.int64],
        offered: NDArray[np.bool_],
        order: Order,
        *,
        new_only: bool,
    ) -> None:
        self.past, self.wanted, self.offered, self.order, self.new_only = past, wanted, offered, order, new_only

    def value(self, trainer: SequenceTrainer) -> float:
        """Return the mean NDCG of their slates."""
        items = trainer.table().numpy()[1 : self.order.items + 1]
        step = max(16, block_size(self.order.items))
        found = []
        for first in range(0, len(self.wanted), step):
            part = self.past.part(first, min(first + step, len(self.wanted)))
            tokens, last = asked(part, self.order.items, self.order.longest)
            scores = trainer.points(tokens, last.astype(np.int32)).numpy() @ items.T
            scores[:, ~self.offered] = -np.inf
            if self.new_only:
                scores[part.user, part.item] = -np.inf
            places, _ = best(scores, TOP)
            hit = np.zeros((len(part), TOP), dtype=bool)
            hit[:, : places.shape[1]] = places == self.wanted[first : first + len(part), None]
            found.append(Hits(hit, np.ones(len(part), dtype="int64")).ndcg())
        return float(np.concatenate(found).mean())
