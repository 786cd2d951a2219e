"""Keeps pandas tables in files and gives them back with their types.

A run keeps many small tables. What nobody but sartor reads is kept in Arrow's own format where it is small: that takes
a fifth of the time of Parquet, which for many lines needs a third of the space.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

if TYPE_CHECKING:
    import pandas as pd

_FEW = 10_000
"""Lines up to which threads cost more than they bring."""
_PARQUET = b"PAR1"
"""What a Parquet file begins with."""
_TYPES = b"pandas"
"""Where Arrow keeps the types that only pandas has, such as flags with missing values."""


def write_frame(frame: pd.DataFrame, file: Path) -> None:
    """Write a table without its index."""
    write_table(arrow_of(frame), file)


def read_frame(file: Path) -> pd.DataFrame:
    """Read what `write_frame` wrote.

    Examples
    --------
    >>> import tempfile
    >>> import pandas as pd
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_frame(pd.DataFrame({"late": pd.array([True, None], dtype="boolean")}), Path(folder) / "loans.arrow")
    ...     str(read_frame(Path(folder) / "loans.arrow")["late"].dtype)
    'boolean'
    """
    return pandas_of(read_table(file))


def write_table(table: pa.Table, file: Path) -> None:
    """Write a table for `read_table`."""
    if table.num_rows > _FEW:
        pq.write_table(table, file)
        return
    options = pa.ipc.IpcWriteOptions(compression="lz4", use_threads=False)
    with pa.OSFile(str(file), "wb") as sink, pa.ipc.new_file(sink, table.schema, options=options) as writer:
        writer.write_table(table)


def read_table(file: Path) -> pa.Table:
    """Read what `write_table` wrote."""
    with pa.OSFile(str(file), "rb") as source:
        if source.read(len(_PARQUET)) == _PARQUET:
            return pq.read_table(file)
        source.seek(0)
        options = pa.ipc.IpcReadOptions(use_threads=False)
        return pa.ipc.open_file(source, options=options).read_all()


def read_parquet(file: Path | IO[bytes]) -> pd.DataFrame:
    """Read a Parquet file."""
    with pq.ParquetFile(file) as stored:
        return pandas_of(stored.read(use_threads=stored.metadata.num_rows > _FEW))


def pandas_of(table: pa.Table) -> pd.DataFrame:
    """Return a table, or some columns of it, as pandas holds it."""
    frame: pd.DataFrame = table.to_pandas(use_threads=table.num_rows > _FEW)
    return frame


def arrow_of(frame: pd.DataFrame) -> pa.Table:
    """Return a table of pandas, without its index, as Arrow holds it."""
    return table_of({str(name): values for name, values in frame.items()})


def table_of(columns: Mapping[str, pa.Array | pa.ChunkedArray | pd.Series]) -> pa.Table:
    """Return a table of columns of Arrow and of pandas that `pandas_of` gives back with their types.

    Examples
    --------
    >>> import pandas as pd
    >>> table = table_of({"age": pa.array([31]), "late": pd.Series([True, None], dtype="boolean")[:1]})
    >>> pandas_of(table).dtypes.tolist()
    [dtype('int64'), BooleanDtype]
    """
    import pandas as pd

    of_pandas = {name: values for name, values in columns.items() if isinstance(values, pd.Series)}
    special = {name: values for name, values in of_pandas.items() if not _is_common(values.dtype)}
    typed = pa.Table.from_pandas(pd.DataFrame(special), preserve_index=False)
    arrays = {**columns, **{name: typed.column(name) for name in special}}
    for name in of_pandas.keys() - special.keys():
        arrays[name] = pa.array(of_pandas[name], from_pandas=True)
    return _telling(pa.table(arrays), _told(typed))


def _is_common(kind: Any) -> bool:
    """Whether Arrow's type of a column tells that of pandas: numbers, flags, moments, lengths of time and texts."""
    import pandas as pd

    return isinstance(kind, pd.StringDtype) or (isinstance(kind, np.dtype) and kind.kind in "iufbMm")


def side_by_side(left: pa.Table, right: pa.Table) -> pa.Table:
    """Put the columns of two tables that were made from pandas into one, with the types of both."""
    table = pa.Table.from_arrays([*left.columns, *right.columns], schema=pa.schema([*left.schema, *right.schema]))
    return _telling(table, [column for part in (left, right) for column in _told(part)])


def _told(table: pa.Table) -> list[dict[str, Any]]:
    """Return what is told of the columns whose types came from pandas."""
    told = (table.schema.metadata or {}).get(_TYPES)
    said: list[dict[str, Any]] = json.loads(told)["columns"] if told else []
    return said


def _telling(table: pa.Table, columns: list[dict[str, Any]]) -> pa.Table:
    if not columns:
        return table
    return table.replace_schema_metadata({_TYPES: json.dumps({"index_columns": [], "columns": columns})})
