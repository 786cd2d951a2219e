"""The drawing of a value along what can be chosen: a line with its interval, and the point of this run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sartor.sections import INK, OURS, SOFT

_VALUE = {"field": "value", "type": "quantitative", "axis": {"title": None, "format": "~s"}}
_OWN = {"field": "this_run", "type": "quantitative"}
_IS_OURS = [{"filter": "isValid(datum.this_run)"}]


def value_curve(x: Mapping[str, Any]) -> dict[str, Any]:
    """Return the Vega-Lite spec of rows with ``value``, ``interval_low``, ``interval_high`` and ``this_run``.

    Parameters
    ----------
    x : mapping
        The encoding of what is chosen.

    Examples
    --------
    >>> [layer["mark"]["type"] for layer in value_curve({"field": "share", "type": "quantitative"})["layer"]]
    ['rule', 'area', 'line', 'point', 'text']
    """
    return {
        "height": 300,
        "layer": [
            {"mark": {"type": "rule", "color": INK, "strokeWidth": 1}, "encoding": {"y": {"datum": 0}}},
            {
                "mark": {"type": "area", "color": OURS, "opacity": 0.15},
                "encoding": {"x": x, "y": {**_VALUE, "field": "interval_low"}, "y2": {"field": "interval_high"}},
            },
            {"mark": {"type": "line", "color": OURS, "strokeWidth": 2}, "encoding": {"x": x, "y": _VALUE}},
            {
                "transform": _IS_OURS,
                "mark": {"type": "point", "color": OURS, "filled": True, "size": 90, "opacity": 1},
                "encoding": {"x": x, "y": _OWN},
            },
            {
                "transform": _IS_OURS,
                "mark": {"type": "text", "color": SOFT, "align": "left", "dx": 8, "dy": -12, "text": "this run"},
                "encoding": {"x": x, "y": _OWN},
            },
        ],
    }
