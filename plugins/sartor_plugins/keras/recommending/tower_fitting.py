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
from sartor.rows import Training
from sartor_plugins.keras.inputs import Inputs, learn_inputs
from sartor_plugins.keras.recommending.course import (
    LOOKS,
    Learning,
    Lessons,
    Scorer,
    asks_new_only,
    table_memory,
    told_of,
)
from sartor_plugins.keras.recommending.sequences import telling
from sartor_plugins.keras.recommending.tower_fitted import Met, mean_of
from sartor_plugins.keras.recommending.towers import Towers, TowerTrainer, called, tower_trainer_for, user_tower
from sartor_plugins.keras.recommending.words import tokens_of
from sartor_plugins.keras.runtime import device_of
from sartor_plugins.keras.training import Clock
from sartor_plugins.recommend.catalogues import shelf_of
from sartor_plugins.recommend.interactions import Catalogue, Interactions, _latest, learned_from
from sartor_plugins.recommend.names import HISTORY
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
    needed = table_memory(settings, len(catalogue), settings.buckets)
    X = training.X.iloc[rows].reset_index(drop=True).drop(columns=list(HISTORY), errors="ignore")
    inputs = learn_inputs(X, context)
    towers = _towers(settings, inputs, len(catalogue))
    words, (numbers, codes) = _words(settings, catalogue, shelf), inputs.encode(X)
    new_only = asks_new_only(training)
    device = device_of(settings.device)
    with tf.device(device):
        trainer = tower_trainer_for(towers, settings.penalty, device)
        with trainer.lock:
            learning = TowerLearning(
                settings, context, clock, trainer, catalogue.offered, new_only, words, numbers.astype(np.float32), codes
            )
            learned, history = learning.learn(telling(done))
            points = learning.points(learned)
            network = user_tower(towers, np.random.default_rng(0), "float64")
            for mine, theirs in zip(network.trainable_variables, trainer.users.trainable_variables, strict=True):
                mine.assign(theirs.numpy())
    sold = np.zeros(len(catalogue), dtype=bool)
    sold[done.item[done.bought]] = True
    never_sold = catalogue.offered & ~sold
    told = {"width": settings.width, "never_sold": int(never_sold.sum()), **told_of(settings, needed, history)}
    stored = shared(
        settings, towers=towers.to_json(), longest=settings.longest, lift=settings.lift, history=history, told=told
    )
    found = Met(catalogue, stored, {"points": points, "never_sold": never_sold}, network)
    found.inputs = inputs
    return found


def _words(settings: TwoTower, catalogue: Catalogue, shelf: dict[str, list[tuple[str, str]]]) -> NDArray[np.int32]:
    """Return the words of each item, from row 1 on."""
    words = tokens_of(catalogue.items.to_pylist(), shelf, settings.buckets)
    return np.vstack([np.zeros((1, words.shape[1]), dtype=np.int32), words])


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


@dataclass(frozen=True, eq=False)
class Asked:
    """Pairs, and what stands beside them.

    Parameters
    ----------
    pairs : Pairs
    number : ndarray of int32
        The number by which the tower knows each item, 0 for those that were never sold.
    often : ndarray of float32
        The logarithm of how often each item is wanted.
    """

    pairs: Pairs
    number: NDArray[np.int32]
    often: NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class TowerLearning(Learning["TwoTower", TowerTrainer, Asked]):
    """Learning of two towers.

    Parameters
    ----------
    words : ndarray of int32
        Those of each item, from row 1 on.
    numbers : ndarray of float32
        What is said of each user in numbers.
    codes : ndarray of int32
        And in categories.
    """

    words: NDArray[np.int32]
    numbers: NDArray[np.float32]
    codes: NDArray[np.int32]

    @property
    def identity(self) -> list[Any]:
        """What is said of items and of users."""
        return [self.words, self.numbers, self.codes]

    def points(self, past: Interactions) -> NDArray[np.float32]:
        """Return the point of each item; those never sold stand where their words put them."""
        number = self._number(past)
        found = [
            self.pupil.items([number[at : at + AT_ONCE], self.words[at : at + AT_ONCE]], training=False).numpy()
            for at in range(0, len(number), AT_ONCE)
        ]
        return np.concatenate(found)[1:]

    def _number(self, past: Interactions) -> NDArray[np.int32]:
        number = np.zeros(len(self.words), dtype=np.int32)
        seen = np.unique(past.item) + 1
        number[seen] = seen
        return number

    def lessons(self, past: Interactions) -> Lessons[Asked]:
        """Return who wanted what."""
        pairs = pairs_of(past, len(self.offered), new_only=self.new_only)
        batch = self.settings.batch or int(2 ** round(math.log2(min(1_024, max(32, len(pairs.at) / 40)))))
        often = np.bincount(pairs.wanted + 1, minlength=len(self.words)).astype(np.float64)
        often = np.log(np.maximum(often, 1) / max(1.0, often.sum())).astype(np.float32)
        return Lessons(Asked(pairs, self._number(past), often), len(pairs.at), batch)

    def epoch(self, lessons: Lessons[Asked], rng: np.random.Generator) -> tuple[float, bool]:
        """Go through all pairs once, or until the time is up; return the mean loss, and whether all was done."""
        settings, pairs, known = self.settings, lessons.of.pairs, lessons.of.number
        order, total = rng.permutation(len(pairs.at)), 0.0
        for place, start in enumerate(range(0, len(order), lessons.batch), 1):
            some = order[start : start + lessons.batch]
            item, weight, wanted = pairs.batch(some, settings.longest)
            forgotten = rng.random(len(known)) < settings.forgotten
            user = pairs.user[some]
            told = self.numbers[user], self.codes[user]
            number = np.where(forgotten, 0, known).astype(np.int32)
            total += float(self.pupil.step(item, weight, wanted, *told, self.words, number, lessons.of.often))
            if place % LOOKS == 0 and self.clock.out:
                return total / (start + len(some)), False
        return total / max(1, len(order)), True

    def scorer(self, learned: Interactions) -> Scorer:
        """Return what scores users by the points of items, as those of what was learned from put them."""
        points = self.points(learned)

        def score(part: Interactions, user: NDArray[np.int64]) -> NDArray[np.float32]:
            mean, had = mean_of(part, points, self.settings.longest)
            told = tf.constant(self.numbers[user]), tf.constant(self.codes[user])
            mean, had = tf.constant(mean, tf.float32), tf.constant(had, tf.float32)
            asked = called(self.pupil.towers, mean, had, *told)
            found: NDArray[np.float32] = self.pupil.users(asked, training=False).numpy() @ points.T
            return found

        return score
