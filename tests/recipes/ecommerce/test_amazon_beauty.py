"""The next beauty product of each reviewer, the last one left out; nothing was chosen by what judges."""

import pytest

import sartor

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600), pytest.mark.needs("tensorflow", "keras")]


@pytest.fixture(scope="module")
def beauty(data_folder, tmp_path_factory):
    root = data_folder("ecommerce/amazon_beauty").parents[1]
    folder = tmp_path_factory.mktemp("beauty")
    (folder / "sartor.toml").write_text("", encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        return sartor.run("ecommerce/amazon-beauty", data=root, sets=["judge.redraws=300"])


def values(run, metric):
    return {name: entry["metrics"][metric]["value"] for name, entry in run.summary["models"].items()}


def test_the_last_purchase_of_each_judges_and_all_but_two_teach(beauty):
    assert beauty.summary["tables"]["reviews"]["rows"] == 198_502
    assert (beauty.summary["rows"]["train"], beauty.summary["rows"]["test"]) == (22_363, 22_363)


def test_neighbours_and_popularity_are_those_of_the_protocol(beauty):
    ndcg, hit = values(beauty, "ndcg@10"), values(beauty, "hit@10")
    assert ndcg["item_knn"] == pytest.approx(0.0356, abs=0.0005)
    assert hit["item_knn"] == pytest.approx(0.0624, abs=0.001)
    assert ndcg["sold most ever"] == pytest.approx(0.0054, abs=0.0003)


def test_attention_to_the_order_beats_them_and_what_was_published(beauty):
    ndcg = values(beauty, "ndcg@10")
    assert ndcg["transformer"] >= 0.0403
    against = beauty.summary["models"]["item_knn"]["against"]["metrics"]["ndcg@10"]
    assert against["high"] < 0
