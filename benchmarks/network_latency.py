"""How long one row takes: a network of sartor, the same as ONNX, and a plain call of Keras' ``predict``.

    python benchmarks/network_latency.py [--rows 300]

Middle and 95th percentile of milliseconds a row, one thread, after a warm-up; then rows a second in batches of 4,096,
as scoring by Arrow batches makes them. No data is needed.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sartor.exporting import Export
from sartor.testing import make_context, make_training
from sartor_plugins.keras.mlp import MLP

ROWS = 4_096


def table(rows: int) -> pd.DataFrame:
    """Return simulated customers."""
    rng = np.random.default_rng(0)
    numbers = {f"number_{place}": rng.normal(size=rows) for place in range(8)}
    return pd.DataFrame({**numbers, "home": rng.choice(["own", "rent", "free"], rows)})


def timed(name: str, call: Callable[[int], Any], rows: int) -> float:
    """Print how long a call takes for each of some rows; return the middle, in ms."""
    for place in range(20):
        call(place)
    spent = []
    for place in range(rows):
        begun = time.perf_counter()
        call(place)
        spent.append(1_000 * (time.perf_counter() - begun))
    middle, late = np.quantile(spent, [0.5, 0.95])
    print(f"{name:28}{middle:10.3f}{late:10.3f}")
    return float(middle)


def main() -> int:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=300)
    options = parser.parse_args()
    # A benchmark beside this one is called as the library is.
    sys.path = [place for place in sys.path if Path(place).resolve() != Path(__file__).resolve().parent]
    X = table(ROWS)
    rows = make_training(X, X["number_0"].to_numpy() * 2 + X["number_1"].to_numpy() ** 2, answers="number")
    with tempfile.TemporaryDirectory() as folder:
        network: Any = MLP(epochs=3, refit=False).fit(rows, make_context(Path(folder)))
    import onnxruntime

    from sartor_plugins.keras.fitted import _tensors
    from sartor_plugins.keras.onnx.writing import feed

    options_of = onnxruntime.SessionOptions()
    options_of.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(network.export(Export("onnx")), options_of, ["CPUExecutionProvider"])
    asked = [rows.take(np.array([place])).without_truth() for place in range(options.rows)]
    fed = [feed(network.inputs, one.X) for one in asked]
    encoded = [_tensors(network.shape, *network.inputs.encode(one.X)) for one in asked]
    print(f"{'ms a row':28}{'middle':>10}{'95 %':>10}")
    plain = timed(
        "keras model.predict", lambda at: network.network.predict(encoded[at % len(asked)], verbose=0), options.rows
    )
    ours = timed("sartor, from raw columns", lambda at: network.predict(asked[at % len(asked)]), options.rows)
    graph = timed("ONNX, from raw columns", lambda at: session.run(None, fed[at % len(asked)]), options.rows)
    print(f"of model.predict: sartor {ours / plain:.2f}, ONNX {graph / plain:.3f}")
    whole = rows.without_truth()
    for name, call in (
        ("sartor", lambda: network.predict(whole)),
        ("ONNX", lambda: session.run(None, feed(network.inputs, X))),
    ):
        call()
        begun = time.perf_counter()
        call()
        print(f"{name}: {ROWS / (time.perf_counter() - begun):,.0f} rows a second in a batch of {ROWS:,}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
