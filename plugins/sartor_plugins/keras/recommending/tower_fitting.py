"""Fits two towers: who wanted what, told by what they had and by what is said of both."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import tensorflow as tf

from sartor.context import Context
from sartor.errors import InputError
from sartor.rows import Training
from sartor.wording import plural
from sartor_plugins.keras.inputs import Inputs, learn_inputs
from sartor_plugins.keras.recommending.fitting import FEWEST_HELD, LOOKS, history_of, no_number, progress_of
from sartor_plugins.keras.recommending.network import memory_of
from sartor_plugins.keras.recommending.sequences import held_out, telling
from sartor_plugins.keras.recommending.tower_fitted import Met, mean_of
from sartor_plugins.keras.recommending.towers import Towers, TowerTrainer, called, tower_trainer_for, user_tower
from sartor_plugins.keras.recommending.words import tokens_of
from sartor_plugins.keras.runtime import device_of
from sartor_plugins.keras.training import Clock, Pace
from sartor_plugins.recommend.catalogues import shelf_of
from sartor_plugins.recommend.interactions import Catalogue, Interactions, _latest, learned_from
from sartor_plugins.recommend.judging import Hits
from sartor_plugins.recommend.names import HISTORY, NEW, TOP, WANTED
from sartor_plugins.recommend.ranking import best, block_size
from sartor_plugins.recommend.recommender import shared

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sartor_plugins.keras.two_tower import TwoTower

AT_ONCE = 4_096
"""Items of which points are made together."""


@dataclass(frozen=True, eq=False)
class Pairs:
    """Who wanted what, and what they had had until then.

    Parameters
    ----------
    user, wanted : ndarray of int64
    at : ndarray of int64
        The place of the event among all.
    past : Interactions
    """

    user: NDArray[np.int64]
    wanted: NDArray[np.int64]
    at: NDArray[np.int64]
    past: Interactions

    def batch(self, some: NDArray[np.int64], longest: int) -> tuple[Any, Any, Any]:
        """Return the pasts of some pairs as a table from 1 on, their weights, and what was wanted."""
        at, first = self.at[some], self.past.starts[self.user[some]]
        lengths = np.minimum(at - first, longest)
        steps = np.arange(max(1, int(lengths.max(initial=1))))
        there = steps < lengths[:, None]
        place = np.where(there, at[:, None] - 1 - steps, 0)
        item = np.where(there, self.past.item[place] + 1, 0)
        weight = np.where(there, self.past.weight[place], 0)
        return item.astype(np.int32), weight.astype(np.float32), (self.wanted[some] + 1).astype(np.int32)


def pairs_of(past: Interactions, items: int, *, new_only: bool) -> Pairs:
    """Return a pair for each purchase; with `new_only` for the first one of each item by each user."""
    kept = past.bought.copy()
    if new_only:
        first = np.zeros(len(kept), dtype=bool)
        first[np.unique(past.user * items + past.item, return_index=True)[1]] = True
        kept &= first
    at = np.flatnonzero(kept)
    return Pairs(past.user[at], past.item[at], at, past)


def everything(
    training: Training, settings: TwoTower
) -> tuple[Catalogue, Interactions, dict[str, list[tuple[str, str]]], NDArray[np.int64]]:
    """Return all items, sold or only in the catalogue, what users did with them, what is said of them, and whose row.

    Items that the catalogue has can be offered, whether they were ever sold or not.
    """
    known, past = learned_from(training, settings.weights)
    shelf = shelf_of(training)
    names = pa.array(sorted({*known.items.to_pylist(), *shelf}), pa.string())
    listed = pa.array(list(shelf), pa.string())
    number = pc.index_in(known.items, names).to_numpy(zero_copy_only=False).astype("int64")
    offered = np.zeros(len(names), dtype=bool)
    offered[number[known.offered]] = True
    offered |= pc.is_in(names, listed).to_numpy(zero_copy_only=False)
    return Catalogue(names, offered), replace(past, item=number[past.item]), shelf, _latest(training)[0]


def fit_two_tower(settings: TwoTower, training: Training, context: Context) -> Met:
    """Fit `TwoTower`."""
    clock = Clock(None if settings.time_budget is None else settings.time_budget.seconds)
    catalogue, done, shelf, rows = everything(training, settings)
    if not shelf:
        context.note(
            "nothing is said of any item: what was never sold cannot be recommended; name the catalogue in the task",
            caution=True,
        )
    table = _memory(settings, len(catalogue))
    X = training.X.iloc[rows].reset_index(drop=True).drop(columns=list(HISTORY), errors="ignore")
    inputs = learn_inputs(X, context)
    towers = _towers(settings, inputs, len(catalogue))
    words = tokens_of(catalogue.items.to_pylist(), shelf, settings.buckets)
    words = np.vstack([np.zeros((1, words.shape[1]), dtype=np.int32), words])
    asks = set(training.rows[WANTED]) if WANTED in training.rows else set()
    device = device_of(settings.device)
    with tf.device(device):
        trainer = tower_trainer_for(towers, settings.penalty, device)
        with trainer.lock:
            fit = _Fit(settings, context, clock, trainer, catalogue, words, inputs.encode(X), asks == {NEW})
            points, history = fit.fit(telling(done))
            network = user_tower(towers, np.random.default_rng(0), "float64")
            for mine, theirs in zip(network.trainable_variables, trainer.users.trainable_variables, strict=True):
                mine.assign(theirs.numpy())
    sold = np.zeros(len(catalogue), dtype=bool)
    sold[done.item[done.bought]] = True
    told = {
        "width": settings.width,
        "never_sold": int((catalogue.offered & ~sold).sum()),
        "memory": {"needed_gb": round(table, 3), "allowed_gb": settings.memory},
        "epochs": len(history["epochs"]),
        "best_epoch": history["best"],
        "out_of_time": history["out_of_time"],
        "refit": history["refit"],
    }
    stored = shared(
        settings, towers=towers.to_json(), longest=settings.longest, lift=settings.lift, history=history, told=told
    )
    found = Met(catalogue, stored, {"points": points, "never_sold": catalogue.offered & ~sold}, network)
    found.inputs = inputs
    return found


def _memory(settings: TwoTower, items: int) -> float:
    """Return the gigabytes that learning takes, or refuse it."""
    needed = memory_of(items + settings.buckets, settings.width, 0)[0]
    if needed > settings.memory:
        raise InputError(
            f"{items:,} items of width {settings.width} need {needed:.1f} GB while they are learned, and "
            f"{settings.memory:g} GB are allowed",
            code="D312",
            hints=(("to mend", "a smaller width, or more memory"),),
        )
    return needed


def _towers(settings: TwoTower, inputs: Inputs, items: int) -> Towers:
    return Towers(
        items,
        settings.buckets,
        settings.width,
        settings.hidden,
        inputs.width,
        tuple((part.codes, part.width) for part in inputs.categories),
        settings.dropout,
        settings.temperature,
    )


class _Fit:
    """One fit of two towers."""

    def __init__(
        self,
        settings: TwoTower,
        context: Context,
        clock: Clock,
        trainer: TowerTrainer,
        catalogue: Catalogue,
        words: NDArray[np.int32],
        told: tuple[Any, Any],
        new_only: bool,
    ) -> None:
        self.settings, self.context, self.clock, self.trainer = settings, context, clock, trainer
        self.catalogue, self.words, self.new_only = catalogue, words, new_only
        self.numbers, self.codes = told[0].astype(np.float32), told[1]

    def fit(self, past: Interactions) -> tuple[NDArray[np.float32], dict[str, Any]]:
        """Find out when to stop on the last purchases of some users, and learn; return the points of all items."""
        settings, context = self.settings, self.context
        rng = context.rng()
        learn, some, wanted = held_out(past, rng)
        users = np.flatnonzero(np.diff(past.starts) != np.diff(learn.starts))
        if len(wanted) < FEWEST_HELD:
            context.note(
                f"too few users to hold any out: learning goes through all {plural(settings.epochs, 'epoch')}",
                caution=True,
            )
            history, sold = self._course(past, None), past
        else:
            history, sold = self._course(learn, (some, wanted, users)), learn
            if history["out_of_time"]:
                context.note(
                    f"the time budget of {settings.time_budget} ended learning after "
                    f"{plural(len(history['epochs']), 'epoch')}; another run may stop elsewhere",
                    caution=True,
                )
            again = self.clock.elapsed * history["best"] / len(history["epochs"])
            if settings.refit and not history["out_of_time"] and self.clock.has(again):
                rates = [epoch["rate"] for epoch in history["epochs"][: history["best"]]]
                history, sold = {**history, "refit": not self._course(past, None, rates)["out_of_time"]}, past
        return self.points(sold), history

    def points(self, past: Interactions) -> NDArray[np.float32]:
        """Return the point of each item; those never sold stand where their words put them."""
        number = self._numbers(past)
        found = [
            self.trainer.items([number[at : at + AT_ONCE], self.words[at : at + AT_ONCE]], training=False).numpy()
            for at in range(0, len(number), AT_ONCE)
        ]
        return np.concatenate(found)[1:]

    def _numbers(self, past: Interactions) -> NDArray[np.int32]:
        number = np.zeros(len(self.words), dtype=np.int32)
        seen = np.unique(past.item) + 1
        number[seen] = seen
        return number

    def _course(self, past: Interactions, held: Any, rates: list[float] | None = None) -> dict[str, Any]:
        settings, trainer = self.settings, self.trainer
        rng = self.context.rng()
        pairs = pairs_of(past, len(self.catalogue), new_only=self.new_only)
        batch = settings.batch or int(2 ** round(math.log2(min(1_024, max(32, len(pairs.at) / 40)))))
        often = np.bincount(pairs.wanted + 1, minlength=len(self.words)).astype(np.float64)
        often = np.log(np.maximum(often, 1) / max(1.0, often.sum())).astype(np.float32)
        trainer.begin(self.context.seed)
        total = settings.epochs if rates is None else len(rates)
        like_a_network: Any = settings
        pace = Pace(like_a_network, total)
        weights, epochs, best_epoch, out = trainer.weights(), [], 0, False
        for number in range(1, total + 1):
            rate = pace.rate(number) if rates is None else rates[number - 1]
            trainer.optimizer.learning_rate.assign(rate)
            loss, done = self._epoch(pairs, often, batch, rng)
            if not math.isfinite(loss):
                raise no_number(number)
            value = None if held is None else self._value(past, *held)
            epochs.append({"rate": rate, "loss": loss, f"ndcg@{TOP}": value})
            out = not done or self.clock.out
            if value is None or pace.better(1 - value, number):
                weights, best_epoch = trainer.weights(), number
            self.context.progress(number, total, progress_of(loss, value))
            if out or (held is not None and pace.over(number)):
                break
        trainer.set_weights(weights)
        count = 0 if held is None else len(held[1])
        return history_of(epochs, best_epoch, batch, len(pairs.at), count, out=out)

    def _epoch(
        self, pairs: Pairs, often: NDArray[np.float32], batch: int, rng: np.random.Generator
    ) -> tuple[float, bool]:
        order, total = rng.permutation(len(pairs.at)), 0.0
        known = self._numbers(pairs.past)
        for place, start in enumerate(range(0, len(order), batch), 1):
            some = order[start : start + batch]
            item, weight, wanted = pairs.batch(some, self.settings.longest)
            forgotten = rng.random(len(known)) < self.settings.forgotten
            user = pairs.user[some]
            told = self.numbers[user], self.codes[user]
            number = np.where(forgotten, 0, known).astype(np.int32)
            total += float(self.trainer.step(item, weight, wanted, *told, self.words, number, often))
            if place % LOOKS == 0 and self.clock.out:
                return total / (start + len(some)), False
        return total / max(1, len(order)), True

    def _value(
        self, learned: Interactions, past: Interactions, wanted: NDArray[np.int64], users: NDArray[np.int64]
    ) -> float:
        """Return the mean NDCG of users of whom the last purchase was held out."""
        points, found = self.points(learned), []
        step = max(16, block_size(len(points)))
        for first in range(0, len(wanted), step):
            part = past.part(first, min(first + step, len(wanted)))
            mean, had = mean_of(part, points, self.settings.longest)
            who = users[first : first + len(part)]
            told = tf.constant(self.numbers[who]), tf.constant(self.codes[who])
            mean, had = tf.constant(mean, tf.float32), tf.constant(had, tf.float32)
            asked = called(self.trainer.towers, mean, had, *told)
            user = self.trainer.users(asked, training=False).numpy()
            scores = user @ points.T
            scores[:, ~self.catalogue.offered] = -np.inf
            if self.new_only:
                scores[part.user, part.item] = -np.inf
            places, _ = best(scores, TOP)
            hit = np.zeros((len(part), TOP), dtype=bool)
            hit[:, : places.shape[1]] = places == wanted[first : first + len(part), None]
            found.append(Hits(hit, np.ones(len(part), dtype="int64")).ndcg())
        return float(np.concatenate(found).mean())
