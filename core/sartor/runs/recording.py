"""Writes a run's folder: everything needed to see what was done, and to do it again.

Files are written into a folder beside the final one, which is then renamed into place: a run is there whole or not at
all. Metrics and decisions hold no clock time and no run id, so that they repeat byte for byte.
"""

from __future__ import annotations

import json
import platform
import shutil
from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from sartor.errors import UsageError
from sartor.rows import ROW

if TYPE_CHECKING:
    from sartor.recipe.model import Recipe
    from sartor.stages.deciding import Decided
    from sartor.stages.fitting import FittedModel
    from sartor.stages.framing import Frame

LIBRARIES = ("sartor", "numpy", "pandas", "scipy", "scikit-learn", "duckdb", "narwhals", "pyarrow", "lightgbm", "skops")
"""Whose versions are recorded."""


class Recorder:
    """Collects a run's files and puts them in place at once.

    Parameters
    ----------
    runs : Path
        The project's folder of runs.
    recipe : str
        Name of the recipe: the folders below `runs`.
    run_id : str

    Raises
    ------
    UsageError
        If the folder cannot be written.
    """

    def __init__(self, runs: Path, recipe: str, run_id: str) -> None:
        self.target = runs / recipe / run_id
        self.folder = runs / recipe / f".{run_id}.part"
        try:
            self.folder.mkdir(parents=True)
        except OSError as error:
            raise UsageError(
                f"the run cannot be recorded in {runs}: {error.strerror}",
                code="U020",
                hints=(("to mend", "call sartor in a folder that you may write, or set runs in sartor.toml"),),
            ) from error

    def text(self, name: str, text: str) -> None:
        """Write a text file."""
        (self.folder / name).write_text(text, encoding="utf-8")

    def json(self, name: str, values: Any) -> None:
        """Write JSON with sorted keys, NaN as null."""
        self.text(name, to_json(values))

    def table(self, name: str, frame: pd.DataFrame) -> None:
        """Write Parquet without anything that changes from run to run."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        table = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None)
        pq.write_table(table, self.folder / name, compression="zstd")

    def finish(self) -> Path:
        """Put the folder in place; return it."""
        self.folder.replace(self.target)
        return self.target

    def discard(self) -> None:
        """Remove what was written so far."""
        shutil.rmtree(self.folder, ignore_errors=True)


def to_json(values: Any) -> str:
    """Return JSON text with sorted keys; what is not a finite number is null."""
    return json.dumps(plain(values), indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n"


def plain(value: Any) -> Any:
    """Return a value in JSON types: numbers of libraries as Python's own, what is not finite as None."""
    if isinstance(value, Mapping):
        return {str(key): plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    if hasattr(value, "item") and getattr(value, "ndim", 0) == 0:
        value = value.item()
    elif hasattr(value, "tolist"):
        return plain(value.tolist())
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return None
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


@cache
def versions() -> dict[str, str]:
    """Return the versions of Python and of the libraries whose numbers a run depends on."""
    found = {"python": platform.python_version(), "platform": platform.platform(terse=True)}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def write_recipe(recorder: Recorder, recipe: Recipe) -> None:
    """Write the recipe as it was written and as it was resolved; secrets by their names only."""
    from sartor.recipe.writing import to_yaml

    recorder.text("recipe.yaml", recipe.written)
    recorder.text("resolved.yaml", to_yaml(recipe.resolved()))


def write_predictions(recorder: Recorder, frame: Frame, fitted: Mapping[str, FittedModel]) -> None:
    """Write truth and predictions of the rows that judge."""
    pieces = []
    for number in range(len(frame.parts.rounds)):
        _, held = frame.round(number)
        truth = held.y if isinstance(held.y, pd.DataFrame) else pd.DataFrame({"truth": held.y})
        piece = pd.DataFrame({"row": held.rows[ROW], "round": number}).join(truth)
        for name, model in fitted.items():
            predicted = model.predictions[number]
            piece = piece.join(predicted.rename(columns=lambda column, name=name: f"{name}: {column}"))
        pieces.append(piece)
    recorder.table("predictions.parquet", pd.concat(pieces, ignore_index=True))


def write_decisions(recorder: Recorder, decided: Mapping[str, Decided], keys: tuple[str, ...]) -> None:
    """Write every action's decisions; the row's key goes by its own name where it is one column."""
    for name, entry in decided.items():
        file = "decisions.parquet" if len(decided) == 1 else f"decisions-{name}.parquet"
        own = keys[0] if len(keys) == 1 and keys[0] not in entry.decisions else "row"
        recorder.table(file, entry.decisions.rename(columns={ROW: own}))


def write_models(recorder: Recorder, fitted: Mapping[str, FittedModel]) -> None:
    """Write the fitted models of the recipe as data."""
    for name, model in fitted.items():
        if model.folder is not None:
            shutil.copytree(model.folder, recorder.folder / "models" / name)


def log_judgement(runs: Path, entry: Mapping[str, Any]) -> int:
    """Enter a judgement on test rows in the project's log; return how often these rows had judged before.

    Looking often at the same test rows is choosing by them; the log makes it visible.
    """
    file = runs / "judgements.jsonl"
    before = 0
    if file.exists():
        with file.open(encoding="utf-8") as lines:
            before = sum(1 for line in lines if f'"rows": "{entry["rows"]}"' in line)
    with file.open("a", encoding="utf-8") as log:
        log.write(json.dumps(dict(entry), sort_keys=True) + "\n")
    return before
