"""The encoders of the models: mixed columns as one matrix of numbers, whatever comes in at prediction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from sartor_plugins.learn.encoding.columns import FloatArray, Known, column, learn_columns, numbers_of
from sartor_plugins.learn.encoding.parts import Part, codes_part, from_json, levels_part, number_part, to_json

MAX_LEVELS = 30
"""Levels of a category that get a flag of their own, unless the recipe says otherwise."""
MIN_ROWS = 5
"""Training rows that a level needs for a flag or code of its own."""
NATIVE_LEVELS = 200
"""Levels that keep a code of their own where the algorithm knows categories."""


@dataclass(frozen=True)
class Encoder:
    """Parts side by side.

    Parameters
    ----------
    parts : tuple of Part
        One for each feature that training rows taught anything of.
    """

    parts: tuple[Part, ...]

    @property
    def names(self) -> list[str]:
        """Names of the matrix's columns."""
        return [name for part in self.parts for name in part.names()] or ["nothing"]

    @property
    def sources(self) -> list[str]:
        """The feature behind each column of the matrix."""
        return [part.name for part in self.parts for _ in part.names()] or ["nothing"]

    @property
    def categories(self) -> list[int]:
        """Places of the columns that hold codes of categories."""
        return [place for place, part in enumerate(self.parts) if part.kind == "codes"]

    def matrix(self, X: pd.DataFrame) -> FloatArray:
        """Return the features as numbers.

        Parameters
        ----------
        X : DataFrame of shape (n_rows, n_features)

        Returns
        -------
        ndarray of shape (n_rows, n_columns)
            One column of zeros where no feature taught anything.

        Raises
        ------
        InputError
            If a feature is not there, or cannot be read as it was in training.
        """
        made = np.zeros((len(X), len(self.names)))
        place = 0
        for part in self.parts:
            for values in part.encode(column(X, part.name)):
                made[:, place] = values
                place += 1
        return made

    def to_json(self) -> list[dict[str, Any]]:
        """Return the encoder as JSON types."""
        return [to_json(part) for part in self.parts]

    @classmethod
    def from_json(cls, saved: Iterable[dict[str, Any]]) -> Encoder:
        """Return the encoder that was written."""
        return cls(tuple(from_json(part) for part in saved))


def mixed(
    X: pd.DataFrame, *, scale: bool, flags: bool = True, max_levels: int = MAX_LEVELS, min_rows: int = MIN_ROWS
) -> Encoder:
    """Learn an encoder that leaves nothing missing: numbers filled by their median, categories as flags.

    Parameters
    ----------
    X : DataFrame of shape (n_rows, n_features)
        Training rows.
    scale : bool
        Bring numbers to mean 0 and standard deviation 1.
    flags : bool
        Add a flag for each number that was missing in a training row.
    max_levels, min_rows : int
        Levels beyond the commonest, or in fewer rows, share one flag.

    Examples
    --------
    >>> X = pd.DataFrame({"age": [20.0, None, 40.0], "home": ["own", "own", "rent"]})
    >>> encoder = mixed(X, scale=False, min_rows=2)
    >>> encoder.names
    ['age', 'age: missing', 'home = own', 'home: other levels']
    >>> encoder.matrix(X).tolist()
    [[20.0, 0.0, 1.0, 0.0], [30.0, 1.0, 1.0, 0.0], [40.0, 0.0, 0.0, 1.0]]
    """

    def part(known: Known) -> Part:
        if known.kind == "category":
            return levels_part(known, max_levels=max_levels, min_rows=min_rows)
        return number_part(_numbers(X, known), known, scale=scale, flag=flags)

    return _learn(X, part)


def native(
    X: pd.DataFrame, *, max_levels: int = NATIVE_LEVELS, min_rows: int = 1, first: Literal["categories", "as given"]
) -> Encoder:
    """Learn an encoder for algorithms that know categories and missing values: codes, and numbers as they are.

    Parameters
    ----------
    X : DataFrame of shape (n_rows, n_features)
        Training rows.
    max_levels, min_rows : int
        Levels beyond the commonest, or in fewer rows, share one code.
    first : {"categories", "as given"}
        Which features come first in the matrix.

    Examples
    --------
    >>> X = pd.DataFrame({"age": [20.0, None], "home": ["own", "rent"]})
    >>> native(X, first="categories").matrix(X).tolist()
    [[0.0, 20.0], [1.0, nan]]
    """

    def part(known: Known) -> Part:
        if known.kind == "category":
            return codes_part(known, max_levels=max_levels, min_rows=min_rows)
        return number_part(_numbers(X, known), known, scale=False, flag=False, fill=None)

    encoder = _learn(X, part)
    if first == "as given":
        return encoder
    return Encoder(tuple(sorted(encoder.parts, key=lambda made: made.kind != "codes")))


def _learn(X: pd.DataFrame, part: Any) -> Encoder:
    return Encoder(tuple(part(known) for known in learn_columns(X) if known.kind != "empty"))


def _numbers(X: pd.DataFrame, known: Known) -> FloatArray:
    numbers = numbers_of(column(X, known.name))
    assert numbers is not None, "a column is a number because it could be read as one"
    return numbers


def by_feature(values: FloatArray, sources: Sequence[str]) -> pd.DataFrame:
    """Add up the columns that come from one feature.

    Parameters
    ----------
    values : ndarray of shape (n_rows, n_columns)
    sources : sequence of str
        The feature behind each column.

    Examples
    --------
    >>> by_feature(np.array([[1.0, 2.0, 5.0]]), ["home", "home", "age"]).to_dict("records")
    [{'home': 3.0, 'age': 5.0}]
    """
    features = list(dict.fromkeys(sources))
    places = {feature: place for place, feature in enumerate(features)}
    gathered = np.zeros((len(values), len(features)))
    for place, source in enumerate(sources):
        gathered[:, places[source]] += values[:, place]
    return pd.DataFrame(gathered, columns=features)
