"""Settings that all networks share: how long, how fast and on what they learn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from sartor.components import QUANTILES, Duration, Model
from sartor.errors import SettingError
from sartor_plugins.forecast.settings import Quantiles
from sartor_plugins.keras.workers.settings import Workers
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
    workers : int or list of str
        Processes that learn together, each from its part of every batch: so many on this machine, or one at each
        address, such as ``10.0.0.1:2222``, the first of which is this machine's. It pays for wide networks only.
    shared_folder : str, optional
        Where workers on several machines find what they learn from: a folder that all of them see. It holds the rows
        while they learn, and nothing afterwards.
    join_within : duration
        How long the workers are waited for before learning begins.
    """

    answers: ClassVar[frozenset[str]] = BOTH | {QUANTILES}
    learns_from_pieces: ClassVar[bool] = True

    scale: Literal["standard", "range", "none"] = "standard"
    max_levels: Levels = 1_000
    class_weights: ClassWeights = "none"
    quantiles: Quantiles | None = None
    workers: Workers = 1
    shared_folder: Annotated[str, Field(min_length=1)] | None = None
    join_within: Duration = Duration(2, "minute")

    @model_validator(mode="after")
    def _machines_share_a_folder(self) -> Self:
        if isinstance(self.workers, list) and self.shared_folder is None:
            raise SettingError(
                "workers on several machines need a folder that all of them see",
                hints=(("to mend", "write shared_folder: FOLDER, on a disk that all machines share"),),
            )
        return self

    def load(self, folder: Path) -> Fitted:
        """Return what was saved in a folder."""
        from sartor_plugins.keras.stored import load

        return load(folder, self.device)
