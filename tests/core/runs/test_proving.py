"""One decision or one file is proven to be part of a run, and the proof shows no other."""

from __future__ import annotations

import copy
import hashlib
import json
import random

import pandas as pd
import pytest

from sartor.errors import InputError, UsageError
from sartor.runs.heads import last_head, place_of
from sartor.runs.ledger import LEDGER, read
from sartor.runs.proving import check, prove_decision, prove_file, read_proof
from sartor.runs.trees import new_trees
from sartor.runs.vouching import Vouched


@pytest.fixture
def decisions(recorded) -> pd.DataFrame:
    return pd.read_parquet(recorded.first / "decisions.parquet")


def head_of(folder):
    lines, _ = read((folder / LEDGER).read_bytes())
    return last_head(place_of(folder, lines))


class TestADecision:
    def test_is_proven_with_what_was_decided(self, recorded, decisions):
        row = decisions.iloc[3]
        proof = prove_decision(recorded.first, str(row["id"]))
        told = check(proof)
        assert (told.holds, told.tree, told.vouched) == (True, "decisions.parquet", False)
        assert json.loads(told.entry)["id"] == row["id"]
        assert json.loads(told.entry)["decision"] == row["decision"]

    def test_every_one_has_a_proof_that_holds(self, recorded, decisions):
        for key in decisions["id"].sample(12, random_state=0):
            assert check(prove_decision(recorded.first, str(key)), Vouched([head_of(recorded.first)])).holds

    def test_can_be_checked_by_hand(self, recorded, decisions):
        proof = prove_decision(recorded.first, str(decisions["id"].iloc[0]))
        node = hashlib.sha256(b"\x00" + bytes.fromhex(proof["salt"]) + proof["entry"].encode()).digest()
        # The first leaf is a left child all the way up.
        for sibling in proof["path"]:
            node = hashlib.sha256(b"\x01" + node + bytes.fromhex(sibling)).digest()
        assert node.hex() == head_of(recorded.first)["trees"]["decisions.parquet"]["root"]

    def test_shows_no_other_not_even_to_who_tries_all_that_it_might_be(self, recorded, decisions):
        text = json.dumps(prove_decision(recorded.first, str(decisions["id"].iloc[0])))
        from sartor.runs.merkle import leaf_of
        from sartor.runs.trees import texts_of

        others = list(texts_of(recorded.first / "decisions.parquet"))[1:]
        assert not any(other in text or leaf_of(other.encode()).hex() in text for other in others)

    def test_that_is_not_there_cannot_be_proven(self, recorded):
        with pytest.raises(UsageError, match=r"decisions.parquet of run .* has no row 9999  U067"):
            prove_decision(recorded.first, "9999")

    def test_of_an_action_that_is_not_there_cannot_be_proven(self, recorded):
        with pytest.raises(UsageError, match=r"has no action refuse  U067"):
            prove_decision(recorded.first, "1", action="refuse")


class TestAFile:
    def test_is_proven_by_its_digest(self, recorded):
        told = check(prove_file(recorded.first, "metrics.json"), Vouched([head_of(recorded.first)]))
        content = (recorded.first / "metrics.json").read_bytes()
        assert told.holds
        assert json.loads(told.entry) == {
            "file": "metrics.json",
            "sha256": hashlib.sha256(content).hexdigest(),
            "bytes": len(content),
        }

    def test_of_another_name_is_near_the_one_that_is_meant(self, recorded):
        with pytest.raises(UsageError, match=r"has no file metric.json  U067[\s\S]*metrics.json"):
            prove_file(recorded.first, "metric.json")


class TestAProof:
    def test_of_a_run_that_was_touched_is_not_made(self, recorded):
        (recorded.first / "metrics.json").write_text("{}")
        with pytest.raises(InputError, match=r"nothing can be proven of run .*: metrics.json: changed"):
            prove_file(recorded.first, "log.txt")

    def test_of_a_run_from_before_there_were_trees_is_refused(self, recorded):
        place = recorded.project.runs / "heads.jsonl"
        said = [json.loads(line) for line in place.read_text().splitlines()]
        place.write_text("".join(json.dumps({k: v for k, v in one.items() if k != "trees"}) + "\n" for one in said))
        with pytest.raises(UsageError, match=r"keeps no hash trees, or its project no head of it  U067"):
            prove_file(recorded.first, "log.txt")

    def test_that_was_changed_anywhere_does_not_hold(self, proof):
        for seed in range(500):
            changed, where = _changed(proof, random.Random(seed))
            told = check(changed, Vouched([proof["head"]]))
            assert not told.holds, where

    def test_with_a_head_of_another_run_does_not_hold(self, recorded, proof):
        other = head_of(recorded.folders["deeper"])
        assert check(proof, Vouched([other])).faults == (f"the head that was given away is of shop/win/{other['run']}",)

    def test_without_one_of_its_parts_is_none(self, proof, tmp_path):
        file = tmp_path / "proof.json"
        for part in ("format", "tree", "entry", "salt", "index", "leaves", "path", "head"):
            file.write_text(json.dumps({name: value for name, value in proof.items() if name != part}))
            with pytest.raises(InputError, match=r"proof.json holds no proof  D154"):
                read_proof(file)

    def test_of_a_newer_format_is_not_read(self, proof, tmp_path):
        file = tmp_path / "proof.json"
        file.write_text(json.dumps({**proof, "format": 2}))
        with pytest.raises(InputError, match=r"is a proof in format 2, and this sartor reads format 1  D154"):
            read_proof(file)

    def test_comes_back_as_it_was_written(self, proof, tmp_path):
        file = tmp_path / "proof.json"
        file.write_text(json.dumps(proof))
        assert read_proof(file) == proof


@pytest.fixture
def proof(recorded) -> dict:
    return prove_file(recorded.first, "metrics.json")


def _changed(proof: dict, dice: random.Random) -> tuple[dict, str]:
    """Return a proof with one character or number of what it proves changed."""
    changed = copy.deepcopy(proof)
    part = dice.choice(["tree", "entry", "salt", "index", "leaves", "path"])
    if part in ("index", "leaves"):
        changed[part] += dice.choice([-1, 1])
    elif part == "path":
        place = dice.randrange(len(changed["path"]))
        changed["path"][place] = _other_digit(changed["path"][place], dice)
    elif part == "salt":
        changed["salt"] = _other_digit(changed["salt"], dice)
    else:
        place = dice.randrange(len(changed[part]))
        changed[part] = changed[part][:place] + "~" + changed[part][place + 1 :]
    return changed, part


def _other_digit(text: str, dice: random.Random) -> str:
    place = dice.randrange(len(text))
    return text[:place] + dice.choice([d for d in "0123456789abcdef" if d != text[place]]) + text[place + 1 :]


def test_tables_of_every_kind_have_a_leaf_a_row(tmp_path):
    frame = pd.DataFrame(
        {
            "row": ["a\nb", "c\u2028d", "é"],
            "at": pd.to_datetime(["1899-12-31", "2026-11-24T08:00:00.123456789", None], format="ISO8601"),
            "amount": [float("nan"), 1e300, -0.1],
            "many": [["x", "y"], [], None],
        }
    )
    frame.to_parquet(tmp_path / "decisions.parquet")
    assert new_trees(tmp_path)["trees"]["decisions.parquet"]["leaves"] == 3


def test_no_decision_is_a_tree_without_leaves(tmp_path):
    pd.DataFrame({"row": [], "decision": []}).to_parquet(tmp_path / "decisions.parquet")
    assert new_trees(tmp_path)["trees"]["decisions.parquet"] == {
        "root": hashlib.sha256(b"").hexdigest(),
        "leaves": 0,
    }
