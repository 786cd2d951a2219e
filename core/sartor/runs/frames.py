"""A frame as files: what the cache keeps of it, and what a run reads back."""

from __future__ import annotations

import json
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sartor.arrow_tables import arrow_of, pandas_of, read_table, side_by_side, write_table
from sartor.held import held_in
from sartor.runs.json_text import to_json
from sartor.stages.framing import Frame
from sartor.stages.splitting import Parts, Round, split_again
from sartor.stored import Stored, StoredFile

if TYPE_CHECKING:
    from sartor.recipe.model import Split

TABLE = "frame.table"
STORED = "rows.parquet"
GAP, TRAIN, TEST = 0, 1, 2
_ROUND, _TRUTH, _WEIGHT = "__round_", "__truth", "__kept_weight"


def save_frame(frame: Frame, folder: Path) -> None:
    """Write a frame as a table and a JSON file.

    Features of the row's own line are columns of its rows, and stand there once. The file of rows that lie on disk is
    moved here, and what is held of them stands beside it.
    """
    folder.mkdir()
    held: Any = held_in(frame, "rows")
    rows, features = frame.columns, frame.features
    beside = _beside(frame)
    if frame.stored:
        held.file.path.rename(folder / STORED)
        write_table(side_by_side(arrow_of(held.spine), arrow_of(pd.DataFrame(beside))), folder / TABLE)
    else:
        own = set(rows)
        parts = (frame.rows, frame.X[[name for name in features if name not in own]], pd.DataFrame(beside))
        write_table(reduce(side_by_side, map(arrow_of, parts)), folder / TABLE)
    about = {
        "columns": rows,
        "features": features,
        "answers": frame.answers,
        "classes": list(frame.classes),
        "rounds": [part.name for part in frame.parts.rounds],
        "average": frame.parts.average,
        "about": frame.parts.about,
        "own": frame.own,
        "built": frame.built,
        "steps": dict(frame.steps),
        "strong": sorted(frame.strong),
        "own_table": frame.own_table,
        "keys": list(frame.keys),
        "truth": list(frame.truth),
        "facts": dict(frame.facts),
        **({"kinds": held.file.kinds} if frame.stored else {}),
    }
    (folder / "frame.json").write_text(to_json(about), encoding="utf-8")


def _beside(frame: Frame) -> dict[str, Any]:
    """Return truth, weights and parts as columns."""
    beside: dict[str, Any] = {}
    truth = frame.y if isinstance(frame.y, pd.DataFrame) else pd.DataFrame({"": frame.y})
    for column in truth.columns:
        beside[f"{_TRUTH}{column}"] = truth[column].to_numpy()
    if frame.weight is not None:
        beside[_WEIGHT] = frame.weight
    for place, part in enumerate(frame.parts.rounds):
        beside[f"{_ROUND}{place}"] = np.where(part.train, TRAIN, np.where(part.test, TEST, GAP)).astype("int8")
    return beside


def load_frame(folder: Path, rule: Split) -> Frame:
    """Read what `save_frame` wrote; rows that lie on disk stay there."""
    about: dict[str, Any] = json.loads((folder / "frame.json").read_text(encoding="utf-8"))
    table = read_table(folder / TABLE)
    held: Any = None
    if "kinds" in about:
        spine = [name for name in table.column_names if not name.startswith((_TRUTH, _ROUND)) and name != _WEIGHT]
        held = Stored(StoredFile(folder / STORED, about["kinds"]), [], pandas_of(table.select(spine)))
    kept = [column for column in table.column_names if column.startswith(_TRUTH)]
    truth = pandas_of(table.select(kept)).rename(columns=lambda column: column.removeprefix(_TRUTH))
    weight = table.column(_WEIGHT).to_numpy() if _WEIGHT in table.column_names else None
    parts = [table.column(f"{_ROUND}{place}").to_numpy() for place in range(len(about["rounds"]))]
    rounds = [Round(name, part == TRAIN, part == TEST) for name, part in zip(about["rounds"], parts, strict=True)]
    return Frame(
        rows=held.select(about["columns"]) if held is not None else pandas_of(table.select(about["columns"])),
        X=held.select(about["features"]) if held is not None else pandas_of(table.select(about["features"])),
        y=truth[""].to_numpy() if list(truth.columns) == [""] else truth,
        weight=weight,
        answers=about["answers"],
        classes=tuple(about["classes"]),
        parts=Parts(tuple(rounds), about["average"], about["about"]),
        split_again=split_again(rule),
        own=about["own"],
        built=about["built"],
        steps=about["steps"],
        strong=frozenset(about["strong"]),
        own_table=about["own_table"],
        keys=tuple(about["keys"]),
        truth=tuple(about["truth"]),
        facts=about["facts"],
    )
