"""Support vector machine."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from sartor.components import Fitted
from sartor.context import Context
from sartor.rows import Training
from sartor_plugins.learn.settings import ClassWeights, LearnModel, MaxLevels, MinRows, Rounds


class SVM(LearnModel):
    """Support vector machine; its scores become probabilities by a logistic curve learned on rows held out.

    Features are encoded as for `learn.logistic`. The exact rbf machine needs time that grows with the square of the
    rows; above `exact_up_to` rows the kernel is spanned by drawn training rows (Nystroem) and the machine is linear in
    it, which is said in a note.

    Parameters
    ----------
    kernel : {"rbf", "linear"}
        ``rbf`` bends the border, ``linear`` keeps it straight.
    penalty : float
        Strength of the L2 penalty (1 / C).
    gamma : float, optional
        How fast rbf likeness falls with squared distance; by default 1 / (columns x variance).
    exact_up_to : int
        Most training rows for the exact rbf machine.
    landmarks : int
        Training rows drawn to span the kernel above that.
    rounds : int
        How many times rows are held out for the probabilities.
    scale : bool
        Bring numbers to one scale.
    max_levels, min_rows : int
        Levels of a category beyond the commonest, or in fewer training rows, share one flag.
    class_weights : {"none", "balanced"}
        ``balanced`` learns as if all classes were equally common, and turns probabilities back to the real shares.
    """

    kernel: Literal["rbf", "linear"] = "rbf"
    penalty: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 1.0
    gamma: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    exact_up_to: Annotated[int, Field(ge=0)] = 5_000
    landmarks: Annotated[int, Field(ge=2, le=5_000)] = 300
    rounds: Rounds = 3
    scale: bool = True
    max_levels: MaxLevels = 30
    min_rows: MinRows = 5
    class_weights: ClassWeights = "none"

    def fit(self, training: Training, context: Context) -> Fitted:
        """Learn the machine and its probabilities."""
        from sartor_plugins.learn.fitting.svm import fit_svm

        return fit_svm(self, training, context)
