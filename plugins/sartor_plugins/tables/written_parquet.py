"""Decisions as Parquet, and the lines of an older file that stay."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from sartor_plugins.tables.writing import Job


def write_parquet(job: Job, stream: BinaryIO, old: Path | None) -> tuple[int, int]:
    """Write the lines of an older file whose keys do not come again, then all decisions.

    Returns
    -------
    added, changed : int
        How many decisions are new, and how many take the place of others.
    """
    schema = pa.schema([job.decisions.schema.field(name) for name in job.columns])
    if old is not None:
        there = _schema(job, old)
        if there.names != schema.names or not all(
            _goes_into(ours, own) for ours, own in zip(schema, there, strict=True)
        ):
            raise job.unlike([f"{field.name} {field.type}" for field in there])
        schema = there
    fresh = _marks(job, schema) if job.key else {}
    met: set[Any] = set()
    changed = 0
    with pq.ParquetWriter(stream, schema, compression="zstd") as writer:
        if old is not None:
            for batch, keys in _with_keys(pq.ParquetFile(old).iter_batches(job.decisions.lines), job.key):
                known = [key in fresh for key in keys]
                lines = batch.to_pylist() if any(known) else []
                changed += sum(_mark(line) != fresh[keys[place]] for place, line in enumerate(lines) if known[place])
                met.update(key for key, one in zip(keys, known, strict=True) if one)
                writer.write_batch(batch.filter(pa.array([not one for one in known], pa.bool_())))
        for batch in _ours(job, schema):
            writer.write_batch(batch)
    return len(fresh) - len(met), changed


def _schema(job: Job, old: Path) -> pa.Schema:
    try:
        return pq.read_schema(old).remove_metadata()
    except (pa.ArrowException, OSError) as error:
        raise job.unreadable("it is not a Parquet file") from error


def _goes_into(ours: pa.Field, there: pa.Field) -> bool:
    """Whether values of one type go into the other without loss: a column without a value has no type of its own."""
    return bool(ours.type == there.type or pa.types.is_null(ours.type))


def _ours(job: Job, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    for batch in job.decisions.batches(job.columns):
        yield batch.cast(schema) if batch.schema != schema else batch


def _marks(job: Job, schema: pa.Schema) -> dict[Any, int]:
    """Return the keys of the decisions, each with a mark of the whole line."""
    found: dict[Any, int] = {}
    for batch, keys in _with_keys(_ours(job, schema), job.key):
        found.update(zip(keys, map(_mark, batch.to_pylist()), strict=True))
    return found


def _with_keys(batches: Any, key: tuple[str, ...]) -> Iterator[tuple[pa.RecordBatch, list[Any]]]:
    for batch in batches:
        yield batch, list(zip(*(batch.column(name).to_pylist() for name in key), strict=True))


def _mark(line: dict[str, Any]) -> int:
    # NaN is not equal to itself, and lists have no hash: their texts are and have.
    return hash(repr(line))
