"""A frame as files: what the cache keeps of it, and what a run reads back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sartor.runs.json_text import to_json
from sartor.stages.framing import Frame
from sartor.stages.splitting import Parts, Round, split_again

if TYPE_CHECKING:
    from sartor.recipe.model import Split

GAP, TRAIN, TEST = 0, 1, 2
_ROUND, _TRUTH, _WEIGHT = "__round_", "__truth", "__kept_weight"


def save_frame(frame: Frame, folder: Path) -> None:
    """Write a frame as two Parquet tables and a JSON file."""
    folder.mkdir()
    rows = frame.rows.copy()
    truth = frame.y if isinstance(frame.y, pd.DataFrame) else pd.DataFrame({"": frame.y})
    for column in truth.columns:
        rows[f"{_TRUTH}{column}"] = truth[column].to_numpy()
    if frame.weight is not None:
        rows[_WEIGHT] = frame.weight
    for place, part in enumerate(frame.parts.rounds):
        rows[f"{_ROUND}{place}"] = np.where(part.train, TRAIN, np.where(part.test, TEST, GAP)).astype("int8")
    rows.to_parquet(folder / "rows.parquet", index=False)
    frame.X.to_parquet(folder / "features.parquet", index=False)
    about = {
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
    }
    (folder / "frame.json").write_text(to_json(about), encoding="utf-8")


def load_frame(folder: Path, rule: Split) -> Frame:
    """Read what `save_frame` wrote."""
    about: dict[str, Any] = json.loads((folder / "frame.json").read_text(encoding="utf-8"))
    rows = pd.read_parquet(folder / "rows.parquet")
    kept = [column for column in rows.columns if column.startswith(_TRUTH)]
    truth = rows[kept].rename(columns=lambda column: column.removeprefix(_TRUTH))
    weight = rows[_WEIGHT].to_numpy() if _WEIGHT in rows else None
    rounds = [
        Round(name, (rows[f"{_ROUND}{place}"] == TRAIN).to_numpy(), (rows[f"{_ROUND}{place}"] == TEST).to_numpy())
        for place, name in enumerate(about["rounds"])
    ]
    extra = [*kept, *(column for column in rows.columns if column.startswith(_ROUND) or column == _WEIGHT)]
    return Frame(
        rows=rows.drop(columns=extra),
        X=pd.read_parquet(folder / "features.parquet"),
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
    )
