"""What ``sartor runs list`` shows: a line for each run, made from the brief in its ``record.json``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sartor.cli.figures import UNKNOWN, metric_decimals, number, size
from sartor.cli.layout import Cell, Column, table, total_width
from sartor.cli.look import BAD, DOUBT, GOOD, QUIET, STRONG, TYPED, Look
from sartor.erasing.marks import trained_on
from sartor.wording import plural

if TYPE_CHECKING:
    from sartor.runs.finding import Recorded

_SHORTEST = 12
_DAYS = 30
"""Up to as many days a run is so and so old; from then on its date is shown."""


def list_lines(shown: Sequence[Recorded], total: int, look: Look, now: datetime, recipe: str = "") -> list[str]:
    """Return the list of runs.

    Parameters
    ----------
    shown : sequence of Recorded
        Newest first.
    total : int
        How many there are.
    look : Look
    now : datetime
    recipe : str
        What the list is of; a recipe's own name then need not stand in every line.
    """
    known = [run for run in shown if run.record]
    columns = _columns(known, look, now, recipe)
    lines = table(columns, look) if known else []
    for run in shown:
        if not run.record:
            see = look.paint(f"sartor verify {run.name}", TYPED)
            lines.append(f"{look.paint('!', DOUBT)} {look.text(run.name)} cannot be read: {see}")
    lines += erased_lines(known, look)
    if total > len(shown):
        every = look.paint(f"sartor runs list {recipe + ' ' if recipe else ''}--limit {total}", TYPED)
        return [*lines, f"{len(shown):,} of {plural(total, 'run')}. All of them: {every}"]
    more = look.paint("sartor runs show RUN", TYPED)
    return [*lines, f"{plural(total, 'run')}. More on one: {more}"]


def erased_lines(runs: Sequence[Recorded], look: Look) -> list[str]:
    """Say of which runs the models learned from persons who have been erased since."""
    lines = []
    for run in runs:
        persons = trained_on(run.folder)
        if persons:
            who = "a person" if persons == 1 else f"{persons:,} persons"
            lines.append(f"{look.paint('!', DOUBT)} {look.text(run.run)} learned from {who} erased since: run it again")
    return lines


def _columns(runs: Sequence[Recorded], look: Look, now: datetime, recipe: str) -> list[Column]:
    briefs = [_brief(run) for run in runs]
    columns = [
        Column("run", [Cell(run.run, STRONG) for run in runs], gap=0),
        Column("recipe", [Cell(run.recipe) for run in runs]),
        Column("age", [Cell(age(run.started, now), QUIET) for run in runs], right=True),
        Column("champion", [Cell(str(brief.get("champion") or "")) for brief in briefs]),
        Column("metric", [Cell(_metric(brief.get("metric"))) for brief in briefs]),
        Column("gates", [_gates(brief.get("gates")) for brief in briefs]),
        Column("size", [Cell(size(run.size), QUIET) for run in runs], right=True),
    ]
    if recipe and all(run.recipe == recipe for run in runs):
        del columns[1]
    columns = [column for column in columns if any(cell.text for cell in column.cells)]
    return _fitted(columns, look) if look.fold else columns


def _fitted(columns: list[Column], look: Look) -> list[Column]:
    """Cut names, of recipes first, until a line fits the terminal."""
    for heading in ("recipe", "champion"):
        over = total_width(columns, look) - look.width
        place = next((place for place, column in enumerate(columns) if column.heading == heading), None)
        if over <= 0 or place is None:
            continue
        room = max(_SHORTEST, columns[place].width(look) - over)
        cells = [Cell(look.cut(cell.text, room), cell.style) for cell in columns[place].cells]
        columns[place] = Column(heading, cells)
    return columns


def _brief(run: Recorded) -> Mapping[str, Any]:
    found = run.record.get("brief")
    return found if isinstance(found, dict) else {}


def _metric(metric: Any) -> str:
    if not isinstance(metric, dict):
        return ""
    value = metric.get("value")
    shown = number(value, metric_decimals([value])) if value is not None else UNKNOWN
    return f"{metric.get('label', metric.get('name', ''))} {shown}"


def _gates(gates: Any) -> Cell:
    if not isinstance(gates, dict):
        return Cell()
    passed, failed = int(gates.get("passed", 0)), int(gates.get("failed", 0))
    if failed:
        return Cell(f"{failed} failed", BAD)
    return Cell("passed", GOOD) if passed else Cell()


def age(started: datetime | None, now: datetime) -> str:
    """Return how long ago a run began; a date where that is long, or lies ahead because a clock was set back.

    Examples
    --------
    >>> from datetime import timezone
    >>> now = datetime(2026, 11, 24, 14, 5, tzinfo=timezone.utc)
    >>> [age(now.replace(**when), now) for when in ({"second": 0}, {"minute": 2}, {"hour": 9}, {"day": 20})]
    ['0 s', '3 min', '5 h', '4 days']
    >>> age(now.replace(month=3), now), age(now.replace(year=2027), now)
    ('2026-03-24', '2027-11-24')
    """
    if started is None:
        return UNKNOWN
    seconds = (now - started).total_seconds()
    if not 0 <= seconds < _DAYS * 86400:
        return started.date().isoformat()
    if seconds < 60:
        return f"{seconds:.0f} s"
    if seconds < 3600:
        return f"{seconds // 60:.0f} min"
    return f"{seconds // 3600:.0f} h" if seconds < 86400 else plural(int(seconds // 86400), "day")


def list_json(runs: Sequence[Recorded]) -> dict[str, Any]:
    """Return the list as one versioned object."""
    return {"schema": 1, "runs": [_run_json(run) for run in runs]}


def _run_json(run: Recorded) -> dict[str, Any]:
    brief = _brief(run)
    return {
        "recipe": run.recipe,
        "run": run.run,
        "started": run.started.isoformat() if run.started else None,
        "champion": brief.get("champion"),
        "headline": brief.get("headline"),
        "metric": brief.get("metric"),
        "gates": brief.get("gates"),
        "rows": brief.get("rows"),
        "bytes": run.size,
        "folder": str(run.folder),
        "readable": bool(run.record),
        "learned_from_erased": trained_on(run.folder),
    }
