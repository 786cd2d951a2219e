"""Sources of every kind, prices, budgets, and sources that cannot be weighed."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from simulated import logistic_rows

import sartor
from sartor.cli import main
from sartor.components import PROBABILITY
from sartor.errors import InputError, PrivacyStop, UsageError
from sartor.events import Progress
from sartor.runs.verifying import verify

RECIPE = """\
format: 1
recipe: demo/loans
currency: EUR
ingest:
  loans: {use: tables.csv, key: id, with: {path: loans.csv}}
  calls: {use: tables.csv, time: at, with: {path: calls.csv}}
task:
  use: finance.default_risk
  with: {outcome: bad, bad: 1, good: 0, table: loans, application_date: day, performance_window: 1 day}
split: {hash: 0.4}
features:
  called:
    use: history.windows
    with: {table: calls, entity: [id], windows: [9 days], measures: {calls: count, talk: {mean: talk}}}
models: {model: {use: learn.logistic}}
actions:
  decision: {use: finance.credit_decision, with: {amount: amount, margin: 0.5, loss_given_default: 0.5}}
judge: {redraws: 200}
"""
ROWS = 500


def tables() -> dict[str, pd.DataFrame]:
    """Loans, and calls that tell of their signal; a line of calls has no key."""
    loans = logistic_rows(5, ROWS).assign(amount=100.0, day="2024-01-10")
    rng = np.random.default_rng(5)
    customer = rng.integers(0, ROWS, 3 * ROWS)
    kind = rng.choice(["web", "phone"], 3 * ROWS)
    talk = loans["signal"].to_numpy()[customer] + rng.normal(size=3 * ROWS)
    calls = pd.DataFrame({"id": customer, "kind": kind, "talk": talk, "at": "2024-01-05"})
    return {"loans": loans.drop(columns="signal"), "calls": calls}


@pytest.fixture(scope="module")
def many(weighed):
    """A run with a source of each kind."""
    section = """\
information:
  private:
    web: {lines: {table: calls, where: {kind: web}}, price: {per_row: 0.5}}
    phone: {lines: {table: calls, where: {kind: [phone, fax]}}}
    x: {columns: x, of: loans}
  halves: 2
"""
    return weighed(RECIPE + section, tables())


def test_a_table_without_a_key_is_a_source(many):
    told = many.information["sources"]
    assert [told[name]["about"] for name in ("web", "phone", "x")] == [
        "lines of calls with kind web",
        "lines of calls with kind phone or fax",
        "column x of loans",
    ]
    # Either half of the calls says much of what the other says: alone, each brings less than its share.
    for name in ("web", "phone"):
        assert told[name]["share"]["score"]["value"] > told[name]["without"]["score"]["value"] > 0


def test_a_price_by_the_line_is_paid_for_every_line_that_is_there(many):
    web = int((tables()["calls"]["kind"] == "web").sum())
    price = many.information["sources"]["web"]["price"]
    assert price["per_decision"] == pytest.approx(0.5 * web / ROWS)
    assert price["per_month"] is None


def test_actions_still_see_what_their_settings_name(weighed):
    section = "information: {private: {amount: {columns: [amount]}, noise: [noise]}, halves: 0}\n"
    told = weighed(RECIPE + section, tables()).information
    # The amount is the same for all: without it as a feature nothing is lost, and decisions still know it.
    assert told["sources"]["amount"]["without"]["money"]["value"] == pytest.approx(0.0, abs=1e-9)


def test_without_any_feature_the_base_rate_answers(weighed):
    text = RECIPE.replace("features:\n", "").replace("  called:\n", "")
    text = "\n".join(
        line for line in text.splitlines() if "history.windows" not in line and "table: calls," not in line
    )
    section = "\ninformation: {private: {all: [x, noise, amount]}, halves: 0}\n"
    told = weighed(text + section, tables()).information
    assert told["public"]["score"] == {"value": 0.0, "low": 0.0, "high": 0.0}
    assert told["ours"]["score"]["value"] > 0


def test_what_the_budget_leaves_out_is_said_and_done_later(weighed, monkeypatch, capsys):
    section = "information: {private: {x: [x], calls: {table: calls}}, budget: {refits: 1}}\n"
    run = weighed(RECIPE + section, tables())
    told = run.information
    assert told["refits"] == 1
    assert told["sources"]["calls"]["verdict"] == "not weighed"
    assert told["sources"]["calls"]["sentence"] == "'calls' was not weighed: the budget did not last."
    assert told["left_out"] == [
        "the run without calls",
        "4 of 4 halves that tell how far a fit goes by chance",
        "shares: 2 of 4 coalitions",
    ]
    monkeypatch.chdir(run.folder.parents[3])
    assert main(["info", "@last", "--refits", "100", "--json"]) == 0
    later = json.loads(capsys.readouterr().out)
    assert later["left_out"] == []
    assert later["sources"]["calls"]["share"] is not None
    assert verify(run.folder).untouched
    stored = json.loads((run.folder / "information.json").read_text(encoding="utf-8"))
    assert stored["sources"] == later["sources"]


def test_it_can_be_left_for_later(weighed, monkeypatch, capsys):
    section = "information: {private: {x: [x]}, halves: 2}\n"
    run = weighed(RECIPE + section, tables(), information=False)
    assert run.information is None
    assert not (run.folder / "information.json").exists()
    monkeypatch.chdir(run.folder.parents[3])
    assert main(["info", "@last"]) == 0
    said = capsys.readouterr()
    assert said.out.startswith("   bits a row  95 %")
    assert "1 source, 5 refits" in said.err
    assert "Public: id, kind, talk of calls; noise, amount, day of loans." in said.out.replace("\n", " ")
    # Now it is there: it is shown, and nothing is done again.
    assert main(["info", "@last"]) == 0
    again = capsys.readouterr()
    assert (again.out, again.err) == (said.out, "")


def test_a_run_of_other_data_is_not_weighed(weighed, monkeypatch):
    run = weighed(RECIPE + "information: {private: {x: [x]}, halves: 0}\n", tables(), information=False)
    folder = run.folder.parents[3]
    changed = tables()["loans"]
    changed.assign(x=changed["x"] + changed["noise"]).to_csv(folder / "loans.csv", index=False)
    from sartor.information.recorded import weigh_run
    from sartor.recipe.project import Project
    from sartor.runs.finding import find_run

    monkeypatch.chdir(folder)
    with pytest.raises(InputError, match="does not come out as it was recorded: its data, libraries or code have"):
        weigh_run(find_run("@last", Project.at()), Project.at(), lambda event: None)


def test_a_recipe_without_sources_has_none_to_weigh(weighed, monkeypatch):
    run = weighed(RECIPE, tables())
    monkeypatch.chdir(run.folder.parents[3])
    from sartor.information.recorded import weigh_run
    from sartor.recipe.project import Project
    from sartor.runs.finding import find_run

    with pytest.raises(UsageError, match="says nothing of sources"):
        weigh_run(find_run("@last", Project.at()), Project.at(), lambda event: None)


def test_progress_says_what_is_withheld(weighed):
    heard: list[Progress] = []
    section = "information: {private: {x: [x], calls: {table: calls}}, halves: 1}\n"
    weighed(
        RECIPE + section, tables(), listen=lambda event: heard.append(event) if isinstance(event, Progress) else None
    )
    told = [f"{one.what} {one.done}/{one.total}" for one in heard if one.stage == "inform"]
    assert told[:3] == ["without x 1/7", "without calls 2/7", "without x, calls 3/7"]
    assert told[-1] == "without x, calls, half the rows 7/7"


@pytest.mark.parametrize(
    ("section", "error", "message"),
    [
        (
            "information: {private: {ours: {table: loans}}}\n",
            InputError,
            "rows are not the same without 'ours': each row is a line of loans",
        ),
        (
            "information: {private: {some: {lines: {table: loans, where: {amount: 100}}}}}\n",
            InputError,
            "rows are not the same without 'some': each row is a line of loans",
        ),
        (
            (
                "information: {private: {him: {lines: {table: calls, where: {id: 7}}}}}\n"
                "privacy: {columns: {id: {generalise: {width: 1}}}}\n"
            ),
            PrivacyStop,
            "source 'him' is lines by 'id', and privacy has a word on 'id': what a person is worth is not asked",
        ),
    ],
)
def test_sources_that_cannot_be_withheld_are_refused(weighed, section, error, message):
    with pytest.raises(error, match=message):
        weighed(RECIPE + section, tables())


def test_rows_that_depend_on_a_column_are_refused(weighed):
    text = RECIPE.replace("outcome: bad,", "outcome: bad, group: kin,")
    loans = tables()["loans"]
    with pytest.raises(InputError, match="without 'kin': the group 'kin' of table loans is missing in 500 lines"):
        weighed(
            text + "information: {private: {kin: {columns: [kin], of: loans}}, halves: 0}\n",
            {**tables(), "loans": loans.assign(kin=loans["id"] // 2)},
        )


@pytest.mark.parametrize(
    ("rows", "what"),
    [([1, 2], "3 rows become 2"), ([1, 2, 4], "rows or their part of the split change")],
)
def test_rows_that_are_not_the_same_are_refused(rows, what):
    from types import SimpleNamespace

    from sartor.information.same_rows import check_same
    from sartor.stages.splitting import Parts, Round

    def frame(keys):
        part = Round("", np.array([True] * len(keys)), np.array([False] * len(keys)))
        rows = pd.DataFrame({"__row": keys})
        return SimpleNamespace(rows=rows, y=np.zeros(len(keys)), weight=None, parts=Parts((part,)))

    check_same(frame([1, 2, 3]), frame([1, 2, 3]), ["web"])
    with pytest.raises(InputError, match=f"rows are not the same without 'web': {what}"):
        check_same(frame([1, 2, 3]), frame(rows), ["web"])


def test_the_target_in_disguise_is_found_before_it_is_weighed(weighed):
    loans = tables()["loans"]
    loans = loans.assign(oracle=loans["bad"] * 3 + 1)
    with pytest.raises(InputError, match="feature 'oracle' tells the outcome by itself"):
        weighed(RECIPE + "information: {private: {oracle: [oracle]}}\n", {**tables(), "loans": loans})


def test_answers_without_a_distribution_are_told_in_the_tasks_own_measure():
    from types import SimpleNamespace

    from sartor.components import Task
    from sartor.evidence.metric import Metric
    from sartor.information.scoring import measure_of

    class Slates(Task):
        answers = "slate"

    hits = Metric("hits", "hits at 10", "higher", "How many find one.", per_row=lambda judged: np.ones(3))
    slope = Metric("slope", "slope", 1.0, "Right at 1.", overall=lambda judged, weights: weights[:, 0])
    told = measure_of(Slates(), SimpleNamespace(), [slope, hits])
    assert (told.in_bits, told.label, told.metric) == (False, "hits at 10", hits)

    class Curves(Task):
        answers = "survival"

        def log_score(self, judged):
            return np.log([0.5, 0.25])

    assert measure_of(Curves(), SimpleNamespace(), [hits]).in_bits

    class Chances(Task):
        answers = PROBABILITY

    assert measure_of(Chances(), SimpleNamespace(), [hits]).about == "log score of the class that came, in bits a row"


def test_run_has_the_same_form_in_python(many):
    assert sartor.run.__kwdefaults__["information"] is True
    assert many.to_json()["information"]["sources"].keys() == {"web", "phone", "x"}
