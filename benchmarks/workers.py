"""Training of `keras.mlp` by one process and by two that share every batch: rows a second of wall time.

    python benchmarks/workers.py [--times 3]

Two networks on the same 20 columns of simulated numbers: a small one, two hidden layers of 64 and 128 rows to a step,
and a wide one, two hidden layers of 1,024 and 2,048 rows to a step. Each is learned by one process with one thread, by
one with two threads, and by two workers with one thread each, on one machine; each time in a process of its own. Told
are rows a second in the fastest epoch of all, so that neither the start of processes nor the compiling of graphs
counts, and other work on the machine as little as can be; and beside it the least seconds that went by before a first
epoch had ended, since that is what workers cost anew in every course of learning. Epochs judge the rows held out, too.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

COLUMNS = 20
NETWORKS: dict[str, dict[str, Any]] = {
    "small": {"rows": 20_000, "hidden": [64, 64], "batch": 128, "epochs": 40},
    "wide": {"rows": 5_120, "hidden": [1_024, 1_024], "batch": 2_048, "epochs": 15},
}
WAYS = {"one thread": (1, 1), "two threads": (1, 2), "two workers": (2, 2)}
"""Workers, and threads that they share."""


def measure(name: str, way: str) -> tuple[float, float]:
    """Return rows a second, and seconds up to the end of the first epoch."""
    from dataclasses import replace

    import numpy as np
    import pandas as pd

    from sartor.events import Progress
    from sartor.testing import make_context, make_training
    from sartor_plugins.keras.mlp import MLP

    network, (workers, threads) = NETWORKS[name], WAYS[way]
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(network["rows"], COLUMNS)), columns=[f"c{at}" for at in range(COLUMNS)])
    training = make_training(X, np.sin(X["c0"]) + X["c1"] * X["c2"], answers="number")
    ends = []

    def tell(event: Any) -> None:
        if isinstance(event, Progress):
            ends.append(time.perf_counter())

    model = MLP(
        hidden=network["hidden"],
        batch=network["batch"],
        epochs=network["epochs"],
        patience=network["epochs"],
        refit=False,
        workers=workers,
    )
    with tempfile.TemporaryDirectory() as folder:
        context = replace(make_context(Path(folder)), threads=threads, tell=tell)
        began = time.perf_counter()
        fitted = model.fit(training, context)
    fastest = min(after - before for before, after in pairwise(ends))
    return fitted.history["rows"] / fastest, ends[0] - began


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--one", nargs=2, metavar=("NETWORK", "WAY"))
    arguments = parser.parse_args()
    if arguments.one:
        print(json.dumps(measure(*arguments.one)))
        return
    print(f"{'network':<8}{'learned by':<14}{'rows a second':>14}{'first epoch':>14}")
    for name in NETWORKS:
        for way in WAYS:
            # A file beside this one is called keras, too.
            command = [sys.executable, "-P", __file__, "--one", name, way]
            found = [
                json.loads(subprocess.run(command, capture_output=True, check=True, text=True).stdout)
                for _ in range(arguments.times)
            ]
            rate, start = max(rate for rate, _ in found), min(start for _, start in found)
            print(f"{name:<8}{way:<14}{rate:>14,.0f}{start:>12.1f} s", flush=True)


if __name__ == "__main__":
    main()
