"""What stands beside this run's answer: values with their intervals, and verdicts in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sartor_plugins.report.words import Kind

WORDS: dict[Kind, str] = {
    "better": "shown better", "likely better": "likely better, not shown", "none": "no difference shown",
    "likely worse": "likely worse, not shown", "worse": "shown worse", "unknown": "not compared",
}  # fmt: skip


def triple(measured: Mapping[str, Any] | None) -> list[Any] | None:
    """Return value and ends as a drawn cell; None where there is no value."""
    if not measured or measured.get("value") is None:
        return None
    return [measured["value"], measured.get("low"), measured.get("high")]


def ends(measured: Mapping[str, Any] | None) -> list[Any] | None:
    """Return the ends of an interval as a cell; None where there is none, or no redraw can move the value."""
    if not measured or measured.get("low") is None or measured["low"] == measured["high"]:
        return None
    return [measured["low"], measured["high"]]
