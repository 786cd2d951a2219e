"""Deliveries of a run: when they happen, what a sink is handed, what they leave behind, and what stops them."""

import hashlib
import json

import numpy as np
import pandas as pd
import pytest

from sartor.errors import InputError, PluginError, UsageError
from sartor.runs.verifying import verify

RECIPE = """
format: 1
recipe: toy/deliver
ingest:
  people: {use: toy.table, key: id, with: {of: people}}
task: {use: learn.classification, with: {outcome: won}}
split: {hash: 0.3}
models:
  tree: {use: learn.tree, with: {depth: 2}}
actions:
  decision: {use: toy.decides}
judge: {redraws: 100}
deliver:
  out: {use: toy.keeps, with: {place: shelf}}
"""
TWO = RECIPE + "  more: {use: toy.keeps, with: {place: attic}}\n"
FAILED = RECIPE + "gates: [{metric: auc, at_least: 0.999}]\n"


def people(n=200):
    rng = np.random.default_rng(0)
    x = rng.normal(size=n)
    return pd.DataFrame({"id": np.arange(n), "x": x, "won": (x + rng.normal(size=n) > 0.5).astype("int64")})


@pytest.fixture
def run(run_toys, toys):
    toys.DELIVERED.clear()
    return lambda text=RECIPE, **options: run_toys(text, {"people": people()}, **options)


@pytest.fixture
def receipts():
    return lambda run: json.loads((run.folder / "receipts.json").read_text(encoding="utf-8"))


class TestWhenADeliveryHappens:
    def test_a_run_that_is_not_live_delivers_nothing(self, run, toys):
        done = run()

        assert toys.DELIVERED == {}
        assert done.summary["delivery"] == {"live": False, "why": "that takes --live", "receipts": []}
        assert not (done.folder / "receipts.json").exists()

    def test_a_live_run_delivers_every_decision_that_it_recorded(self, run, toys):
        done = run(live=True)

        recorded = done.decisions
        assert list(recorded.columns) == ["id", "decision", "reasons"]
        assert sorted(key for (key,) in toys.DELIVERED["shelf"]) == sorted(recorded["id"])
        kept = toys.DELIVERED["shelf"][(recorded["id"][0],)]
        assert kept["decision"] == recorded["decision"][0]
        assert kept["reasons"] == list(recorded["reasons"][0])

    def test_a_failed_gate_keeps_a_live_run_from_delivering(self, run, toys):
        done = run(FAILED, live=True)

        assert not done.passed
        assert toys.DELIVERED == {}
        assert done.summary["delivery"] == {"live": True, "why": "a gate failed", "receipts": []}

    def test_a_recipe_without_deliveries_cannot_be_run_live(self, run):
        with pytest.raises(UsageError, match=r"toy/deliver has nothing to deliver  U025\n  to mend: say where"):
            run(RECIPE.split("deliver:\n", maxsplit=1)[0], live=True)

    def test_a_recipe_without_deliveries_says_nothing_of_them(self, run):
        assert "delivery" not in run(RECIPE.split("deliver:\n", maxsplit=1)[0]).summary


class TestAReceipt:
    def test_it_tells_what_was_delivered_and_holds_no_key(self, run, receipts):
        done = run(live=True)

        (receipt,) = receipts(done)
        keys = done.decisions["id"]
        digest = hashlib.sha256("".join(f'["{key}"]\n' for key in keys).encode()).hexdigest()
        assert {**receipt, "at": "", "idempotency_key": ""} == {
            "step": "out",
            "from": "decision",
            "use": "toy.keeps",
            "target": "shelf",
            "rows": len(keys),
            "added": len(keys),
            "changed": 0,
            "key": ["id"],
            "keys": digest,
            "idempotency_key": "",
            "at": "",
        }
        assert len(receipt["idempotency_key"]) == 64
        assert done.summary["delivery"] == {"live": True, "why": "", "receipts": [receipt]}

    def test_it_stands_in_the_ledger_of_the_run(self, run):
        done = run(live=True)

        assert verify(done.folder).untouched
        file = done.folder / "receipts.json"
        file.write_text(file.read_text().replace("shelf", "shelv"), encoding="utf-8")
        assert not verify(done.folder).untouched

    def test_the_idempotency_key_is_the_same_for_the_same_decisions_and_place_only(self, run, receipts):
        first, again = (receipts(run(live=True))[0] for _ in range(2))
        assert first["idempotency_key"] == again["idempotency_key"]
        assert again["added"] == 0
        other = receipts(run(RECIPE.replace("shelf", "attic"), live=True))[0]
        fewer = receipts(run(RECIPE.replace("hash: 0.3", "hash: 0.2"), live=True))[0]
        assert len({entry["idempotency_key"] for entry in (first, other, fewer)}) == 3

    def test_deliveries_are_made_in_the_order_written_and_each_has_one(self, run, receipts, toys):
        done = run(TWO, live=True)

        assert [receipt["step"] for receipt in receipts(done)] == ["out", "more"]
        assert toys.DELIVERED["shelf"] == toys.DELIVERED["attic"]

    def test_decisions_without_a_line_for_each_row_have_no_key(self, run, receipts, toys):
        done = run(RECIPE.replace("toy.decides}", "toy.decides, with: {per_row: false}}"), live=True)

        (receipt,) = receipts(done)
        assert (receipt["key"], receipt["keys"]) == ([], None)
        assert list(toys.DELIVERED["shelf"]) == [receipt["idempotency_key"]]

    def test_of_several_actions_the_named_one_is_delivered(self, run, toys):
        text = RECIPE.replace("toy.decides}", "toy.decides}\n  plan: {use: toy.decides, with: {per_row: false}}")
        run(text.replace("toy.keeps, with", "toy.keeps, from: plan, with"), live=True)

        (line,) = toys.DELIVERED["shelf"].values()
        assert set(line) == {"decision", "lines"}


class TestADeliveryThatFails:
    def test_what_a_sink_refuses_is_said_at_its_place_and_the_run_stays_recorded(self, run, project):
        with pytest.raises(InputError) as caught:
            run(RECIPE.replace("place: shelf", "place: shelf, at: refused"), live=True)

        (problem,) = caught.value.problems
        (folder,) = (project / "runs/toy/deliver").glob("[0-9]*")
        assert str(problem).startswith("toy.yaml:14:14  the place is closed  D000")
        assert problem.hints == (("the run", f"is recorded in runs/toy/deliver/{folder.name}"),)
        assert verify(folder).untouched

    def test_a_sink_that_raises_is_named_with_its_step(self, run):
        with pytest.raises(PluginError, match=r"toy/deliver: step deliver\.out: 'toy\.keeps' failed in deliver: Zero"):
            run(RECIPE.replace("place: shelf", "place: shelf, at: half-way"), live=True)

    def test_what_was_delivered_before_is_told_and_has_its_receipt(self, run, project, receipts):
        with pytest.raises(InputError) as caught:
            run(TWO.replace("place: attic", "place: attic, at: refused"), live=True)

        assert ("delivered before", "out") in caught.value.problems[0].hints
        (file,) = (project / "runs/toy/deliver").glob("*/receipts.json")
        assert [receipt["step"] for receipt in json.loads(file.read_text(encoding="utf-8"))] == ["out"]
        assert verify(file.parent).untouched

    def test_after_a_crash_half_way_the_same_command_leaves_one_copy(self, run, toys):
        with pytest.raises(PluginError):
            run(RECIPE.replace("place: shelf", "place: shelf, at: half-way"), live=True)
        half = len(toys.DELIVERED["shelf"])
        done = run(live=True)

        assert 0 < half < len(done.decisions) == len(toys.DELIVERED["shelf"])
        assert done.summary["delivery"]["receipts"][0]["added"] == len(done.decisions) - half

    @pytest.mark.parametrize(("at", "gave"), [("short", "a receipt for [0-9]+ rows"), ("nothing", "NoneType")])
    def test_a_receipt_for_something_else_breaks_the_contract(self, run, at, gave):
        said = rf"deliver\.out: 'toy\.keeps' breaks the contract of deliver: it returned {gave} where a Receipt for"
        with pytest.raises(PluginError, match=said):
            run(RECIPE.replace("place: shelf", f"place: shelf, at: {at}"), live=True)
