"""Networks that tell what comes next, and what they need for it."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import numpy as np
import pandas as pd
import pytest

from sartor.context import Context
from sartor.errors import InputError
from sartor.events import Note
from sartor.rows import Training
from sartor.testing import Case, ModelTests

sys.path.insert(0, str(Path(__file__).parents[1] / "recommend"))

from recommend_shops import rows_of

pytestmark = pytest.mark.needs("tensorflow", "keras")

QUICK = {"width": 8, "layers": 1, "epochs": 3, "refit": False, "dropout": 0.0}


def in_order(users: int = 120, items: int = 12, seed: int = 0, wanted: str = "all", shortest: int = 4) -> Training:
    """Users who go from each item to the one behind it in a ring: after i03 comes i04."""
    rng = np.random.default_rng(seed)
    lines = []
    for _ in range(users):
        at = int(rng.integers(items))
        lines.append([f"i{(at + step) % items:02d}" for step in range(int(rng.integers(shortest, 9)))])
    return told(lines, wanted)


def told(lines: list[list[str]], wanted: str = "all") -> Training:
    """Rows of users: all but the last item is known before, the last comes then."""

    def lists(parts, value):
        return [np.array([value] * len(part), dtype=object if isinstance(value, str) else float) for part in parts]

    before, later = [line[:-1] for line in lines], [line[-1:] for line in lines]
    X = pd.DataFrame(
        {"history_items": [np.array(part, dtype=object) for part in before], "history_days": lists(before, 1.0),
         "history_events": lists(before, "purchase")}
    )  # fmt: skip
    y = pd.DataFrame({"items": later, "later_items": later, "later_days": lists(later, 0.0),
                      "later_events": lists(later, "purchase")})  # fmt: skip
    rows = pd.DataFrame({"__row": [f"u{place}" for place in range(len(lines))], "wanted": wanted})
    return Training(rows, X, "slate", y=y)


@pytest.mark.slow
class TestTransformer(ModelTests):
    entry = "keras.transformer"
    settings: ClassVar = QUICK
    tolerance = 1e-4

    def cases(self):
        training, held = rows_of("all")
        return [Case("all", training, held, unseen=self.strangers(held))]

    @staticmethod
    def strangers(held):
        """Rows with items that nobody knows, lists of several lengths, and none at all."""
        X = held.X.iloc[:4].copy()
        X["history_items"] = pd.Series([None, np.array(["no such item"]), np.array(["i01", "i04"]), np.array([])])
        X["history_days"] = pd.Series([None, np.array([3.0]), np.array([1e12]), np.array([])])
        X["history_events"] = pd.Series([None, np.array(["dance"]), np.array(["view", "view"]), np.array([])])
        return replace(held.without_truth().take(np.arange(4)), X=X.reset_index(drop=True))


@pytest.fixture(scope="module")
def ring(tmp_path_factory):
    """A network of the ring, what was heard, and where it was saved."""
    from sartor_plugins.keras.transformer import Transformer

    heard: list = []
    model = Transformer(width=16, layers=1, heads=2, rate=0.02, epochs=25, dropout=0.0, patience=25)
    fitted = model.fit(in_order(), Context(step="models.it", seed=1, tell=heard.append))
    folder = tmp_path_factory.mktemp("ring")
    fitted.save(folder)
    return model, fitted, folder


def slates(fitted, *histories, wanted="all"):
    """The slates of users who had some items."""
    return [
        list(slate)
        for slate in fitted.predict(told([[*one, "?"] for one in histories], wanted).without_truth())["items"]
    ]


def test_it_learns_what_comes_next(ring):
    _, fitted, _ = ring
    asked = [["i05", "i06", "i07"], ["i10", "i11"], ["i03"]]
    assert [slate[0] for slate in slates(fitted, *asked)] == ["i08", "i00", "i04"]
    assert fitted.learned()["learned_by"] == "softmax"
    assert fitted.settings["history"]["epochs"][-1]["ndcg@10"] > 0.8


def test_order_counts_and_not_only_what_was_had(ring):
    _, fitted, _ = ring
    one, other = slates(fitted, ["i03", "i09"], ["i09", "i03"])
    assert (one[0], other[0]) == ("i10", "i04")


def test_what_comes_next_is_there_because_of_what_came_last(ring):
    _, fitted, _ = ring
    because = fitted.because(told([["i05", "i06", "i07", "?"]]).without_truth())
    own = because.parts[because.parts["answer"] == "i08"].set_index("because")["amount"]
    assert own.idxmax() == "i07"
    # Without it i06 came last, and i07 comes next.
    assert own["i07"] > 0.3
    assert because.how == "what the score falls by when it is left out of the past"
    assert not because.exact


def test_new_items_only_leave_out_what_was_bought(ring):
    _, fitted, _ = ring
    (slate,) = slates(fitted, ["i05", "i06", "i07", "i08"], wanted="new")
    assert not {"i05", "i06", "i07", "i08"} & set(slate)
    assert len(slate) == 8


def test_strangers_are_answered_by_what_people_begin_with_and_long_pasts_by_their_end(ring):
    _, fitted, _ = ring
    (stranger,) = slates(fitted, [])
    assert len(stranger) == 12
    long = [f"i{place % 12:02d}" for place in range(200)]
    assert slates(fitted, long, long[-50:])[0] == slates(fitted, long[-50:])[0]


def test_what_was_saved_answers_the_same(ring):
    model, fitted, folder = ring
    again = model.load(folder)
    rows = in_order(seed=5).without_truth()
    pd.testing.assert_frame_equal(again.predict(rows), fitted.predict(rows))
    assert (folder / "network.keras").exists()


@pytest.mark.slow
def test_a_seed_repeats(ring):
    model, fitted, _ = ring
    again = model.fit(in_order(), Context(step="models.it", seed=1))
    rows = in_order(seed=5).without_truth()
    pd.testing.assert_frame_equal(again.predict(rows), fitted.predict(rows))


@pytest.mark.slow
@pytest.mark.parametrize("by", ["sampled", "gbce"])
def test_items_drawn_teach_too(by):
    from sartor_plugins.keras.transformer import Transformer

    model = Transformer(
        width=16, layers=1, rate=0.02, epochs=25, dropout=0.0, patience=25, learned_by=by, negatives=8, refit=False
    )
    fitted = model.fit(in_order(), Context(step="models.it", seed=1))
    assert slates(fitted, ["i05", "i06", "i07"])[0][0] == "i08"


class TestBadInput:
    def test_one_item_only_is_an_answer(self):
        from sartor_plugins.keras.transformer import Transformer

        heard: list = []
        fitted = Transformer(**QUICK).fit(told([["cup", "cup"]] * 5), Context(tell=heard.append))
        assert slates(fitted, ["cup"], []) == [["cup"], ["cup"]]
        texts = [event.text for event in heard if isinstance(event, Note)]
        assert texts == ["too few users to hold any out: learning goes through all 3 epochs"]

    @pytest.mark.slow
    def test_a_time_budget_of_a_moment_leaves_an_answer_and_says_so(self):
        from sartor_plugins.keras.transformer import Transformer

        heard: list = []
        model = Transformer(**{**QUICK, "epochs": 5_000, "patience": 5_000}, time_budget="1 second")
        fitted = model.fit(in_order(), Context(tell=heard.append))
        assert len(slates(fitted, ["i05"])[0]) == 12
        texts = [event.text for event in heard if isinstance(event, Note)]
        assert texts[0].startswith("the time budget of 1 second ended learning after ")

    def test_users_of_one_event_each_teach_what_people_begin_with(self):
        from sartor_plugins.keras.transformer import Transformer

        lines = [["cup"]] * 30 + [["jug"]] * 3
        fitted = Transformer(**{**QUICK, "epochs": 30}, rate=0.05).fit(told(lines), Context())
        assert slates(fitted, [])[0] == ["cup", "jug"]

    def test_a_million_items_are_reckoned_before_anything_is_learned(self):
        from sartor_plugins.keras.recommending.fitting import size_of
        from sartor_plugins.keras.transformer import Transformer

        heard: list = []
        size = size_of(Transformer(), 1_000_000, 5_000_000, Context(tell=heard.append))
        assert (size.by, size.negatives, size.needed) == ("sampled", 1_024, pytest.approx(1.792))
        assert heard[0].caution
        assert heard[0].text.endswith("too long: 1,024 items are drawn for each step in place of all")
        with pytest.raises(InputError, match=r"1,000,000 items of width 512 need 14.3 GB .* and 4 GB are") as raised:
            size_of(Transformer(width=512), 1_000_000, 5_000_000, Context())
        assert raised.value.problems[0].code == "D312"

    def test_short_memory_makes_steps_smaller_first(self):
        from sartor_plugins.keras.recommending.fitting import size_of
        from sartor_plugins.keras.transformer import Transformer

        size = size_of(Transformer(memory=0.25), 20_000, 5_000_000, Context())
        assert (size.by, size.positions) == ("softmax", 512)
