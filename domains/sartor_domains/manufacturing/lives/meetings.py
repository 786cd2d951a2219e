"""At which readings plans meet units, where no date says on which days it is planned."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import narwhals as nw

from sartor.rows import GROUP, TARGET
from sartor_domains.manufacturing.lives.ends import LAST, LEFT
from sartor_domains.manufacturing.units import AGE, PLAN

if TYPE_CHECKING:
    Lazy = nw.LazyFrame[Any]

PLANS = 5
"""So many plans meet a unit that ran to its failure."""
GOLDEN = 0.6180339887498949
"""Multiples of it, without their whole part, lie evenly in [0, 1) however many there are."""
_ONE, _NUMBER, _PLACE, _COUNT = "__one", "__number", "__place", "__count"


def with_plans(frame: Lazy) -> Lazy:
    """Say which plan meets a unit at which reading: `PLANS` of them, spread over its life as on a floor.

    At its last reading a unit that ran to failure is beyond planning, and on a floor units are met anywhere in their
    lives. A life is parted into as many equal parts as there are plans, and each plan meets the unit in one of them:
    every unit at another share of it, which follows from the order of names. A unit that survived its last reading is
    met there.

    Parameters
    ----------
    frame : LazyFrame
        A line for each reading, with the unit, its age, its last cycle, and what it had left.
    """
    alive = nw.col(TARGET) > 0
    ended = nw.col(LEFT).is_null() if LEFT in frame.collect_schema() else nw.lit(True)
    met = frame.filter(alive, ended).select(GROUP, AGE).with_columns(nw.lit(1).alias(_ONE))
    counts = met.group_by(GROUP).agg(nw.col(_ONE).sum().alias(_COUNT)).with_columns(nw.lit(1).alias(_ONE))
    numbers = counts.with_columns(nw.col(_ONE).cum_sum().over(order_by=GROUP).alias(_NUMBER)).drop(_ONE)
    places = met.with_columns(nw.col(_ONE).cum_sum().over(GROUP, order_by=AGE).alias(_PLACE)).drop(_ONE)
    share = (nw.col(_NUMBER).cast(nw.Float64) * GOLDEN) % 1.0
    before, parts = nw.col(_PLACE).cast(nw.Float64) - 1, nw.col(_COUNT).cast(nw.Float64) / PLANS
    # The first plan that comes as far as this reading, and whether it comes no farther.
    first = (before / parts - share).clip(0, None)
    plan = nw.when(first == first.floor()).then(first).otherwise(first.floor() + 1)
    meets = (plan < PLANS) & ((plan + share) * parts < before + 1)
    chosen = places.join(numbers, on=[GROUP], how="left").select(GROUP, AGE, nw.when(meets).then(plan).alias(PLAN))
    joined = frame.join(chosen, on=[GROUP, AGE], how="left")
    if LEFT not in frame.collect_schema():
        return joined
    last = ~nw.col(LEFT).is_null() & (nw.col(AGE) == nw.col(LAST))
    return joined.with_columns(nw.when(last).then(nw.lit(0.0)).otherwise(nw.col(PLAN)).alias(PLAN))
