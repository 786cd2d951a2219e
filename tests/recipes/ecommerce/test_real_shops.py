"""The recipes on real data, at the numbers of the brief and of papers; nothing was chosen by what judges."""

import pytest

import sartor

pytestmark = pytest.mark.slow


def run(name, dataset, data_folder, tmp_path_factory):
    root = data_folder(f"ecommerce/{dataset}").parents[1]
    folder = tmp_path_factory.mktemp(dataset)
    (folder / "sartor.toml").write_text("", encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        return sartor.run(f"ecommerce/{name}", data=root, sets=["judge.redraws=300"])


def values(run, metric):
    return {name: entry["metrics"][metric]["value"] for name, entry in run.summary["models"].items()}


@pytest.fixture(scope="module")
def discovery(data_folder, tmp_path_factory):
    return run("online-retail-discovery", "online_retail", data_folder, tmp_path_factory)


@pytest.fixture(scope="module")
def repeat(data_folder, tmp_path_factory):
    return run("online-retail-repeat", "online_retail", data_folder, tmp_path_factory)


@pytest.fixture(scope="module")
def epinions(data_folder, tmp_path_factory):
    return run("epinions", "epinions_topn", data_folder, tmp_path_factory)


class TestDiscovery:
    def test_as_many_lines_customers_and_newcomers_as_the_protocol_counts(self, discovery):
        assert discovery.summary["tables"]["lines"]["rows"] == 396_337
        assert discovery.summary["rows"]["test"] == 4_082 + 252

    def test_peers_are_reproduced(self, discovery):
        ndcg = values(discovery, "ndcg@10")
        assert ndcg["ease"] == pytest.approx(0.0993, abs=0.0005)
        assert ndcg["sold most ever"] == pytest.approx(0.0340, abs=0.0005)
        assert ndcg["item_knn"] == pytest.approx(0.0860, abs=0.002)
        assert values(discovery, "recall@10")["ease"] == pytest.approx(0.0654, abs=0.0005)
        assert values(discovery, "coverage")["ease"] == pytest.approx(0.295, abs=0.01)

    def test_the_blend_reaches_what_was_said_to_be_reachable(self, discovery):
        assert values(discovery, "ndcg@10")["blend"] >= 0.115
        assert discovery.summary["models"]["ease"]["against"]["metrics"]["ndcg@10"]["high"] < 0

    def test_known_and_new_customers_are_told_apart(self, discovery):
        cold = values(discovery, "ndcg@10_cold")
        assert cold["blend"] > 20 * cold["ease"]


class TestRepeat:
    def test_own_purchases_are_as_hard_to_beat_as_the_brief_says(self, repeat):
        assert values(repeat, "ndcg@10")["own purchases"] == pytest.approx(0.3575, abs=0.001)
        assert values(repeat, "recall@10")["own purchases"] == pytest.approx(0.1845, abs=0.001)

    def test_the_blend_beats_them(self, repeat):
        assert values(repeat, "ndcg@10")["blend"] >= 0.3575
        assert repeat.summary["models"]["own purchases"]["against"]["metrics"]["ndcg@10"]["high"] < 0


class TestEpinions:
    def test_the_papers_split_gives_the_papers_numbers(self, epinions):
        ndcg, recall = values(epinions, "ndcg@10"), values(epinions, "recall@10")
        assert ndcg["ease"] == pytest.approx(0.158, abs=0.001)
        assert recall["ease"] == pytest.approx(0.149, abs=0.002)
        assert ndcg["item_knn"] == pytest.approx(0.1354, abs=0.001)
        assert ndcg["sold most ever"] == pytest.approx(0.0449, abs=0.0005)
        assert "coverage" in epinions.summary["models"]["ease"]["metrics"]

    def test_pairs_in_both_parts_are_told(self, epinions):
        notes = [note["text"] for note in epinions.summary["notes"]]
        assert any(note.startswith("157 lines of the part 'test' stand in a part that is known, too") for note in notes)
