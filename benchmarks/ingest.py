"""What it takes to let a CSV file in under a contract, against DuckDB's own typed read of it.

    python benchmarks/ingest.py [--size 1e9] [--bad 1e-5] [--rounds 3] [--data FOLDER] [--only sartor duckdb] [--strict]

A file of `size` bytes is simulated, seeded: ten columns of keys, texts, moments, dates, numbers, flags. Of every value
of four columns the share `bad` is of another type, out of its range, blank, or a code for missing.

*sartor* ingests the file by a recipe: types, ranges, allowed values, codes for missing and a key are held against every
line, lines that break a rule are set aside, and what is found is told with file and line; the table is stored.
*sartor, types found* says the types of no column and no rules, so that they come from all values. *duckdb* reads the
file with all types said, leaves out lines that it cannot read (`ignore_errors`), and stores the table in the same form:
Parquet packed with zstd. *duckdb, errors named* has DuckDB keep the lines that it cannot read (`store_rejects`).

Peers take turns, each in a process of its own, of which the seconds are those of the ingest alone; the ratio is that of
the smallest CPU seconds of each, as other work on the machine only adds to them. Compiled kernels are loaded, and
compiled if they never were, before the clock runs; what that takes is shown apart.

Bound: at most 1.1 of DuckDB's typed read. With `--strict` the exit code is 1 where it does not hold, or where lines are
lost or faults are told otherwise than they were made.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

BOUND = 1.1
LINE_BYTES = 101.06
THREADS = 2
TYPES = {
    "id": "BIGINT", "account": "VARCHAR", "moment": "TIMESTAMP", "opened": "DATE", "amount": "DOUBLE",
    "rate": "DOUBLE", "items": "BIGINT", "region": "VARCHAR", "active": "BOOLEAN", "note": "VARCHAR",
}  # fmt: skip
RECIPE = """
format: 1
recipe: bench/ingest
ingest:
  lines:
    use: tables.csv
    key: id
    with: {path: PATH}
"""
CONTRACT = """    contract:
      required: [id, account]
      columns:
        id: {type: integer}
        account: {type: text}
        moment: {type: datetime, between: ["2020-01-01", "2030-01-01"], otherwise: set_aside}
        opened: {type: date}
        amount: {type: number, between: [0, 100000], otherwise: set_aside}
        rate: {type: number, missing_codes: [-1]}
        items: {type: integer, between: [0, 1000], otherwise: missing}
        region: {type: text, allowed: [north, south, east, west], otherwise: set_aside}
        active: {type: boolean}
        note: {type: text}
"""


def make(size: int, bad: float, folder: Path) -> tuple[Path, int]:
    """Write the file, and return it with the number of its lines."""
    import duckdb

    lines = int(size / LINE_BYTES)
    file = folder / f"lines-{size}-{bad:g}.csv"
    if file.exists():
        return file, lines

    def odd(salt: int, good: str, *others: str) -> str:
        # One in so many is one of the others, in turn.
        step = max(1, round(1 / bad)) if bad else 0
        if not step:
            return good
        whens = " ".join(
            f"WHEN {(salt * 7919 + 104729 * place) % step} THEN {other}" for place, other in enumerate(others)
        )
        return f"CASE i % {step * len(others)} {whens} ELSE {good} END" if others else good

    amount = "printf('%.2f', (hash(i) % 9000000) / 100)"
    columns = {
        "id": "i",
        "account": "'A-' || lpad(CAST(hash(i, 1) % 500000 AS VARCHAR), 8, '0')",
        "moment": odd(1, _moment("hash(i, 2) % 94608000"), "'yesterday'", "'1999-01-01 00:00:00'"),
        "opened": "CAST(DATE '2001-01-01' + CAST(hash(i, 3) % 8000 AS INTEGER) AS VARCHAR)",
        "amount": odd(2, amount, "'n/k'", "'-5.00'", f"{amount} || 'x'"),
        "rate": odd(3, "CAST((hash(i, 4) % 1000000) / 1000000 AS VARCHAR)", "'-1'", "''"),
        "items": odd(4, "CAST(hash(i, 5) % 1000 AS VARCHAR)", "'5000'", "'many'"),
        "region": "['north', 'south', 'east', 'west'][CAST(1 + hash(i, 6) % 4 AS BIGINT)]",
        "active": "CASE hash(i, 7) % 2 WHEN 0 THEN 'true' ELSE 'false' END",
        "note": "'paid by ' || ['card', 'transfer', 'cash, in advance'][CAST(1 + hash(i, 8) % 3 AS BIGINT)]",
    }
    said = ", ".join(f"{sql} AS {name}" for name, sql in columns.items())
    part = file.with_suffix(".part")
    duckdb.sql(f"COPY (SELECT {said} FROM range({lines}) t(i)) TO '{part}' (FORMAT csv, HEADER)")
    part.rename(file)
    return file, lines


def _moment(seconds: str) -> str:
    return f"strftime(TIMESTAMP '2022-01-01' + to_seconds(CAST({seconds} AS BIGINT)), '%Y-%m-%d %H:%M:%S')"


# -- peers, each inside a process of its own -----------------------------------------------------------------------


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def sartor(file: Path, scratch: Path, contract: str) -> dict[str, Any]:
    from sartor.engine import Engine
    from sartor.running import load_checked
    from sartor.session import Session
    from sartor.stages.building import build
    from sartor.stages.ingesting import ingest

    def entered(path: Path, name: str) -> tuple[float, float, dict[str, Any]]:
        home = scratch / name
        home.mkdir()
        (home / "sartor.toml").write_text("")
        written = home / "recipe.yaml"
        written.write_text(RECIPE.replace("PATH", json.dumps(str(path))) + contract)
        recipe, plugins, _ = load_checked(written)
        with Engine(THREADS, spill=home / "spill") as engine:
            session = Session(recipe, plugins, engine, "r", 0, THREADS, home, None, lambda event: None)
            cpu, wall = _cpu(), time.perf_counter()
            found = ingest(session, build(recipe, plugins).ingest)
            took = _cpu() - cpu, time.perf_counter() - wall
            told = [note.text for note in session.notes]
            return *took, {"rows": vars(found.counts["lines"]), "told": told}

    few = scratch / "few.csv"
    with file.open("rb") as source:
        few.write_bytes(b"".join(source.readline() for _ in range(2_000)))
    warm, _, _ = entered(few, "warm")
    cpu, wall, said = entered(file, "whole")
    return {"cpu": cpu, "wall": wall, "warm": warm, **said}


def duckdb_typed(file: Path, scratch: Path, how: str) -> dict[str, Any]:
    import duckdb

    connection = duckdb.connect(config={"threads": str(THREADS), "temp_directory": str(scratch / "spill")})
    columns = "{" + ", ".join(f"'{name}': '{kind}'" for name, kind in TYPES.items()) + "}"
    read = f"read_csv('{file}', columns={columns}, auto_detect=false, header=true, delim=',', quote='\"', {how})"
    cpu, wall = _cpu(), time.perf_counter()
    connection.execute(f"COPY (FROM {read}) TO '{scratch / 'lines.parquet'}' (FORMAT parquet, COMPRESSION zstd)")
    told = connection.execute("SELECT line FROM reject_errors").fetchall() if "rejects" in how else []
    took = {"cpu": _cpu() - cpu, "wall": time.perf_counter() - wall}
    stored = connection.sql(f"SELECT count(*) FROM '{scratch / 'lines.parquet'}'").fetchall()[0][0]
    return {**took, "rows": {"rows": stored}, "told": [f"{len(told):,} lines left out"] if told else []}


PEERS = {
    "sartor": lambda file, scratch: sartor(file, scratch, CONTRACT),
    "sartor, types found": lambda file, scratch: sartor(file, scratch, ""),
    "duckdb": lambda file, scratch: duckdb_typed(file, scratch, "ignore_errors=true"),
    "duckdb, errors named": lambda file, scratch: duckdb_typed(file, scratch, "store_rejects=true, rejects_limit=0"),
}


def run_peer(peer: str, file: Path, folder: Path) -> dict[str, Any]:
    """Run one peer here."""
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        found = PEERS[peer](file, Path(scratch))
    found["peak"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return found


# -- comparing -----------------------------------------------------------------------------------------------------


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=float, default=1e9)
    parser.add_argument("--bad", type=float, default=1e-5)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", nargs="*", choices=list(PEERS))
    parser.add_argument("--data", type=Path, help="folder that keeps the simulated file")
    parser.add_argument("--strict", action="store_true")
    parser.add_argument("--peer", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = asked.data or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        file, lines = make(int(asked.size), asked.bad, folder)
        if asked.peer:
            print(json.dumps(run_peer(asked.peer, file, folder)))
            return 0
        return compare(asked, file, lines, folder)


def compare(asked: argparse.Namespace, file: Path, lines: int, folder: Path) -> int:
    print(f"{file.stat().st_size / 1e6:,.0f} MB, {lines:,} lines, load {os.getloadavg()[0]:.1f}")
    print(f"{'':<24}{'CPU s':>9}{'wall s':>9}{'peak MiB':>10}{'rows':>12}{'set aside':>11}{'warm CPU s':>12}")
    best: dict[str, dict[str, Any]] = {}
    for _ in range(asked.rounds):
        for peer in asked.only or PEERS:
            command = [sys.executable, __file__, "--size", str(asked.size), "--bad", str(asked.bad)]
            ended = subprocess.run(
                [*command, "--data", str(folder), "--peer", peer], capture_output=True, text=True, check=False
            )
            if ended.returncode:
                sys.exit(f"{peer}: {ended.stderr}")
            one = json.loads(ended.stdout.splitlines()[-1])
            rows = one["rows"]
            print(
                f"{peer:<24}{one['cpu']:9.2f}{one['wall']:9.2f}{one['peak']:10.0f}{rows['rows']:12,}"
                f"{rows.get('set_aside', 0):11,}{one.get('warm', 0):12.2f}",
                flush=True,
            )
            if peer not in best or one["cpu"] < best[peer]["cpu"]:
                best[peer] = one
    return verdict(asked, best, lines)


def verdict(asked: argparse.Namespace, best: dict[str, dict[str, Any]], lines: int) -> int:
    wrong = []
    for peer, one in best.items():
        if "duckdb" in best and peer != "duckdb":
            print(f"CPU of {peer} / duckdb: {one['cpu'] / best['duckdb']['cpu']:.3f} (bound {BOUND} for sartor)")
    if "sartor" in best:
        one = best["sartor"]
        print("\n".join(one["told"]))
        if one["rows"]["rows"] + one["rows"]["set_aside"] != lines:
            wrong.append(f"lines are lost: {one['rows']} of {lines:,}")
        if asked.bad and not one["told"]:
            wrong.append("nothing is told of the faults")
        if "duckdb" in best and one["cpu"] > BOUND * best["duckdb"]["cpu"]:
            wrong.append("the bound does not hold")
    print("\n".join(wrong))
    return 1 if wrong and asked.strict else 0


if __name__ == "__main__":
    sys.exit(main())
