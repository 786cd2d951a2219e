"""Rows held out inside the training part, several times over.

Where the rows know the recipe's split rule, each round re-applies it at another level: groups stay together and the
future stays out as the recipe has it. A rule by time gives the same rows again, and then there is one round. Rows made
without a rule are cut into folds, rows of one group in one fold.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from sartor.context import Context
from sartor.errors import InputError
from sartor.rows import GROUP, Training
from sartor.wording import plural
from sartor_plugins.learn.encoding.columns import PlaceArray

Round = tuple[PlaceArray, PlaceArray]
"""Places of the rows to learn from, and of the rows held out."""


def rounds_of(training: Training, count: int, context: Context) -> list[Round]:
    """Hold rows out.

    Parameters
    ----------
    training : Training
    count : int
        Most rounds.
    context : Context
        Its seed deals rows into folds where there is no rule.

    Returns
    -------
    list of (learn, held)
        Each at least one round, no two with the same rows held out.

    Raises
    ------
    InputError
        If there are too few rows to hold any out.
    """
    if training.split_again is None:
        return folds_of(training, count, context)
    rounds: list[Round] = []
    seen: set[bytes] = set()
    for place in range(count):
        learn, held = training.split_again(replace(training, level=training.level + place))
        learn, held = _places(learn), _places(held)
        if held.tobytes() in seen:
            break
        seen.add(held.tobytes())
        rounds.append((learn, held))
    return rounds


def held_out(training: Training, count: int, context: Context) -> list[tuple[Training, Training]]:
    """Hold rows out, as training rows that can be split again.

    Returns
    -------
    list of (learn, held)
        See `rounds_of`. Each round is a level further down: a rule applied twice at one level would hold out nothing.
    """
    rounds = []
    for place, (learn, held) in enumerate(rounds_of(training, count, context)):
        deeper = replace(training, level=training.level + place + 1)
        rounds.append((deeper.take(learn), deeper.take(held)))
    return rounds


def folds_of(training: Training, count: int, context: Context) -> list[Round]:
    """Cut the rows into folds; rows of one group stay together, classes are spread evenly.

    Raises
    ------
    InputError
        If there are fewer than two groups of rows.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"__row": [1, 2, 3, 4], "__group": ["a", "a", "b", "c"]})
    >>> training = Training(rows, pd.DataFrame(index=range(4)), "number", y=np.arange(4.0))
    >>> for learn, held in folds_of(training, 3, Context(seed=1)):
    ...     print(sorted(rows["__group"][held].unique()))
    ['a']
    ['b']
    ['c']
    """
    numbers = fold_numbers(training, count, context)
    return [(np.flatnonzero(numbers != fold), np.flatnonzero(numbers == fold)) for fold in np.unique(numbers)]


def fold_numbers(training: Training, count: int, context: Context) -> PlaceArray:
    """Return the fold of each row."""
    groups = _groups(training)
    n_groups = int(groups.max()) + 1 if len(groups) else 0
    if n_groups < 2:
        raise InputError(
            f"{plural(len(training), 'training row')} in {plural(n_groups, 'group')} cannot be cut into folds",
            code="D035",
            hints=(("to mend", "give more rows, or choose a model that holds none out"),),
        )
    # Dealt class by class, so that a rare class is in every fold as far as it goes.
    kinds = np.zeros(n_groups, dtype=np.int64)
    if training.classes:
        np.maximum.at(kinds, groups, np.asarray(training.y, dtype=np.int64))
    order = context.rng().permutation(n_groups)
    order = order[np.argsort(kinds[order], kind="stable")]
    fold_of_group = np.empty(n_groups, dtype=np.int64)
    fold_of_group[order] = np.arange(n_groups) % min(count, n_groups)
    return np.asarray(fold_of_group[groups], dtype=np.int64)


def _groups(training: Training) -> PlaceArray:
    import pandas as pd

    if GROUP in training.rows:
        codes, different = pd.factorize(training.rows[GROUP], use_na_sentinel=True)
        alone = np.flatnonzero(codes < 0)  # a row without a group
        numbers = np.asarray(codes, dtype=np.int64).copy()
        numbers[alone] = len(different) + np.arange(len(alone))
        return numbers
    return np.arange(len(training), dtype=np.int64)


def _places(mask: Any) -> PlaceArray:
    mask = np.asarray(mask)
    return np.flatnonzero(mask) if mask.dtype == bool else mask.astype(np.int64)
