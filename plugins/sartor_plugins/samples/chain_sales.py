"""The simulated chain: what is asked for, and what of it is written down."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

if TYPE_CHECKING:
    from sartor_plugins.samples.chain import Chain

Floats = NDArray[np.float64]
CATEGORIES = ("drinks", "garden", "household", "snacks")
PEAKS = (28, 20, 50, 2)
"""Week of the year in which each category sells best."""
SWINGS = (0.35, 0.6, 0.15, 0.1)
ELASTICITY = -1.8
YEAR = 52.0


def sales(settings: Chain) -> pa.Table:
    """Return the lines of a chain, store by store and item by item, in the order of weeks."""
    rng = np.random.default_rng(settings.seed)
    category = rng.integers(0, len(CATEGORIES), settings.items)
    cost, price, promo = _prices(settings, rng)
    expected = _expected(settings, rng, category, price, promo)
    spread = np.where(_seldom(settings), 0.8, 6.0)[None, :, None]
    units = rng.poisson(rng.gamma(spread, expected / spread))
    written = (units > 0) | (rng.random(units.shape) >= settings.unwritten)
    # A series begins and ends with a line: otherwise nobody could tell when an item was carried.
    written[:, :, 0] = written[:, :, -1] = True
    return _table(settings, written, (category, cost, price, promo), units, expected)


def _seldom(settings: Chain) -> NDArray[np.bool_]:
    return np.arange(settings.items) < round(settings.intermittent * settings.items)


def _prices(settings: Chain, rng: np.random.Generator) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """Return cost of each item, and price and promotion of each item in each week."""
    regular = np.round(rng.lognormal(1.2, 0.6, settings.items), 2) + 0.5
    cost = np.round(regular * rng.uniform(0.55, 0.8, settings.items), 2)
    steps = 1 + 0.04 * rng.integers(-1, 2, (settings.items, 1 + settings.weeks // 26))
    level = regular[:, None] * np.cumprod(steps, axis=1)[:, np.arange(settings.weeks) // 26]
    promo = (rng.random((settings.items, settings.weeks)) < settings.promoted).astype(np.int64)
    return cost, np.round(level * np.where(promo, 0.8, 1.0), 2), promo


def _expected(
    settings: Chain, rng: np.random.Generator, category: NDArray[np.int64], price: Floats, promo: NDArray[np.int64]
) -> Floats:
    """Return the demand that is expected, of shape (n_stores, n_items, n_weeks)."""
    weeks = np.arange(settings.weeks)
    base = np.where(_seldom(settings), rng.uniform(0.15, 0.8, settings.items), rng.lognormal(3.0, 0.7, settings.items))
    store = rng.lognormal(0.0, 0.4, settings.stores)
    taste = rng.lognormal(0.0, 0.3, (settings.stores, settings.items))
    of_year = (settings.start.timetuple().tm_yday / 7 + weeks) / YEAR
    swing = np.array(SWINGS)[category][:, None] * np.cos(
        2 * np.pi * (of_year[None, :] - np.array(PEAKS)[category][:, None] / YEAR)
    )
    trend = rng.normal(0.0, 0.1, settings.items)[:, None] * weeks[None, :] / YEAR
    lift = rng.uniform(0.2, 0.9, settings.items)[:, None] * promo
    moved = ELASTICITY * np.log(price / np.median(price, axis=1, keepdims=True))
    item = base[:, None] * np.exp(swing + trend + lift + moved)
    return np.asarray((store[:, None] * taste)[:, :, None] * item[None, :, :], dtype=np.float64)


def _table(
    settings: Chain,
    written: NDArray[np.bool_],
    of_items: tuple[NDArray[np.int64], Floats, Floats, NDArray[np.int64]],
    units: NDArray[np.int64],
    expected: Floats,
) -> pa.Table:
    category, cost, price, promo = of_items
    store, item, week = np.nonzero(written)
    packs = np.array([6, 12, 24])[np.minimum(np.arange(settings.items) % 3, 2)]
    days = [settings.start + timedelta(weeks=number) for number in range(settings.weeks)]
    columns = {
        "store": pa.array([f"store {number + 1:02d}" for number in range(settings.stores)]).take(pa.array(store)),
        "item": pa.array([f"item {number + 1:03d}" for number in range(settings.items)]).take(pa.array(item)),
        "category": pa.array([CATEGORIES[number] for number in category]).take(pa.array(item)),
        "week": pa.array(days, pa.date32()).take(pa.array(week)),
        "units": pa.array(units[written], pa.int64()),
        "price": pa.array(price[item, week]),
        "promo": pa.array(promo[item, week], pa.int64()),
        "unit_cost": pa.array(cost[item]),
        "case_pack": pa.array(packs[item], pa.int64()),
    }
    if settings.expected_units:
        columns["expected_units"] = pa.array(expected[written])
    return pa.table(columns)
