"""The page of a run: made for every kind of job, one file, nothing from outside, and safe whatever the data hold."""

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest
from betting import BETS, people

from sartor_plugins.report import charts
from sartor_plugins.report.facts import Facts
from sartor_plugins.report.page import WITHOUT_DRAWINGS, figures_here, page
from sartor_plugins.report.parts import Figures
from sartor_plugins.report.tables import table_of

COSTLY = "  costly: {use: tell.bets, with: {win: 0.5, tells: false}}\n"
GATES = "gates: [{metric: auc, at_least: 0.99}, {metric: value, at_least: -100}]\n"
KINDS = {
    "two classes with an action": {},
    "two classes": {"more": ""},
    "three classes": {"kind": "three", "more": ""},
    "numbers": {"kind": "number", "more": ""},
    "folds": {"split": "{folds: 4, hash: {digest: md5}}"},
    "several actions": {"more": BETS + COSTLY},
    "a gate that failed": {"more": BETS + GATES},
}


class Elements(HTMLParser):
    """Collects elements with their attributes, and the text of headings."""

    def __init__(self, html):
        super().__init__()
        self.found, self.open, self.text = [], [], {}
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))
        self.open.append(tag)

    def handle_endtag(self, tag):
        while self.open and self.open.pop() != tag:
            pass

    def handle_data(self, data):
        for tag in self.open:
            self.text[tag] = self.text.get(tag, "") + data

    def of(self, tag):
        return [attributes for name, attributes in self.found if name == tag]


@pytest.fixture(params=KINDS)
def folder(request, recorded):
    """The folder of one kind of run after the other."""
    return recorded(**KINDS[request.param])


class TestEveryKindOfJob:
    def test_has_one_headline_and_every_table_a_caption_and_scopes(self, folder, html_of):
        found = Elements(html_of(folder))
        assert len(found.of("h1")) == 1
        assert len(found.of("caption")) == len(found.of("table")) > 0
        assert all(heading.get("scope") in ("col", "row") for heading in found.of("th"))

    def test_is_small_and_asks_for_nothing(self, folder, html_of):
        html = html_of(folder)
        assert len(html.encode()) < 1_000_000
        found = Elements(html)
        assert [tag for tag, attributes in found.found if {"src", "srcset", "action"} & set(attributes)] == []
        assert all(link["href"].startswith("#") for link in found.of("a"))
        assert found.of("link") == found.of("img") == found.of("iframe") == []
        assert not re.search(r"url\(|@import|https?://(?!www\.w3\.org)", html)

    def test_allows_its_own_script_only_by_its_hash(self, folder, html_of):
        html = html_of(folder)
        (script,) = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        (policy,) = [
            a["content"] for a in Elements(html).of("meta") if a.get("http-equiv") == "Content-Security-Policy"
        ]
        assert policy.startswith("default-src 'none';")
        assert f"script-src 'sha256-{digest}'" in policy
        assert not any(name.startswith("on") for _, attributes in Elements(html).found for name in attributes)

    def test_is_the_same_every_time(self, folder, html_of):
        assert page(Facts.of(folder), figures_here()) == html_of(folder)

    def test_ids_are_there_once_and_links_lead_somewhere(self, folder, html_of):
        found = Elements(html_of(folder))
        ids = [attributes["id"] for _, attributes in found.found if "id" in attributes]
        assert len(ids) == len(set(ids))
        assert {link["href"][1:] for link in found.of("a")} <= set(ids)


class TestTheHeadline:
    def test_is_the_decision(self, recorded, html_of):
        assert re.fullmatch(r"Bet \d+ of 1\d\d times\.", Elements(html_of(recorded())).text["h1"])

    def test_is_the_gate_that_failed(self, recorded, html_of):
        html = html_of(recorded(**KINDS["a gate that failed"]))
        said = Elements(html).text["h1"]
        told = r"1 of 2 gates failed: AUC 0\.\d{3}, 95\xa0% 0\.\d{3} to 0\.\d{3}, where at least 0\.99 is asked for\."
        assert re.fullmatch(told, said)
        assert "<b>Nothing is delivered while a gate fails.</b> The run would have decided: Bet " in html

    def test_names_each_of_several_actions(self, recorded, html_of):
        html = html_of(recorded(**KINDS["several actions"]))
        assert re.match("Bets: Bet .* costly: Bet ", Elements(html).text["h1"])
        assert html.count("Value of each policy on the") == 2
        assert "<h3>Costly</h3>" in html


class TestDataThatLooksLikeHtml:
    EVIL = "</script><script>alert(1)</script>"

    @pytest.fixture
    def evil(self, recorded):
        table = people().rename(columns={"x": '<img src=x onerror="alert(1)">', "colour": "=cmd|' /C calc'!A0"})
        table["y"] = [self.EVIL, "& \u202eright to left", "b"] * 133 + ["a"]
        return recorded(table=table, more=BETS)

    def test_is_shown_as_it_is(self, evil, html_of):
        html = html_of(evil)
        found = Elements(html)
        assert len(found.of("script")) == html.count("<script") == 1
        assert found.of("img") == []
        assert "&lt;img src=x onerror=" in html
        assert "\u202e" not in html

    def test_does_no_harm_in_the_browser(self, evil, shown):
        tab = shown(evil)
        assert tab.js("window.harmed === undefined && document.querySelectorAll('script').length") == 1
        assert tab.messages() == []

    def test_is_no_markup_in_the_model_card(self, evil):
        from sartor_plugins.report import card

        text = card.markdown(Facts.of(evil))
        assert "<script" not in text
        assert not re.search(r"(?<!\\)<", text)
        assert "\\</script\\>\\<img src=x onerror=alert(1)\\>" in text


class TestSmallGroups:
    def test_a_line_that_tells_of_three_rows_says_why_it_says_nothing(self, recorded, html_of):
        html = html_of(recorded())
        assert re.search(r'tiny</th><td class="few" colspan="2">fewer than 10 rows', html)
        assert "0.7" not in re.search(r"tiny</th>.*?</tr>", html)[0]


class TestFigures:
    def test_are_drawn_for_two_widths_in_colours_that_follow_the_theme(self, recorded, html_of):
        html = html_of(recorded())
        assert html.count('viewBox="0 0 940 ') == html.count('<div class="wide"><svg') - 2
        assert html.count('<div class="narrow"><svg') == html.count('<div class="wide"><svg') == 4
        assert 'stroke="var(--ours)"' in html
        assert 'fill="white"' not in html

    def test_have_a_sentence_as_their_name_and_their_points_for_the_keyboard(self, recorded, html_of):
        charts_found = [a for a in Elements(html_of(recorded())).of("div") if a.get("class") == "chart"]
        assert all(chart["aria-label"].endswith("Arrow keys read the points.") for chart in charts_found)
        assert all(chart["tabindex"] == "0" for chart in charts_found)
        (value,) = [chart for chart in charts_found if chart["aria-label"].startswith("Value ")]
        points = json.loads(value["data-points"])
        assert [point[4] for point in points][:3] == ["0 bets: 0", "1 bets: 9", "2 bets: 16"]
        # From left to right, and higher the more it is worth: y is counted from the top.
        assert [point[0] for point in points] == sorted(point[0] for point in points)
        assert min(points, key=lambda point: point[1])[4] == "5 bets: 25"

    def test_without_vl_convert_tables_stay_and_a_line_says_so(self, recorded, monkeypatch):
        monkeypatch.setattr(charts, "is_there", lambda: False)
        html = page(Facts.of(recorded()), figures_here())
        assert "<svg" not in html
        assert WITHOUT_DRAWINGS in html
        assert re.search(r"<figure>.*It peaks.*<table.*?Value by share", html, re.DOTALL)

    def test_a_spec_that_cannot_be_drawn_leaves_its_table_and_is_named(self):
        table = table_of("C", [{"title": "a", "kind": "number", "field": "a"}], [[1]])
        spec = {"mark": "pie chart", "encoding": {"x": {"field": "a", "type": "quantitative"}}}
        told = {"title": "T", "reading": "R.", "sentence": "S.", "size": "full", "narrow": None, "spec": spec}
        figures = Figures()
        html = figures.html({**told, "table": table}, "odd", Facts(folder=Path("nowhere"), summary={}, record={}), 4)
        assert "<svg" not in html
        assert "<table" in html
        assert figures.failed[0].startswith("odd: ")

    @pytest.mark.parametrize("narrow", [False, True])
    @pytest.mark.parametrize("operator", [False, True])
    def test_small_multiples_fill_the_page_or_the_phone(self, narrow, operator):
        columns = [{"title": name, "kind": kind, "field": name} for name, kind in (("a", "number"), ("by", "text"))]
        table = table_of("C", columns, [[place, f"group {place % 4}"] for place in range(20)])
        both = {axis: {"field": "a", "type": "quantitative"} for axis in ("x", "y")}
        by = {"field": "by", "type": "nominal"}
        spec = {"mark": "point", "encoding": {**both, "facet": by}}
        if operator:
            spec = {"facet": by, "spec": {"mark": "point", "encoding": both}}
        figure = {"spec": spec, "narrow": None, "size": "full", "table": table}
        drawn = charts.draw(figure, narrow=narrow).svg
        wide = float(re.search(r'viewBox="0 0 (\d+)', drawn)[1])
        assert wide == pytest.approx(330 if narrow else 940, abs=45)
        assert wide <= (330 if narrow else 940)
        assert drawn.count("group ") == 4

    def test_places_are_known_where_a_colour_tells_lines_apart(self):
        columns = [{"title": name, "kind": kind, "field": name} for name, kind in (("a", "number"), ("by", "text"))]
        table = table_of("C", columns, [[place, f"group {place % 2}"] for place in range(6)])
        place = {"x": {"field": "a", "type": "quantitative"}, "y": {"field": "a", "type": "quantitative"}}
        colour = {"color": {"field": "by", "type": "nominal"}}
        for spec in ({"mark": "line", "encoding": {**place, **colour}},
                     {"encoding": colour, "layer": [{"mark": "line", "encoding": place}]}):  # fmt: skip
            found = charts.draw({"spec": spec, "narrow": None, "size": "half", "table": table}).places
            assert [x for x, _ in found] == sorted(x for x, _ in found)
            assert len(found) == 6

    def test_specs_are_kept_with_data_and_plain_colours(self, recorded):
        figures = figures_here()
        page(Facts.of(recorded()), figures)
        spec = figures.specs["actions-bets-value.vl.json"]
        assert spec["$schema"].endswith("/v5.json")
        assert spec["data"]["values"][1] == {"share": 0.05, "value": 9.0, "rows": 5, "said": "1 bets: 9"}
        assert "var(--" not in str(spec["layer"])
        assert spec["layer"][0]["mark"]["color"] == "#2c7393"


def test_a_run_without_sections_of_its_own_has_a_page_too(recorded, tmp_path):
    import shutil

    folder = tmp_path / "old"
    shutil.copytree(recorded(), folder)
    (folder / "sections.json").unlink()
    html = page(Facts.of(folder), figures_here())
    assert "<h1>Bet " in html


def test_five_hundred_columns_fit(recorded, html_of):
    import numpy as np

    table = people()
    noise = pd.DataFrame(np.random.default_rng(1).normal(size=(len(table), 500)).round(2)).add_prefix("column_")
    html = html_of(recorded(table=pd.concat([table, noise], axis=1), model="learn.naive_bayes"))
    assert len(html) < 500_000


def test_a_recipe_that_only_reads_tables_has_a_page_too(recorded, tmp_path, monkeypatch):
    import sartor

    people().to_csv(tmp_path / "people.csv", index=False)
    recipe = tmp_path / "only.yaml"
    recipe.write_text(
        "format: 1\nrecipe: toy/only\ningest: {people: {use: tables.csv, key: id, with: {path: people.csv}}}\n",
        encoding="utf-8",
    )
    monkeypatch.chdir(tmp_path)
    found = Elements(page(Facts.of(sartor.run(recipe).folder), figures_here()))
    assert found.text["h1"] == "400 rows read from 1 table."
    assert [section["id"] for section in found.of("section") if "place" in section["class"]] == ["data", "making"]
