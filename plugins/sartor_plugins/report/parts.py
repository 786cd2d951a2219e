"""Sections that components contributed, as HTML: heading, sentence, table or figure, and a figure's table below it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sartor_plugins.report import charts
from sartor_plugins.report.facts import Facts
from sartor_plugins.report.front import parts_bar
from sartor_plugins.report.markup import Child, Markup, raw, said, tag
from sartor_plugins.report.tables import read_aloud, table_html


@dataclass
class Figures:
    """Draws figures while the page is written, and keeps their specs.

    Parameters
    ----------
    drawn : bool
        Whether they can be drawn here; else their tables stay.
    specs : dict of file name to spec
        What is kept for other tools.
    failed : list of str
        Figures that could not be drawn, with the reason.
    """

    drawn: bool = True
    specs: dict[str, dict[str, Any]] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)

    def html(self, figure: Mapping[str, Any], name: str, facts: Facts, level: int) -> Markup:
        """Return a figure with its table; the table alone where it cannot be drawn."""
        as_table = table_html(figure["table"], facts.unit, facts.smallest)
        left_out = int(figure["table"].get("left_out") or 0)
        small = tag("p.small", _left_out(left_out, facts)) if left_out else None
        caption = tag("figcaption", tag(f"h{level}", figure["title"]), tag("span", said(figure["reading"])))
        drawings = self._drawings(figure, name) if self.drawn and figure["table"]["lines"] else None
        if drawings is None:
            return tag("figure", caption, tag("p.say", said(figure["sentence"])), as_table, small)
        wide, narrow = drawings
        readings = read_aloud(figure["table"], facts.unit)
        points = [
            [*(wide.places[place] if wide.places else (None, None)),
             *(narrow.places[place] if narrow.places else (None, None)), text]
            for place, text in enumerate(readings)
        ]  # fmt: skip
        chart = tag(
            "div.chart",
            tag("div.wide", raw(wide.svg)),
            tag("div.narrow", raw(narrow.svg)),
            tabindex="0",
            role="group",
            aria_roledescription="chart",
            aria_label=f"{figure['title']}. {figure['sentence']} Arrow keys read the points.",
            data_points=json.dumps(points, ensure_ascii=False, separators=(",", ":")),
        )
        slider = _slider(figure, name, readings)
        table = tag("details", tag("summary", "As a table"), as_table)
        half = ".half" if figure["size"] == "half" else ""
        return tag(f"figure{half}", caption, chart, slider, small, table)

    def _drawings(self, figure: Mapping[str, Any], name: str) -> tuple[charts.Drawing, charts.Drawing] | None:
        try:
            drawings = charts.draw(figure), charts.draw(figure, narrow=True)
        except ValueError as error:
            self.failed.append(f"{name}: {(str(error).splitlines() or ['it cannot be drawn'])[0]}")
            return None
        self.specs[f"{name}.vl.json"] = charts.kept_spec(figure)
        return drawings


def _slider(figure: Mapping[str, Any], name: str, readings: Sequence[str]) -> Child:
    """Return a slider that goes through a figure's lines; it only looks back, and needs the script to be of use."""
    label = figure.get("slider")
    if not label or len(readings) < 2:
        return None
    own, ours = f"slider-{name}", figure["table"]["ours"]
    begin = ours[0] if ours else len(readings) // 2
    return tag(
        "div.slide",
        tag("label", label, for_=own),
        tag("input", type="range", id=own, min=0, max=len(readings) - 1, value=begin),
        tag("output", readings[begin], for_=own),
        hidden=True,
    )


def _left_out(lines: int, facts: Facts) -> str:
    return f"{lines:,} of fewer than {facts.smallest} {facts.noun} (or told with such) are left out."


def file_name(section: Mapping[str, Any]) -> str:
    """Return what a section's figure is called in the run's folder.

    Examples
    --------
    >>> file_name({"step": "actions.decision", "id": "value-by-cut-off"})
    'actions-decision-value-by-cut-off'
    """
    step = "".join(char if char.isalnum() and char.isascii() else "-" for char in str(section["step"]))
    return f"{step}-{section['id']}"


def section_html(section: Mapping[str, Any], facts: Facts, figures: Figures, level: int = 3) -> Markup:
    """Return a contributed section."""
    name = file_name(section)
    table, figure = section.get("table"), section.get("figure")
    body: list[Child] = []
    if figure:
        body.append(figures.html(figure, name, facts, min(6, level + 1)))
    if table and table["parts"]:
        body.append(parts_bar(facts, table))
    elif table and table["lines"]:
        body.append(table_html(table, facts.unit, facts.smallest))
    note = tag("p.small", said(section["note"])) if section.get("note") else None
    return tag(
        "section.part",
        tag(f"h{level}", section["title"]),
        tag("p.say", said(section["sentence"])),
        body,
        note,
        id=f"s-{name}",
    )


def side_by_side(sections: Sequence[Mapping[str, Any]], html: Callable[[Mapping[str, Any]], Markup]) -> list[Child]:
    """Return sections as HTML, two that follow one another with small figures beside each other."""
    children: list[Child] = []
    place = 0
    while place < len(sections):
        pair = sections[place : place + 2]
        if len(pair) == 2 and all(_is_small(section) for section in pair):
            children.append(tag("div.two", [html(section) for section in pair]))
        else:
            pair = pair[:1]
            children.append(html(pair[0]))
        place += len(pair)
    return children


def _is_small(section: Mapping[str, Any]) -> bool:
    return bool(section.get("figure")) and section["figure"]["size"] == "half" and not section.get("table")
