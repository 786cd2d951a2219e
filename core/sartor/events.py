"""What happens during a run, told to whoever listens: the terminal, the log, observers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True)
class RunStarted:
    """A run begins, before its first stage.

    Parameters
    ----------
    recipe, run : str
        Names of the recipe and of the run.
    seed : int
        The run's seed.
    """

    recipe: str
    run: str
    seed: int


@dataclass(frozen=True)
class StageStarted:
    """A stage begins."""

    stage: str
    about: str = ""


@dataclass(frozen=True)
class Progress:
    """A step inside a stage goes on.

    Parameters
    ----------
    stage : str
    what : str
        The model or table at work.
    done, total : int
        How far it is; `total` 0 where that is unknown.
    unit : str
        What is counted: ``trees``, ``rows``.
    """

    stage: str
    what: str
    done: int = 0
    total: int = 0
    unit: str = ""


@dataclass(frozen=True)
class StageFinished:
    """A stage has finished; also what observers hear.

    Parameters
    ----------
    recipe, run : str
        Names of the recipe and of the run.
    stage : str
        ``ingest``, ``guard``, ``split``, ``features``, ``fit``, ``judge``, ``decide``, ``record``.
    line : str
        What the terminal says of it.
    seconds : float
        How long it took.
    summary : mapping
        Its results in numbers, JSON types only; never a row of data.
    """

    recipe: str
    run: str
    stage: str
    line: str
    seconds: float
    summary: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Note:
    """Something worth knowing that stops nothing.

    Parameters
    ----------
    stage : str
    text : str
        One sentence.
    caution : bool
        Shown with ``!`` in the terminal; plain notes go to the log only.
    step : str
        The step of the recipe that says it: ``models.forest``.
    whose : str
        The model that says it, where a recipe has several; a run fills it in.

    Examples
    --------
    >>> Note("models", "too few rows").said, Note("models", "too few rows", whose="forest").said
    ('too few rows', 'forest: too few rows')
    """

    stage: str
    text: str
    caution: bool = False
    step: str = field(default="", compare=False)
    whose: str = ""

    @property
    def said(self) -> str:
        """The sentence as it is shown."""
        return f"{self.whose}: {self.text}" if self.whose else self.text


Event = RunStarted | StageStarted | Progress | StageFinished | Note


class Listener(Protocol):
    """Anything that hears events."""

    def __call__(self, event: Event) -> None:
        """Hear one event; must not raise."""
