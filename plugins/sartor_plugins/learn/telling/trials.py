"""A section about a search: every setting or model that was tried, and how it did on rows held out of training."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sartor.sections import Section, Table, TableColumn
from sartor.wording import plural
from sartor_plugins.learn.judging import metric_called

MOST = 40
"""Trials shown."""


def sections(record: Mapping[str, Any], answers: str) -> Iterator[Section]:
    """Yield the table of trials, those on most rows first, of these the best first.

    Parameters
    ----------
    record : mapping
        As `sartor_plugins.learn.fitting.picking.Picked` keeps it.
    answers : str
    """
    metric = metric_called(record["by"], answers)
    trials = _trials(record)
    ordered = sorted(trials, key=lambda trial: (-trial[1], _rank(metric, trial[2])))
    shown = [list(trial) for trial in ordered[:MOST]]
    rows = record["rows"]
    more = f" {len(trials) - MOST:,} more trials are in the model's record." if len(trials) > MOST else ""
    how = "models" if "chosen" in record else "trials"
    said = (
        f"**{plural(len(trials), how[:-1], how)} learned from inner rows, and the best learned anew from all training "
        f"rows**: {_best(record)}, by {metric.label}."
    )
    if record.get("out_of_time"):
        said += " The time for the search ended it early; another run may end with another."
    columns = [TableColumn("Tried"), TableColumn("Learned from", "count"), TableColumn(metric.label, "number")]
    yield Section(
        "trials",
        "making",
        "What was tried",
        said,
        table=Table("Every trial, on the same rows held out of training", columns, shown, None),
        note=f"At most {rows['learn']:,} inner rows taught and {rows['validate']:,} judged; the rows that judge the "
        f"run had no part in it.{more}",
    )


def _trials(record: Mapping[str, Any]) -> list[tuple[str, int, float | None]]:
    if "chosen" in record:
        return [(name, int(record["rows"]["learn"]), score) for name, score in record["scores"].items()]
    return [
        (
            _told(trial["settings"]) + (": could not learn" if "failed" in trial else ""),
            int(trial["rows"]),
            trial["score"],
        )
        for trial in record["trials"]
    ]


def _best(record: Mapping[str, Any]) -> str:
    return str(record["chosen"]) if "chosen" in record else _told(record["settings"])


def _told(settings: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in settings.items()) or "as written"


def _rank(metric: Any, score: float | None) -> float:
    from sartor_plugins.learn.fitting.picking import shortfall

    return float("inf") if score is None else shortfall(metric, score)
