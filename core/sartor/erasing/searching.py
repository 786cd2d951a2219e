"""Finds every trace of a person in runs and in the stage cache."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sartor.contract.quarantine import quarantine_of
from sartor.erasing.opening import TABLE, Entries, marker_of
from sartor.erasing.person import Trace, trace_of
from sartor.sealing.streaming import MAGIC

if TYPE_CHECKING:
    import pyarrow as pa

    from sartor.runs.finding import Recorded

PREDICTIONS, WORTH = "predictions.parquet", "worth.parquet"
LONG = 6
"""A key of fewer characters is looked for in its columns only: as a text it stands everywhere."""


@dataclass
class Found:
    """What a run holds of a person.

    Parameters
    ----------
    run : Recorded
    trace : Trace
    plain : Path
        Where its files can be read: its folder, or what that is opened into.
    masks : mapping of file to ndarray
        Which lines of a table are the person's.
    models : tuple of str
        Folders of models that hold the key itself.
    trained : bool
        Whether models may have learned from lines of the person.
    unsure : str
        Why it is not known what the run holds; empty where it is.
    """

    run: Recorded
    trace: Trace
    plain: Path
    masks: dict[str, np.ndarray] = field(default_factory=dict)
    models: tuple[str, ...] = ()
    trained: bool = False
    unsure: str = ""

    @property
    def holds(self) -> bool:
        """Whether it holds lines of the person, or learned from them."""
        return bool(self.masks or self.models or self.trained)

    @property
    def lines(self) -> int:
        """How many lines are the person's."""
        return int(sum(mask.sum() for mask in self.masks.values()))


@dataclass(frozen=True)
class CacheHit:
    """An entry of the stage cache, and what is known of it."""

    folder: Path
    stage: str
    recipe: str
    holds: bool


def search_run(run: Recorded, plain: Path, recipe: Mapping[str, Any], key: str, table: str | None, column: str | None,
               entries: Entries) -> Found | None:  # fmt: skip
    """Return what a run, whose files can be read in a folder, holds of a person; None where it has no such table."""
    trace = trace_of(recipe, key, table, _checks(plain)) if column is None else _by_column(recipe, key, column)
    if trace is None:
        return None
    found = Found(run, trace, plain)
    if trace.why_not:
        return found
    tables = _cached_tables(plain, entries)
    in_tables = False
    for name, own in trace.columns.items():
        _mask(found, quarantine_of(name), own)
        entry = tables.get(name)
        in_tables = in_tables or (entry is not None and bool(_lines(entry / TABLE, own, trace.text).any()))
    rows, known = _rows(plain, trace, tables)
    predicted = plain / PREDICTIONS
    if predicted.is_file():
        _of_rows(found, PREDICTIONS, rows, ("row",))
        if PREDICTIONS in found.masks and (plain / WORTH).is_file():
            found.masks[WORTH] = found.masks[PREDICTIONS]
        for file in sorted(plain.glob("decisions*.parquet")):
            _of_rows(found, file.name, rows, ("row", *_own_key(plain)))
        if not known:
            found.unsure = "the tables that it read are kept no more, and its rows do not name the person"
    judged = int(found.masks[PREDICTIONS].sum()) if PREDICTIONS in found.masks else 0
    found.models = tuple(_models_with(plain, trace.text))
    one_round = len(_rounds(predicted)) <= 1
    only_judged = judged > 0 and one_round and len(rows) == judged and len(trace.columns) == 1
    missing = bool(set(trace.columns) - set(tables)) and not in_tables
    found.trained = bool((in_tables or judged or (missing and found.models)) and not only_judged)
    return found


def search_cache(entries: Entries, traces: list[Trace]) -> list[CacheHit]:
    """Return the entries of the stage cache, and which of them hold one of these."""
    found = []
    columns = {column for trace in traces for column in trace.columns.values()}
    for folder in entries.folders():
        with entries.plain(folder) as plain:
            # What is encrypted and does not open may hold anybody, and a run makes it anew.
            holds = plain is None or any(
                _lines(file, column, trace.text).any()
                for file in plain.rglob("*.parquet")
                for column in columns
                for trace in traces
            )
            about = {} if plain is None else marker_of(plain)
        found.append(CacheHit(folder, folder.parent.name, str(about.get("recipe", "")), holds))
    return found


def texts_in(folder: Path, text: str) -> list[str]:
    """Return the files of a folder that hold a text anywhere: in a cell of a table, or among their bytes."""
    holds = {True: _in_cells, False: _in_bytes}
    return [
        file.relative_to(folder).as_posix()
        for file in sorted(folder.rglob("*"))
        if file.is_file() and holds[file.suffix == ".parquet"](file, text)
    ]


def _in_bytes(file: Path, text: str) -> bool:
    return text.encode() in file.read_bytes()


def _in_cells(file: Path, text: str) -> bool:
    import pyarrow as pa
    import pyarrow.compute as pc

    with file.open("rb") as opened:
        if opened.read(len(MAGIC)) == MAGIC:
            return _in_bytes(file, text)
    for column in read(file).columns:
        kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
        single = pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_integer(kind)
        if single and pc.any(pc.equal(pc.cast(column, pa.string()), text)).as_py():
            return True
    return False


def read(file: Path) -> pa.Table:
    """Read a table of a run as it is, with its types."""
    import pyarrow.parquet as pq

    return pq.read_table(file, partitioning=None)


def _lines(file: Path, column: str, text: str) -> np.ndarray:
    """Return which lines of a table hold a text in a column; none where it has no such column."""
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    if not file.is_file():
        return np.zeros(0, dtype=bool)
    try:
        with pq.ParquetFile(file) as opened:
            if column not in opened.schema_arrow.names:
                return np.zeros(0, dtype=bool)
            values = opened.read(columns=[column]).column(0)
    except pa.ArrowException:
        # What cannot be read holds nobody that anybody could find.
        return np.zeros(0, dtype=bool)
    if pa.types.is_dictionary(values.type):
        values = pc.cast(values, values.type.value_type)
    if pa.types.is_nested(values.type):
        return np.zeros(len(values), dtype=bool)
    if pa.types.is_floating(values.type):
        values = pa.chunked_array([pa.array([_whole(one) for one in values.to_pylist()], pa.string())])
    equal = pc.fill_null(pc.equal(pc.cast(values, pa.string()), text), fill_value=False)
    return np.asarray(equal.to_numpy(), dtype=bool)


def _whole(value: Any) -> str | None:
    return None if value is None else str(int(value)) if float(value).is_integer() else str(value)


def _mask(found: Found, name: str, column: str) -> None:
    mask = _lines(found.plain / name, column, found.trace.text)
    if mask.any():
        found.masks[name] = mask


def _of_rows(found: Found, name: str, rows: set[str], columns: tuple[str, ...]) -> None:
    table = read(found.plain / name)
    for column in columns:
        if column in table.column_names:
            mask = np.array([str(value) in rows for value in table.column(column).to_pylist()], dtype=bool)
            if mask.any():
                found.masks[name] = mask
            return


def _rows(folder: Path, trace: Trace, tables: Mapping[str, Path]) -> tuple[set[str], bool]:
    """Return the names of the person's rows, and whether it is certain that these are all."""
    about = _json(folder / "interface.json")
    own, keys = about.get("own"), tuple(about.get("keys") or ())
    rows = {trace.text}
    column = trace.columns.get(str(own)) if own else None
    file = folder / PREDICTIONS
    if file.is_file():
        for name in read(file).column("row").to_pylist():
            if trace.text in str(name).split("|"):
                rows.add(str(name))
    if own and column is not None and keys == (column,):
        return rows, True
    if own and own in tables and column is not None:
        table = read(tables[own] / TABLE)
        if column not in table.column_names:
            return rows, False
        mask = _lines(tables[own] / TABLE, column, trace.text)
        parts = [table.column(key).to_pylist() for key in keys]
        rows |= {"|".join(map(_part, names)) for names, hit in zip(zip(*parts, strict=True), mask, strict=True) if hit}
        return rows, True
    return rows, not own and len(rows) > 1


def _part(value: Any) -> str:
    return str(value).replace("\\", "\\\\").replace("|", "\\|")


def _own_key(folder: Path) -> tuple[str, ...]:
    keys = tuple(_json(folder / "interface.json").get("keys") or ())
    return keys if len(keys) == 1 else ()


def _rounds(file: Path) -> set[Any]:
    table = read(file) if file.is_file() else None
    return set(table.column("round").to_pylist()) if table is not None and "round" in table.column_names else set()


def _cached_tables(folder: Path, entries: Entries) -> dict[str, Path]:
    """Return the entries of the cache that hold the very tables that a run has read, by their digests."""
    from sartor.runs.stored import lines_of_ledger

    there, found = entries.tables(), {}
    for line in lines_of_ledger(folder):
        for name, digest in (line.values.get("made") or {}).items():
            if name.startswith("table ") and str(digest) in there:
                found[name.removeprefix("table ")] = there[str(digest)]
    return found


def _models_with(folder: Path, text: str) -> Iterator[str]:
    for model in sorted((folder / "models").glob("*")) if len(text) >= LONG else ():
        if model.is_dir() and texts_in(model, text):
            yield f"models/{model.name}"


def _by_column(recipe: Mapping[str, Any], key: str, column: str) -> Trace:
    said = ((recipe.get("privacy") or {}).get("columns") or {}).get(column)
    if said == "pseudonymise":
        plain = {**recipe, "ingest": {"": {"key": column}}}
        found = trace_of(plain, key, "", frozenset())
        assert found is not None
        return Trace(dict.fromkeys(recipe.get("ingest") or (), column), found.text)
    return Trace(dict.fromkeys(recipe.get("ingest") or (), column), key)


def _checks(folder: Path) -> frozenset[str]:
    """Return the checks of keys that a run has noted."""
    noted = _json(folder / "record.json").get("key_check")
    if noted:
        return frozenset({str(noted)})
    begin = "the check of the key is "
    notes = _json(folder / "summary.json").get("notes") or []
    return frozenset(note["text"].removeprefix(begin) for note in notes if str(note.get("text", "")).startswith(begin))


def _json(file: Path) -> dict[str, Any]:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
