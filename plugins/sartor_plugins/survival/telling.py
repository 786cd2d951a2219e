"""What the report shows of times to an event: who was watched how long, and curves that were said beside real ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sartor.sections import INK, OTHERS, OURS, Caution, Figure, Section, Table, TableColumn
from sartor.wording import form, plural
from sartor_plugins.learn.telling.bands import equal_bands
from sartor_plugins.survival.curves import chance_within
from sartor_plugins.survival.estimating import greenwood, kaplan_meier
from sartor_plugins.survival.scores import Watched

if TYPE_CHECKING:
    from sartor.context import Context
    from sartor.rows import Judged

POINTS = 40
GROUPS = ("lowest risk", "middle risk", "highest risk")
BANDS = 5
FloatArray = NDArray[np.float64]


def timed(time: float, unit: str, digits: int = 10) -> str:
    """Return a time as sentences have it.

    Examples
    --------
    >>> timed(1095, "days"), timed(1095, "")
    ('1,095 days', '1,095')
    """
    return f"{time:,.{digits}g} {unit}".strip()


def survival_sections(
    judged: Judged, horizons: Sequence[float], context: Context, unit: str = ""
) -> Iterator[Section | Caution]:
    """Yield the sections; tasks of an industry yield them beside their own.

    Parameters
    ----------
    judged : Judged
    horizons : sequence of float
    context : Context
    unit : str
        What the time counts.
    """
    watched = Watched.of(judged)
    smallest = max(context.smallest_group, 2)
    if len(watched.time) < 2 * smallest or not watched.event.any():
        return
    yield follow_up(watched, judged, smallest, unit)
    yield from by_risk(watched, smallest, unit)
    for horizon in horizons:
        if horizon > watched.end:
            yield Caution(
                f"beyond-{horizon:.10g}".replace(".", "-"),
                f"**Nothing is judged at {timed(horizon, unit)}**: the follow-up of those who teach and those who "
                f"judge ends at {timed(watched.end, unit)}. Take an earlier horizon, or watch longer.",
                0.7,
            )
        else:
            yield from at_horizon(watched, horizon, smallest, unit)


def follow_up(watched: Watched, judged: Judged, smallest: int, unit: str) -> Section:
    """Return how long rows were watched, and how many at each time still are."""
    end = float(np.quantile(watched.time, 0.98))
    at = np.linspace(0, end, 6)
    value, low, high = greenwood(watched.time, watched.event, at)
    lines, counts = [], []
    for place, time in enumerate(at):
        still = int((watched.time >= time).sum())
        told = still >= smallest
        lines.append(
            [f"{time:,.4g}", still, (float(value[place]), float(low[place]), float(high[place])) if told else None]
        )
        counts.append(still)
    longer = (
        f" {plural(watched.cut, 'row')} {form(watched.cut, 'was', 'were')} watched for longer than anybody who "
        f"teaches, and {form(watched.cut, 'counts', 'count')} as without the event until then."
        if watched.cut
        else ""
    )
    events = int(watched.event.sum())
    reverse = kaplan_meier(watched.time, ~watched.event)
    middle = reverse.times[reverse.values <= 0.5]
    median = f" The median follow-up is {timed(middle[0], unit, 4)}." if len(middle) else ""
    return Section(
        "follow-up",
        "data",
        "Who was watched how long",
        f"Of {plural(len(watched.time), 'row')} that judge **{events:,} had the event** before watching ended.{median}"
        f"{longer}",
        table=Table(
            "Still watched, and the share without the event (Kaplan-Meier), at some times",
            [
                TableColumn(_time(unit)),
                TableColumn("Still watched", "count"),
                TableColumn("Without the event", "interval", of="share", digits=0, at_least=0.0, at_most=1.0),
            ],
            lines,
            counts=counts,
        ),
    )


def by_risk(watched: Watched, smallest: int, unit: str) -> Iterator[Section]:
    """Yield real curves of thirds by the risk that was said; nothing where all have one risk."""
    bands = equal_bands(watched.risk, len(GROUPS), 2 * smallest)
    if len(bands) < len(GROUPS):
        return
    end = float(np.quantile(watched.time, 0.95))
    lines, counts, last = _thirds(watched, bands, end)
    columns = [
        TableColumn("Third", name="risk"),
        TableColumn(_time(unit), "number", digits=1, name="time"),
        TableColumn("Without the event", "share", name="without"),
        TableColumn("Still watched", "count", name="still"),
    ]
    yield Section(
        "by-risk",
        "sure",
        "What happened to those told a high or a low risk",
        f"At {timed(end, unit, 4)}, **{100 * last[0]:.0f} of 100 with the lowest risks** were without the event, and "
        f"{100 * last[2]:.0f} of 100 with the highest.",
        figure=Figure(
            "Without the event, by the risk that was said",
            "Thirds by risk, the highest in colour; further apart is better. A line ends where too few are watched.",
            _spec(unit),
            Table("Share without the event by third of risk and time", columns, lines, counts),
            f"The curves end at {100 * last[0]:.0f}, {100 * last[1]:.0f} and {100 * last[2]:.0f} of 100.",
        ),
    )


def _thirds(
    watched: Watched, bands: Sequence[NDArray[np.intp]], end: float
) -> tuple[list[list[Any]], list[int], list[float]]:
    """Return the lines of the table, how many each stands on, and where each third is at the end."""
    at = np.linspace(0, end, POINTS)
    lines: list[list[Any]] = []
    counts: list[int] = []
    last: list[float] = []
    for name, places in zip(GROUPS, bands, strict=True):
        time = watched.time[places]
        curve = kaplan_meier(time, watched.event[places])
        still = [int((time >= moment).sum()) for moment in at]
        lines += [
            [name, moment, share, left]
            for moment, share, left in zip(at.tolist(), curve.at(at).tolist(), still, strict=True)
        ]
        counts += still
        last.append(float(curve.at(np.array([end]))[0]))
    return lines, counts, last


def _time(unit: str) -> str:
    return f"Time in {unit}" if unit else "Time"


def _spec(unit: str) -> dict[str, Any]:
    x = {"field": "time", "type": "quantitative", "title": _time(unit).lower()}
    y = {
        "field": "without",
        "type": "quantitative",
        "title": "share without the event",
        "axis": {"format": ".0%"},
        "scale": {"domain": [0, 1]},
    }
    return {
        "height": 260,
        "layer": [
            {
                "transform": [{"filter": {"field": "risk", "equal": name}}],
                "mark": {"type": "line", "color": tone, "interpolate": "step-after", "strokeWidth": 2},
                "encoding": {"x": x, "y": y},
            }
            for name, tone in zip(GROUPS, (OTHERS, INK, OURS), strict=True)
        ],
    }


def at_horizon(watched: Watched, horizon: float, smallest: int, unit: str) -> Iterator[Section]:
    """Yield the chance that was said by a horizon against what happened by then, in bands."""
    said = chance_within(watched.predictions, horizon)
    bands = equal_bands(said, BANDS, 2 * smallest)
    lines: list[list[Any]] = []
    counts: list[int] = []
    within = 0
    for places in bands:
        value, low, high = greenwood(watched.time[places], watched.event[places], np.array([horizon]))
        happened = (float(1 - value[0]), float(1 - high[0]), float(1 - low[0]))
        mean = float(said[places].mean())
        within += happened[1] <= mean <= happened[2]
        lines.append(
            [f"{100 * said[places].min():.0f} to {100 * said[places].max():.0f} of 100", len(places), mean, happened]
        )
        counts.append(len(places))
    overall = 1 - float(kaplan_meier(watched.time, watched.event).at(np.array([horizon]))[0])
    yield Section(
        f"at-{horizon:.10g}".replace(".", "-"),
        "sure",
        f"Chances by {timed(horizon, unit)}",
        f"By then {100 * float(said.mean()):.0f} of 100 were said to have the event, and **{100 * overall:.0f} of 100 "
        f"had it**. In {within} of {plural(len(lines), 'band')} what was said is within the interval of what came.",
        table=Table(
            "The chance that was said, and the share that had the event by then (Kaplan-Meier)",
            [
                TableColumn("Said"),
                TableColumn("Rows", "count"),
                TableColumn("On average", "share"),
                TableColumn("Happened", "interval", of="share", digits=0, at_least=0.0, at_most=1.0),
            ],
            lines,
            counts=counts,
        ),
    )
