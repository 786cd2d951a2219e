"""A small simulated chain, its rows at each Monday of a quarter, and answers for them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest

from sartor.context import Context
from sartor.durations import Duration
from sartor.rows import AS_OF, KNOWN_AT, ROW, TARGET, WEIGHT, Origins, Training
from sartor.testing import Case, make_context, make_table, make_tables
from sartor_domains.retail.replenishment import Replenishment
from sartor_plugins.samples.chain import Chain

WEEK, FORTNIGHT = Duration(1, "week"), Duration(2, "week")
CUT = datetime(2023, 7, 3)
REVIEWS = 8


def chain(context, **settings):
    """The sales of a simulated chain as a guarded table."""
    asked = Chain(**{"stores": 2, "items": 5, "weeks": 142, "start": datetime(2021, 1, 4).date(), **settings})
    return table_of(asked.read(Context()).to_pandas(), context)


def table_of(frame, context):
    frame = frame.assign(week=pd.to_datetime(frame["week"]))
    table = make_table("sales", frame, context, key=["store", "item", "week"])
    return replace(
        table,
        time="week",
        roles={"units": "units", "price": "price"},
        known_ahead=frozenset({"price", "promo"}),
    )


def task(**settings):
    return Replenishment(
        every=WEEK,
        review=WEEK,
        lead_time=FORTNIGHT,
        **{"carry": ["unit_cost", "case_pack"], "learn_origins": 20, **settings},
    )


class Replay(NamedTuple):
    """Rows of the reviews that judge, and what they learn from."""

    frame: pd.DataFrame
    training: Training
    outcome: Training

    @property
    def scoring(self):
        return self.outcome.without_truth()


def replay_of(table, context, replenishment=None, count=REVIEWS):
    replenishment = replenishment or task()
    rows = replenishment.rows(make_tables([table], context), Origins(CUT, WEEK, count))
    frame = rows.frame.collect(backend="pyarrow").to_native().to_pandas()
    parts = [name for name in frame if name.startswith(f"{TARGET}_")]
    y = frame[parts].rename(columns=lambda name: name.removeprefix(f"{TARGET}_"))
    shown = [name for name in frame if not name.startswith("__") or name in (ROW, AS_OF, KNOWN_AT, "__group")]
    nothing = pd.DataFrame({"usual": np.ones(len(frame))})
    whole = Training(frame[shown], nothing, "quantiles", (), y=y, weight=frame[WEIGHT].to_numpy())
    known = y.notna().all(axis=1).to_numpy()
    judged = (frame[AS_OF] >= CUT).to_numpy()
    learned = (frame[KNOWN_AT] <= CUT).to_numpy() & ~judged
    return Replay(frame, whole.take(known & learned), whole.take(known & judged))


def answers(scoring, factor=1.0):
    """Answers that know the past: quantiles of what sold before in as long a time."""
    number = 3 * scoring.rows["review_mean_8"].to_numpy() * factor
    columns = {
        f"quantile:{share}": scoring.rows[f"past_sums_{share}"].to_numpy() * factor for share in (0.5, 0.9, 0.98)
    }
    return pd.DataFrame({"number": number, **columns})


def case(folder) -> Case:
    context = make_context(folder)
    replay = replay_of(chain(context), context)
    return Case("a chain", replay.training, replay.outcome)


@pytest.fixture(scope="module")
def replay(tmp_path_factory):
    context = make_context(tmp_path_factory.mktemp("chain"))
    return replay_of(chain(context), context)
