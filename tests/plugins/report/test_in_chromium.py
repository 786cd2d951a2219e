"""The page as a browser shows it: silent, drawn, within every screen, for eyes, keyboard, readers and paper."""

import json
import re
from importlib.resources import files
from itertools import pairwise

import pytest
from betting import BETS

MOST_REQUESTS = 1
WIDTHS = (320, 360, 768, 1240, 1700)


@pytest.fixture
def folder(recorded):
    """A run with an action, parts, figures, long tables and hostile texts."""
    return recorded()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_nothing_is_said_on_the_console_and_nothing_is_asked_for(shown, folder, theme):
    tab = shown(folder, prefers_color_scheme=theme)
    assert tab.messages() == []
    assert len(tab.requests()) == MOST_REQUESTS


def test_figures_are_drawn(shown, folder):
    tab = shown(folder)
    sizes = tab.js(
        "[...document.querySelectorAll('.chart .wide svg')].map(svg => [svg.getBoundingClientRect().width,"
        " svg.getBoundingClientRect().height, svg.querySelectorAll('path, line').length])"
    )
    assert len(sizes) == 4
    assert all(width > 400 and height > 100 and paths > 3 for width, height, paths in sizes)


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_has_to_be_scrolled_sideways(shown, folder, width):
    tab = shown(folder, width)
    tab.js("document.querySelectorAll('details').forEach(details => details.open = true)")
    assert tab.js("document.documentElement.scrollWidth") == width


def test_a_phone_sees_the_narrow_drawing_and_a_wide_screen_the_other(shown, folder):
    visible = "[...document.querySelectorAll('.chart > div')].filter(d => d.offsetParent).map(d => d.className)"
    assert set(shown(folder, 360).js(visible)) == {"narrow"}
    assert set(shown(folder, 1240).js(visible)) == {"wide"}


def test_the_links_at_the_top_stay_in_one_line_beside_a_long_name(shown, folder):
    tab = shown(folder, 1000)
    long = "manufacturing/a-recipe-of-a-very-long-name" * 3
    tab.js(f"document.querySelector('header.top .of').textContent = '{long}'; 0")
    heights = tab.js("[...document.querySelectorAll('header.top nav a')].map(a => a.getBoundingClientRect().height)")
    assert max(heights) < 30
    assert tab.js("document.documentElement.scrollWidth") == 1000


class TestAccessibility:
    @pytest.mark.parametrize("theme", ["light", "dark"])
    @pytest.mark.parametrize("width", [360, 1240])
    def test_axe_finds_nothing(self, shown, folder, theme, width):
        axe = pytest.importorskip("axe_core_python", reason="needs axe-core-python: pip install 'sartor[test]'")
        tab = shown(folder, width, prefers_color_scheme=theme)
        tab.js("document.querySelectorAll('details').forEach(details => details.open = true)")
        tab.js(files(axe).joinpath("axe.min.js").read_text(encoding="utf-8") + ";0")
        found = json.loads(
            tab.js("axe.run(document).then(r => JSON.stringify([r.violations, r.passes.map(p => p.id)]))")
        )
        told = [
            (rule["id"], node["html"][:120], node["failureSummary"][:200])
            for rule in found[0]
            for node in rule["nodes"]
        ]
        assert told == []
        assert {"color-contrast", "document-title", "heading-order", "label", "list", "region"} <= set(found[1])

    def test_headings_do_not_leave_a_level_out(self, shown, folder):
        levels = shown(folder).js("[...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map(h => Number(h.tagName[1]))")
        assert levels[0] == 1
        assert all(after <= before + 1 for before, after in pairwise(levels))

    def test_the_first_stop_of_the_keyboard_leads_past_the_top(self, shown, folder):
        tab = shown(folder)
        tab.press("Tab")
        assert tab.js("document.activeElement.textContent") == "Skip to the decision"

    def test_a_figure_is_one_stop(self, shown, folder):
        tab = shown(folder)
        inside = (
            "[...document.querySelectorAll('.chart')].map(c => c.querySelectorAll('a,button,input,[tabindex]').length)"
        )
        assert tab.js(inside) == [0, 0, 0, 0]
        assert tab.js("document.querySelectorAll('.chart[tabindex=\"0\"]').length") == 4

    def test_arrows_read_the_points_of_a_figure_aloud(self, shown, folder):
        tab = shown(folder)
        tab.js("document.querySelector('.chart[aria-label^=Value]').focus()")
        heard = []
        for key in ("ArrowRight", "ArrowRight", "End", "ArrowRight", "ArrowLeft", "Home"):
            tab.press(key)
            heard.append(tab.js("document.getElementById('live').textContent"))
        assert heard == ["0 bets: 0", "1 bets: 9", "20 bets: -200", "20 bets: -200", "19 bets: -171", "0 bets: 0"]
        assert tab.js("getComputedStyle(document.querySelector('.chart[aria-label^=Value] .mk')).display") != "none"
        tab.press("Escape")
        assert tab.js("document.querySelector('.chart[aria-label^=Value] .mk').hidden") is True

    def test_the_mark_stands_on_the_line(self, shown, folder):
        """The fifth point is the highest one of the curve: the mark is where the drawn line is highest."""
        tab = shown(folder)
        tab.js("document.querySelector('.chart[aria-label^=Value]').focus()")
        for _ in range(6):
            tab.press("ArrowRight")
        mark, line = tab.js("""(() => {
            const chart = document.querySelector('.chart[aria-label^=Value]');
            const mark = chart.querySelector('.mk').getBoundingClientRect();
            const line = chart.querySelector('.wide svg path[stroke="var(--ours)"]').getBoundingClientRect();
            return [mark.top + mark.height / 2, line.top];
        })()""")
        assert mark == pytest.approx(line, abs=3)

    def test_a_slider_reads_the_same_points(self, shown, folder):
        tab = shown(folder)
        told = tab.js("""(() => {
            const slide = document.querySelector('.slide'), input = slide.querySelector('input');
            input.value = 5;
            input.dispatchEvent(new Event('input'));
            return [slide.hidden, slide.querySelector('output').textContent, slide.querySelector('label').textContent];
        })()""")
        assert told == [False, "5 bets: 25", "Share of rows"]

    def test_a_slider_begins_at_the_line_that_is_ours(self, shown, folder):
        at = "document.querySelector('.slide input').getAttribute('value')"
        assert shown(folder).js(at) == "7"

    def test_the_theme_can_be_chosen(self, shown, folder):
        tab = shown(folder, prefers_color_scheme="light")
        paper = "getComputedStyle(document.body).backgroundColor"
        light = tab.js(paper)
        tab.js("theme.click(); theme.click()")
        assert tab.js("theme.textContent") == "Theme: dark"
        assert tab.js(paper) != light
        tab.js("theme.click()")
        assert tab.js(paper) == light

    def test_forced_colours_keep_marks_visible(self, shown, folder):
        tab = shown(folder, forced_colors="active")
        colours = tab.js(
            "[...document.querySelectorAll('.tr .p, .tr .b')].map(m => getComputedStyle(m).backgroundColor)"
        )
        paper = tab.js("getComputedStyle(document.body).backgroundColor")
        assert colours
        assert paper not in colours


class TestWithoutScript:
    def test_everything_is_there_but_the_buttons(self, shown, folder):
        tab = shown(folder, script=False)
        tab.ask("Emulation.setScriptExecutionDisabled", value=False)
        assert tab.js("document.querySelectorAll('.chart .wide svg').length") == 4
        assert tab.js("[...document.querySelectorAll('button, .slide')].every(e => e.offsetParent === null)") is True


class TestOnPaper:
    def test_the_first_page_holds_decision_verdicts_cautions_and_worth(self, shown, folder, tmp_path):
        tab = shown(folder, prefers_color_scheme="dark", media="print")
        # A4 less its margins, in CSS pixels.
        tab.ask("Emulation.setDeviceMetricsOverride", width=695, height=1017, deviceScaleFactor=1, mobile=False)
        ends = tab.js("document.querySelector('#worth table').getBoundingClientRect().bottom + scrollY")
        assert ends < 1017
        assert tab.js("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"

    def test_long_gates_and_cautions_leave_the_worth_on_the_first_page(self, shown, folder, tmp_path):
        tab = shown(folder, media="print")
        tab.ask("Emulation.setDeviceMetricsOverride", width=695, height=1017, deviceScaleFactor=1, mobile=False)
        ends = tab.js("""(() => {
            const gates = document.querySelector('.verdicts li:last-child .d');
            gates.textContent = 'acceptance ratio by a group 0.80; '.repeat(8);
            const list = document.querySelector('.note ul');
            while (list.children.length < 3) list.append(list.children[0].cloneNode());
            for (const item of list.children) item.textContent = 'a gate passed only within its interval; '.repeat(5);
            return document.querySelector('#worth table').getBoundingClientRect().bottom + scrollY;
        })()""")
        assert ends < 1017

    def test_it_is_a_handful_of_pages(self, shown, folder, tmp_path):
        assert 2 <= shown(folder).pdf(tmp_path / "report.pdf") <= 9


def test_a_failed_gate_is_seen_before_everything_else(shown, recorded):
    tab = shown(recorded(more=BETS + "gates: [{metric: auc, at_least: 0.99}]\n"))
    assert re.match(r"1 of 1 gate failed: AUC", tab.js("document.querySelector('h1').textContent"))
    assert tab.js("document.querySelector('.verdicts .no .a').textContent") == "✗1 of 1 failed"


@pytest.mark.slow
@pytest.mark.parametrize("width", [320, 1240])
def test_what_sources_are_worth_fits_every_screen_and_reader(shown, recorded, width):
    axe = pytest.importorskip("axe_core_python", reason="needs axe-core-python: pip install 'sartor[test]'")
    sources = "information: {private: {body: [x], looks: {columns: [colour], price: {per_call: 0.5}}}, halves: 2}\n"
    tab = shown(recorded(more=BETS + sources), width)
    tab.js("document.querySelectorAll('details').forEach(details => details.open = true)")
    assert tab.js("document.documentElement.scrollWidth") == width
    assert "What each source is worth" in tab.js("document.querySelector('#advantage').innerText")
    tab.js(files(axe).joinpath("axe.min.js").read_text(encoding="utf-8") + ";0")
    found = tab.js("axe.run(document).then(r => JSON.stringify(r.violations.map(rule => rule.id)))")
    assert json.loads(found) == []
