"""The simulated shop: what is behind its lines shows in them, and its dirt is as much as was asked for."""

import pytest

from sartor.context import Context
from sartor_plugins.samples.shop import Shop


@pytest.fixture(scope="module")
def events():
    return Shop(customers=300, items=100).read(Context()).to_pandas()


def read(**settings):
    return Shop(**{"customers": 60, "items": 40, **settings}).read(Context()).to_pandas()


def test_lines_come_in_the_order_of_their_moments_numbered_from_0(events):
    assert events["at"].is_monotonic_increasing
    assert events["line"].tolist() == list(range(len(events)))


def test_the_same_settings_give_the_same_lines_and_another_seed_others():
    assert read().equals(read())
    assert not read().equals(read(seed=1))


def test_without_dirt_there_is_none():
    clean = read(dirt=0.0)
    assert clean["customer"].notna().all()
    assert (clean["quantity"].dropna() > 0).all()
    assert clean["item"].dropna().str.fullmatch("A[0-9]{5}").all()


def test_each_kind_of_dirt_has_its_share(events):
    bought = events[events["event"] == "purchase"]
    lines = len(bought)
    for kind in (
        bought["customer"].isna(),
        bought["quantity"] < 0,
        bought["item"] == "POST",
        bought["item"].str.islower() & (bought["item"] != "POST"),
    ):
        assert kind.sum() / lines == pytest.approx(0.02, abs=0.008)


def test_a_return_takes_back_what_was_bought_before_it(events):
    back = events[events["quantity"] < 0].iloc[0]
    same = events[(events["customer"] == back["customer"]) & (events["at"] < back["at"])]
    taken = same[(same["item"].str.upper() == back["item"]) & (same["quantity"] == -back["quantity"])]
    assert len(taken)
    assert back["invoice"].startswith("C")


def test_customers_buy_their_staples_again(events):
    bought = events[(events["event"] == "purchase") & (events["quantity"] > 0)]
    often = bought.groupby(["customer", "item"])["invoice"].nunique()
    assert (often >= 3).groupby("customer").any().mean() > 0.5


def test_fashions_pass(events):
    bought = events[events["event"] == "purchase"]
    early, late = bought[bought["at"] < "2024-02-15"], bought[bought["at"] >= "2024-05-15"]
    best = early["item"].value_counts().head(20).index
    share = late["item"].isin(best).mean() / early["item"].isin(best).mean()
    assert share < 0.75


def test_searches_name_a_category_and_no_item(events):
    searched = events[events["event"] == "search"]
    assert searched["item"].isna().all()
    categories = set(Shop(table="items", items=100).read(Context())["category"].to_pylist())
    assert set(searched["query"]) <= categories


def test_the_three_tables_belong_together(events):
    items = Shop(table="items", customers=300, items=100).read(Context()).to_pandas()
    people = Shop(table="customers", customers=300, items=100).read(Context()).to_pandas()
    known = events["item"].dropna().str.upper()
    assert set(known[known != "POST"]) <= set(items["item"])
    assert set(events["customer"].dropna()) <= set(people["customer"])
    assert 0.8 < people["consent"].mean() < 0.97
