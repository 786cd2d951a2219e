"""Fits a network: the inputs, the rows held out, the course of learning, the answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pandas as pd
import tensorflow as tf

from sartor.components import Fitted
from sartor.context import Context
from sartor.errors import InputError
from sartor.events import Event
from sartor.rows import Training
from sartor.wording import plural
from sartor_plugins.keras.fitted import Network, centre_of
from sartor_plugins.keras.inputs import Inputs, learn_inputs
from sartor_plugins.keras.lesson import Lesson, Scale, scale_of
from sartor_plugins.keras.making import Maker, as_they_are, room_for, shown
from sartor_plugins.keras.network import Shape, answering, build, seen_again, shape_of
from sartor_plugins.keras.quantiles import Spread, alike, spread_of
from sartor_plugins.keras.runtime import device_of
from sartor_plugins.keras.trainer import Loss, trainer_for
from sartor_plugins.keras.training import Clock, Course, Learned
from sartor_plugins.keras.workers.crew import learn_together
from sartor_plugins.learn.fitting.answer import Answer, Target, target_of
from sartor_plugins.learn.fitting.constant import constant_of

if TYPE_CHECKING:
    from sartor_plugins.keras.mlp import MLP
    from sartor_plugins.keras.settings import NetworkModel


@dataclass(frozen=True)
class Plan:
    """How one kind of network reads features, and what shape it has.

    Parameters
    ----------
    read : callable
        Learns `Inputs` from features and a context, and is told what to call their rows: ``among``.
    shape : callable
        Returns the shape for inputs and a number of outputs.
    loss : {"squared", "absolute"}
    """

    read: Callable[..., Inputs]
    shape: Callable[[Inputs, int], Shape]
    loss: Literal["squared", "absolute"] = "squared"


def fit_mlp(settings: MLP, training: Training, context: Context) -> Fitted:
    """Fit `MLP`."""
    read = partial(learn_inputs, scale=settings.scale, max_levels=settings.max_levels)

    def shape(inputs: Inputs, outputs: int) -> Shape:
        return shape_of(inputs, outputs, settings.hidden, settings.activation, settings.dropout)

    return fit_network(settings, Plan(read, shape, settings.loss), training, context)


def fit_network(settings: NetworkModel, plan: Plan, training: Training, context: Context) -> Fitted:
    """Fit a network.

    Returns
    -------
    Fitted
        The base rate or the mean where the training rows have one class only, or no feature that says anything.
    """
    device = device_of(settings.device)
    clock = Clock(None if settings.time_budget is None else settings.time_budget.seconds)
    spread, training = spread_of(settings, training)
    target, training = target_of(training, context, settings.class_weights)
    if not target.is_number and target.n_classes == 1:
        context.note("all training rows are of one class: there is nothing to learn but its share", caution=True)
        return constant_of(target)
    silent = replace(context, tell=lambda event: None)
    see = spread.seen if training.stored else as_they_are
    seen = shown(training, context.seed, see)
    if not _read(plan, seen, silent, len(training)).sources:
        _read(plan, seen, context, len(training))
        context.note("no feature says anything: the answer is the same for every row", caution=True)
        return alike(target.y, target.weight, spread) if spread.levels else constant_of(target)
    if len(seen) < len(training):
        context.note(
            f"{len(training):,} rows do not fit in memory: they are learned from on disk, and columns are read by what "
            f"{len(seen):,} drawn rows show"
        )
    with tf.device(device):
        return _Fit(settings, plan, context, clock, device, spread).fit(training, target)


def _read(plan: Plan, X: pd.DataFrame, context: Context, rows: int) -> Inputs:
    """Learn how columns are read from features of all rows, or of some drawn ones."""
    return plan.read(X, context, among="training row" if len(X) == rows else "drawn row")


@dataclass(frozen=True)
class _Made:
    """What a course learns from, and what it takes to answer."""

    inputs: Inputs
    scale: Scale
    shape: Shape
    loss: Loss
    answer: Answer
    lesson: Lesson
    held: Lesson | None


class _Fit:
    """One fit of a network.

    Parameters
    ----------
    settings : NetworkModel
    plan : Plan
    context : Context
    clock : Clock
    device : str
    spread : Spread
    """

    def __init__(
        self, settings: NetworkModel, plan: Plan, context: Context, clock: Clock, device: str, spread: Spread
    ) -> None:
        self.settings, self.plan, self.context = settings, plan, context
        self.clock, self.device, self.spread = clock, device, spread

    def fit(self, training: Training, target: Target) -> Network:
        """Find out when to stop on rows held out, and learn."""
        settings, context = self.settings, self.context
        # What is told of columns is told once, of those rows that the answer is learned from.
        notes: list[Event] = []
        with room_for(training, context) as folder:
            made = self._made_apart(training, target, folder, replace(context, tell=notes.append))
            if made is not None:
                learned, network = self._learn(made)
        if made is None:
            return self._of_all(training, target)
        if learned.out_of_time:
            context.note(
                f"the time budget of {settings.time_budget} ended learning after "
                f"{plural(len(learned.epochs), 'epoch')}; another run may stop elsewhere",
                caution=True,
            )
        again = self.clock.elapsed * learned.best / len(learned.epochs) * len(training) / len(made.lesson)
        if not settings.refit or learned.out_of_time or not self.clock.has(again):
            for note in notes:
                context.tell(note)
            return network
        del made
        rates = [epoch.rate for epoch in learned.epochs[: learned.best]]
        refitted = self._of_all(training, target, rates)
        # The curve of the report is the one with rows held out: the second course has none.
        refitted.history = {**network.history, "refit": True}
        return refitted

    def _of_all(self, training: Training, target: Target, rates: list[float] | None = None) -> Network:
        """Learn from all rows, with none held out."""
        with room_for(training, self.context) as folder:
            return self._learn(self._made(training, target, None, folder, self.context), rates)[1]

    def _made_apart(self, training: Training, target: Target, folder: Path | None, reading: Context) -> _Made | None:
        """Make lessons of rows to learn from and of rows held out; None where there are too few, which is told.

        Here the parts are let go of: what is held of rows on disk, their truth, is only needed until lessons are made.
        """
        settings, context = self.settings, self.context
        parts = self._parts(training)
        if parts is None:
            context.note(
                f"too few rows to hold any out: learning goes through all {plural(settings.epochs, 'epoch')}",
                caution=True,
            )
            return None
        learn, validate = parts
        quietly = replace(context, tell=lambda event: None)
        inner, learn = target_of(learn, quietly, settings.class_weights)
        if not target.is_number and inner.n_classes < target.n_classes:
            context.note("a class stands only in rows that would be held out: all epochs are made", caution=True)
            return None
        return self._made(learn, inner, validate, folder, reading)

    def _parts(self, training: Training) -> tuple[Training, Training] | None:
        if training.split_again is None:
            return None
        try:
            learn, validate = training.inner()
        except InputError as error:
            if error.problems[0].code not in ("D031", "D035"):
                raise
            return None
        return (learn, validate) if len(learn) and len(validate) else None

    def _made(
        self, training: Training, target: Target, validate: Training | None, folder: Path | None, reading: Context
    ) -> _Made:
        """Make lessons."""
        context, levels = self.context, self.spread.levels
        see = self.spread.seen if training.stored else as_they_are
        inputs = _read(self.plan, shown(training, context.seed, see), reading, len(training))
        scale = scale_of(target)
        outputs = 1 + len(levels) if target.is_number or target.n_classes == 2 else target.n_classes
        shape = replace(self.plan.shape(inputs, outputs), quantiles=levels)
        maker = Maker(inputs, target, scale, see, context.seed, folder)
        held = None if validate is None else maker.held_out(validate)
        return _Made(inputs, scale, shape, self._loss(target), target.answer, maker.lesson(training), held)

    def _learn(self, made: _Made, rates: list[float] | None = None) -> tuple[Learned, Network]:
        settings = self.settings
        trainer = trainer_for(made.shape, made.loss, settings.penalty, self.device)
        with trainer.lock:
            course = Course(settings, trainer, made.inputs, made.scale, self.context, self.clock)
            if settings.workers == 1:
                learned = course.run(made.lesson, made.held, rates)
            else:
                learned = learn_together(course, made.lesson, made.held, rates)
        return learned, self._network(made, learned)

    def _loss(self, target: Target) -> Loss:
        if target.is_number:
            return self.plan.loss
        return "binary" if target.n_classes == 2 else "classes"

    def _network(self, made: _Made, learned: Learned) -> Network:
        shape, lesson = made.shape, made.lesson
        built = build(shape, 0)
        for variable, values in zip(built.trainable_variables, learned.weights, strict=True):
            variable.assign(values)
        seen_again(built, shape, lesson.counts)
        network = answering(built, shape)
        history = {
            "epochs": [
                {"rate": epoch.rate, "loss": epoch.loss, "held": epoch.held, "metric": epoch.metric}
                for epoch in learned.epochs
            ],
            "best": learned.best,
            "batch": learned.batch,
            "rows": len(lesson),
            "out_of_time": learned.out_of_time,
            "refit": False,
        }
        centre = centre_of(network, shape, lesson)
        return Network(shape, network, made.inputs, made.answer, made.scale, centre, history, self.spread)
