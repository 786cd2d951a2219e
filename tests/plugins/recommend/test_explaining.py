"""Why an item stands on a slate: parts that add up to its score, on a shop whose answers can be told by hand."""

import numpy as np
import pytest
from recommend_shops import made

from sartor.context import Context
from sartor_plugins.recommend.models.als import Als
from sartor_plugins.recommend.models.ease import Ease
from sartor_plugins.recommend.models.item_knn import ItemKnn
from sartor_plugins.recommend.models.popularity import Popularity
from sartor_plugins.recommend.models.purchases import OwnPurchases
from sartor_plugins.recommend.tasks import NextItems


@pytest.fixture
def shop(table):
    lines = [
        ("ann", "cup", "2024-01-02"), ("ann", "saucer", "2024-01-03"), ("bob", "cup", "2024-01-05"),
        ("bob", "saucer", "2024-01-09"), ("cid", "cup", "2024-01-11"), ("cid", "spoon", "2024-02-02"),
        ("dan", "spade", "2024-01-04"), ("dan", "rake", "2024-02-04"), ("eve", "spade", "2024-01-04"),
        ("eve", "rake", "2024-02-06"), ("fay", "cup", "2024-02-20"), ("fay", "spade", "2024-02-21"),
        ("ann", "rake", "2024-03-05"),
    ]  # fmt: skip
    return table(lines)


def explained(model, shop, engine, user="fay"):
    """The slate of one user, and what speaks for each of its items."""
    training, held = made(NextItems(targets="new"), shop, engine, "2024-03-01")
    fitted = model.fit(training, Context(step="models.it", seed=1))
    row = held.without_truth().take(held.rows["user"].to_numpy() == user)
    answers, because = fitted.predict(row), fitted.because(row)
    parts = {
        item: dict(zip(own["because"], own["amount"], strict=True)) for item, own in because.parts.groupby("answer")
    }
    return dict(zip(answers["items"][0], answers["scores"][0], strict=True)), parts, because


def test_a_neighbour_of_what_somebody_has_stands_there_because_of_it(shop, engine):
    slate, parts, because = explained(ItemKnn(shrink=0.0), shop, engine)
    assert because.exact
    # Four bought the cup and two of them all who bought the saucer: 2 / sqrt(4 * 2).
    assert parts["saucer"] == {"cup": pytest.approx(2 / np.sqrt(8))}
    assert parts["rake"] == {"spade": pytest.approx(2 / np.sqrt(6))}
    assert all(sum(parts.get(item, {}).values()) == pytest.approx(score, abs=1e-6) for item, score in slate.items())


@pytest.mark.parametrize("model", [Ease(l2=1.0), Als(factors=3, iterations=5)], ids=["ease", "als"])
def test_the_parts_of_a_score_add_up_to_it(model, shop, engine):
    slate, parts, because = explained(model, shop, engine)
    assert because.exact
    assert set(slate) == {"saucer", "rake", "spoon"}
    for item, score in slate.items():
        assert set(parts[item]) == {"cup", "spade"}
        assert sum(parts[item].values()) == pytest.approx(score, abs=1e-5)
    assert max(parts["saucer"], key=parts["saucer"].get) == "cup"
    assert max(parts["rake"], key=parts["rake"].get) == "spade"


def test_a_model_that_cannot_be_taken_apart_is_asked_without_each_item(shop, engine):
    from sartor_plugins.recommend.models.weighing import ItemWeights
    from sartor_plugins.recommend.recommender import Recommending

    training, held = made(NextItems(targets="new"), shop, engine, "2024-03-01")
    row = held.without_truth().take(held.rows["user"].to_numpy() == "fay")
    fitted = ItemKnn(shrink=0.0).fit(training, Context(step="models.it", seed=1))
    assert isinstance(fitted, ItemWeights)
    one, other = fitted.because(row), Recommending.because(fitted, row)
    # Of a sum, what is left out is what the score falls by.
    assert sorted(zip(one.parts["answer"], one.parts["because"], one.parts["amount"].round(6), strict=True)) == sorted(
        zip(other.parts["answer"], other.parts["because"], other.parts["amount"].round(6), strict=True)
    )
    assert other.how == "what the score falls by when it is left out of the past"


def test_nothing_of_somebodys_past_speaks_for_what_everybody_is_offered(shop, engine):
    slate, parts, _ = explained(Popularity(), shop, engine)
    assert next(iter(slate)) in ("rake", "saucer")
    assert parts == {}


def test_what_is_bought_again_stands_there_because_it_was_bought(shop, engine):
    training, held = made(NextItems(targets="repeat"), shop, engine, "2024-03-01")
    fitted = OwnPurchases().fit(training, Context(step="models.it", seed=1))
    row = held.without_truth().take(held.rows["user"].to_numpy() == "dan")
    found = fitted.because(row).parts
    assert set(zip(found["answer"], found["because"], strict=True)) == {("spade", "spade"), ("rake", "rake")}
    assert found["amount"].tolist() == pytest.approx([np.log(2)] * 2, abs=1e-6)


RECIPE = """
format: 1
recipe: small-shop
about: A shop of three tastes.
ingest:
  events:
    use: tables.csv
    time: day
    roles: {user: user, item: item, event: event, price: price}
    with: {path: ../events.csv}
task: {use: recommend.next_items, with: {targets: new, horizon: 30 days, origins: 2}}
split: {time: 2024-04-30, every: 30 days, origins: 1}
features:
  history: {use: recommend.history, from: events}
models:
  item_knn: {use: recommend.item_knn, with: {shrink: 0}}
  als: {use: recommend.als, with: {factors: 8}}
judge: {redraws: 100}
"""


def test_a_recorded_run_says_what_puts_items_on_a_slate_and_that_all_leans_on_the_past(project, capsys):
    import json

    from recommend_shops import events

    from sartor.cli import main

    events(80).to_csv(project / "events.csv", index=False)
    (project / "recipes").mkdir(exist_ok=True)
    (project / "recipes" / "small-shop.yaml").write_text(RECIPE, encoding="utf-8")
    assert main(["run", "small-shop", "--quiet", "--no-report"]) == 0
    capsys.readouterr()
    assert main(["explain", "@last", "--row", "u10", "--json", "--quiet"]) == 0
    (row,) = json.loads(capsys.readouterr().out)["rows"]
    assert (row["how"], row["exact"], len(row["items"])) == ("past", True, 10)
    for item in row["items"]:
        assert sum(one["amount"] for one in item["because"]) == pytest.approx(item["score"], abs=1e-5)
    assert main(["explain", "@last", "--row", "u10", "--model", "als", "--quiet"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("u10: als offers i")
    assert ", because of i" in said[0]
    assert said[1].split() == ["score", "because", "of"]
    assert main(["explain", "@last", "--json", "--quiet"]) == 0
    (source,) = json.loads(capsys.readouterr().out)["sources"]
    assert source["features"] == ["history_items", "history_days", "history_events"]
    assert source["worse"]["low"] > 0
