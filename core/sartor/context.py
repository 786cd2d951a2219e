"""The services that a component's verbs are handed: seeds, threads, scratch folder, notes, nested fits; never data."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sartor.events import Event, Note, Progress
from sartor.sections import SMALLEST_GROUP

if TYPE_CHECKING:
    import duckdb
    import numpy as np
    import pandas as pd

    from sartor.components import Fitted, ModelStep
    from sartor.contract.plain import Plain
    from sartor.evidence.audited import Audited
    from sartor.rows import Scoring, Table, Training


def _ignore(event: Event) -> None:
    """Listen to nothing."""


class ReadAgain(Exception):
    """What a reader took for granted of its source does not hold: it wants to read it again, taking its time."""


@dataclass(frozen=True)
class Context:
    """Services for one step of one run.

    Parameters
    ----------
    step : str
        The recipe's name for the step, such as ``models.forest``.
    seed : int
        Seed of this step: derived from the run's seed and the step's name, so that adding a step changes no other.
    threads : int
        How many threads native code may use.
    folder : Path
        Folder of the recipe file that names this step; file names are relative to it.
    scratch : Path
        Folder for temporary files, removed after the run.
    unfinished : Path or None
        In the fit of a model: where it may leave how far it is, so that a killed one goes on there. Whoever writes
        makes the folder; it is removed when the model is kept. None where nothing may be left: in an encrypted run.
    currency : str
        Unit of money, such as ``DM``; empty where the recipe names none.
    tell : callable
        Hears events.
    connection_of : callable or None
        Opens, on first use, the run's one DuckDB connection.
    fit_model : callable or None
        Builds and fits a nested model.
    explain : callable or None
        In an action: additive contributions of the model that it decides on, as `Fitted.explain` gives them; it
        answers None for a model that explains nothing.
    predict : callable or None
        In the sections of a model: answers held-out rows, each by the model that did not learn from it. Whoever asks
        rows again to tell how good answers are asks here: with several rounds the model itself has seen them all.
    class_shares : tuple of float
        In an action: the share of each class among the rows that the model learned from, as they weighed there; empty
        where the task tells no classes apart.
    texts : frozenset of str
        In an ingest: columns whose values the contract reads itself, or that do not enter at all. A reader of texts
        returns them as the texts they are, and spares itself finding out their types; any other may return them as it
        likes.
    plain : mapping of column to Plain
        In an ingest: those of `texts` beside which a reader may put what they say; see `sartor.contract.plain`. If it
        then meets what it has not reckoned with, as late as while its table is worked out, it raises `ReadAgain`, and
        is asked for the table once more, with nothing here.
    piecewise : bool
        In an action: whether the rows are some of those that are decided on, and not all. What holds for all of them
        is then neither known nor worth a word.
    smallest_group : int
        Fewer rows than this are told of nowhere: ``privacy: {smallest_group: 10}``.
    confidence : float
        Of intervals: ``judge: {confidence: 0.95}``.
    policies : mapping of policy to DataFrame
        In `sections` of an action: what its simple policies decide on the same rows.
    audited : Audited or None
        In `sections` of an action: what was measured of its decisions, in all and by group.
    tables : mapping of name to Table
        In an action: the tables that its ``from`` names, such as a catalogue with stock. Of one that has a time there
        are the lines before the first moment at which a row is asked, and later ones only as far as they are known
        ahead; of the rows' own table there is no truth.
    predictions : DataFrame or None
        In `sections` of an action: what it decided on.
    """

    step: str = ""
    seed: int = 0
    threads: int = 1
    folder: Path = field(default_factory=Path)
    scratch: Path = field(default_factory=Path)
    unfinished: Path | None = None
    currency: str = ""
    tell: Callable[[Event], None] = _ignore
    connection_of: Callable[[], duckdb.DuckDBPyConnection] | None = None
    fit_model: Callable[[ModelStep, Training, Context], Fitted] | None = None
    explain: Callable[[Scoring], pd.DataFrame | None] | None = None
    predict: Callable[[Scoring], pd.DataFrame] | None = None
    class_shares: tuple[float, ...] = ()
    texts: frozenset[str] = frozenset()
    plain: Mapping[str, Plain] = field(default_factory=dict)
    piecewise: bool = False
    smallest_group: int = SMALLEST_GROUP
    confidence: float = 0.95
    policies: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    audited: Audited | None = None
    tables: Mapping[str, Table] = field(default_factory=dict)
    predictions: pd.DataFrame | None = None

    @property
    def stage(self) -> str:
        """The section of the recipe that the step stands in."""
        return self.step.split(".", 1)[0]

    @property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """The run's one DuckDB connection; what comes from another one neither joins nor concatenates."""
        if self.connection_of is None:
            raise RuntimeError("this context has no table engine")
        return self.connection_of()

    def rng(self) -> np.random.Generator:
        """Return a new random generator with this step's seed."""
        import numpy as np

        return np.random.default_rng(self.seed)

    def path(self, name: str) -> Path:
        """Return a file named in the recipe: absolute, or relative to the recipe's folder."""
        path = Path(name).expanduser()
        return path if path.is_absolute() else self.folder / path

    def note(self, text: str, *, caution: bool = False) -> None:
        """Say something worth knowing that stops nothing; with `caution` the terminal shows it."""
        self.tell(Note(self.stage, text, caution, self.step))

    def progress(self, done: int, total: int = 0, unit: str = "") -> None:
        """Say how far the step is."""
        self.tell(Progress(self.stage, self.step.split(".", 1)[-1], done, total, unit))

    def fit(self, model: ModelStep, training: Training, name: str = "inner") -> Fitted:
        """Fit a nested model, prepared and seeded as the core does it for a model of the recipe.

        Parameters
        ----------
        model : ModelStep
            ``use``, ``with`` and ``prepare`` as in a recipe.
        training : Training
        name : str
            Distinguishes several nested fits of one step; part of their seed.
        """
        if self.fit_model is None:
            raise RuntimeError("this context cannot fit nested models")
        return self.fit_model(model, training, self.for_step(f"{self.step}.{name}"))

    def for_step(self, step: str, **changes: Any) -> Context:
        """Return the same services for another step, with that step's own seed."""
        return replace(self, step=step, seed=seed_of(self.seed, step), **changes)


_at_work: ContextVar[Callable[..., None] | None] = ContextVar("sartor_at_work", default=None)


@contextmanager
def telling(note: Callable[..., None]) -> Iterator[None]:
    """Let `say` reach a `Context.note` while a verb is at work that is handed no context."""
    token = _at_work.set(note)
    try:
        yield
    finally:
        _at_work.reset(token)


def say(text: str, *, caution: bool = False) -> None:
    """Say something worth knowing from a verb that is handed no context, such as `Fitted.predict`.

    It is noted by the run or the scoring that called the verb; where nobody did, it is logged under ``sartor``.
    """
    note = _at_work.get()
    if note is not None:
        note(text, caution=caution)
    else:
        logging.getLogger("sartor").log(logging.WARNING if caution else logging.INFO, text)


def _silent(text: str, *, caution: bool = False) -> None:
    """Say nothing."""


@contextmanager
def silently() -> Iterator[None]:
    """Let nobody hear what `say` says, as when a model is tried on made-up rows."""
    with telling(_silent):
        yield


def seed_of(seed: int, step: str) -> int:
    """Return the seed of a step: the same on every machine and in every order of steps.

    Examples
    --------
    >>> seed_of(0, "models.forest") == seed_of(0, "models.forest") != seed_of(0, "models.svm")
    True
    """
    return int.from_bytes(hashlib.sha256(f"{seed}/{step}".encode()).digest()[:4], "big") >> 1
