"""New data of persons: what the run let in by what they said, scoring lets in by what they say now."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from sartor.errors import PrivacyStop, UsageError

RECIPE = """
format: 1
recipe: parts/persons
ingest:
  customers: {use: parts.table, key: customer, with: {of: customers}}
  orders: {use: parts.table, key: order, with: {of: orders}}
  spent: {use: parts.table, key: line, with: {of: spent}}
privacy:
  consent: {column: agreed, value: "yes", person: customer}
  columns: {agreed: drop}
task: {use: learn.classification, with: {table: orders, outcome: won, never: [customer]}}
split: {hash: 0.3}
features:
  spent: {use: parts.spent_alone}
models:
  tree: {use: learn.tree, with: {depth: 3}}
judge: {redraws: 100}
"""


@pytest.fixture
def shop():
    rng = np.random.default_rng(0)
    customers = pd.DataFrame({"customer": np.arange(60), "agreed": np.where(np.arange(60) % 4 == 0, "no", "yes")})
    orders = pd.DataFrame(
        {"order": np.arange(400) + 1000, "customer": rng.integers(0, 60, 400), "x": rng.normal(size=400)}
    )
    orders["won"] = (orders["x"] + rng.normal(size=400) > 0).astype("int64")
    spent = pd.DataFrame({"line": np.arange(500), "customer": rng.integers(0, 60, 500), "amount": 10.0})
    return {"customers": customers, "orders": orders, "spent": spent}


@pytest.fixture
def run(run_parts, shop):
    return run_parts(RECIPE, **shop)


def test_orders_of_who_did_not_agree_have_no_answer(run, ask, shop):
    cautions: list[str] = []
    new = shop["orders"].drop(columns="won")
    answers = ask(new, cautions=cautions)
    agreed = (new["customer"] % 4 != 0).to_numpy()
    assert answers["probability"].notna().tolist() == agreed.tolist()
    assert f"{int((~agreed).sum())} rows are not answered: whom they are about did not agree" in cautions


def test_a_moment_is_missing_only_where_an_answered_row_has_none(run_parts, ask, shop):
    """All is taken away of who did not agree, and the moment with it: nobody is told that it was missing."""
    dated = RECIPE.replace("key: order,", "key: order, time: day,").replace(
        "outcome: won,", "outcome: won, as_of: day,"
    )
    orders = shop["orders"].assign(day=pd.Timestamp("2024-05-01") + pd.to_timedelta(shop["orders"]["order"], unit="h"))
    run_parts(dated, **{**shop, "orders": orders})
    cautions: list[str] = []
    new = orders.drop(columns="won").head(40)
    agreed = new["customer"] % 4 != 0
    ask(new, cautions=cautions)
    assert not [text for text in cautions if "asked as of" in text]
    lacks = new["order"] % 3 == 0
    ask(new.assign(day=new["day"].where(~lacks)), cautions=cautions)
    (told,) = [text for text in cautions if "asked as of" in text]
    assert 0 < (lacks & agreed).sum() < lacks.sum()
    assert told.startswith(f"{(lacks & agreed).sum()} rows have no day: ")


def test_and_so_line_by_line(run, ask, shop):
    new = shop["orders"].drop(columns="won").head(20)
    stream = io.BytesIO(new.to_json(orient="records", lines=True).encode())
    assert ask(stream)["probability"].notna().tolist() == (new["customer"] % 4 != 0).tolist()


def test_who_is_known_to_nobody_did_not_agree(run, ask, shop):
    new = shop["orders"].drop(columns="won").head(3).assign(customer=[1, 999, None])
    assert ask(new)["probability"].notna().tolist() == [True, False, False]


def test_what_new_customers_say_holds_for_orders_and_for_what_they_spent(run, ask, shop):
    turned = shop["customers"].assign(agreed=lambda frame: np.where(frame["customer"] == 0, "yes", "no"))
    new = shop["orders"].drop(columns="won").head(4).assign(customer=[0, 1, 2, 0])
    assert ask(("orders", new), ("customers", turned))["probability"].notna().tolist() == [True, False, False, True]


def test_without_the_column_of_the_person_nothing_is_answered(run, ask, shop):
    with pytest.raises(PrivacyStop, match=r"table orders has no column 'agreed' that says who agreed, so nobody did"):
        ask(shop["orders"].drop(columns=["won", "customer"]))


class TestWhereTheRowsSayIt:
    """Orders say themselves whether their customer agrees; what customers spent goes by what new orders say."""

    TEXT = RECIPE.replace("  customers: {use: parts.table, key: customer, with: {of: customers}}\n", "")

    @pytest.fixture
    def orders(self):
        customers = np.arange(300) % 100
        return pd.DataFrame(
            {
                "order": np.arange(300) + 1000,
                "customer": customers,
                "agreed": "yes",
                "won": ((customers < 50) ^ (customers % 7 == 1)).astype(int),
            }
        )

    @pytest.fixture
    def spent(self):
        return pd.DataFrame(
            {"line": np.arange(100), "customer": np.arange(100), "amount": np.where(np.arange(100) < 50, 9, 1)}
        )

    @pytest.fixture
    def run(self, run_parts, orders, spent):
        return run_parts(self.TEXT, orders=orders, spent=spent)

    def test_what_they_spent_is_known_if_all_their_orders_say_yes(self, run, ask, orders):
        new = orders.drop(columns="won").iloc[[0, 100, 1]]
        yes = ask(new)["probability"].tolist()
        assert yes[0] == yes[1] == yes[2] > 0.7
        answers = ask(new.assign(agreed=["yes", "no", "yes"]))["probability"].tolist()
        assert np.isnan(answers[1])
        assert answers[2] == yes[2]
        # Customer 0 took it back in another order, so nobody may look at what was spent.
        assert answers[0] != yes[0]

    def test_a_stream_is_refused_since_somebody_may_still_say_no(self, run, ask, orders):
        stream = io.BytesIO(orders.head(3).to_json(orient="records", lines=True).encode())
        with pytest.raises(
            UsageError, match=r"is said in orders, and in a stream nobody knows who is still to come  U074"
        ):
            ask(stream)

    def test_a_reader_of_arrow_can_be_asked_twice(self, run, ask, orders):
        new = pa.Table.from_pandas(orders.drop(columns="won").head(3), preserve_index=False)
        assert ask(new.to_reader()).equals(ask(new))
