"""Keeps pandas tables as Parquet with their types.

What pandas' own functions do around it takes as long again, and a run keeps many small tables.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

if TYPE_CHECKING:
    import pandas as pd

_FEW = 10_000
"""Lines up to which threads cost more than they bring."""
_TYPES = b"pandas"
"""Where Arrow keeps the types that only pandas has, such as flags with missing values."""


def write_frame(frame: pd.DataFrame, file: Path | IO[bytes]) -> None:
    """Write a table without its index."""
    pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), file)


def read_frame(file: Path | IO[bytes]) -> pd.DataFrame:
    """Read what `write_frame` wrote.

    Examples
    --------
    >>> import io
    >>> import pandas as pd
    >>> write_frame(pd.DataFrame({"late": pd.array([True, None], dtype="boolean")}), stored := io.BytesIO())
    >>> str(read_frame(stored)["late"].dtype)
    'boolean'
    """
    return pandas_of(read_table(file))


def read_table(file: Path | IO[bytes]) -> pa.Table:
    """Read a table as Arrow holds it."""
    with pq.ParquetFile(file) as stored:
        return stored.read(use_threads=stored.metadata.num_rows > _FEW)


def pandas_of(table: pa.Table) -> pd.DataFrame:
    """Return a table, or some columns of it, as pandas holds it."""
    frame: pd.DataFrame = table.to_pandas(use_threads=table.num_rows > _FEW)
    return frame


def table_of(columns: Mapping[str, pa.Array | pa.ChunkedArray | pd.Series]) -> pa.Table:
    """Return a table of columns of Arrow and of pandas that `read_frame` gives back with their types.

    Examples
    --------
    >>> import pandas as pd
    >>> table = table_of({"age": pa.array([31]), "late": pd.Series([True, None], dtype="boolean")[:1]})
    >>> table.to_pandas().dtypes.tolist()
    [dtype('int64'), BooleanDtype]
    """
    import pandas as pd

    of_pandas = pd.DataFrame({name: values for name, values in columns.items() if isinstance(values, pd.Series)})
    typed = pa.Table.from_pandas(of_pandas, preserve_index=False)
    arrays = [typed.column(name) if isinstance(values, pd.Series) else values for name, values in columns.items()]
    return _telling(pa.Table.from_arrays(arrays, names=list(columns)), _told(typed))


def side_by_side(left: pa.Table, right: pa.Table) -> pa.Table:
    """Put the columns of two tables that were made from pandas into one, with the types of both."""
    table = pa.Table.from_arrays([*left.columns, *right.columns], schema=pa.schema([*left.schema, *right.schema]))
    return _telling(table, [column for part in (left, right) for column in _told(part)])


def _told(table: pa.Table) -> list[dict[str, Any]]:
    """Return what is told of the columns whose types came from pandas."""
    said: list[dict[str, Any]] = json.loads(table.schema.metadata[_TYPES])["columns"]
    return said


def _telling(table: pa.Table, columns: list[dict[str, Any]]) -> pa.Table:
    return table.replace_schema_metadata({_TYPES: json.dumps({"index_columns": [], "columns": columns})})
