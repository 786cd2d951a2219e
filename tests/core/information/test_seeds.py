"""The benchmark in small: over some seeds the truth lies inside, and noise is worth nothing."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

BENCHMARK = Path(__file__).resolve().parents[3] / "benchmarks" / "information.py"


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_truth_lies_inside_seed_by_seed():
    spec = importlib.util.spec_from_file_location("benchmark_information", BENCHMARK)
    assert spec is not None
    assert spec.loader is not None
    benchmark = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(benchmark)
    module = benchmark.simulated()
    truth = module.truth_of_signal()
    found = [benchmark.one(seed, 4000, truth, module) for seed in range(200, 212)]
    assert sum(one["bits_inside"] for one in found) >= 10
    assert sum(one["money_inside"] for one in found) >= 10
    assert sum(one["noise_worth_it"] for one in found) <= 1
    assert all(one["signal_worth_it"] for one in found)
