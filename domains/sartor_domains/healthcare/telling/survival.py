"""The sections of survival, put together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sartor.evidence.bootstrap import Measured, Redraws
from sartor.sections import Caution, Section, Table, TableColumn
from sartor.wording import form, plural
from sartor_domains.healthcare.telling.curve import decision_curve
from sartor_domains.healthcare.telling.flow import flow, meaning
from sartor_domains.healthcare.telling.parts_of import FEWEST_EVENTS, REDRAWS, labels_of, slug
from sartor_domains.healthcare.telling.table_one import table_one
from sartor_plugins.survival.answer import EVENT
from sartor_plugins.survival.curves import chance_within
from sartor_plugins.survival.scores import Watched
from sartor_plugins.survival.telling import survival_sections, timed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sartor.context import Context
    from sartor.rows import Judged
    from sartor_domains.healthcare.survival import Survival


def sections(settings: Survival, judged: Judged, context: Context) -> Iterator[Section | Caution]:
    """Yield the sections."""
    event = judged.truth[EVENT].to_numpy(dtype=np.float64) == 1
    yield from flow(judged)
    yield from meaning(judged)
    yield from table_one(judged, event, settings.event, context.smallest_group)
    yield from survival_sections(judged, settings.horizons, context, settings.unit)
    groups = [(settings.site, "Site by site")] if settings.site is not None else []
    groups += [(column, f"By {column}") for column in settings.subgroups]
    watched = Watched.of(judged)
    horizon = first_horizon(settings, watched)
    if horizon is not None:
        # Who had the event by then stands for those, too, who were lost before it; all others for none.
        gone, stands = watched.known(np.array([horizon]))
        said = chance_within(watched.predictions, horizon)
        yield from decision_curve((gone * stands)[:, 0], said, settings.thresholds, context)
    for column, title in groups:
        if column in judged.rows:
            yield from _by(settings, column, title, labels_of(judged.rows[column]), watched, context)


def first_horizon(settings: Survival, watched: Watched) -> float | None:
    """Return the first horizon that both follow-ups reach; None where there is none."""
    return next((one for one in settings.horizons if one <= watched.end), None)


def _by(
    settings: Survival, column: str, title: str, labels: pd.Series, watched: Watched, context: Context
) -> Iterator[Section]:
    """Yield how well each group is told apart, and events that came to events that were said."""
    horizon = first_horizon(settings, watched)
    lines: list[list[Any]] = []
    counts: list[int] = []
    for label in sorted({str(one) for one in labels.dropna()}):
        inside = (labels.astype(str) == label).to_numpy() & labels.notna().to_numpy()
        rows, events = int(inside.sum()), int(watched.event[inside].sum())
        told = rows >= context.smallest_group
        enough = told and min(events, rows - events) >= FEWEST_EVENTS
        weights = inside[None, :].astype(np.float64)
        ratio = _ratio(watched, inside, horizon, context) if enough and horizon is not None else None
        known = events if told and (events == 0 or events >= FEWEST_EVENTS) else None
        lines.append([label, rows, known, float(watched.concordance(weights)[0]) if enough else None, ratio])
        counts.append(rows)
    hidden = sum(0 < count < context.smallest_group for count in counts)
    small = f" {plural(hidden, 'group')} {form(hidden, 'is', 'are')} too small to be told of." if hidden else ""
    told_at = f" O:E counts events by {timed(horizon, settings.unit)}." if horizon is not None else ""
    yield Section(
        f"by-{slug(column)}",
        "sure",
        title,
        f"How well risks rank within each group, and whether as many events came as were said.{told_at}{small}",
        table=Table(
            f"The answers by {column}",
            [
                TableColumn("Group"),
                TableColumn("Patients", "count"),
                TableColumn("Events", "count"),
                TableColumn("Concordance", "number"),
                TableColumn("O:E", "interval", digits=2, reference=1.0, at_least=0.0, at_most=3.0),
            ],
            lines,
            counts=counts,
        ),
    )


def _ratio(
    watched: Watched, inside: NDArray[np.bool_], horizon: float, context: Context
) -> tuple[float, float, float] | None:
    gone, stands = watched.known(np.array([horizon]))
    observed = (gone * stands)[inside, 0]
    said = chance_within(watched.predictions, horizon)[inside]
    redraws = Redraws(len(said), count=REDRAWS, seed=context.seed)
    drawn = np.concatenate([(weights @ observed) / np.maximum(weights @ said, 1e-9) for weights in redraws.blocks()])
    value = float(observed.sum() / max(said.sum(), 1e-9))
    interval = Measured(value, drawn, least=0.0).interval(context.confidence)
    return (value, interval.low, interval.high) if interval else None
