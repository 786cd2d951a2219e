"""Training by `keras.mlp` beside a hand-written `model.fit` of the same network on the same arrays: rows a second.

    python benchmarks/keras.py [--rows 200000] [--columns 20] [--batch 1024] [--times 3] [--strict]

Rows are simulated: numbers that are standardised already, and one target that bends with some of them. Both sides have
two hidden layers of 64, the same batch, AdamW and a squared loss, one thread, and no rows held out. Each is trained for
1 and for 1 + 6 epochs, turn by turn in one process; what is told is the processor time of the 6, so that neither the
compiling of a graph nor the encoding of columns counts, and the least of all times. Rows are learned from in another
order in each epoch, on both sides. The peer is written as the page of Keras shows it, with arrays given to `fit`.

It also tells what a process takes at most in memory, with the rows alone and with a fit, for a tenth of the rows and
for all of them. That grows with the rows: they are held in memory, and there is no bound for it.

Bound: at least 0.95 of the peer's rows a second. With `--strict` the exit code is 1 where it does not hold.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

EPOCHS, BOUND = 6, 0.95
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"), "1")
MEMORY = """
import json, resource, runpy, sys
made = runpy.run_path(sys.argv[1])
fit_ours, rows_of = made["fit_ours"], made["rows_of"]
told = json.loads(sys.argv[2])
X, y = rows_of(1_000, told["columns"])
fit_ours(X, y, 1, 256)()
X, y = rows_of(told["rows"], told["columns"])
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
fit_ours(X, y, 2, told["batch"])()
after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps([before / 1024, after / 1024]))
"""


def rows_of(rows: int, columns: int) -> tuple[Any, np.ndarray]:
    """Return features and target."""
    import pandas as pd

    rng = np.random.default_rng(0)
    X = rng.normal(0, 1, (rows, columns))
    y = np.sin(X[:, 0]) + X[:, 1] * X[:, 2] + 0.1 * rng.normal(0, 1, rows)
    return pd.DataFrame(X, columns=[f"column_{place}" for place in range(columns)]), y


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


def measured(options: argparse.Namespace) -> dict[str, float]:
    """Return rows a second of either side."""
    X, y = rows_of(options.rows, options.columns)
    made = {"ours": fit_ours, "peer": fit_peer}
    # Ours keeps its compiled graph from one fit to the next, the peer compiles in each: both cancel.
    fit_ours(X, y, 1, options.batch)()
    few: dict[str, list[float]] = {name: [] for name in made}
    many: dict[str, list[float]] = {name: [] for name in made}
    for _ in range(options.times):
        for name, make in made.items():
            few[name].append(seconds(make(X, y, 1, options.batch)))
            many[name].append(seconds(make(X, y, 1 + EPOCHS, options.batch)))
    return {name: EPOCHS * options.rows / (min(many[name]) - min(few[name])) for name in made}


def memory(rows: int, options: argparse.Namespace) -> list[float]:
    """Return what a process takes at most, in MiB, before and after a fit."""
    told = json.dumps({"rows": rows, "columns": options.columns, "batch": options.batch})
    command = [sys.executable, "-P", "-c", MEMORY, str(Path(__file__).resolve()), told]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: list[float] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> int:
    """Measure, and tell."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--columns", type=int, default=20)
    parser.add_argument("--batch", type=int, default=1_024)
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--strict", action="store_true")
    options = parser.parse_args()
    os.environ.update(ONE_THREAD)
    # Python puts this file's folder first, and there it is called as the library is.
    here = Path(__file__).resolve().parent
    sys.path[:] = [place for place in sys.path if Path(place or ".").resolve() != here]
    from sartor_plugins.keras.runtime import tensorflow

    tensorflow()
    rates = measured(options)
    ratio = rates["ours"] / rates["peer"]
    print(f"rows a second: keras.mlp {rates['ours']:,.0f}, model.fit {rates['peer']:,.0f}; ratio {ratio:.2f}")
    for rows in (options.rows // 10, options.rows):
        before, after = memory(rows, options)
        print(f"{rows:,} rows: {before:,.0f} MiB with the rows alone, {after:,.0f} MiB at most in a fit")
    return 1 if options.strict and ratio < BOUND else 0


if __name__ == "__main__":
    sys.exit(main())
