"""Rows of a recommendation: a line for each user and moment, with what became known in the window behind it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from sartor.context import say
from sartor.errors import InputError
from sartor.wording import form, plural
from sartor_plugins.recommend.lines import DAY, Events
from sartor_plugins.recommend.names import AGAIN, AMOUNTS, ITEMS, LATER_DAYS, LATER_EVENTS, LATER_ITEMS, NEW, REPEAT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

LISTS = {
    ITEMS: pa.list_(pa.string()),
    AMOUNTS: pa.list_(pa.float64()),
    AGAIN: pa.list_(pa.bool_()),
    LATER_ITEMS: pa.list_(pa.string()),
    LATER_DAYS: pa.list_(pa.float64()),
    LATER_EVENTS: pa.list_(pa.string()),
}


@dataclass(frozen=True)
class Window:
    """The users asked at one moment, and what they did in the window behind it.

    Parameters
    ----------
    user : ndarray of int64
        Numbers of the users, rising.
    lists : mapping of name to ListArray
        See `sartor_plugins.recommend.names.TRUTH`.
    newcomer : ndarray of bool
        Whether nothing was known of the user before.
    """

    user: NDArray[np.int64]
    lists: dict[str, pa.Array]
    newcomer: NDArray[np.bool_]


def microseconds(moment: datetime) -> int:
    """Return a moment as events have it."""
    return int(np.datetime64(moment, "us").astype("int64"))


def window(events: Events, start: int, end: int, wanted: str) -> Window:
    """Return everybody who is known by the end of a window, with what was bought in it.

    Parameters
    ----------
    events : Events
    start, end : int
        In microseconds; the end does not belong to it.
    wanted : {"new", "repeat", "all"}
        Whether the truth is what was never bought before, what was, or both.
    """
    later = (events.moment >= start) & (events.moment < end) & (events.undone >= end)
    return _windowed(events, events.known_before(start), later, end, start, wanted)


def known_to(part: str, known: Sequence[str], *, in_order: bool) -> list[str]:
    """Return the parts that are known to the rows of a part.

    Parameters
    ----------
    part : str
    known : sequence of str
    in_order : bool
        Whether parts follow one another: only those before it are known to one.

    Examples
    --------
    >>> known_to("validation", ["train", "validation"], in_order=True)
    ['train']
    >>> known_to("test", ["train", "validation"], in_order=True), known_to("a", ["a", "b"], in_order=False)
    (['train', 'validation'], ['b'])
    """
    if in_order and part in known:
        return list(known[: known.index(part)])
    return [name for name in known if name != part]


def parted(events: Events, part: str, known: Sequence[str], wanted: str) -> Window:
    """Return everybody who has an event in a part, where a column tells what teaches and what judges.

    Parameters
    ----------
    known : sequence of str
        The parts that are known to it; itself aside.
    """
    places = {name: place for place, name in enumerate(events.parts)}
    if part not in places:
        raise InputError(
            f"no line says '{part}' where the parts are told; there are {', '.join(events.parts[:12])}", code="D034"
        )
    before = np.isin(events.part, [places[name] for name in known if name in places and name != part])
    later = events.part == places[part]
    pair = events.user * len(events.items) + events.item
    twice = int(np.isin(pair[later & ~before], pair[before]).sum()) if part not in known else 0
    if twice:
        say(
            f"{plural(twice, 'line')} of the part '{part}' {form(twice, 'stands', 'stand')} in a part that is known, "
            f"too: {form(twice, 'it is', 'they are')} bought again, and nothing new",
            caution=True,
        )
    found = _windowed(events, before, later, 0, 0, wanted)
    inside = np.isin(found.user, events.user[later])
    lists = {name: lists.filter(pa.array(inside)) for name, lists in found.lists.items()}
    return Window(found.user[inside], lists, found.newcomer[inside])


def _windowed(
    events: Events, before: NDArray[np.bool_], later: NDArray[np.bool_], end: int, start: int, wanted: str
) -> Window:
    user = np.unique(events.user[before | later])
    lists = {
        LATER_ITEMS: listed(events, later, user, "item"),
        LATER_DAYS: listed(events, later, user, "days", origin=start),
        LATER_EVENTS: listed(events, later, user, "kind"),
    }
    newcomer = ~np.isin(user, events.user[before])
    return Window(user, {**_truth(events, before, later, user, end, wanted), **lists}, newcomer)


def listed(events: Events, mask: NDArray[np.bool_], user: NDArray[np.int64], what: str, origin: int = 0) -> pa.Array:
    """Return, for each of some users in rising order, what some of their events hold, as lists.

    Parameters
    ----------
    mask : ndarray of bool
        Which events.
    user : ndarray of int64
        Every user of the events in the mask must be among them.
    what : {"item", "kind", "days"}
        Days are those behind `origin`.
    """
    at = np.flatnonzero(mask)
    offsets = _offsets(events.user[at], user)
    if what == "days":
        return pa.ListArray.from_arrays(offsets, pa.array((events.moment[at] - origin) / DAY))
    names = events.items if what == "item" else events.kinds
    codes = events.item if what == "item" else events.kind
    return pa.ListArray.from_arrays(offsets, _named(names, codes[at]))


def _named(names: Sequence[str], codes: NDArray[np.int64]) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(codes), pa.array(names, pa.string())).cast(pa.string())


def _offsets(of: NDArray[np.int64], user: NDArray[np.int64]) -> pa.Array:
    counts = np.bincount(np.searchsorted(user, of), minlength=len(user))
    return pa.array(np.concatenate([[0], np.cumsum(counts)]).astype("int32"))


def _truth(
    events: Events,
    before: NDArray[np.bool_],
    later: NDArray[np.bool_],
    user: NDArray[np.int64],
    end: int,
    wanted: str,
) -> dict[str, pa.Array]:
    """Return the distinct items bought in the window, with what was paid, and whether they had been bought before."""
    count = len(events.items)
    at = np.flatnonzero(later & events.bought)
    kept = np.where(events.returned_at[at] < end, 1.0 - events.returned[at], 1.0)
    pair, place = np.unique(events.user[at] * count + events.item[at], return_inverse=True)
    paid = np.bincount(place, weights=events.amount[at] * kept, minlength=len(pair))
    owned = np.unique((events.user * count + events.item)[before & events.bought])
    again = np.isin(pair, owned)
    asked = ~again if wanted == NEW else again if wanted == REPEAT else np.ones(len(pair), dtype=bool)
    pair, paid, again = pair[asked], paid[asked], again[asked]
    offsets = _offsets(pair // count, user)
    return {
        ITEMS: pa.ListArray.from_arrays(offsets, _named(events.items, pair % count)),
        AMOUNTS: pa.ListArray.from_arrays(offsets, pa.array(paid, pa.float64())),
        AGAIN: pa.ListArray.from_arrays(offsets, pa.array(again)),
    }


def unknown(count: int) -> dict[str, pa.Array]:
    """Return a truth that nobody knows yet."""
    return {name: pa.nulls(count, kind) for name, kind in LISTS.items()}
