"""The network of causal self-attention: over what users did one after the other, and over windows of readings."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from sartor.components import Fitted
from sartor.context import Context
from sartor.errors import SettingError
from sartor.rows import Training
from sartor_plugins.keras.settings import Dropped, NetworkModel, Width
from sartor_plugins.recommend.base import Recommender
from sartor_plugins.recommend.names import SLATE


class Transformer(NetworkModel, Recommender):
    """Network of causal self-attention, for recommendation as for windows of readings.

    Asked for a slate it reads what each user did, one item after the other, and tells which comes next, as SASRec [1]_
    does; who did nothing yet is answered by what people begin with. Items are told apart by a softmax over all of them,
    which is better than few drawn ones, or by ``negatives`` that each step draws evenly and holds all its places
    against: as a softmax, or one by one with the correction of gSASRec [2]_. When to stop is found on the last
    purchase of some users, a tenth of them or up to 100, which is held out.

    Asked for a number or a class it reads a window, columns such as ``sensor_2: 0 before`` to ``sensor_2: 29 before``,
    as `manufacturing.sensor_window` builds them.

    Parameters
    ----------
    width : int
        Numbers that stand for an item, or for a reading.
    layers : int
        Blocks of attention.
    heads : int
        Parts of the width that look each for themselves.
    longest : int
        Most items of a sequence that are looked at together; longer ones are cut.
    dropout : float
        Share of units that a step leaves out; half of them where there are many items and few events.
    learned_by : {"softmax", "sampled", "gbce"}
        What a slate is learned by: a softmax over all items, one over items drawn, or gBCE.
    negatives : int
        How many items are drawn for a step of ``sampled`` and ``gbce``.
    calibration : float
        ``t`` of gBCE: 0 is plain cross-entropy, 1 makes up for all that was not drawn.
    memory : float
        Gigabytes that learning a slate may use. A softmax that needs more, or is over more than 50,000 items, makes
        way for drawn ones, and the run says so.
    candidates : int
        How many items a slate holds; rules of a shop choose among them.
    weights : mapping of event to number
        How much an event tells of a taste, beside a purchase with 1: by default ``add_to_cart`` 0.5, ``click``,
        ``view`` and ``search`` 0.2, ``remove`` 0; others count as a purchase does.
    hidden : list of int
        Units of each dense layer behind a window.
    activation : {"relu", "tanh", "gelu", "silu"}
        What bends each dense layer behind a window.
    loss : {"squared", "absolute"}
        What a number is learned by: ``squared`` answers the mean, ``absolute`` the median.
    batch : int, optional
        Rows behind one step, or places of sequences; by default as many as suit what there is and fit into memory.

    References
    ----------
    .. [1] Kang and McAuley, "Self-Attentive Sequential Recommendation", 2018.
    .. [2] Petrov and Macdonald, "gSASRec: Reducing Overconfidence in Sequential Recommendation Trained with Negative
       Sampling", 2023.
    """

    answers: ClassVar[frozenset[str]] = NetworkModel.answers | {SLATE}

    width: Annotated[int, Field(ge=2, le=1_024)] = 64
    layers: Annotated[int, Field(ge=1, le=12)] = 2
    heads: Annotated[int, Field(ge=1, le=16)] = 2
    longest: Annotated[int, Field(ge=1, le=2_000)] = 50
    dropout: Dropped = 0.2
    learned_by: Literal["softmax", "sampled", "gbce"] = "softmax"
    negatives: Annotated[int, Field(ge=1, le=100_000)] = 1_024
    calibration: Annotated[float, Field(ge=0, le=1)] = 0.75
    memory: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 4.0
    hidden: Annotated[list[Width], Field(max_length=20)] = Field(default_factory=lambda: [64])
    activation: Literal["relu", "tanh", "gelu", "silu"] = "relu"
    loss: Literal["squared", "absolute"] = "squared"

    def fit(self, training: Training, context: Context) -> Fitted:
        """Learn the weights."""
        from sartor_plugins.keras.runtime import tensorflow

        tensorflow(context)
        if training.answers == SLATE:
            from sartor_plugins.keras.quantiles import refuse_quantiles
            from sartor_plugins.keras.recommending.fitting import fit_next_items

            refuse_quantiles(self, SLATE)
            if self.workers != 1:
                raise SettingError(
                    f"what comes next is learned by one process, got workers: {self.workers}",
                    hints=(("to mend", "leave `workers` out"),),
                )
            if training.stored:
                read = f"all {len(training):,} are read into memory"
                context.note(f"the model cannot learn a slate from rows piece by piece: {read}", caution=True)
            return fit_next_items(self, training, context)
        from sartor_plugins.keras.windows import fit_transformer

        return fit_transformer(self, training, context)

    def load(self, folder: Path) -> Fitted:
        """Return what was saved in a folder."""
        from sartor_plugins.recommend.recommender import SETTINGS

        if not (folder / SETTINGS).exists():
            return NetworkModel.load(self, folder)
        from sartor_plugins.keras.runtime import tensorflow

        tensorflow()
        from sartor_plugins.keras.recommending.fitted import load_next_item

        return load_next_item(folder, self.device)
