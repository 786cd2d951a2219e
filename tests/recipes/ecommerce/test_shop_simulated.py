"""The simulated shop, from its tables to valued slates."""

import pytest

import sartor
from sartor.context import Context
from sartor_plugins.samples.shop import Shop

SETTINGS = {"customers": 300, "items": 120}


@pytest.fixture(scope="module")
def slates(shop):
    """Every item on every slate, a line each."""
    decisions = shop.decisions
    user = next(name for name in decisions.columns if name in ("customer", "row"))
    long = decisions[[user, "slate", "reasons"]].explode(["slate", "reasons"]).dropna(subset=["slate"])
    return long.rename(columns={user: "row", "slate": "item"})


@pytest.fixture(scope="module")
def catalogue():
    return Shop(table="items", **SETTINGS).read(Context()).to_pandas().set_index("item")


def test_the_blend_beats_what_sold_most_and_is_no_worse_than_own_purchases(shop):
    ndcg = {name: entry["metrics"]["ndcg@10"]["value"] for name, entry in shop.summary["models"].items()}
    assert ndcg["blend"] > 1.4 * ndcg["best sellers"] > 1.4 * ndcg["sold most ever"]
    assert ndcg["blend"] > ndcg["own purchases"] - 0.02
    assert ndcg["blend"] > ndcg["ease"] > ndcg["best sellers"]


def test_a_metric_for_each_question_has_an_interval(shop):
    metrics = shop.summary["models"]["blend"]["metrics"]
    assert {"ndcg@10", "recall@10", "mrr@10", "coverage", "ndcg@10_repeat", "ndcg@10_new"} <= set(metrics)
    for name, entry in metrics.items():
        assert entry["low"] <= entry["value"] <= entry["high"], name


def test_dirt_was_set_aside_and_told(shop):
    told = shop.summary["tables"]["events"]
    assert told["rows"] < Shop(**SETTINGS).read(Context()).num_rows


def test_slates_keep_every_rule(slates, catalogue):
    shown = slates.join(catalogue, on="item")
    assert (shown["stock"] > 0).all()
    by_slate = shown.groupby("row")
    assert by_slate.size().max() == 10
    assert shown.groupby(["row", "category"]).size().max() <= 4
    assert not slates.duplicated(["row", "item"]).any()


def test_a_place_is_kept_for_what_is_promoted(slates, catalogue):
    promoted = slates.join(catalogue["promoted"], on="item").groupby("row")["promoted"].sum()
    assert (promoted >= 1).mean() > 0.95


def test_nobody_is_shown_anything_who_did_not_agree(shop):
    people = Shop(table="customers", **SETTINGS).read(Context()).to_pandas().set_index("customer")["consent"]
    decisions = shop.decisions
    who = decisions.iloc[:, 0].astype(str).str.partition("|")[0]
    agreed = who.map(people).to_numpy(dtype=bool)
    shown = decisions["decision"].isin(["show", "show fewer"]).to_numpy()
    assert not (shown & ~agreed).any()
    assert (decisions["decision"][~agreed] == "no consent").all()


def test_the_headline_counts_the_decisions(shop):
    counts = shop.decisions["decision"].value_counts()
    shown = counts.get("show", 0) + counts.get("show fewer", 0)
    assert shop.headline.startswith(f"Show {shown} of {len(shop.decisions)} customers 10 items each")
    assert f"{counts['no consent']} did not agree and are left alone" in shop.headline


def test_money_stands_beside_every_model_and_a_simple_policy(shop):
    money = {name: entry["value"]["value"] for name, entry in shop.summary["models"].items()}
    assert money["blend"] > money["best sellers"] > 0
    assert shop.summary["policies"]["bought last"]["value"] > 0


def test_each_rule_has_its_price_and_all_of_them_together(told, shop):
    lines = {line[0].partition("\n")[0]: line for line in told["rules"]["table"]["lines"]}
    assert list(lines) == ["in stock", "bought within", "category cap", "promotions", "consent", "all rules"]
    for name, (_, changed, ndcg, ndcg_range, money, money_range) in lines.items():
        assert changed > 0, name
        assert ndcg_range[0] <= ndcg <= ndcg_range[1], name
        assert money_range[0] <= money <= money_range[1], name
    ours = shop.summary["models"]["blend"]["value"]["value"]
    assert f"**{ours:,.0f} EUR**" in told["rules"]["sentence"]
    assert lines["all rules"][4] > 0


def test_the_price_of_consent_is_what_those_would_have_paid_who_did_not_agree(told, shop):
    """With consent the only rule left out, slates of all others stay as they are."""
    changed = told["rules"]["table"]["lines"][4][1]
    assert changed == (shop.decisions["decision"] == "no consent").sum()


def test_everybody_known_by_a_moment_is_asked_then(shop, tmp_path, monkeypatch):
    project = shop.folder.parents[2]
    monkeypatch.chdir(project)
    Shop(**SETTINGS).read(Context()).to_pandas().to_csv(tmp_path / "events.csv", index=False)
    answers = sartor.predict(shop, {"events": tmp_path / "events.csv"}, decide=True, as_of="2024-06-20")
    assert answers["customer"].is_unique
    assert answers["slate"].map(len).max() == 10
    assert set(answers["decision"]) <= {"show", "show fewer", "nothing to show", "no consent"}
