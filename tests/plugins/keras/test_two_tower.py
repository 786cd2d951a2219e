"""Two towers: what was never sold, and who never bought, are answered by what is said of them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import ClassVar

import numpy as np
import pandas as pd
import pytest

from sartor.context import Context
from sartor.errors import InputError
from sartor.events import Note
from sartor.plugins import Plugins
from sartor.rows import Scoring, Training
from sartor.testing import Case, ModelTests
from sartor_plugins.recommend.judging import hits
from sartor_plugins.recommend.models.blend import Blend
from sartor_plugins.recommend.models.popularity import Popularity

sys.path.insert(0, str(Path(__file__).parents[1] / "recommend"))

from recommend_shops import rows_of

pytestmark = pytest.mark.needs("tensorflow", "keras")

KINDS = ("tea", "garden", "books")
ITEMS = [f"i{place:02d}" for place in range(24)]
NEVER_SOLD = ["i21", "i22", "i23"]


def kind_of(item: str) -> str:
    return KINDS[int(item[1:]) % 3]


def made(lines: list[list[str]], towns: list[str]) -> Training:
    """Rows of users of some towns; the catalogue's items stand with them."""

    def events(parts, value):
        return [np.array([value] * len(part), dtype=object if isinstance(value, str) else float) for part in parts]

    before, later = [line[:-1] for line in lines], [line[-1:] for line in lines]
    X = pd.DataFrame({"history_items": [np.array(part, dtype=object) for part in before],
                      "history_days": events(before, 1.0), "history_events": events(before, "purchase"),
                      "town": pd.Categorical(towns)})  # fmt: skip
    shelf = [[ITEMS[place % len(ITEMS)]] for place in range(len(lines))]
    y = pd.DataFrame({"items": later, "later_items": later, "later_days": events(later, 0.0),
                      "later_events": events(later, "purchase"), "shelf_items": shelf,
                      "shelf_about": [[f"kind={kind_of(one)}\x1fprice=9.5"] for (one,) in shelf]})  # fmt: skip
    rows = pd.DataFrame({"__row": [f"u{place}" for place in range(len(lines))], "wanted": "new"})
    return Training(rows, X, "slate", y=y)


@pytest.fixture(scope="module")
def shop():
    """150 users of three towns, each of which likes one kind of items, and mostly buys it."""
    rng = np.random.default_rng(0)
    lines, towns = [], []
    for user in range(150):
        kinds = np.where(rng.random(7) < 0.9, user % 3, rng.integers(0, 3, 7))
        # The first of each kind sell best.
        lines.append([ITEMS[3 * int(min(rng.geometric(0.3) - 1, 6)) + kind] for kind in kinds])
        towns.append(("Ayr", "Bath", "Cork")[user % 3])
    return made(lines, towns)


@pytest.fixture(scope="module")
def towers(shop, tmp_path_factory):
    from sartor_plugins.keras.two_tower import TwoTower

    model = TwoTower(width=16, hidden=16, epochs=12, rate=0.02, buckets=500, refit=False)
    fitted = model.fit(shop, Context(step="models.it", seed=1))
    folder = tmp_path_factory.mktemp("towers")
    fitted.save(folder)
    return model, fitted, folder


def slates(fitted, asked: Scoring) -> list[list[str]]:
    return [list(slate) for slate in fitted.predict(asked)["items"]]


@pytest.fixture(scope="module")
def strangers():
    """Newcomers of each town."""
    return made([["?"]] * 3, ["Ayr", "Bath", "Cork"]).without_truth()


def test_a_new_item_is_shown_to_those_who_like_its_kind(towers):
    _, fitted, _ = towers
    asked = made([["i00", "i03", "?"], ["i01", "i04", "?"], ["i02", "i05", "?"]], ["Ayr", "Bath", "Cork"])
    for slate, kind in zip(slates(fitted, asked.without_truth()), KINDS, strict=True):
        assert set(NEVER_SOLD) <= set(slate)
        first = min(NEVER_SOLD, key=slate.index)
        assert kind_of(first) == kind
        assert slate.index(first) < 10
    assert fitted.learned()["never_sold"] == 3


def test_who_never_bought_is_answered_by_what_is_said_of_them(towers, strangers, shop):
    _, fitted, _ = towers
    popular = Popularity().fit(shop, Context())
    wanted = [[item for item in ITEMS[:9] if kind_of(item) == kind] for kind in KINDS]
    mine, theirs = (hits(slates(one, strangers), wanted, 10).ndcg().mean() for one in (fitted, popular))
    assert mine > theirs + 0.1
    for slate, kind in zip(slates(fitted, strangers), KINDS, strict=True):
        assert [kind_of(item) for item in slate[:3]] == [kind] * 3


def test_one_user_is_answered_as_among_others_and_after_a_load(towers, strangers):
    model, fitted, folder = towers
    again = model.load(folder)
    pd.testing.assert_frame_equal(again.predict(strangers), fitted.predict(strangers))
    assert (folder / "users.keras").exists()
    for place in range(3):
        assert slates(fitted, strangers.take(np.array([place])))[0] == slates(fitted, strangers)[place]


def test_an_item_is_shown_because_of_what_was_bought_of_its_kind(towers):
    _, fitted, _ = towers
    asked = made([["i00", "i03", "i01", "?"]], ["Ayr"]).without_truth()
    slate = fitted.predict(asked)
    parts = fitted.because(asked).parts
    first = slate["items"][0][0]
    own = parts[parts["answer"] == first].set_index("because")["amount"]
    assert kind_of(first) == kind_of("i00")
    assert own.idxmin() == "i01"
    assert own[["i00", "i03"]].sum() > 0
    # What is said of somebody counts as well: the score is that of the slate.
    scores = fitted.scores_of(fitted.past(asked), asked)[0]
    assert scores[fitted.catalogue.items.to_pylist().index(first)] == slate["scores"][0][0]


def test_without_a_catalogue_it_learns_and_says_what_it_cannot_do(shop):
    from sartor_plugins.keras.two_tower import TwoTower

    heard: list = []
    bare = Training(shop.rows, shop.X, "slate", y=shop.y.drop(columns=["shelf_items", "shelf_about"]))
    fitted = TwoTower(width=4, hidden=4, epochs=1, refit=False).fit(bare, Context(tell=heard.append))
    texts = [event.text for event in heard if isinstance(event, Note)]
    assert texts[0].startswith("nothing is said of any item: what was never sold cannot be recommended")
    assert fitted.learned()["items"] == 21


def test_a_catalogue_too_large_is_refused_before_anything_is_learned(shop):
    from sartor_plugins.keras.two_tower import TwoTower

    with pytest.raises(InputError, match=r"24 items of width 1024 need 0.5 GB .* and 0.1 GB are allowed") as raised:
        TwoTower(width=1024, memory=0.1).fit(shop, Context())
    assert raised.value.problems[0].code == "D312"


def test_a_blend_of_models_with_other_items_is_refused():
    blend = Blend(models={"a": {"use": "recommend.ease"}, "b": {"use": "keras.two_tower"}})
    ((where, problem),) = blend.check_settings(Plugins())
    assert where == ("models", "b", "use")
    assert problem.code == "R025"


@pytest.mark.slow
class TestTwoTower(ModelTests):
    entry = "keras.two_tower"
    settings: ClassVar = {"width": 4, "hidden": 4, "epochs": 2, "refit": False}
    tolerance = 1e-4

    def cases(self):
        training, held = rows_of("all")
        return [Case("all", training, held, unseen=held.without_truth())]
