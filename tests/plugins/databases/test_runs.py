"""Whole runs from a database into a database: what is recorded, what no file and no line of output ever shows."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from servers import PASSWORD

RECIPE = """
format: 1
recipe: shop/credit
ingest:
  loans:
    use: databases.{reader}
    key: loan
    with: {{url: secret:WAREHOUSE_URL, {more}}}
task: {{use: finance.default_risk, with: {{outcome: bad, bad: 1}}}}
split: {{hash: 0.3}}
models:
  tree: {{use: learn.tree, with: {{depth: 2}}}}
actions:
  decision: {{use: finance.credit_decision, with: {{loss_given_default: 0.6, margin: 0.12, amount: amount}}}}
judge: {{redraws: 50}}
deliver:
  out: {{use: databases.write, with: {{url: secret:OWNER_URL, table: decisions, create: true}}}}
"""
LOANS = (
    "CREATE TABLE loans AS SELECT lpad(n::text, 6, '0') AS loan, (n * 7919 % 5000 + 100)::numeric(9, 2) AS amount, "
    "n % 13 AS months, CASE WHEN (n * 31 % 10) + n % 13 > 15 THEN 1 ELSE 0 END AS bad FROM generate_series(1, 600) AS n"
)


@pytest.fixture
def sartor(project: Path, warehouse):
    """Return a function that runs a command line, and gives its exit code and all its output."""

    def call(*arguments: str, **environment: str) -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, "-m", "sartor.cli", *arguments], cwd=project, capture_output=True, text=True,
            env={**os.environ, **environment}, timeout=100, check=False,
        )  # fmt: skip
        return done.returncode, done.stdout + done.stderr

    return call


def write(project: Path, reader: str = "table", more: str = "table: loans") -> None:
    (project / "recipe.yaml").write_text(RECIPE.format(reader=reader, more=more), encoding="utf-8")


def seen_in(project: Path, *outputs: str) -> list[str]:
    """Return where the password can be seen."""
    files = [file for file in project.rglob("*") if file.is_file() and PASSWORD.encode() in file.read_bytes()]
    return [str(file) for file in files] + [output for output in outputs if PASSWORD in output]


def test_decisions_go_back_into_the_database_once_and_no_file_holds_the_password(project, sartor, warehouse):
    warehouse.run(LOANS)
    write(project)
    assert sartor("check", "recipe.yaml")[0] == 0
    outputs = [sartor("run", "recipe.yaml", "--live", "--traceback") for _ in range(2)]
    assert [code for code, _ in outputs] == [0, 0], outputs

    (receipts,) = [
        json.loads(file.read_text()) for file in sorted(project.glob("runs/shop/credit/*/receipts.json"))[:1]
    ]
    rows = receipts[0]["rows"]
    assert receipts[0]["target"] == "decisions of secret:OWNER_URL"
    assert warehouse.run("SELECT count(*), count(DISTINCT loan), min(loan) FROM decisions")[0][:2] == (rows, rows)
    assert f"out: {rows} rows, {rows} new, in decisions of secret:OWNER_URL" in outputs[0][1]
    assert f"out: {rows} rows, all there already" in outputs[1][1]
    assert "nanobind" not in outputs[0][1]
    resolved = next(project.glob("runs/shop/credit/*/resolved.yaml")).read_text()
    assert "secret:WAREHOUSE_URL" in resolved
    assert seen_in(project, *(output for _, output in outputs)) == []


@pytest.mark.parametrize(
    ("change", "code", "said"),
    [
        ({"WAREHOUSE_URL": "postgresql://reader:{password}x@127.0.0.1:{port}/shop"}, 2, "refuses the login"),
        ({"WAREHOUSE_URL": "postgresql://reader:{password}@127.0.0.1:1/shop"}, 2, "nothing answers there"),
        ({"WAREHOUSE_URL": "postgresql://reader:{password}@no-such-host.invalid/shop"}, 2, "its host is not known"),
        ({"WAREHOUSE_URL": "postgresql://reader:{password}@127.0.0.1:{port}/shop?x={password}"}, 2, "does not hold"),
        ({"WAREHOUSE_URL": "{password}"}, 2, "there is no database secret:WAREHOUSE_URL"),
        ({"WAREHOUSE_URL": ""}, 2, "the secret WAREHOUSE_URL is not set"),
        ({"OWNER_URL": "postgresql://owner:{password}x@127.0.0.1:{port}/shop"}, 2, "refuses the login"),
        ({"OWNER_URL": "postgresql://reader:{password}@127.0.0.1:{port}/shop"}, 2, "permission denied"),
    ],
)
def test_no_failure_shows_the_password(project, sartor, warehouse, change, code, said):
    warehouse.run(LOANS)
    write(project)
    values = {name: text.format(password=PASSWORD, port=warehouse.port) for name, text in change.items()}
    found, output = sartor("run", "recipe.yaml", "--live", "--traceback", **values)
    assert said in output
    assert found == code
    assert seen_in(project, output) == []


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="no /proc here")
def test_no_list_of_processes_shows_the_password(project, warehouse):
    warehouse.run(LOANS)
    write(project)
    lists: list[bytes] = []
    with subprocess.Popen(
        [sys.executable, "-m", "sartor.cli", "run", "recipe.yaml", "--live", "--no-report"], cwd=project,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    ) as running:  # fmt: skip
        while running.poll() is None:
            lists.append(b"".join(_command_lines()))
            time.sleep(0.02)
    assert running.returncode == 0
    assert any(b"recipe.yaml" in one for one in lists)
    # The server names there whose connection each of its processes serves.
    assert any(b"postgres: reader shop" in one or b"postgres: owner shop" in one for one in lists)
    assert not any(PASSWORD.encode() in one for one in lists)


def _command_lines() -> Iterator[bytes]:
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            yield file.read_bytes()


def test_a_run_keeps_what_it_read_for_a_day_where_the_recipe_says_so(project, sartor, warehouse):
    warehouse.run(LOANS)
    write(project)
    text = (project / "recipe.yaml").read_text()
    (project / "recipe.yaml").write_text(text.replace("key: loan", "key: loan\n    fresh: 1 day"), encoding="utf-8")
    assert sartor("run", "recipe.yaml")[0] == 0
    warehouse.run("DELETE FROM loans WHERE months = 5")
    assert "loans: 600 rows (kept)" in sartor("run", "recipe.yaml")[1]
    assert "loans: 554 rows" in sartor("run", "recipe.yaml", "--from", "ingest")[1]


READING = """
import resource, sys
from pathlib import Path
from sartor.engine import Engine
from sartor.testing import make_context
from sartor_plugins.databases.query import DatabaseQuery
from sartor_plugins.databases.table import DatabaseTable

folder, url, rows, how = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4]
text = f"SELECT n, repeat('x', 100) || n AS x FROM generate_series(1, {rows}) AS n"
readers = {
    "table": lambda: DatabaseTable(url=url, table="t"),
    "query": lambda: DatabaseQuery(url=url, query=text),
    "params": lambda: DatabaseQuery(url=url, query=text + " WHERE n > :least", params={"least": 0}),
}
with Engine(threads=1) as engine:
    engine.write(readers[how]().read(make_context(folder, engine=engine)), folder / "out.parquet")
    assert engine.connection.sql(f"SELECT count(*) FROM '{folder}/out.parquet'").fetchall() == [(rows,)]
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


def peak(folder: Path, url: str, rows: int, how: str) -> int:
    """Return the largest memory, in MB, of a process that reads some rows."""
    folder.mkdir(exist_ok=True)
    command = [sys.executable, "-c", READING, str(folder), url, str(rows), how]
    return int(subprocess.run(command, capture_output=True, text=True, check=True, timeout=100).stdout)


@pytest.mark.parametrize("how", ["query", "params"])
def test_memory_does_not_grow_with_the_rows_of_a_server(tmp_path, warehouse, monkeypatch, how):
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    url = f"postgresql://reader@127.0.0.1:{warehouse.port}/shop"
    few, many = (peak(tmp_path / how, url, rows, how) for rows in (300_000, 1_500_000))
    # Five times as many rows: 135 MB more, were they all held at once.
    assert many - few < 60


def test_memory_does_not_grow_with_the_rows_of_a_file(tmp_path, shop):
    peaks = []
    for rows in (200_000, 1_000_000):
        shop("DROP TABLE IF EXISTS t", "CREATE TABLE t (n INTEGER, x TEXT)")
        text = "x" * 100
        shop(many=("INSERT INTO t VALUES (?, ?)", ((n, text) for n in range(rows))))
        peaks.append(peak(tmp_path / "out", str(tmp_path / "shop.db"), rows, "table"))
    assert peaks[1] - peaks[0] < 40
