"""Drawn columns and numbers in words."""

import re

import pytest

from sartor_plugins.report.charts import draw
from sartor_plugins.report.drawn import Mark, Scale, drawing
from sartor_plugins.report.markup import tag, text
from sartor_plugins.report.numbers import amount, span
from sartor_plugins.report.tables import Shown, read_aloud, table_html, table_of


class TestScales:
    def test_hold_zero_our_own_line_and_the_others(self):
        scale = Scale.over([Mark(10.0, 5.0, 20.0), Mark(2.0, -10.0, 15.0)], 0.0, [0], (None, None))
        assert scale.low < -10 < 20 < scale.high
        assert scale.at(0.0) == pytest.approx(100 * (0 - scale.low) / (scale.high - scale.low))

    def test_leave_out_what_would_squeeze_our_own_line(self):
        far = Mark(-150.0, -200.0, -90.0)
        scale = Scale.over([Mark(10.0, 5.0, 20.0), far], 0.0, [0], (None, None))
        assert scale.low > -10
        assert not scale.holds(far)
        assert "◂ far to the left: DM" in drawing(far, "interval", scale, 0.0, "money", "", "DM")

    def test_hold_everything_where_no_line_is_ours(self):
        assert Scale.over([Mark(1.0), Mark(1000.0)], 0.0, [], (None, None)).high > 1000

    def test_end_where_the_column_says(self):
        scale = Scale.over([Mark(0.5)], 0.0, [0], (0.0, 1.0))
        assert (scale.low, scale.high, scale.at(0.5)) == (0.0, 1.0, 50.0)

    def test_of_nothing_and_of_one_number_are_no_division_by_zero(self):
        assert Scale.over([], 0.0, [], (None, None)).ticks()
        assert Scale.over([Mark(0.0)], 0.0, [0], (None, None)).ticks()


def test_a_bar_below_its_start_is_in_the_colour_of_a_loss():
    scale = Scale(-10.0, 10.0)
    assert 'class="b ours neg" style="left:25.00%;width:25.00%"' in drawing(
        Mark(-5.0), "bar", scale, 0.0, "number", "ours", ""
    )


def test_a_waterfall_begins_where_the_one_before_ended():
    mark = Mark.of([3.0, 1.0, None, None], "waterfall")
    assert mark == Mark(1.0, None, None, 3.0)
    assert "left:55.00%;width:10.00%" in drawing(mark, "waterfall", Scale(-10.0, 10.0), 0.0, "number", "", "")


def test_money_has_its_unit_once_in_an_interval():
    assert span(-17312, 25016, "money", unit="DM").replace("\xa0", " ") == "DM −17,312 to 25,016"
    assert amount(0.1549, "share").replace("\xa0", " ") == "15 %"


def test_what_is_drawn_is_said_for_readers():
    table = table_of("C", [{"title": "Name"}, {"title": "", "kind": "bar", "of": "share"}], [["red", [0.3, 0.2, 0.4]]])
    assert '<span class="vh">30\xa0% (20 to 40\xa0%)</span>' in Shown(table, "", 10).line(0)


def test_points_of_a_figure_are_read_by_their_columns():
    columns = [
        {"title": "Said", "kind": "share", "field": "said_chance"},
        {"title": "Rows", "kind": "count", "field": "rows"},
    ]
    assert read_aloud(table_of("C", columns, [[0.25, 1200], [None, 3]]), "") == ["Said 25\xa0%; Rows 1,200", "Rows 3"]


def test_a_number_may_be_called_said_without_taking_the_place_of_what_is_read_aloud():
    columns = [
        {"title": "Said", "kind": "share", "field": "said"},
        {"title": "Rows", "kind": "count", "field": "rows"},
    ]
    table = table_of("C", columns, [[0.25, 1200]])
    assert read_aloud(table, "") == ["Said 25\xa0%; Rows 1,200"]
    assert "25\xa0%" in Shown(table, "", 10).line(0)


def test_a_name_that_the_line_above_has_too_is_only_read_aloud():
    columns = [{"title": "Characteristic"}, {"title": "Bin", "kind": "text"}]
    lines = [["income", str(place)] for place in range(20)] + [["years", "0"]]
    html = str(table_html(table_of("Points", columns, lines), "", 10))
    seen = '<th scope="row">income</th>'
    # Once at the begin of the table, and once at the begin of the lines that are folded away.
    assert html.count(seen) == 2
    assert html.count('<th scope="row"><span class="vh">income</span></th>') == 18
    assert html.index(seen) < html.index("<details>") < html.rindex(seen)
    assert '<th scope="row">years</th>' in html


def test_numbers_along_an_axis_are_written_as_on_the_page():
    pytest.importorskip("vl_convert")
    columns = [{"title": "X", "kind": "share", "field": "x"}, {"title": "Y", "kind": "money", "field": "y"}]
    spec = {
        "mark": "line",
        "encoding": {
            "x": {"field": "x", "type": "quantitative", "axis": {"format": "%"}},
            "y": {"field": "y", "type": "quantitative", "axis": {"format": "~s"}},
        },
    }
    figure = {"spec": spec, "narrow": None, "size": "full", "table": table_of("C", columns, [[0.0, -1e5], [1.0, 5e4]])}
    labels = re.findall(r">([^<>]+)</text>", draw(figure).svg)
    assert {"20\xa0%", "100\xa0%", "0", "−100\xa0k", "20\xa0k"} <= set(labels)
    assert "0\xa0k" not in labels


def test_a_long_name_breaks_at_its_underscores_only():
    table = table_of("C", [{"title": "Name"}], [["status_of_existing_checking_account"], ["short_name"]])
    shown = Shown(table, "", 10)
    assert "status_<wbr>of_<wbr>existing_<wbr>checking_<wbr>account" in shown.line(0)
    assert "short_name" in shown.line(1)


def test_every_text_is_escaped_wherever_it_stands():
    assert tag("a", "<", title='"><script>', href="#x") == ('<a title="&quot;&gt;&lt;script&gt;" href="#x">&lt;</a>')
    assert text("a\u202eb\x00") == "a\ufffdb\ufffd"
