"""Sentences from numbers: a form for good, poor and refused, and no number without an alternative and an interval."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from sartor_plugins.report import card, cautions
from sartor_plugins.report.facts import Facts
from sartor_plugins.report.front import headline, lede
from sartor_plugins.report.markup import Markup
from sartor_plugins.report.sure import sure
from sartor_plugins.report.verdicts import verdicts
from sartor_plugins.report.worth import worth

AUC = {"name": "auc", "label": "AUC", "better": "higher", "about": "How often the event has the higher score."}
VERDICTS = {"better": "worse", "likely better": "likely worse, not shown", "none": "no difference shown",
            "likely worse": "likely better, not shown", "worse": "better"}  # fmt: skip
"""How the other stands against this run, by how this run stands against it."""


def interval(value, low, high, **more):
    return {"value": value, "low": low, "high": high, **more}


def facts(ours="better", rule="likely better", rival="none", gates=(), value=18428.0, **changes):
    """A run like the one of the design: one model, a rival, a trivial answer, two policies."""

    def against(kind, difference, low, high):
        return {"verdict": VERDICTS[kind], "difference": difference, "low": low, "high": high}

    models = {
        "card": {"trivial": False, "use": "finance.scorecard", "against": {},
                 "metrics": {"auc": interval(0.771, 0.713, 0.829)}, "value": interval(value, 6093.0, 30375.0)},
        "forest": {"trivial": False, "use": "learn.forest", "metrics": {"auc": interval(0.785, 0.731, 0.838)},
                   "against": {"metrics": {"auc": against(rival, 0.014, -0.015, 0.044)}}},
        "base rate": {"trivial": True, "use": "BaseRate", "metrics": {"auc": interval(0.5, 0.5, 0.5)},
                      "against": {"metrics": {"auc": against(ours, -0.271, -0.329, -0.213)}}},
    }  # fmt: skip
    policies = {
        "one_line_rule": interval(3809.0, -17312.0, 25016.0, against=against(rule, -14619.0, -35105.0, 5647.0)),
        "accept everyone": interval(-147669.0, -206695.0, -88967.0, against=against("better", -166e3, -2e5, -1e5)),
    }
    summary = {
        "recipe": "finance/credit-scoring", "run": "1", "headline": "Accept 118 of 298 applications.", "unit": "DM",
        "champion": "card", "metrics": [AUC], "models": models, "policies": policies, "gates": list(gates),
        "tables": {"applications": {"rows": 1000, "repaired": 0, "set_aside": 0}}, "simulated": [], "notes": [],
        "rows": {"train": 702, "test": 298, "gap": 0}, "stages": [], **changes,
    }  # fmt: skip
    return Facts(folder=Path("nowhere"), summary=summary, record={"started": "2026-11-24T14:05:00+00:00"})


def text(markup):
    return re.sub(r"<[^>]+>", "", str(markup)).replace("\xa0", " ").replace("&#x27;", "'")


def gate(value=0.049, low=0.03, high=0.07, **more):
    return {"metric": "auc", "value": value, "low": low, "high": high, "passed": True, "within_interval": False, **more}


class TestTheLede:
    def test_names_the_worth_of_each_and_the_best_simple_policy(self):
        (said,) = lede(facts())
        assert said.replace("\xa0", " ") == (
            "Worth **DM 18,428** on these 298 applications, DM 62 for each one (95 %: DM 6,093 to 30,375 in all). "
            "One line rule, the best simple policy, would have brought DM 3,809 (−17,312 to 25,016)."
        )

    def test_calls_a_loss_a_loss(self):
        (said,) = lede(facts(value=-5000.0))
        assert said.replace("\xa0", " ").startswith("**A loss of DM 5,000** on these 298 applications, DM 17 for each")

    def test_where_all_can_only_cost_says_what_is_cost(self):
        costs = {name: {**one, "value": -6000.0} for name, one in facts().summary["policies"].items()}
        (said,) = lede(facts(value=-5000.0, policies=costs))
        said = said.replace("\xa0", " ")
        assert said.startswith("**Cost DM 5,000** on these 298 applications")
        assert said.endswith("the best simple policy, would have cost DM 6,000.")
        assert text(worth(facts(value=-5000.0, policies=costs))[0]).startswith("Costs less than ")

    def test_without_money_says_what_the_first_metric_says_beside_the_trivial_answer(self):
        run = facts(policies={}, models={name: {**m, "value": None} for name, m in facts().models.items()})
        (said,) = lede(run)
        assert said == (
            "Take one row of each outcome: **card points at the right one 77 times in 100** (71 to 83). "
            "Base rate gets 50."
        )


class TestVerdicts:
    @pytest.mark.parametrize(
        ("kind", "mark", "answer"),
        [
            ("better", "yes", "✓Yes, shown"),
            ("likely better", "maybe", "~Likely, not shown"),
            ("none", "maybe", "~No difference shown"),
            ("likely worse", "no", "✗Likely worse, not shown"),
            ("worse", "no", "✗No: worse, shown"),
        ],
    )
    def test_say_whether_it_is_better_than_the_rule(self, kind, mark, answer):
        made = str(verdicts(facts(rule=kind)))
        assert f'<li class="{mark}"><span class="q">Better than “one line rule”?</span>' in made
        assert f"Better than “one line rule”?{answer}DM +14,619 (−5,647 to +35,105)" in text(made)

    def test_are_three_at_most(self):
        assert str(verdicts(facts(gates=[gate()]))).count("<li") == 3

    def test_of_a_gate_say_what_only_just_passed(self):
        made = text(verdicts(facts(gates=[gate(at_most=0.05)])))
        assert "1 of 1 passedAUC 0.049 (at most 0.05): only just" in made

    def test_of_a_failed_gate_and_the_headline_is_it(self):
        failed = gate(value=0.6, low=0.5, high=0.65, at_least=0.7, passed=False)
        run = facts(gates=[failed, gate(at_least=0.0)])
        assert "1 of 2 failed" in text(verdicts(run))
        assert headline(run).replace("\xa0", " ") == (
            "1 of 2 gates failed: AUC 0.600, 95 % 0.500 to 0.650, where at least 0.70 is asked for."
        )


class TestWorth:
    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            ({"rule": "better"}, "Worth more than every simple policy, shown."),
            ({"rule": "none"}, "Worth more than “accept everyone”, shown; than the others that is not shown."),
            ({"rule": "worse"}, "“One line rule” would have done better."),
            ({"value": -1.0}, "The decisions would not have earned anything."),
            ({"policies": {}}, "No simple policy stands beside it, so nothing tells whether this is much."),
        ],
    )
    def test_has_a_sentence_for_good_and_poor(self, changes, said):
        assert text(worth(facts(**changes))[0]).startswith(said)

    def test_what_is_far_off_is_an_arrow_at_the_edge_with_its_number(self):
        assert "◂ far to the left: DM −147,669" in text(Markup("".join(worth(facts()))))

    def test_says_below_the_table_what_a_policy_does_and_escapes_it(self):
        run = facts()
        run.summary["policies"]["one_line_rule"]["about"] = "accept where <b>job</b> is x"
        made = "".join(map(str, worth(run)))
        assert '<p class="small">One line rule: accept where &lt;b&gt;job&lt;/b&gt; is x.</p>' in made
        assert "<b>job" not in made


class TestTheChampion:
    @pytest.mark.parametrize(
        ("kind", "said"),
        [
            (
                "worse",
                "has 0.785, +0.014 (−0.015 to +0.044): that is better, shown; the recipe decides on card all the",
            ),
            ("likely worse", ": likely better, not shown, so card stays champion."),
            ("none", ": no difference is shown, so card stays champion."),
            ("better", ": shown worse, so card stays champion."),
        ],
    )
    def test_is_told_beside_its_nearest_rival(self, kind, said):
        assert said in text(sure(facts(rival=kind))[0])


class TestCautions:
    def test_are_three_at_most_the_heaviest_first(self):
        given = [{"sentence": f"Number {weight}.", "weight": weight} for weight in (0.1, 0.99, 0.98)]
        run = Facts(folder=Path("nowhere"), summary=facts(rule="worse").summary, record={}, cautions=given)
        assert [said[:13] for said in cautions.sentences(run)] == ["Number 0.99.", "Number 0.98.", "“One line rul"]

    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            ({"simulated": ["loans"]}, "loans is **simulated**"),
            ({"rule": "worse"}, "“One line rule”, which needs no model, **does better**"),
            ({"rule": "none"}, "“One line rule”, which needs no model, may do as well: DM +14,619 (−5,647 to +35,105)"),
            ({"ours": "none"}, "card **is not shown to answer better than the base rate**: AUC +0.271"),
            ({"rival": "worse"}, "forest **answers better than card, shown**: AUC +0.014 (−0.015 to +0.044)"),
            (
                {"gates": [gate(at_most=0.05)]},
                "A gate passed by a hair: AUC is 0.049 (0.030 to 0.070), and at most 0.05",
            ),
            (
                {"gates": [gate(value=0.06, at_most=0.05, within_interval=True)]},
                "the gate passed only because its interval, 0.030 to 0.070, reaches that far",
            ),
            ({}, "298 applications are few to judge by"),
            ({"judged_before": 12}, "These rows have judged 12 times before."),
            ({"notes": [{"text": "a column is odd", "caution": True}]}, "A column is odd."),
        ],
    )
    def test_come_from_checks_of_the_numbers(self, changes, said):
        assert any(said in sentence.replace("\xa0", " ") for sentence in cautions.sentences(facts(**changes), most=9))

    def test_of_gates_that_pass_within_their_intervals_are_one_sentence(self):
        gates = [gate(value=value, at_most=bar, within_interval=True) for value, bar in ((0.06, 0.05), (0.9, 0.8))]
        told = cautions.sentences(facts(gates=gates))
        assert told[0] == (
            "2 gates passed only because their intervals reach that far: AUC is 0.060 (0.030 to 0.070), where at most "
            "0.05 is asked for; AUC is 0.900 (0.030 to 0.070), where at most 0.80 is asked for."
        )
        assert sum("gate" in sentence for sentence in told) == 1

    def test_are_none_where_all_is_well(self):
        rows = {"rows": {"train": 9000, "test": 4000, "gap": 0}}
        assert cautions.sentences(facts(rule="better", rival="better", **rows)) == []

    def test_of_calibration_hold_it_against_what_right_probabilities_would_show(self):
        models = facts().models
        error = interval(0.09, 0.05, 0.13, beside={"calibration_error_expected_high": 0.07})
        models["card"]["metrics"]["calibration_error"] = error
        (said,) = [one for one in cautions.sentences(facts(models=models), most=9) if "probabilities" in one]
        assert "off by 9.0 points of 100 on average, where right ones would seem off by at most 7.0 by luck" in said

    @pytest.mark.parametrize(("error", "luck"), [(0.015, 0.013), (0.06, 0.07)])
    def test_of_calibration_are_none_where_nobody_could_read_the_difference_or_luck_shows_as_much(self, error, luck):
        models = facts().models
        told = interval(error, 0.01, 0.1, beside={"calibration_error_expected_high": luck})
        models["card"]["metrics"]["calibration_error"] = told
        assert not [one for one in cautions.sentences(facts(models=models), most=9) if "probabilities" in one]


class TestTheModelCard:
    def test_has_what_the_annex_asks_for_and_lists_what_only_the_provider_knows(self, recorded):
        titles = [part.title for part in card.parts(Facts.of(recorded()))]
        for asked in ("Intended purpose", "Data and its treatment", "How it was developed", "Performance",
                      "By group of people", "Human oversight", "Limits",
                      "Records, and how to verify", "Open: for the provider"):  # fmt: skip
            assert any(title.startswith(asked) for title in titles), asked
        assert card.markdown(Facts.of(recorded())).count("- [ ] ") == len(card.OPEN)

    def test_shows_metrics_by_group_where_an_action_tells_them(self, recorded):
        text = card.markdown(Facts.of(recorded()))
        assert "| large | 90 |" in text
        assert "| tiny | fewer than 10 rows |" in text

    def test_says_who_looks_at_what(self, recorded):
        text = card.markdown(Facts.of(recorded()))
        assert re.search(r"Where the bets go: Bet: \d+; Pass: \d+\.", text)

    def test_says_what_was_done_to_the_data(self):
        tables = {"applications": {"rows": 1000, "repaired": 3, "set_aside": 1}}
        stages = [{"stage": "split", "line": "702 to learn, 298 to judge, by hash of id", "seconds": 0.1}]
        made = facts(tables=tables, stages=stages)
        columns = {"sex": "audit_only", "born": {"generalise": {"years": 5}}, "name": "drop"}
        recipe = {"privacy": {"columns": columns}, "task": {"use": "finance.default_risk", "with": {"bad": ["x", "y"]}}}
        told = {part.title: part.lines for part in card.parts(replace(made, recipe=recipe))}
        assert told["Data and its treatment (Annex IV, 2 d; Article 10)"] == [
            "Column `sex`: audit only (stored apart, to see whether people are treated alike; no model sees it).",
            "Column `born`: made coarser (bands, periods or first characters in place of values).",
            "Column `name`: dropped (never entered).",
            (
                "3 values repaired and 1 row set aside by the recipe's contract; what was set aside stands in the "
                "run's folder, with the reason."
            ),
            "Applications: 702 to learn, 298 to judge, by hash of id; no model saw those that judge.",
        ]
        assert told["How it was developed (Annex IV, 2 b and c)"][0] == (
            "What is foretold: `finance.default_risk` (bad: x and y)."
        )

    def test_names_the_commands_that_verify_and_repeat_the_run(self, recorded):
        folder = recorded()
        run = f"toy/people/{folder.name}"
        text = card.markdown(Facts.of(folder))
        assert f"`sartor verify {run}` finds a byte that has changed" in text
        assert f"`sartor runs repro {run}` repeats the run" in text

    def test_of_a_run_without_groups_says_so(self):
        (part,) = [part for part in card.parts(facts()) if part.title.startswith("By group")]
        assert part.lines == ["No metrics by group were made in this run."]


@pytest.mark.parametrize(
    ("tables", "nouns", "called"),
    [
        (["card_holders"], ["card holders"], "card holders"),
        (["card_holders"], [None], "holders"),
        (["card_holders", "bills"], ["card holders"], "card holders"),
        (["card_holders", "bills"], [None], "rows"),
        (["loans"], ["loans", "claims"], "loans"),
        (["loans"], [], "loans"),
    ],
)
def test_rows_are_called_as_the_headline_calls_them(tables, nouns, called):
    actions = {f"action_{at}": {"use": "x", "with": {"noun": noun} if noun else {}} for at, noun in enumerate(nouns)}
    summary = {"tables": dict.fromkeys(tables, 1)}
    assert Facts(Path("nowhere"), summary, {}, {"actions": actions}).noun == called


@pytest.mark.parametrize(("label", "begins"), [("average precision", "**Average precision of"), ("WSPL", "**WSPL of")])
def test_a_sentence_on_a_metric_begins_with_a_capital(label, begins):
    from sartor_plugins.report.words import metric_sentence

    metric = {"name": "some", "label": label, "about": "What it says."}
    said = metric_sentence(metric, "forest", {"value": 0.31, "low": 0.19, "high": 0.44}, "base rate", {"value": 0.02})
    assert said.startswith(begins)
