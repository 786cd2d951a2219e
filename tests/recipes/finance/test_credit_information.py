"""What a bank's own data is worth: the recipe that comes with sartor, and 30,000 card holders."""

from __future__ import annotations

import pytest

import sartor


@pytest.fixture(scope="module")
def german(tmp_path_factory):
    folder = tmp_path_factory.mktemp("information")
    (folder / "sartor.toml").write_text("", encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        yield sartor.run("finance/credit-information", sets=["judge.redraws=200"])


def test_298_rows_are_too_few_to_tell(german):
    told = german.information
    assert told["measure"]["in_bits"]
    for source in told["sources"].values():
        assert source["verdict"] == "cannot tell yet"
        assert source["rows"] > 298
        assert source["without"]["score"]["value"] > 0
    assert told["left_out"] == []


def test_what_is_protected_is_neither_public_nor_a_source(german):
    told = german.information
    known = {column for columns in told["public"]["columns"].values() for column in columns}
    assert not known & {"personal_status_and_sex", "age_in_years", "foreign_worker", "creditability", "application_id"}
    assert "purpose" in known


@pytest.mark.slow
def test_payment_status_is_what_a_card_issuer_knows(data_folder, tmp_path, monkeypatch):
    data = data_folder("finance/credit-default-taiwan").parents[1]
    (tmp_path / "sartor.toml").write_text("", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    sets = ["judge.redraws=500", "models.logistic=~", "models.forest=~", "models.boosting=~"]
    told = sartor.run("finance/credit-default-taiwan", sets=sets, data=data).information
    worth = {name: source["without"]["score"]["value"] for name, source in told["sources"].items()}
    assert max(worth, key=worth.get) == "payment_status"
    status = told["sources"]["payment_status"]
    assert status["verdict"] == "worth it"
    assert status["without"]["score"]["value"] == pytest.approx(0.062, abs=0.008)
    assert status["without"]["money"]["low"] > 1000
    assert told["sources"]["demographics"]["tells"]["verdict"] == "not shown"
    assert told["refits"] == 39
