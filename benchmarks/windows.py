"""Features over time windows, against DuckDB and polars: CPU seconds, wall seconds, peak memory, and the same sums.

    python benchmarks/windows.py velocity [--size 10e6] [--memory 8GB] [--only sartor duckdb] [--strict]
    python benchmarks/windows.py point-in-time [--size 50e6] [--memory 400MB] [--from-file]

*velocity*: count, sum and max over 1 hour, 1 day and 7 days up to and including each of `size` transactions of
`size / 100` accounts. *point-in-time*: count, sum, mean and number of different items over 7, 30 and 90 days strictly
before `size / 50` moments, in `size` events of `size / 100` entities.

The data are simulated, seeded and written once. Every peer runs in a process of its own. It first loads the table into
the form that it works on (a table of DuckDB, a frame of polars; not timed, as all of them begin with it), then makes
the features, keeps them, and adds up every column (timed). With `--from-file` sartor and DuckDB load nothing and read
the Parquet file while they are timed: a table larger than the memory would be read from DuckDB's spill file instead.
CPU seconds are the figure to compare where other work runs on the machine. Peak memory is the process's own, loading
included. What it takes to load compiled kernels, or to compile them where they were never compiled, is shown apart and
is part of neither figure.

Bounds: velocity takes at most 1/8 of the CPU of DuckDB's RANGE windows and 1/3 of polars'; point-in-time features 0.3
of DuckDB written by hand. With `--strict` the exit code is 1 where one of them does not hold, or sums differ.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

CHUNK = 5_000_000
START = 1_700_000_000
DAYS = {"velocity": 90, "point-in-time": 400}
LENGTHS = {
    "velocity": {"1_hour": "1 hour", "1_day": "1 day", "7_days": "7 days"},
    "point-in-time": {"7_days": "7 days", "30_days": "30 days", "90_days": "90 days"},
}
POLARS = {"1_hour": "1h", "1_day": "1d", "7_days": "7d", "30_days": "30d", "90_days": "90d"}
BOUNDS = {"velocity": {"duckdb": 1 / 8, "polars": 1 / 3}, "point-in-time": {"duckdb": 0.3}}


# -- data ---------------------------------------------------------------------------------------------------------


def make(job: str, size: int, folder: Path) -> dict[str, Path]:
    """Write the tables of a job, in order of their keys, a chunk at a time."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    lines, asked = folder / f"{job}-{size}-lines.parquet", folder / f"{job}-{size}-rows.parquet"
    second = 1_000_000
    span = DAYS[job] * 86_400 * second
    if not lines.exists():
        part = lines.with_suffix(".part")
        writer = None
        for begin in range(0, size, CHUNK):
            rng = np.random.default_rng([1, begin])
            count = min(CHUNK, size - begin)
            low, high = span * begin // size, span * (begin + count) // size
            columns = {
                "id": np.arange(begin, begin + count),
                "account": rng.integers(0, size // 100, count),
                "moment": pa.array(np.sort(rng.integers(low, high, count)) + START * second, pa.timestamp("us")),
                "amount": np.round(rng.lognormal(3.5, 1.1, count), 2),
                "item": rng.integers(0, 10_000, count),
            }
            if job == "velocity":
                del columns["item"]
            table = pa.table(columns)
            writer = writer or pq.ParquetWriter(part, table.schema)
            writer.write_table(table)
        assert writer is not None
        writer.close()
        part.rename(lines)
    if job == "point-in-time" and not asked.exists():
        rng = np.random.default_rng(2)
        count = size // 50
        moments = START * second + rng.integers(span // 4, span, count)
        table = pa.table(
            {
                "id": np.arange(count),
                "account": rng.integers(0, size // 100, count),
                "moment": pa.array(moments, pa.timestamp("us")),
            }
        )
        pq.write_table(table, asked)
    return {"lines": lines, "rows": asked}


# -- measuring, inside a peer's process ----------------------------------------------------------------------------


def cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


@contextmanager
def timed(found: dict[str, Any], name: str = "") -> Iterator[None]:
    cpu_before, before = cpu(), time.perf_counter()
    yield
    found[f"{name}cpu"], found[f"{name}wall"] = cpu() - cpu_before, time.perf_counter() - before


def run_peer(job: str, peer: str, data: dict[str, str], memory: str, from_file: bool) -> dict[str, Any]:
    """Run one peer here and return what it took and the sums of its columns."""
    with tempfile.TemporaryDirectory() as scratch:
        found: dict[str, Any] = {"scratch": scratch, "from file": from_file}
        found["sums"] = PEERS[job][peer](data, memory, found)
    found["peak"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return found


# -- peers --------------------------------------------------------------------------------------------------------


def sartor(job: str, compiled: bool | None) -> Callable[[dict[str, str], str, dict[str, Any]], dict[str, float]]:
    def peer(data: dict[str, str], memory: str, found: dict[str, Any]) -> dict[str, float]:
        import narwhals as nw

        from sartor.context import Context
        from sartor.engine import Engine
        from sartor.rows import Rows, Table
        from sartor.windows.over import Work, over

        engine = Engine(threads=2, memory=memory)
        connection = engine.connection
        context = Context(connection_of=lambda: connection, scratch=Path(found.pop("scratch")))
        measures = {"n": "count", "s": ("sum", "amount"), "m": ("max", "amount")}
        if job == "point-in-time":
            measures = {"n": "count", "s": ("sum", "amount"), "m": ("mean", "amount"), "d": ("distinct", "item")}

        def features(lines: Table, rows: Rows, work: Work) -> nw.LazyFrame[Any]:
            upto = "own" if job == "velocity" else "before"
            return over(rows, lines, "account", list(LENGTHS[job].values()), measures, context, upto=upto, work=work)

        def loaded(limit: str) -> tuple[Table, Rows]:
            read = connection.sql(f"FROM '{data['lines']}' {limit}")
            stored = nw.from_native(read).lazy() if found["from file"] else engine.store(read, "lines")
            source = stored
            keys: tuple[str, ...] = ("id",)
            if job == "point-in-time":
                source = nw.from_native(connection.sql(f"FROM '{data['rows']}' {limit}")).lazy()
                keys = ("account",)
            marks = {"__row": nw.col("id"), "__as_of": nw.col("moment")}
            rows = engine.store(source.select(*keys, **marks), "rows")
            return Table("lines", stored, key=("id",), time="moment"), Rows(
                rows, keys, own="lines" if job == "velocity" else None
            )

        if compiled is not False:
            with timed(found, "compile "):
                features(*loaded("LIMIT 1000"), Work(compiled=True))
        lines, rows = loaded("")
        with timed(found):
            made = nw.to_native(features(lines, rows, Work(compiled=compiled)))
            columns = [name for name in made.columns if name != "__row"]
            sums = connection.sql(f"SELECT {', '.join(f'sum({name})' for name in columns)} FROM made").fetchall()[0]
        return dict(zip(columns, map(float, sums), strict=True))

    return peer


def duckdb_connection(memory: str, spill: str) -> Any:
    import duckdb

    return duckdb.connect(config={"threads": "2", "memory_limit": memory, "temp_directory": spill})


def duckdb_query(job: str, query: Callable[[], str], keep: bool = True) -> Callable[..., dict[str, float]]:
    def peer(data: dict[str, str], memory: str, found: dict[str, Any]) -> dict[str, float]:
        with tempfile.TemporaryDirectory() as spill:
            connection = duckdb_connection(memory, spill)
            kind = "VIEW" if found["from file"] else "TABLE"
            connection.execute(f"CREATE {kind} lines AS FROM '{data['lines']}'")
            if job == "point-in-time":
                connection.execute(f"CREATE TABLE asked AS FROM '{data['rows']}'")
            with timed(found):
                source = f"({query()})"
                if keep:
                    connection.execute(f"CREATE TABLE features AS {query()}")
                    source = "features"
                columns = [name for name in connection.sql(f"FROM {source} LIMIT 0").columns if name != "id"]
                sums = connection.sql(
                    f"SELECT {', '.join(f'sum({name})' for name in columns)} FROM {source}"
                ).fetchall()
        return dict(zip(columns, map(float, sums[0]), strict=True))

    return peer


def range_windows() -> str:
    lengths = LENGTHS["velocity"]
    columns = [
        f"{what} OVER w_{name} AS {short}_{name}"
        for short, what in {"n": "count(*)", "s": "sum(amount)", "m": "max(amount)"}.items()
        for name in lengths
    ]
    # RANGE takes both ends in; a window without its beginning is one microsecond shorter.
    windows = [
        f"w_{name} AS (PARTITION BY account ORDER BY moment RANGE BETWEEN INTERVAL '{length}' - INTERVAL 1 MICROSECOND "
        "PRECEDING AND CURRENT ROW)"
        for name, length in lengths.items()
    ]
    return f"SELECT id, {', '.join(columns)} FROM lines WINDOW {', '.join(windows)}"


def inequality_join() -> str:
    columns = []
    for name, length in LENGTHS["point-in-time"].items():
        inside = f"FILTER (l.moment > a.moment - INTERVAL '{length}')"
        columns += [
            f"count(l.id) {inside} AS n_{name}",
            f"coalesce(sum(l.amount) {inside}, 0) AS s_{name}",
            f"avg(l.amount) {inside} AS m_{name}",
            f"count(DISTINCT l.item) {inside} AS d_{name}",
        ]
    return (
        f"SELECT a.id, {', '.join(columns)} FROM asked a LEFT JOIN lines l ON l.account = a.account "
        "AND l.moment < a.moment AND l.moment > a.moment - INTERVAL '90 days' GROUP BY a.id"
    )


def latest_first() -> str:
    """An item is there within some days exactly when its latest event is: no DISTINCT."""
    lengths = LENGTHS["point-in-time"]
    per_item = ", ".join(
        f"count(*) FILTER (l.moment > a.moment - INTERVAL '{length}') AS n_{name}, "
        f"sum(l.amount) FILTER (l.moment > a.moment - INTERVAL '{length}') AS s_{name}"
        for name, length in lengths.items()
    )
    per_row = ", ".join(
        f"coalesce(sum(n_{name}), 0) AS n_{name}, coalesce(sum(s_{name}), 0) AS s_{name}, "
        f"sum(s_{name}) / nullif(sum(n_{name}), 0) AS m_{name}, "
        f"count(*) FILTER (latest > moment - INTERVAL '{length}') AS d_{name}"
        for name, length in lengths.items()
    )
    return (
        f"WITH items AS (SELECT a.id, a.moment, l.item, max(l.moment) AS latest, {per_item} FROM asked a JOIN lines l "
        "ON l.account = a.account AND l.moment < a.moment AND l.moment > a.moment - INTERVAL '90 days' "
        f"GROUP BY a.id, a.moment, l.item) SELECT id, {per_row} FROM items GROUP BY id, moment"
    )


def polars_rolling(data: dict[str, str], memory: str, found: dict[str, Any]) -> dict[str, float]:
    import polars as pl

    lines = pl.read_parquet(data["lines"])
    with timed(found):
        ordered = lines.sort("account", "moment")
        amount = pl.col("amount")
        parts = [
            ordered.rolling("moment", period=POLARS[name], group_by="account").agg(
                pl.len().alias(f"n_{name}"), amount.sum().alias(f"s_{name}"), amount.max().alias(f"m_{name}")
            )
            for name in LENGTHS["velocity"]
        ]
        features = pl.concat(
            [ordered.select("id"), *(part.drop("account", "moment") for part in parts)], how="horizontal"
        )
        sums = features.drop("id").sum().row(0, named=True)
    return {name: float(value) for name, value in sums.items()}


def polars_rolling_by(data: dict[str, str], memory: str, found: dict[str, Any]) -> dict[str, float]:
    import polars as pl

    lines = pl.read_parquet(data["lines"])
    with timed(found):
        ordered = lines.sort("account", "moment").with_columns(one=pl.lit(1.0))
        columns = [
            expression.over("account").alias(f"{short}_{name}")
            for name in LENGTHS["velocity"]
            for short, expression in {
                "n": pl.col("one").rolling_sum_by("moment", POLARS[name]),
                "s": pl.col("amount").rolling_sum_by("moment", POLARS[name]),
                "m": pl.col("amount").rolling_max_by("moment", POLARS[name]),
            }.items()
        ]
        features = ordered.select("id", *columns)
        sums = features.drop("id").sum().row(0, named=True)
    return {name: float(value) for name, value in sums.items()}


def polars_join(data: dict[str, str], memory: str, found: dict[str, Any]) -> dict[str, float]:
    import polars as pl

    lines, asked = pl.read_parquet(data["lines"]), pl.read_parquet(data["rows"])
    with timed(found):
        pairs = asked.lazy().join(lines.lazy().drop("id"), on="account", suffix="_line")
        age = pl.col("moment") - pl.col("moment_line")
        columns = []
        for name, length in LENGTHS["point-in-time"].items():
            inside = age < pl.duration(days=int(length.split()[0]))
            columns += [
                inside.sum().alias(f"n_{name}"),
                pl.col("amount").filter(inside).sum().alias(f"s_{name}"),
                pl.col("amount").filter(inside).mean().alias(f"m_{name}"),
                pl.col("item").filter(inside).n_unique().alias(f"d_{name}"),
            ]
        within = pairs.filter(age > pl.duration(microseconds=0), age < pl.duration(days=90))
        features = within.group_by("id").agg(*columns).collect(engine="streaming")
        sums = features.drop("id").sum().row(0, named=True)
    return {name: float(value) for name, value in sums.items()}


PEERS: dict[str, dict[str, Callable[..., dict[str, float]]]] = {
    "velocity": {
        "sartor": sartor("velocity", None),
        "sartor in NumPy": sartor("velocity", False),
        "duckdb": duckdb_query("velocity", range_windows),
        "duckdb, nothing kept": duckdb_query("velocity", range_windows, keep=False),
        "polars": polars_rolling,
        "polars rolling_by": polars_rolling_by,
    },
    "point-in-time": {
        "sartor": sartor("point-in-time", None),
        "sartor in NumPy": sartor("point-in-time", False),
        "duckdb": duckdb_query("point-in-time", inequality_join),
        "duckdb, latest first": duckdb_query("point-in-time", latest_first),
        "polars": polars_join,
    },
}


# -- comparing ----------------------------------------------------------------------------------------------------


def same(one: dict[str, float], other: dict[str, float]) -> bool:
    """Whether all columns add up to the same, but for the drift of the peers' own sums."""
    return all(math.isclose(one[name], other[name], rel_tol=1e-9) for name in one)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("job", choices=sorted(PEERS))
    parser.add_argument("--size", type=float, default=10e6)
    parser.add_argument("--memory", default="8GB", help="memory limit of the engine, for sartor and DuckDB")
    parser.add_argument("--only", nargs="*", help="the peers to run")
    parser.add_argument("--data", type=Path, help="folder that keeps the simulated data")
    parser.add_argument("--from-file", action="store_true")
    parser.add_argument("--strict", action="store_true")
    parser.add_argument("--peer", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    size = int(asked.size)
    with tempfile.TemporaryDirectory() as temporary:
        folder = asked.data or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        data = {name: str(path) for name, path in make(asked.job, size, folder).items()}
        if asked.peer:
            print(json.dumps(run_peer(asked.job, asked.peer, data, asked.memory, asked.from_file)))
            return 0
        return compare(asked, folder)


def compare(asked: argparse.Namespace, folder: Path) -> int:
    found: dict[str, dict[str, Any]] = {}
    print(f"{asked.job}, {int(asked.size):,} lines, load {os.getloadavg()[0]:.1f}")
    print(f"{'':<24}{'CPU s':>9}{'wall s':>9}{'peak MiB':>10}{'x sartor':>10}{'sums':>8}{'compile CPU s':>15}")
    for peer in asked.only or PEERS[asked.job]:
        command = [sys.executable, __file__, asked.job, "--size", str(asked.size), "--memory", asked.memory]
        command += ["--from-file"] if asked.from_file else []
        ended = subprocess.run(
            [*command, "--data", str(folder), "--peer", peer], capture_output=True, text=True, check=False
        )
        if ended.returncode:
            said = [line for line in ended.stderr.splitlines() if "Error" in line or "Exception" in line]
            print(f"{peer:<24} failed: {(said or ['no reason given'])[-1]}", flush=True)
            continue
        found[peer] = one = json.loads(ended.stdout.splitlines()[-1])
        first = next(iter(found.values()))
        agrees = "same" if same(first["sums"], one["sums"]) else "DIFFER"
        compiling = f"{one['compile cpu']:15.2f}" if "compile cpu" in one else ""
        print(
            f"{peer:<24}{one['cpu']:9.2f}{one['wall']:9.2f}{one['peak']:10.0f}{one['cpu'] / first['cpu']:10.2f}"
            f"{agrees:>8}{compiling}",
            flush=True,
        )
    return verdict(asked, found)


def verdict(asked: argparse.Namespace, found: dict[str, dict[str, Any]]) -> int:
    broken = [peer for peer in found if not same(next(iter(found.values()))["sums"], found[peer]["sums"])]
    for peer, bound in BOUNDS[asked.job].items():
        rivals = [found[name]["cpu"] for name in found if name.startswith(peer)]
        if "sartor" in found and rivals:
            ratio = found["sartor"]["cpu"] / found[peer]["cpu"] if peer in found else math.nan
            fastest = found["sartor"]["cpu"] / min(rivals)
            print(f"CPU of sartor / {peer}: {ratio:.3f} (bound {bound:.3f}); to its fastest form: {fastest:.3f}")
            if not ratio <= bound:
                broken.append(peer)
    print("\n".join(f"beyond its bound, or other sums: {peer}" for peer in broken))
    return 1 if broken and asked.strict else 0


if __name__ == "__main__":
    sys.exit(main())
