"""What is proposed for real tables passes `sartor check`, and every line of the same table enters by it."""

from __future__ import annotations

import pytest

from sartor.errors import SartorError

PROPOSED = (".csv.gz", ".parquet")
NO_TABLE = {
    # Ends of names that no reader has, and a table without a row.
    "manufacturing/jobshop/instances.json.gz": "U072",
    "manufacturing/renault-config/medium_constraints.xml.gz": "U072",
    "manufacturing/trigeiro-clsp/instances.json.gz": "U072",
    "healthcare/omop-mimic-demo/death.csv.gz": "D002",
}


def test_codes_that_no_codebook_explains_are_shown_with_how_often_they_stand(proposed, data_folder):
    """Taiwan's EDUCATION has 0, 5 and 6, of which its codebook explains none; PAY_* has -2."""
    file = data_folder("finance/credit-default-taiwan") / "credit_default_taiwan.csv.gz"
    found, entered = proposed(file)
    assert found.plain["lines"] == 30_000
    assert found.plain["key"] == ["ID"]
    assert found.terms["EDUCATION"] == {"type": "integer", "allowed": [0, 1, 2, 3, 4, 5, 6]}
    assert found.notes["EDUCATION"] == "0: 14, 1: 10,585, 2: 14,030, 3: 4,917, 4: 123, 5: 280, 6: 51"
    assert found.notes["PAY_0"].startswith("-2: 2,759, -1: 5,686, 0: 14,737, ")
    assert found.treated == {"SEX": "audit_only", "MARRIAGE": "audit_only", "AGE": "audit_only"}
    assert len(entered.tables["credit_default_taiwan"]) == 30_000
    assert entered.cautions == []


def test_zeros_that_stand_apart_are_told_and_not_taken_for_missing(proposed, data_folder):
    """Of 920 hearts 172 have no cholesterol at all, and the others 85 and more."""
    found, entered = proposed(data_folder("healthcare/heart-disease-uci") / "heart.csv.gz")
    assert found.notes["chol"].startswith("missing in 30; 172 zeros stand apart from 85 on: perhaps missing_codes: [0]")
    assert found.terms["chol"] == {"type": "number", "between": [0, 610]}
    assert found.terms["ca"] == {"type": "integer", "allowed": [0, 1, 2, 3]}
    assert found.treated == {"age": "audit_only", "sex": "audit_only"}
    assert len(entered.tables["heart"]) == 920
    assert entered.quarantine == {}


def test_numbers_of_customers_who_come_again_are_pseudonymised(proposed, data_folder):
    found, entered = proposed(data_folder("ecommerce/online_retail") / "online_retail.csv.gz")
    assert found.treated == {"CustomerID": "pseudonymise"}
    assert found.terms["InvoiceDate"] == {"type": "datetime", "at_least": "2010-01-01"}
    assert found.plain["time"] == "InvoiceDate"
    assert found.plain["key"] == []
    assert "12,346" not in found.yaml, "the smallest of the customers' numbers"
    retail = entered.tables["online_retail"]
    assert len(retail) == 541_909
    assert retail["CustomerID"].nunique() == 4_372


def test_a_parquet_file_keeps_its_types(proposed, data_folder):
    found, entered = proposed(data_folder("retail/m5_tiny") / "sales.parquet")
    assert found.terms["units"] == {"type": "integer", "between": [0, 630]}
    assert found.terms["sell_price"] == {"type": "number", "between": [0.41, 12]}
    assert found.terms["state_id"] == {"type": "text", "allowed": ["CA", "TX", "WI"]}
    assert found.treated == {}, "items and stores have names and are no persons"
    assert len(entered.tables["sales"]) == 535_640


@pytest.mark.parametrize(
    ("file", "code", "lines"),
    [
        ("finance/bank-marketing/bank_marketing.csv.gz", ("pdays", [999]), 41_188),
        ("finance/german-credit/german_credit.csv.gz", None, 1_000),
        ("ecommerce/telco_churn/telco_churn.csv.gz", None, 7_043),
        ("healthcare/eicu-demo/patient.csv.gz", None, 174),
    ],
)
def test_a_proposal_sets_no_line_aside_of_the_file_it_is_made_of(proposed, data_folder, file, code, lines):
    dataset, _, name = file.rpartition("/")
    found, entered = proposed(data_folder(dataset) / name)
    assert [len(table) for table in entered.tables.values()] == [lines]
    assert entered.quarantine == {}
    if code is not None:
        assert found.terms[code[0]]["missing_codes"] == code[1]


@pytest.mark.parametrize(("file", "code"), NO_TABLE.items())
def test_what_is_no_table_is_refused_with_a_message(profiled, data_folder, file, code):
    dataset, _, name = file.rpartition("/")
    with pytest.raises(SartorError, match=code) as refused:
        profiled(data_folder(dataset) / name)
    assert refused.value.exit_code == 2


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_every_table_there_is_enters_whole_by_what_is_proposed_for_it(proposed, data_folder):
    """One test, as which files there are is not known before it runs."""
    root = data_folder("finance/german-credit").parents[1]
    files = sorted(file for file in root.rglob("*") if file.name.endswith(PROPOSED))
    assert len(files) > 60
    wrong = {}
    for file in files:
        if file.relative_to(root).as_posix() in NO_TABLE:
            continue
        found, entered = proposed(file)
        (rows,) = [len(table) for table in entered.tables.values()]
        if (rows, entered.quarantine) != (found.plain["lines"], {}):
            wrong[file.relative_to(root).as_posix()] = (rows, found.plain["lines"], entered.cautions)
    assert wrong == {}
