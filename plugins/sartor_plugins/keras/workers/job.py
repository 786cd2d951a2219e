"""What workers are handed, as files in a folder: a network's shape and settings as JSON, rows as arrays.

Nothing in the folder is code: JSON and arrays of numbers are all that is read.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sartor_plugins.keras.workers.settings import host_of

ABOUT = "job.json"
SIGN_OF_LIFE = "alive"
"""What the run writes anew every second or so; a worker on another machine ends when it does no more."""
TOLD = "told.jsonl"
"""What the first worker tells the run."""
OPEN_DOORS = (
    "while workers learn, TensorFlow listens at their ports on every network of their machines, and who reaches one "
    "can do there what this user can: let no stranger near them"
)
LEARNED = "learned"
UNFINISHED = "unfinished"


@dataclass(frozen=True)
class Job:
    """One course of learning that workers share.

    Parameters
    ----------
    addresses : list of str
        Of all workers.
    shape : dict
        As `Shape.to_json`.
    loss : str
    inputs : dict
        As `Inputs.to_json`.
    scale : dict
        As `Scale` takes it.
    settings : dict
        Those of `NetworkModel`, as JSON types.
    rates : list of float or None
    step : str
        Of the recipe.
    seed, threads : int
    unfinished : str or None
        Where the first worker leaves how far it is.
    every : float
        Seconds between two times that it does.
    elapsed : float
        Seconds that are used up of a time budget.
    held : bool
        Whether there are rows held out.
    apart : bool
        Whether all workers are on this machine, and a network of their own is enough for them.
    versions : dict
        Of what must be the same on all machines.
    """

    addresses: list[str]
    shape: dict[str, Any]
    loss: str
    inputs: dict[str, Any]
    scale: dict[str, float]
    settings: dict[str, Any]
    rates: list[float] | None
    step: str
    seed: int
    threads: int
    unfinished: str | None
    every: float
    elapsed: float
    held: bool
    apart: bool
    versions: dict[str, str]

    def write(self, folder: Path) -> None:
        """Write it, as the last of all files of a job: whoever sees it finds the others."""
        replace_text(folder / ABOUT, json.dumps(asdict(self)))

    @classmethod
    def read(cls, folder: Path) -> Job:
        """Return what was written."""
        return cls(**json.loads((folder / ABOUT).read_text(encoding="utf-8")))

    @property
    def count(self) -> int:
        """How many workers there are."""
        return len(self.addresses)

    def beside(self, index: int) -> int:
        """How many workers before this one are on the same machine."""
        hosts = [host_of(address) for address in self.addresses]
        return hosts[:index].count(hosts[index])

    def tf_config(self, index: int) -> str:
        """Return how TensorFlow is told of all workers."""
        return json.dumps({"cluster": {"worker": self.addresses}, "task": {"type": "worker", "index": index}})


def versions() -> dict[str, str]:
    """Return the versions of what adds up numbers and names layers."""
    from importlib.metadata import version

    import keras
    import tensorflow as tf

    return {"sartor": version("sartor"), "TensorFlow": tf.__version__, "Keras": keras.__version__}


def here(folder: Path, index: int) -> Path:
    """Return the file that a worker makes as soon as it begins."""
    return folder / f"here-{index}"


def joined(folder: Path, index: int) -> Path:
    """Return the file that a worker makes when it has found all others."""
    return folder / f"joined-{index}"


def failed(folder: Path, index: int) -> Path:
    """Return the file in which a worker says what went wrong, where it can be mended."""
    return folder / f"failed-{index}.json"


def ended(folder: Path, index: int) -> Path:
    """Return the file that says how a worker on another machine ended."""
    return folder / f"ended-{index}.json"


def errors(folder: Path, index: int) -> Path:
    """Return the file of what a worker, and TensorFlow in it, says when it fails."""
    return folder / f"errors-{index}.txt"


def replace_text(file: Path, text: str) -> None:
    """Write a file in one step."""
    part = file.with_name(f"{file.name}.{os.getpid()}")
    part.write_text(text, encoding="utf-8")
    part.replace(file)
