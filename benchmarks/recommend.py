"""Recommenders of sartor beside implicit and RecTools: the same purchases, how good the slates are, and what they take.

    python benchmarks/recommend.py [--size 1m] [--only als,knn,ease] [--times N] [--environment FOLDER] [--strict]

Purchases are simulated with a seed: users of 50 tastes, popularity that falls like Zipf's law, activity that is
lognormal. `1m` is 50,000 users, 10,000 items and about a million pairs; `20m` 500,000, 30,000 and some twenty millions;
`middle`, `small`, `tiny` are for trying the script. Of 20,000 users one purchase each is held out, and NDCG@10 says
how high it stands among all items that the user does not own. Nothing is chosen by what is held out: settings are 64
factors, 10 turns, confidence 10, 100 neighbours and l2 250 for all.

What is timed is fit and the ten best items for every user, without those owned. Each runs in a process of its own with
one thread, the smallest of `--times` runs counts, processor seconds; memory is the largest resident size of the
process less what it had before the fit. Peers live in an environment of their own, made with `venv` and `pip` in a
temporary folder, or kept in the one that is named; versions are in `PEERS`. RecTools' EASE answers a sample of users
where it takes long, and its time is that of all users at the same rate; the fit is never extrapolated.

Bounds: ALS fit and top-10 together at most 0.4 of implicit's processor seconds, neighbours at most implicit's, EASE at
most 1/15 of RecTools' in a quarter of its memory, and no NDCG below the peer's by more than its standard error. With
`--strict` the exit code is 1 where one does not hold.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

PEERS = ("implicit==0.7.3", "RecTools==0.19.0")
SIZES = {
    "1m": (50_000, 10_000, 24.0),
    "20m": (500_000, 30_000, 48.0),
    "middle": (30_000, 6_000, 22.0),
    "small": (20_000, 4_000, 20.0),
    "tiny": (3_000, 800, 15.0),
}
"""Users, items, and purchases a user before what comes twice is taken out."""
HELD_OUT = 20_000
TASTES = 50
SAMPLE = 2_000
"""Users whom RecTools' EASE is asked for."""
ONE_THREAD = {**os.environ, **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")}

BEGIN = """
import json, resource, sys, time, warnings
warnings.simplefilter("ignore")
import numpy as np
from scipy import sparse

matrix = sparse.load_npz(sys.argv[1])
K = 10


def memory():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def now_used():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize() / 2**20


def tell(places, fit, best, more=None):
    users = len(places)
    np.save(sys.argv[2], places)
    print(json.dumps({"fit": fit, "best": best, "users": users, "memory": memory() - base, **(more or {})}))


base = now_used()
"""

OURS_ALS = (
    BEGIN
    + """
from sartor_plugins.recommend.models.factors import factorise
from sartor_plugins.recommend.kernels import kernels
from sartor_plugins.recommend.nearest import nearest
warm = matrix[:100]
factorise(warm, 64, 1, 0.01, np.random.default_rng(0))
nearest(*factorise(warm, 64, 1, 0.01, np.random.default_rng(0)), K, warm)
base = now_used()
start = time.process_time()
users, items = factorise((matrix * np.float32(10)).astype("float32"), 64, 10, 0.01, np.random.default_rng(1))
fit = time.process_time() - start
start = time.process_time()
places, _ = nearest(users, items, K, matrix)
tell(places, fit, time.process_time() - start)
"""
)

IMPLICIT_ALS = (
    BEGIN
    + """
import threadpoolctl
threadpoolctl.threadpool_limits(1, "blas")
from implicit.als import AlternatingLeastSquares
model = AlternatingLeastSquares(factors=64, iterations=10, regularization=0.01, alpha=10, num_threads=1, random_state=1,
                                use_gpu=False)
start = time.process_time()
model.fit(matrix, show_progress=False)
fit = time.process_time() - start
start = time.process_time()
places = np.concatenate([model.recommend(np.arange(a, min(a + 5000, matrix.shape[0])),
                                         matrix[a:a + 5000], N=K, filter_already_liked_items=True)[0]
                         for a in range(0, matrix.shape[0], 5000)])
tell(places, fit, time.process_time() - start)
"""
)

OURS_KNN = (
    BEGIN
    + """
from sartor_plugins.recommend.kernels import kernels
from sartor_plugins.recommend.models.weighing import neighbour_weights
from sartor_plugins.recommend.nearest import best_of_weights
neighbour_weights(matrix[:100], 10, 0.0, 'owned')
best_of_weights(matrix[:100], neighbour_weights(matrix[:100], 10, 0.0, 'owned'), K)
base = now_used()
start = time.process_time()
weights = neighbour_weights(matrix, 100, 0.0, 'owned')
fit = time.process_time() - start
start = time.process_time()
places, _ = best_of_weights(matrix, weights, K)
tell(places, fit, time.process_time() - start)
"""
)

IMPLICIT_KNN = (
    BEGIN
    + """
from implicit.nearest_neighbours import CosineRecommender
model = CosineRecommender(K=100, num_threads=1)
start = time.process_time()
model.fit(matrix, show_progress=False)
fit = time.process_time() - start
start = time.process_time()
places = np.concatenate([model.recommend(np.arange(a, min(a + 5000, matrix.shape[0])),
                                         matrix[a:a + 5000], N=K, filter_already_liked_items=True)[0]
                         for a in range(0, matrix.shape[0], 5000)])
tell(places, fit, time.process_time() - start)
"""
)

OURS_EASE = (
    BEGIN
    + """
from sartor_plugins.recommend.models.weighing import ease_weights
from sartor_plugins.recommend.nearest import best_of_weights
base = now_used()
start = time.process_time()
weights = ease_weights(matrix, 250.0)
fit = time.process_time() - start
start = time.process_time()
places, _ = best_of_weights(matrix, weights, K)
tell(places, fit, time.process_time() - start)
"""
)

RECTOOLS_EASE = (
    BEGIN
    + """
import pandas as pd
from rectools import Columns
from rectools.dataset import Dataset
from rectools.models import EASEModel
coo = matrix.tocoo()
frame = pd.DataFrame({Columns.User: coo.row, Columns.Item: coo.col, Columns.Weight: 1.0,
                      Columns.Datetime: pd.Timestamp("2024-01-01")})
data = Dataset.construct(frame)
model = EASEModel(regularization=250.0, num_threads=1)
base = now_used()
start = time.process_time()
model.fit(data)
fit = time.process_time() - start
asked = np.arange(min(int(sys.argv[3]), matrix.shape[0]))
start = time.process_time()
found = model.recommend(asked, data, k=K, filter_viewed=True)
best = (time.process_time() - start) * matrix.shape[0] / len(asked)
places = np.full((len(asked), K), -1)
places[found[Columns.User].to_numpy(), found[Columns.Rank].to_numpy() - 1] = found[Columns.Item].to_numpy()
tell(places, fit, best)
"""
)

RUNS = {
    "als": (("sartor", OURS_ALS), ("implicit", IMPLICIT_ALS)),
    "knn": (("sartor", OURS_KNN), ("implicit", IMPLICIT_KNN)),
    "ease": (("sartor", OURS_EASE), ("RecTools", RECTOOLS_EASE)),
}


def purchases(size: str) -> tuple[sparse.csr_matrix, np.ndarray, np.ndarray]:
    """Return what users bought, and of some users one purchase that is held out."""
    users, items, each = SIZES[size]
    rng = np.random.default_rng(7)
    taste_of_item = rng.integers(0, TASTES, items)
    popularity = 1 / np.arange(1, items + 1) ** 0.8
    popularity = rng.permutation(popularity)
    activity = np.maximum(rng.lognormal(np.log(each) - 0.32, 0.8, users), 2).astype("int64")
    liked = rng.integers(0, TASTES, (users, 3))
    user = np.repeat(np.arange(users), activity)
    taste = liked[user, np.minimum(rng.geometric(0.55, len(user)) - 1, 2)]
    item = np.zeros(len(user), dtype="int64")
    anywhere = rng.random(len(user)) < 0.25
    everything = np.cumsum(popularity) / popularity.sum()
    item[anywhere] = np.searchsorted(everything, rng.random(int(anywhere.sum())))
    for kind in range(TASTES):
        inside = np.flatnonzero(taste_of_item == kind)
        at = np.flatnonzero(~anywhere & (taste == kind))
        share = np.cumsum(popularity[inside]) / popularity[inside].sum()
        item[at] = inside[np.minimum(np.searchsorted(share, rng.random(len(at))), len(inside) - 1)]
    matrix = sparse.csr_matrix((np.ones(len(user), "float32"), (user, np.minimum(item, items - 1))), (users, items))
    matrix.data[:] = 1.0
    matrix.sum_duplicates()
    matrix.data[:] = 1.0
    asked = np.sort(rng.choice(np.flatnonzero(np.diff(matrix.indptr) > 2), min(HELD_OUT, users // 3), replace=False))
    place = matrix.indptr[asked] + rng.integers(0, np.diff(matrix.indptr)[asked])
    held = matrix.indices[place].copy()
    matrix.data[place] = 0.0
    matrix.eliminate_zeros()
    matrix.sort_indices()
    return matrix, asked, held


def ndcg(places: np.ndarray, asked: np.ndarray, held: np.ndarray, users: int) -> tuple[float, float]:
    """Return the mean NDCG@10 of what was held out of the first users, and its standard error."""
    inside = asked < users
    hit = places[asked[inside]] == held[inside, None]
    gain = (hit / np.log2(np.arange(places.shape[1]) + 2)).sum(axis=1)
    return float(gain.mean()), float(gain.std() / np.sqrt(max(len(gain), 1)))


@contextmanager
def environment(folder: str | None) -> Iterator[Path]:
    """Yield the Python of an environment that has the peers."""
    with tempfile.TemporaryDirectory() as temporary:
        home = Path(folder or temporary)
        python = home / "bin" / "python"
        if not python.exists():
            venv.create(home, with_pip=True)
            subprocess.run([python, "-m", "pip", "install", "-q", *PEERS], check=True)
        yield python


def run(python: Path | str, script: str, matrix: Path, answer: Path, times: int) -> dict[str, Any]:
    """Run one recommender some times; the least processor seconds count."""
    found: list[dict[str, Any]] = []
    for _ in range(times):
        command = [str(python), "-c", script, str(matrix), str(answer), str(SAMPLE)]
        done = subprocess.run(command, env=ONE_THREAD, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(done.stderr[-3000:])
        found.append(json.loads(done.stdout.splitlines()[-1]))
    return min(found, key=lambda one: one["fit"] + one["best"])


def compare(what: str, folder: Path, data: tuple[Any, Any, Any], peers: Path, times: int) -> list[str]:
    """Run sartor and its peer, tell both, and return which bounds do not hold."""
    _, asked, held = data
    told: dict[str, Any] = {}
    for name, script in RUNS[what]:
        answer = folder / f"{what}-{name}.npy"
        python = sys.executable if name == "sartor" else peers
        told[name] = run(python, script, folder / "purchases.npz", answer, times)
    users = min(entry["users"] for entry in told.values())
    for name, entry in told.items():
        # All are judged on the users whom all have answered.
        entry["ndcg"], entry["error"] = ndcg(np.load(folder / f"{what}-{name}.npy"), asked, held, users)
        seconds = f"fit {entry['fit']:8.2f} s  top-10 {entry['best']:8.2f} s  memory {entry['memory']:7.0f} MiB"
        print(f"{what:5} {name:9} {seconds}  NDCG@10 {entry['ndcg']:.4f} ± {entry['error']:.4f}", flush=True)
    ours, peer = told["sartor"], next(entry for name, entry in told.items() if name != "sartor")
    ratio = (ours["fit"] + ours["best"]) / (peer["fit"] + peer["best"])
    memory = ours["memory"] / max(peer["memory"], 1e-9)
    print(f"{what:5} ratio of seconds {ratio:.3f}, of memory {memory:.2f}", flush=True)
    bound = {"als": 0.4, "knn": 1.0, "ease": 1 / 15}[what]
    failed = [f"{what}: {ratio:.3f} of the peer's seconds, {bound:.3f} allowed"] if ratio > bound else []
    if what == "ease" and memory > 0.25:
        failed.append(f"ease: {memory:.2f} of the peer's memory, 0.25 allowed")
    if ours["ndcg"] < peer["ndcg"] - peer["error"]:
        failed.append(f"{what}: NDCG {ours['ndcg']:.4f} is below {peer['ndcg']:.4f} by more than its standard error")
    return failed


def main() -> int:
    """Compare, and tell which bounds hold."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", default="1m", choices=sorted(SIZES))
    parser.add_argument("--only", default="als,knn,ease")
    parser.add_argument("--times", type=int, default=1)
    parser.add_argument("--environment")
    parser.add_argument("--folder")
    parser.add_argument("--strict", action="store_true")
    asked = parser.parse_args()
    failed: list[str] = []
    with environment(asked.environment) as peers, tempfile.TemporaryDirectory() as temporary:
        folder = Path(asked.folder or temporary)
        data = purchases(asked.size)
        sparse.save_npz(folder / "purchases.npz", data[0], compressed=False)
        print(f"{data[0].shape[0]:,} users, {data[0].shape[1]:,} items, {data[0].nnz:,} pairs", flush=True)
        for what in asked.only.split(","):
            failed += compare(what, folder, data, peers, asked.times)
    for line in failed:
        print(f"does not hold: {line}")
    return 1 if failed and asked.strict else 0


if __name__ == "__main__":
    sys.exit(main())
