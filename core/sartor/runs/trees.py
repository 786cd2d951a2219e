"""The hash trees of a run: over its decisions, a leaf a decision, and over its files, a leaf a file.

Their roots stand in the head of the ledger, so that one decision or one file can be proven to be part of a run without
showing any other. A leaf is an entry's text behind bytes that nobody can guess: who is shown a proof sees the hashes of
other leaves, and must not find out what they say by trying.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sartor.runs.merkle import leaf_of, root_of

if TYPE_CHECKING:
    import pandas as pd

FILE = "trees.json"
FILES = "files"
"""The tree over the run's files."""
_BATCH = 100_000


def new_trees(folder: Path) -> dict[str, Any]:
    """Return what a new run keeps of its trees: the salt, and each table of decisions with its root.

    Parameters
    ----------
    folder : Path
        Holds the decisions.
    """
    salt = secrets.token_bytes(32)
    trees = {}
    for file in sorted(folder.glob("decisions*.parquet")):
        leaves = [leaf_of(entry_of(salt, file.name, index, text)) for index, text in enumerate(texts_of(file))]
        trees[file.name] = {"root": root_of(leaves).hex(), "leaves": len(leaves)}
    return {"format": 1, "salt": salt.hex(), "trees": trees}


def kept_trees(folder: Path) -> dict[str, Any] | None:
    """Return what a run keeps of its trees; None where it was recorded before there were any, or keeps them no more."""
    try:
        kept = json.loads((folder / FILE).read_text(encoding="utf-8"))
        whole = isinstance(kept["trees"], dict) and len(bytes.fromhex(kept["salt"])) > 0
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    return kept if whole else None


def trees_of(folder: Path, files: Mapping[str, Sequence[Any]]) -> dict[str, Any]:
    """Return the roots that belong into a head.

    Parameters
    ----------
    folder : Path
        Of the run.
    files : mapping
        Every file that the ledger names, with its SHA-256 and size.
    """
    kept = kept_trees(folder)
    if kept is None:
        return {}
    leaves = list(map(leaf_of, file_entries(bytes.fromhex(kept["salt"]), files)))
    return {**kept["trees"], FILES: {"root": root_of(leaves).hex(), "leaves": len(leaves)}}


def file_entries(salt: bytes, files: Mapping[str, Sequence[Any]]) -> list[bytes]:
    """Return the entries of the tree over files, in the order of their names."""
    return [entry_of(salt, FILES, index, text) for index, text in enumerate(file_texts(files))]


def file_texts(files: Mapping[str, Sequence[Any]]) -> list[str]:
    """Return what the leaves of files say: name, SHA-256 and size."""
    return [
        json.dumps({"file": name, "sha256": digest, "bytes": size}, separators=(",", ":"))
        for name, (digest, size) in sorted(files.items())
    ]


def entry_of(salt: bytes, tree: str, index: int, text: str) -> bytes:
    """Return a leaf's entry: its own part of the salt, and its text."""
    return own_salt(salt, tree, index) + text.encode()


def own_salt(salt: bytes, tree: str, index: int) -> bytes:
    """Return the part of a run's salt that belongs to one leaf; it tells nothing of the others'."""
    return hashlib.sha256(salt + f"{tree}\0{index}".encode()).digest()[:16]


def texts_of(file: Path) -> Iterator[str]:
    """Yield what the leaves of a table say, a JSON object a row."""
    import pyarrow.parquet as pq

    for batch in pq.ParquetFile(file).iter_batches(_BATCH):
        yield from _json_lines(batch.to_pandas())


def _json_lines(frame: pd.DataFrame) -> list[str]:
    text = frame.to_json(orient="records", lines=True, date_format="iso", date_unit="ns", double_precision=15)
    return str(text).rstrip("\n").split("\n") if len(frame) else []
