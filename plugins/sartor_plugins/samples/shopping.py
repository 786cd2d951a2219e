"""A simulated web shop: tastes, staples, fashions, and the lines that come of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sartor_plugins.samples.shop import Shop

    Codes = NDArray[np.int64]
    Numbers = NDArray[np.float64]

CATEGORIES = (
    "kitchen", "garden", "books", "toys", "coffee", "lamps", "stationery", "bags", "candles", "textiles",
)  # fmt: skip
STAPLES = 4
"""Of each customer."""
AGAIN = 0.3
"""Share of purchases that are staples."""
_MINUTE = 60_000_000
_DAY = 1440 * _MINUTE


class World(NamedTuple):
    """What is behind the lines.

    Parameters
    ----------
    category : ndarray of int
        Of each item.
    price, margin : ndarray of float
    popularity : ndarray of float
    peak : ndarray of float
        The day on which each item is most in fashion.
    taste : ndarray of shape (n_customers, n_categories)
        Shares that add up to 1.
    staples : ndarray of int, shape (n_customers, STAPLES)
    activity : ndarray of float
        Of each customer, 1 on average.
    """

    category: Codes
    price: Numbers
    margin: Numbers
    popularity: Numbers
    peak: Numbers
    taste: Numbers
    staples: Codes
    activity: Numbers


def table_of(settings: Shop) -> pa.Table:
    """Return one of the shop's tables."""
    made = world(settings)
    if settings.table == "items":
        return items(settings, made)
    return customers(settings) if settings.table == "customers" else events(settings, made)


def world(settings: Shop) -> World:
    """Draw what is behind the lines; the same for all tables."""
    rng = np.random.default_rng([settings.seed, 1])
    count = settings.items
    category = np.arange(count) % len(CATEGORIES)
    popularity = 1 / np.arange(2, count + 2) ** 0.7
    taste = rng.dirichlet(np.full(len(CATEGORIES), 0.25), settings.customers)
    liked = np.argsort(-taste, axis=1)[:, :2]
    # A customer's staples are of the two categories liked most.
    of_each = -(-count // len(CATEGORIES))
    kind = liked[np.arange(settings.customers)[:, None], rng.integers(0, 2, (settings.customers, STAPLES))]
    staples = np.minimum(kind + len(CATEGORIES) * rng.integers(0, of_each, kind.shape), count - 1)
    return World(
        category=category,
        price=np.asarray(np.round(np.exp(rng.normal(2.2, 0.7, count)), 2), dtype="float64"),
        margin=np.round(rng.uniform(0.15, 0.5, count), 2),
        popularity=rng.permutation(popularity),
        peak=rng.uniform(-60, settings.days + 60, count),
        taste=taste,
        staples=staples,
        activity=rng.gamma(2.0, 0.5, settings.customers),
    )


def items(settings: Shop, made: World) -> pa.Table:
    """Return the catalogue, as it stands on the last day."""
    rng = np.random.default_rng([settings.seed, 2])
    sold_out = rng.random(settings.items) < 0.08
    return pa.table(
        {
            "item": _codes(np.arange(settings.items)),
            "category": pa.array([CATEGORIES[place] for place in made.category]),
            "price": made.price,
            "margin": made.margin,
            "stock": np.where(sold_out, 0, 1 + rng.poisson(40, settings.items)).astype("int64"),
            "promoted": pa.array(rng.random(settings.items) < 0.06),
        }
    )


def customers(settings: Shop) -> pa.Table:
    """Return the customers, and whether they may be written to."""
    rng = np.random.default_rng([settings.seed, 3])
    return pa.table(
        {
            "customer": _names(np.arange(settings.customers)),
            "consent": pa.array(rng.random(settings.customers) < 0.9),
        }
    )


def events(settings: Shop, made: World) -> pa.Table:
    """Return everything that was done, in the order of the moments."""
    rng = np.random.default_rng([settings.seed, 4])
    visits = rng.poisson(made.activity * settings.visits * settings.days / 30)
    customer = np.repeat(np.arange(settings.customers), visits)
    moment = rng.integers(0, settings.days * 1440, len(customer)) * _MINUTE
    basket = 1 + rng.poisson(1.6, len(customer))
    visit = np.repeat(np.arange(len(customer)), basket)
    who, when = customer[visit], moment[visit]
    item = _chosen(rng, made, who, when)
    count = len(who)
    bought = _lines(when, who, item, "purchase", visit, 1 + rng.poisson(0.6, count))
    looked = rng.random(count) < 0.6
    before = _lines((when - 5 * _MINUTE)[looked], who[looked], item[looked], "view")
    # As much again is looked at and left.
    left = _lines((when - 3 * _MINUTE), who, _chosen(rng, made, who, when), "view")
    carted = rng.random(count) < 0.4
    carts = _lines((when - 2 * _MINUTE)[carted], who[carted], item[carted], "add_to_cart")
    searching = rng.random(count) < 0.15
    searches = _lines((when - 8 * _MINUTE)[searching], who[searching], item[searching], "search")
    lines = _together([bought, before, left, carts, searches])
    return _written(settings, made, _dirty(settings, lines))


def _chosen(rng: np.random.Generator, made: World, who: Codes, when: Codes) -> Codes:
    """Choose an item for each: a staple, or what is in fashion in a category to one's taste."""
    shares = np.cumsum(made.taste[who], axis=1)
    category = np.minimum((rng.random(len(who))[:, None] > shares).sum(axis=1), len(CATEGORIES) - 1)
    chosen = np.zeros(len(who), dtype="int64")
    month = when // (15 * _DAY)
    chance = rng.random(len(who))
    for kind in np.unique(category):
        inside = np.flatnonzero(made.category == kind)
        for time in np.unique(month[category == kind]):
            at = np.flatnonzero((category == kind) & (month == time))
            if not len(inside):
                chosen[at] = (chance[at] * len(made.category)).astype("int64")
                continue
            fashion = np.exp(-0.5 * ((15 * time + 7.5 - made.peak[inside]) / 35) ** 2)
            weight = np.cumsum(made.popularity[inside] * (0.08 + fashion))
            chosen[at] = inside[np.searchsorted(weight / weight[-1], chance[at], side="right").clip(0, len(inside) - 1)]
    again = rng.random(len(who)) < AGAIN
    own = made.staples[who, rng.integers(0, STAPLES, len(who))]
    return np.where(again, own, chosen)


class _Lines(NamedTuple):
    when: Codes
    who: Codes
    item: Codes
    event: NDArray[np.str_]
    visit: Codes
    quantity: Codes


def _lines(
    when: Codes, who: Codes, item: Codes, event: str, visit: Codes | None = None, quantity: Codes | None = None
) -> _Lines:
    none = np.full(len(when), -1)
    return _Lines(
        np.maximum(when, 0),
        who,
        item,
        np.full(len(when), event),
        none if visit is None else visit,
        np.ones(len(when), dtype="int64") if quantity is None else quantity,
    )


def _together(parts: list[_Lines]) -> _Lines:
    whole = _joined(parts)
    return _taken(whole, np.lexsort((whole.item, whole.event, whole.who, whole.when)))


def _joined(parts: list[_Lines]) -> _Lines:
    columns: list[NDArray[Any]] = [np.concatenate(column) for column in zip(*parts, strict=True)]
    return _Lines._make(columns)


class _Dirty(NamedTuple):
    lines: _Lines
    guest: NDArray[np.bool_]
    small: NDArray[np.bool_]
    code: NDArray[np.object_]
    back: NDArray[np.bool_]


def _dirty(settings: Shop, lines: _Lines) -> _Dirty:
    """Add what lines of real shops have: returns, lines entered twice, guests, small letters, no products."""
    rng = np.random.default_rng([settings.seed, 5])
    bought = lines.event == "purchase"

    def some() -> NDArray[np.bool_]:
        return np.asarray(bought & (rng.random(len(bought)) < settings.dirt))

    returned, twice, fees = some(), some(), some()
    guest, small = some(), some()
    later = lines.when + rng.integers(10, 14 * 1440, len(bought)) * _MINUTE
    kinds = [
        (lines, np.zeros(len(bought), dtype=bool), np.full(len(bought), "", dtype=object)),
        (_taken(lines._replace(when=later, quantity=-lines.quantity), returned), True, ""),
        (_taken(lines, twice), False, ""),
        (_taken(lines._replace(quantity=np.ones_like(lines.quantity)), fees), False, "POST"),
    ]
    whole = _joined([part for part, _, _ in kinds])
    back = np.concatenate([np.broadcast_to(np.asarray(flag), len(part.when)) for part, flag, _ in kinds])
    code = np.concatenate([np.broadcast_to(np.asarray(text, dtype=object), len(part.when)) for part, _, text in kinds])
    added = len(whole.when) - len(bought)
    none = np.zeros(added, dtype=bool)
    order = np.lexsort((whole.quantity, whole.item, whole.event, whole.who, whole.when))
    return _Dirty(
        _taken(whole, order),
        np.concatenate([guest, none])[order],
        np.concatenate([small, none])[order],
        code[order],
        back[order],
    )


def _taken(lines: _Lines, places: NDArray[Any]) -> _Lines:
    columns: list[NDArray[Any]] = [column[places] for column in lines]
    return _Lines._make(columns)


def _written(settings: Shop, made: World, dirty: _Dirty) -> pa.Table:
    lines = dirty.lines
    start = np.datetime64(settings.start, "us").astype("int64")
    end = start + settings.days * _DAY
    searched = lines.event == "search"
    bought = lines.event == "purchase"
    item = _codes(lines.item).to_pylist()
    item = [
        None if search else code or (name.lower() if small else name)
        for search, code, small, name in zip(searched, dirty.code, dirty.small, item, strict=True)
    ]
    query = [CATEGORIES[made.category[place]] if search else None for place, search in zip(lines.item, searched,
                                                                                       strict=True)]  # fmt: skip
    invoice = [f"{'C' if back else ''}{600_000 + visit}" if visit >= 0 else None
               for visit, back in zip(lines.visit, dirty.back, strict=True)]  # fmt: skip
    table = pa.table(
        {
            "line": np.arange(len(lines.when)),
            "at": pa.array(start + lines.when, pa.int64()).cast(pa.timestamp("us")),
            "customer": pa.array([None if guest else f"C{who:05d}" for who, guest in zip(lines.who, dirty.guest,
                                                                                         strict=True)]),
            "item": pa.array(item, pa.string()),
            "event": pa.array(lines.event.tolist(), pa.string()),
            "query": pa.array(query, pa.string()),
            "invoice": pa.array(invoice, pa.string()),
            "quantity": pa.array(lines.quantity, pa.int64(), mask=~bought),
            "price": pa.array(np.where(dirty.code != "", 3.5, made.price[lines.item]), mask=~bought),
        }
    )  # fmt: skip
    kept = start + lines.when < end
    return table.filter(pa.array(kept)).set_column(0, "line", pa.array(np.arange(int(kept.sum()))))


def _codes(items: Codes) -> pa.Array:
    return pa.array([f"A{place:05d}" for place in items], pa.string())


def _names(who: Codes) -> pa.Array:
    return pa.array([f"C{place:05d}" for place in who], pa.string())
