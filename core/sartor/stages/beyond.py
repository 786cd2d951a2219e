"""Frames that do not fit in memory: their rows are written to a file once, and stay there.

What is held of every row is what rows are told apart, dated, grouped, split and taught by: some fifty bytes. All else
is read piece by piece by whoever can, see `sartor.rows.Scoring.pieces`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import narwhals as nw
import numpy as np

from sartor.memory import available_and_total, bytes_of
from sartor.recipe.model import FoldSplit, GivenSplit, GroupSplit
from sartor.rows import AS_OF, RESERVED, ROW, Rows
from sartor.sealing.memory import is_in_memory
from sartor.stored import Stored, StoredFile
from sartor.wide import chosen

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from sartor.recipe.model import Split
    from sartor.session import Session

COPIES = 3
"""How often a run that holds its rows does so: in the frame, in the part that teaches, and in what a model makes."""
SHARE = 0.8
"""Share of the machine's memory that a run may take, unless it is told: that of the table engine."""
UNKNOWN = 2**63
"""The limit where the machine does not tell how much memory it has."""
_BYTES = {"Boolean": 1, "Int8": 8, "String": 56, "List": 400, "Array": 400, "Struct": 400}
"""What a value takes in memory; 8 unless it stands here."""

FILE = "rows.parquet"


def limit_of(memory: str | None) -> int:
    """Return how many bytes a run may take: as it was told, or most of what the machine, or its container, has."""
    if memory:
        return bytes_of(memory)
    _, total = available_and_total()
    return int(SHARE * total) if total else UNKNOWN


def is_beyond(rows: int, kinds: Iterable[Any], limit: int) -> bool:
    """Tell whether rows are too many to be held.

    Examples
    --------
    >>> is_beyond(10_000_000, [nw.Float64()] * 20, 8 * 10**9), is_beyond(10_000_000, [nw.Float64()] * 20, 4 * 10**9)
    (False, True)
    """
    width = sum(_BYTES.get(type(kind).__name__, 8) for kind in kinds)
    return COPIES * rows * width > limit


def rows_on_disk(session: Session, rows: Rows, joined: nw.LazyFrame[Any], folder: Path) -> tuple[pd.DataFrame, Stored]:
    """Write rows to a file, and return what is held of them beside the rows themselves.

    Parameters
    ----------
    session : Session
    rows : Rows
    joined : LazyFrame
        Rows, own columns and built features.
    folder : Path
        Where the file goes.

    Returns
    -------
    spine : DataFrame
    stored : Stored
        All columns.
    """
    assert session.recipe.split is not None
    file = folder / FILE
    kinds = session.engine.keep(joined, file, order_by=[ROW])
    frame = session.engine.scan(file)
    names = frame.collect_schema().names()
    held = {*rows.keys, *_split_columns(session.recipe.split)}
    spine = session.engine.fetch(chosen(frame, [name for name in names if name.startswith(RESERVED) or name in held]))
    stored = Stored(StoredFile(file, kinds), names, spine)
    about = session.context(("features",))
    if is_in_memory(folder):
        where = (
            f"take {file.stat().st_size / 1e9:.2f} GB of a memory file system, as those of an encrypted run always do"
        )
        about.note(f"{len(stored):,} rows do not fit in the memory that a run may take, and {where}", caution=True)
        return spine, stored
    about.note(
        f"{len(stored):,} rows do not fit in the memory that a run may take, and stay on disk; models that can learn "
        "from them piece by piece do so"
    )
    return spine, stored


def _split_columns(rule: Split) -> set[str]:
    """Return the columns that a rule and its ``tune_on`` go by."""
    named = {rule.column} if isinstance(rule, GivenSplit | GroupSplit | FoldSplit) and rule.column else set()
    return named if rule.tune_on is None else named | _split_columns(rule.tune_on)


def at_moments(stored: Stored, spine: pd.DataFrame, moments: list[Any], most: int) -> pd.DataFrame:
    """Read the rows of some moments, so many of them at most."""
    places = np.flatnonzero(spine[AS_OF].isin(moments).to_numpy())
    if len(places) > most:
        places = np.sort(np.random.default_rng(0).choice(places, most, replace=False, shuffle=False))
    return stored.take(places).frame()
