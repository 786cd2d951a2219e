"""Writes, beside everything that is kept, what files will be without a person; nothing is changed yet."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import shutil
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from sartor.erasing.marks import MARK
from sartor.erasing.searching import CacheHit, Found, read
from sartor.runs import trees
from sartor.runs.json_text import to_json
from sartor.runs.ledger import digest_of
from sartor.sealing.folders import seal_beside
from sartor.sealing.keys import is_sealed
from sartor.sealing.memory import memory_folder

PLAN = "plan.json"
ERASED = "erase"
"""The stage of lines of a ledger that tell of an erasure."""


def person_digest(salt: str, key: str) -> str:
    """Return what stands for a person: whoever has the salt of the receipt can show that it is they.

    Examples
    --------
    >>> person_digest("00" * 32, "P003")[:12]
    '26046a6019e5'
    """
    return hmac.new(bytes.fromhex(salt), key.encode(), hashlib.sha256).hexdigest()


def stage_run(found: Found, runs: Path, staging: Path, digest: str, token: str, now: datetime) -> dict[str, Any]:
    """Write the files of a run without the person; return what is to be done with them."""
    folder = found.run.folder.relative_to(runs).as_posix()
    own = staging / folder
    own.mkdir(parents=True)
    at = now.isoformat(timespec="seconds")
    entry = {"at": at, "person": digest, "lines": found.lines, "trained": found.trained, "models": list(found.models)}
    if is_sealed(found.run.folder):
        # What is plain is held in memory, here as well.
        work = memory_folder() / token / uuid4().hex[:12]
        try:
            _without(found, work, work.with_name(f"{work.name}-all"), entry)
            seal_beside(found.run.folder, work, own)
        finally:
            shutil.rmtree(work, ignore_errors=True)
    else:
        _without(found, own, staging / "trees", entry)
    files = {name: list(digest_of(own / name)) for name in sorted(_names_in(own))}
    removed = [
        file.relative_to(found.plain).as_posix()
        for model in found.models
        for file in sorted((found.plain / model).rglob("*"))
        if file.is_file()
    ]
    line = {
        "stage": ERASED, "by": "privacy erase", "at": at, "erasure": token, "person": digest, "lines": found.lines,
        "trained": found.trained, "files": files, "removed": removed,
    }  # fmt: skip
    return {"folder": folder, "files": list(files), "removed": removed, "line": line}


def _without(found: Found, own: Path, with_all: Path, entry: dict[str, Any]) -> None:
    """Write the files that change into a folder; another one holds all decisions for a moment."""
    folder = found.plain
    own.mkdir(parents=True, exist_ok=True)
    for name, mask in found.masks.items():
        (own / name).parent.mkdir(parents=True, exist_ok=True)
        _write(read(folder / name), ~mask, own / name)
    if any(name.startswith("decisions") for name in found.masks) and (folder / trees.FILE).is_file():
        with_all.mkdir()
        for file in folder.glob("decisions*.parquet"):
            shutil.copyfile(own / file.name if file.name in found.masks else file, with_all / file.name)
        # Under a new salt: under the old one it could be tried who was erased.
        (own / trees.FILE).write_text(to_json(trees.new_trees(with_all)), encoding="utf-8")
        shutil.rmtree(with_all)
    before = json.loads((folder / MARK).read_text(encoding="utf-8"))["erasures"] if (folder / MARK).is_file() else []
    (own / MARK).write_text(to_json({"schema": 1, "erasures": [*before, entry]}), encoding="utf-8")


def _names_in(folder: Path) -> list[str]:
    return [file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()]


def _write(table: Any, keep: Any, file: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(table.filter(pa.array(keep)), file, compression="zstd")


def plan_of(staging: Path, runs: list[dict[str, Any]], cache: list[CacheHit], root: Path, receipt: Any) -> None:
    """Write down what is to be done: from now on it will be done, whatever happens meanwhile."""
    plan = {
        "runs": runs,
        "cache": [hit.folder.relative_to(root).as_posix() for hit in cache],
        "receipt": receipt,
    }
    part = staging / f".{PLAN}"
    with part.open("w", encoding="utf-8") as file:
        file.write(json.dumps(plan))
        file.flush()
        os.fsync(file.fileno())
    part.replace(staging / PLAN)
