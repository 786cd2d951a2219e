"""What scoring new data takes: rows a second and peak memory of `sartor predict` on 1 and on 10 million rows.

    python benchmarks/predict.py [--rows 1000000 10000000] [--form parquet] [--strict]

A run of `finance/lending-simulated` is made first, small. New applications are simulated by `samples.lending` into a
file in a temporary folder, removed in the end, and scored with decisions and their reasons into another file, each
size in a process of its own. Peak memory is that process's highest resident set, libraries included.

Bound: the peak on the largest number of rows is at most 1.2 times that on the smallest. With `--strict` the exit code
is 1 when it does not hold.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

RATIO = 1.2

RUN = """
import sartor
sartor.run("finance/lending-simulated", sets=["judge.redraws=100"])
"""

MAKE = """
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pa_csv

from sartor_plugins.samples.applicants import blocks, schema_of, write_blocks
from sartor_plugins.samples.lending import Lending

settings, file = Lending(rows=int(sys.argv[1]), seed=1), Path(sys.argv[2])
if file.suffix == ".parquet":
    write_blocks(settings, file, lambda *_: None)
else:
    with pa_csv.CSVWriter(file, schema_of(settings)) as writer:
        for block in blocks(settings):
            writer.write_batch(block)
"""

PREDICT = """
import json, resource, sys, time

from sartor.cli import main

begun = time.perf_counter()
code = main(["predict", "@last", "--data", sys.argv[1], "--out", sys.argv[2], "--decide"])
seconds = time.perf_counter() - begun
usage = resource.getrusage(resource.RUSAGE_SELF)
peak = usage.ru_maxrss / (1024 if sys.platform != "darwin" else 1024**2)
print(json.dumps({"code": code, "wall": seconds, "cpu": usage.ru_utime + usage.ru_stime, "peak": peak}))
"""


def python(code: str, folder: Path, *arguments: str) -> str:
    """Run code in a process of its own and return the last line that it printed."""
    call = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(call, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr)
    return done.stdout.strip().rpartition("\n")[2]


def measured(rows: int, form: str, folder: Path) -> dict[str, float]:
    """Simulate, score, remove; return seconds and peak memory of scoring alone."""
    data, out = folder / f"new.{form}", folder / f"scored.{form}"
    begun = time.perf_counter()
    python(MAKE, folder, str(rows), str(data))
    print(
        f"{rows:12,}  simulated in {time.perf_counter() - begun:.0f} s, {data.stat().st_size / 2**20:.0f} MiB",
        flush=True,
    )
    told = json.loads(python(PREDICT, folder, str(data), str(out)))
    if told["code"]:
        sys.exit(f"predict ended with {told['code']}")
    data.unlink()
    out.unlink()
    return told


def main() -> int:
    """Measure, print, and say whether the bound holds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000_000, 10_000_000], help="numbers of rows")
    parser.add_argument("--form", choices=["parquet", "csv"], default="parquet", help="of the data and the answers")
    parser.add_argument("--strict", action="store_true", help="exit with 1 when the bound does not hold")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "sartor.toml").write_text("", encoding="utf-8")
        python(RUN, folder)
        found = {rows: measured(rows, options.form, folder) for rows in sorted(options.rows)}
    print(f"{'rows':>12}{'wall s':>10}{'processor s':>14}{'rows/s':>12}{'peak MiB':>11}")
    for rows, told in found.items():
        print(f"{rows:12,}{told['wall']:10.1f}{told['cpu']:14.1f}{rows / told['wall']:12,.0f}{told['peak']:11.0f}")
    ratio = found[max(found)]["peak"] / found[min(found)]["peak"]
    print(f"peak, largest to smallest: {ratio:.2f} (bound {RATIO})")
    return int(options.strict and ratio > RATIO)


if __name__ == "__main__":
    sys.exit(main())
