"""Sections about forecasts: how quantiles hold, and errors by how demand comes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sartor.context import Context
from sartor.rows import AS_OF, Judged
from sartor.sections import OTHERS, OURS, Caution, Figure, Section, Table, TableColumn
from sartor_plugins.forecast.metrics.scaled import errors_of, quantile_of, truth_of
from sartor_plugins.forecast.names import SERIES, STEP
from sartor_plugins.forecast.telling.words import percent

Floats = NDArray[np.float64]
BIASED = 0.1
"""A forecast this far from the sum of demand is cautioned about."""
SELDOM = (0.2, 0.6)
"""Shares of stretches without a sale that part fast, slow and seldom sold series."""


def sections(judged: Judged, context: Context, quantiles: Sequence[float]) -> Iterator[Section | Caution]:
    """Yield the sections of forecasts."""
    truth = truth_of(judged)
    if len(truth) < 2 * context.smallest_group or not truth.sum() > 0:
        return
    yield _coverage(judged, truth, quantiles)
    yield _by_kind(judged, truth)
    if judged.rows[STEP].nunique() > 1:
        yield _by_step(judged, truth)
    bias = float(errors_of(judged).sum() / truth.sum())
    if abs(bias) > BIASED:
        word = "above" if bias > 0 else "below"
        yield Caution(
            "biased",
            f"Forecasts lie {percent(abs(bias))} {word} demand in all: what is ordered by them will be too "
            f"{'much' if bias > 0 else 'little'}. Look whether the weeks that judge were unlike those before.",
            weight=0.7,
        )


def _coverage(judged: Judged, truth: Floats, quantiles: Sequence[float]) -> Section:
    lines: list[list[Any]] = []
    for quantile in quantiles:
        said = quantile_of(judged.predictions, quantile)
        lines.append([quantile, float(np.mean(truth <= said + 1e-9)), len(truth)])
    worst = max(lines, key=lambda line: abs(line[1] - line[0]))
    columns = [
        TableColumn("Quantile", "share", digits=1, name="quantile"),
        TableColumn("Demand at or below it", "share", digits=1, name="came"),
        TableColumn("Rows", "count", name="rows"),
    ]
    x = {"field": "quantile", "type": "quantitative", "title": "said", "scale": {"domain": [0, 1]}}
    y = {"field": "came", "type": "quantitative", "title": "came", "scale": {"domain": [0, 1]}}
    spec = {
        "height": 300,
        "layer": [
            {"mark": {"type": "line", "color": OTHERS, "strokeDash": [4, 4]},
             "encoding": {"x": x, "y": {**y, "field": "quantile"}}},
            {"mark": {"type": "line", "color": OURS, "point": {"color": OURS}}, "encoding": {"x": x, "y": y}},
        ],
    }  # fmt: skip
    sentence = (
        f"Furthest off is the quantile {percent(worst[0], 1)}: **{percent(worst[1], 1)}** of demand lay at or below "
        "it. Where much is sold seldom, low quantiles are 0 and hold more than they say."
    )
    figure = Figure(
        "Quantiles said, and demand that came",
        "On the dashed line as much lies below a quantile as it says.",
        spec,
        Table("Share of demand at or below each quantile", columns, lines, len(truth)),
        f"{len(lines)} quantiles.",
        size="half",
    )
    return Section("quantiles-hold", "sure", "Do the quantiles hold?", sentence, figure=figure)


def kinds_of(judged: Judged, truth: Floats) -> list[tuple[str, NDArray[np.bool_]]]:
    """Part rows by how often their series sells in the stretches that are judged."""
    _, places = np.unique(judged.rows[SERIES].astype(str).to_numpy(), return_inverse=True)
    nothing = np.bincount(places, truth <= 0) / np.bincount(places)
    share = nothing[places]
    return [
        ("sells nearly always", share < SELDOM[0]),
        ("sells often", (share >= SELDOM[0]) & (share < SELDOM[1])),
        ("sells seldom", share >= SELDOM[1]),
    ]


def _by_kind(judged: Judged, truth: Floats) -> Section:
    errors = errors_of(judged)
    lines: list[list[Any]] = []
    counts: list[int] = []
    for name, mask in kinds_of(judged, truth):
        total = float(truth[mask].sum())
        if not mask.any():
            continue
        wape = float(np.abs(errors[mask]).sum()) / total if total else None
        bias = float(errors[mask].sum()) / total if total else None
        lines.append([name, int(mask.sum()), total / max(float(truth.sum()), 1e-300), wape, bias])
        counts.append(int(mask.sum()))
    columns = [
        TableColumn("Series that"),
        TableColumn("Rows", "count"),
        TableColumn("Share of demand", "share"),
        TableColumn("WAPE", "number"),
        TableColumn("Bias", "number", signed=True),
    ]
    largest = max(lines, key=lambda line: line[2])
    missed = "" if largest[3] is None else f"; misses sum up to **{percent(largest[3])}** of it"
    sentence = f"Most of the demand, {percent(largest[2])}, is of series of which one {largest[0]}{missed}."
    table = Table("Errors by how often a series sells", columns, lines, counts)
    return Section("errors-by-kind", "analyst", "Where forecasts are good", sentence, table=table)


def _by_step(judged: Judged, truth: Floats) -> Section:
    errors, step = errors_of(judged), judged.rows[STEP].to_numpy()
    lines: list[list[Any]] = []
    counts: list[int] = []
    for place in np.unique(step):
        mask = step == place
        total = float(truth[mask].sum())
        lines.append([int(place), float(errors[mask].sum() / total) if total else None, int(mask.sum())])
        lines[-1].insert(1, float(np.abs(errors[mask]).sum() / total) if total else None)
        counts.append(int(mask.sum()))
    columns = [
        TableColumn("Periods ahead", "count", name="ahead"),
        TableColumn("WAPE", "number", name="wape"),
        TableColumn("Bias", "number", signed=True, name="bias"),
        TableColumn("Rows", "count", name="rows"),
    ]
    spec = {
        "height": 240,
        "mark": {"type": "line", "color": OURS, "point": {"color": OURS}},
        "encoding": {
            "x": {"field": "ahead", "type": "quantitative", "title": "periods ahead"},
            "y": {"field": "wape", "type": "quantitative", "title": "WAPE"},
        },
    }
    told = [line for line in lines if line[1] is not None]
    near, far = percent(told[0][1]), percent(told[-1][1])
    sentence = f"One period ahead the misses are **{near}** of demand, {told[-1][0]} ahead {far}."
    figure = Figure(
        "Misses by how far ahead",
        "Further right is further ahead.",
        spec,
        Table("Errors by periods ahead", columns, lines, counts),
        f"From {percent(told[0][1])} to {percent(told[-1][1])}.",
        size="half",
    )
    moments = judged.rows[AS_OF].nunique()
    note = f"Asked at {moments} moment{'s' if moments > 1 else ''}."
    return Section("errors-by-step", "analyst", "How far ahead it can be trusted", sentence, figure=figure, note=note)
