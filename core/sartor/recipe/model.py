"""A recipe after reading: records with a field for everything that a recipe can say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, TypeAlias

from sartor.access.terms import Access
from sartor.contract.terms import Contract
from sartor.durations import Duration
from sartor.recipe.bars import Gate, Judge
from sartor.recipe.document import Document, KeyPath, plain
from sartor.recipe.private import Privacy
from sartor.recipe.secret import Secret
from sartor.recipe.sources import Information
from sartor.recipe.writing import to_yaml


@dataclass(frozen=True)
class Step:
    """Something that a component does.

    Parameters
    ----------
    name : str
        As the recipe calls it.
    use : str
        The component's id.
    settings : mapping
        What stands under ``with``, references resolved, not yet validated.
    path : tuple
        Where it stands: ``("models", "forest")``.
    """

    name: str
    use: str
    settings: Mapping[str, Any]
    path: KeyPath


@dataclass(frozen=True)
class IngestStep(Step):
    """A table, and what is said of it once.

    Parameters
    ----------
    key : tuple of str
        Columns that identify a line.
    time : str or None
        Column of the moment at which a line became known.
    roles : mapping of role to column
    known_ahead : tuple of str
        Columns whose future values are known.
    units : mapping of column to unit
    expected_strong : tuple of str
        Columns that may honestly tell nearly everything.
    sources : tuple of str
        The tables that it is made from (``from``).
    fresh : Duration or None
        What was read at most this long ago is taken from the cache instead of being read again.
    contract : Contract or None
        What must hold of its lines.
    purposes : tuple of str
        What it may be used for; anything if empty.
    """

    key: tuple[str, ...] = ()
    time: str | None = None
    roles: Mapping[str, str] = field(default_factory=dict)
    known_ahead: tuple[str, ...] = ()
    units: Mapping[str, str] = field(default_factory=dict)
    expected_strong: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    fresh: Duration | None = None
    contract: Contract | None = None
    purposes: tuple[str, ...] = ()


@dataclass(frozen=True)
class FeatureStep(Step):
    """A feature.

    Parameters
    ----------
    sources : tuple of str
        Tables and features that it is built from (``from``); empty for all tables.
    expected_strong : tuple of str
        Columns it builds that may honestly tell nearly everything.
    """

    sources: tuple[str, ...] = ()
    expected_strong: tuple[str, ...] = ()


@dataclass(frozen=True)
class ModelStep(Step):
    """A model with the steps that prepare its features."""

    prepare: tuple[Step, ...] = ()


@dataclass(frozen=True)
class ActionStep(Step):
    """An action.

    Parameters
    ----------
    sources : tuple of str
        Models, actions or tables that it decides on (``from``); empty for the champion's predictions.
    """

    sources: tuple[str, ...] = ()


@dataclass(frozen=True)
class DeliverStep(Step):
    """A delivery of decisions.

    Parameters
    ----------
    source : str
        The action whose decisions are delivered (``from``).
    """

    source: str = ""


@dataclass(frozen=True)
class HashRule:
    """Which rows are for testing, by a hash of their key: a share of all hashes, or the hash modulo a number.

    Parameters
    ----------
    share : float or None
        Test when the first 8 hex digits of the digest are below ``share * 16**8``.
    digest : {"sha1", "md5", "none"}
        ``none`` takes the whole-number key itself.
    modulo : int or None
        Test when the whole digest modulo this number is among `test`.
    test : tuple of int
    salt : str
        Put before the key's text.
    """

    share: float | None = None
    digest: Literal["sha1", "md5", "none"] = "sha1"
    modulo: int | None = None
    test: tuple[int, ...] = ()
    salt: str = ""


@dataclass(frozen=True)
class HashSplit:
    """By a hash of the row's key."""

    rule: HashRule
    tune_on: Split | None = None


@dataclass(frozen=True)
class TimeSplit:
    """By time: train on what is known at the cut, test on what is asked from then on.

    Parameters
    ----------
    cut : datetime
        As written, with a time zone only where one was written.
    every : Duration or None
        Step between origins.
    origins : int
        How many test windows there are.
    refit : {"never", "each"}
        Whether models learn again for each origin.
    window : Duration or None
        How long before the cut the truth of rows that teach became known, at most: with ``refit: each`` models move
        along with time, and forget.
    """

    cut: datetime
    every: Duration | None = None
    origins: int = 1
    refit: Literal["never", "each"] = "never"
    window: Duration | None = None
    tune_on: Split | None = None


@dataclass(frozen=True)
class GroupSplit:
    """By a hash of a column's value, so that all rows of a group stay together."""

    column: str
    rule: HashRule
    tune_on: Split | None = None


@dataclass(frozen=True)
class GivenSplit:
    """By the values of a column."""

    column: str
    train: tuple[str | int | float | bool, ...]
    test: tuple[str | int | float | bool, ...]
    tune_on: Split | None = None


@dataclass(frozen=True)
class FoldSplit:
    """Each row is judged once, by models that learned from the other folds.

    Parameters
    ----------
    folds : int
    average : {"pool", "mean"}
        Metrics over all rows at once, or their mean over folds.
    by : {"hash", "group", "given"}
        Fold = digest of the key, or of the group, modulo `folds`; or the value of the column itself.
    column : str or None
        The group's or the given column.
    digest : {"sha1", "md5", "none"}
    salt : str
    """

    folds: int
    by: Literal["hash", "group", "given"]
    column: str | None = None
    average: Literal["pool", "mean"] = "pool"
    digest: Literal["sha1", "md5", "none"] = "md5"
    salt: str = ""
    tune_on: Split | None = None


Split: TypeAlias = HashSplit | TimeSplit | GroupSplit | GivenSplit | FoldSplit


@dataclass(frozen=True, eq=False)
class Recipe:
    """A recipe, read and resolved.

    Parameters
    ----------
    name : str
        Such as ``finance/credit-scoring``.
    about : str
        One or two sentences; empty if nothing is said.
    currency : str or None
    params : mapping
        Resolved.
    seed : int
    ingest, features, models, actions : mapping of name to step
        In the order written.
    privacy : Privacy
    task : Step or None
    split : Split or None
    select : str or None
        The metric that picks the champion on inner rows; the first model is champion without it.
    judge : Judge
    gates : tuple of Gate
    deliver : mapping of name to step
        Carried out only when the run is live and all gates pass.
    document : Document
        References resolved, secrets kept as `Secret`; the place of everything.
    merged : Document
        Bases and ``--set`` merged in, references as written.
    written : str
        The recipe's own file, as it is.
    abstract : bool
        Only a base for others.
    information : Information or None
    encrypt : str or None
        What the run is encrypted with: ``secret:NAME``, or a key file of the project.
    access : Access
        Which roles may read the run.
    """

    name: str
    about: str
    currency: str | None
    params: Mapping[str, Any]
    seed: int
    ingest: Mapping[str, IngestStep]
    privacy: Privacy
    task: Step | None
    split: Split | None
    features: Mapping[str, FeatureStep]
    models: Mapping[str, ModelStep]
    select: str | None
    actions: Mapping[str, ActionStep]
    judge: Judge
    gates: tuple[Gate, ...]
    document: Document
    merged: Document
    written: str
    abstract: bool = False
    deliver: Mapping[str, DeliverStep] = field(default_factory=dict)
    information: Information | None = None
    encrypt: str | None = None
    access: Access = field(default_factory=Access)

    def base_folder(self, path: KeyPath) -> Path:
        """Return the folder of the file in which the value at a path was written; file names in it are relative to it.

        A child recipe in one folder may extend a base in another. What was given by ``--set`` starts from the folder
        in which the command was called.
        """
        return self.document.folder(path)

    def resolved(self) -> dict[str, Any]:
        """Return the whole recipe as plain values: bases merged, references resolved, secrets as ``secret:NAME``."""
        values: dict[str, Any] = _without_secrets(plain(self.document.root))
        return values

    def merged_text(self) -> str:
        """Return the recipe as YAML with its bases merged in and references as written; it can be run as it is."""
        return to_yaml(self.merged.plain())


def _without_secrets(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_secrets(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [_without_secrets(item) for item in value]
    return str(value) if isinstance(value, Secret) else value
