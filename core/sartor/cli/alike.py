"""How decisions treat groups of people, in the answer of a run: a line for each column that was kept for audit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sartor.cli.figures import UNKNOWN, metric_decimals, number
from sartor.cli.look import Look, wrap
from sartor.cli.standing import Summary

LABEL = "alike"
_LABELS = 8


def alike_lines(summary: Summary, look: Look) -> list[str]:
    """Return what was compared between groups: the worst pair of each column, or why there is none.

    Parameters
    ----------
    summary : mapping
        The summary of a run.
    look : Look

    Examples
    --------
    >>> worst = {"value": 0.71, "low": 0.52, "high": 0.93, "lower": "f", "higher": "m"}
    >>> audit = {"measures": [{"name": "ratio", "label": "acceptance ratio", "shown": True}],
    ...          "by": {"sex": {"worst": {"ratio": worst}, "why_not": ""}}}
    >>> alike_lines({"audit": {"decision": audit}}, Look())
    ['alike   acceptance ratio by sex 0.710, 0.520 to 0.930: f against m']
    """
    audits: Mapping[str, Any] = summary.get("audit") or {}
    lines: list[str] = []
    for action, audit in audits.items():
        of = f" of {action}" if len(audits) > 1 else ""
        for said in _said(audit, of):
            shown = look.text(said)
            parts = wrap(shown, max(20, look.width - _LABELS)) if look.fold else [shown]
            label = LABEL if not lines else ""
            lines += [f"{label:<{_LABELS}}{parts[0]}", *(" " * _LABELS + part for part in parts[1:])]
    return lines


def _said(audit: Mapping[str, Any], of: str) -> Iterator[str]:
    shown = [measure for measure in audit["measures"] if measure.get("shown")]
    for column, found in audit["by"].items():
        for measure in shown:
            begin = f"{measure['label']}{of} by {column}"
            pair = found["worst"].get(measure["name"])
            if pair is None or pair["value"] is None:
                yield f"{begin} {UNKNOWN}: {found['why_not'] or 'no two groups have enough rows of either kind'}"
                continue
            numbers = [pair[part] for part in ("value", "low", "high") if pair[part] is not None]
            decimals = metric_decimals(numbers)
            ends = pair["low"] is not None and pair["high"] is not None
            interval = f", {number(pair['low'], decimals)} to {number(pair['high'], decimals)}" if ends else ""
            yield f"{begin} {number(pair['value'], decimals)}{interval}: {pair['lower']} against {pair['higher']}"
