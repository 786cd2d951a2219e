"""What the report shows of a credit decision, checked by hand on a few loans."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from sartor.evidence.audited import Audited, measured_by, measured_over_all
from sartor.evidence.bootstrap import Redraws
from sartor.evidence.grouping import groups_of
from sartor.evidence.groups import Groups, JudgedDecisions
from sartor.rows import ROW
from sartor.sections import Caution
from sartor.stages.section_contract import problem_of
from sartor.testing import make_context, make_training
from sartor_domains.finance.credit_decision import CreditDecision
from sartor_domains.finance.lending.reasons import FROM_MODEL, NO_EXPLANATION, NO_FACTOR
from sartor_domains.finance.lending.telling.curve import _points
from sartor_domains.finance.lending.telling.facts import facts_of

CLASSES = ("good", "bad")
NBSP = "\N{NO-BREAK SPACE}"


@pytest.fixture
def context(tmp_path):
    return replace(make_context(tmp_path), currency="EUR")


def loans(bad, amounts=1000.0):
    return make_training(
        pd.DataFrame({"amount": np.broadcast_to(amounts, len(bad)).astype(float)}),
        [CLASSES[flag] for flag in bad],
        classes=CLASSES,
    )


def decided(decisions, chances=None, reasons=None, source=None):
    n = len(decisions)
    declined = [one == "decline" for one in decisions]
    texts = reasons or [["Little in savings"] if one else [] for one in declined]
    table = pd.DataFrame(
        {
            ROW: range(n),
            "decision": decisions,
            "probability": np.linspace(0.01, 0.9, n) if chances is None else chances,
            "amount": 1000.0,
            "reasons": texts,
            "reasons_from": source or [FROM_MODEL if one else None for one in declined],
        }
    )
    table.attrs["table"] = "applications"
    return table


def told(decisions, outcome, context, **settings):
    terms = {"loss_given_default": 0.6, "margin": 0.12, "amount": "amount", **settings}
    records = list(CreditDecision.model_validate(terms).sections(decisions, outcome, context))
    assert [problem_of(record) for record in records] == [""] * len(records)
    return {record.id: record for record in records}


# 40 accepted, 4 of them bad; 20 looked at, 5 bad; 40 declined, 21 bad.
DECISIONS = ["accept"] * 40 + ["refer"] * 20 + ["decline"] * 40
BAD = [0] * 36 + [1] * 4 + [0] * 15 + [1] * 5 + [0] * 19 + [1] * 21


def plain(text):
    return text.replace(NBSP, " ")


class TestTheParts:
    def test_are_counted_with_how_their_loans_went(self, context):
        parts = told(decided(DECISIONS), loans(BAD), context)["parts"]
        assert [[plain(str(cell)) for cell in line] for line in parts.table.lines] == [
            ["Accept", "40", "4 of them defaulted, 10 %"],
            ["Have a person look", "20", "5 of them would have defaulted, 25 %"],
            ["Decline", "40", "21 of them would have defaulted, 52 %"],
        ]
        assert plain(parts.sentence) == (
            "Of 100 applications **30 went bad, 30 %**; of those accepted **4, 10 %**. "
            "Of 40 that are declined 19 would have repaid."
        )

    def test_are_told_where_nobody_is_accepted(self, context):
        parts = told(decided(["decline"] * 20), loans([1] * 10 + [0] * 10), context)["parts"]
        assert plain(parts.sentence) == "Of 20 applications **10 went bad, 50 %**; none is accepted."

    def test_no_rows_are_no_report(self, context):
        assert told(decided([]), loans([]), context) == {}


class TestTheTerms:
    def test_say_what_loans_earn_and_lose_and_the_cut_offs(self, context):
        terms = told(decided(DECISIONS), loans(BAD), context, refer_within=0.05)["terms"]
        assert plain(terms.sentence) == (
            "A good loan earns 12 % of its amount and a bad one loses 60 %: a chance of default of **16.7 %** is "
            "break-even. Accepted is below 11.7 %, a person looks at what lies up to 21.7 %, and the rest is declined. "
            "To judge whether people are worth a credit is high-risk by the EU AI Act (Annex III, 5 b)."
        )

    def test_name_one_cut_off_where_nobody_is_looked_at(self, context):
        terms = told(decided(DECISIONS), loans(BAD), context, accept_below=0.155)["terms"]
        assert "Accepted is below 15.5 %, and the rest is declined." in plain(terms.sentence)


class TestOversight:
    def test_says_on_whom_a_person_decides(self, context):
        source = [NO_FACTOR if number < 3 else None for number in range(100)]
        who = told(decided(DECISIONS, source=source), loans(BAD), context, refer_within=0.05)["oversight"]
        assert plain(who.sentence) == (
            "A person decides on 20 of 100 applications, where the chance of default lies from 12 % to 22 %, and on "
            "whatever cannot be scored. 3 of them would be declined without a reason that may be named. "
            "Who is declined is told at most four reasons, and may ask for a person to look again."
        )


class TestValueByCutOff:
    def test_adds_up_what_the_safest_bring(self, context):
        curve = told(decided(DECISIONS), loans(BAD), context)["value-by-cut-off"]
        lines = {line[1]: line for line in curve.figure.table.lines}
        # Ten good loans: 10 * 120. The forty that are accepted: 36 * 120 - 4 * 600.
        assert lines[10][2] == pytest.approx(1200)
        assert lines[40][2] == pytest.approx(36 * 120 - 4 * 600)
        assert lines[40][5] == lines[40][2]
        assert lines[100][2] == pytest.approx(70 * 120 - 30 * 600)
        assert [line[5] for count, line in lines.items() if count != 40] == [None] * (len(lines) - 1)
        assert plain(curve.sentence) == (
            "This run accepts 40 applications (10 % of them defaulted), which brought **EUR 1,920**. "
            "Accepting the safest 30 (0 % of them defaulted) would have brought EUR 3,600."
        )

    def test_says_in_a_sentence_what_the_slider_stops_at(self, context):
        table = told(decided(DECISIONS), loans(BAD), context)["value-by-cut-off"].figure.table
        assert table.columns[-1].name == "said"
        said = {line[1]: plain(line[-1]) for line in table.lines}
        assert said[0] == "Accepting nobody would have brought EUR 0."
        assert said[30].startswith(
            "Accepting the safest 30 of 100 applications (0 % of them defaulted) would have brought EUR 3,600 (EUR "
        )
        assert said[40].startswith("This run accepts 40 of 100 applications, which brought EUR 1,920 (EUR ")

    def test_ends_with_the_whole_value_in_an_interval_like_that_of_the_policy(self, context):
        from sartor.evidence.bootstrap import totals

        outcome = loans(BAD)
        curve = told(decided(DECISIONS), outcome, context)["value-by-cut-off"]
        worth = np.where(outcome.y == 1, -600.0, 120.0)
        everyone = totals({"all": worth}, Redraws(100, seed=context.seed))["all"].interval(0.95)
        assert curve.figure.table.lines[-1][3] == pytest.approx((everyone.low, everyone.high))

    def test_has_this_runs_interval_from_the_redraws_that_its_worth_is_measured_on(self, context):
        from sartor.evidence.bootstrap import totals

        made, outcome, redraws = decided(DECISIONS), loans(BAD), Redraws(100, count=250, seed=77)
        settings = CreditDecision.model_validate(TERMS)
        worth = totals({"ours": settings.value(made, outcome)}, redraws)["ours"].interval(0.95)
        measured = replace(audited(["f", "m"] * 50, made, outcome, TERMS), redraws=redraws)
        lines = told(made, outcome, replace(context, audited=measured))["value-by-cut-off"].figure.table.lines
        ours = next(line for line in lines if line[1] == 40)
        assert ours[3] == pytest.approx((worth.low, worth.high))

    def test_says_what_of_this_runs_own_worth_it_leaves_out(self, context):
        curve = told(decided(DECISIONS), loans(BAD), context, refer_cost=30)["value-by-cut-off"]
        assert "What it costs to have a person look, EUR 600 in this run, is not taken off here." in plain(curve.note)

    def test_accepts_nowhere_what_cannot_be_scored(self, context):
        # Told a chance of 1 %, the base rate say, and yet looked at by a person: safest by number, never accepted.
        chances = np.concatenate([np.linspace(0.02, 0.1, 40), np.full(20, 0.01), np.linspace(0.2, 0.9, 40)])
        source = ["cannot score" if one == "refer" else None for one in DECISIONS]
        curve = told(decided(DECISIONS, chances, source=source), loans(BAD), context)["value-by-cut-off"]
        lines = {line[1]: line for line in curve.figure.table.lines}
        assert lines[40][2] == pytest.approx(36 * 120 - 4 * 600)
        assert max(lines) == 80
        assert curve.figure.sentence.endswith("when all that could be are accepted.")

    def test_says_of_a_handful_accepted_not_how_their_loans_went(self, context):
        records = told(decided(["accept"] * 4 + ["decline"] * 96), loans([1] * 2 + [0] * 98), context)
        assert plain(records["value-by-cut-off"].sentence).startswith("This run accepts 4 applications, which brought")
        assert plain(records["parts"].sentence) == (
            "Of 100 applications **2 went bad, 2 %**; of those accepted too few to be told of. "
            "Of 96 that are declined 96 would have repaid."
        )
        few = told(decided(["accept"] * 96 + ["decline"] * 4), loans([0] * 96 + [1] * 4), context)["parts"]
        assert plain(few.sentence) == "Of 100 applications **4 went bad, 4 %**; of those accepted **0, 0 %**."

    def test_tells_nowhere_of_fewer_rows_than_may_be_told_of(self, context):
        lines = told(decided(DECISIONS), loans(BAD), replace(context, smallest_group=15))["value-by-cut-off"]
        steps = np.diff([line[1] for line in lines.figure.table.lines])
        assert steps.min() >= 15
        assert "value-by-cut-off" not in told(decided(DECISIONS), loans(BAD), replace(context, smallest_group=60))

    @pytest.mark.parametrize(
        ("rows", "ours"), [(100, 33), (9018, 5367), (100, 0), (100, 100), (100, 4), (25, 12), (0, 0), (50_000, 7)]
    )
    def test_points_rise_hold_ours_and_keep_their_distance(self, rows, ours):
        points = _points(rows, ours, 10)
        assert ours in points
        assert points[-1] == rows
        inner = np.diff(points)
        assert (inner > 0).all()
        if 10 <= ours <= rows - 10:
            assert min(inner) >= 10
            assert points[0] == 0

    def test_says_where_no_cut_off_brings_anything(self, context):
        curve = told(decided(DECISIONS), loans([1] * 100), context, margin=0.01)
        assert "**No cut-off would have brought anything**" in curve["value-by-cut-off"].sentence

    def test_looks_back_and_says_so(self, context):
        assert told(decided(DECISIONS), loans(BAD), context)["value-by-cut-off"].note.startswith("A look back, and no")

    def test_counts_loans_of_the_population(self, context):
        curve = told(decided(DECISIONS), loans(BAD), context, bad_rate_of_population=0.05)["value-by-cut-off"]
        # 100 loans, 5 of them bad.
        assert curve.figure.table.lines[-1][2] == pytest.approx(95 * 120 - 5 * 600)
        assert curve.figure.table.lines[-1][4] == pytest.approx(0.05)


class TestTheSwapSet:
    def policies(self, name, made):
        decisions = pd.DataFrame({ROW: range(len(made)), "decision": made})
        decisions.attrs["about"] = "accept <everyone> over 30"
        return {name: decisions}

    def test_tells_who_is_new_who_is_gone_and_how_their_loans_went(self, context):
        # Theirs: the last 20 that we accept (4 bad), and the first 30 that we decline (19 good, 11 bad).
        theirs = ["decline"] * 20 + ["accept"] * 20 + ["decline"] * 20 + ["accept"] * 30 + ["decline"] * 10
        told_of = told(
            decided(DECISIONS), loans(BAD), replace(context, policies=self.policies("present policy", theirs))
        )
        swap = told_of["swap-set"]
        assert swap.place == "worth"
        assert [line[:3] for line in swap.table.lines] == [
            ["Accepted by both", 20, 4],
            ["Accepted by this run only", 20, 0],
            ["Accepted by the present policy only", 30, 11],
            ["Accepted by neither", 30, 15],
        ]
        gain = 20 * 120 - (19 * 120 - 11 * 600)
        assert plain(swap.sentence) == (
            "**20 are new**, and 0 % of them went bad; **30 are no longer accepted**, and 37 % of them went bad. "
            f"Together that is EUR {gain:,} against the present policy."
        )
        assert swap.note.startswith("The present policy: accept <everyone> over 30.")

    def test_against_the_one_line_rule_is_for_the_analyst(self, context):
        rule = self.policies("one-line rule", ["accept"] * 40 + ["decline"] * 60)
        swap = told(decided(DECISIONS), loans(BAD), replace(context, policies=rule))["swap-set"]
        assert swap.place == "analyst"
        assert swap.sentence == "This run accepts exactly whom the one-line rule accepts."

    def test_of_a_few_is_not_told(self, context):
        rule = self.policies("one-line rule", ["accept"] * 37 + ["decline"] * 63)
        swap = told(decided(DECISIONS), loans(BAD), replace(context, policies=rule))["swap-set"]
        assert (
            swap.sentence == "Fewer than 10 change one way against the one-line rule, too few to be told of one by one."
        )

    def test_without_a_policy_there_is_none(self, context):
        assert "swap-set" not in told(decided(DECISIONS), loans(BAD), context)


class TestReasons:
    def test_are_counted_over_notices(self, context):
        texts = [[] for _ in range(60)] + [["Savings", "Term"]] * 25 + [["Term"]] * 12 + [["Rare", "Term"]] * 3
        reasons = told(decided(DECISIONS, reasons=texts), loans(BAD), context)["reasons"]
        assert [line[:3] for line in reasons.table.lines] == [["Term", 12, 40], ["Savings", 25, 25]]
        assert "**“Term”** stands on 40 of 40 notices." in reasons.sentence
        assert "1 rarer reason is not listed." in reasons.note
        assert "What counted most: Term; Savings." in reasons.note

    def test_that_are_missing_are_said_to_be(self, context):
        none = [[] for _ in range(100)]
        source = [NO_EXPLANATION if one == "decline" else None for one in DECISIONS]
        reasons = told(decided(DECISIONS, reasons=none, source=source), loans(BAD), context)["reasons"]
        assert reasons.sentence.startswith("**40 are declined without a reason**: the model does not explain itself")

    def test_that_may_not_be_named_are_counted(self, context):
        source = [NO_FACTOR if one == "refer" else FROM_MODEL if one == "decline" else None for one in DECISIONS]
        reasons = told(decided(DECISIONS, source=source), loans(BAD), context)["reasons"]
        assert "20 would have been declined without a reason that may be named: a person looks at them." in reasons.note

    def test_of_nobody_are_no_section(self, context):
        assert "reasons" not in told(decided(["accept"] * 20), loans([0] * 19 + [1]), context)


def audited(values, decisions, outcome, settings):
    measures = CreditDecision.model_validate(settings).measures()
    judged = JudgedDecisions(decisions, outcome.y, outcome.rows, CLASSES, Groups.one(len(decisions)), smallest=10)
    column = pd.Series(values)
    redraws = Redraws(len(decisions), count=300)
    by = measured_by("sex", measures, judged, groups_of(column, column, (), 10), redraws)
    return Audited(tuple(measures), measured_over_all(measures, judged, redraws), {"sex": by})


TERMS = {"loss_given_default": 0.6, "margin": 0.12, "amount": "amount"}


class TestAlike:
    def told(self, context, sexes, decisions=DECISIONS, bad=BAD):
        made, outcome = decided(decisions), loans(bad)
        return told(made, outcome, replace(context, audited=audited(sexes, made, outcome, TERMS)))

    def test_groups_stand_side_by_side_with_their_shares_and_ratio(self, context):
        sexes = ["f", "m"] * 50
        alike = self.told(context, sexes)["alike-1"]
        assert [line[0] for line in alike.table.lines] == ["f", "m"]
        assert [line[1] for line in alike.table.lines] == [50, 50]
        assert [line[2] for line in alike.table.lines] == [0.4, 0.4]
        assert [line[5] for line in alike.table.lines] == [1.0, 1.0]
        assert alike.sentence.endswith("not below the usual 0.80.")

    def test_a_gap_that_is_shown_is_said_to_be_and_warned_of(self, context):
        # All women are declined or looked at, nearly.
        sexes = ["m"] * 38 + ["f"] * 40 + ["m"] * 22
        found = self.told(context, sexes)
        assert plain(found["alike-1"].sentence).startswith("“f”: **5 % accepted against 63 %** of “m”, ratio 0.08")
        assert "below the usual 0.80, and that is shown**" in found["alike-1"].sentence
        assert isinstance(found["uneven-1"], Caution)
        assert found["uneven-1"].weight == 0.9

    def test_a_gap_that_may_be_luck_is_said_to_be(self, context):
        sexes = ["m"] * 14 + ["f"] * 26 + ["m"] * 14 + ["f"] * 46
        found = self.told(context, sexes)
        assert "that is **not shown**; look at it with more data before going live." in found["alike-1"].sentence
        assert "with so few it is not shown" in found["uneven-1"].sentence

    def test_three_people_are_told_of_with_others_and_nowhere_named(self, context):
        sexes = ["f", "m"] * 47 + ["diverse"] * 3 + ["f"] * 3
        found = self.told(context, sexes)["alike-1"]
        assert "“m, with 1 small group”" in found.note
        assert "diverse" not in str(found)

    def test_small_groups_that_are_many_together_are_counted_and_nowhere_named(self, context):
        sexes = ["f", "m"] * 42 + ["diverse"] * 9 + ["unsaid"] * 7
        found = self.told(context, sexes)["alike-1"]
        assert "2 groups with 16 rows in all too small to be told of." in found.note
        assert "unsaid" not in str(found)
        assert "diverse" not in str(found)

    def test_what_is_missing_throughout_is_said_to_be(self, context):
        found = self.told(context, [None] * 100)["alike-1"]
        assert found.sentence == "Nothing is compared by `sex`: it is missing in all rows."

    def test_names_that_look_like_html_or_a_formula_stay_text(self, context):
        found = self.told(context, ["<script>alert(1)</script>", "=1+1"] * 50)["alike-1"]
        assert [line[0] for line in found.table.lines] == ["<script>alert(1)</script>", "=1+1"]

    def test_shares_among_too_few_are_not_told(self, context):
        # Of twelve people of another sex all are looked at but two: nothing is said of those two.
        sexes = ["m"] * 38 + ["d"] * 12 + ["m"] * 50
        lines = {line[0]: line for line in self.told(context, sexes)["alike-1"].table.lines}
        assert lines["d"][2] == pytest.approx(2 / 12)
        assert lines["d"][4] is None


@pytest.mark.parametrize(
    ("value", "shown"),
    [(-1234.4, "−1,234"), (1.6253e303, "1.63e303"), (-np.inf, "−inf"), (1e15 - 1, "999,999,999,999,999")],
)
def test_money_is_told_in_whole_units_as_long_as_they_mean_something(context, value, shown):
    terms = CreditDecision(loss_given_default=0.6, margin=0.12, amount="amount")
    assert plain(facts_of(terms, decided(DECISIONS), loans(BAD), context).money(value)) == f"EUR {shown}"


class TestTheBaseRate:
    def test_of_an_unusual_sample_is_warned_of(self, context):
        caution = told(decided(DECISIONS), loans(BAD), context)["base-rate"]
        assert plain(caution.sentence).startswith(
            "**30 % of these applications went bad**, far more than a bank usually sees"
        )

    def test_that_was_brought_to_the_population_is_not(self, context):
        assert "base-rate" not in told(decided(DECISIONS), loans(BAD), context, bad_rate_of_population=0.05)

    def test_that_is_usual_is_not(self, context):
        assert "base-rate" not in told(decided(DECISIONS), loans([0] * 95 + [1] * 5), context)
