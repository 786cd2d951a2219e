"""The bank simulator: cards with habits, terminals near them, and three ways of fraud."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

if TYPE_CHECKING:
    from sartor_plugins.samples.bank import Bank

Floats = NDArray[np.float64]
Places = NDArray[np.int64]

CATEGORIES = ("groceries", "fuel", "restaurant", "clothing", "travel", "electronics", "online")
SHARES = (0.34, 0.12, 0.17, 0.12, 0.05, 0.06, 0.14)
SIZE = (0.9, 1.1, 0.8, 1.3, 2.5, 2.2, 1.1)
"""How large payments of a category are against a card's usual one."""
DAY = 86_400
USUAL = 45.0
NEAR = 25
"""Terminals that a card pays at."""
STOLEN_A_DAY, STOLEN_FOR, STOLEN_TIMES = 1 / 1_200, (2, 6), (3.0, 7.0)
"""Chance that a card is stolen on a day, for how many days, and how much more is then paid."""
TAMPERED_A_DAY, TAMPERED_FOR, TAMPERED_SHARE = 1 / 1_600, 21, 0.5
FROM_AFAR = 0.0012
STOLEN, TAMPERED, AFAR = 1, 2, 3


class Made(NamedTuple):
    """Payments as arrays of shape (n_payments,)."""

    at: Places
    card: Places
    terminal: Places
    category: Places
    amount: Floats
    way: Places


def payments(settings: Bank) -> pa.Table:
    """Return the payments of `samples.bank`, in the order of their moments."""
    rng = np.random.default_rng([settings.seed, 20])
    usual = np.exp(rng.normal(np.log(USUAL), 0.6, settings.cards))
    near = rng.integers(0, settings.terminals, (settings.cards, NEAR))
    made = _together([_habits(settings, usual, near, rng), _stolen(settings, usual, rng)])
    made = _tampered(settings, _from_afar(settings, made, rng), rng)
    order = np.lexsort((np.arange(len(made.at)), made.at))
    return _table(settings, _taken(made, order), rng)


def _habits(settings: Bank, usual: Floats, near: Places, rng: np.random.Generator) -> Made:
    often = rng.gamma(3.0, settings.payments_a_day / 3.0, settings.cards)
    counts = rng.poisson(often[:, None], (settings.cards, settings.days))
    card = np.repeat(np.arange(settings.cards), counts.sum(axis=1))
    day = np.repeat(np.tile(np.arange(settings.days), settings.cards), counts.ravel())
    n = len(card)
    # By day, with a lull at night.
    second = np.clip(rng.normal(14.5 * 3_600, 4.2 * 3_600, n), 0, DAY - 1).astype(np.int64)
    category = rng.choice(len(CATEGORIES), n, p=SHARES)
    amount = usual[card] * np.array(SIZE)[category] * np.exp(rng.normal(0, 0.55, n))
    terminal = near[card, rng.integers(0, near.shape[1], n)]
    return Made(day * DAY + second, card, terminal, category, amount, np.zeros(n, dtype=np.int64))


def _stolen(settings: Bank, usual: Floats, rng: np.random.Generator) -> Made:
    count = rng.poisson(STOLEN_A_DAY * settings.fraud * settings.cards * settings.days)
    card, first = rng.integers(0, settings.cards, count), rng.integers(0, settings.days, count)
    bursts = rng.integers(*STOLEN_FOR, count) * rng.integers(1, 4, count)
    card, first = np.repeat(card, bursts), np.repeat(first, bursts)
    n = len(card)
    at = first * DAY + (rng.random(n) * STOLEN_FOR[1] * DAY).astype(np.int64)
    inside = at < settings.days * DAY
    category = rng.choice(len(CATEGORIES), n, p=(0.05, 0.05, 0.05, 0.15, 0.15, 0.30, 0.25))
    amount = usual[card] * rng.uniform(*STOLEN_TIMES, n) * np.exp(rng.normal(0, 0.3, n))
    terminal = rng.integers(0, settings.terminals, n)
    stolen = np.full(n, STOLEN, dtype=np.int64)
    return _taken(Made(at, card, terminal, category, amount, stolen), np.flatnonzero(inside))


def _from_afar(settings: Bank, made: Made, rng: np.random.Generator) -> Made:
    """Turn some payments into purchases at night from afar."""
    chosen = rng.random(len(made.at)) < FROM_AFAR * settings.fraud
    night = made.at // DAY * DAY + (rng.random(len(made.at)) * 5 * 3_600).astype(np.int64)
    return made._replace(
        at=np.where(chosen, night, made.at),
        category=np.where(chosen, CATEGORIES.index("online"), made.category),
        amount=np.where(chosen, made.amount * 2.5 + 60, made.amount),
        way=np.where(chosen, AFAR, made.way),
    )


def _tampered(settings: Bank, made: Made, rng: np.random.Generator) -> Made:
    """Make fraud of every other payment at terminals that are tampered with."""
    way = made.way
    count = rng.poisson(TAMPERED_A_DAY * settings.fraud * settings.terminals * settings.days)
    for terminal, first in zip(
        rng.integers(0, settings.terminals, count), rng.integers(0, settings.days, count), strict=True
    ):
        there = (made.terminal == terminal) & (made.at >= first * DAY) & (made.at < (first + TAMPERED_FOR) * DAY)
        way = np.where(there & (way == 0) & (rng.random(len(way)) < TAMPERED_SHARE), TAMPERED, way)
    return made._replace(way=way)


def _taken(made: Made, places: Places) -> Made:
    at, card, terminal, category, amount, way = made
    return Made(at[places], card[places], terminal[places], category[places], amount[places], way[places])


def _together(parts: list[Made]) -> Made:
    whole = [part.at for part in parts], [part.card for part in parts], [part.terminal for part in parts]
    at, card, terminal = (np.concatenate(values) for values in whole)
    category, way = (
        np.concatenate(values) for values in zip(*((part.category, part.way) for part in parts), strict=True)
    )
    return Made(at, card, terminal, category, np.concatenate([part.amount for part in parts]), way)


def _table(settings: Bank, made: Made, rng: np.random.Generator) -> pa.Table:
    n = len(made.at)
    start = np.datetime64(datetime(settings.start.year, settings.start.month, settings.start.day), "us")
    width = max(4, len(str(max(settings.cards, settings.terminals))))
    columns = {
        "payment": pa.array(np.arange(n)),
        "at": pa.array(start + made.at.astype("timedelta64[s]")),
        "card": pa.array([f"C{card:0{width}d}" for card in made.card.tolist()], pa.string()),
        "terminal": pa.array([f"T{terminal:0{width}d}" for terminal in made.terminal.tolist()], pa.string()),
        "category": pa.array(
            np.array(CATEGORIES, dtype=object)[made.category], pa.string(), mask=_some(settings.missing, n, rng)
        ),
        "amount": pa.array(np.round(np.maximum(made.amount, 0.5), 2)),
        "fraud": pa.array((made.way > 0).astype(np.int64), mask=_some(settings.not_known, n, rng)),
    }
    return pa.table({**columns, **({"scenario": pa.array(made.way)} if settings.scenario else {})})


def _some(share: float, n: int, rng: np.random.Generator) -> NDArray[np.bool_]:
    return rng.random(n) < share
