"""Forecasts of many series beside statsforecast: processor time for each series, and errors on periods held back.

    python benchmarks/forecast.py [--series 100000] [--theta 2000] [--smoothing 600] [--environment FOLDER] [--strict]

Series are simulated: 150 periods and 12 held back, 60 of 100 sell now and then (Poisson around a rate that wanders),
the others have level, trend and a season of 12 that multiplies. Croston-SBA, TSB and IMAPA run on all series on both
sides, and their forecasts are compared one by one. Theta and AutoETS of the peer are too slow for all: they run on the
first `--theta` and `--smoothing` series (as many of either kind in a hundred), ours on all of them, and both are judged
on the peer's part. What is told is processor time for a series, one thread each; building the peer's table is not
counted. Ours runs once before it is timed.

The peer lives in an environment of its own, which is made with `venv` and `pip` in a temporary folder, or kept in the
one that is named.

Bounds: SBA, TSB and IMAPA at most 1/8 of the peer's time with the same forecasts (within 0.1 % on 99 of 100 series);
Theta at most 1/50 and exponential smoothing at most 1/20 of AutoETS, with errors at most 0.5 % above the peer's: root
mean square on seldom sold series, mean absolute on the others. With `--strict` the exit code is 1 where one does not
hold.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import venv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sartor_plugins.forecast.methods.methods import forecasts

PEERS = ("statsforecast==2.1.1", "pandas==2.3.3", "numpy==2.4.6")
PERIODS, HORIZON, SEASON = 150, 12, 12
SELDOM = 0.6
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NIXTLA_ID_AS_COL"), "1")
METHODS = {"sba": "CrostonSBA", "tsb": "TSB", "imapa": "IMAPA", "theta": "Theta", "exponential_smoothing": "AutoETS"}
BOUNDS = {"sba": 1 / 8, "tsb": 1 / 8, "imapa": 1 / 8, "theta": 1 / 50, "exponential_smoothing": 1 / 20}
WORSE = 1.005
ALIKE, MOST = 1e-3, 0.99

PEER = """
import json, sys, time, warnings
import numpy as np
warnings.simplefilter("ignore")
from statsforecast.models import TSB, AutoETS, CrostonSBA, IMAPA, Theta
told = json.loads(sys.argv[1])
y = np.load(told["series"])[: told["count"]].astype(np.float64)
models = {
    "CrostonSBA": lambda: CrostonSBA(),
    "TSB": lambda: TSB(alpha_d=0.1, alpha_p=0.1),
    "IMAPA": lambda: IMAPA(),
    "Theta": lambda: Theta(season_length=told["season"]),
    "AutoETS": lambda: AutoETS(season_length=told["season"]),
}
model = models[told["model"]]()
model.forecast(y[0], told["horizon"])
found = np.empty((len(y), told["horizon"]))
begun = time.process_time()
for place, series in enumerate(y):
    found[place] = model.forecast(series, told["horizon"])["mean"]
spent = time.process_time() - begun
np.save(told["found"], found)
print(json.dumps({"seconds": spent}))
"""


@dataclass(frozen=True)
class Line:
    """What was measured of one method.

    Parameters
    ----------
    method : str
    ours, theirs : float
        Microseconds of processor time for a series.
    errors : tuple of float
        Ours and theirs on seldom sold series, ours and theirs on the others.
    alike : float
        Share of series whose forecasts agree.
    """

    method: str
    ours: float
    theirs: float
    errors: tuple[float, float, float, float]
    alike: float

    @property
    def ratio(self) -> float:
        """Our time against theirs."""
        return self.ours / self.theirs

    def holds(self) -> bool:
        """Tell whether the bounds hold."""
        seldom, seldom_theirs, often, often_theirs = self.errors
        close = seldom <= WORSE * seldom_theirs and often <= WORSE * often_theirs
        same = self.alike >= MOST if self.method in ("sba", "tsb", "imapa") else True
        return self.ratio <= BOUNDS[self.method] and close and same

    def __str__(self) -> str:
        seldom, seldom_theirs, often, often_theirs = self.errors
        return (
            f"{self.method:22} {self.ours:9.2f} {self.theirs:11.1f}  1/{1 / self.ratio:<6.0f} "
            f"{seldom:8.4f} {seldom_theirs:8.4f} {seldom / seldom_theirs - 1:+7.2%}  "
            f"{often:8.4f} {often_theirs:8.4f} {often / often_theirs - 1:+7.2%}  {self.alike:7.2%}  "
            f"{'holds' if self.holds() else 'does not hold'}"
        )


def simulated(count: int, seed: int = 7) -> np.ndarray:
    """Return series of which every hundred holds as many seldom sold ones, with the periods held back at the end."""
    rng = np.random.default_rng(seed)
    length = PERIODS + HORIZON
    found = np.zeros((count, length), dtype=np.float32)
    periods = np.arange(length)
    for start in range(0, count, 10_000):
        size = min(10_000, count - start)
        wander = np.exp(np.cumsum(rng.normal(0, 0.04, (size, length)), axis=1))
        rate = rng.uniform(0.1, 0.8, (size, 1)) * wander
        seldom = rng.poisson(np.minimum(rate, 20)) * rng.integers(1, 6, (size, 1))
        level = rng.lognormal(3.5, 0.6, (size, 1))
        trend = 1 + rng.normal(0, 0.003, (size, 1)) * periods
        season = 1 + rng.uniform(0, 0.5, (size, 1)) * np.sin(2 * np.pi * (periods / SEASON + rng.random((size, 1))))
        slow = np.exp(np.cumsum(rng.normal(0, 0.02, (size, length)), axis=1))
        often = np.maximum(
            level * np.maximum(trend, 0.1) * season * slow * (1 + rng.normal(0, 0.12, (size, length))), 0
        )
        kind = is_seldom(start, size)
        found[start : start + size] = np.where(kind[:, None], seldom, often)
    return found


def is_seldom(start: int, size: int) -> np.ndarray:
    """Tell which of the series from `start` on are sold seldom: the same share in every stretch of five."""
    return (np.arange(start, start + size) % 5) < 5 * SELDOM


def errors(told: np.ndarray, truth: np.ndarray) -> tuple[float, float]:
    """Return the error on seldom sold series (root mean square) and on the others (mean absolute)."""
    kind = is_seldom(0, len(truth))
    gap = told - truth
    return float(np.sqrt((gap[kind] ** 2).mean())), float(np.abs(gap[~kind]).mean())


def ours(method: str, past: np.ndarray) -> tuple[np.ndarray, float]:
    """Return our forecasts and the processor seconds that they took."""
    forecasts(method, past[:3000], HORIZON, SEASON)
    begun = time.thread_time()
    found = forecasts(method, past, HORIZON, SEASON)
    return found, time.thread_time() - begun


def theirs(python: Path, method: str, folder: Path, count: int) -> tuple[np.ndarray, float]:
    """Return the peer's forecasts and the processor seconds that they took."""
    told = {
        "series": str(folder / "past.npy"),
        "found": str(folder / f"{method}.npy"),
        "model": METHODS[method],
        "count": count,
        "horizon": HORIZON,
        "season": SEASON,
    }
    called = [str(python), "-c", PEER, json.dumps(told)]
    done = subprocess.run(called, env={**os.environ, **ONE_THREAD}, check=True, capture_output=True, text=True)
    return np.load(told["found"]), float(json.loads(done.stdout.splitlines()[-1])["seconds"])


def compare(python: Path, method: str, series: np.ndarray, folder: Path, count: int) -> Line:
    """Measure one method on both sides; the peer on the first `count` series."""
    past = series[:, :PERIODS].astype(np.float64)
    our, spent = ours(method, past)
    their, spent_there = theirs(python, method, folder, count)
    truth = series[:count, PERIODS:].astype(np.float64)
    (seldom, often), (seldom_there, often_there) = errors(our[:count], truth), errors(their, truth)
    gap = np.abs(our[:count] - their).max(axis=1) <= ALIKE * np.maximum(np.abs(their).max(axis=1), 1e-9)
    return Line(
        method,
        1e6 * spent / len(series),
        1e6 * spent_there / count,
        (seldom, seldom_there, often, often_there),
        float(gap.mean()),
    )


def environment(folder: Path) -> Path:
    """Return the Python of an environment with the peer, made unless it is there."""
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", *PEERS], check=True)
    return python


def main(arguments: list[str] | None = None) -> int:
    """Measure, tell, and say whether the bounds hold."""
    asked = _arguments().parse_args(arguments)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        python = environment(asked.environment or folder / "environment")
        series = simulated(asked.series)
        np.save(folder / "past.npy", series[:, :PERIODS])
        print(f"{asked.series:,} series of {PERIODS} periods, {HORIZON} held back; microseconds a series, errors")
        print(
            f"{'method':22} {'ours':>9} {'theirs':>11}  ratio    {'seldom: ours, theirs':26} "
            f"{'often: ours, theirs':27} alike"
        )
        counts = {"theta": asked.theta, "exponential_smoothing": asked.smoothing}
        lines: list[Any] = []
        for method in METHODS:
            lines.append(compare(python, method, series, folder, min(counts.get(method, asked.series), asked.series)))
            print(lines[-1], flush=True)
    return int(asked.strict and not all(line.holds() for line in lines))


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--series", type=int, default=100_000)
    parser.add_argument("--theta", type=int, default=2_000)
    parser.add_argument("--smoothing", type=int, default=600)
    parser.add_argument("--environment", type=Path)
    parser.add_argument("--strict", action="store_true")
    return parser


if __name__ == "__main__":
    sys.exit(main())
