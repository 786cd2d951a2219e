"""Some 300 planted identifiers under every treatment: no byte that a project keeps or prints holds one of them."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import random
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from sartor.cli.endings import call
from sartor.runs.finding import all_runs

BENCHMARKS = Path(__file__).resolve().parents[3] / "benchmarks"
KEY = "a key of canaries, long enough"
SHARE, ROWS = 30, 240
CONTROL, FORBIDDEN = "control: the key itself, which nobody protects", "forbidden: kept apart for audit"
RECIPE = """
format: 1
recipe: canaries/everyday
ingest:
  people:
    use: tables.csv
    key: id
    with: {path: source/people.csv}
    contract: {columns: {score: {at_most: 1, otherwise: set_aside}}}
privacy:
  key: secret:CANARY_KEY
  consent: {column: agreed, value: "yes"}
  forbid: [creed]
  release: {loan: {quasi_identifiers: [decision], k: SIZE}}
  columns:
    person: pseudonymise
    name: drop
    account: drop
    remark: drop
    phone: {mask: {keep_last: 2}}
    zip: {generalise: {prefix: 1}}
    income: {generalise: {width: 7000000000}}
    born: {generalise: {to: month}}
    seen: {shift_dates: {by: person}}
task: {use: learn.classification, with: {table: people, outcome: won, never: [person, phone, city]}}
split: {hash: 0.3}
models: {logistic: {use: learn.logistic}}
actions: {loan: {use: finance.credit_decision, with: {loss_given_default: 0.6, margin: 0.1, amount_per_loan: 100}}}
judge: {redraws: 100}
"""


class Planted:
    """Lays canaries, no two alike, up to a share for each place."""

    def __init__(self) -> None:
        self.rng, self.at = random.Random(7), {}

    def lay(self, place, harmless, here=True, share=SHARE):
        """Return a new canary of the kind of a harmless value, or that where the place has its share."""
        laid = self.at.setdefault(place, [])
        if not here or len(laid) >= share:
            return harmless
        laid.append(self._draw(harmless))
        return laid[-1]

    def _draw(self, like):
        if isinstance(like, datetime):
            return datetime(1970, 1, 1) + timedelta(seconds=self.rng.randrange(10**9), microseconds=123_457)
        if isinstance(like, int):
            return self.rng.randrange(10**11, 10**12)
        return "zqx" + "".join(self.rng.choices("abcdefghijklmnopqrstuvwxyz0123456789", k=9))


def people(nest: Planted) -> pd.DataFrame:
    """Every sixth person has not agreed, every tenth of the others is set aside."""
    lines = []
    for n in range(ROWS):
        agreed, aside, moment = n % 6 != 5, n % 10 == 0, datetime(2001, 5, 17)
        score = nest.rng.random()
        lines.append({
            "id": nest.lay(CONTROL, "", share=ROWS),
            "person": nest.lay("pseudonymised", f"P{n}"),
            "name": nest.lay("dropped, and set aside" if aside else "dropped", "x", here=agreed),
            "account": nest.lay("dropped number", 1),
            "remark": "written to " + nest.lay("inside a dropped text", "nobody"),
            "phone": nest.lay("masked, and set aside" if aside else "masked", "none", here=agreed),
            "zip": nest.lay("made coarser: prefix", "8000"),
            "income": nest.lay("made coarser: width", 5),
            "born": nest.lay("made coarser: month", moment).isoformat(sep=" "),
            "seen": nest.lay("dates shifted", moment).isoformat(sep=" "),
            "creed": nest.lay(FORBIDDEN, "ab"[n % 2]),
            "city": "Bern" if agreed else nest.lay("not agreed", "Bern"),
            "agreed": "yes" if agreed else "no",
            "score": 2 if aside else score,
            "won": int(nest.rng.random() < score),
        })  # fmt: skip
    return pd.DataFrame(lines)


def searched(nest: Planted, *places: Path):
    from canary_search import Searcher

    searcher = Searcher(nest.at)
    for place in places:
        searcher.folder(place)
    return searcher


def in_cells(folder: Path, text: str) -> list[str]:
    return [
        file.relative_to(folder).as_posix()
        for file in sorted(folder.rglob("*.parquet"))
        if text in pd.read_parquet(file).astype(str).to_csv()
    ]


@contextmanager
def everything_to(file: Path):
    """Whatever is printed, by Python or below it, goes to a file."""
    kept = [os.dup(1), os.dup(2)]
    with file.open("w", encoding="utf-8") as out, redirect_stdout(out), redirect_stderr(out):
        os.dup2(out.fileno(), 1)
        os.dup2(out.fileno(), 2)
        try:
            yield
        finally:
            for number, before in enumerate(kept, 1):
                os.dup2(before, number)
                os.close(before)


class Work:
    """A project with planted identifiers, and what was printed of it."""

    def __init__(self, root: Path) -> None:
        self.nest, self.runs, self.printed = Planted(), root / "runs", root / "printed"
        self.table = people(self.nest)
        for folder in (root / "source", self.printed):
            folder.mkdir()
        self.table.to_csv(root / "source" / "people.csv", index=False)
        for name, size in (("good", 2), ("stopped", 10_000)):
            (root / f"{name}.yaml").write_text(RECIPE.replace("SIZE", str(size)), encoding="utf-8")

    def said(self, *arguments: str) -> int:
        with everything_to(self.printed / f"{len(list(self.printed.iterdir()))}.txt"):
            return call(list(arguments))

    def found(self) -> dict[str, dict]:
        return searched(self.nest, self.runs, self.printed).found


@pytest.fixture(scope="module")
def work(tmp_path_factory):
    """A run that is stopped, one that is not, and whatever can be shown of it."""
    root = tmp_path_factory.mktemp("canaries")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(BENCHMARKS))
        patch.setenv("CANARY_KEY", KEY)
        patch.chdir(root)
        made = Work(root)
        made.codes = [made.said("run", "stopped.yaml")]
        made.recorded = len(all_runs(made.runs))
        for verb in (["run", "good.yaml"], ["report", "@last"], ["runs", "show", "@last"], ["verify", "@last"]):
            made.codes.append(made.said(*verb))
        made.kept = made.found()
        yield made


@pytest.fixture(scope="module")
def erased(work):
    """One who was judged, in every way in which the project knows this person, and what was there before."""
    run = all_runs(work.runs)[0].folder
    person = str(pd.read_parquet(run / "predictions.parquet")["row"].iloc[0])
    alias = str(work.table.set_index("id")["person"][person])
    pseudonym = hmac.new(KEY.encode(), alias.encode(), hashlib.sha256).hexdigest()
    before = in_cells(work.runs, person), in_cells(work.runs, pseudonym)
    code = work.said("privacy", "erase", "--key", person, "--receipt", "printed/receipt.json")
    return SimpleNamespace(run=run, person=person, alias=alias, pseudonym=pseudonym, before=before, code=code)


def test_a_release_that_would_tell_of_persons_is_stopped_and_leaves_no_run(work):
    assert work.codes == [3, 0, 0, 0, 0]
    assert "P009" in (work.printed / "0.txt").read_text()
    assert work.recorded == 0


def test_none_of_three_hundred_comes_out(work):
    protected = {place: canaries for place, canaries in work.nest.at.items() if place not in (CONTROL, FORBIDDEN)}
    assert sum(map(len, protected.values())) >= 300
    assert {place: dict(work.kept[place]) for place in protected} == {place: {} for place in protected}


def test_the_search_finds_what_is_there(work):
    """Whoever agreed has a line, and each key stands in the open."""
    assert set(work.table["id"][work.table["agreed"] == "yes"]) <= set(work.kept[CONTROL])


def test_what_is_forbidden_lies_apart_in_the_cache_and_nowhere_else(work):
    assert len(work.kept[FORBIDDEN]) > SHARE / 2
    assert all("/.cache/ingest/" in str(where) for where in work.kept[FORBIDDEN].values())


def test_a_person_is_found_before_an_erasure_and_nowhere_after(work, erased):
    keys, aliases = erased.before
    assert any(name.endswith("/predictions.parquet") for name in keys)
    assert any("/ingest/" in name for name in aliases)
    assert erased.code == 0
    assert json.loads((work.printed / "receipt.json").read_text())["runs"][0]["lines"]
    assert in_cells(work.runs, erased.person) == in_cells(work.runs, erased.pseudonym) == []
    known = [text for text in (erased.person, erased.alias, erased.pseudonym) if len(text) > 5]
    for file in (file for place in (work.runs, work.printed) for file in place.rglob("*") if file.is_file()):
        content = file.read_bytes()
        assert not any(text.encode() in content for text in known), file


def test_an_erasure_leaves_all_others_and_brings_nothing_out(work, erased):
    assert work.said("verify", "@last") == 0
    found = work.found()
    assert erased.person not in found[CONTROL]
    others = set(pd.read_parquet(erased.run / "predictions.parquet")["row"])
    assert others
    assert others <= set(found[CONTROL])
    assert not any(there for place, there in found.items() if place not in (CONTROL, FORBIDDEN))
