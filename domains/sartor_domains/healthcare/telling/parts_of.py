"""Risks by site and by subgroup: how many, O:E, slope, discrimination, net benefit; none of too few patients."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sartor.evidence.bootstrap import Measured, Redraws
from sartor.sections import Caution, Section, Table, TableColumn
from sartor.wording import form, plural
from sartor_domains.healthcare.care.telling import percent
from sartor_domains.healthcare.telling.curve import net_benefits
from sartor_plugins.learn.metrics.calibration_line import calibration_slope
from sartor_plugins.learn.metrics.discrimination import auc

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sartor.context import Context
    from sartor.rows import Judged
    from sartor_domains.healthcare.disease_risk import DiseaseRisk

    Floats = NDArray[np.float64]

REDRAWS = 200
FEWEST_EVENTS = 5
"""With fewer events, or others, a group's slope and discrimination are not told."""
OFF = (0.8, 1.25)
"""Events happened to events said beyond which a group is said to be off, if its interval is too."""


def by_site(
    settings: DiseaseRisk, judged: Judged, event: Floats, said: Floats, context: Context
) -> Iterator[Section | Caution]:
    """Yield the table of sites; nothing without a column of sites."""
    if settings.site is None or settings.site not in judged.rows:
        return
    labels = judged.rows[settings.site].astype("object").where(judged.rows[settings.site].notna(), None)
    yield from _groups("by-site", "Site by site", settings.site, labels, settings.thresholds, event, said, context)


def by_subgroup(
    settings: DiseaseRisk, judged: Judged, event: Floats, said: Floats, context: Context
) -> Iterator[Section | Caution]:
    """Yield a table for each column of subgroups; numbers in four bands."""
    for column in settings.subgroups:
        if column not in judged.rows:
            continue
        labels = labels_of(judged.rows[column])
        yield from _groups(
            f"by-{slug(column)}", f"By {column}", column, labels, settings.thresholds, event, said, context
        )


def slug(name: str) -> str:
    """Return a name as the id of a section may have it.

    Examples
    --------
    >>> slug("Age (years)")
    'age-years'
    """
    made = "".join(sign if sign.isalnum() and sign.isascii() else "-" for sign in name.lower())
    return "-".join(part for part in made.split("-") if part) or "group"


def labels_of(values: pd.Series) -> pd.Series:
    """Return the group of each row as a text, numbers of many values in four bands; missing where there is none."""
    if pd.api.types.is_numeric_dtype(values.dtype) and values.nunique() > 6:
        edges = np.unique(np.nanquantile(values.to_numpy(dtype=np.float64), [0, 0.25, 0.5, 0.75, 1]))
        bands = pd.cut(values, edges, include_lowest=True)
        # pandas has no value for a missing one here.
        names = {band: f"{band.left:.4g} to {band.right:.4g}" for band in bands.cat.categories}
        return bands.astype("object").map(names.get)
    return (
        values.astype("object")
        .where(values.notna(), None)
        .map(lambda value: None if value is None else f"{value:g}" if isinstance(value, float) else str(value))
    )


def _groups(
    name: str, title: str, column: str, labels: pd.Series, thresholds: list[float], event: Floats, said: Floats,
    context: Context,
) -> Iterator[Section | Caution]:  # fmt: skip
    lines: list[list[Any]] = []
    counts: list[int] = []
    off: list[str] = []
    threshold = thresholds[0] if thresholds else None
    for label in sorted({str(one) for one in labels.dropna()}):
        inside = (labels.astype(str) == label).to_numpy() & labels.notna().to_numpy()
        line, ratio = _line(label, event[inside], said[inside], threshold, context)
        lines.append(line)
        counts.append(int(inside.sum()))
        if ratio is not None and (ratio[1] > OFF[1] or ratio[2] < OFF[0]) and counts[-1] >= context.smallest_group:
            off.append(f"{label} ({ratio[0]:.2f})")
    if not lines:
        return
    hidden = sum(0 < count < context.smallest_group for count in counts)
    small = f" {plural(hidden, 'group')} {form(hidden, 'is', 'are')} too small to be told of." if hidden else ""
    found = (
        f"Risks are off where events happened far more, or less, often than said: **{', '.join(off)}**."
        if off
        else "In no group did events happen clearly more, or less, often than was said."
    )
    yield Section(
        name,
        "sure",
        title,
        f"{found}{small}",
        table=Table(f"The answers by {column}", _columns(threshold), lines, counts),
    )
    if off:
        yield Caution(
            f"off-{name}",
            f"**Risks do not hold for {', '.join(off)}** by {column}: events that happened, to events that were said. "
            "Recalibrate there (healthcare.recalibrated), or do not use them there.",
            0.7,
        )


def _columns(threshold: float | None) -> list[TableColumn]:
    return [
        TableColumn("Group"),
        TableColumn("Patients", "count"),
        TableColumn("Events", "count"),
        TableColumn("Brier", "number"),
        TableColumn("AUC", "number"),
        TableColumn("Slope", "number", digits=2),
        *([TableColumn(f"Net benefit at {percent(threshold)}", "number", name="net_benefit")] if threshold else []),
        TableColumn("O:E", "interval", digits=2, reference=1.0, at_least=0.0, at_most=3.0),
    ]


def _line(
    label: str, event: Floats, said: Floats, threshold: float | None, context: Context
) -> tuple[list[Any], tuple[float, float, float] | None]:
    rows, events = len(event), int(event.sum())
    told = rows >= context.smallest_group
    enough = min(events, rows - events) >= FEWEST_EVENTS
    # How many of a small group, or all but a few, had the event is not told.
    count = events if told and (events == 0 or events >= FEWEST_EVENTS) else None
    slope = float(calibration_slope(event, said)) if enough else np.nan
    ratio = _ratio(event, said, context) if told and events >= FEWEST_EVENTS else None
    benefit = [float(net_benefits(event, said, [threshold]).mean())] if threshold else []
    line = [
        label,
        rows,
        count,
        float(np.mean((said - event) ** 2)),
        float(auc(event, said)) if enough else None,
        slope if np.isfinite(slope) else None,
        *benefit,
        ratio,
    ]
    return line, ratio


def _ratio(event: Floats, said: Floats, context: Context) -> tuple[float, float, float] | None:
    expected = float(said.sum())
    if expected <= 0:
        return None
    redraws = Redraws(len(event), count=REDRAWS, seed=context.seed)
    drawn = np.concatenate([(weights @ event) / np.maximum(weights @ said, 1e-9) for weights in redraws.blocks()])
    value = float(event.sum()) / expected
    interval = Measured(value, drawn, least=0.0).interval(context.confidence)
    return (value, interval.low, interval.high) if interval else None
