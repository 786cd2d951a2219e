"""The whole page: one file, no request, its own script allowed by its hash, readable without the script."""

from __future__ import annotations

import base64
import hashlib
from importlib.resources import files

from sartor_plugins.report import card, charts
from sartor_plugins.report.alike import alike
from sartor_plugins.report.cautions import cautions
from sartor_plugins.report.data import data
from sartor_plugins.report.facts import Facts
from sartor_plugins.report.front import headline, kick, lede
from sartor_plugins.report.making import making
from sartor_plugins.report.markup import Child, Markup, joined, raw, said, tag
from sartor_plugins.report.parts import Figures, section_html, side_by_side
from sartor_plugins.report.sure import all_metrics, sure
from sartor_plugins.report.verdicts import verdicts
from sartor_plugins.report.worth import worth

_TITLES = {
    "worth": "What it is worth",
    "sure": "How sure",
    "data": "What was repaired and set aside",
    "advantage": "Where the advantage comes from",
    "analyst": "For the analyst",
    "making": "How it was made",
}
_SHORT = {
    "worth": "Worth", "sure": "How sure", "data": "Data", "advantage": "Advantage", "analyst": "For the analyst",
    "making": "Making",
}  # fmt: skip
WITHOUT_DRAWINGS = "Figures are shown as tables: vl-convert, which draws them, is not installed here."


def page(facts: Facts, figures: Figures) -> str:
    """Return the report of a run.

    Parameters
    ----------
    facts : Facts
    figures : Figures
        Draws, and keeps what it has drawn.
    """
    decision = [section_html(section, facts, figures, 2) for section in facts.at("decision")]
    parts = {place: found for place in _TITLES if (found := _place(facts, figures, place))}
    main = tag(
        "main",
        tag(
            "div.wrap",
            kick(facts),
            tag("h1", headline(facts)),
            [tag("p.lede", said(sentence)) for sentence in lede(facts)],
            decision,
            verdicts(facts),
            cautions(facts),
            [_section(place, children) for place, children in parts.items()],
            _footer(facts, figures),
        ),
        id="main",
    )
    return _document(facts, _top(facts, list(parts)), main)


def _place(facts: Facts, figures: Figures, place: str) -> list[Child]:
    """Return what stands in a place: the report's own first, then what components contributed."""
    own = {
        "worth": worth, "sure": sure, "data": data, "making": making,
    }.get(place, lambda _: [])(facts)  # fmt: skip
    given = side_by_side(facts.at(place), lambda section: section_html(section, facts, figures))
    if place == "analyst":
        metrics = all_metrics(facts)
        return [*given, metrics] if given or metrics else []
    if place == "sure":
        return [*own, *given, *alike(facts)]
    if place == "making":
        return [*own, *given, card.section(facts)]
    return [*own, *given]


def _section(place: str, children: list[Child]) -> Markup:
    return tag(f"section.place.{place}", tag("h2", _TITLES[place]), children, id=place, aria_labelledby=None)


def _top(facts: Facts, places: list[str]) -> Markup:
    links = [tag("a", _SHORT[place], href=f"#{place}") for place in places]
    return tag(
        "header.top",
        tag(
            "div.wrap",
            tag("span.brand", "sartor ", tag("i", "run report")),
            tag("span.hide-n.of", str(facts.summary["recipe"])),
            tag("nav", links, aria_label="Sections"),
            tag("button.ghost", "Theme: as system", id="theme", type="button", hidden=True),
            tag("button.ghost.hide-n", "Print", id="print", type="button", hidden=True),
        ),
    )


def _footer(facts: Facts, figures: Figures) -> Markup:
    version = facts.record.get("versions", {}).get("sartor", "")
    undrawn = [] if figures.drawn else [WITHOUT_DRAWINGS]
    undrawn += [f"Not drawn, and shown as a table: {name}." for name in figures.failed]
    return tag(
        "footer",
        tag("p", f"Made by sartor {version} from the folder of run {facts.summary['run']}: aggregates only, nothing is "
            f"told of fewer than {facts.smallest} {facts.noun}."),
        [tag("p", line) for line in undrawn],
    )  # fmt: skip


def _document(facts: Facts, top: Markup, main: Markup) -> str:
    own = files("sartor_plugins.report")
    style = own.joinpath("page.css").read_text(encoding="utf-8")
    script = own.joinpath("page.js").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; base-uri 'none'; "
        "form-action 'none'"
    )
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width,initial-scale=1"),
        tag("meta", http_equiv="Content-Security-Policy", content=policy),
        tag("meta", name="referrer", content="no-referrer"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("title", f"{headline(facts)} · {facts.summary['recipe']}"),
        raw(f"<style>{style}</style>"),
    )
    skip = tag("a.skip", "Skip to the decision", href="#main")
    live = tag("div.vh", id="live", aria_live="polite")
    shown = tag("body", skip, top, main, live, raw(f"<script>{script}</script>"))
    return joined([raw("<!doctype html>\n"), tag("html", head, shown, lang="en"), "\n"])


def figures_here() -> Figures:
    """Return what draws, or leaves figures as tables where vl-convert is missing."""
    return Figures(drawn=charts.is_there())
