"""What a catalogue says of its items, handed to models with the truth of the rows that teach.

A model sees rows and nothing else. Each item of the catalogue stands with some rows, drawn once for all, so that the
rows of a part hold every item; what a row is asked does not depend on them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sartor.errors import InputError
from sartor.rows import TARGET
from sartor_plugins.recommend.columns import texts_of
from sartor_plugins.recommend.names import BETWEEN, SHELF_ABOUT, SHELF_ITEMS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sartor.rows import Table, Training

MOST, FEWEST, ALL_TOGETHER = 32, 4, 2_000_000
"""With how many rows an item stands: fewer where there are many items, so that there are not too many in all."""
_LISTS = pa.list_(pa.string())


def shelved(frame: pa.Table, table: Table, about: Sequence[str], cut: datetime | None, *, unanswered: bool) -> pa.Table:
    """Return rows with some items of a catalogue each, as parts of their truth.

    Parameters
    ----------
    frame : Table
        The rows.
    table : Table
        The catalogue; where it has a time, the latest line before the cut holds.
    about : sequence of str
    cut : datetime or None
    unanswered : bool
        Whether nothing of the truth is known.
    """
    columns = [f"{TARGET}_{SHELF_ITEMS}", f"{TARGET}_{SHELF_ABOUT}"]
    if unanswered:
        made = [pa.nulls(len(frame), _LISTS)] * 2
    else:
        items, texts = described(table, about, cut)
        times = int(np.clip(ALL_TOGETHER // max(1, len(items)), FEWEST, MOST))
        row = np.sort(np.random.default_rng(0).integers(0, max(1, len(frame)), times * len(items)), kind="stable")
        item = np.random.default_rng(1).permutation(np.repeat(np.arange(len(items)), times))
        offsets = pa.array(np.searchsorted(row, np.arange(len(frame) + 1)).astype("int32"))
        made = [pa.ListArray.from_arrays(offsets, part.take(pa.array(item))) for part in (items, texts)]
    for name, lists in zip(columns, made, strict=True):
        frame = frame.append_column(name, lists)
    return frame


def described(table: Table, about: Sequence[str], cut: datetime | None) -> tuple[pa.Array, pa.Array]:
    """Return the items of a catalogue, each once, and what is said of them."""
    key = table.role("item")
    for name in about:
        if name not in table.columns:
            raise InputError(
                f"table {table.name} has no column '{name}'",
                code="R041",
                hints=(("there are", ", ".join(table.columns)),),
            )
    names = dict.fromkeys([key, *about, *([table.time] if table.time else [])])
    data = table.frame.select(*names).collect(backend="pyarrow").to_native()
    if table.time is not None:
        data = data.sort_by(table.time)
        if cut is not None:
            moment = data[table.time].combine_chunks().cast(pa.timestamp("us"))
            data = data.filter(pc.less(moment, pa.scalar(cut.replace(tzinfo=None), pa.timestamp("us"))))
    item = texts_of(data[key])
    parts = []
    for name in about:
        values = data[name].combine_chunks()
        values = values if pa.types.is_floating(values.type) else texts_of(data[name])
        parts.append(pc.fill_null(pc.binary_join_element_wise(f"{name}=", values.cast(pa.string()), ""), ""))
    text = pc.binary_join_element_wise(*parts, BETWEEN) if len(parts) > 1 else parts[0]
    last = {name: place for place, name in enumerate(item.to_pylist()) if name is not None}
    places = pa.array([last[name] for name in sorted(last)], pa.int64())
    return item.take(places).cast(pa.string()), text.take(places).cast(pa.string())


def shelf_of(training: Training) -> dict[str, list[tuple[str, str]]]:
    """Return the items of the catalogue in the rows that teach, with the columns and values that are said of each."""
    from sartor_plugins.recommend.interactions import flat

    y: Any = training.y
    if SHELF_ITEMS not in y:
        return {}
    items, texts = (flat(y[name], pa.string())[1].to_pylist() for name in (SHELF_ITEMS, SHELF_ABOUT))
    return {
        item: [(part.partition("=")[0], part.partition("=")[2]) for part in text.split(BETWEEN) if part]
        for item, text in sorted(zip(items, texts, strict=True))
    }
