"""Kill runs at random instants: does the same command afterwards give the bytes of an undisturbed run?

    python benchmarks/kills.py [--times 200] [--seed 0]

A small credit recipe (a forest, a tuned tree, decisions in money) runs once undisturbed. Then, in a project of its own,
it is killed (SIGKILL, the whole process group) at an instant drawn between its start and its usual end, and the same
command is given again, without anything being cleaned in between; every fifth project is killed twice. Counted are the
kills, how many of them hit a run that was going on, and the projects in which metrics, predictions and decisions are
byte for byte those of the undisturbed run, with no half-written run beside them.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

RECIPE = """\
format: 1
recipe: kills
currency: DM
ingest:
  applications: {use: samples.german_credit, key: application_id}
privacy: {columns: {personal_status_and_sex: audit_only, age_in_years: audit_only, foreign_worker: drop}}
task: {use: finance.default_risk, with: {outcome: creditability, bad: bad, good: good}}
split: {hash: 0.3}
models:
  scorecard: {use: finance.scorecard}
  forest: {use: learn.forest, with: {trees: 60}}
  tuned:
    use: learn.tuned
    with: {model: {use: learn.tree}, over: {depth: [2, 3, 4, 5]}, candidates: 4, budget: 5 minutes}
actions:
  decision:
    use: finance.credit_decision
    with: {amount: credit_amount, loss_given_default: 0.6, margin: 0.12}
judge: {redraws: 200}
"""
FILES = ("metrics.json", "predictions.parquet", "decisions.parquet")
RUN = "from sartor.cli import main; raise SystemExit(main(['run', 'kills.yaml', '--json']))"


def project_in(folder: str) -> Path:
    """Make a project with the recipe."""
    project = Path(folder)
    (project / "kills.yaml").write_text(RECIPE, encoding="utf-8")
    return project


def start(project: Path) -> subprocess.Popen[str]:
    """Start the run in a process group of its own."""
    return subprocess.Popen(
        [sys.executable, "-c", RUN],
        cwd=project,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )


def results(project: Path) -> list[bytes]:
    """Run to the end; return the bytes of what repeats."""
    process = start(project)
    out, _ = process.communicate()
    if process.returncode:
        return []
    folder = project / "runs" / "kills" / json.loads(out)["run"]
    return [(folder / name).read_bytes() for name in FILES]


def kill(project: Path, instant: float) -> bool:
    """Start a run and kill it at an instant; tell whether it was still going on."""
    process = start(project)
    time.sleep(instant)
    going_on = process.poll() is None
    if going_on:
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    return going_on


def main() -> int:
    """Kill, resume, compare, count."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=200, help="how many kills")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as folder:
        begun = time.perf_counter()
        undisturbed = results(project_in(folder))
        length = time.perf_counter() - begun
    if not undisturbed:
        sys.exit("the undisturbed run failed")
    kills = hits = projects = same = whole = 0
    while kills < options.times:
        with tempfile.TemporaryDirectory() as folder:
            project = project_in(folder)
            for _ in range(2 if projects % 5 == 4 else 1):
                hits += kill(project, rng.uniform(0.05, length))
                kills += 1
            projects += 1
            same += results(project) == undisturbed
            runs = [path for path in (project / "runs" / "kills").iterdir() if not path.name.startswith(".")]
            whole += all((path / "summary.json").exists() for path in runs)
        if projects % 10 == 0:
            # Whoever ends it early knows how far it was.
            said = f"so far: kills {kills}, projects {projects}, the same bytes {same}, no half-written run {whole}"
            print(said, file=sys.stderr, flush=True)
    print(f"kills {kills}, of a run that was going on {hits}; projects {projects}")
    print(f"the bytes of the undisturbed run {same} of {projects}; no half-written run {whole} of {projects}")
    return int(same != projects or whole != projects)


if __name__ == "__main__":
    sys.exit(main())
