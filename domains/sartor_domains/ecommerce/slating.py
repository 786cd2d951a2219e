"""Chooses slates: the best candidates that the rules of a shop leave, for all customers at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from sartor.errors import InputError, SettingError, nearest
from sartor.rows import ROW
from sartor_domains.ecommerce.slate import NO_CANDIDATE, NO_CONSENT, NOTHING, SHORT, SHOW
from sartor_plugins.recommend.interactions import flat
from sartor_plugins.recommend.names import (
    AMOUNTS,
    HISTORY_DAYS,
    HISTORY_EVENTS,
    HISTORY_ITEMS,
    ITEMS,
    PURCHASE,
    SCORES,
)

if TYPE_CHECKING:
    from collections.abc import Collection

    from numpy.typing import NDArray

    from sartor.context import Context
    from sartor.rows import Scoring, Table, Training
    from sartor_domains.ecommerce.slate import Slate

DAYS = {"second": 1 / 86_400, "minute": 1 / 1_440, "hour": 1 / 24, "day": 1.0, "week": 7.0, "month": 30.4375,
        "year": 365.25}  # fmt: skip


@dataclass(frozen=True)
class Candidates:
    """What may be shown to whom, as far as each rule is concerned.

    Parameters
    ----------
    names : list of str
        The items.
    item : ndarray of int64, shape (n_rows, n_candidates)
        The best first; -1 where there are fewer.
    refused : mapping of rule to ndarray of bool, shape (n_rows, n_candidates)
        What each rule takes out.
    category : ndarray of int64, shape (n_items,)
    promoted : ndarray of bool, shape (n_items,)
    earns : ndarray of float64, shape (n_items,)
        Share of the price.
    agreed : ndarray of bool, shape (n_rows,)
    owned : ndarray of bool, shape (n_rows, n_candidates)
        What the customer bought before.
    """

    names: list[str]
    item: NDArray[np.int64]
    refused: dict[str, NDArray[np.bool_]]
    category: NDArray[np.int64]
    promoted: NDArray[np.bool_]
    earns: NDArray[np.float64]
    agreed: NDArray[np.bool_]
    owned: NDArray[np.bool_]


def decide(action: Slate, predictions: pd.DataFrame, scoring: Scoring, context: Context) -> pd.DataFrame:
    """Return a slate for each row."""
    found = candidates(action, predictions, scoring, context)
    chosen = choose(action, found, action.rules())
    return _told(action, found, chosen, scoring)


def candidates(action: Slate, predictions: pd.DataFrame, scoring: Scoring, context: Context) -> Candidates:
    """Hold every candidate against every rule by itself."""
    item, names = _square(predictions)
    of_items = pa.array(names, pa.string())
    known = _Known.of(_handed(action.catalogue, "catalogue", context), "item", of_items)
    refused: dict[str, NDArray[np.bool_]] = {}
    if action.in_stock is not None:
        refused["in stock"] = ~_lookup(known.numbers(action.in_stock) > 0, item)
    earns = np.ones(len(names)) if action.margin is None else known.numbers(action.margin)
    if action.least_margin is not None:
        refused["margin floor"] = ~_lookup(earns >= action.least_margin, item)
    recent, owned = _bought(scoring, item, of_items, action)
    if action.not_bought_within is not None:
        refused["bought within"] = recent
    category = np.zeros(len(names), dtype="int64") if action.category is None else known.codes(action.category)
    promoted = np.zeros(len(names), dtype=bool) if action.promoted is None else known.numbers(action.promoted) > 0
    return Candidates(names, item, refused, category, promoted, earns, _agreed(action, scoring, context), owned)


def _lookup(of_item: NDArray[np.bool_], item: NDArray[np.int64]) -> NDArray[np.bool_]:
    return np.append(of_item, False)[item]


def _square(predictions: pd.DataFrame) -> tuple[NDArray[np.int64], list[str]]:
    """Return slates as a square of numbers, -1 behind their end."""
    lengths, items = flat(predictions[ITEMS], pa.string())
    encoded = items.dictionary_encode()
    width = int(lengths.max(initial=0))
    row = np.repeat(np.arange(len(lengths)), lengths)
    place = np.arange(len(items)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    item = np.full((len(lengths), width), -1, dtype="int64")
    item[row, place] = encoded.indices.to_numpy(zero_copy_only=False)
    return item, encoded.dictionary.to_pylist()


def _handed(table: str | None, what: str, context: Context) -> Table | None:
    if table is None:
        return None
    if table not in context.tables:
        raise SettingError(
            f"{context.step or 'the slate'}: its {what} is the table '{table}', which it is not handed",
            code="R087",
            hints=(("to mend", f"name it under from: from: [{table}]"),),
        )
    return context.tables[table]


@dataclass(frozen=True)
class _Known:
    """What a table says of some keys."""

    table: Table | None
    frame: pd.DataFrame

    @classmethod
    def of(cls, table: Table | None, role: str, keys: pa.Array) -> _Known:
        if table is None:
            return cls(None, pd.DataFrame(index=range(len(keys))))
        frame = table.frame.collect(backend="pandas").to_native()
        column = table.role(role)
        if table.time is not None:
            # The latest that is known of each.
            frame = frame.sort_values(table.time, kind="stable")
        frame[column] = frame[column].astype(str)
        twice = frame[column].duplicated(keep="last")
        if twice.any() and table.time is None:
            raise InputError(
                f"table {table.name} has {int(twice.sum()):,} {role}s more than once, and it is not said which line "
                "holds",
                code="D308",
                hints=(("to mend", f"keep one line of each: contract: {{unique: [{column}]}}"),),
            )
        return cls(table, frame[~twice].set_index(column).reindex(keys.to_pylist()))

    def column(self, name: str) -> pd.Series:
        assert self.table is not None
        if name not in self.frame:
            raise InputError(
                f"table {self.table.name} has no column '{name}'",
                code="R041",
                hints=nearest(name, [str(column) for column in self.frame.columns]),
            )
        return self.frame[name]

    def numbers(self, name: str) -> NDArray[np.float64]:
        """Return numbers, or flags as 0 and 1; 0 for keys that the table does not have."""
        column = self.column(name)
        if not (pd.api.types.is_numeric_dtype(column.dtype) or pd.api.types.is_bool_dtype(column.dtype)):
            column = column.map({True: 1.0, False: 0.0}) if column.dropna().isin([True, False]).all() else None
        if column is None:
            assert self.table is not None
            raise InputError(
                f"column '{name}' of {self.table.name} holds neither numbers nor flags",
                code="D302",
                hints=(("to mend", f"read it as a number: contract: {{columns: {{{name}: {{type: number}}}}}}"),),
            )
        return np.asarray(np.nan_to_num(column.astype("float64").to_numpy(), nan=0.0))

    def codes(self, name: str) -> NDArray[np.int64]:
        """Return a number for each different value; what has none is a category of its own."""
        codes, _ = pd.factorize(self.column(name), sort=True)
        missing = codes < 0
        codes = codes.astype("int64")
        codes[missing] = codes.max(initial=0) + 1 + np.arange(int(missing.sum()))
        return np.asarray(codes)


def _bought(
    scoring: Scoring, item: NDArray[np.int64], names: pa.Array, action: Slate
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which candidates the customer bought within the time, and which ever."""
    none = np.zeros(item.shape, dtype=bool)
    if HISTORY_ITEMS not in scoring.X or not len(names):
        return none, none
    lengths, items = flat(scoring.X[HISTORY_ITEMS], pa.string())
    days = flat(scoring.X[HISTORY_DAYS], pa.float64())[1].to_numpy(zero_copy_only=False)
    kinds = flat(scoring.X[HISTORY_EVENTS], pa.string())[1]
    number = pc.fill_null(pc.index_in(items, names), -1).to_numpy(zero_copy_only=False).astype("int64")
    row = np.repeat(np.arange(len(lengths)), lengths)
    kept = (number >= 0) & pc.equal(kinds, PURCHASE).to_numpy(zero_copy_only=False)
    within = action.not_bought_within
    late = days <= (within.count * DAYS[within.unit] if within is not None else -1.0)
    asked = np.where(item >= 0, np.arange(len(item))[:, None] * (len(names) + 1) + item, -1)
    pair = row * (len(names) + 1) + number
    return np.isin(asked, pair[kept & late]), np.isin(asked, pair[kept])


def _agreed(action: Slate, scoring: Scoring, context: Context) -> NDArray[np.bool_]:
    if action.consent is None:
        return np.ones(len(scoring), dtype=bool)
    table = _handed(action.customers, "customers", context)
    user = next(name for name in scoring.rows.columns if not name.startswith("__"))
    keys = pa.array(scoring.rows[user].astype(str).tolist(), pa.string())
    return _Known.of(table, "user", keys).numbers(action.consent) > 0


def choose(action: Slate, found: Candidates, rules: Collection[str]) -> NDArray[np.bool_]:
    """Return which candidates stand on each slate, under some of the rules.

    The best are taken one by one. Promoted ones have places kept for them, as many as the rule says and as there are
    candidates that may be shown.
    """
    allowed = found.item >= 0
    for name, refused in found.refused.items():
        if name in rules:
            allowed = allowed & ~refused
    if "consent" in rules:
        allowed = allowed & found.agreed[:, None]
    promoted = _lookup(found.promoted, found.item) & allowed
    kept = np.zeros(len(found.item), dtype="int64")
    if "promotions" in rules and action.promoted_share is not None:
        wanted = int(np.ceil(action.promoted_share * action.length - 1e-9))
        kept = np.minimum(promoted.sum(axis=1), wanted)
    cap = action.most_of_category if "category cap" in rules else None
    return _filled(action.length, found, allowed, promoted, kept, cap)


def _filled(
    length: int,
    found: Candidates,
    allowed: NDArray[np.bool_],
    promoted: NDArray[np.bool_],
    kept: NDArray[np.int64],
    cap: int | None,
) -> NDArray[np.bool_]:
    rows = np.arange(len(found.item))
    taken, of_promoted = np.zeros(len(rows), dtype="int64"), np.zeros(len(rows), dtype="int64")
    held = np.zeros((len(rows), int(found.category.max(initial=0)) + 1), dtype="int32") if cap is not None else None
    chosen = np.zeros(found.item.shape, dtype=bool)
    for place in range(found.item.shape[1]):
        ok = allowed[:, place] & (taken < length)
        # What is not promoted leaves room for what is still to come of the promoted ones.
        room = length - np.maximum(kept - of_promoted, 0)
        ok &= promoted[:, place] | (taken < room)
        if held is not None:
            category = found.category[found.item[:, place]]
            ok &= held[rows, category] < cap
            held[rows[ok], category[ok]] += 1
        chosen[:, place] = ok
        taken += ok
        of_promoted += ok & promoted[:, place]
        if (taken >= length).all():
            break
    return chosen


def _told(action: Slate, found: Candidates, chosen: NDArray[np.bool_], scoring: Scoring) -> pd.DataFrame:
    """Return the decisions, with a reason for each item."""
    count = chosen.sum(axis=1)
    agreed = found.agreed if action.consent is not None else np.ones(len(count), dtype=bool)
    named = (found.item >= 0).any(axis=1)
    decision = np.select(
        [~agreed, ~named, count == 0, count < action.length], [NO_CONSENT, NO_CANDIDATE, NOTHING, SHORT], SHOW
    )
    ends = np.cumsum(count)[:-1]
    item = found.item[chosen]
    reason = np.where(
        found.owned[chosen],
        "bought before",
        np.where(np.append(found.promoted, False)[item], "promoted", "suits what was bought"),
    )
    if HISTORY_ITEMS in scoring.X:
        stranger = flat(scoring.X[HISTORY_ITEMS], pa.string())[0] == 0
        row = np.repeat(np.arange(len(count)), count)
        reason = np.where(stranger[row] & (reason == "suits what was bought"), "sells best", reason)
    lists = {
        "slate": np.asarray(found.names, dtype=object)[item] if len(item) else np.zeros(0, dtype=object),
        "reasons": reason.astype(object),
        "earns": found.earns[item] if len(item) else np.zeros(0),
    }
    made: dict[str, Any] = {ROW: scoring.rows[ROW].to_numpy(), "decision": decision.astype(object)}
    for name, values in lists.items():
        made[name] = pd.Series(np.split(values, ends) if len(count) else [], dtype=object)
    return pd.DataFrame(made)


def value(decisions: pd.DataFrame, outcome: Training) -> NDArray[np.float64] | None:
    """Return what was paid for what stood on each slate, times the share that it earns."""
    if not flat(outcome.y[AMOUNTS], pa.float64())[1].to_numpy(zero_copy_only=False).any():
        return None
    return paid(decisions["slate"], decisions["earns"], outcome)


def paid(items: Any, earns: Any, outcome: Training) -> NDArray[np.float64]:
    """Return what was paid for some items of each row, times the share that each earns."""
    lengths, shown = flat(items, pa.string())
    _, share = flat(earns, pa.float64())
    wanted, truth = flat(outcome.y[ITEMS], pa.string())
    _, amounts = flat(outcome.y[AMOUNTS], pa.float64())
    codes = pa.concat_arrays([shown.cast(pa.string()), truth.cast(pa.string())]).dictionary_encode()
    numbers = codes.indices.to_numpy(zero_copy_only=False).astype("int64")
    size = len(codes.dictionary) + 1
    pair = np.repeat(np.arange(len(wanted)), wanted) * size + numbers[len(shown) :]
    order = np.argsort(pair)
    row = np.repeat(np.arange(len(lengths)), lengths)
    slated = row * size + numbers[: len(shown)]
    at = np.searchsorted(pair[order], slated)
    hit = at < len(pair)
    hit[hit] = pair[order][at[hit]] == slated[hit]
    money = np.zeros(len(slated))
    money[hit] = amounts.to_numpy(zero_copy_only=False)[order][at[hit]]
    worth = np.bincount(row, weights=money * share.to_numpy(zero_copy_only=False), minlength=len(lengths))
    return np.asarray(worth, dtype="float64")


def bought_last(action: Slate, scoring: Scoring, context: Context) -> pd.DataFrame | None:
    """Return slates of what each customer bought last, under the same rules; None where that is not asked for."""
    from sartor_plugins.recommend.names import NEW, WANTED

    if HISTORY_ITEMS not in scoring.X or (WANTED in scoring.rows and (scoring.rows[WANTED] == NEW).any()):
        return None
    lengths, items = flat(scoring.X[HISTORY_ITEMS], pa.string())
    days = flat(scoring.X[HISTORY_DAYS], pa.float64())[1].to_numpy(zero_copy_only=False)
    kinds = flat(scoring.X[HISTORY_EVENTS], pa.string())[1]
    kept = pc.equal(kinds, PURCHASE).to_numpy(zero_copy_only=False)
    frame = pd.DataFrame(
        {"row": np.repeat(np.arange(len(lengths)), lengths)[kept], "item": items.filter(pa.array(kept)).to_pylist(),
         "days": days[kept]}
    ).sort_values(["row", "days", "item"], kind="stable").drop_duplicates(["row", "item"])  # fmt: skip
    grouped = frame.groupby("row")[["item", "days"]].agg(list)
    empty = pd.DataFrame({"item": [[]] * len(lengths), "days": [[]] * len(lengths)})
    whole = grouped.reindex(range(len(lengths)))
    whole = whole.where(whole.notna(), empty)
    slates = pd.DataFrame({ITEMS: whole["item"], SCORES: [[-day for day in line] for line in whole["days"]]})
    return decide(action, slates, scoring, context)
