"""Learning epoch by epoch: when to stop, how fast to go, and what was best."""

from __future__ import annotations

import math
import time
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import tensorflow as tf

from sartor.context import Context
from sartor_plugins.keras.failing import failure
from sartor_plugins.keras.inputs import Inputs
from sartor_plugins.keras.lesson import Lesson, Scale
from sartor_plugins.keras.network import Shape
from sartor_plugins.keras.resuming import Unfinished, name_of
from sartor_plugins.keras.trainer import STEPS, Trainer

if TYPE_CHECKING:
    from sartor_plugins.keras.settings import EpochModel, NetworkModel

BETTER = 1e-4
"""A loss must fall by this share to count as better."""
SLOWEST = 0.01
"""The rate is lowered to this share of the first at least."""
BATCH_BYTES = 64 * 2**20
"""Memory that the layers of one batch may take."""


@dataclass(frozen=True)
class Epoch:
    """What one epoch came to.

    Parameters
    ----------
    rate : float
    loss : float
        Of the rows learned from, on the way.
    held : float or None
        Of the rows held out.
    metric : float or None
        RMSE in the target's unit, or share of classes that were right, of the rows held out.
    """

    rate: float
    loss: float
    held: float | None = None
    metric: float | None = None


@dataclass
class Learned:
    """What learning came to.

    Parameters
    ----------
    weights : list of ndarray
        The best.
    epochs : list of Epoch
    best : int
        Number of the best epoch, from 1.
    batch : int
    out_of_time : bool
    """

    weights: list[Any]
    epochs: list[Epoch] = field(default_factory=list)
    best: int = 0
    batch: int = 0
    out_of_time: bool = False


def batch_of(wanted: int | None, rows: int, shape: Shape) -> int:
    """Return how many rows stand behind a step: some hundred steps an epoch, within memory.

    Examples
    --------
    >>> narrow = Shape(2, (), (64, 64), 1)
    >>> batch_of(None, 100, narrow), batch_of(None, 20_000, narrow), batch_of(None, 10**7, narrow)
    (16, 128, 1024)
    >>> batch_of(None, 10**7, Shape(100_000, (), (64,), 1))
    128
    >>> batch_of(500, 100, narrow)
    100
    """
    if wanted is not None:
        return min(wanted, rows)
    fitting = max(1, BATCH_BYTES // (4 * shape.largest_layer))
    suited: int = 2 ** round(math.log2(max(16, min(1_024, rows / 150))))
    return min(suited, int(2 ** int(math.log2(fitting))))


class Clock:
    """Tells whether a time budget is used up.

    Parameters
    ----------
    budget : float or None
        Seconds.
    """

    def __init__(self, budget: float | None) -> None:
        self.begin, self.budget = time.monotonic(), budget

    @property
    def elapsed(self) -> float:
        """Seconds since it began."""
        return time.monotonic() - self.begin

    @property
    def out(self) -> bool:
        """Whether the budget is used up."""
        return self.budget is not None and self.elapsed >= self.budget

    def was_running(self, seconds: float) -> None:
        """Count the seconds of an earlier process that was killed, where it had come farther."""
        self.begin -= max(0.0, seconds - self.elapsed)

    def has(self, seconds: float) -> bool:
        """Whether so many seconds are left."""
        return self.budget is None or self.elapsed + seconds <= self.budget


@dataclass(frozen=True, eq=False)
class Course:
    """One course of learning.

    Parameters
    ----------
    settings : NetworkModel
    trainer : Trainer
    inputs : Inputs
    scale : Scale
    context : Context
    clock : Clock
    """

    settings: NetworkModel
    trainer: Trainer
    inputs: Inputs
    scale: Scale
    context: Context
    clock: Clock

    def run(self, lesson: Lesson, held: Lesson | None, rates: list[float] | None = None) -> Learned:
        """Learn.

        Parameters
        ----------
        lesson : Lesson
        held : Lesson, optional
            Rows held out, by which to stop; without them all epochs are made.
        rates : list of float, optional
            The rates of each epoch, as an earlier course found them.

        Raises
        ------
        InputError
            If the loss is no number.
        """
        settings, trainer = self.settings, self.trainer
        batch = batch_of(settings.batch, len(lesson), trainer.shape)
        rng = self.context.rng()
        trainer.begin(self.context.seed)
        learned = Learned(trainer.weights(), batch=batch)
        total = len(rates) if rates is not None else settings.epochs
        pace = Pace(settings, total)
        kept = Unfinished(self.context.unfinished, self._name(lesson, held, rates, batch))
        over = self._take_up(kept, learned, pace, rng)
        for number in range(len(learned.epochs) + 1, 0 if over else total + 1):
            rate = rates[number - 1] if rates is not None else pace.rate(number)
            trainer.set_rate(rate)
            before = trainer.weights()
            loss, done = self._epoch(lesson, rng, batch)
            result = self._judged(rate, loss, held)
            if not (math.isfinite(loss) and math.isfinite(result.held or 0.0)):
                raise failure(trainer, self.inputs, lesson, before, number)
            learned.epochs.append(result)
            learned.out_of_time = not done or self.clock.out
            if held is None or pace.better(result.held, number):
                learned.weights, learned.best = trainer.weights(), number
            self._tell(number, total, result)
            over = learned.out_of_time or (pace.over(number) and rates is None and held is not None)
            if kept.due:
                kept.write(*self._state(learned, pace, rng, over))
            if over:
                break
        return learned

    def _name(self, lesson: Lesson, held: Lesson | None, rates: list[float] | None, batch: int) -> str:
        """Return what no other course is called."""
        if self.context.unfinished is None:
            return ""
        rows = [part for one in (lesson, held) if one is not None for part in one.identity]
        about = [self.context.step, self.context.seed, self.trainer.shape, self.trainer.loss, self.settings]
        return name_of([*about, rates, batch, *rows])

    def _state(self, learned: Learned, pace: Pace, rng: np.random.Generator, over: bool) -> tuple[Any, Any]:
        """Return how far it is, as JSON types and as arrays."""
        told = {
            "epochs": [asdict(epoch) for epoch in learned.epochs],
            "best": learned.best,
            "out_of_time": learned.out_of_time,
            "over": over,
            "pace": pace.state,
            "rng": rng.bit_generator.state,
            "elapsed": self.clock.elapsed,
        }
        return told, {"weights": learned.weights, "state": self.trainer.state()}

    def _take_up(self, kept: Unfinished, learned: Learned, pace: Pace, rng: np.random.Generator) -> bool:
        """Go on where a killed course was; return whether it was over."""
        found = kept.take_up()
        if found is None:
            return False
        told, arrays = found
        learned.epochs = [Epoch(**epoch) for epoch in told["epochs"]]
        learned.best, learned.out_of_time, learned.weights = told["best"], told["out_of_time"], arrays["weights"]
        pace.state = told["pace"]
        rng.bit_generator.state = told["rng"]
        self.trainer.set_state(arrays["state"])
        self.clock.was_running(told["elapsed"])
        # No note: a run that was killed leaves the same as one that was not.
        self.context.progress(len(learned.epochs), self.settings.epochs, "epochs, where a killed run was")
        return bool(told["over"])

    def _epoch(self, lesson: Lesson, rng: np.random.Generator, batch: int) -> tuple[float, bool]:
        """Go through all rows once, or until the time is up; return the mean loss, and whether all was done."""
        total, done = 0.0, 0
        for rows, order in lesson.epoch(rng, batch):
            for start in range(0, len(order), STEPS * batch):
                some = order[start : start + STEPS * batch]
                total += float(self.trainer.steps(*rows, tf.constant(some), tf.constant(batch, tf.int32)))
                done += len(some)
                if self.clock.out and done < len(lesson):
                    return total / done, False
        return total / done, True

    def _judged(self, rate: float, loss: float, held: Lesson | None) -> Epoch:
        if held is None:
            return Epoch(rate, loss)
        judged = [self.trainer.judge(rows, held.total) for rows in held.chunks()]
        of_rows, metric = (sum(parts) for parts in zip(*judged, strict=True))
        if self.trainer.loss in ("squared", "absolute"):
            metric = math.sqrt(metric) * self.scale.spread
        return Epoch(rate, loss, of_rows, metric)

    def _tell(self, number: int, total: int, result: Epoch) -> None:
        said = f"epochs, loss {result.loss:.4g}"
        if result.held is not None:
            called = "RMSE" if self.trainer.loss in ("squared", "absolute") else "right"
            said += f", held out {result.held:.4g}, {called} {result.metric:.4g}"
        self.context.progress(number, total, said)


class Pace:
    """How fast to go, and when to stop.

    Parameters
    ----------
    settings : EpochModel
    epochs : int
        Most epochs.
    """

    def __init__(self, settings: EpochModel, epochs: int) -> None:
        self.settings, self.epochs = settings, epochs
        self.least, self.best, self.lowered, self.share = math.inf, 0, 0, 1.0

    @property
    def state(self) -> list[Any]:
        """How far it is, as JSON types."""
        least = self.least if math.isfinite(self.least) else None
        return [least, self.best, self.lowered, self.share]

    @state.setter
    def state(self, saved: list[Any]) -> None:
        least, self.best, self.lowered, self.share = saved
        self.least = math.inf if least is None else least

    def rate(self, number: int) -> float:
        """Return the learning rate of an epoch."""
        first = self.settings.rate
        if self.settings.schedule == "cosine":
            return first * 0.5 * (1 + math.cos(math.pi * (number - 1) / self.epochs))
        if self.settings.schedule == "plateau":
            wait = max(2, self.settings.patience // 3)
            if number - 1 - max(self.best, self.lowered) >= wait:
                self.share, self.lowered = max(self.share / 2, SLOWEST), number - 1
            return first * self.share
        return first

    def better(self, held: float | None, number: int) -> bool:
        """Return whether an epoch was better than all before it."""
        if held is None or not held < self.least - BETTER * abs(self.least if math.isfinite(self.least) else 0):
            return False
        self.least, self.best = held, number
        return True

    def over(self, number: int) -> bool:
        """Return whether it is time to stop."""
        return number - self.best >= self.settings.patience
