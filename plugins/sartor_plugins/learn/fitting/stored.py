"""Fitted models as data in a folder: JSON, npz and LightGBM's own text; nothing in it can be run.

A folder names the kind of model it holds, and only kinds on the list here are read: a class is never looked up by
what a file says.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from sartor.components import Fitted
from sartor.errors import PluginError

FORMAT = 1
_HERE = "sartor_plugins.learn.fitting"

FITTED = {
    "constant": f"{_HERE}.constant:Constant",
    "encoded": f"{_HERE}.encoded:Encoded",
    "exponential": f"{_HERE}.exponential:ExponentialFit",
}
"""Kinds of fitted models."""
PREDICTORS = {
    "linear": f"{_HERE}.linear:LinearScores",
    "kernel": f"{_HERE}.svm:Kernel",
    "trees": f"{_HERE}.tree_scores:TreeScores",
    "lightgbm": f"{_HERE}.lightgbm:Booster",
    "isolation": f"{_HERE}.isolation:Isolation",
    "bayes": f"{_HERE}.bayes:Bayes",
    "nearest": f"{_HERE}.nearest:Nearest",
}
"""Kinds of predictors inside an encoded model."""


def write_json(folder: Path, name: str, values: Mapping[str, Any]) -> None:
    """Write a JSON file; numbers come back to the last bit."""
    text = json.dumps(values, ensure_ascii=False, indent=1, allow_nan=False)
    (folder / name).write_text(text + "\n", encoding="utf-8")


def read_json(folder: Path, name: str) -> dict[str, Any]:
    """Read a JSON file.

    Raises
    ------
    PluginError
        If it is not there or no JSON mapping.
    """
    try:
        found = json.loads((folder / name).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise damaged(folder / name, error) from error
    if not isinstance(found, dict):
        raise damaged(folder / name, "a mapping is due")
    return found


def write_arrays(folder: Path, name: str, **arrays: np.ndarray) -> None:
    """Write arrays into one npz file."""
    np.savez_compressed(folder / name, allow_pickle=False, **arrays)


def read_arrays(folder: Path, name: str) -> dict[str, np.ndarray]:
    """Read the arrays of an npz file; objects in it are refused.

    Raises
    ------
    PluginError
        If it is not there, or holds anything but plain arrays.
    """
    try:
        with np.load(folder / name, allow_pickle=False) as found:
            return {key: found[key] for key in found.files}
    except (OSError, ValueError, EOFError) as error:
        raise damaged(folder / name, error) from error


def damaged(path: Path, why: object) -> PluginError:
    """Return the error that says that a saved model cannot be read."""
    return PluginError(
        f"the saved model in {path.parent.name} cannot be read: {path.name}: {why}",
        code="X031",
        hints=(("to mend", "fit the model again, or take the folder from a run that `sartor verify` finds untouched"),),
    )


def load(folder: Path) -> Fitted:
    """Return the fitted model that a folder holds.

    Raises
    ------
    PluginError
        If the folder holds no model of learn, or a damaged one.
    """
    return read_kind(folder, FITTED).load(folder)  # type: ignore[no-any-return]


def read_kind(folder: Path, kinds: Mapping[str, str]) -> Any:
    """Return the class that reads a folder, by the kind it names in ``kind.json``."""
    saved = read_json(folder, "kind.json")
    if saved.get("format") != FORMAT or saved.get("kind") not in kinds:
        raise damaged(folder / "kind.json", f"no model of kind {saved.get('kind')!r} in format {saved.get('format')!r}")
    module, _, name = kinds[saved["kind"]].partition(":")
    return getattr(importlib.import_module(module), name)


def write_kind(folder: Path, kind: str) -> None:
    """Name the kind of model in a folder."""
    write_json(folder, "kind.json", {"format": FORMAT, "kind": kind})
