"""Affordability: ratios of one line's columns, missing where there is nothing to divide by."""

from __future__ import annotations

import pandas as pd
import pytest
from pydantic import ValidationError

from sartor.errors import InputError
from sartor.rows import ROW
from sartor.testing import make_context, make_rows, make_table, make_tables
from sartor_domains.finance.affordability import Affordability
from sartor_domains.finance.names import candidates


@pytest.fixture
def heard():
    return []


@pytest.fixture
def context(tmp_path, heard):
    return make_context(tmp_path, heard=heard)


def built(context, columns, roles=None, **settings):
    frame = pd.DataFrame(columns)
    frame.insert(0, "loan", range(len(frame)))
    table = make_table("loans", frame, context, key=["loan"], roles=roles)
    rows = make_rows(frame[["loan"]].assign(**{ROW: frame["loan"]}), context, keys=["loan"], own="loans")
    found = Affordability.model_validate(settings).build(rows, make_tables([table], context), context)
    return found.collect().to_pandas().sort_values(ROW).drop(columns=ROW).reset_index(drop=True)


def one(context, columns, **settings):
    found = built(context, {name: [value] for name, value in columns.items()}, **settings)
    return found.iloc[0].to_dict()


def test_an_instalment_is_the_amount_by_the_months(context):
    found = built(context, {"sum": [1200, 900, 0], "months": [12, 0, 6]}, amount="sum", duration="months")
    assert found["instalment"].tolist()[::2] == [100.0, 0.0]
    # No instalment for a loan of no months.
    assert found["instalment"].isna().tolist() == [False, True, False]


def test_income_gives_the_share_that_it_takes(context):
    columns = {"sum": 1200, "months": 12, "pay": 2000, "old": 300}
    found = one(context, columns, amount="sum", duration="months", income="pay", instalments="old")
    assert found == {
        "instalment": 100.0,
        "amount_to_income": 0.6,
        "instalment_to_income": 0.05,
        "obligations_to_income": 0.2,
    }


def test_existing_instalments_are_held_against_income_without_a_new_one(context):
    assert one(context, {"pay": 2000, "old": 300}, income="pay", instalments="old") == {"obligations_to_income": 0.15}


def test_an_instalment_given_as_a_share_of_income_gives_the_income(context):
    columns = {"sum": 1200, "months": 12, "rate": 0.05}
    found = one(context, columns, amount="sum", duration="months", instalment_share="rate")
    assert found == {"instalment": 100.0, "disposable_income": 2000.0}


def test_bills_are_held_against_the_limit(context):
    columns = {"cap": 1000, "b1": 500, "b2": 300, "b3": 100}
    found = one(context, columns, limit="cap", bills=["b1", "b2", "b3"])
    assert found == pytest.approx(
        {"utilisation": 0.5, "utilisation_mean": 0.3, "utilisation_highest": 0.5, "utilisation_rise": 0.4}
    )


def test_a_credit_balance_is_a_negative_use_of_the_limit(context):
    found = one(context, {"cap": 1000, "b1": -200, "b2": 400}, limit="cap", bills=["b1", "b2"])
    assert (found["utilisation"], found["utilisation_rise"]) == (-0.2, -0.6)


@pytest.mark.parametrize("limit", [0, -50, None])
def test_without_a_limit_there_is_no_utilisation(context, limit):
    found = built(
        context, {"cap": [limit, 1000], "b1": [500, 500], "p1": [50, 50]}, limit="cap", bills=["b1"], payments=["p1"]
    )
    assert found[["utilisation", "paid_to_limit", "lowest_payment_to_limit"]].iloc[0].isna().all()
    assert found["paid_share"].tolist() == [0.1, 0.1]


def test_payments_are_held_against_the_bills(context):
    columns = {"b1": 500, "b2": 300, "b3": -100, "p1": 150, "p2": 0, "p3": 50}
    found = one(context, columns, bills=["b1", "b2", "b3"], payments=["p1", "p2", "p3"])
    # 200 paid of 800 billed, the credit balance left out; the latest payment settles the bill before the latest.
    assert found == {"paid_share": 0.25, "paid_share_latest": 0.5, "highest_payment": 150.0, "months_unpaid": 1.0}


def test_nothing_billed_is_nothing_to_pay(context):
    found = one(context, {"b1": 0, "b2": -100, "p1": 20, "p2": 0}, bills=["b1", "b2"], payments=["p1", "p2"])
    assert pd.isna(found["paid_share"])
    assert pd.isna(found["paid_share_latest"])


def test_delays_tell_the_latest_the_worst_how_often_and_how_long_ago(context):
    found = built(
        context,
        {"d1": [0, -2, 2, None], "d2": [3, -1, 1, None], "d3": [1, 0, 0, None]},
        delays=["d1", "d2", "d3"],
    )
    assert found.iloc[0].to_dict() == {
        "delay_latest": 0, "delay_worst": 3, "delay_sum": 4, "months_delayed": 2, "months_since_delay": 1,
    }  # fmt: skip
    assert found.iloc[1].to_dict() == {
        "delay_latest": 0, "delay_worst": 0, "delay_sum": 0, "months_delayed": 0, "months_since_delay": 3,
    }  # fmt: skip
    assert found.iloc[2].to_dict() == {
        "delay_latest": 2, "delay_worst": 2, "delay_sum": 3, "months_delayed": 2, "months_since_delay": 0,
    }  # fmt: skip
    assert found.iloc[3].isna().all()


def test_what_is_missing_in_some_months_is_told_from_the_others(context):
    columns = {"cap": 1000, "b1": 200, "b2": None, "b3": 400, "p1": None, "p2": 30, "p3": 0}
    found = built(
        context,
        {name: [value, value or 1] for name, value in columns.items()},
        limit="cap",
        bills=["b1", "b2", "b3"],
        payments=["p1", "p2", "p3"],
    ).iloc[0]
    assert found["utilisation_mean"] == pytest.approx(0.3)
    assert found["paid_share"] == pytest.approx(30 / 600)
    assert found["months_unpaid"] == 1
    assert pd.isna(found["paid_share_latest"])


def test_columns_are_found_by_their_usual_names_and_what_was_found_is_noted(context, heard):
    found = built(context, {"credit_amount": [1200], "duration_in_month": [12], "purpose": ["car"]})
    assert found.to_dict("list") == {"instalment": [100.0]}
    assert [event.text for event in heard] == ["affordability takes credit_amount, duration_in_month"]


def test_columns_are_found_by_their_roles(context):
    columns = {"x": [1200], "y": [12], "amount": [5]}
    assert built(context, columns, roles={"amount": "x", "duration": "y"}).to_dict("list") == {"instalment": [100.0]}


def test_columns_that_are_named_are_the_only_ones_taken(context):
    columns = {"credit_amount": [1200], "duration": [12], "income": [1000]}
    assert list(built(context, columns, amount="credit_amount", duration="duration")) == ["instalment"]


def test_what_two_columns_could_be_is_not_guessed(context, heard):
    columns = {
        "loan_amount": [1200],
        "credit_amount": [600],
        "term": [12],
        "income": [100],
        "existing_instalments": [20],
    }
    assert built(context, columns).to_dict("list") == {"obligations_to_income": [0.2]}
    assert "affordability leaves amount out: it could be loan_amount or credit_amount" in [e.text for e in heard]


def test_a_prefix_keeps_new_columns_apart_from_the_tables_own(context):
    found = built(context, {"sum": [1200], "months": [12]}, amount="sum", duration="months", prefix="new_")
    assert list(found) == ["new_instalment"]


def test_a_table_that_has_nothing_of_the_kind_is_refused(context):
    with pytest.raises(InputError, match="affordability can build nothing from the columns of loans"):
        built(context, {"colour": ["red"], "height": [3]})
    with pytest.raises(InputError, match="affordability can build nothing from sum"):
        built(context, {"sum": [1200]}, amount="sum")


def test_a_column_of_text_is_refused_with_how_to_read_it(context):
    with pytest.raises(
        InputError, match="column 'sum' of loans holds text, and affordability calculates with it"
    ) as caught:
        built(context, {"sum": ["1,200"], "months": [12]}, amount="sum", duration="months")
    assert caught.value.problems[0].hints == (("to mend", "read it as a number at ingest: types: {sum: number}"),)


def test_a_column_that_is_not_there_is_named_with_the_nearest_one(context):
    with pytest.raises(InputError, match="table loans has no column 'summ' that affordability can see") as caught:
        built(context, {"sum": [1200], "months": [12]}, amount="summ", duration="months")
    assert caught.value.problems[0].hints == (("did you mean", "sum"),)


def test_a_table_with_several_lines_for_a_row_is_refused(context):
    payments = pd.DataFrame({"payment": [1, 2], "loan": [0, 0], "amount": [1.0, 2.0], "duration": [1, 1]})
    table = make_table("payments", payments, context, key=["payment"])
    rows = make_rows(pd.DataFrame({ROW: [0], "loan": [0]}), context, keys=["loan"])
    with pytest.raises(InputError, match="table payments has a line for each payment, and affordability takes one"):
        Affordability().build(rows, make_tables([table], context), context)


def test_it_stands_on_columns_that_an_earlier_step_built(context):
    earlier = make_table(
        "earlier", pd.DataFrame({ROW: [0, 1], "amount": [600, 1200], "term": [6, 24]}), context, key=[ROW]
    )
    rows = make_rows(pd.DataFrame({ROW: [0, 1], "loan": [0, 1]}), context, keys=["loan"])
    found = Affordability().build(rows, make_tables([earlier], context), context).collect().to_pandas()
    assert found.sort_values(ROW)["instalment"].tolist() == [100.0, 50.0]


def test_a_month_named_twice_is_refused():
    with pytest.raises(ValidationError, match="names b1 more than once"):
        Affordability.model_validate({"limit": "cap", "bills": ["b1", "b1"]})


@pytest.mark.parametrize(
    ("thing", "names"),
    [
        ("amount", ["amount", "credit_amount", "LoanAmount", "loan_amnt", "AMT_CREDIT", "requested amount"]),
        ("duration", ["duration", "duration_in_month", "term", "loan_term", "Loan_Amount_Term", "term_months"]),
        ("income", ["income", "annual_inc", "ApplicantIncome", "person_income", "net_monthly_income"]),
        ("instalments", ["existing_instalments", "current_installments", "monthly_obligations"]),
        ("limit", ["limit", "LIMIT_BAL", "credit_limit"]),
        ("bills", ["BILL_AMT1", "bill_2", "statement_3", "Total_Revolving_Bal"]),
        ("payments", ["PAY_AMT1", "payment_amount_2"]),
        ("delays", ["delay_1", "months_behind_3"]),
    ],
)
def test_usual_names_are_known(thing, names):
    for name in names:
        assert candidates(thing, [name]) == [name]


@pytest.mark.parametrize(
    ("thing", "name"),
    [
        ("amount", "amount_overdue"),
        ("duration", "employment_duration"),
        ("income", "incoming_calls"),
        ("limit", "limitations"),
    ],
)
def test_other_names_are_not_mistaken_for_them(thing, name):
    assert candidates(thing, [name]) == []
