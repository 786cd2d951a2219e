"""What ``sartor runs repro`` and ``sartor runs gc`` show."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sartor.cli.figures import size
from sartor.cli.layout import Cell, Column, table
from sartor.cli.look import BAD, DOUBT, GOOD, QUIET, STRONG, TYPED, Look
from sartor.cli.run_list import age
from sartor.wording import listed, plural

if TYPE_CHECKING:
    from sartor.runs.removing import Removal
    from sartor.runs.repeating import Repeated


def repeat_lines(repeated: Repeated, causes: Sequence[str], look: Look) -> list[str]:
    """Return whether a run has repeated, what has not, and what may be why."""
    before, after = repeated.before, repeated.after
    seed = f"seed {before.record.get('seed')}"
    lines = [look.text(f"{after.recipe}   {before.run} → {after.run}   as resolved then, {seed}")]
    same = [name for name, what in repeated.files.items() if not what]
    other = {name: what for name, what in repeated.files.items() if what}
    if same:
        lines.append(f"  {look.paint('same', GOOD)}     {listed(same)}: byte for byte")
    names = Column("", [Cell(name) for name in other], gap=0)
    details = Column("", [Cell(what) for what in other.values()], gap=3)
    lines += [f"  {look.paint('changed', BAD)}  {line}" for line in table([names, details], look, headings=False)]
    if not other:
        return lines
    lines += [f"  {look.paint('since', DOUBT)}    {look.text(cause)}" for cause in causes]
    if not causes:
        lines.append(look.text("  data, versions and code are the same: something in the recipe does not repeat"))
    see = look.paint(f"sartor runs diff {before.name} {after.name}", TYPED)
    return [*lines, f"{plural(len(other), 'file differs', 'files differ')} of {len(repeated.files)}. More: {see}"]


def repeat_json(repeated: Repeated, causes: Sequence[str]) -> dict[str, Any]:
    """Return the same as one versioned object."""
    return {
        "schema": 1,
        "recipe": repeated.after.recipe,
        "before": repeated.before.run,
        "after": repeated.after.run,
        "same": repeated.is_same,
        "files": {name: what or "same" for name, what in repeated.files.items()},
        "causes": list(causes),
    }


def removal_lines(removal: Removal, look: Look, now: datetime, *, done: bool) -> list[str]:
    """Return what was removed, or would be."""
    runs = removal.runs
    columns = [
        Column("", [Cell(run.name, STRONG) for run in runs], gap=0),
        Column("", [Cell(age(run.started, now), QUIET) for run in runs], right=True),
    ]
    lines = table(columns, look, headings=False) if runs else []
    counts = [
        plural(len(runs), "run"),
        plural(len(removal.leftovers), "leftover of a killed run", "leftovers of killed runs"),
        plural(removal.cached, "entry of the stage cache", "entries of the stage cache"),
    ]
    some = [count for count in counts if not count.startswith("0 ")]
    if some:
        word = "removed" if done else "would be removed"
        lines.append(f"{listed(some)} {word}, {size(removal.size)}")
    else:
        lines.append("nothing to remove")
    for run in removal.unreadable:
        see = look.paint(f"sartor verify {run.name}", TYPED)
        lines.append(f"{look.paint('!', DOUBT)} {look.text(run.name)} stays, as its record cannot be read: {see}")
    return lines


def removal_json(removal: Removal, *, done: bool) -> dict[str, Any]:
    """Return the same as one versioned object."""
    return {
        "schema": 1,
        "removed": done,
        "runs": [run.name for run in removal.runs],
        "leftovers": [str(part) for part in removal.leftovers],
        "cache_entries": removal.cached,
        "bytes": removal.size,
        "unreadable": [run.name for run in removal.unreadable],
    }
