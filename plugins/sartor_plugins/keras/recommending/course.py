"""How recommenders learn: when to stop is seen on purchases held out, then everything may teach."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

import numpy as np

from sartor.context import Context
from sartor.errors import InputError
from sartor.rows import Training
from sartor.wording import plural
from sartor_plugins.keras.recommending.network import memory_of
from sartor_plugins.keras.recommending.sequences import Held, held_out
from sartor_plugins.keras.training import Clock, Pace
from sartor_plugins.recommend.judging import Hits
from sartor_plugins.recommend.names import NEW, TOP, WANTED
from sartor_plugins.recommend.ranking import best, block_size

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sartor_plugins.keras.settings import EpochModel
    from sartor_plugins.keras.transformer import Transformer
    from sartor_plugins.keras.two_tower import TwoTower
    from sartor_plugins.recommend.interactions import Interactions

FEWEST_HELD = 10
"""Users held out; with fewer, when to stop would be chance."""
LOOKS = 8
"""Steps between two looks at the clock."""

Scorer = Callable[["Interactions", "NDArray[np.int64]"], "NDArray[np.float32]"]
"""Tells the score of each item for users with a past."""


class Pupil(Protocol):
    """A network with what it takes to learn."""

    def begin(self, seed: int) -> None:
        """Set weights, moments and everything random to where a seed has them begin."""

    def weights(self) -> list[NDArray[np.float32]]:
        """Return a copy of the weights."""

    def set_weights(self, weights: list[NDArray[np.float32]]) -> None:
        """Set the weights."""

    def set_rate(self, rate: float) -> None:
        """Set the learning rate."""


S = TypeVar("S", bound="EpochModel")
P = TypeVar("P", bound=Pupil)
L = TypeVar("L")


@dataclass(frozen=True, eq=False)
class Lessons(Generic[L]):
    """What one course goes through in each epoch.

    Parameters
    ----------
    of : object
        As a kind of network reads it.
    steps : int
        How much there is to foretell.
    batch : int
        How much of it stands behind a step.
    """

    of: L
    steps: int
    batch: int


@dataclass(frozen=True, eq=False)
class Learning(ABC, Generic[S, P, L]):
    """Learning of one network; a kind of network says what an epoch is and how users are answered.

    Parameters
    ----------
    settings : EpochModel
    context : Context
    clock : Clock
    pupil : Pupil
    offered : ndarray of bool
        Items that may be recommended.
    new_only : bool
        Whether nothing is recommended that somebody had before.
    """

    settings: S
    context: Context
    clock: Clock
    pupil: P
    offered: NDArray[np.bool_]
    new_only: bool

    @abstractmethod
    def lessons(self, past: Interactions) -> Lessons[L]:
        """Return what a course goes through."""

    @abstractmethod
    def epoch(self, lessons: Lessons[L], rng: np.random.Generator) -> tuple[float, bool]:
        """Go through all once, or until the time is up; return the mean loss, and whether all was done."""

    @abstractmethod
    def scorer(self, learned: Interactions) -> Scorer:
        """Return what scores users by the weights of now, which come of what was learned from."""

    def learn(self, past: Interactions) -> tuple[Interactions, dict[str, Any]]:
        """Find out when to stop on the last purchases of some users, and learn.

        Returns
        -------
        past : Interactions
            What the weights come of: everything, or everything but what was held out.
        history : dict
            What each epoch came to, and which was best.
        """
        settings, context = self.settings, self.context
        held = held_out(past, context.rng())
        if len(held.wanted) < FEWEST_HELD:
            context.note(
                f"too few users to hold any out: learning goes through all {plural(settings.epochs, 'epoch')}",
                caution=True,
            )
            return past, self._course(past, None)
        history = self._course(held.learn, held)
        if history["out_of_time"]:
            context.note(
                f"the time budget of {settings.time_budget} ended learning after "
                f"{plural(len(history['epochs']), 'epoch')}; another run may stop elsewhere",
                caution=True,
            )
        again = self.clock.elapsed * history["best"] / len(history["epochs"])
        if not settings.refit or history["out_of_time"] or not self.clock.has(again):
            return held.learn, history
        rates = [epoch["rate"] for epoch in history["epochs"][: history["best"]]]
        second = self._course(past, None, rates)
        return past, {**history, "refit": not second["out_of_time"]}

    def _course(self, past: Interactions, held: Held | None, rates: list[float] | None = None) -> dict[str, Any]:
        """Learn epoch by epoch; keep the best weights, and return what each epoch came to."""
        rng, lessons, pupil = self.context.rng(), self.lessons(past), self.pupil
        pupil.begin(self.context.seed)
        total = self.settings.epochs if rates is None else len(rates)
        pace = Pace(self.settings, total)
        weights, epochs, best_epoch, out = pupil.weights(), [], 0, False
        for number in range(1, total + 1):
            rate = pace.rate(number) if rates is None else rates[number - 1]
            pupil.set_rate(rate)
            loss, done = self.epoch(lessons, rng)
            if not math.isfinite(loss):
                raise _no_number(number)
            value = None if held is None else self._value(held)
            epochs.append({"rate": rate, "loss": loss, f"ndcg@{TOP}": value})
            out = not done or self.clock.out
            if value is None or pace.better(1 - value, number):
                weights, best_epoch = pupil.weights(), number
            said = "" if value is None else f", NDCG@{TOP} held out {value:.4f}"
            self.context.progress(number, total, f"epochs, loss {loss:.4g}{said}")
            if out or (held is not None and pace.over(number)):
                break
        pupil.set_weights(weights)
        return {
            "epochs": epochs,
            # Where no epoch was better than another, the first was best.
            "best": max(1, best_epoch),
            "positions": lessons.batch,
            "steps": lessons.steps,
            "held": 0 if held is None else len(held.wanted),
            "out_of_time": out,
            "refit": False,
        }

    def _value(self, held: Held) -> float:
        """Return the mean NDCG of slates of users of whom the last purchase was held out."""
        scorer, found = self.scorer(held.learn), []
        step = max(16, block_size(len(self.offered)))
        for first in range(0, len(held.wanted), step):
            part = held.past.part(first, min(first + step, len(held.wanted)))
            scores = scorer(part, held.user[first : first + len(part)])
            scores[:, ~self.offered] = -np.inf
            if self.new_only:
                scores[part.user, part.item] = -np.inf
            places, _ = best(scores, TOP)
            hit = np.zeros((len(part), TOP), dtype=bool)
            hit[:, : places.shape[1]] = places == held.wanted[first : first + len(part), None]
            found.append(Hits(hit, np.ones(len(part), dtype="int64")).ndcg())
        return float(np.concatenate(found).mean())


def _no_number(epoch: int) -> InputError:
    """Return the error of a loss that is no number."""
    return InputError(
        f"the loss is not a number in epoch {epoch}: steps are too long",
        code="D310",
        hints=(("to mend", "lower `rate`, for instance to a tenth"),),
    )


def asks_new_only(training: Training) -> bool:
    """Return whether all rows want what their users never had."""
    return WANTED in training.rows and set(training.rows[WANTED]) == {NEW}


def table_memory(settings: Transformer | TwoTower, items: int, words: int = 0) -> float:
    """Return the gigabytes that the embeddings of items, and of their words, take while they are learned.

    Raises
    ------
    InputError
        If they are more than are allowed.
    """
    needed = memory_of(items + words, settings.width, 0)[0]
    if needed > settings.memory:
        raise InputError(
            f"{items:,} items of width {settings.width} need {needed:.1f} GB while they are learned, and "
            f"{settings.memory:g} GB are allowed",
            code="D312",
            hints=(("to mend", "a smaller width, or more memory"),),
        )
    return needed


def told_of(settings: Transformer | TwoTower, needed: float, history: dict[str, Any]) -> dict[str, Any]:
    """Return what a run tells of learning."""
    return {
        "memory": {"needed_gb": round(needed, 3), "allowed_gb": settings.memory},
        "epochs": len(history["epochs"]),
        "best_epoch": history["best"],
        "out_of_time": history["out_of_time"],
        "refit": history["refit"],
    }
