"""New data is answered as the run answered its own: the same numbers, whatever form and order rows come in."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

import sartor
from sartor.context import Context
from sartor.rows import Scoring

MODELS = ["scorecard", "logistic", "forest", "boosting"]


@pytest.fixture
def judged(credit, applications) -> pa.Table:
    """The rows that judged in the run, in the order in which it recorded them."""
    order = pd.Index(applications["application_id"].to_pylist()).get_indexer(credit.predictions["row"])
    return applications.take(pa.array(order))


@pytest.mark.parametrize("model", MODELS)
def test_the_answers_are_those_that_the_run_recorded(credit, judged, model):
    answers = sartor.predict(credit, judged, model=model)
    beside = ["score", "status"] if model == "scorecard" else []
    assert answers.columns.tolist() == ["application_id", "probability", *beside]
    assert answers["application_id"].tolist() == credit.predictions["row"].tolist()
    recorded = credit.predictions[f"{model}: probability"].to_numpy()
    assert np.abs(answers["probability"].to_numpy() - recorded).max() <= 1e-12


def test_the_decisions_are_those_that_the_run_recorded(credit, judged):
    answers = sartor.predict(credit, judged, decide=True)
    decided = [name for name in credit.decisions.columns if name not in ("application_id", "probability")]
    assert answers.columns.tolist() == ["application_id", "probability", "score", "status", *decided]
    for column in credit.decisions.columns:
        assert answers[column].map(str).tolist() == credit.decisions[column].map(str).tolist(), column


def test_the_champion_answers_unless_another_model_is_named(credit, judged):
    assert credit.champion == "scorecard"
    pd.testing.assert_frame_equal(sartor.predict(credit, judged), sartor.predict(credit, judged, model="scorecard"))


def csv_of(table: pa.Table, file: Path, delimiter: str = ",") -> Path:
    table.to_pandas().to_csv(file, index=False, sep=delimiter)
    return file


def jsonl_of(table: pa.Table, file: Path) -> Path:
    file.write_text("".join(f"{json.dumps(row)}\n" for row in table.to_pylist()), encoding="utf-8")
    return file


def parquet_of(table: pa.Table, file: Path) -> Path:
    pq.write_table(table, file, row_group_size=100)
    return file


def packed(file: Path) -> Path:
    to = file.with_name(f"{file.name}.gz")
    to.write_bytes(gzip.compress(file.read_bytes()))
    return to


FORMS: dict[str, Any] = {
    "arrow": lambda table, folder: table,
    "pandas": lambda table, folder: table.to_pandas(),
    "pandas categories": lambda table, folder: table.to_pandas().astype({"purpose": "category", "job": "category"}),
    "polars": lambda table, folder: pytest.importorskip("polars").from_arrow(table),
    "csv": lambda table, folder: csv_of(table, folder / "new.csv"),
    "csv with semicolons": lambda table, folder: csv_of(table, folder / "new.csv", ";"),
    "csv packed": lambda table, folder: packed(csv_of(table, folder / "new.csv")),
    "json lines": lambda table, folder: jsonl_of(table, folder / "new.jsonl"),
    "parquet": lambda table, folder: parquet_of(table, folder / "new.parquet"),
    "glob": lambda table, folder: str(parquet_of(table, folder / "new-1.parquet").with_name("new-*.parquet")),
    "csv stream": lambda table, folder: csv_of(table, folder / "new.csv").open("rb"),
    "json stream": lambda table, folder: jsonl_of(table, folder / "new.jsonl").open("rb"),
}


@pytest.mark.parametrize("form", FORMS)
def test_the_form_of_the_data_changes_nothing(credit, judged, form, tmp_path):
    data = FORMS[form](judged, tmp_path)
    answers = sartor.predict(credit, data, decide=True)
    if hasattr(data, "close"):
        data.close()
    expected = sartor.predict(credit, judged, decide=True)
    pd.testing.assert_frame_equal(answers, expected, check_exact=True)


def test_rows_come_back_in_the_order_in_which_they_were_given(credit, judged):
    shuffled = judged.take(pa.array(np.random.default_rng(0).permutation(judged.num_rows)))
    answers = sartor.predict(credit, shuffled)
    assert answers["application_id"].tolist() == shuffled["application_id"].to_pylist()
    expected = sartor.predict(credit, judged).set_index("application_id")["probability"]
    assert answers["probability"].tolist() == expected.loc[answers["application_id"]].tolist()


@pytest.mark.parametrize("rows", [1, 7, 15, 16])
def test_how_many_rows_are_answered_at_a_time_changes_nothing(credit, judged, rows, monkeypatch):
    expected = sartor.predict(credit, judged.slice(0, 15), decide=True)
    monkeypatch.setattr("sartor.predicting.sources.ROWS", rows)
    answers = sartor.predict(credit, judged.slice(0, 15), decide=True)
    pd.testing.assert_frame_equal(answers, expected, atol=1e-12, rtol=0)


def test_the_outcome_is_not_looked_at_and_may_be_missing(credit, judged):
    expected = sartor.predict(credit, judged)
    without = judged.drop_columns("creditability")
    lies = without.append_column("creditability", pa.array(["nonsense"] * judged.num_rows))
    for data in (without, lies):
        pd.testing.assert_frame_equal(sartor.predict(credit, data), expected)


def test_what_privacy_hides_may_be_missing_and_is_not_read(credit, judged):
    hidden = ["personal_status_and_sex", "age_in_years", "foreign_worker"]
    expected = sartor.predict(credit, judged)
    pd.testing.assert_frame_equal(sartor.predict(credit, judged.drop_columns(hidden)), expected)
    for column in hidden:
        judged = judged.drop_columns(column).append_column(column, pa.array([["no", "text"]] * judged.num_rows))
    pd.testing.assert_frame_equal(sartor.predict(credit, judged), expected)


def test_other_columns_are_ignored(credit, judged):
    more = judged.append_column("__row", pa.array(range(judged.num_rows))).append_column("note", judged["purpose"])
    pd.testing.assert_frame_equal(sartor.predict(credit, more), sartor.predict(credit, judged))


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
def test_a_file_of_answers_holds_what_the_frame_holds(credit, judged, form, tmp_path):
    out = tmp_path / f"answers.{form}"
    assert sartor.predict(credit, judged, decide=True, out=out) == out
    expected = sartor.predict(credit, judged, decide=True)
    if form == "parquet":
        found = pd.read_parquet(out)
    elif form == "jsonl":
        found = pd.DataFrame([json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()])
    else:
        found = pd.read_csv(out)
        found["reasons"] = found["reasons"].map(json.loads)
    assert found.columns.tolist() == expected.columns.tolist()
    assert found["probability"].tolist() == expected["probability"].tolist()
    assert found["expected_value"].tolist() == expected["expected_value"].tolist()
    assert [list(reasons) for reasons in found["reasons"]] == [list(reasons) for reasons in expected["reasons"]]
    assert sorted(path.name for path in tmp_path.iterdir()) == [out.name]


def test_a_run_of_folds_answers_with_the_model_that_learned_from_all_rows(project, applications):
    text = "format: 1\nextends: finance/credit-scoring\nrecipe: folds\nsplit: {folds: 3, hash: {digest: md5}}\n"
    more = "gates: []\nmodels: {forest: ~, boosting: ~, logistic: ~}\n"
    (project / "folds.yaml").write_text(text + more, encoding="utf-8")
    run = sartor.run(project / "folds.yaml", sets=["judge.redraws=100"])
    answers = sartor.predict(run, applications)
    X = applications.to_pandas().assign(instalment=lambda frame: frame["credit_amount"] / frame["duration_in_month"])
    direct = run.models["scorecard"].predict(Scoring(X, X, "probability", ("good", "bad")))
    assert answers["probability"].tolist() == direct["probability"].tolist()


def test_a_run_on_time_is_answered_as_it_answered_itself(project):
    from sartor_plugins.samples.lending import Lending

    sets = ["judge.redraws=100", "params.rows=3000"]
    run = sartor.run("finance/lending-simulated", sets=sets)
    settings = {"start": "2021-01-01", "end": "2022-12-31", "performance_window": "12 months", "drift": 0.3}
    table = Lending.model_validate({"rows": 3000, **settings}).read(Context())
    answers = sartor.predict(run, table.drop_columns(["outcome", "outcome_date", "age", "sex"]))
    found = answers.set_index("application_id")["probability"].loc[run.predictions["row"]].to_numpy()
    assert np.abs(found - run.predictions["scorecard: probability"].to_numpy()).max() <= 1e-12
