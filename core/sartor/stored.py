"""Rows that stay on disk: a frame that does not fit in memory is a Parquet file, read piece by piece.

`sartor.rows.Scoring` holds either tables of pandas or columns of such a file. Who asks for ``rows`` or ``X`` gets
pandas either way, then read whole; who asks for ``pieces`` holds one piece at a time.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from sartor.arrow_tables import pandas_of

if TYPE_CHECKING:
    import pandas as pd


def columns_with_holes(file: Path) -> set[str]:
    """Return the columns of a Parquet file in which values are missing, those of lists and structures apart."""
    holes: set[str] = set()
    with pq.ParquetFile(file) as stored:
        groups = [stored.metadata.row_group(place) for place in range(stored.num_row_groups)]
        place = 0
        # By their places: what lies in a structure may be called like a column, `shop.town`.
        for field in stored.schema_arrow:
            if not field.type.num_fields:
                told = [group.column(place).statistics for group in groups]
                holes.update([field.name] if any(one is None or one.null_count for one in told) else [])
            place += _leaves(field.type)
    return holes


def _leaves(kind: pa.DataType) -> int:
    """Return how many columns of a Parquet file a column takes."""
    return sum(_leaves(kind.field(place).type) for place in range(kind.num_fields)) or 1


class StoredFile:
    """A Parquet file of rows, and what pandas calls the types that the file does not tell.

    Parameters
    ----------
    path : Path
    kinds : mapping of column to dtype
        ``boolean`` for flags with missing values, ``timedelta64[us]`` for lengths of time in microseconds.
    """

    def __init__(self, path: Path, kinds: Mapping[str, str]) -> None:
        self.path, self.kinds = path, dict(kinds)
        # Held open: a cache that is cleaned meanwhile takes a file's name, not what is read of it. Windows would let
        # nobody move an open file.
        self._source: Any = path if os.name == "nt" else pa.OSFile(str(path), "rb")
        with pq.ParquetFile(self._source) as file:
            groups = [file.metadata.row_group(place).num_rows for place in range(file.num_row_groups)]
            self.names = list(file.schema_arrow.names)
        self._ends = np.cumsum(groups, dtype=np.int64)
        self._last: tuple[int, tuple[str, ...], pa.Table] | None = None

    def __len__(self) -> int:
        return int(self._ends[-1]) if len(self._ends) else 0

    def read(self, names: Sequence[str], places: np.ndarray) -> pd.DataFrame:
        """Return some columns of the rows at some places, in that order; each group of rows is read once."""
        in_order = bool((np.diff(places) >= 0).all())
        order = None if in_order else np.argsort(places, kind="stable")
        sorted_places = places if order is None else places[order]
        groups = np.searchsorted(self._ends, sorted_places, side="right")
        ends = np.flatnonzero(np.diff(groups, append=len(self._ends)))
        begins = np.concatenate([[0], ends[:-1] + 1]).astype(np.int64)
        parts = [
            self._rows(names, int(groups[begin]), sorted_places[begin : end + 1])
            for begin, end in zip(begins, ends, strict=False)
        ]
        frame = pandas_of(pa.concat_tables(parts) if parts else self._group(names, 0).slice(0, 0))
        for name in names:
            if name in self.kinds:
                frame[name] = frame[name].astype(self.kinds[name])
        if order is None:
            return frame
        back = np.empty(len(order), dtype=np.int64)
        back[order] = np.arange(len(order))
        return frame.iloc[back].reset_index(drop=True)

    def _rows(self, names: Sequence[str], group: int, places: np.ndarray) -> pa.Table:
        table = self._group(names, group)
        inside = places - (self._ends[group] - table.num_rows)
        if len(inside) == inside[-1] - inside[0] + 1 and (len(inside) == 1 or (np.diff(inside) == 1).all()):
            return table.slice(int(inside[0]), len(inside))
        return table.take(pa.array(inside))

    def _group(self, names: Sequence[str], group: int) -> pa.Table:
        wanted = tuple(names)
        # A piece asks first for rows, then for features, and the next piece mostly lies in the same group.
        # Asked for once: another thread may put another group there meanwhile.
        last = self._last
        if last is not None and last[0] == group and set(wanted) <= set(last[1]):
            return last[2].select(list(wanted))
        with pq.ParquetFile(self._source) as file:
            if not file.num_row_groups:
                return file.read(columns=list(wanted))
            table = file.read_row_group(group, columns=list(wanted), use_threads=False).select(list(wanted))
        self._last = (group, wanted, table)
        return table


class Stored:
    """Columns of rows that lie in a file: of all its rows, or of those at some places.

    Parameters
    ----------
    file : StoredFile
    names : sequence of str
        The columns, in order.
    spine : DataFrame
        Columns of all rows of the file that are held in memory: what rows are split and grouped by.
    places : ndarray of int, optional
        Places in the file; all rows in their order unless given.

    Examples
    --------
    >>> import tempfile
    >>> import pandas as pd
    >>> loans = pd.DataFrame({"__row": [1, 2, 3], "age": [31.0, None, 58.0]})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     loans.to_parquet(Path(folder) / "loans.parquet")
    ...     file = StoredFile(Path(folder) / "loans.parquet", {})
    ...     stored = Stored(file, ["age"], loans[["__row"]])
    ...     len(stored), stored.take(np.array([2, 0])).frame()["age"].tolist()
    (3, [58.0, 31.0])
    """

    on_disk: ClassVar[bool] = True

    def __init__(
        self, file: StoredFile, names: Sequence[str], spine: pd.DataFrame, places: np.ndarray | None = None
    ) -> None:
        self.file, self.names, self._spine, self._places = file, list(names), spine, places

    def __len__(self) -> int:
        return len(self.file) if self._places is None else len(self._places)

    def __contains__(self, name: object) -> bool:
        return name in self.names

    @property
    def places(self) -> np.ndarray:
        """Where in the file the rows are."""
        return np.arange(len(self.file)) if self._places is None else self._places

    @property
    def spine(self) -> pd.DataFrame:
        """The columns that are held in memory, of these rows."""
        return self._spine if self._places is None else self._spine.iloc[self._places].reset_index(drop=True)

    def select(self, names: Sequence[str]) -> Stored:
        """Return other columns of the same rows."""
        return Stored(self.file, names, self._spine, self._places)

    def beside(self, spine: pd.DataFrame) -> Stored:
        """Return the same rows with other columns held in memory, of all rows of the file."""
        return Stored(self.file, self.names, spine, self._places)

    def take(self, positions: np.ndarray) -> Stored:
        """Return the rows at some positions among these."""
        # Half as long where that is enough: there is one for each row.
        kind = np.int32 if len(self.file) < 2**31 else np.int64
        places = np.asarray(positions, dtype=kind) if self._places is None else self._places[positions]
        return Stored(self.file, self.names, self._spine, places)

    def same_rows_as(self, other: Stored) -> bool:
        """Tell whether both are of the same rows, as they stand in one file at the places that one array names."""
        return self.file is other.file and self._places is other._places

    def column(self, name: str) -> pd.Series[Any]:
        """Return one column."""
        spine = self._spine
        if name not in spine:
            values: pd.Series[Any] = self.select([name]).frame()[name]
            return values
        return spine[name] if self._places is None else spine[name].iloc[self._places].reset_index(drop=True)

    def head(self, rows: int = 1_000) -> pd.DataFrame:
        """Return the first of these rows: what types there are."""
        return self.take(np.arange(min(rows, len(self)))).frame()

    def frame(self) -> pd.DataFrame:
        """Read these rows, index 0 to n - 1."""
        import pandas as pd

        held = [name for name in self.names if name in self._spine]
        if not held:
            return self.file.read(self.names, self.places)
        there = [name for name in self.names if name not in held]
        parts = {name: self.column(name) for name in held}
        read = self.file.read(there, self.places) if there else None
        columns = {name: parts[name] if name in parts else read[name] for name in self.names}  # type: ignore[index]
        return pd.DataFrame(columns)
