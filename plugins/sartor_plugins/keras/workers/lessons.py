"""Rows on their way to the workers: arrays as files, and files as they are."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np

from sartor_plugins.keras.inputs import Inputs
from sartor_plugins.keras.lesson import InMemory, Lesson
from sartor_plugins.keras.streaming import Streamed
from sartor_plugins.keras.workers.job import replace_text


def write_lesson(folder: Path, name: str, lesson: Lesson, *, copied: bool) -> None:
    """Write rows: as arrays, or where they lie on disk already, what it takes to read them there.

    Parameters
    ----------
    folder : Path
    name : str
    lesson : Lesson
    copied : bool
        Whether files on disk are copied into the folder, for machines that do not see where they are.
    """
    if isinstance(lesson, InMemory):
        for place, part in enumerate(lesson.identity):
            np.save(folder / f"{name}-{place}.npy", part, allow_pickle=False)
        return
    assert isinstance(lesson, Streamed), "rows are in memory or on disk"
    if copied:
        shutil.copytree(lesson.shards.folder, folder / name)
    where = name if copied else str(lesson.shards.folder.absolute())
    replace_text(folder / f"{name}.json", json.dumps({"folder": where, **lesson.about}))


def read_lesson(folder: Path, name: str, inputs: Inputs) -> Lesson:
    """Return rows; what is on disk is read when it is asked for."""
    about = folder / f"{name}.json"
    if not about.exists():
        parts = [np.load(folder / f"{name}-{place}.npy", mmap_mode="r", allow_pickle=False) for place in range(4)]
        return InMemory(*parts)
    saved = json.loads(about.read_text(encoding="utf-8"))
    return Streamed.opened(folder / saved.pop("folder"), inputs, saved)
