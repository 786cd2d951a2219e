"""The example that sartor comes from, made right: what a customer spends, from age and income, by a network."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

import sartor
from sartor.context import Context
from sartor_plugins.samples.purchases import Purchases, mean_amount

pytestmark = pytest.mark.needs("tensorflow", "keras")

CUSTOMERS = 1_500
SETS = [f"params.customers={CUSTOMERS}", "judge.redraws=100", "models.forest.with.trees=60"]


def run_in(folder):
    folder.mkdir()
    (folder / "sartor.toml").write_text("", encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        return sartor.run("ecommerce/purchase-amount", sets=SETS)


@pytest.fixture(scope="module")
def amounts(tmp_path_factory):
    return run_in(tmp_path_factory.mktemp("purchases") / "project")


@pytest.fixture(scope="module")
def rmse(amounts):
    return {name: entry["metrics"]["rmse"]["value"] for name, entry in amounts.summary["models"].items()}


def test_the_network_stands_beside_a_line_a_forest_a_machine_and_the_mean(rmse):
    assert set(rmse) == {"network", "line", "forest", "svm", "law", "mean", "median"}
    assert rmse["network"] < 0.9 * rmse["line"] < 0.9 * rmse["mean"]
    # Three answers that can bend are alike within a few hundredths: depth is not what counts here.
    assert rmse["network"] == pytest.approx(rmse["forest"], rel=0.08)
    assert rmse["network"] == pytest.approx(rmse["svm"], rel=0.08)


def test_no_answer_is_better_than_knowing_every_customers_own_mean(rmse, amounts):
    table = Purchases(rows=CUSTOMERS, true_mean=True).read(Context()).to_pandas().set_index("customer")
    held_out = table.loc[amounts.predictions["row"]]
    least = float(np.sqrt(((held_out["amount"] - held_out["true_mean"]) ** 2).mean()))
    assert 0.99 * least < rmse["network"] < 1.1 * least


def test_it_is_judged_on_customers_that_it_never_saw(amounts):
    network = amounts.summary["models"]["network"]["metrics"]["rmse"]
    assert network["low"] < network["value"] < network["high"]
    assert len(amounts.predictions) == pytest.approx(0.3 * CUSTOMERS, rel=0.1)


def test_raw_values_go_in_and_money_comes_out(amounts):
    # The first example asked a network that knew standardised columns about (25, 50000) as they are, and read the
    # standardised number that came out, 0.675, as 675.
    new = pd.DataFrame({"customer": [1, 2, 3], "age": [25, 43, 75], "income": [50_000.0, 50_000.0, 50_000.0]})
    answers = sartor.predict(amounts, new)["number"].to_numpy()
    meant = mean_amount(new["age"].to_numpy(dtype=float), new["income"].to_numpy())
    np.testing.assert_allclose(answers, meant, rtol=0.2)


def test_a_hidden_income_is_answered_too(amounts):
    answers = sartor.predict(amounts, pd.DataFrame({"customer": [1], "age": [43], "income": [np.nan]}))["number"]
    assert 400 < answers.iloc[0] < 900


def test_the_network_has_as_many_inputs_as_the_table_gives(amounts):
    saved = json.loads((amounts.folder / "models" / "network" / "network.json").read_text(encoding="utf-8"))
    assert [(part["name"], part["flag"]) for part in saved["inputs"]["numbers"]] == [("age", False), ("income", True)]
    assert saved["shape"]["width"] == 3
    assert saved["shape"]["hidden"] == [64, 64]


def test_the_law_of_the_mean_is_told_not_to_hold(amounts):
    learned = json.loads((amounts.folder / "models" / "law" / "learned.json").read_text(encoding="utf-8"))
    assert not learned["fits"]
    assert learned["standard_errors_off"] < -10
    assert "do not follow an exponential law" in (amounts.folder / "log.txt").read_text(encoding="utf-8")


def test_the_report_shows_how_the_network_learned(amounts):
    sections = json.loads((amounts.folder / "sections.json").read_text(encoding="utf-8"))["sections"]
    assert {"course-of-learning", "features"} <= {section["id"] for section in sections}


@pytest.mark.slow
def test_a_second_run_elsewhere_says_the_same_byte_for_byte(amounts, tmp_path):
    again = run_in(tmp_path / "elsewhere")
    for name in ("metrics.json", "predictions.parquet"):
        assert (again.folder / name).read_bytes() == (amounts.folder / name).read_bytes(), name
