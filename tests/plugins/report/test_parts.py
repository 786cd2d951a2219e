"""The bar of a decision's parts: words stand below a part that has room for them, and beside it else."""

from __future__ import annotations

from types import SimpleNamespace

from sartor_plugins.report.front import parts_bar

FACTS = SimpleNamespace(smallest=1, noun="engines")


def bar(*counts):
    lines = [
        [name, count, f"what came of {name}"] for name, count in zip(("now", "later", "never"), counts, strict=True)
    ]
    table = {"lines": lines, "hidden": [], "tones": ["ours", "refer", "others"], "caption": "the parts", "parts": True}
    return str(parts_bar(FACTS, table))


def test_the_key_stands_below_its_part_where_there_is_room():
    shown = bar(20, 30, 50)
    assert shown.count("minmax(0,20fr) minmax(0,30fr) minmax(0,50fr)") == 2
    assert "narrow" not in shown


def test_a_part_without_room_for_words_has_them_in_a_key_of_its_own():
    shown = bar(1, 19, 80)
    assert "grid-template-columns:repeat(auto-fit,minmax(9rem,1fr))" in shown
    assert '<li class="narrow ours"><b>now: 1</b>' in shown
    assert '<div class="ours bare"></div>' in shown
    assert '<div class="refer">19</div>' in shown
