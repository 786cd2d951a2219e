"""The plugin `recommend`: what each user will want next, in shops and wherever else people choose among many things."""

from __future__ import annotations

from collections.abc import Iterator

from sartor.components import Component
from sartor.hookspecs import hookimpl

_MODELS = "sartor_plugins.recommend.models"


@hookimpl
def tasks() -> Iterator[Component]:
    """Offer the task of recommending."""
    yield Component(
        "recommend.next_items",
        "sartor_plugins.recommend.tasks:NextItems",
        about="Which items will each user want next? A row for each user and moment",
    )


@hookimpl
def features() -> Iterator[Component]:
    """Offer what each user did before."""
    yield Component(
        "recommend.history",
        "sartor_plugins.recommend.features:History",
        about="What a user did before, as lists: items, how long ago, and what was done",
    )


@hookimpl
def models() -> Iterator[Component]:
    """Offer the recommenders."""
    yield Component(
        "recommend.popularity", f"{_MODELS}.popularity:Popularity", about="What sold most of late, the same for all"
    )
    yield Component(
        "recommend.own_purchases", f"{_MODELS}.purchases:OwnPurchases", about="What a user bought most often before"
    )
    yield Component(
        "recommend.item_knn", f"{_MODELS}.item_knn:ItemKnn", about="Items whose buyers are most alike, by cosine"
    )
    yield Component(
        "recommend.ease", f"{_MODELS}.ease:Ease", about="EASE: each item foretold from all others by one linear model"
    )
    yield Component(
        "recommend.als", f"{_MODELS}.als:Als", about="Implicit ALS: users and items as points, found by turns"
    )
    yield Component(
        "recommend.blend",
        f"{_MODELS}.blend:Blend",
        about="Several recommenders in one, with weights found on inner rows",
    )
