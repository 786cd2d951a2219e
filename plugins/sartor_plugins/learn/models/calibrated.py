"""Calibration of a model's probabilities."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, Literal

from sartor.components import PROBABILITY, Fitted, Model, ModelStep
from sartor.context import Context
from sartor.errors import Problem
from sartor.rows import Training
from sartor_plugins.learn.settings import Rounds, answers_of

if TYPE_CHECKING:
    from pathlib import Path

    from sartor.plugins import Plugins


class Calibrated(Model):
    """A model whose probabilities are bent to what happened, on training rows that it had not seen.

    The model learns several times with training rows held out by the recipe's own rule; the curve is learned from its
    answers for those. Then it learns from all training rows, and the curve is put behind it. Classes are never
    resampled: probabilities stay shares of the training rows.

    Parameters
    ----------
    model : ModelStep
        ``{use: learn.naive_bayes}``.
    method : {"none", "sigmoid", "isotonic"}
        ``sigmoid``: a straight line in the log-odds; ``isotonic``: any rising curve, which needs many rows. With more
        than two classes each has its own curve.
    rounds : int
        How many times rows are held out; once where the rule goes by time.
    """

    answers: ClassVar[frozenset[str]] = frozenset({PROBABILITY})

    model: ModelStep
    method: Literal["none", "sigmoid", "isotonic"] = "sigmoid"
    rounds: Rounds = 5

    def check_settings(self, plugins: Plugins) -> Iterator[tuple[tuple[str | int, ...], Problem]]:
        """Say when the model has no probabilities to bend."""
        answers = answers_of(plugins, self.model)
        if answers is not None and PROBABILITY not in answers:
            message = (
                f"'{self.model.use}' answers a {' or a '.join(sorted(answers))}; learn.calibrated bends probabilities"
            )
            yield ("model", "use"), Problem("R025", message, hints=(("to see all", "sartor list models"),))

    def fit(self, training: Training, context: Context) -> Fitted:
        """Learn the model and the curve."""
        from sartor_plugins.learn.fitting.calibrating import fit_calibrated

        return fit_calibrated(self, training, context)

    def load(self, folder: Path) -> Fitted:
        """Return what was saved."""
        from sartor_plugins.learn.fitting.calibrating import load_calibrated

        return load_calibrated(self, folder)
