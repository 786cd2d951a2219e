"""What the report shows of slates: for whom they are good, and where on them stands what was wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from sartor.evidence.bootstrap import Measured, Redraws
from sartor.evidence.sums import partial_means
from sartor.rows import GROUP
from sartor.sections import Caution, Section, Table, TableColumn
from sartor.wording import form, percent, plural
from sartor_plugins.recommend.interactions import flat
from sartor_plugins.recommend.judging import hits, newcomers, wanted_of
from sartor_plugins.recommend.names import HISTORY_ITEMS, ITEMS, TOP

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from sartor.context import Context
    from sartor.rows import Judged

REDRAWS = 300
BANDS = ((1, 5), (5, 20), (20, 100), (100, None))
"""How much users had done before: from, to before."""
MANY_NEWCOMERS = 0.25


def sections(judged: Judged, context: Context) -> Iterator[Section | Caution]:
    """Yield for whom slates are good, where what was wanted stands, and a caution where many are newcomers."""
    found = hits(judged.predictions[ITEMS], wanted_of(judged, "all"), TOP)
    ndcg = found.ndcg()
    asked = found.wanted > 0
    if not asked.any():
        return
    newcomer = newcomers(judged)
    before = _before(judged, newcomer)
    yield _by_user(judged, context, ndcg, before, newcomer)
    yield _by_place(found.hit[asked & ~newcomer], int((asked & ~newcomer).sum()))
    share = float((asked & newcomer).sum() / asked.sum())
    if share > MANY_NEWCOMERS:
        yield Caution(
            "newcomers",
            f"**{percent(share)}** of those who wanted something were newcomers, of whom nothing was known: their "
            "slates are what sells best, and the metrics compared leave them out",
            weight=0.4,
        )


def _before(judged: Judged, newcomer: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return how much each user had done before."""
    if judged.X is None or HISTORY_ITEMS not in judged.X:
        return np.where(newcomer, 0, 1)
    return flat(judged.X[HISTORY_ITEMS], pa.string())[0]


def _by_user(
    judged: Judged, context: Context, ndcg: NDArray[np.float64], before: NDArray[np.int64], newcomer: NDArray[np.bool_]
) -> Section:
    groups = {"newcomers": newcomer}
    for low, high in BANDS:
        name = f"{low} or more" if high is None else f"{low} to {high - 1}"
        groups[f"{name} events before"] = (before >= low) & ((before < high) if high is not None else True) & ~newcomer
    columns = [
        TableColumn("Users"),
        TableColumn("who wanted something", "count"),
        TableColumn(f"NDCG@{TOP}", "number"),
        TableColumn("95 %", "interval", at_least=0.0),
    ]
    lines, counts = [], []
    for name, inside in groups.items():
        values = np.where(inside, ndcg, np.nan)
        number = int(np.isfinite(values).sum())
        if number:
            measured = _measured(values, judged, context)
            interval = measured.interval()
            cell = (measured.value, interval.low, interval.high) if interval else measured.value
            lines.append([name, number, measured.value, cell])
            counts.append(number)
    known = int((np.isfinite(ndcg) & ~newcomer).sum())
    silent = int(np.isnan(ndcg).sum())
    new = int((np.isfinite(ndcg) & newcomer).sum())
    said = f"**{known:,}** of {plural(len(ndcg), 'user')} were known and wanted something: the metrics are theirs. "
    if new and min(new, silent or new) < context.smallest_group:
        said += f"{new + silent:,} are newcomers or wanted nothing"
    else:
        said += f"{new:,} {form(new, 'newcomer is', 'newcomers are')} judged apart, {silent:,} wanted nothing"
    table = Table("How high what was wanted stands, by how much was known of the user", columns, lines, counts=counts)
    return Section("users", "sure", "For whom the slates are good", f"{said}.", table=table)


def _measured(values: NDArray[np.float64], judged: Judged, context: Context) -> Measured:
    groups = judged.rows[GROUP].to_numpy() if GROUP in judged.rows else None
    redraws = Redraws(len(values), groups=groups, count=REDRAWS, seed=context.seed)
    value = partial_means(np.ones((1, len(values))), values[None, :])[0, 0]
    draws = [partial_means(weights, values[None, :])[:, 0] for weights in redraws.blocks()]
    return Measured(float(value), np.concatenate(draws) if draws else np.empty(0), 0.0, 1.0)


def _by_place(hit: NDArray[np.bool_], users: int) -> Section:
    share = hit.mean(axis=0) if users else np.zeros(hit.shape[1])
    columns = [TableColumn("Place"), TableColumn("wanted", "bar", of="share", digits=1)]
    lines = [[f"{place + 1}", float(value)] for place, value in enumerate(share)]
    table = Table("How often the item at each place was wanted", columns, lines, counts=users)
    sentence = (
        f"The first item was wanted by **{percent(share[0])}** of known users, the last of the {hit.shape[1]} by "
        f"{percent(share[-1])}; at least one of them by {percent(hit.any(axis=1).mean())}."
    )
    return Section("places", "analyst", "Where on the slate what was wanted stands", sentence, table=table)
