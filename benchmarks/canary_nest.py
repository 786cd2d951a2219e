"""What canaries are, where they are planted, and the sources that hold them."""

from __future__ import annotations

import json
import random
import sqlite3
import string
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

CONTROL = "control: a column that nobody protects"
PLACES = {
    "dropped: text": "text", "dropped: number": "number",
    "pseudonymised: text": "text", "pseudonymised: number": "number", "masked: text": "text",
    "generalised to a prefix": "text", "generalised to a width": "number", "generalised to a month": "moment",
    "dates shifted": "moment", "refused by the line: open text": "text", "refused by the line: open number": "number",
    "nothing said by the line": "text", "refused by the person": "text", "withheld column": "text",
    "beside what goes to disk": "text", "withheld number": "number", "withheld lines": "text",
    "set aside: masked": "text", "set aside: dropped": "text",
    "set aside: coarser": "number", "cell that is no number": "text", "cell that is no date": "text",
    "cell that stops the run": "text", "line with too many fields": "text", "line with an open quote": "text",
    "file without a header": "text", "broken JSON": "text", "wrong type of SQLite": "text",
    "said by a reader that fails": "text", "new data: dropped": "text", "new data: pseudonymised": "number",
    "new data: masked": "text", "new data: unknown column": "text", "new data: refused": "text",
    "stream: broken line": "text", "stream: no number": "text", "stream without a header": "text",
}  # fmt: skip
"""Where canaries are planted, and of which kind they are."""
_LETTERS = string.ascii_lowercase + string.digits


class Nest:
    """Draws canaries, no two alike, and remembers where each was planted."""

    def __init__(self, count: int, seed: int) -> None:
        self.rng = random.Random(seed)
        self.share = max(1, -(-count // len(PLACES)))
        self.planted: dict[str, list[Any]] = {place: [] for place in [*PLACES, CONTROL]}
        self._seen: set[Any] = set()

    def lay(self, place: str) -> Any:
        """Return a new canary for a place; a harmless value where it holds its share already."""
        kind = PLACES.get(place, "text")
        full = place != CONTROL and len(self.planted[place]) >= self.share
        if full:
            return {"text": "plain", "number": 1, "moment": datetime(2024, 1, 1)}[kind]
        canary = self._draw(kind)
        while canary in self._seen:
            canary = self._draw(kind)
        self._seen.add(canary)
        self.planted[place].append(canary)
        return canary

    def _draw(self, kind: str) -> Any:
        if kind == "text":
            return "zqx" + "".join(self.rng.choices(_LETTERS, k=9))
        if kind == "number":
            return self.rng.randrange(10**11, 10**12)
        return datetime(1970, 1, 1) + timedelta(
            seconds=self.rng.randrange(10**9), microseconds=self.rng.randrange(1, 10**6)
        )


def people(nest: Nest, rows: int) -> list[dict[str, Any]]:
    """Return a line a person: every third one did not agree, every ninth is set aside."""
    lines = []
    for number in range(rows):
        said = ("yes", "yes", "no", "yes", "yes", "")[number % 6]
        aside = number % 9 == 0 and said == "yes"
        open_place = {"no": "refused by the line: open text", "": "nothing said by the line"}.get(said)
        lines.append({
            "id": number,
            "person": nest.lay("pseudonymised: number"),
            "name": nest.lay("set aside: dropped" if aside else "dropped: text"),
            "account": nest.lay("dropped: number"),
            "email": nest.lay("pseudonymised: text"),
            "phone": nest.lay("set aside: masked" if aside else "masked: text"),
            "zip": nest.lay("generalised to a prefix"),
            "income": nest.lay("set aside: coarser" if aside else "generalised to a width"),
            "born": nest.lay("generalised to a month").isoformat(sep=" "),
            "seen": nest.lay("dates shifted").isoformat(sep=" "),
            "limit": nest.lay("cell that is no number") if number % 7 == 0 else number,
            "since": nest.lay("cell that is no date") if number % 7 == 1 else "2024-05-17",
            "city": nest.lay(open_place) if open_place else nest.lay(CONTROL) if number % 50 == 1 else "Zürich",
            "wealth": nest.lay("refused by the line: open number") if said == "no" else number,
            "score": 2 if aside else nest.rng.random(),
            "agreed": said,
            "won": int(nest.rng.random() < 0.4),
        })  # fmt: skip
    return lines


def orders(nest: Nest, persons: list[dict[str, Any]], more: int) -> list[dict[str, Any]]:
    """Return orders in no order, so that they are sorted after the guard; what refused persons ordered is a canary."""
    lines = []
    for number, person in enumerate(persons):
        agreed = person["agreed"] == "yes"
        lines.append(
            {
                "order": number,
                "person": person["person"],
                "item": "shoes" if agreed else nest.lay("refused by the person"),
            }
        )
    buyers = [person["person"] for person in persons if person["agreed"] == "yes"]
    lines += [{"order": len(persons) + n, "person": buyers[n % len(buyers)], "item": f"shoe {n}"} for n in range(more)]
    nest.rng.shuffle(lines)
    return lines


def csv_of(lines: list[dict[str, Any]], header: bool = True) -> str:
    """Return lines as CSV; no value needs quotes."""
    rows = [",".join(lines[0])] if header else []
    return "\n".join([*rows, *(",".join(str(value) for value in line.values()) for line in lines)]) + "\n"


READER = '''
from sartor.components import Component, Ingest
from sartor.hookspecs import hookimpl


class Talks(Ingest):
    """A reader that fails, and says what it was reading."""

    path: str

    def read(self, context):
        text = context.path(self.path).read_text().split()[AT]
        try:
            return float(text)
        except ValueError as error:
            raise RuntimeError(f"cannot make sense of {text}") from error


@hookimpl
def ingest():
    yield Component("talking.table", "talking_plugin:Talks", about="Fails")
'''


def write_sources(nest: Nest, source: Path, site: Path, rows: int) -> None:
    """Write the sources, and a plugin whose reader says what it was reading."""
    lines = people(nest, rows)
    (source / "people.csv").write_text(csv_of(lines), encoding="latin-1")
    (source / "people.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    columns = {
        name: pa.array([line[name] for line in lines]) for name in ("id", "person", "name", "email", "city", "agreed")
    }
    pq.write_table(pa.table(columns), source / "people.parquet")
    (source / "orders.csv").write_text(csv_of(orders(nest, lines, 20 * rows)), encoding="utf-8")
    notes = [nest.lay("beside what goes to disk") for _ in range(nest.share)]
    order = list(range(2000 * nest.share))
    nest.rng.shuffle(order)
    many = "".join(f"{n},{n % 977},{notes[n % len(notes)]},{n * 7919}\n" for n in order)
    (source / "many.csv").write_text(f"order,person,note,sum\n{many}", encoding="utf-8")
    stops = [{**line, "limit": nest.lay("cell that stops the run"), "agreed": "yes"} for line in lines[: nest.share]]
    (source / "stops.csv").write_text(csv_of(stops), encoding="utf-8")
    texts = [nest.lay("line with too many fields") for _ in range(nest.share)]
    (source / "ragged.csv").write_text("id,name\n" + "".join(f"{n},{text},{text}\n" for n, text in enumerate(texts)))
    texts = [nest.lay("line with an open quote") for _ in range(nest.share)]
    (source / "quote.csv").write_text(
        "id,name\n" + "".join(f'{n},"{text}"x\n' for n, text in enumerate(texts)) + '9,"x'
    )
    texts = [nest.lay("file without a header") for _ in range(nest.share)]
    (source / "headless.csv").write_text("".join(f"{a},{b}\n" for a, b in zip(texts[::2], texts[1::2], strict=False)))
    texts = [nest.lay("broken JSON") for _ in range(nest.share)]
    (source / "broken.jsonl").write_text(
        '{"id": 1, "name": "x"}\n' + "".join(f'{{"id": 2, "name": {text}}}\n' for text in texts)
    )
    (source / "twice.jsonl").write_text(
        '{"id": 1, "name": "x"}\n' + "".join(f'{{"id": "{text}", "id": 3}}\n' for text in texts)
    )
    with closing(sqlite3.connect(source / "shop.db")) as shop:
        shop.execute("CREATE TABLE t (id INTEGER, name TEXT, amount INTEGER, seen DATE)")
        shop.executemany(
            "INSERT INTO t VALUES (?, ?, ?, ?)",
            [(n, "x", nest.lay("wrong type of SQLite"), "2024-01-01") for n in range(nest.share)],
        )
        shop.commit()
    texts = [nest.lay("said by a reader that fails") for _ in range(nest.share)]
    (source / "talks.txt").write_text("\n".join(texts), encoding="utf-8")
    (site / "talking_plugin.py").write_text(READER.replace("AT", "0"), encoding="utf-8")
    info = site / "talking_plugin-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: talking-plugin\nVersion: 1\n", encoding="utf-8")
    (info / "entry_points.txt").write_text("[sartor.plugins]\ntalking = talking_plugin\n", encoding="utf-8")
    private = [{"id": n, "secret": nest.lay("withheld column"), "amount": nest.lay("withheld number"), "kind": "a",
                "text": "plain"} for n in range(nest.share)]  # fmt: skip
    private += [{"id": nest.share + n, "secret": "", "amount": 1, "kind": "b", "text": nest.lay("withheld lines")}
                for n in range(nest.share)]  # fmt: skip
    (source / "private.csv").write_text(csv_of(private), encoding="utf-8")
