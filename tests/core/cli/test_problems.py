"""What an error looks like: where, what, its code, the line with a caret, how to mend it."""

from __future__ import annotations

from sartor.cli.look import Look, cells
from sartor.cli.problems import concise, footer, full
from sartor.errors import Position, Problem

COLUMN = Problem(
    "R041",
    "no table has the column 'sex'",
    Position("credit-scoring.yaml", 10, 5, 3, "    sex: audit_only"),
    (("nearest", "personal_status_and_sex, in applications"),),
)
MODEL = Problem(
    "R021",
    "no model is called 'learn.forrest'",
    Position("credit-scoring.yaml", 19, 17, 13, "  forest: {use: learn.forrest, with: {trees: 400}}"),
    (("did you mean", "learn.forest"), ("to see all", "sartor list models")),
)
SHARE = Problem(
    "R034",
    "accept_below must lie between 0 and 1, got 15",
    Position("credit-scoring.yaml", 22, 65, 2, "  decision: {use: finance.credit_decision, with: {accept_below: 15}}"),
    (("to mend", "write 0.15; 15 % is 0.15"),),
)

SHOWN = """\
credit-scoring.yaml:10:5  no table has the column 'sex'                     R041
  10 │     sex: audit_only
     │     ^^^
  nearest:      personal_status_and_sex, in applications
credit-scoring.yaml:19:17  no model is called 'learn.forrest'               R021
  19 │   forest: {use: learn.forrest, with: {trees: 400}}
     │                 ^^^^^^^^^^^^^
  did you mean: learn.forest
  to see all:   sartor list models
credit-scoring.yaml:22:65  accept_below must lie between 0 and 1, got 15    R034
  22 │   decision: {use: finance.credit_decision, with: {accept_below: 15}}
     │                                                                 ^^
  to mend:      write 0.15; 15 % is 0.15
"""


def text(*problems: Problem, **look: object) -> str:
    return "".join(line + "\n" for line in full(problems, Look(**look)))


def test_problems_look_as_in_the_design():
    assert text(COLUMN, MODEL, SHARE) == SHOWN


def test_in_a_terminal_they_look_the_same():
    assert text(COLUMN, MODEL, SHARE, fold=True) == SHOWN


def test_without_unicode_the_line_is_held_by_a_bar():
    assert "  10 |     sex: audit_only\n     |     ^^^\n" in text(COLUMN, unicode=False)


def test_colours_mark_the_place_the_fault_and_what_can_be_typed():
    shown = text(MODEL, colour=True)
    assert "\x1b[1mcredit-scoring.yaml:19:17\x1b[0m" in shown
    assert "^^^^^^^^^^^^^\x1b[0m" in shown
    assert "\x1b[36msartor list models\x1b[0m" in shown


def test_concise_is_one_line_each():
    assert concise([COLUMN, MODEL], Look()) == [
        (
            "credit-scoring.yaml:10:5: R041 no table has the column 'sex' "
            "(nearest: personal_status_and_sex, in applications)"
        ),
        "credit-scoring.yaml:19:17: R021 no model is called 'learn.forrest' (did you mean: learn.forest)",
    ]


def test_the_last_line_counts_and_tells_where_to_read_more():
    assert (
        footer([COLUMN, MODEL, SHARE], Look(), untouched="no data was read")
        == "3 errors; no data was read. More on one: sartor explain R041"
    )
    assert footer([MODEL], Look()) == "1 error. More: sartor explain R021"


def test_a_problem_without_a_place_is_its_message():
    assert text(Problem("D002", "table a has no rows")) == "table a has no rows" + " " * 57 + "D002\n"


def test_a_tab_before_the_fault_does_not_move_the_caret():
    problem = Problem("R004", "a tab", Position("a.yaml", 2, 2, 3, "\tkey: 1"))
    assert "  2 │  key: 1\n    │  ^^^\n" in text(problem)


def test_the_caret_stands_under_wide_characters():
    problem = Problem("R060", "unknown", Position("a.yaml", 1, 5, 2, "森林: 钥匙"))
    assert "  1 │ 森林: 钥匙\n    │       ^^^^\n" in text(problem)


def test_a_line_cannot_send_codes_to_the_terminal():
    problem = Problem("R005", "a character that cannot be printed", Position("a.yaml", 1, 7, 1, "name: \x1b[31mred"))
    assert "\x1b" not in text(problem)
    assert "│ name: \\x1b[31mred\n    │       ^^^^\n" in text(problem)


def test_a_long_line_is_cut_to_what_is_around_the_fault():
    line = "a" * 300 + "BAD" + "b" * 300
    shown = text(Problem("R060", "bad", Position("a.yaml", 1, 301, 3, line)), fold=True)
    source, caret = shown.splitlines()[1:3]
    assert cells(source) <= 80
    assert source.startswith("  1 │ …aaa")
    assert source.endswith("bbb…")
    assert source.index("BAD") == caret.index("^^^")


def test_a_long_message_is_folded_in_a_terminal_and_whole_in_a_file():
    problem = Problem("X013", "component 'x' " + "cannot be imported " * 8, Position("a.yaml", 1, 1))
    assert len(text(problem).splitlines()) == 1
    folded = text(problem, fold=True).splitlines()
    assert len(folded) == 3
    assert folded[0].endswith("X013")
    assert max(map(cells, folded)) <= 80


def test_a_message_of_several_lines_stays_one_problem():
    problem = Problem("X020", "it failed:\nbadly")
    assert text(problem).splitlines()[0].startswith("it failed:\\x0abadly")
    assert concise([problem], Look()) == ["X020 it failed: badly"]
