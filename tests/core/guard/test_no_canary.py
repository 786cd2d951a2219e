"""Some 300 planted identifiers under every treatment: no byte that a project keeps or prints holds one of them."""

from __future__ import annotations

import hashlib
import hmac
import json
import random
from datetime import datetime, timedelta
from pathlib import Path

import pandas as pd

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


def test_none_of_three_hundred_comes_out_and_an_erased_person_is_found_before_and_nowhere_after(
    project, monkeypatch, capfd
):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    monkeypatch.setenv("CANARY_KEY", KEY)
    nest = Planted()
    (project / "source").mkdir()
    table = people(nest)
    table.to_csv(project / "source" / "people.csv", index=False)
    for name, size in (("good", 2), ("stopped", 10_000)):
        (project / f"{name}.yaml").write_text(RECIPE.replace("SIZE", str(size)), encoding="utf-8")
    runs, printed = project / "runs", project / "printed"
    printed.mkdir()

    def said(*arguments: str) -> int:
        code = call(list(arguments))
        out = capfd.readouterr()
        (printed / f"{len(list(printed.iterdir()))}.txt").write_text(out.out + out.err, encoding="utf-8")
        return code

    assert said("run", "stopped.yaml") == 3
    assert "P009" in (printed / "0.txt").read_text()
    assert all_runs(runs) == []
    assert said("run", "good.yaml") == 0
    assert said("report", "@last") == 0
    assert said("runs", "show", "@last") == 0
    assert said("verify", "@last") == 0

    kept = searched(nest, runs, printed)
    planted = {place: len(canaries) for place, canaries in nest.at.items()}
    assert sum(planted.values()) - planted[CONTROL] - planted[FORBIDDEN] >= 300
    assert {place: dict(found) for place, found in kept.found.items() if place not in (CONTROL, FORBIDDEN)} == {
        place: {} for place in planted if place not in (CONTROL, FORBIDDEN)
    }
    # The search finds what is there: whoever agreed has a line, and each key stands in the open.
    assert set(table["id"][table["agreed"] == "yes"]) <= set(kept.found[CONTROL])
    # What is forbidden lies apart in the cache, and nowhere else.
    assert len(kept.found[FORBIDDEN]) > SHARE / 2
    assert all("/.cache/ingest/" in str(where) for where in kept.found[FORBIDDEN].values())

    # One who was judged, in every way in which the project knows this person.
    run = all_runs(runs)[0].folder
    person = str(pd.read_parquet(run / "predictions.parquet")["row"].iloc[0])
    alias = str(table.set_index("id")["person"][person])
    pseudonym = hmac.new(KEY.encode(), alias.encode(), hashlib.sha256).hexdigest()
    before = in_cells(runs, person)
    assert any(name.endswith("/predictions.parquet") for name in before)
    assert any("/ingest/" in name for name in in_cells(runs, pseudonym))
    assert said("privacy", "erase", "--key", person, "--receipt", "printed/receipt.json") == 0
    assert json.loads((printed / "receipt.json").read_text())["runs"][0]["lines"]
    assert said("verify", "@last") == 0
    after = searched(nest, runs, printed)
    assert person not in after.found[CONTROL]
    assert in_cells(runs, person) == in_cells(runs, pseudonym) == []
    for file in (file for place in (runs, printed) for file in place.rglob("*") if file.is_file()):
        content = file.read_bytes()
        assert not any(text.encode() in content for text in (person, alias, pseudonym) if len(text) > 5), file
    others = set(pd.read_parquet(run / "predictions.parquet")["row"])
    assert others
    assert others <= set(after.found[CONTROL])
    assert not any(found for place, found in after.found.items() if place not in (CONTROL, FORBIDDEN))
