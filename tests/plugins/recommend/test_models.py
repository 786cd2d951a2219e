"""What the recommenders answer, on shops whose answers can be told by hand."""

import numpy as np
import pytest
from recommend_shops import made, rows_of
from scipy import sparse

from sartor.context import Context
from sartor.durations import Duration
from sartor.plugins import Plugins
from sartor.stages.fitting import nested
from sartor_plugins.recommend.kernels import kernels, plain
from sartor_plugins.recommend.models.als import Als
from sartor_plugins.recommend.models.blend import Blend
from sartor_plugins.recommend.models.ease import Ease
from sartor_plugins.recommend.models.factors import factorise
from sartor_plugins.recommend.models.item_knn import ItemKnn
from sartor_plugins.recommend.models.popularity import Popularity
from sartor_plugins.recommend.models.purchases import OwnPurchases
from sartor_plugins.recommend.models.weighing import ease_weights, memory_of_ease, neighbour_weights
from sartor_plugins.recommend.nearest import best_of_weights, nearest
from sartor_plugins.recommend.ranking import best
from sartor_plugins.recommend.tasks import NextItems

CUT = "2024-03-01"


def bought(*pairs):
    """Lines of users who bought items on days."""
    return [(user, item, day) for user, item, day in pairs]


def slate(model, table, engine, user, task=None):
    """The slate of one user."""
    training, held = made(task or NextItems(), table, engine, CUT)
    fitted = model.fit(training, Context(step="models.it", seed=1))
    answers = fitted.predict(held.without_truth())
    return list(answers["items"][held.rows["user"].tolist().index(user)])


@pytest.fixture
def shop(table):
    return table(
        bought(
            ("ann", "cup", "2024-01-02"), ("ann", "saucer", "2024-01-03"), ("bob", "cup", "2024-01-05"),
            ("bob", "saucer", "2024-01-09"), ("cid", "cup", "2024-01-11"), ("cid", "saucer", "2024-02-02"),
            ("dan", "spade", "2024-01-04"), ("dan", "rake", "2024-02-04"), ("eve", "spade", "2024-01-04"),
            ("eve", "rake", "2024-02-06"), ("fay", "cup", "2024-02-20"), ("gus", "spade", "2024-02-27"),
            ("gus", "spade", "2024-02-28"), ("ann", "rake", "2024-03-05"),
        )
    )  # fmt: skip


class TestCounting:
    def test_all_time_popularity_counts_buyers_and_not_orders(self, shop, engine):
        assert slate(Popularity(), shop, engine, "fay") == ["cup", "saucer", "spade", "rake"]

    def test_with_a_half_life_of_days_what_sold_last_stands_first(self, shop, engine):
        assert slate(Popularity(half_life=Duration(1, "day")), shop, engine, "fay")[0] == "spade"

    def test_own_purchases_stand_by_their_orders_and_then_by_what_sells(self, table, engine):
        lines = bought(
            ("ann", "cup", "2024-01-02"), ("ann", "cup", "2024-01-09"), ("ann", "mug", "2024-01-03"),
            ("ann", "jug", "2024-01-03"), ("bob", "jug", "2024-02-27"), ("ann", "cup", "2024-03-03"),
        )  # fmt: skip
        assert slate(OwnPurchases(), table(lines), engine, "ann") == ["cup", "jug", "mug"]

    def test_new_items_only_leave_out_what_was_bought_and_repeats_all_else(self, shop, engine):
        assert slate(Popularity(), shop, engine, "ann", NextItems(targets="new")) == ["spade", "rake"]
        assert slate(Popularity(), shop, engine, "ann", NextItems(targets="repeat")) == ["cup", "saucer"]


class TestEvents:
    def test_what_was_only_looked_at_is_not_recommended_and_tells_of_a_taste(self, table, engine):
        lines = [
            *[(f"u{n}", "cup", "2024-01-02", "purchase") for n in range(5)],
            *[(f"u{n}", "saucer", "2024-01-03", "purchase") for n in range(5)],
            *[(f"v{n}", "spade", "2024-01-03", "purchase") for n in range(9)],
            ("w", "cup", "2024-02-03", "view"), ("w", "lamp", "2024-02-03", "view"),
            ("w", "saucer", "2024-03-03", "purchase"),
        ]  # fmt: skip
        shop = table(lines, "event")
        shown = slate(ItemKnn(shrink=0.0), shop, engine, "w")
        assert shown[0] == "saucer"
        assert "lamp" not in shown
        assert slate(ItemKnn(shrink=0.0, weights={"view": 0.0}), shop, engine, "w") == ["cup", "saucer", "spade"]

    def test_the_words_of_a_search_count_and_are_never_shown(self, table, engine):
        lines = [
            *[(f"u{n}", None, "2024-01-02", "search", "tea time ") for n in range(5)],
            *[(f"u{n}", "saucer", "2024-01-03", "purchase", None) for n in range(5)],
            *[(f"v{n}", "spade", "2024-01-03", "purchase", None) for n in range(9)],
            ("w", None, "2024-02-03", "search", "Tea Time"), ("w", "saucer", "2024-03-03", "purchase", None),
        ]  # fmt: skip
        shop = table(lines, "event", "query")
        assert slate(ItemKnn(shrink=0.0), shop, engine, "w") == ["saucer", "spade"]


class TestEase:
    def test_it_solves_the_equations_of_the_paper(self):
        rng = np.random.default_rng(0)
        X = sparse.csr_matrix((rng.random((60, 17)) < 0.3).astype("float32"))
        inverse = np.linalg.inv((X.T @ X).toarray().astype("float64") + 5.0 * np.eye(17))
        expected = -inverse / np.diag(inverse)[None, :]
        np.fill_diagonal(expected, 0)
        assert ease_weights(X, 5.0) == pytest.approx(expected, abs=1e-5)

    def test_who_bought_the_cup_is_shown_the_saucer(self, shop, engine):
        task = NextItems(targets="new")
        assert slate(Ease(l2=1.0), shop, engine, "fay", task)[0] == "saucer"
        assert slate(Ease(l2=1.0), shop, engine, "gus", task)[0] == "rake"

    def test_memory_is_reckoned_before_anything_is_learned(self):
        assert memory_of_ease(30_000) == pytest.approx(5.4)

    def test_more_memory_than_allowed_lets_neighbours_answer_and_is_on_record(self, shop, engine):
        training, held = made(NextItems(targets="new"), shop, engine, CUT)
        said = []
        fitted = Ease(memory=1e-9).fit(training, Context(step="models.ease", tell=said.append))
        assert fitted.learned()["fallback"] == "recommend.item_knn"
        assert [note.text for note in said] == [
            "EASE of 4 items needs 0.0 GB and 1e-09 GB are allowed: neighbours of items answer in its place"
        ]
        assert said[0].caution
        assert fitted.predict(held.without_truth())["items"].map(len).max() > 0


class TestKernels:
    @pytest.fixture
    def matrix(self):
        rng = np.random.default_rng(2)
        matrix = sparse.random(300, 120, 0.06, format="csr", dtype="float32", random_state=3)
        matrix.data[:] = rng.choice([0.2, 1.0], len(matrix.data))
        return matrix

    def test_both_forms_find_the_same_neighbours(self, matrix):
        norms = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=0)).ravel()).astype("float32")
        (mine, cosines), (theirs, expected) = (one.neighbours(matrix, norms, 7, 2.0) for one in (kernels(), plain()))
        assert cosines == pytest.approx(expected, abs=1e-6)
        assert (mine == theirs).mean() > 0.99

    def test_both_forms_take_the_same_steps(self, matrix):
        items = np.random.default_rng(1).normal(size=(120, 8)).astype("float32")
        mine, theirs = np.zeros((300, 8), "float32"), np.zeros((300, 8), "float32")
        kernels().als_half(matrix, items, mine, 0.5, 3)
        plain().als_half(matrix, items, theirs, 0.5, 3)
        assert mine == pytest.approx(theirs, abs=1e-4)

    def test_enough_steps_solve_the_least_squares(self, matrix):
        items = np.random.default_rng(1).normal(size=(120, 4)).astype("float32")
        found = np.zeros((300, 4), "float32")
        kernels().als_half(matrix, items, found, 0.5, 30)
        line = matrix[5]
        weight = np.ones(120)
        weight[line.indices] += line.data
        wanted = np.zeros(120)
        wanted[line.indices] = 1.0
        left = (items.T * weight) @ items + 0.5 * np.eye(4)
        assert found[5] == pytest.approx(np.linalg.solve(left, items.T @ (weight * wanted)), abs=1e-3)

    @pytest.mark.parametrize("form", [kernels, plain], ids=["compiled", "plain"])
    def test_the_best_of_factors_are_those_of_all_scores(self, matrix, form, monkeypatch):
        monkeypatch.setattr("sartor_plugins.recommend.nearest.kernels", form)
        monkeypatch.setattr("sartor_plugins.recommend.nearest.CHUNK", 16)
        rng = np.random.default_rng(4)
        users, items = rng.normal(size=(300, 6)).astype("float32"), rng.gamma(1, 1, (120, 6)).astype("float32")
        scores = users @ items.T
        scores[matrix.nonzero()] = -np.inf
        expected = np.argsort(-scores, axis=1, kind="stable")[:, :5]
        assert (nearest(users, items, 5, matrix)[0] == expected).all()

    @pytest.mark.parametrize("form", [kernels, plain], ids=["compiled", "plain"])
    def test_the_best_of_weights_are_those_of_all_sums(self, matrix, form, monkeypatch):
        monkeypatch.setattr("sartor_plugins.recommend.nearest.kernels", form)
        weights = neighbour_weights(matrix, 9, 0.0)
        scores = (matrix @ weights).toarray()
        scores[matrix.nonzero()] = 0
        places, values = best_of_weights(matrix, weights, 5)
        assert np.where(np.isfinite(values), values, 0) == pytest.approx(-np.sort(-scores, axis=1)[:, :5], abs=1e-5)
        assert (places[np.isfinite(values)] >= 0).all()

    def test_factors_of_what_is_bought_together_point_the_same_way(self):
        halves = np.zeros((40, 10), "float32")
        halves[:20, :5] = halves[20:, 5:] = 1.0
        users, items = factorise(sparse.csr_matrix(halves * 10), 4, 10, 0.1, np.random.default_rng(0))
        scores = users @ items.T
        assert scores[:20, :5].min() > 0.8
        assert scores[:20, 5:].max() < 0.2


class TestBlend:
    def context(self):
        return Context(step="models.blend", seed=1, fit_model=nested(Plugins()))

    def test_weights_are_found_on_inner_rows_and_are_on_record(self):
        training, held = rows_of("new")
        steps = {"ease": {"use": "recommend.ease", "with": {"l2": 20.0}}, "recent": {"use": "recommend.popularity"}}
        blend = Blend.model_validate({"models": steps}).fit(training, self.context())
        told = blend.learned()
        assert set(told["mix"]) == {"ease", "recent"}
        assert max(told["mix"].values()) >= 1.0
        assert told["inner"]["ndcg@10"] >= max(told["inner"]["alone"].values())
        assert told["inner"]["users"] < len(held)

    def test_rows_that_judge_do_not_move_the_weights(self):
        """The weights follow from the training rows alone: they are all that `fit` is handed."""
        training, _ = rows_of("new")
        steps = {"als": {"use": "recommend.als", "with": {"factors": 4}}, "recent": {"use": "recommend.popularity"}}
        one, other = (Blend.model_validate({"models": steps}).fit(training, self.context()).mix for _ in range(2))
        assert one == other

    def test_given_weights_are_taken_as_they_are(self):
        training, _ = rows_of("all")
        steps = {"own": {"use": "recommend.own_purchases"}, "recent": {"use": "recommend.popularity"}}
        blend = Blend.model_validate({"models": steps, "mix": {"recent": 1.0}}).fit(training, self.context())
        assert blend.mix == {"own": 0.0, "recent": 1.0}

    def test_one_window_alone_says_how_to_mend_it(self, table, engine):
        lines = [(f"u{n}", f"i{n % 4}", f"2024-0{month}-10") for n in range(20) for month in (1, 2, 3)]
        training, _ = made(NextItems(origins=1), table(lines), engine, CUT)
        steps = {"ease": {"use": "recommend.ease"}, "recent": {"use": "recommend.popularity"}}
        with pytest.raises(
            Exception, match=r"finds its weights on the last training window, and there is none"
        ) as caught:
            Blend.model_validate({"models": steps}).fit(training, self.context())
        assert caught.value.problems[0].hints[0] == (
            "to mend",
            "let two windows teach at least: task: {with: {origins: 2}}",
        )

    def test_a_model_without_scores_and_a_weight_of_none_are_found_before_a_run(self):
        steps = {"card": {"use": "finance.scorecard"}, "ease": {"use": "recommend.ease"}}
        blend = Blend.model_validate({"models": steps, "mix": {"eese": 1.0}})
        found = {path: problem.message for path, problem in blend.check_settings(Plugins())}
        assert found == {
            ("models", "card", "use"): "'finance.scorecard' gives no scores that can be added to those of others",
            ("mix", "eese"): "mix weighs 'eese', and no model is called so",
        }


def test_als_places_newcomers_of_yesterday_by_what_they_did(shop, engine):
    task = NextItems(targets="new")
    assert slate(Als(factors=3, confidence=20, regularisation=0.1), shop, engine, "gus", task)[0] == "rake"


@pytest.mark.parametrize("items", [7, 1300, 4001])
@pytest.mark.parametrize("kind", ["all different", "many alike", "few allowed"])
def test_the_best_are_those_of_a_sort_and_of_equal_ones_the_first(items, kind):
    rng = np.random.default_rng(5)
    scores = rng.random((40, items)).astype("float32")
    scores = np.round(scores, 2) if kind == "many alike" else scores
    scores[(scores < 0.998) & (kind == "few allowed")] = -np.inf
    places, values = best(scores, 10)
    expected = np.argsort(-scores, axis=1, kind="stable")[:, :10]
    assert (values == np.take_along_axis(scores, expected, axis=1)).all()
    assert (places[np.isfinite(values)] == expected[np.isfinite(values)]).all()
