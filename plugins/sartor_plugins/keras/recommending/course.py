"""How recommenders learn: when to stop is seen on purchases held out, then everything may teach."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

import numpy as np

from sartor.context import Context
from sartor.errors import InputError
from sartor.rows import Training
from sartor.wording import plural
from sartor_plugins.keras.recommending.network import memory_of
from sartor_plugins.keras.recommending.sequences import Held, held_out
from sartor_plugins.keras.resuming import Unfinished, name_of
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

    @property
    def identity(self) -> list[Any]:
        """What it is made by: by the same it learns the same."""

    def state(self) -> list[NDArray[Any]]:
        """Return a copy of all that learning goes on from: weights, states of what is random, moments."""

    def set_state(self, state: list[NDArray[Any]]) -> None:
        """Go on from a state."""


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


@dataclass
class _Way:
    """How far a course has come.

    Parameters
    ----------
    pace : Pace
    rng : Generator
    weights : list of ndarray
        The best.
    epochs : list of dict
        What each came to.
    best : int
        Number of the best epoch, 0 while none was better than another.
    out, over : bool
        Whether the time is up, and whether the course has ended.
    """

    pace: Pace
    rng: np.random.Generator
    weights: list[NDArray[np.float32]]
    epochs: list[dict[str, Any]] = field(default_factory=list)
    best: int = 0
    out: bool = False
    over: bool = False


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

    @property
    def identity(self) -> list[Any]:
        """What is learned from beside what users did."""
        return []

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
        lessons, pupil = self.lessons(past), self.pupil
        pupil.begin(self.context.seed)
        total = self.settings.epochs if rates is None else len(rates)
        way = _Way(Pace(self.settings, total), self.context.rng(), pupil.weights())
        kept = Unfinished(self.context.unfinished, self._name(past, held, rates))
        self._take_up(kept, way, total)
        for number in range(len(way.epochs) + 1, 0 if way.over else total + 1):
            self._go_on(way, lessons, held, number, None if rates is None else rates[number - 1])
            loss, value = way.epochs[-1]["loss"], way.epochs[-1][f"ndcg@{TOP}"]
            said = "" if value is None else f", NDCG@{TOP} held out {value:.4f}"
            self.context.progress(number, total, f"epochs, loss {loss:.4g}{said}")
            if kept.due:
                self._leave(kept, way)
            if way.over:
                break
        pupil.set_weights(way.weights)
        return {
            "epochs": way.epochs,
            # Where no epoch was better than another, the first was best.
            "best": max(1, way.best),
            "positions": lessons.batch,
            "steps": lessons.steps,
            "held": 0 if held is None else len(held.wanted),
            "out_of_time": way.out,
            "refit": False,
        }

    def _go_on(self, way: _Way, lessons: Lessons[L], held: Held | None, number: int, rate: float | None) -> None:
        """Go through one epoch."""
        rate = way.pace.rate(number) if rate is None else rate
        self.pupil.set_rate(rate)
        loss, done = self.epoch(lessons, way.rng)
        if not math.isfinite(loss):
            raise _no_number(number)
        value = None if held is None else self._value(held)
        way.epochs.append({"rate": rate, "loss": loss, f"ndcg@{TOP}": value})
        way.out = not done or self.clock.out
        if value is None or way.pace.better(1 - value, number):
            way.weights, way.best = self.pupil.weights(), number
        way.over = way.out or (held is not None and way.pace.over(number))

    def _name(self, past: Interactions, held: Held | None, rates: list[float] | None) -> str:
        """Return what no other course is called."""
        if self.context.unfinished is None:
            return ""
        about = [self.context.step, self.context.seed, self.settings, rates, self.new_only, self.offered]
        done = [past, *([] if held is None else [held.past])]
        rows = [part for one in done for part in (one.starts, one.item, one.days, one.weight, one.bought)]
        wanted = [] if held is None else [held.wanted, held.user]
        return name_of([*about, *self.pupil.identity, *self.identity, *rows, *wanted])

    def _leave(self, kept: Unfinished, way: _Way) -> None:
        """Write down how far it is."""
        told = {
            "epochs": way.epochs,
            "best": way.best,
            "out_of_time": way.out,
            "over": way.over,
            "pace": way.pace.state,
            "rng": way.rng.bit_generator.state,
            "elapsed": self.clock.elapsed,
        }
        kept.write(told, {"weights": way.weights, "state": self.pupil.state()})

    def _take_up(self, kept: Unfinished, way: _Way, total: int) -> None:
        """Go on where a killed course was."""
        found = kept.take_up()
        if found is None:
            return
        told, arrays = found
        way.epochs, way.best, way.weights = told["epochs"], told["best"], arrays["weights"]
        way.out, way.over, way.pace.state = told["out_of_time"], told["over"], told["pace"]
        way.rng.bit_generator.state = told["rng"]
        self.pupil.set_state(arrays["state"])
        self.clock.was_running(told["elapsed"])
        # No note: a run that was killed leaves the same as one that was not.
        self.context.progress(len(way.epochs), total, "epochs, where a killed run was")

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
