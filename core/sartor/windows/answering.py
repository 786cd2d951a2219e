"""What comes out goes back to the engine that the rows belong to, and how much memory there is."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import narwhals as nw
import pyarrow as pa
import pyarrow.parquet as pq

from sartor.engine import engine_of

if TYPE_CHECKING:
    from sartor.context import Context

_ELSEWHERE = 4 * 2**30
"""Memory taken for granted where no engine limits it."""
_SHARE = 8
"""Lines, rows, results and the engine itself share the memory limit."""
_UNITS = {"bytes": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40, "PiB": 2**50}


def memory_of(frame: nw.LazyFrame[Any], context: Context) -> int:
    """Return the bytes that lines, rows or results may each take before they go to disk."""
    if not frame.implementation.is_duckdb():
        return _ELSEWHERE // _SHARE
    limit = context.connection.sql("SELECT current_setting('memory_limit')").fetchall()[0][0]
    return bytes_of(str(limit)) // _SHARE


def bytes_of(size: str) -> int:
    """Read a size as DuckDB writes it.

    Examples
    --------
    >>> bytes_of("1.5 GiB")
    1610612736
    """
    match = re.fullmatch(r"([0-9.]+)\s*(\w+)", size.strip())
    if match is None or match[2] not in _UNITS:
        return _ELSEWHERE
    return int(float(match[1]) * _UNITS[match[2]])


def kept(frame: nw.LazyFrame[Any], context: Context) -> nw.LazyFrame[Any]:
    """Work a frame out now, so that it can be used several times."""
    if frame.implementation.is_duckdb():
        engine = engine_of(context.connection)
        return frame if engine is None else engine.store(frame, "window_numbers")
    return frame.collect().lazy()


def scratch_of(context: Context) -> Path | None:
    """Return the folder for temporary files, if there is one; else they go where the system has them."""
    return context.scratch if context.scratch != Path() and context.scratch.is_dir() else None


def answer(
    results: Iterable[pa.RecordBatch], schema: pa.Schema, like: nw.LazyFrame[Any], context: Context, is_large: bool
) -> nw.LazyFrame[Any]:
    """Hand results to the engine of a frame: from memory, or large ones to DuckDB from a file or a table of its own."""
    if not like.implementation.is_duckdb():
        table = pa.Table.from_batches(list(results), schema)
        lazy: nw.LazyFrame[Any] = nw.from_native(table).lazy("polars" if like.implementation.is_polars() else None)
        return lazy
    connection, engine, scratch = context.connection, engine_of(context.connection), scratch_of(context)
    if not is_large or engine is None:
        return nw.from_native(connection.from_arrow(pa.Table.from_batches(list(results), schema))).lazy()
    if scratch is None:
        reader = pa.RecordBatchReader.from_batches(schema, results)
        return engine.store(nw.from_native(connection.from_arrow(reader)).lazy(), "windows")
    # A table of DuckDB keeps a little of every column in memory, some hundredths of it; a file keeps nothing.
    handle, name = tempfile.mkstemp(prefix="windows-", suffix=".parquet", dir=scratch)
    os.close(handle)
    # Plain as they are: numbers like these do not pack, and packing takes longer than all the rest.
    with pq.ParquetWriter(name, schema, compression="none", use_dictionary=False, write_statistics=False) as writer:
        for batch in results:
            writer.write_batch(batch)
    return engine.scan(Path(name))
