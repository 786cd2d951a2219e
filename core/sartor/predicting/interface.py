"""What a run's models ask of new data: written down by the run, read back when rows are scored."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from sartor.errors import InputError, UsageError

if TYPE_CHECKING:
    import pandas as pd

    from sartor.stages.framing import Frame

FILE = "interface.json"
FORMAT = 1

Kind = Literal["number", "flag", "text", "length of time", "lists", "other"]
"""What a feature holds at the model's door."""


@dataclass(frozen=True)
class FeatureColumn:
    """A column that models learned from.

    Parameters
    ----------
    name : str
    kind : Kind
    dtype : str
        Pandas' name of its type in training.
    step : str or None
        The feature step that built it; None for a column of the row's own line.
    """

    name: str
    kind: Kind
    dtype: str
    step: str | None = None


@dataclass(frozen=True)
class Interface:
    """What models ask of new data.

    Parameters
    ----------
    answers : str
    classes : tuple
        Labels of a classification, the positive one last.
    own : str or None
        The table whose lines are the rows.
    keys, truth : tuple of str
        Its key, and its columns that hold the answer.
    features : tuple of FeatureColumn
        In the order in which models learned from them.
    tables : mapping of table to mapping of column to type
        As they were read, before the guard.
    class_shares : tuple of float
        Share of each class among the rows that models learned from; empty where there are no classes, and in runs that
        were recorded before it was written down.
    """

    answers: str
    classes: tuple[Any, ...]
    own: str | None
    keys: tuple[str, ...]
    truth: tuple[str, ...]
    features: tuple[FeatureColumn, ...]
    tables: Mapping[str, Mapping[str, str]]
    class_shares: tuple[float, ...] = ()

    @property
    def own_features(self) -> list[FeatureColumn]:
        """Features that are columns of the row's own line."""
        return [feature for feature in self.features if feature.step is None]

    def to_json(self) -> dict[str, Any]:
        """Return it in JSON types."""
        return {"format": FORMAT, **asdict(self)}


def interface_of(frame: Frame, tables: Mapping[str, Mapping[str, str]]) -> Interface:
    """Return what models that learned from a frame ask for.

    Parameters
    ----------
    frame : Frame
    tables : mapping of table to mapping of column to type
        As they were read.
    """
    return Interface(
        answers=frame.answers,
        classes=tuple(frame.classes),
        own=frame.own_table,
        keys=tuple(frame.keys),
        truth=tuple(frame.truth),
        features=tuple(
            FeatureColumn(str(name), kind_of(values), str(values.dtype), frame.steps.get(str(name)))
            for name, values in frame.some().items()
        ),
        tables={name: dict(columns) for name, columns in tables.items()},
        class_shares=frame.class_shares(frame.parts.train),
    )


def kind_of(column: pd.Series[Any]) -> Kind:
    """Return what a column holds.

    Examples
    --------
    >>> import pandas as pd
    >>> kind_of(pd.Series([1, 2])), kind_of(pd.Series([True, None], dtype="boolean")), kind_of(pd.Series(["a"]))
    ('number', 'flag', 'text')
    """
    from pandas.api import types

    from sartor.lists import holds_lists

    if holds_lists(column):
        return "lists"
    if types.is_bool_dtype(column.dtype):
        return "flag"
    if types.is_numeric_dtype(column.dtype):
        return "number"
    if types.is_timedelta64_dtype(column.dtype):
        return "length of time"
    return "text" if types.is_string_dtype(column.dtype) else "other"


def read_interface(run_folder: Path) -> Interface:
    """Read what a run wrote.

    Raises
    ------
    UsageError
        If the run has no models, or was recorded before runs wrote it down.
    InputError
        If it was written by a newer sartor, or is damaged.
    """
    file = run_folder / FILE
    if not file.is_file():
        raise _without(run_folder)
    try:
        read: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        if read["format"] != FORMAT:
            raise InputError(
                f"run {run_folder.name} tells in format {read['format']} what its models ask for, and this sartor "
                f"reads format {FORMAT}",
                code="D152",
                hints=(("to mend", "use the version of sartor that wrote it, or run the recipe again"),),
            )
        return Interface(
            answers=read["answers"],
            classes=tuple(read["classes"]),
            own=read["own"],
            keys=tuple(read["keys"]),
            truth=tuple(read["truth"]),
            features=tuple(FeatureColumn(**feature) for feature in read["features"]),
            tables=read["tables"],
            class_shares=tuple(read.get("class_shares", ())),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(
            f"{FILE} of run {run_folder.name} cannot be read: {type(error).__name__} {error}",
            code="D150",
            hints=(("to mend", "take the folder from a copy that is untouched, or run the recipe again"),),
        ) from error


def _without(run_folder: Path) -> UsageError:
    if (run_folder / "models").is_dir():
        return UsageError(
            f"run {run_folder.name} does not say what its models ask of new data: it was recorded by an older sartor",
            code="U071",
            hints=(("to mend", "run the recipe again"),),
        )
    return UsageError(
        f"run {run_folder.name} has no models: its recipe has no task, and there is nothing to predict",
        code="U071",
        hints=(("to mend", "name a run of a recipe with task and models"),),
    )
