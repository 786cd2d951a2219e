"""Figures: Vega-Lite specs as plain dictionaries, drawn to SVG twice, for a wide and for a narrow screen.

The colours of a drawing are CSS variables, so that one drawing serves light, dark and print. Where each line of the
figure's table stands in it is found by drawing a point for each that nobody sees: the keyboard marks these places.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

WIDTHS = {"full": 940, "half": 480}
NARROW = 330
HEIGHT = 250
FACETS, FACET_HEIGHT = 3, 140
"""Columns of small multiples, unless the spec says it, and their height."""
_BESIDE_FACETS, _BETWEEN_FACETS = 76, 20
VEGA_LITE = "5.20"
"""The version that drawings are made by; several come with vl-convert."""

COLOURS = {
    "ours": "#2c7393", "others": "#828a93", "refer": "#b37d1d", "decline": "#a65a45", "caution": "#8a5a00",
    "ink": "#1c2126", "soft": "#565f69", "faint": "#626b76", "line": "#e3dfd5", "line2": "#cfc9bb", "band": "#d5e3e9",
    "paper": "#f8f6f1", "card": "#fffefb",
}  # fmt: skip
"""What the variables are where nobody says it: in the specs that are kept for other tools."""
_AS_ON_THE_PAGE = "replace(replace(datum.label, /^(.*\\d)(%|[kMGT])$/, '$1\u00a0$2'), /^[−]?0\u00a0[kMGT]$/, '0')"
"""Numbers along an axis, as tables write them: ``−50 k``, ``20 %``, and a zero without a unit."""
_SEEN_BY_NOBODY = 0.0625
"""Opacity of the points that only tell places."""

_POINT = re.compile(r'<path[^>]*transform="translate\(([-\d.]+),([-\d.]+)\)"[^>]*stroke-opacity="0\.0625"[^>]*/>')
_NUMBERS = re.compile(r' (d|transform)="([^"]*)"')
_LONG = re.compile(r"-?\d+\.\d{2,}")
_OUTER = re.compile(r"<svg[^>]*?width=\"([\d.]+)\" height=\"([\d.]+)\"[^>]*>")
_FONT = re.compile(r' font-family="[^"]*"')
_CLASS = re.compile(r' class="[^"]*"')
_ROLE = re.compile(r' (?:role|aria-[a-z]+|pointer-events)="[^"]*"')
_NOTHING = re.compile(r'<path[^>]*(?: d=""|d="M0,0h0v0h0Z")[^>]*/>')


@dataclass(frozen=True)
class Drawing:
    """A figure drawn for one width.

    Parameters
    ----------
    svg : str
    places : tuple of (x, y)
        Where each line of the table stands, as shares of width and height; empty where that is not known.
    """

    svg: str
    places: tuple[tuple[float, float], ...] = ()


def is_there() -> bool:
    """Whether figures can be drawn here."""
    from importlib.util import find_spec

    return find_spec("vl_convert") is not None


def lines_as_data(table: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the lines of a figure's table as its spec names them."""
    columns = table["columns"]
    return [
        dict(pair for column, cell in zip(columns, line, strict=True) for pair in _fields(column, cell))
        for line in table["lines"]
    ]


def _fields(column: Mapping[str, Any], cell: Any) -> list[tuple[str, Any]]:
    name = column["field"]
    if not isinstance(cell, list):
        return [(name, cell)]
    parts = {
        "range": ("_low", "_high"),
        "waterfall": ("_start", "", "_low", "_high"),
    }.get(column["kind"], ("", "_low", "_high"))
    return [(f"{name}{part}", value) for part, value in zip(parts, cell, strict=False)]


def kept_spec(figure: Mapping[str, Any]) -> dict[str, Any]:
    """Return a figure's spec as it is kept for other tools: with its data, and colours that need no report."""
    spec = _dressed(figure["spec"], figure["table"], WIDTHS[figure["size"]])
    spec["config"] = _config(narrow=False)
    text = json.dumps({"$schema": "https://vega.github.io/schema/vega-lite/v5.json", **spec}, ensure_ascii=False)
    for name, colour in COLOURS.items():
        text = text.replace(f'"var(--{name})"', f'"{colour}"')
    kept: dict[str, Any] = json.loads(text)
    return kept


def draw(figure: Mapping[str, Any], *, narrow: bool = False) -> Drawing:
    """Draw a figure.

    Parameters
    ----------
    figure : mapping
        As ``sections.json`` has it.
    narrow : bool
        For 330 px.

    Raises
    ------
    ValueError
        If the spec is none that Vega-Lite can draw.
    """
    import vl_convert

    own = figure["narrow"] if narrow and figure["narrow"] else figure["spec"]
    spec = _dressed(own, figure["table"], NARROW if narrow else WIDTHS[figure["size"]], narrow=narrow)
    wanted = len(figure["table"]["lines"])
    pointed = _with_points(spec)
    svg = vl_convert.vegalite_to_svg(
        pointed or spec, vl_version=VEGA_LITE, config=_config(narrow=narrow), allowed_base_urls=[]
    )
    places = _places(svg, wanted) if pointed else ()
    return Drawing(_cleaned(_POINT.sub("", svg)), places)


def _dressed(spec: Mapping[str, Any], table: Mapping[str, Any], width: int, *, narrow: bool = False) -> dict[str, Any]:
    """Return a spec with data and size, which authors leave to the report."""
    whole = copy.deepcopy(dict(spec))
    composed = any(key in whole for key in ("facet", "hconcat", "vconcat", "concat", "repeat"))
    faceted = any(key in whole.get("encoding", {}) for key in ("facet", "row", "column"))
    if "facet" in whole or "facet" in whole.get("encoding", {}):
        _fit_facets(whole, width, narrow)
    elif not composed and not faceted:
        whole["width"] = width
        whole.setdefault("height", HEIGHT)
        whole["autosize"] = {"type": "fit", "contains": "padding"}
        if narrow:
            whole["height"] = min(whole["height"], 210) if isinstance(whole["height"], int) else whole["height"]
    whole["data"] = {"values": lines_as_data(table)}
    if not _names_a_field(whole.get("encoding", {})):
        whole["layer"] = [_drawn_once(layer) for layer in whole["layer"]] if "layer" in whole else None
    return {key: value for key, value in whole.items() if value is not None}


def _fit_facets(whole: dict[str, Any], width: int, narrow: bool) -> None:
    """Give small multiples so many columns, and so much width each, that they fill the page or the phone."""
    operator = "facet" in whole
    place = whole if operator else whole["encoding"]["facet"]
    if not isinstance(place, dict) or (operator and {"row", "column"} & set(whole["facet"])):
        return
    columns = 1 if narrow else int(place.get("columns") or FACETS)
    place["columns"] = columns
    inner = whole["spec"] if operator else whole
    inner["width"] = (width - _BESIDE_FACETS - (columns - 1) * _BETWEEN_FACETS) // columns
    inner.setdefault("height", FACET_HEIGHT)


def _drawn_once(layer: dict[str, Any]) -> dict[str, Any]:
    """Let a layer that shows no field, such as a label at one place, be drawn once and not for every line."""
    if "layer" in layer or "transform" in layer or _names_a_field(layer.get("encoding", {})):
        return layer
    return {**layer, "data": {"values": [{}]}}


def _names_a_field(encoding: Any) -> bool:
    if isinstance(encoding, Mapping):
        return any(key in ("field", "aggregate") or _names_a_field(value) for key, value in encoding.items())
    return isinstance(encoding, list) and any(_names_a_field(value) for value in encoding)


def _with_points(spec: dict[str, Any]) -> dict[str, Any] | None:
    """Return a spec with an unseen point for each line, where its first layer with an x and a y has fields for both."""
    layers = spec.get("layer")
    if layers is None and "mark" not in spec:
        return None
    shared = spec.get("encoding", {})
    for layer in [*(layers or [spec])]:
        encoding = {**shared, **layer.get("encoding", {})}
        x, y = encoding.get("x", {}), encoding.get("y", {})
        if _is_plain(x) and _is_plain(y) and not {"facet", "row", "column"} & set(encoding):
            break
    else:
        return None
    unseen = {
        "mark": {"type": "point", "size": 1, "opacity": 1, "strokeOpacity": _SEEN_BY_NOBODY, "filled": False},
        "encoding": {"x": x, "y": y, "color": {"value": "#000"}, "order": {"value": 0}},
    }
    outer = {key: value for key, value in spec.items() if key not in ("mark", "encoding", "layer", "transform")}
    inner = [{key: spec[key] for key in ("mark", "encoding", "transform") if key in spec}] if layers is None else layers
    if layers is not None:
        for key in ("encoding", "transform"):
            if key in spec:
                outer[key] = spec[key]
    if layers is not None and set(shared) - {"x", "y", "color"}:
        # What all layers share, such as a size by a field, would change the points too.
        return None
    return {**outer, "layer": [*inner, unseen]}


def _is_plain(channel: Mapping[str, Any]) -> bool:
    return "field" in channel and "type" in channel and not {"aggregate", "bin", "timeUnit", "stack"} & set(channel)


def _places(svg: str, wanted: int) -> tuple[tuple[float, float], ...]:
    """Return where the unseen points are; empty where there is not one for each line."""
    outer = _OUTER.search(svg)
    found = _POINT.findall(svg)
    if outer is None or len(found) != wanted:
        return ()
    width, height = float(outer[1]), float(outer[2])
    moved = re.search(r'stroke-miterlimit="10" transform="translate\(([-\d.]+),([-\d.]+)\)"', svg)
    dx, dy = (float(moved[1]), float(moved[2])) if moved else (0.0, 0.0)
    return tuple((round((float(x) + dx) / width, 4), round((float(y) + dy) / height, 4)) for x, y in found)


def _cleaned(svg: str) -> str:
    """Return a drawing without what a page does not need, its coordinates with one decimal."""
    outer = _OUTER.search(svg)
    size = f"{float(outer[1]):.0f} {float(outer[2]):.0f}" if outer else "0 0"
    svg = _OUTER.sub(f'<svg aria-hidden="true" focusable="false" viewBox="0 0 {size}">', svg, count=1)
    for pattern in (_NOTHING, _FONT, _CLASS, _ROLE):
        svg = pattern.sub("", svg)
    return _NUMBERS.sub(lambda found: f' {found[1]}="{_LONG.sub(_rounded, found[2])}"', svg)


def _rounded(found: re.Match[str]) -> str:
    return f"{float(found[0]):.1f}".removesuffix(".0").replace("-0", "0") if abs(float(found[0])) < 0.05 else (
        f"{float(found[0]):.1f}".removesuffix(".0")
    )  # fmt: skip


def _config(*, narrow: bool) -> dict[str, Any]:
    axis = {
        "labelColor": "var(--soft)", "titleColor": "var(--soft)", "gridColor": "var(--line)",
        "domainColor": "var(--line2)", "tickColor": "var(--line2)", "labelFontSize": 12, "titleFontSize": 12,
        "titleFontWeight": "normal", "ticks": False, "labelPadding": 6, "titlePadding": 10, "domain": False,
        "tickCount": 4 if narrow else 6,
    }  # fmt: skip
    return {
        "background": None,
        "padding": {"left": 2, "right": 14, "top": 8, "bottom": 2},
        "font": "sans-serif",
        "aria": False,
        "view": {"stroke": None},
        "axis": axis,
        "axisX": {"grid": False, "domain": True, "labelFlush": False},
        "axisY": {"tickCount": 4},
        "axisQuantitative": {"tickCount": 4 if narrow else 6, "labelExpr": _AS_ON_THE_PAGE},
        "line": {"strokeWidth": 2, "color": "var(--ours)", "strokeCap": "round", "strokeJoin": "round"},
        "area": {"color": "var(--ours)", "opacity": 0.16, "line": False},
        "bar": {"color": "var(--ours)"},
        "rect": {"color": "var(--ours)"},
        "point": {"color": "var(--ours)", "filled": True, "opacity": 1, "size": 40},
        "rule": {"color": "var(--line2)"},
        "text": {"color": "var(--ink)", "fontSize": 12},
        "header": {"labelColor": "var(--ink)", "titleColor": "var(--soft)", "labelFontSize": 12},
        "legend": {"disable": True},
        "locale": {"number": {"decimal": ".", "thousands": ",", "grouping": [3], "currency": ["", ""], "minus": "−"}},
    }
