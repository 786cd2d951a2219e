"""`sartor ledger` gives heads and proofs away, and `sartor verify` holds runs against them."""

from __future__ import annotations

import json

import pytest

pytestmark = pytest.mark.needs("cryptography")

RECIPE = "finance/credit-scoring"


@pytest.fixture
def ended(sartor):
    """Return a function that calls the command line and returns what it printed, its exit code being as it must."""

    def call(*arguments: str, code: int = 0) -> str:
        said = sartor(*arguments)
        assert said.code == code, said.err
        return said.out if code in (0, 1) else " ".join(said.err.split())

    return call


@pytest.fixture
def signed(project, ended):
    """A recorded run of a project that signs."""
    assert ended("ledger", "key", "ledger.pem").startswith("ledger.pem signs, keep it to yourself")
    (project / "sartor.toml").write_text('signing_key = "ledger.pem"\n')
    ended("run", RECIPE, "--quiet", "--set", "judge.redraws=100", "--no-report")
    return project


def test_a_run_is_signed_anchored_proven_and_checked(signed, ended):
    ended("ledger", "head", "@last", "--to", "head.json")
    assert "is line 1 of audit.jsonl" in ended("ledger", "anchor", "@last", "--in", "file:audit.jsonl")
    everything = ("--head", "head.json", "--key", "ledger.pem.pub", "--anchor", "file:audit.jsonl")
    assert "is untouched" in ended("verify", "@last", *everything)

    decided = json.loads(ended("ledger", "prove", "@last", "--file", "metrics.json"))
    (signed / "proof.json").write_text(json.dumps(decided))
    assert ended("ledger", "check", "proof.json", *everything).startswith("proven: a file of finance/")
    told = json.loads(ended("ledger", "check", "proof.json", "--json"))
    assert (told["holds"], told["vouched"], json.loads(told["entry"])["file"]) == (True, False, "metrics.json")

    changed = {**decided, "entry": decided["entry"].replace("metrics", "matrics")}
    (signed / "proof.json").write_text(json.dumps(changed))
    assert ended("ledger", "check", "proof.json", code=1) == "not proven: the entry does not lead to the root\n"


def test_a_proof_that_nothing_vouches_for_says_so(signed, ended):
    ended("ledger", "prove", "@last", "--file", "log.txt", "--to", "proof.json")
    assert "nothing vouches for the head in it" in ended("ledger", "check", "proof.json")


def test_a_key_that_is_gone_stops_a_run_before_it_begins(signed, ended):
    (signed / "ledger.pem").unlink()
    said = ended("run", RECIPE, "--quiet", code=2)
    assert "the signing key cannot be used: " in said
    assert "ledger.pem cannot be read: no such file or directory" in said


def test_one_thing_is_proven_at_a_time(signed, ended):
    assert "one thing is proven at a time" in ended("ledger", "prove", "@last", code=2)
