"""Recipes of networks and small tables for them, among them such as nobody should write."""

from __future__ import annotations

import numpy as np
import pandas as pd

HEAD = """format: 1
recipe: network
about: A network.
judge: {redraws: 10}
"""
SHOP = "{shop: {use: tables.csv, key: customer, with: {path: shop.csv}}}"
AMOUNT = "{use: learn.regression, with: {outcome: amount, never: [paid]}}"
PAID = "{use: learn.classification, with: {outcome: paid, never: [amount]}}"
GIVEN = "{given: part, train: [train], test: [test]}"
SMALL = {
    "keras.mlp": "hidden: [4]",
    "keras.cnn": "filters: [4], hidden: [4]",
    "keras.rnn": "cells: [4], hidden: [4]",
    "keras.transformer": "width: 4, layers: 1, heads: 1, hidden: [4]",
    "keras.two_tower": "width: 4, hidden: 4, buckets: 50",
}
"""The least of each network."""
ONCE = "epochs: 1"


def small(use: str, more: str = ONCE) -> str:
    """Return a model as a recipe writes it: the least of its kind, with a few settings more."""
    return f"{{use: {use}, with: {{{SMALL[use]}, {more}}}}}"


def rows_of_a_shop(
    model: str = small("keras.mlp"), task: str = AMOUNT, *, split: str = "{hash: 0.3}", ingest: str = SHOP
) -> str:
    """Return a recipe that learns from customers."""
    return f"{HEAD}ingest: {ingest}\ntask: {task}\nsplit: {split}\nmodels: {{network: {model}}}\n"


def windows_of_a_plant(model: str, readings: int = 5, path: str = "readings.csv") -> str:
    """Return a recipe that learns from windows of readings."""
    return (
        f"{HEAD}ingest: {{readings: {{use: tables.csv, key: [unit, cycle], with: {{path: {path}}}}}}}\n"
        "task: {use: manufacturing.remaining_life}\nsplit: {hash: 0.3}\n"
        "features: {window: {use: manufacturing.sensor_window, from: readings, "
        f"with: {{readings: {readings}}}}}}}\nmodels: {{network: {model}}}\n"
    )


def slates_of_a_shop(model: str) -> str:
    """Return a recipe that learns what users buy next."""
    return (
        f"{HEAD}ingest:\n  sales: {{use: tables.csv, roles: {{user: user, item: item}}, with: {{path: sales.csv}}}}\n"
        "  shelf: {use: tables.csv, key: item, roles: {item: item}, with: {path: shelf.csv}}\n"
        "task: {use: ecommerce.recommendation, with: {targets: new, leave_last: place, table: sales, catalogue: shelf, "
        f"about: [kind]}}}}\nsplit: {GIVEN}\nfeatures: {{history: {{use: recommend.history, from: sales}}}}\n"
        f"models: {{network: {model}}}\n"
    )


def recipe_of(use: str, more: str = ONCE) -> str:
    """Return a recipe for a kind of network: rows, windows or slates, whichever it is made for."""
    made_for = {"keras.mlp": rows_of_a_shop, "keras.cnn": windows_of_a_plant, "keras.rnn": windows_of_a_plant}
    return made_for.get(use, slates_of_a_shop)(small(use, more))


def place_of(part: str, text: str) -> str:
    """Return where a part of a recipe stands, as messages have it."""
    before = text[: text.index(part)]
    return f"recipe.yaml:{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}"


def shop(rows: int = 120) -> pd.DataFrame:
    """Return customers with an age, an income and a home, and what they buy; two of three are in the part train."""
    rng = np.random.default_rng(0)
    age, income = rng.integers(20, 80, rows), rng.normal(50_000, 10_000, rows).round()
    home = rng.choice(["own", "rent", "free"], rows)
    amount = (200 + 3 * age + income / 1_000 + 50 * (home == "own") + rng.normal(0, 10, rows)).round(2)
    paid = np.where(amount > np.median(amount), "yes", "no")
    part = np.where(np.arange(rows) % 3 == 2, "test", "train")
    return pd.DataFrame({"customer": np.arange(rows), "age": age, "income": income, "home": home,
                         "amount": amount, "paid": paid, "part": part})  # fmt: skip


def plant(units: int = 9, cycles: int = 12) -> pd.DataFrame:
    """Return readings of units that grow hotter until they fail."""
    rng = np.random.default_rng(0)
    cycle = np.arange(1, cycles + 1)
    heat, load = rng.normal(50 + 20 * cycle / cycles, 1, (units, cycles)), rng.normal(5, 1, (units, cycles))
    unit = np.repeat([f"u{place}" for place in range(units)], cycles)
    return pd.DataFrame({"unit": unit, "cycle": np.tile(cycle, units), "heat": heat.ravel(), "load": load.ravel()})


def sales(users: int = 40, each: int = 5) -> pd.DataFrame:
    """Return what users bought, one item after the other."""
    return pd.DataFrame(
        [(f"u{user:02d}", f"i{(3 * user + place * (1 + user % 3)) % 11:02d}", place)
         for user in range(users) for place in range(each)], columns=["user", "item", "place"])  # fmt: skip


def shelf(items: int = 13) -> pd.DataFrame:
    """Return all items, two of which were never sold."""
    return pd.DataFrame({"item": [f"i{item:02d}" for item in range(items)], "kind": ["tea", "book"] * 6 + ["tea"]})


def tables() -> dict[str, pd.DataFrame]:
    """Return a table for each file that a recipe here names."""
    return {"shop.csv": shop(), "readings.csv": plant(), "sales.csv": sales(), "shelf.csv": shelf()}
