"""Whether scores and characteristics of the rows that judge lie where those of training did: stability indices."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from sartor.sections import Caution, Section, Table, TableColumn, pooled
from sartor.wording import plural
from sartor_domains.finance.card.telling.names import shortened

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sartor.context import Context
    from sartor.rows import Judged
    from sartor_domains.finance.card.card import Card

    Floats = NDArray[np.float64]

BANDS = 10
WATCH, ACT = 0.10, 0.25
"""The usual bounds of a stability index."""
MOST_LINES = 12
LEAST_MOVED = 0.05
"""The scale of what has moved is no finer, or chance would look large."""
SMALLEST_SHARE = 1e-4
"""An empty band counts as so small a share, as its logarithm would be without bounds."""


def stability_index(before: Floats, after: Floats) -> float:
    """Return the population stability index of counts in the same bands.

    Parameters
    ----------
    before, after : ndarray of shape (n_bands,)

    Examples
    --------
    Half and half become 40 and 60 of 100: 0.1 times the log of 0.5 over 0.4, and 0.1 times that of 0.6 over 0.5.

    >>> round(stability_index(np.array([50.0, 50.0]), np.array([40.0, 60.0])), 4)
    0.0405
    """
    shares = [np.maximum(counts / max(counts.sum(), 1.0), SMALLEST_SHARE) for counts in (before, after)]
    return float(((shares[1] - shares[0]) * np.log(shares[1] / shares[0])).sum())


def zone_of(index: float) -> str:
    """Return what a stability index means.

    Examples
    --------
    >>> zone_of(0.03), zone_of(0.1), zone_of(0.4)
    ('stable', 'watch it', 'act')
    """
    return "stable" if index < WATCH else "watch it" if index <= ACT else "act"


def by_chance(bands: int, before: int, after: int) -> float:
    """Return the index that is to be expected where nothing has moved, from the numbers of rows alone."""
    return (bands - 1) * (1 / before + 1 / after)


def stability(card: Card, judged: Judged, context: Context) -> Iterator[Section | Caution]:
    """Yield how far scores and characteristics have moved, and a caution where it is far."""
    training = judged.learned_from
    columns = list(card.columns)
    if training is None or judged.X is None or not {*columns} <= {*training.X.columns} & {*judged.X.columns}:
        return
    before, after = (values[np.isfinite(values)] for values in (card.score(training.X), card.score(judged.X)))
    edges = (
        np.unique(np.quantile(before, np.linspace(0, 1, BANDS + 1)[1:-1], method="higher"))
        if len(before)
        else np.zeros(0)
    )
    counts = [
        np.bincount(np.searchsorted(edges, values, side="right"), minlength=len(edges) + 1)
        for values in (before, after)
    ]
    ranges = pooled(np.minimum(*counts).tolist(), context.smallest_group)
    if len(ranges) < 2:
        return
    rows = [np.array([part[low:high].sum() for low, high in ranges], dtype=np.float64) for part in counts]
    index = stability_index(*rows)
    moved = sorted(((name, _moved(card, name, training.X, judged.X)) for name in columns), key=lambda pair: -pair[1])
    chance = by_chance(len(ranges), len(before), len(after))
    yield _section(edges, ranges, rows, index, chance)
    yield _characteristics(moved, len(training), len(judged.X))
    if index >= WATCH and index > 2 * chance:
        yield Caution(
            "scores-moved",
            f"Scores of the rows that judge lie elsewhere than those of training (stability index {index:.2f}, "
            f"{zone_of(index)}): find out what has changed before the card decides.",
            weight=0.8 if index > ACT else 0.5,
        )


def _moved(card: Card, name: str, before: Any, after: Any) -> float:
    entry = card.columns[name]
    counts = [
        np.bincount(entry.places(X[name]), minlength=len(entry.bins) + 1).astype(np.float64) for X in (before, after)
    ]
    return stability_index(*counts)


def _section(edges: Floats, ranges: list[tuple[int, int]], rows: list[Floats], index: float, chance: float) -> Section:
    before, after = rows
    lines = [
        [_band(edges, low, high), int(before[at]), before[at] / before.sum(), int(after[at]), after[at] / after.sum(),
         float(after[at] / after.sum() - before[at] / before.sum())]
        for at, (low, high) in enumerate(ranges)
    ]  # fmt: skip
    widest = max(LEAST_MOVED, *(abs(line[-1]) for line in lines))
    columns = [
        TableColumn("Score"),
        TableColumn("Training rows", "count", name="training_rows"),
        TableColumn("Share", "share", digits=1, name="training_share"),
        TableColumn("Judging rows", "count", name="judging_rows"),
        TableColumn("Share", "share", digits=1, name="judging_share"),
        TableColumn("Moved", "bar", of="share", digits=1, at_least=-widest, at_most=widest),
    ]
    meaning = {
        "stable": "the scores lie where they did in training",
        "watch it": "the scores have begun to move: watch them",
        "act": "the scores have moved far: find out why before the card decides",
    }[zone_of(index)]
    return Section(
        id="score-stability",
        place="analyst",
        title="Do scores lie where they did?",
        sentence=(
            f"The stability index of the score is **{index:.3f}**: {meaning}. Where nothing has moved, so many rows "
            f"show about {chance:.3f} by chance."
        ),
        table=Table(
            "Scores in bands of training, then and now",
            columns,
            lines,
            [int(min(pair)) for pair in zip(before, after, strict=True)],
        ),
        note=f"Below {WATCH:g} is stable, up to {ACT:g} is to be watched, above it is to be acted on.",
    )


def _band(edges: Floats, low: int, high: int) -> str:
    first = f"{edges[low - 1]:,g}" if low else ""
    last = f"{edges[high - 1]:,g}" if high <= len(edges) else ""
    if not first:
        return f"below {last}"
    return f"{first} to below {last}" if last else f"{first} and above"


def _characteristics(moved: list[tuple[str, float]], before: int, after: int) -> Section:
    zones = [zone_of(index) for _, index in moved]
    each = [
        f"{plural(zones.count(zone), 'characteristic is', 'characteristics are')} {words}"
        for zone, words in (("act", "to be acted on"), ("watch it", "to be watched"), ("stable", "stable"))
        if zone in zones
    ]
    told = ", ".join(each) if len(each) > 1 or len(moved) == 1 else f"All {each[0]}"
    first, most = moved[0]
    return Section(
        id="characteristic-stability",
        place="analyst",
        title="Which characteristics have moved?",
        sentence=f"{told}. `{shortened(first)}` moved most, with an index of **{most:.3f}**.",
        table=Table(
            "Stability index of each characteristic, from its bins in training to those of the rows that judge",
            [
                TableColumn("Characteristic"),
                TableColumn("Index", "number", digits=3),
                TableColumn("Means", name="zone"),
                TableColumn("", "bar", name="drawn", digits=2, at_least=0.0, at_most=ACT),
            ],
            [[shortened(name), index, zone_of(index), index] for name, index in moved[:MOST_LINES]],
            counts=min(before, after),
        ),
    )
