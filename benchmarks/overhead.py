"""What sartor's order, checks and record cost: a run against a hand-written script of the same work.

    python benchmarks/overhead.py [--times 5] [--strict]

The script reads the same table with pandas, splits it by the same hash, fits the same models by calling their
components by hand, judges them by the same metrics on as many redraws, decides, and writes decisions and metrics. What
it lacks is sartor's core: recipe, checks, guard, engine, leak check, cache, record. Each runs in a process of its own,
in turns, without anything kept; processor and wall seconds of the whole process are compared, imports included.

Bound: a run takes at most 1.3 times the script.

`bookkeeping` is what a warm run in one process spends in the core, in processor seconds of its thread; bound 50 ms. It
is the whole run without the work that the core only asks for, which is told beside it:

- components: what stands in a step of the recipe (reading, fitting, predicting, metrics, deciding), and for golden rows
  each model's own loading and answering; drawing the rows, writing them and checking the answers is the core's;
- table engine: DuckDB's own work, its queries and its files, its start and its end (an empty connection takes 7 to 15
  ms to open and close). Making a query of what a recipe says is the core's.

With `--strict` the exit code is 1 when a bound does not hold.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time

RATIO, BOOKKEEPING_SECONDS = 1.3, 0.050

RUN = """
import sartor
sartor.run("finance/credit-scoring")
"""

SCRIPT = """
import hashlib, json
from importlib.resources import files
from pathlib import Path

import numpy as np
import pandas as pd
import threadpoolctl

from sartor.components import PROBABILITY
from sartor.context import Context, seed_of
from sartor.evidence.bootstrap import Redraws, measure, totals
from sartor.rows import Judged, Scoring, Training
from sartor_domains.finance.credit_decision import CreditDecision
from sartor_domains.finance.scorecard import Scorecard
from sartor_plugins.learn.metrics.catalogue import binary_metrics
from sartor_plugins.learn.models.boosting import Boosting
from sartor_plugins.learn.models.linear import Logistic
from sartor_plugins.learn.models.trees import Forest
from sartor_plugins.learn.trivial import BaseRate

with threadpoolctl.threadpool_limits(limits=1):
    table = pd.read_csv(files("sartor_plugins.samples") / "data" / "german_credit.csv.gz")
    table["application_id"] = np.arange(len(table))
    table["instalment"] = table["credit_amount"] / table["duration_in_month"]
    y = (table["creditability"] == "bad").to_numpy().astype("int64")
    test = np.array(
        [int(hashlib.sha1(str(key).encode()).hexdigest()[:8], 16) < int(0.3 * 16**8) for key in table["application_id"]]
    )
    away = ["application_id", "creditability", "personal_status_and_sex", "age_in_years", "foreign_worker"]
    rows = table.drop(columns=away[1:]).rename(columns={"application_id": "__row"})
    X = table.drop(columns=away)
    X = X.astype({column: "float64" for column in X.select_dtypes("number")})
    whole = Training(rows, X, PROBABILITY, ("good", "bad"), y=y)
    training, held = whole.take(~test), whole.take(test)
    scoring = held.without_truth()
    models = {
        "base rate": BaseRate(),
        "scorecard": Scorecard(),
        "logistic": Logistic(),
        "forest": Forest(),
        "boosting": Boosting(),
    }
    action = CreditDecision(amount="credit_amount", loss_given_default=0.6, margin=0.12, refer_within=0.05)
    judged, money, decisions = {}, {}, {}
    for name, model in models.items():
        context = Context(step=f"models.{name}", seed=seed_of(0, name))
        fitted = model.fit(training, context)
        judged[name] = Judged(held.y, fitted.predict(scoring), held.rows, held.classes, training)
        explain = fitted.explain if name == "scorecard" else None
        decided = action.decide(judged[name].predictions, scoring, Context(step="actions.decision", explain=explain))
        money[name] = action.value(decided, held)
        decisions[name] = decided
    for name, decided in action.policies(training, scoring, Context(step="actions.decision")).items():
        money[name] = action.value(decided, held)
    redraws = Redraws(len(held))
    measured = measure(judged, binary_metrics(), redraws)
    worth = totals(money, redraws)
    numbers = {
        name: {metric: [value.value, str(value.interval())] for metric, value in found.items()}
        for name, found in measured.items()
    }
    numbers["worth"] = {name: [value.value, str(value.interval())] for name, value in worth.items()}
    Path("metrics.json").write_text(json.dumps(numbers))
    decisions["scorecard"].to_parquet("decisions.parquet")
"""

WARM = """
import json, time
from contextlib import contextmanager

import sartor
import sartor.preparing
import sartor.runs.golden
from sartor.engine import Engine
from sartor.session import Session

spent, open_calls = {"components": 0.0, "table engine": 0.0}, []


@contextmanager
def spending(where):
    # Work inside other work is counted once, where it was asked for.
    begun = time.thread_time()
    open_calls.append(where)
    try:
        yield
    finally:
        open_calls.pop()
        if not open_calls:
            spent[where] += time.thread_time() - begun


def counted(function, where):
    def timed(*arguments, **named):
        with spending(where):
            return function(*arguments, **named)

    return timed


verbs = Session.step


@contextmanager
def step(self, *arguments):
    with spending("components"), verbs(self, *arguments):
        yield


Session.step = step
sartor.preparing.load_prepared = counted(sartor.preparing.load_prepared, "components")
sartor.runs.golden.answers_of = counted(sartor.runs.golden.answers_of, "components")
for name in ("store", "fetch", "write", "scan", "frame", "_connect", "close"):
    setattr(Engine, name, counted(getattr(Engine, name), "table engine"))
sartor.run("finance/credit-scoring")
runs = []
for seed in range(1, 11):
    spent.update(dict.fromkeys(spent, 0.0))
    begun = time.thread_time()
    sartor.run("finance/credit-scoring", seed=seed)
    whole = time.thread_time() - begun
    runs.append({"bookkeeping": whole - sum(spent.values()), **spent})
print(json.dumps(min(runs, key=lambda run: run["bookkeeping"])))
"""


def timed(code: str) -> tuple[float, float, str]:
    """Run code in a process and a folder of its own: wall seconds, processor seconds, what it printed."""
    with tempfile.TemporaryDirectory() as folder:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        begun = time.perf_counter()
        done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False)
        wall = time.perf_counter() - begun
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        sys.exit(done.stderr)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, done.stdout


def main() -> int:
    """Measure, print, and say whether the bounds hold."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=5, help="how often each is measured")
    parser.add_argument("--strict", action="store_true", help="exit with 1 when a bound does not hold")
    options = parser.parse_args()
    walls: dict[str, list[float]] = {"run": [], "script": []}
    processors: dict[str, list[float]] = {"run": [], "script": []}
    for _ in range(options.times):
        for name, code in (("script", SCRIPT), ("run", RUN)):
            wall, processor, _ = timed(code)
            walls[name].append(wall)
            processors[name].append(processor)
    warm = json.loads(timed(WARM)[2])
    print(f"{'':12}{'wall s':>10}{'processor s':>14}")
    for name in ("script", "run"):
        print(f"{name:12}{statistics.median(walls[name]):10.2f}{statistics.median(processors[name]):14.2f}")
    ratio = statistics.median(processors["run"]) / statistics.median(processors["script"])
    wall_ratio = statistics.median(walls["run"]) / statistics.median(walls["script"])
    print(f"{'ratio':12}{wall_ratio:10.2f}{ratio:14.2f}   (bound {RATIO})")
    print("a warm run, processor ms of its thread:")
    for name, seconds in warm.items():
        bound = f"   (bound {1000 * BOOKKEEPING_SECONDS:.0f})" if name == "bookkeeping" else ""
        print(f"  {name:14}{1000 * seconds:8.0f}{bound}")
    return int(options.strict and (ratio > RATIO or warm["bookkeeping"] > BOOKKEEPING_SECONDS))


if __name__ == "__main__":
    sys.exit(main())
