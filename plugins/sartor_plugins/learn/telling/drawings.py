"""The figures about the chance of an event, as Vega-Lite specs over the columns of their tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sartor.sections import INK, OTHERS, OURS


def calibration(most: float) -> dict[str, Any]:
    """Return what was said against what happened, both drawn up to `most`."""
    x = {"field": "said", "type": "quantitative", "title": "chance that was said", "axis": {"format": ".0%"}}
    y = {"field": "happened", "type": "quantitative", "title": "share that it happened to", "axis": {"format": ".0%"}}
    scale = {"scale": {"domain": [0, most]}}
    return {
        "height": 300,
        "encoding": {"x": {**x, **scale}},
        "layer": [
            {"mark": {"type": "line", "color": OTHERS, "strokeDash": [4, 4], "strokeWidth": 1},
             "encoding": {"y": {**y, "field": "said", **scale}}},
            {"mark": {"type": "rule", "color": OURS},
             "encoding": {"y": {**y, "field": "happened_low", **scale}, "y2": {"field": "happened_high"}}},
            {"mark": {"type": "point", "color": OURS, "size": 60}, "encoding": {"y": {**y, **scale}}},
        ],
    }  # fmt: skip


def caught(event: str, other: str, at: Mapping[str, float], said: str) -> dict[str, Any]:
    """Return the ROC curve, with what is said of the place where it tells most apart."""
    axis = {"axis": {"format": ".0%"}, "scale": {"domain": [0, 1]}}
    x = {"field": "false_alarms", "type": "quantitative", "title": f"of “{other}”, picked", **axis}
    y = {"field": "caught", "type": "quantitative", "title": f"of “{event}”, caught", **axis}
    mark = {"x": {"datum": at["x"]}, "y": {"datum": at["y"]}}
    return {
        "height": 300,
        "layer": [
            {"mark": {"type": "line", "color": OURS, "interpolate": "linear"}, "encoding": {"x": x, "y": y}},
            {"mark": {"type": "line", "color": OTHERS, "strokeDash": [4, 4], "strokeWidth": 1},
             "encoding": {"x": x, "y": {**y, "field": "false_alarms"}}},
            {"mark": {"type": "point", "color": INK, "size": 60}, "encoding": mark},
            {"mark": {"type": "text", "align": "left", "dx": 10, "dy": 12, "color": INK},
             "encoding": {**mark, "text": {"value": said}}},
        ],
    }  # fmt: skip


def spread(event: str, other: str, tops: Mapping[str, tuple[float, float]]) -> dict[str, Any]:
    """Return a histogram for each outcome, named at its highest bar: `tops` are height and place."""
    x = {
        "field": "from",
        "type": "quantitative",
        "title": f"chance of “{event}” that was said",
        "axis": {"format": ".0%"},
    }
    y = {"field": "density", "type": "quantitative", "title": "share of its rows, a point", "axis": {"format": ".1%"}}
    layers: list[dict[str, Any]] = []
    for name, colour in ((other, OTHERS), (event, OURS)):
        layers.append({
            "transform": [{"filter": {"field": "truth", "equal": name}}],
            "mark": {"type": "rect", "color": colour, "opacity": 0.6, "stroke": "var(--paper)"},
            "encoding": {"x": x, "x2": {"field": "to"}, "y": y, "y2": {"datum": 0}},
        })  # fmt: skip
    for name, colour in ((other, INK), (event, OURS)):
        top, place = tops[name]
        layers.append({
            "mark": {"type": "text", "color": colour, "dy": -8, "fontWeight": "bold"},
            "encoding": {"x": {"datum": place}, "y": {"datum": top}, "text": {"value": name}},
        })  # fmt: skip
    return {"height": 220, "layer": layers}
