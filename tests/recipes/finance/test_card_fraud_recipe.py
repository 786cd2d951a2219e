"""The recipe of card fraud on simulated payments, run whole: rows, quality, alerts, money, and asking again."""

from __future__ import annotations

import json
from typing import ClassVar

import numpy as np
import pandas as pd
import pytest

import sartor
from sartor.context import Context
from sartor.errors import InputError, SartorError
from sartor_plugins.samples.bank import Bank

BANK = {"cards": 150, "terminals": 250, "days": 80}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("fraud")
    (folder / "sartor.toml").write_text("", encoding="utf-8")
    models = {"boosting": None, "isolation": {"with": {"trees": 20}}, "forest": {"with": {"trees": 40}}}
    text = {"format": 1, "recipe": "test/fraud", "extends": "finance/card-fraud", "params": {"cards": 150}}
    text |= {"judge": {"redraws": 50}, "gates": [], "models": models}
    (folder / "fraud.yaml").write_text(json.dumps(text), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        yield sartor.run(str(folder / "fraud.yaml"))


@pytest.fixture(scope="module")
def payments():
    return Bank(**BANK).read(Context()).to_pandas()


def test_learning_and_judging_are_a_label_delay_apart(run, payments):
    at = payments["at"]
    rows = run.summary["rows"]
    assert rows["train"] <= ((at >= "2024-02-01") & (at <= "2024-02-29")).sum()
    assert rows["test"] <= (at >= "2024-03-07").sum()
    judged = run.predictions
    assert len(judged) == rows["test"]


def test_models_find_fraud_that_the_amount_alone_does_not(run):
    value = {name: model["metrics"]["average_precision"]["value"] for name, model in run.summary["models"].items()}
    assert value["forest"] > 1.2 * value["amount alone"] > value["base rate"]


def test_metrics_of_the_job_are_there(run):
    metrics = run.summary["models"]["forest"]["metrics"]
    assert {"average_precision", "auc", "card_precision@10", "value_detection@10", "calibration_error"} <= set(metrics)


def test_alerts_keep_to_the_budget_and_each_has_its_facts(run, payments):
    made = run.decisions
    alerts = made[made["decision"] == "alert"].merge(payments[["payment", "card", "at"]], on="payment")
    assert len(alerts) > 20
    a_day = alerts.groupby(alerts["at"].dt.date)
    assert a_day.size().max() <= 10
    assert not alerts.duplicated(["card"]).all()
    assert (a_day["card"].nunique() == a_day.size()).all(), "a card is looked at once a day"
    assert (alerts["expected_value"] > 0).all()
    assert alerts["facts"].str.len().gt(0).all()
    assert alerts["facts"].str.contains("Amount").any()
    assert made.loc[made["decision"] == "pass", "facts"].isna().all()


def test_money_stands_beside_no_system_and_the_amount_rule(run, payments):
    policies = run.summary["policies"]
    assert policies["no system"]["value"] == 0
    assert "amount rule" in policies
    assert run.summary["unit"] == "EUR"
    made = run.decisions[["payment", "decision"]].merge(payments, on="payment")
    day = [made["card"], made["at"].dt.date]
    looked = (made["decision"] == "alert").groupby(day).transform("any")
    frauds = made["fraud"].groupby(day).transform("sum")
    alerts = made["decision"] == "alert"
    worth = (
        made.loc[looked & (made["fraud"] == 1), "amount"].sum() - 8 * alerts.sum() - 15 * (alerts & (frauds == 0)).sum()
    )
    assert run.value.loc["forest", "value"] == pytest.approx(worth)


def test_what_the_queue_finds_is_measured(run):
    measured = {entry["name"]: entry for entry in run.summary["audit"]["queue"]["measures"]}
    assert set(measured) == {
        "alert_precision", "fraud_detection_rate", "value_detection_rate", "false_alerts_per_fraud"
    }  # fmt: skip


@pytest.fixture(scope="module")
def known_by_then(run, payments):
    """One payment of the last week, and what was there at its moment."""
    one = run.predictions["row"].iloc[-400]
    moment = payments.set_index("payment").loc[one, "at"]
    past = payments[(payments["at"] <= moment) & (payments["payment"] <= one)].copy()
    past["fraud"] = past["fraud"].where(past["at"] <= moment - pd.Timedelta(days=7)).astype("float")
    return one, past


class TestAskingAgain:
    """New payments are asked for with those before them, and how these turned out as far as it is known by then."""

    def test_one_payment_is_answered_as_it_was_among_all(self, run, known_by_then):
        one, past = known_by_then
        found = sartor.predict(run, past).set_index("payment")["probability"]
        recorded = run.predictions.set_index("row")["forest: probability"]
        assert found[one] == recorded[one]
        shared = found.index.intersection(recorded.index)
        assert len(shared) > 1000
        assert found[shared].tolist() == recorded[shared].tolist()

    def test_what_was_not_known_yet_changes_nothing(self, run, known_by_then, payments):
        _, past = known_by_then
        told = past.assign(fraud=payments.set_index("payment").loc[past["payment"], "fraud"].to_numpy())
        assert sartor.predict(run, told)["probability"].tolist() == sartor.predict(run, past)["probability"].tolist()

    def test_without_past_outcomes_nobody_is_asked(self, run, known_by_then):
        _, past = known_by_then
        with pytest.raises(InputError, match="has no column 'fraud', by which features know past outcomes"):
            sartor.predict(run, past.drop(columns="fraud"))


class TestSections:
    def told(self, run):
        sections = json.loads((run.folder / "sections.json").read_text(encoding="utf-8"))
        flat = sections["sections"] if isinstance(sections, dict) else sections
        return {entry["id"].split("/")[-1].split(".")[-1]: entry for entry in flat}

    def test_the_report_has_the_queue_its_days_its_facts_and_the_budget(self, run):
        assert {"parts", "value-by-budget", "days", "facts", "terms", "payments"} <= set(self.told(run))

    def test_the_parts_tell_the_numbers_of_the_decisions(self, run):
        alerts = int((run.decisions["decision"] == "alert").sum())
        assert f"of {alerts} alerts hold fraud" in self.told(run)["parts"]["sentence"]

    def test_the_dot_of_the_budget_is_the_value_of_the_run(self, run):
        sentence = self.told(run)["value-by-budget"]["sentence"].replace("\u00a0", " ")
        assert f"cards a day at most brought **EUR {run.value.loc['forest', 'value']:,.0f}**" in sentence


def test_models_that_move_along_with_time_are_judged_week_by_week(project):
    """Prequential folds: each week is answered by models of the weeks before, and old ones are forgotten."""
    models = {"forest": None, "boosting": None, "isolation": None}
    text = {"format": 1, "recipe": "test/weekly", "extends": "finance/card-fraud", "params": {"cards": 100}}
    text |= {"judge": {"redraws": 20}, "models": models}
    text |= {"gates": [{"metric": "alert_precision", "at_least": 0.01}]}
    text |= {"split": {"time": "2024-03-01", "every": "1 week", "origins": 2, "refit": "each", "window": "2 weeks"}}
    (project / "weekly.yaml").write_text(json.dumps(text), encoding="utf-8")
    run = sartor.run(str(project / "weekly.yaml"))
    assert run.predictions["round"].nunique() == 2
    payments = Bank(cards=100, terminals=250, days=80).read(Context()).to_pandas().set_index("payment")["at"]
    judged = payments[run.predictions["row"]]
    assert judged.min() >= pd.Timestamp("2024-03-01")
    assert judged.max() < pd.Timestamp("2024-03-15")
    # Of either week those teach whose truth became known in the two weeks before it: two weeks of payments each.
    assert run.summary["rows"]["train"] < (payments.between("2024-02-09", "2024-03-01")).sum()
    alerts = run.decisions[run.decisions["decision"] == "alert"]
    a_day = payments[alerts["payment"]].dt.date.value_counts()
    assert 0 < a_day.max() <= 10
    (gate,) = run.summary["gates"]
    assert gate["metric"] == "alert_precision"
    assert gate["value"] is not None


class TestDirt:
    """Payments as banks send them: each item is met with a message, or changes nothing."""

    RECIPE: ClassVar = {
        "format": 1,
        "recipe": "test/dirt",
        "ingest": {"payments": {"use": "tables.csv", "key": "payment", "time": "at", "with": {"path": "payments.csv"}}},
        "task": {
            "use": "finance.card_fraud",
            "with": {"outcome": "fraud", "card": "card", "amount": "amount", "label_delay": "7 days",
                     "never": ["terminal"]},
        },
        "split": {"time": "2024-02-01"},
        "models": {"logistic": {"use": "learn.logistic"}},
        "judge": {"redraws": 20},
    }  # fmt: skip

    def run(self, project, frame, **changes):
        frame.to_csv(project / "payments.csv", index=False)
        (project / "dirt.yaml").write_text(json.dumps({**self.RECIPE, **changes}), encoding="utf-8")
        return sartor.run(str(project / "dirt.yaml"))

    @pytest.fixture(scope="class")
    @classmethod
    def clean(cls):
        return Bank(cards=120, terminals=60, days=45, scenario=True, fraud=3.0).read(Context()).to_pandas()

    def test_the_way_of_the_fraud_gives_it_away_and_stops_the_run(self, project, clean):
        with pytest.raises(SartorError, match="feature 'scenario' tells the outcome by itself: alone it has AUC 1"):
            self.run(project, clean)

    def test_named_as_never_it_is_no_feature(self, project, clean):
        task = {**self.RECIPE["task"], "with": {**self.RECIPE["task"]["with"], "never": ["terminal", "scenario"]}}
        run = self.run(project, clean, task=task)
        assert run.summary["rows"]["test"] > 500

    def test_a_payment_twice_is_refused_by_its_key(self, project, clean):
        twice = pd.concat([clean, clean.iloc[[5]]]).drop(columns="scenario")
        with pytest.raises(SartorError, match="the key payment does not identify a row: 6,251 rows, 6,250 different"):
            self.run(project, twice)

    def test_gaps_in_numbers_and_another_order_change_no_answer(self, project, clean):
        plain = clean.drop(columns="scenario")
        first = self.run(project, plain)
        shuffled = plain.assign(payment=plain["payment"] * 7 + 3).sample(frac=1.0, random_state=1)
        second = self.run(project, shuffled)
        answers = [run.predictions.sort_values("row")["logistic: probability"].to_numpy() for run in (first, second)]
        assert np.allclose(*answers, rtol=0, atol=1e-9)

    def test_amounts_of_zero_and_a_kind_never_seen_before_are_answered(self, project, clean):
        odd = clean.drop(columns="scenario")
        late = odd["at"] > "2024-02-05"
        odd.loc[late & (odd["payment"] % 5 == 0), "amount"] = 0.0
        odd.loc[late & (odd["payment"] % 3 == 0), "category"] = "crypto"
        run = self.run(project, odd)
        assert run.predictions["logistic: probability"].between(0, 1).all()
