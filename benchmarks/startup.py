"""How soon the terminal answers: `sartor --help` against a bare Typer app of eight verbs, and `sartor check`.

    python benchmarks/startup.py [--times 21] [--recipe finance/credit-scoring] [--strict]

Everything is measured in the same run, in turns, each call in a process of its own; the median counts. The 50 plugins
are dist-info folders on a path of their own, each of which imports pandas when it is loaded, as a stranger's may.

Bounds: `--help` takes at most 1.5 times the bare app and 150 ms, also with 50 more plugins; `check` 300 ms.
With `--strict` the exit code is 1 when one of them does not hold.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

PLUGINS = 50
HELP_RATIO, HELP_SECONDS, CHECK_SECONDS = 1.5, 0.150, 0.300

SARTOR = "import sys; from sartor.cli import main; sys.exit(main())"
BARE = """
import typer

app = typer.Typer()


def verb(name):
    def work(
        name: str = typer.Argument("x", help="What to work on."),
        count: int = typer.Option(1, help="How often."),
        quiet: bool = typer.Option(False, help="Say less."),
    ) -> None:
        "Do one thing."

    app.command(name)(work)


for name in ("run", "check", "explain", "recipes", "list", "schema", "plugins", "doctor"):
    verb(name)
app()
"""


def install_plugins(folder: Path) -> None:
    """Put plugins where Python finds them, as pip would."""
    for number in range(PLUGINS):
        name = f"stranger{number:02d}"
        (folder / f"{name}_plugin.py").write_text("import pandas\n", encoding="utf-8")
        info = folder / f"{name}_plugin-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.4\nName: {name}-plugin\nVersion: 1.0\n", encoding="utf-8")
        (info / "entry_points.txt").write_text(f"[sartor.plugins]\n{name} = {name}_plugin\n", encoding="utf-8")


def seconds(command: Sequence[str], environment: Mapping[str, str]) -> float:
    """Run a command once and return how long it took; it must succeed."""
    began = time.perf_counter()
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    took = time.perf_counter() - began
    if ended.returncode:
        sys.exit(f"{' '.join(command)} ended with {ended.returncode}:\n{ended.stdout}{ended.stderr}")
    return took


def measured(calls: Mapping[str, tuple[list[str], dict[str, str]]], times: int) -> dict[str, float]:
    """Return the median of each call, all calls taking turns so that a busy moment hits them alike."""
    found: dict[str, list[float]] = {name: [] for name in calls}
    for turn in range(times + 1):
        for name, (command, environment) in calls.items():
            took = seconds(command, environment)
            if turn:
                # The first turn writes bytecode and warms the disk's cache.
                found[name].append(took)
    return {name: statistics.median(all_of_them) for name, all_of_them in found.items()}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=21)
    parser.add_argument("--recipe", default="finance/credit-scoring")
    parser.add_argument("--strict", action="store_true")
    asked = parser.parse_args()

    with tempfile.TemporaryDirectory() as folder:
        install_plugins(Path(folder))
        alone = dict(os.environ)
        path = os.pathsep.join(filter(None, (folder, alone.get("PYTHONPATH"))))
        crowded = {**alone, "PYTHONPATH": path}
        check = [sys.executable, "-c", SARTOR, "check", asked.recipe]
        calls = {
            "bare Typer app --help": ([sys.executable, "-c", BARE, "--help"], alone),
            "sartor --help": ([sys.executable, "-c", SARTOR, "--help"], alone),
            f"sartor --help, {PLUGINS} plugins": ([sys.executable, "-c", SARTOR, "--help"], crowded),
            "sartor run --help": ([sys.executable, "-c", SARTOR, "run", "--help"], alone),
            f"sartor check {asked.recipe}": (check, alone),
            f"sartor check, {PLUGINS} plugins": (check, crowded),
        }
        found = measured(calls, asked.times)

    bare = found["bare Typer app --help"]
    broken = []
    for name, took in found.items():
        print(f"{name:<40}{1000 * took:7.0f} ms{took / bare:7.2f} x bare")
        most = CHECK_SECONDS if "check" in name else HELP_SECONDS
        if name.startswith("sartor") and (took > most or ("help" in name and took > HELP_RATIO * bare)):
            broken.append(name)
    print(f"medians of {asked.times}; Python {sys.version.split()[0]}, load {os.getloadavg()[0]:.1f}")
    for name in broken:
        print(f"beyond its bound: {name}")
    return 1 if broken and asked.strict else 0


if __name__ == "__main__":
    sys.exit(main())
