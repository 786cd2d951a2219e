"""How a run's answer tells that groups of people are, or are not, treated alike."""

from __future__ import annotations

import pytest

from sartor.cli.alike import alike_lines
from sartor.cli.answer import answer, gate_in_words
from sartor.cli.look import Look

MEASURES = [
    {"name": "acceptance", "label": "accepted", "better": "higher", "about": "A.", "shown": False},
    {"name": "acceptance_ratio", "label": "acceptance ratio", "better": "higher", "about": "R.", "shown": True},
    {
        "name": "acceptance_difference",
        "label": "acceptance difference",
        "better": "lower",
        "about": "D.",
        "shown": False,
    },
]


def worst(value, low, high, lower="f", higher="m"):
    pair = {"value": value, "low": low, "high": high, "lower": lower, "higher": higher, "comparisons": 1}
    return {"worst": {"acceptance_ratio": pair, "acceptance_difference": pair}, "why_not": "", "groups": []}


def audit(**by):
    return {"measures": MEASURES, "overall": {}, "by": by}


def test_each_column_has_a_line_with_the_worst_pair_and_its_interval():
    said = alike_lines({"audit": {"decision": audit(sex=worst(0.71, 0.5, 0.95), age=worst(0.9, 0.8, 1.0))}}, Look())
    assert said == [
        "alike   acceptance ratio by sex 0.710, 0.500 to 0.950: f against m",
        "        acceptance ratio by age 0.900, 0.800 to 1.000: f against m",
    ]


def test_where_nothing_is_compared_it_says_why():
    nothing = {"worst": {}, "why_not": "it is missing in all rows", "groups": []}
    assert alike_lines({"audit": {"decision": audit(sex=nothing)}}, Look()) == [
        "alike   acceptance ratio by sex –: it is missing in all rows"
    ]


def test_two_actions_are_told_apart():
    both = {"loans": audit(sex=worst(0.7, 0.5, 0.9)), "cards": audit(sex=worst(0.9, 0.8, 1.0))}
    assert [line[8:] for line in alike_lines({"audit": both}, Look())] == [
        "acceptance ratio of loans by sex 0.700, 0.500 to 0.900: f against m",
        "acceptance ratio of cards by sex 0.900, 0.800 to 1.000: f against m",
    ]


def test_long_names_are_folded_where_a_person_looks_on():
    long = worst(0.71, 0.5, 0.95, "female, divorced or separated or married", "male, single")
    said = alike_lines({"audit": {"decision": audit(personal_status=long)}}, Look(width=80, fold=True))
    assert len(said) == 2
    assert all(len(line) <= 80 for line in said)
    assert said[1].startswith("        ")


def test_names_from_the_data_cannot_steer_the_terminal():
    wild = worst(0.71, 0.5, 0.95, "\x1b[31m<script>", "=1+1")
    (line,) = alike_lines({"audit": {"decision": audit(sex=wild)}}, Look())
    assert "\x1b" not in line
    assert "<script> against =1+1" in line


@pytest.mark.parametrize("summary", [{}, {"audit": {}}, {"audit": {"decision": audit()}}])
def test_nothing_is_said_where_nothing_was_compared(summary):
    assert alike_lines(summary, Look()) == []


def test_a_gate_says_by_which_column_it_compares():
    gate = {"metric": "acceptance_ratio", "by": "sex", "at_least": 0.8, "value": 0.71, "low": 0.6, "high": 0.79}
    assert gate_in_words({**gate, "passed": False}) == "acceptance_ratio by sex 0.710, 0.600 to 0.790 (≥ 0.80)"
    assert gate_in_words({**gate, "value": None, "passed": False, "reason": "it is missing in all rows"}) == (
        "acceptance_ratio by sex (≥ 0.80): it is missing in all rows"
    )


def test_it_stands_above_the_gates():
    gate = {"metric": "acceptance_ratio", "by": "sex", "at_least": 0.5, "value": 0.71, "passed": True}
    lines = answer({"audit": {"decision": audit(sex=worst(0.71, 0.5, 0.95))}, "gates": [gate]}, Look())
    places = [place for place, line in enumerate(lines) if line.startswith(("alike", "gates"))]
    assert [lines[place][:5] for place in places] == ["alike", "gates"]
