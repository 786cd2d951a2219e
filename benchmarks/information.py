"""Do intervals of what sources bring hold the truth? Simulated rows of which it is known, seed by seed.

    python benchmarks/information.py                    100 seeds, 20,000 rows each: some minutes
    python benchmarks/information.py --seeds 5 --rows 4000

Rows follow ``log-odds = 0.5 x + 1.2 signal``, x, signal and noise standard normal; x is public, signal and noise are
ours and cost nothing. True are the bits that signal brings to who may use logistic regressions, by numerical
integration, and the money of accepting below a chance of one half. Bars: the true bits lie inside the 95 % interval of
signal in at least 90 of 100 seeds, and noise is called worth it in at most 5 of 100.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import tempfile
import time
from pathlib import Path
from types import ModuleType
from typing import Any

HERE = Path(__file__).resolve().parent
SIMULATED = HERE.parent / "tests" / "core" / "information" / "simulated.py"
RECIPE = """\
format: 1
recipe: benchmark/information
currency: EUR
ingest: {loans: {use: tables.csv, key: id, with: {path: loans.csv}}}
task: {use: finance.default_risk, with: {outcome: bad, bad: 1, good: 0}}
split: {hash: 0.4}
models: {model: {use: learn.logistic}}
actions:
  decision: {use: finance.credit_decision, with: {amount_per_loan: 100, margin: 0.5, loss_given_default: 0.5}}
judge: {redraws: 500}
information: {private: {signal: [signal], noise: [noise]}}
"""
INSIDE, WRONGLY_WORTH = 0.90, 0.05


def simulated() -> ModuleType:
    """Return the module that makes the rows; the tests use it too."""
    spec = importlib.util.spec_from_file_location("simulated", SIMULATED)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def one(seed: int, rows: int, truth: tuple[float, float], module: ModuleType) -> dict[str, Any]:
    """Run the recipe on the rows of a seed."""
    import sartor

    with tempfile.TemporaryDirectory() as folder:
        before = Path.cwd()
        os.chdir(folder)
        try:
            Path("sartor.toml").write_text("", encoding="utf-8")
            module.logistic_rows(seed, rows).to_csv("loans.csv", index=False)
            Path("recipe.yaml").write_text(RECIPE, encoding="utf-8")
            told = sartor.run("recipe.yaml").information
        finally:
            os.chdir(before)
    assert told is not None
    signal, noise = told["sources"]["signal"], told["sources"]["noise"]
    score, money = signal["without"]["score"], signal["without"]["money"]
    return {
        "seed": seed,
        "bits": score["value"],
        "bits_inside": score["low"] <= truth[0] <= score["high"],
        "money_inside": money["low"] <= truth[1] <= money["high"],
        "noise_worth_it": noise["verdict"] == "worth it",
        "noise_tells": noise["tells"]["verdict"] == "shown",
        "signal_worth_it": signal["verdict"] == "worth it",
    }


def main() -> int:
    """Print a line for each seed and the shares; 1 where a bar is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--seeds", type=int, default=100)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--rows", type=int, default=20_000)
    asked = parser.parse_args()
    module = simulated()
    truth = module.truth_of_signal()
    print(f"true: {truth[0]:.5f} bits, {truth[1]:.3f} a decision")
    began, found = time.perf_counter(), []
    for seed in range(asked.first, asked.first + asked.seeds):
        found.append(one(seed, asked.rows, truth, module))
        print(json.dumps(found[-1]), flush=True)
    shares = {name: sum(line[name] for line in found) / len(found) for name in found[0] if name not in ("seed", "bits")}
    print(json.dumps({**shares, "seeds": len(found), "seconds": round(time.perf_counter() - began, 1)}))
    missed = shares["bits_inside"] < INSIDE or shares["noise_worth_it"] > WRONGLY_WORTH
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
