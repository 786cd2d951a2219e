"""Training by `keras.mlp` beside a hand-written `model.fit` of the same network on the same arrays: rows a second.

    python benchmarks/keras.py [--rows 200000] [--columns 20] [--batch 1024] [--times 3] [--large 10000000] [--strict]

Rows are simulated: numbers that are standardised already, and one target that bends with some of them. All have two
hidden layers of 64, the same batch, AdamW and a squared loss, one thread, and no rows held out. Each is trained for 1
and for 1 + 6 epochs, turn by turn in one process; what is told is the processor time of the 6, so that neither the
compiling of a graph nor the encoding of columns counts, and the least of all times. Rows are learned from in another
order in each epoch, on all sides. The peer is written as the page of Keras shows it, with arrays given to `fit`. Beside
it, the same rows are learned from on disk, in files of 2 MiB so that there are several.

With `--large` it then writes a frame of a tenth of so many rows and one of all of them, in pieces, as a run over rows
that do not fit in memory leaves it, learns from each for two epochs with a fifth of the rows held out, in a process of
its own, and tells what that takes at most in memory. What grows with the rows are their places, their truth and a few
numbers beside it, some 25 bytes in all; features and what is made of them are held some at a time. With
20 columns a row is 160 bytes on disk, and 88 as it is learned from; `--large 10000000` needs 3 GB of room.

Bounds: at least 0.95 of the peer's rows a second in memory, and at most 1.3 times the memory for ten times the
rows. With `--strict` the exit code is 1 where one does not hold.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

EPOCHS, BOUND, BOUND_MEMORY = 6, 0.95, 1.3
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"), "1")
PIECE = 65_536
MEMORY = """
import json, resource, runpy, sys
made = runpy.run_path(sys.argv[1])
print(json.dumps(made["learned_from_disk"](**json.loads(sys.argv[2]))))
"""


def rows_of(rows: int, columns: int, seed: int = 0) -> tuple[Any, np.ndarray]:
    """Return features and target."""
    import pandas as pd

    rng = np.random.default_rng(seed)
    X = rng.normal(0, 1, (rows, columns))
    y = np.sin(X[:, 0]) + X[:, 1] * X[:, 2] + 0.1 * rng.normal(0, 1, rows)
    return pd.DataFrame(X, columns=[f"column_{place}" for place in range(columns)]), y


def write_rows(file: Path, rows: int, columns: int) -> None:
    """Write features as a file that a frame on disk is, and the target beside it, some rows at a time."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    y, writer = np.lib.format.open_memmap(file.with_suffix(".npy"), "w+", np.float64, (rows,)), None
    for start in range(0, rows, PIECE):
        X, y[start : start + PIECE] = rows_of(min(PIECE, rows - start), columns, seed=start)
        table = pa.Table.from_pandas(X, preserve_index=False)
        writer = writer or pq.ParquetWriter(file, table.schema, compression="none", use_dictionary=False)
        writer.write_table(table)
    if writer is not None:
        writer.close()


def stored(file: Path) -> Any:
    """Return rows that stay on disk; a fifth of them is held out."""
    import pandas as pd

    from sartor.rows import Training
    from sartor.stored import Stored, StoredFile

    def split_again(training: Training) -> tuple[np.ndarray, np.ndarray]:
        held = training.spine["__row"].to_numpy() % 5 == 0
        return ~held, held

    y = np.load(file.with_suffix(".npy"))
    spine, of = pd.DataFrame({"__row": np.arange(len(y))}), StoredFile(file, {})
    columns = Stored(of, [name for name in of.names if name != "__row"], spine)
    return Training(columns.select(["__row"]), columns, "number", y=y, split_again=split_again)


def learned_from_disk(file: str, batch: int) -> dict[str, float]:
    """Learn for two epochs; return memory in MiB, before and at most, and rows a second of the second epoch."""
    import resource

    from sartor.context import Context
    from sartor.events import Progress
    from sartor_plugins.keras.mlp import MLP

    def most() -> float:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

    times: list[float] = []
    X, y = rows_of(1_000, 3)
    fit_ours(X, y, 1, 256)()
    before, training = most(), stored(Path(file))
    with TemporaryDirectory(dir=Path(file).parent) as scratch:
        context = Context(
            scratch=Path(scratch), tell=lambda event: isinstance(event, Progress) and times.append(time.process_time())
        )
        MLP(epochs=2, batch=batch, refit=False, schedule="constant").fit(training, context)
    assert training.stored, "the whole was never read"
    return {"before": before, "most": most(), "rate": 0.8 * len(training) / (times[-1] - times[-2])}


def fit_ours(X: Any, y: np.ndarray, epochs: int, batch: int) -> Callable[[], Any]:
    """Return what trains `keras.mlp`."""
    import pandas as pd

    from sartor.context import Context
    from sartor.rows import Training
    from sartor_plugins.keras.mlp import MLP

    training = Training(pd.DataFrame({"__row": np.arange(len(X))}), X, "number", y=y)
    model = MLP(epochs=epochs, batch=batch, refit=False, schedule="constant")
    return lambda: model.fit(training, Context())


def fit_peer(X: Any, y: np.ndarray, epochs: int, batch: int) -> Callable[[], Any]:
    """Return what trains the network by hand."""
    import keras

    arrays = X.to_numpy(dtype=np.float32), y.astype(np.float32)
    keras.utils.set_random_seed(0)
    layers = [keras.layers.Dense(64, "relu"), keras.layers.Dense(64, "relu"), keras.layers.Dense(1)]
    model = keras.Sequential([keras.Input((X.shape[1],)), *layers])
    model.compile(keras.optimizers.AdamW(0.002, weight_decay=1e-4), loss="mse")
    return lambda: model.fit(*arrays, batch_size=batch, epochs=epochs, shuffle=True, verbose=0)


def seconds(work: Callable[[], Any]) -> float:
    """Return the processor time of some work, of all its threads."""
    begin = time.process_time()
    work()
    return time.process_time() - begin


def fit_streamed(file: Path, X: Any, y: np.ndarray, epochs: int, batch: int) -> Callable[[], Any]:
    """Return what trains `keras.mlp` from disk."""
    from sartor.context import Context
    from sartor.held import with_fields
    from sartor_plugins.keras import shards
    from sartor_plugins.keras.mlp import MLP

    shards.SHARD_BYTES = 2 * 2**20
    training = with_fields(stored(file), split_again=None)
    model = MLP(epochs=epochs, batch=batch, refit=False, schedule="constant")
    return lambda: model.fit(training, Context())


def measured(options: argparse.Namespace, folder: Path) -> dict[str, float]:
    """Return rows a second of each side."""
    X, y = rows_of(options.rows, options.columns)
    write_rows(folder / "rows.parquet", options.rows, options.columns)
    made = {"ours": fit_ours, "peer": fit_peer, "streamed": partial(fit_streamed, folder / "rows.parquet")}
    # Ours keeps its compiled graph from one fit to the next, the peer compiles in each: both cancel.
    fit_ours(X, y, 1, options.batch)()
    few: dict[str, list[float]] = {name: [] for name in made}
    many: dict[str, list[float]] = {name: [] for name in made}
    for _ in range(options.times):
        for name, make in made.items():
            few[name].append(seconds(make(X, y, 1, options.batch)))
            many[name].append(seconds(make(X, y, 1 + EPOCHS, options.batch)))
    return {name: EPOCHS * options.rows / (min(many[name]) - min(few[name])) for name in made}


def memory(rows: int, options: argparse.Namespace, folder: Path) -> dict[str, float]:
    """Return what a process takes at most, in MiB, that learns from so many rows on disk."""
    file = folder / "rows.parquet"
    write_rows(file, rows, options.columns)
    told = json.dumps({"file": str(file), "batch": options.batch})
    command = [sys.executable, "-P", "-c", MEMORY, str(Path(__file__).resolve()), told]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def told_of_speed(options: argparse.Namespace, folder: Path) -> float:
    """Tell rows a second, and return those in memory beside the peer's."""
    rates = measured(options, folder)
    ratio = rates["ours"] / rates["peer"]
    print(f"rows a second: keras.mlp {rates['ours']:,.0f}, model.fit {rates['peer']:,.0f}; ratio {ratio:.2f}")
    beside = rates["streamed"] / rates["ours"], rates["streamed"] / rates["peer"]
    print(f"from disk: {rates['streamed']:,.0f}; {beside[0]:.2f} of memory, {beside[1]:.2f} of model.fit")
    return ratio


def told_of_memory(options: argparse.Namespace, folder: Path) -> float:
    """Tell the memory for a tenth of the rows and for all, and return by how much it grows."""
    most = []
    for rows in (options.large // 10, options.large):
        found = memory(rows, options, folder)
        most.append(found["most"])
        print(
            f"{rows:,} rows on disk: {found['before']:,.0f} MiB before, {found['most']:,.0f} MiB at most in a fit, "
            f"{found['rate']:,.0f} rows a second"
        )
    print(f"memory for ten times the rows: {most[1] / most[0]:.2f}")
    return most[1] / most[0]


def main() -> int:
    """Measure, and tell."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--columns", type=int, default=20)
    parser.add_argument("--batch", type=int, default=1_024)
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--large", type=int, default=0)
    parser.add_argument("--only-large", action="store_true")
    parser.add_argument("--strict", action="store_true")
    options = parser.parse_args()
    os.environ.update(ONE_THREAD)
    # Python puts this file's folder first, and there it is called as the library is.
    here = Path(__file__).resolve().parent
    sys.path[:] = [place for place in sys.path if Path(place or ".").resolve() != here]
    from sartor_plugins.keras.runtime import tensorflow

    tensorflow()
    failed = False
    with TemporaryDirectory() as folder:
        if not options.only_large:
            failed = told_of_speed(options, Path(folder)) < BOUND
        if options.large:
            failed |= told_of_memory(options, Path(folder)) > BOUND_MEMORY
    return 1 if options.strict and failed else 0


if __name__ == "__main__":
    sys.exit(main())
