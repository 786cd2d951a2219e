"""Plants canaries where nothing may come out, lets sartor work on them, and searches everything that it leaves behind.

    python benchmarks/canaries.py [--canaries 10000] [--seed 0] [--kills 6]

Canaries are texts, numbers of 12 digits and moments with microseconds, each of them there once. They stand in columns
that privacy drops, masks, makes coarser, shifts or gives pseudonyms, in lines and persons without consent, in what is
withheld, in treated columns of lines that a contract sets aside, and in cells that provoke errors. Recipes run from
CSV in Latin-1, JSON lines, Parquet and SQLite: good ones twice, so that the cache is used, several that must fail, some
that are killed; then runs are shown, verified and asked about new data, by files and as a stream. Searched is every
byte outside the sources: the project with runs, cache, quarantine, logs and reports, what was printed, the answers, and
temporary folders while and after they are used. Controls in columns that nobody protects must all be found: a search
that finds nothing of them finds nothing at all.

The exit code is 1 where a canary was found, or a control was not.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from datetime import date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from canary_nest import CONTROL, PLACES, Nest, csv_of, write_sources
from canary_recipes import bare, recipe
from canary_search import Searcher, places_of


class Work:
    """A folder with the sources, a project, and a place for temporary files."""

    def __init__(self, root: Path, nest: Nest) -> None:
        self.nest = nest
        self.source, self.project, self.temporary = root / "source", root / "project", root / "temporary"
        self.site, self.printed = root / "source" / "site", root / "printed"
        for folder in (self.source, self.project, self.temporary, self.site, self.printed):
            folder.mkdir()
        (self.project / "sartor.toml").write_text('memory = "120 MB"\nspill = "../temporary/spill"\n', encoding="utf-8")
        self.env = {**os.environ, "CANARY_KEY": "a key of canaries, long enough", "TMPDIR": str(self.temporary),
                    "PYTHONPATH": str(self.site), "COLUMNS": "300"}  # fmt: skip
        self.calls: Counter[int] = Counter()
        self.took = 3.0

    def call(self, *arguments: str, stdin: bytes = b"", expect: tuple[int, ...] = (0,)) -> None:
        """Call sartor, and keep what it prints."""
        began = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-m", "sartor.cli", *arguments], cwd=self.project, env=self.env, input=stdin,
            capture_output=True, timeout=600, check=False,
        )  # fmt: skip
        self.took = time.perf_counter() - began if arguments[:1] == ("run",) and "--from" in arguments else self.took
        number = sum(self.calls.values())
        self.calls[done.returncode] += 1
        (self.printed / f"{number}.out").write_bytes(done.stdout)
        (self.printed / f"{number}.err").write_bytes(done.stderr)
        if done.returncode not in expect:
            print(f"! {' '.join(arguments)} ended with {done.returncode}:\n{done.stderr.decode()[-1500:]}")

    def write(self, name: str, text: str) -> str:
        """Write a recipe into the project."""
        (self.project / name).write_text(text, encoding="utf-8")
        return name

    def kill_soon(self, name: str, after: float) -> None:
        """Begin a run and kill it."""
        begun = subprocess.Popen(
            [sys.executable, "-m", "sartor.cli", "run", name, "--from", "ingest"], cwd=self.project, env=self.env,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        time.sleep(after)
        os.killpg(begun.pid, signal.SIGKILL)
        self.calls[begun.wait()] += 1


def good_runs(work: Work) -> None:
    """Recipes that work, twice each; then everything that can be asked of a run."""
    latin = "path: '../source/people.csv', encoding: latin-1, types: {}"
    for name, use, path in (
        ("csv", "tables.csv", latin),
        ("jsonl", "tables.json_lines", "path: '../source/people.jsonl'"),
    ):
        file = work.write(f"{name}.yaml", recipe(name, use, path))
        work.call("run", file)
        work.call("run", file, "--json")
        work.call("run", file, "--from", "ingest", "--threads", "2")
    work.call("run", work.write("aside.yaml", recipe("aside", "tables.csv", latin, otherwise="set_aside")))
    consent = (
        "{key: secret:CANARY_KEY, consent: {column: agreed, value: 'yes'}, "
        "columns: {name: drop, email: pseudonymise, person: pseudonymise}}"
    )
    table = "{use: tables.parquet, key: id, with: {path: ../source/people.parquet}}"
    work.call("run", work.write("parquet.yaml", bare("parquet", table, consent)))
    many = bare(
        "many",
        "{use: tables.csv, key: order, with: {path: ../source/many.csv}}",
        "{key: secret:CANARY_KEY, columns: {note: drop, person: pseudonymise}}",
    )
    work.call("run", work.write("many.yaml", many), "--memory", "60 MB", "--threads", "1")
    for verb in (
        ["runs", "list"], ["runs", "show", "@last"], ["verify", "@last"], ["runs", "repro", "@last"],
        ["runs", "diff", "@prev", "@last"], ["check", "csv.yaml"], ["run", "csv.yaml", "--dry-run"],
    ):  # fmt: skip
        work.call(*verb, expect=(0, 1, 2))


def privacy_verbs(work: Work) -> None:
    """Scan, hold to anonymity, forget, count with noise, and erase a planted person."""
    work.call("privacy", "scan", "csv.yaml", expect=(0, 2))
    for file in ("people.jsonl", "orders.csv", "many.csv"):
        work.call("privacy", "scan", f"../source/{file}")
    work.call("privacy", "check", "../source/orders.csv", "--by", "person,item", "-k", "2", expect=(3,))
    limits = (
        "  retention: {lines: {people: 200 years}, runs: 1 day}\n  budget: 2\n  statistics:\n"
        "    people: {from: people, epsilon: 1}\n    by: {from: people, by: phone, groups: ['***'], epsilon: 1}\n"
    )
    latin = "path: '../source/people.csv', encoding: latin-1, types: {}"
    text = recipe("limits", "tables.csv", latin, more=limits).replace("    key: id\n", "    key: id\n    time: since\n")
    work.call("run", work.write("limits.yaml", text), expect=(0, 2, 3))
    work.call("privacy", "retention", expect=(0, 1))
    places = [place for place in work.nest.planted if "pseudonym" in place.lower()]
    for place in places[:2]:
        person = str(work.nest.planted[place][0])
        work.call("privacy", "erase", "--key", person, "--column", "person", "--dry-run", expect=(0, 1, 2))
        work.call("privacy", "erase", "--key", person, "--column", "person", expect=(0, 1, 2))
    work.call("runs", "list")
    work.call("verify", "@last", expect=(0, 1))


def failing_runs(work: Work) -> None:
    """Recipes that cannot work, each for another reason."""
    latin = "path: '../source/people.csv', encoding: latin-1"
    hidden, masked = "{columns: {name: drop}}", "    phone: {mask: {keep_last: 2}}\n"
    good = recipe("wrong", "tables.csv", latin, learn=False)
    csv = "{use: tables.csv, key: id, with: {path: ../source/FILE}}"
    lines = "{use: tables.json_lines, with: {path: ../source/FILE}}"
    shop = "{use: databases.table, with: {url: ../source/shop.db, table: t}}"
    texts = {
        "stop": recipe("stop", "tables.csv", "path: '../source/stops.csv'", otherwise="stop", learn=False),
        "encoding": good.replace("latin-1", "utf-8"),
        "types": good.replace("latin-1", "latin-1, types: {phone: integer, city: number, zip: date}"),
        "unsuited": good.replace("zip: {generalise: {prefix: 1}}", "zip: {generalise: {width: 5}}"),
        "shifted": good.replace("seen: {shift", "phone: {shift").replace(masked, ""),
        "key": good.replace("key: id", "key: city"),
        "unique": good.replace("contract:\n", "contract:\n      unique: [[agreed], [city]]\n"),
        "ragged": bare("ragged", csv.replace("FILE", "ragged.csv"), hidden),
        "quote": bare("quote", csv.replace("FILE", "quote.csv"), hidden),
        "headless": bare("headless", csv.replace("key: id, ", "").replace("FILE", "headless.csv"), hidden),
        "headless-key": bare("headless-key", csv.replace("FILE", "headless.csv"), hidden),
        "broken": bare("broken", lines.replace("FILE", "broken.jsonl"), hidden),
        "twice": bare("twice", lines.replace("FILE", "twice.jsonl"), hidden),
        "sqlite": bare("sqlite", shop, "{columns: {amount: drop}}"),
        "sqlite-coarser": bare("sqlite-coarser", shop, "{columns: {amount: {generalise: {width: 5}}}}"),
        "talking": bare("talking", "{use: talking.table, with: {path: ../source/talks.txt}}", hidden),
    }
    for name, text in texts.items():
        file = work.write(f"{name}.yaml", text)
        for more in ([], ["--traceback"]):
            work.call("run", file, *more, expect=(0, 2, 3, 4))
    work.env["CANARY_KEY"] = ""
    work.call("run", "csv.yaml", expect=(3,))
    work.env["CANARY_KEY"] = "a key of canaries, long enough"


WITHHELD = """
import sys
from pathlib import Path
from sartor.engine import Engine
from sartor.guard.entering import Withhold
from sartor.plugins import Plugins
from sartor.runs.cache import Cache
from sartor.running import load_checked
from sartor.session import Session
from sartor.stages.building import build
from sartor.stages.ingesting import ingest
from sartor.stages.keeping import Keeper

recipe, plugins, project = load_checked("private.yaml")
with Engine(2) as engine:
    keeper = Keeper(Cache(project.runs / ".cache"), plugins)
    session = Session(recipe, plugins, engine, "r", 0, 2, project.root, None, print, keeper=keeper)
    withheld = Withhold(columns={"t": ("secret", "amount")}, lines={"t": (("kind", ("b",)),)})
    print(engine.fetch(ingest(session, build(recipe, plugins).ingest, withheld).tables["t"].frame))
"""


def withheld(work: Work) -> None:
    """Withhold columns and lines, as information advantage does; rules look at them all the same."""
    contract = "{columns: {secret: {length: [1, 4], otherwise: missing}, amount: {at_most: 5, otherwise: missing}}}"
    work.write(
        "private.yaml",
        bare("private", f"{{use: tables.csv, key: id, with: {{path: ../source/private.csv}}, contract: {contract}}}"),
    )
    done = subprocess.run(
        [sys.executable, "-c", WITHHELD], cwd=work.project, env=work.env, capture_output=True, check=False
    )
    (work.printed / "withheld.out").write_bytes(done.stdout + done.stderr)
    work.calls[done.returncode] += 1
    if done.returncode:
        print(f"! withheld ended with {done.returncode}: {done.stderr.decode()[-800:]}")


def new_data(work: Work) -> None:
    """Ask the run about new people: as files and as streams, whole ones and broken ones."""
    nest = work.nest
    plain = {
        "account": 1, "email": "a", "zip": "8000", "income": 5, "born": "1980-01-01 00:00:00",
        "seen": "2024-01-01 00:00:00", "limit": 5, "since": "2024-01-01", "wealth": 5, "score": 0.5,
    }  # fmt: skip
    lines = [
        {"id": 10**6 + n, "person": nest.lay("new data: pseudonymised"), "name": nest.lay("new data: dropped"),
         "phone": nest.lay("new data: masked"), "city": nest.lay("new data: refused") if n % 2 else "Bern",
         "agreed": "no" if n % 2 else "yes", "more": nest.lay("new data: unknown column"), **plain}
        for n in range(2 * nest.share)
    ]  # fmt: skip
    (work.source / "new.csv").write_text(csv_of(lines), encoding="utf-8")
    typed = [
        {**line, "born": datetime(1980, 1, 1), "seen": datetime(2024, 1, 1), "since": date(2024, 1, 1)}
        for line in lines
    ]
    pq.write_table(pa.Table.from_pylist(typed), work.source / "new.parquet")
    known = [{"order": number, "person": line["person"], "item": "x"} for number, line in enumerate(lines)]
    (work.source / "new-orders.csv").write_text(csv_of(known), encoding="utf-8")
    run, both = ["predict", "canaries/csv/@last"], ["--data", "orders=../source/new-orders.csv"]
    (work.project / "answers").mkdir()
    work.call(*run, "--data", "people=../source/new.csv", *both)
    work.call(*run, "--data", "../source/new.csv", "--out", "answers/a.parquet")
    alone = recipe("alone", "tables.csv", "path: '../source/people.csv', encoding: latin-1").replace(
        ", person: person", ""
    )
    file = work.write("alone.yaml", "".join(line for line in alone.splitlines(keepends=True) if "orders" not in line))
    work.call("run", file)
    run = ["predict", "canaries/alone/@last"]
    work.call(*run, "--data", "../source/new.parquet", "--out", "answers/b.jsonl")
    jsonl = "".join(json.dumps(line) + "\n" for line in lines)
    broken = "".join(f'{{"id": 1, "person": {nest.lay("stream: broken line")}\n' for _ in range(nest.share))
    wrong = "".join(json.dumps({**lines[0], "income": nest.lay("stream: no number")}) + "\n" for _ in range(nest.share))
    for stdin, expect in ((jsonl, 0), (csv_of(lines), 0), (broken, 2), (wrong, 2), (csv_of(lines, header=False), 2)):
        work.call(*run, "--data", "-", stdin=stdin.encode(), expect=(expect,))
        work.call(*run, "--data", "-", "--on-error", "skip", stdin=stdin.encode(), expect=(0, 1, expect))
    pairs = [[nest.lay("stream without a header") for _ in "ab"] for _ in range(nest.share)]
    headless = csv_of([dict(zip("ab", pair, strict=True)) for pair in pairs], header=False)
    work.call(*run, "--data", "-", stdin=headless.encode(), expect=(0, 1, 2, 3))


def watched(work: Work, searcher: Searcher, stop: threading.Event) -> None:
    """Search temporary files while they are there."""
    seen: dict[str, tuple[int, int]] = {}
    while not stop.is_set():
        # Folders go while they are looked through, which walk minds less than rglob.
        files = [Path(folder) / name for folder, _, names in os.walk(work.temporary) for name in names]
        for path in files:
            try:
                about = path.stat()
                if path.is_file() and seen.get(str(path)) != (about.st_size, about.st_mtime_ns):
                    seen[str(path)] = (about.st_size, about.st_mtime_ns)
                    searcher.file(path)
            except OSError:
                continue
        stop.wait(0.02)


def main() -> int:
    """Plant, work, search, and print the counts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--canaries", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--kills", type=int, default=6, help="runs that are killed")
    asked = parser.parse_args()
    nest = Nest(asked.canaries, asked.seed)
    with tempfile.TemporaryDirectory(prefix="canaries-") as folder:
        work = Work(Path(folder), nest)
        write_sources(nest, work.source, work.site, 9 * nest.share)
        began = time.perf_counter()
        searcher, watcher = Searcher(nest.planted), Searcher(nest.planted)
        stop = threading.Event()
        looking = threading.Thread(target=watched, args=(work, watcher, stop))
        looking.start()
        try:
            good_runs(work)
            failing_runs(work)
            withheld(work)
            for number in range(asked.kills):
                work.kill_soon("csv.yaml", work.took * (number + 1) / (asked.kills + 1))
        finally:
            stop.set()
            looking.join()
        new_data(work)
        for place in (work.project, work.temporary, work.printed):
            searcher.folder(place)
        # Behind a first search: with a person goes what the cache holds, controls among it.
        privacy_verbs(work)
        for place in (work.project, work.temporary, work.printed):
            searcher.folder(place)
        left = sum(path.is_file() for path in work.temporary.rglob("*"))
        print(
            f"{watcher.files:,} temporary files searched while they were there, {left:,} left by runs that were killed"
        )
        searcher.add(watcher)
        return _report(nest, searcher, work, time.perf_counter() - began)


def _report(nest: Nest, searcher: Searcher, work: Work, seconds: float) -> int:
    print(f"{sum(work.calls.values())} calls in {seconds:.0f} s, by exit code: {dict(sorted(work.calls.items()))}")
    print(f"{searcher.files:,} files and {searcher.bytes:,} bytes searched\n")
    print(f"{'planted':>8} {'found':>6}")
    leaks = 0
    for place, canaries in nest.planted.items():
        found = searcher.found[place]
        leaks += 0 if place == CONTROL else len(found)
        print(f"{len(canaries):>8,} {len(found):>6,}  {place}")
        if place != CONTROL:
            for where, count in list(places_of(found).items())[:6]:
                print(f"{'':>17}{count:,} in {where}")
    planted = sum(len(canaries) for place, canaries in nest.planted.items() if place != CONTROL)
    controls = len(searcher.found[CONTROL]) == len(nest.planted[CONTROL])
    print(f"{planted:>8,} {leaks:>6,}  in all; controls {'all found' if controls else 'NOT ALL FOUND'}")
    return 0 if not leaks and controls and planted >= len(PLACES) else 1


if __name__ == "__main__":
    sys.exit(main())
