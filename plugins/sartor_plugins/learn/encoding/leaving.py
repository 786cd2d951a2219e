"""The step that leaves columns out."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from sartor.components import FittedStep
from sartor.errors import InputError, nearest
from sartor.rows import Training

if TYPE_CHECKING:
    from sartor_plugins.learn.steps import Leave

FILE = "left.json"


class Left(FittedStep):
    """Columns that are left out.

    Parameters
    ----------
    columns : iterable of str
    """

    def __init__(self, columns: Iterable[str]) -> None:
        self.columns = list(columns)

    def transform(self, X: pd.DataFrame) -> pd.DataFrame:
        """Return the features without them."""
        return X.drop(columns=[name for name in self.columns if name in X.columns])

    def save(self, folder: Path) -> None:
        """Write the names as JSON."""
        from sartor_plugins.learn.fitting.stored import write_json

        write_json(folder, FILE, {"columns": self.columns})

    @classmethod
    def load(cls, folder: Path) -> Left:
        """Return what was saved.

        Raises
        ------
        PluginError
            If it is damaged.
        """
        from sartor_plugins.learn.fitting.stored import damaged, read_json

        saved = read_json(folder, FILE)
        try:
            return cls(map(str, saved["columns"]))
        except (KeyError, TypeError) as error:
            raise damaged(folder / FILE, error) from error


def fit_leave(settings: Leave, training: Training) -> Left:
    """Find the columns of `Leave`."""
    names = [str(name) for name in training.X.columns]
    for pattern in settings.columns:
        if not any(fnmatchcase(name, pattern) for name in names):
            raise InputError(
                f"there is no feature '{pattern}' to leave out", code="R041", hints=nearest(pattern, names)
            )
    left = [name for name in names if any(fnmatchcase(name, pattern) for pattern in settings.columns)]
    if len(left) == len(names):
        raise InputError(
            "every feature would be left out, and nothing stay to learn from",
            code="R041",
            hints=(("to mend", "name fewer of them in columns"),),
        )
    return Left(left)
