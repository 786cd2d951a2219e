"""What sources bring is found where it is known in closed form."""

from __future__ import annotations

import json

import pytest
from simulated import BITS_OF_NORMAL, HALF_LIFE, logistic_rows, normal_rows, stale_tables, truth_of_signal

from sartor.runs.verifying import verify

LOANS = """\
format: 1
recipe: demo/loans
currency: EUR
ingest: {loans: {use: tables.csv, key: id, with: {path: loans.csv}}}
task: {use: finance.default_risk, with: {outcome: bad, bad: 1, good: 0}}
split: {hash: 0.4}
models: {model: {use: learn.logistic}}
actions:
  decision: {use: finance.credit_decision, with: {amount_per_loan: 100, margin: 0.5, loss_given_default: 0.5}}
judge: {redraws: 400}
information:
  private:
    signal: {columns: [signal], price: {per_call: 2}}
    noise: {columns: [noise], price: {per_month: 400}}
  decisions_per_month: 200
"""


@pytest.fixture(scope="module")
def loans(weighed):
    return weighed(LOANS, {"loans": logistic_rows(3, 6000)})


@pytest.fixture(scope="module")
def told(loans):
    return loans.information


def inside(told, truth):
    return told["low"] <= truth <= told["high"]


def test_bits_and_money_of_a_source_are_found(told):
    bits, money = truth_of_signal()
    without = told["sources"]["signal"]["without"]
    assert (round(bits, 3), round(money, 2)) == (0.172, 6.83)
    assert inside(without["score"], bits)
    assert inside(without["money"], money)
    assert without["money"]["per_month"]["value"] == pytest.approx(200 * without["money"]["value"])


def test_noise_brings_nothing(told):
    without = told["sources"]["noise"]["without"]
    assert inside(without["score"], 0.0)
    assert inside(without["money"], 0.0)
    assert told["sources"]["noise"]["tells"]["verdict"] == "not shown"


def test_a_source_is_held_against_its_price(told):
    signal, noise = (told["sources"][name] for name in ("signal", "noise"))
    assert signal["verdict"] == "worth it"
    assert signal["price"] == {"amount": 2.0, "per": "call", "per_decision": 2.0, "per_month": 400.0}
    assert signal["net"]["value"] == pytest.approx(signal["without"]["money"]["value"] - 2)
    assert signal["break_even"]["value"] == pytest.approx(signal["without"]["money"]["value"])
    assert noise["verdict"] == "not worth it"
    assert noise["price"]["per_decision"] == 2.0
    assert noise["break_even"]["value"] == pytest.approx(200 * noise["without"]["money"]["value"])


def test_each_source_has_its_sentence(told):
    assert told["sources"]["signal"]["sentence"].startswith("'signal' is worth it: it brings 0.1")
    assert " a month, and costs EUR 2.00 a call; it breaks even at EUR " in told["sources"]["signal"]["sentence"]
    assert told["sources"]["noise"]["sentence"].startswith("'noise' is not worth it: it brings ")


def test_shares_add_up_to_what_is_ours(told):
    shares = [one["share"]["score"]["value"] for one in told["sources"].values()]
    assert sum(shares) == pytest.approx(told["ours"]["score"]["value"])


def test_each_share_is_drawn_from_where_the_one_before_ended(told):
    section = next(one for one in told["sections"] if one["id"] == "shares")
    *steps, everything = [line[2] for line in section["table"]["lines"]]
    assert steps[0][:2] == [0.0, told["public"]["score"]["value"]]
    assert [step[0] for step in steps[1:]] == [step[1] for step in steps[:-1]]
    assert everything == [0.0, pytest.approx(steps[-1][1])]


def test_what_is_not_named_is_public(told):
    assert told["public"]["columns"] == {"loans": ["x"]}


def test_it_is_in_the_folder_the_ledger_and_the_report(loans, told):
    assert json.loads((loans.folder / "information.json").read_text(encoding="utf-8")) == told
    assert verify(loans.folder).untouched
    page = loans.report().read_text(encoding="utf-8")
    assert "What each source is worth" in page
    assert "Where it comes from" in page
    assert (loans.folder / "charts").exists()
    assert any(file.name.startswith("information-bits") for file in (loans.folder / "charts").iterdir())


def test_a_second_run_finds_every_refit_and_says_the_same(weighed, loans, told):
    cache = loans.folder.parents[3] / "runs" / ".cache" / "fit"
    before = sorted(entry.name for entry in cache.iterdir())
    again = weighed(LOANS, {"loans": logistic_rows(3, 6000)}, same=True)
    assert again.information == told
    assert sorted(entry.name for entry in cache.iterdir()) == before


def test_the_log_score_of_numbers_is_that_of_the_errors(weighed):
    text = """\
format: 1
recipe: demo/numbers
ingest: {rows: {use: tables.csv, key: id, with: {path: rows.csv}}}
task: {use: learn.regression, with: {outcome: amount}}
split: {hash: 0.4}
models: {model: {use: learn.linear}}
judge: {redraws: 400}
information: {private: {signal: [signal]}}
"""
    told = weighed(text, {"rows": normal_rows(1, 6000)}).information
    (spread,) = told["spread"]
    assert spread["form"] == "normal"
    assert spread["width"] == pytest.approx(1.0, abs=0.05)
    signal = told["sources"]["signal"]
    assert inside(signal["without"]["score"], BITS_OF_NORMAL)
    assert signal["without"]["score"]["value"] == pytest.approx(BITS_OF_NORMAL, abs=0.04)
    # One source alone has all of what is ours.
    assert signal["share"] == signal["without"] == told["ours"]
    assert signal["verdict"] == "worth it"
    assert signal["without"]["money"] is None


def test_a_half_life_is_found(weighed):
    text = """\
format: 1
recipe: demo/stale
ingest:
  asked: {use: tables.csv, key: row, time: day, with: {path: asked.csv}}
  readings: {use: tables.csv, key: reading, time: at, with: {path: readings.csv}}
task: {use: learn.regression, with: {outcome: amount, table: asked, as_of: day, group: unit}}
split: {time: 2024-02-25}
features:
  level:
    use: history.windows
    with: {table: readings, entity: [unit], windows: [1 day], measures: {level: {mean: level}}}
models: {model: {use: learn.linear}}
judge: {redraws: 400}
information:
  private: {readings: {table: readings, delay: [0d, 2d, 5d, 12d]}}
  halves: 0
"""
    told = weighed(text, stale_tables(2, 200, 70)).information
    found = told["sources"]["readings"]["half_life"]
    assert found["low"] < HALF_LIFE < (found["high"] or 100)
    assert found["days"] == pytest.approx(HALF_LIFE, rel=0.4)
    assert found["refresh_days"] == pytest.approx(0.31 * found["days"], rel=0.01)
    ages = [age["value"] for age in found["ages"]]
    assert ages == sorted(ages, reverse=True)
    assert told["decisions_per_month"] == pytest.approx(200 * 365.25 / 12, rel=0.1)
    section = next(one for one in told["sections"] if one["id"] == "going-stale")
    assert section["sentence"].startswith("'readings' loses half of what it brings in ")
