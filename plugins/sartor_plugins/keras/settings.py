"""Settings that all networks share: how long, how fast and on what they learn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from sartor.components import QUANTILES, Duration, Model
from sartor_plugins.forecast.settings import Quantiles
from sartor_plugins.learn.settings import BOTH, ClassWeights, Penalty, Rate

if TYPE_CHECKING:
    from pathlib import Path

    from sartor.components import Fitted

Width = Annotated[int, Field(ge=1, le=8_192)]
"""Units of a layer."""
Epochs = Annotated[int, Field(ge=1, le=100_000)]
"""How many times all rows are learned from."""
Batch = Annotated[int, Field(ge=1, le=1_000_000)]
"""Rows behind one step."""
Levels = Annotated[int, Field(ge=1, le=200_000)]
"""Most levels of a category with an embedding of their own; all others share one."""
Dropped = Annotated[float, Field(ge=0, lt=1)]
"""Share of units that each step leaves out."""


class EpochModel(Model):
    """Base of what learns epoch by epoch.

    Parameters
    ----------
    rate : float
        Learning rate at the beginning.
    schedule : {"plateau", "cosine", "constant"}
        ``plateau`` halves the rate when the rows held out stop getting better, ``cosine`` lowers it to nothing over
        all epochs.
    penalty : float
        Weight decay, as in AdamW.
    epochs : int
        Most times that all rows are learned from.
    patience : int
        Epochs without getting better after which learning stops; the best weights are kept.
    refit : bool
        Learn anew from all training rows for as many epochs as were best. Without it the weights that were best on
        the rows held out are the answer, and those rows are never learned from.
    batch : int, optional
        Rows behind one step; by default as many as suit the rows and fit into memory.
    time_budget : duration, optional
        Learning stops there, and keeps what was best. Another run may then stop elsewhere.
    device : {"auto", "cpu", "gpu"}
        ``gpu`` stops where there is none.
    """

    rate: Rate = 0.002
    schedule: Literal["plateau", "cosine", "constant"] = "plateau"
    penalty: Penalty = 0.0001
    epochs: Epochs = 200
    patience: Epochs = 12
    refit: bool = True
    batch: Batch | None = None
    time_budget: Duration | None = None
    device: Literal["auto", "cpu", "gpu"] = "auto"


class NetworkModel(EpochModel):
    """Base of the networks.

    Parameters
    ----------
    scale : {"standard", "range", "none"}
        What numbers are brought to, by what training rows show: mean 0 and deviation 1, from 0 to 1, or left alone.
    max_levels : int
        Most levels of a category with an embedding of their own, the commonest first; all others share one.
    class_weights : {"none", "balanced"}
        ``balanced`` learns as if all classes were equally common, and turns probabilities back to the real shares.
    quantiles : list of float, optional
        Quantiles that it answers beside a number, rising; they never cross. A forecast has the nine of the M5
        competition unless said, any other number none.
    """

    answers: ClassVar[frozenset[str]] = BOTH | {QUANTILES}

    scale: Literal["standard", "range", "none"] = "standard"
    max_levels: Levels = 1_000
    class_weights: ClassWeights = "none"
    quantiles: Quantiles | None = None

    def load(self, folder: Path) -> Fitted:
        """Return what was saved in a folder."""
        from sartor_plugins.keras.stored import load

        return load(folder, self.device)
