"""Whether rows are the same without a source, what is left to know of them, and half of those that teach."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sartor.components import Refers
from sartor.errors import InputError, SartorError
from sartor.lists import hashes_of, holds_lists
from sartor.recipe import setting_types
from sartor.rows import AS_OF, GROUP, KNOWN_AT, ROW

if TYPE_CHECKING:
    from sartor.components import Action
    from sartor.recipe.model import Recipe
    from sartor.stages.framing import Frame


def check_same(whole: Frame, frame: Frame, absent: Sequence[str]) -> None:
    """Refuse a source on which rows or their parts depend; what really happened is taken from the whole.

    Parameters
    ----------
    whole : Frame
        With all sources.
    frame : Frame
        Without some of them.
    absent : sequence of str

    Raises
    ------
    InputError
    """
    services = [column for column in (ROW, AS_OF, KNOWN_AT, GROUP) if column in whole.rows]
    same = len(frame.rows) == len(whole.rows) and all(
        column in frame.rows and frame.rows[column].equals(whole.rows[column]) for column in services
    )
    rounds = zip(frame.parts.rounds, whole.parts.rounds, strict=False)
    same = same and len(frame.parts.rounds) == len(whole.parts.rounds)
    same = same and all((a.train == b.train).all() and (a.test == b.test).all() for a, b in rounds)
    if not same:
        was, now = len(whole.rows), len(frame.rows)
        what = f"{was:,} rows become {now:,}" if was != now else "rows or their part of the split change"
        raise refused(absent, what)


def half_of(frame: Frame, seed: int) -> np.ndarray:
    """Return a random half of the rows as a mask, those that depend on each other together."""
    groups = pd.factorize(frame.rows[GROUP] if GROUP in frame.rows else frame.rows[ROW])[0]
    drawn = np.random.default_rng(seed).permutation(int(groups.max()) + 1)
    return np.isin(groups, drawn[: len(drawn) // 2])


def tells_nothing(frame: Frame) -> bool:
    """Whether every feature is one value throughout: then nothing is known of a row."""
    X = frame.X
    return all(len(X[name]) == 0 or _one_value(X[name]) for name in X.columns)


def _one_value(values: pd.Series) -> bool:
    try:
        return bool(values.nunique(dropna=False) <= 1)
    except TypeError:
        # Lists: one value where all of them are empty.
        return all(value is None or len(value) == 0 for value in values)


def equal(one: Any, other: Any) -> bool:
    """Whether two truths or weights are the same."""
    if isinstance(one, pd.DataFrame):
        return list(one.columns) == list(other.columns) and all(_same_values(one[name], other[name]) for name in one)
    if one is None or other is None:
        return one is other
    return bool(np.array_equal(one, other, equal_nan=np.issubdtype(np.asarray(one).dtype, np.floating)))


def refused(absent: Sequence[str], what: str) -> InputError:
    """Return the error of rows that are not the same without some sources."""
    names = " and ".join(f"'{name}'" for name in absent)
    mend = ("to mend", "name columns that tell something of the rows, or another table")
    return InputError(f"rows are not the same without {names}: {what}", code="D320", hints=(mend,))


def unmade(absent: Sequence[str], error: SartorError) -> InputError:
    """Say which source it was without which the recipe cannot be run."""
    first = error.problems[0]
    if first.code in ("D022", "D002"):
        return refused(absent, first.message)
    names = " and ".join(f"'{name}'" for name in absent)
    return InputError(f"without {names}: {first.message}", code=first.code, where=first.where, hints=first.hints)


def check_own_table(recipe: Recipe, frame: Frame) -> None:
    """Refuse a source that is the table whose lines the rows are, before anything is fitted.

    Raises
    ------
    InputError
    """
    for name, source in recipe.information.private.items() if recipe.information is not None else ():
        if source.table is not None and source.table == frame.own_table and not source.columns:
            error = refused([name], f"each row is a line of {frame.own_table}")
            raise error.at(recipe.document.where(source.path))


def named_by(action: Action, recipe: Recipe, name: str) -> list[str]:
    """Return the columns that an action's settings name."""
    found = setting_types.values(type(action), recipe.actions[name].settings)
    told = [(one, one.typed.told(Refers)) for one in found]
    return sorted({str(one.value) for one, refers in told if refers is not None and refers.to == "column"})


def _same_values(one: pd.Series, other: pd.Series) -> bool:
    """Whether two columns of a truth are the same, be it lists."""
    if not holds_lists(one):
        return bool(one.equals(other))
    return len(one) == len(other) and bool(np.array_equal(hashes_of(one), hashes_of(other)))
