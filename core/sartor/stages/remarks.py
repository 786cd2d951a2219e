"""What is said of rows, their split and their features while the frame is made."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sartor.recipe.model import FoldSplit, Split
from sartor.rows import AS_OF, GROUP, Rows, Table
from sartor.wording import form, listed, plural

if TYPE_CHECKING:
    from sartor.session import Session


def split_line(parts: Any, rows: Rows, known: np.ndarray) -> str:
    """Say how many rows teach and how many judge, and by which rule."""
    train, test = int(parts.train.sum()), int(parts.test.sum())
    if len(parts.rounds) > 1 and test == int(known.sum()):
        line = f"{plural(len(known), 'row')} in {parts.about}"
    else:
        gap = int(known.sum()) - int((parts.train | parts.test).sum())
        line = f"{train:,} to learn, {test:,} to judge, {parts.about}" + (f"; {gap:,} in the gap" if gap else "")
    unknown = int((~known).sum())
    key = ", ".join(rows.keys)
    line = line.replace("the row's key", key) if key else line
    return line + (f"; {unknown:,} without truth" if unknown else "")


def warn_of_empty_folds(session: Session, rule: Split, parts: Any) -> None:
    """Warn of folds that no row falls into."""
    if isinstance(rule, FoldSplit) and len(parts.rounds) < rule.folds:
        session.context(("split",)).note(
            f"{rule.folds} folds were asked for, and the rows fall into {len(parts.rounds)} of them", caution=True
        )


def warn_of_dependent_rows(session: Session, data: pd.DataFrame, parts: Any) -> None:
    """Warn of groups on both sides of the split."""
    if GROUP not in data:
        return
    for part in parts.rounds:
        shared = np.intersect1d(data[GROUP][part.train].unique(), data[GROUP][part.test].unique())
        if len(shared) and AS_OF not in data:
            session.context(("split",)).note(
                f"{plural(len(shared), 'group has', 'groups have')} rows on both sides of the split: "
                "what is judged was partly learned; split by group",
                caution=True,
            )
            return


def remark_on_key(session: Session, table: Table, parts: Sequence[str]) -> None:
    """Say that the parts of a key of several columns are no features: a store or a product might well be one.

    Parameters
    ----------
    session : Session
    table : Table
        The one whose line each row is.
    parts : sequence of str
        Those of its key that nothing else keeps from being features.
    """
    if len(table.key) < 2 or not parts:
        return
    are = form(len(parts), "is a part", "are parts")
    session.context(("features",)).note(
        f"{listed(parts)} {are} of the key of {table.name}, and no {form(len(parts), 'feature')} "
        f"by {form(len(parts), 'itself', 'themselves')}; a feature step may build columns of other names from "
        f"{form(len(parts), 'it', 'them')}"
    )
