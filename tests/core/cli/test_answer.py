"""What `sartor run` answers, from a summary made by hand: golden texts at 80 and 120 columns."""

from __future__ import annotations

import re
from typing import Any

import pytest

from sartor.cli.answer import answer, gate_lines, short_answer
from sartor.cli.look import Look, cells

AT_80 = """\
Accept 118 of 298 applications, have a person look at 43, decline 137.

                    value, DM  95 %                   against this run
● this run             18,428     6,093 to  30,375
  one-line rule         3,809   −17,312 to  25,016    likely worse, not shown
  decline everyone          0                         worse
  accept everyone    −147,669  −206,695 to −88,967    worse

                          AUC  95 %              against the champion
● scorecard             0.771  0.713 to 0.829
  forest                0.785  0.731 to 0.838    no difference shown
  logistic              0.764  0.704 to 0.820    no difference shown
  boosting              0.759  0.701 to 0.815    no difference shown
  base rate             0.500                    worse

gates   passed 2 of 2: auc 0.771 (≥ 0.70), calibration_error 0.049 (≤ 0.05)
run     runs/finance/credit-scoring/1124-1405-k7
done in 3.0 s
"""

MODELS_AT_120 = """\
                          AUC  95 %              0.5    0.6     0.7    0.8    against the champion           KS   calib.
● scorecard             0.771  0.713 to 0.829    │               ├───●───┤                                0.460    0.049
  forest                0.785  0.731 to 0.838    │                ├───●───┤   +0.014 (−0.015 to +0.044)   0.470    0.073
  logistic              0.764  0.704 to 0.820    │              ├────●───┤    −0.007 (−0.031 to +0.018)   0.440    0.055
  boosting              0.759  0.701 to 0.815    │              ├───●───┤     −0.012 (−0.047 to +0.024)   0.430    0.071
  base rate             0.500                    ●                            −0.271 (−0.329 to −0.213)   0.000    0.062
"""

ASCII_AT_80 = """\
                    value, DM  95 %                   against this run
* this run             18,428     6,093 to  30,375
  one-line rule         3,809   -17,312 to  25,016    likely worse, not shown
  decline everyone          0                         worse
  accept everyone    -147,669  -206,695 to -88,967    worse
"""

_ANSI = re.compile("\x1b\\[[0-9;]*m")


def text(summary: dict[str, Any], **look: Any) -> str:
    return "".join(line + "\n" for line in answer(summary, Look(**look)))


def test_an_answer_at_80_columns_is_the_picture_in_the_design(summary):
    assert text(summary) == AT_80


def test_at_120_columns_the_models_gain_the_drawn_interval_the_difference_and_two_metrics(summary):
    before, after = AT_80.split("                          AUC", maxsplit=1)[0], AT_80.split("worse\n\ngates")[1]
    assert text(summary, width=120) == before + MODELS_AT_120 + "\ngates" + after


def test_nothing_but_the_drawn_columns_moves_from_80_to_120(summary):
    narrow, wide = text(summary).splitlines(), text(summary, width=120).splitlines()
    assert [line[:45].rstrip() for line in narrow] == [line[:45].rstrip() for line in wide]


@pytest.mark.parametrize("width", [120, 121, 130, 139, 150, 170, 200])
def test_no_table_is_wider_than_the_terminal(summary, width):
    lines = text(summary, width=width).splitlines()
    assert max(cells(line) for line in lines) <= width


def test_from_about_150_columns_on_the_verdicts_stand_beside_the_differences(summary):
    forest = next(line for line in text(summary, width=150).splitlines() if "forest" in line)
    assert "+0.014 (−0.015 to +0.044)" in forest
    assert "no difference shown" in forest


def test_colour_adds_nothing_but_colour(summary):
    assert _ANSI.sub("", text(summary, colour=True)) == AT_80


def test_colours_say_what_the_words_say(summary):
    coloured = text(summary, colour=True)
    assert "\x1b[1mAccept 118 of 298 applications, have a person look at 43, decline 137.\x1b[0m" in coloured
    assert "\x1b[33mlikely worse, not shown\x1b[0m" in coloured
    assert "\x1b[33mno difference shown\x1b[0m" in coloured
    assert "\x1b[32mpassed\x1b[0m 2 of 2" in coloured
    assert "\x1b[2mruns/finance/credit-scoring/1124-1405-k7\x1b[0m" in coloured
    assert "\x1b[1m●\x1b[0m \x1b[1mscorecard\x1b[0m" in coloured


def test_without_unicode_the_columns_still_stand_under_each_other(summary):
    shown = text(summary, unicode=False)
    assert ASCII_AT_80 in shown
    assert "auc 0.771 (>= 0.70)" in shown
    assert shown.isascii()


def test_without_unicode_intervals_are_drawn_in_ascii(summary):
    forest = next(line for line in text(summary, width=120, unicode=False).splitlines() if "forest" in line)
    assert "|                |---*---|   +0.014 (-0.015 to +0.044)" in forest


def test_simulated_data_is_said_below_the_headline_and_in_the_tables(summary):
    summary["simulated"] = ["applications", "bureau"]
    lines = text(summary).splitlines()
    assert lines[0].startswith("Accept 118")
    assert lines[1] == "simulated data: applications and bureau"
    assert sum(line.startswith("  simulated data ") for line in lines) == 2


TWO_ACTIONS_AT_80 = """\
decision: Accept 118 of 298 applications, have a person look at 43, decline 137.
offer: Offer a lower limit to 137 of 298.

  decision          value, DM  95 %                   against this run
● this run             18,428     6,093 to  30,375
  one-line rule         3,809   −17,312 to  25,016    likely worse, not shown
  decline everyone          0                         worse
  accept everyone    −147,669  −206,695 to −88,967    worse

  offer             value, DM  95 %           against this run
● this run                412   −20 to 801
  offer to all            398  −150 to 902    no difference shown

                          AUC  95 %              against the champion
● scorecard             0.771  0.713 to 0.829
"""


@pytest.fixture
def two_actions(summary):
    """The same run with a second action, which decides on the forest."""
    scorecard = {"unit": "DM", "value": 18428.4, "low": 6093, "high": 30375}
    forest = {"unit": "DM", "value": 412.3, "low": -20, "high": 801}
    to_all = {"unit": "DM", "value": 398, "low": -150, "high": 902, "against": {"verdict": "no difference shown"}}
    summary["actions"] = {
        "decision": {
            "headline": summary["headline"],
            "champion": "scorecard",
            "models": {"scorecard": scorecard, "forest": {"unit": "DM", "value": 1.0}},
            "policies": summary["policies"],
        },
        "offer": {
            "headline": "Offer a lower limit to 137 of 298.",
            "champion": "forest",
            "models": {"scorecard": scorecard, "forest": forest},
            "policies": {"offer_to_all": to_all},
        },
    }
    summary["headline"] = " ".join(f"{name}: {action['headline']}" for name, action in summary["actions"].items())
    return summary


def test_each_of_several_actions_has_its_headline_and_its_money(two_actions):
    assert text(two_actions).startswith(TWO_ACTIONS_AT_80)


def test_an_action_without_money_has_a_headline_and_no_table(two_actions):
    two_actions["actions"]["offer"].update(models={}, policies={})
    lines = text(two_actions).splitlines()
    assert lines[1] == "offer: Offer a lower limit to 137 of 298."
    assert sum("this run" in line and line.startswith("●") for line in lines) == 1
    assert not any(line.startswith("  offer ") for line in lines)


def test_made_up_data_is_said_beside_the_name_of_the_action(two_actions):
    two_actions["simulated"] = ["applications"]
    assert "decision, simulated data" in text(two_actions)


def test_quiet_names_several_actions_too(two_actions):
    assert short_answer(two_actions, Look())[:2] == [
        "decision: Accept 118 of 298 applications, have a person look at 43, decline 137.",
        "offer: Offer a lower limit to 137 of 298.",
    ]


def test_this_run_is_worth_what_its_action_brought_where_that_decides_on_another_model(two_actions):
    del two_actions["actions"]["decision"]
    two_actions["headline"] = "Offer a lower limit to 137 of 298."
    lines = text(two_actions).splitlines()
    assert lines[0] == "Offer a lower limit to 137 of 298."
    assert lines[3] == "● this run            412   −20 to 801"


def test_a_failed_gate_is_the_headline(summary):
    summary["gates"][1].update(passed=False, value=0.083, low=0.061, high=0.110)
    lines = text(summary).splitlines()
    assert lines[0] == (
        "gates   failed 1 of 2: calibration_error 0.083, 0.061 to 0.110 (≤ 0.05); nothing was delivered. "
        "To mend: sartor explain G002"
    )
    assert lines[2].startswith("Accept 118")
    assert sum(line.startswith("gates") for line in lines) == 1


def test_what_was_delivered_stands_below_the_gates(summary):
    told = {"step": "archive", "target": "out/decisions.parquet", "rows": 298, "added": 298, "changed": 0}
    again = {"step": "warehouse", "target": "decisions of secret:W", "rows": 298, "added": None, "changed": None}
    summary["delivery"] = {"live": True, "why": "", "receipts": [told, again]}
    lines = text(summary).splitlines()
    place = lines.index("deliver archive: 298 rows, 298 new, in out/decisions.parquet")
    assert lines[place - 1].startswith("gates   passed")
    assert lines[place + 1] == "        warehouse: 298 rows, in decisions of secret:W"


def test_a_run_that_was_not_live_says_how_to_deliver(summary):
    summary["delivery"] = {"live": False, "why": "that takes --live", "receipts": []}
    assert "deliver nothing was delivered (that takes --live)" in text(summary).splitlines()


def test_after_a_failed_gate_the_gate_says_that_nothing_was_delivered(summary):
    summary["gates"][1].update(passed=False, value=0.083, low=0.061, high=0.110)
    summary["delivery"] = {"live": True, "why": "a gate failed", "receipts": []}
    assert text(summary).count("nothing was delivered") == 1


def test_a_gate_passed_by_a_hair_says_so(summary):
    summary["gates"][0].update(value=0.695, within_interval=True)
    assert "auc 0.695 (≥ 0.70, passed within its interval)" in text(summary)


def test_a_gate_without_a_number_says_why():
    gate = {
        "metric": "ks",
        "at_least": 0.2,
        "value": None,
        "passed": False,
        "reason": "one class only in the test rows",
    }
    assert gate_lines([gate], Look())[0].startswith(
        "gates   failed 1 of 1: ks (≥ 0.20): one class only in the test rows; nothing was delivered. "
    )


def test_a_gate_names_its_model_and_both_its_bars():
    gate = {"metric": "slope", "model": "forest", "between": [0.7, 1.3], "value": 1.01, "passed": True}
    assert gate_lines([gate], Look()) == ["gates   passed 1 of 1: slope of forest 1.01 (0.70 to 1.30)"]
    both = {"metric": "slope", "at_least": 0.7, "at_most": 1.3, "value": 1.01, "passed": True}
    assert gate_lines([both], Look()) == ["gates   passed 1 of 1: slope 1.01 (0.70 to 1.30)"]


def test_many_gates_are_folded_in_a_terminal_and_stay_in_one_line_in_a_file():
    gates = [{"metric": f"metric_{n}", "at_least": 0.5, "value": 0.6, "passed": True} for n in range(6)]
    assert len(gate_lines(gates, Look())) == 1
    folded = gate_lines(gates, Look(fold=True))
    assert len(folded) == 3
    assert all(line.startswith(" " * 8 + "metric") for line in folded[1:])
    assert max(map(cells, folded)) <= 80


LONG_GATES_AT_80 = """\
gates   passed 2 of 2: auc 0.771 (≥ 0.70),
        acceptance_ratio by personal_status_and_sex 0.799 (≥ 0.80, passed within
        its interval)
"""


def test_a_gate_that_is_longer_than_a_line_goes_on_in_the_next():
    by = {"metric": "acceptance_ratio", "by": "personal_status_and_sex", "at_least": 0.8, "value": 0.799}
    gates = [
        {"metric": "auc", "at_least": 0.7, "value": 0.771, "passed": True},
        {**by, "passed": True, "within_interval": True},
    ]
    assert "".join(line + "\n" for line in gate_lines(gates, Look(fold=True))) == LONG_GATES_AT_80


def test_quiet_says_the_decision_and_where_the_rest_is(summary):
    assert short_answer(summary, Look()) == [
        "Accept 118 of 298 applications, have a person look at 43, decline 137.",
        "runs/finance/credit-scoring/1124-1405-k7",
    ]


def test_long_names_are_cut_in_a_terminal_only(summary):
    summary["models"]["gradient_boosting_with_everything_that_could_be_tuned"] = summary["models"].pop("boosting")
    kept = text(summary)
    assert "gradient_boosting_with_everything_that_could_be_tuned" in kept
    cut = text(summary, fold=True)
    assert "gradient_boosting_with…" in cut
    assert max(map(cells, cut.splitlines())) <= 80


def test_wide_characters_keep_the_columns(summary):
    summary["models"]["随机森林"] = summary["models"].pop("forest")
    lines = text(summary).splitlines()
    chinese = next(line for line in lines if "随机森林" in line)
    other = next(line for line in lines if "logistic" in line)
    assert cells(chinese[: chinese.index("0.785")]) == cells(other[: other.index("0.764")])


def test_a_name_cannot_send_codes_to_the_terminal(summary):
    summary["models"]["\x1b]0;gone\x07"] = summary["models"].pop("forest")
    assert "\x1b" not in text(summary)
    assert "\\x1b]0;gone\\x07" in text(summary)


def test_lower_is_better_puts_the_lowest_first(summary):
    summary["metrics"][0] = {"name": "auc", "label": "error", "better": "lower"}
    names = [line[2:11].strip() for line in text(summary).splitlines() if re.match(r"[● ] [\w ]+ +0\.\d{3}", line)]
    assert names == ["scorecard", "boosting", "logistic", "forest", "base rate"]


def test_a_metric_with_a_target_puts_the_nearest_first(summary):
    summary["metrics"][0] = {"name": "auc", "label": "slope", "better": 0.76}
    names = [line[2:11].strip() for line in text(summary).splitlines() if re.match(r"[● ] [\w ]+ +0\.\d{3}", line)]
    assert names == ["scorecard", "boosting", "logistic", "forest", "base rate"]


def test_a_metric_that_a_model_does_not_have_leaves_an_empty_place(summary):
    del summary["models"]["base rate"]["metrics"]["auc"]
    del summary["models"]["logistic"]["metrics"]["ks"]
    lines = text(summary, width=120).splitlines()
    assert next(line for line in lines if "base rate" in line).split()[:2] == ["base", "rate"]
    assert next(line for line in lines if "logistic" in line).split()[-1] == "0.055"


def test_a_number_that_does_not_exist_is_a_dash(summary):
    summary["models"]["logistic"]["metrics"]["auc"] = {"value": float("nan"), "low": None, "high": None}
    assert re.search(r"logistic +–", text(summary))


def test_a_decision_without_models_shows_its_policies(summary):
    summary.update(models={}, metrics=[], champion=None, gates=[])
    shown = text(summary)
    assert "one-line rule" in shown
    assert "AUC" not in shown
    assert "gates" not in shown


def test_a_run_without_money_shows_its_models_alone(summary):
    summary["models"]["scorecard"]["value"] = None
    summary["policies"] = {}
    shown = text(summary)
    assert "value" not in shown
    assert "● scorecard  0.771  0.713 to 0.829" in shown


def test_large_errors_are_shown_in_whole_numbers(summary):
    for model in summary["models"].values():
        numbers = model["metrics"]["auc"]
        model["metrics"]["auc"] = {key: number * 10_000 for key, number in numbers.items()}
    assert "7,710  7,130 to 8,290" in text(summary)


def test_another_confidence_is_named(summary):
    summary["confidence"] = 0.9
    assert "AUC  90 % " in text(summary)


def test_a_task_with_one_metric_is_drawn_too(summary):
    summary["metrics"] = summary["metrics"][:1]
    forest = next(line for line in text(summary, width=120).splitlines() if "forest" in line)
    assert "├" in forest
    assert forest.endswith("+0.014 (−0.015 to +0.044)   no difference shown")


def test_what_a_gate_watches_stands_beside_before_anything_else(summary):
    summary["metrics"][1:1] = [{"name": "average_precision", "label": "average precision", "better": "higher"}]
    summary["metrics"][3]["label"] = "calibration error"
    heading = next(line for line in text(summary, width=120).splitlines() if "AUC" in line)
    assert heading.split("against the champion")[1].split() == ["KS", "calib.", "error"]
