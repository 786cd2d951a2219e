"""The trivial answer: one curve for everybody."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from sartor.components import Fitted, Model
from sartor_plugins.survival.answer import SURVIVAL

if TYPE_CHECKING:
    from pathlib import Path

    from sartor.context import Context
    from sartor.rows import Training


class KaplanMeier(Model):
    """The Kaplan-Meier curve of the training rows, for every row."""

    answers: ClassVar[frozenset[str]] = frozenset({SURVIVAL})

    def fit(self, training: Training, context: Context) -> Fitted:
        """Estimate the curve."""
        from sartor_plugins.survival.fitting.plain import fit_kaplan_meier

        return fit_kaplan_meier(training)

    def load(self, folder: Path) -> Fitted:
        """Return what was saved."""
        from sartor_plugins.survival.fitting.plain import OneCurve

        return OneCurve.load(folder)
