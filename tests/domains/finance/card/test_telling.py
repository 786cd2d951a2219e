"""What the report shows of a card: its points, weights of evidence, bands of the score, and whether scores moved."""

from __future__ import annotations

import json
from dataclasses import replace
from math import log

import numpy as np
import pandas as pd
import pytest
from cards import CLASSES, answers, borrowers, homes, training

from sartor.rows import Judged
from sartor.sections import Caution
from sartor.stages.section_contract import problem_of
from sartor.stages.section_writing import written
from sartor_domains.finance.card.telling.stability import by_chance, stability_index, zone_of
from sartor_domains.finance.scorecard import Scorecard


def judged_on(card, learned, X, bad, *, classes=CLASSES):
    frame = pd.DataFrame(X)
    rows = pd.DataFrame(index=frame.index)
    return Judged(np.asarray(bad), answers(card, frame), rows, classes, learned, frame)


def told(card, learned, context, X=None, bad=None, **more):
    X, bad = (learned.X, learned.y) if X is None else (X, bad)
    records = list(card.sections(judged_on(card, learned, X, bad, **more), context))
    assert [problem_of(record) for record in records] == [""] * len(records)
    assert len({record.id for record in records}) == len(records)
    return {record.id: record for record in records}


class TestThePoints:
    def test_are_those_of_the_card_a_line_for_each_bin(self, context):
        learned = homes()
        card = Scorecard(penalty=0).fit(learned, context)
        points = told(card, learned, context)["points"]
        # 20 points double the odds: 4 to 1 against the average of 1 to 1 are two doublings, 40 points.
        assert [line[:5] for line in points.table.lines] == [
            ["home", "own", 40.0, 100, 0.2],
            ["home", "rent", -40.0, 100, 0.8],
        ]
        assert points.sentence == (
            f"Everyone begins with **{600 - 20 * log(50) / log(2):,.0f} points**, and 1 characteristic add or take "
            "some; **20 more double the odds**. `home` reaches furthest, from −40 to +40. Within each, no value earns "
            "more than a less risky one."
        ).replace("1 characteristic add or take", "1 characteristic adds or takes")
        assert points.note == (
            "600 points stand for odds of 50 good to 1 bad. A value that training never saw counts neither for nor "
            "against. A row of which nothing is known is not scored. Left out: age."
        )

    def test_say_what_bad_is_where_the_data_call_it_otherwise(self, context):
        learned = homes()
        card = Scorecard().fit(learned, context)
        found = told(card, learned, context, classes=("0", "1"))
        assert "good to 1 bad. Bad stands for “1”. A value" in found["points"].note
        assert "Bad stands for “1”." in found["score-bands"].note

    def test_do_not_name_a_level_that_few_rows_hold(self, context):
        X = {"town": ["Ayr"] * 100 + ["Bath"] * 94 + ["Old Hermitage"] * 6}
        learned = training(X, [0] * 80 + [1] * 20 + [0] * 20 + [1] * 80)
        card = Scorecard().fit(learned, context)
        shown = json.dumps([written(one, 10) for one in told(card, learned, context).values()])
        assert "Bath and 1 rare level" in shown
        assert "Hermitage" not in shown

    def test_count_rows_and_not_their_weights(self, context):
        X = {"home": ["own"] * 100 + ["rent"] * 100 + ["boat"] * 4}
        bad = [0] * 80 + [1] * 20 + [0] * 20 + [1] * 80 + [0, 1, 0, 1]
        learned = training(X, bad, weight=[1.0] * 200 + [50.0] * 4)
        card = Scorecard().fit(learned, context)
        section = told(card, learned, context)["points"]
        counts = dict(zip([line[1] for line in section.table.lines], section.table.counts, strict=True))
        assert counts == {"own": 100, "1 rare level": 4, "rent": 100}
        hidden = written(section, 10)["table"]["hidden"]
        assert 1 in hidden

    def test_name_the_cells_of_a_pair_and_the_part_that_reaches_furthest(self, context):
        X, bad = borrowers()
        learned = training(X, bad)
        card = Scorecard(pairs=[["income", "job"]]).fit(learned, context)
        section = told(card, learned, context)["points"]
        own = [line for line in section.table.lines if line[0] == "income × job"]
        assert len(own) == len(card.pairs[0].table.bins)
        assert all(line[1].startswith("income ") and " with job " in line[1] for line in own)
        assert sum(line[3] for line in own) == len(bad)
        widest = max(section.table.lines, key=lambda line: line[2])[0]
        assert f"`{widest}` reaches furthest" in section.sentence

    def test_of_a_card_of_nothing_there_are_none(self, context):
        learned = training({"same": ["x"] * 40}, [0] * 30 + [1] * 10)
        assert told(Scorecard().fit(learned, context), learned, context) == {}


class TestWeightsOfEvidence:
    def test_are_drawn_with_codes_and_missing_values_apart(self, context):
        years = np.array([1.0] * 100 + [5.0] * 100 + [999.0] * 50 + [np.nan] * 50)
        bad = [1] * 60 + [0] * 40 + [1] * 10 + [0] * 90 + [1] * 20 + [0] * 30 + [1] * 25 + [0] * 25
        learned = training({"years": years}, bad)
        card = Scorecard(special_codes={"years": [999]}).fit(learned, context)
        section = told(card, learned, context)["evidence"]
        lines = section.figure.table.lines
        assert [(line[1], line[2], line[6]) for line in lines] == [
            (1, "up to 1", "falls"),
            (2, "over 1", "falls"),
            (3, "special code 999", "apart"),
            (4, "missing", "apart"),
        ]
        # 185 good and 115 bad in all; of the first bin 40 and 60.
        assert lines[0][3] == pytest.approx(log((40 / 185) / (60 / 115)))
        assert section.sentence.startswith("Along each of 1 number **the risk only rises or only falls**")
        assert section.figure.spec["facet"]["sort"] == ["years"]

    def test_of_many_characteristics_only_the_widest_are_drawn(self, context):
        rng = np.random.default_rng(0)
        X = {f"x{place}": rng.normal(size=1500) for place in range(15)}
        bad = (rng.random(1500) < 1 / (1 + np.exp(-sum(X.values()) / 2))).astype(int)
        learned = training(X, bad)
        card = Scorecard(min_information_value=0).fit(learned, context)
        figure = told(card, learned, context)["evidence"].figure
        assert len({line[0] for line in figure.table.lines}) == 12
        assert figure.table.caption == "Weights of evidence of the 12 that reach furthest of 15 characteristics"


class TestBandsOfTheScore:
    def test_hold_odds_seen_and_odds_said(self, context):
        learned = homes()
        card = Scorecard(penalty=0, base_odds=4).fit(learned, context)
        section = told(card, learned, context, {"home": ["own"] * 40 + ["rent"] * 40}, [0] * 30 + [1] * 50)[
            "score-bands"
        ]
        assert [line[:4] for line in section.table.lines] == [
            ["less than 600 points", 40, "none was good", "0.25 to 1"],
            ["600 points and more", 40, "3 to 1", "4 to 1"],
        ]
        assert "**100 were bad**, of 100 with " in section.sentence
        assert section.sentence.endswith(
            "In 1 of 2 bands the chance that was said lies within the interval of what happened."
        )

    def test_tell_no_band_of_too_few_rows(self, context):
        learned = homes()
        card = Scorecard().fit(learned, context)
        found = told(card, learned, context, {"home": ["own"] * 4 + ["rent"] * 4}, [0, 1] * 4)
        assert "score-bands" not in found
        assert "score-stability" not in found

    def test_leave_out_what_cannot_be_scored_and_warn_of_it(self, context):
        learned = homes()
        card = Scorecard().fit(learned, context)
        X = {"home": ["own"] * 40 + ["rent"] * 40 + [None] * 20}
        found = told(card, learned, context, X, [0, 1] * 50)
        assert sum(found["score-bands"].table.counts) == 80
        caution = found["cannot-score"]
        assert isinstance(caution, Caution)
        assert caution.sentence.startswith("20 of 100 rows could not be scored, as nothing is known of them")

    def test_are_not_there_where_no_row_can_be_scored(self, context):
        learned = homes()
        card = Scorecard().fit(learned, context)
        found = told(card, learned, context, {"home": [None] * 40}, [0, 1] * 20)
        assert set(found) == {"points", "evidence", "cannot-score"}


class TestStability:
    def test_of_the_same_rows_nothing_has_moved(self, context):
        X, bad = borrowers()
        learned = training(X, bad)
        found = told(Scorecard().fit(learned, context), learned, context)
        assert "index of the score is **0.000**: the scores lie where they did" in found["score-stability"].sentence
        assert found["characteristic-stability"].sentence.startswith("All 3 characteristics are stable. ")
        assert "scores-moved" not in found

    def test_of_poorer_borrowers_the_scores_have_moved_and_it_says_why(self, context):
        X, bad = borrowers()
        learned = training(X, bad)
        card = Scorecard().fit(learned, context)
        poorer = {**X, "income": X["income"] / 3}
        found = told(card, learned, context, poorer, bad)
        assert "act)" in found["scores-moved"].sentence
        assert found["scores-moved"].weight == 0.8
        moved = found["characteristic-stability"]
        assert moved.sentence.startswith(
            "1 characteristic is to be acted on, 2 characteristics are stable. `income` moved most"
        )
        assert moved.table.lines[0][0] == "income"

    def test_is_reckoned_by_hand(self):
        index = stability_index(np.array([50.0, 50.0]), np.array([20.0, 80.0]))
        assert index == pytest.approx(0.3 * log(0.8 / 0.5) - 0.3 * log(0.2 / 0.5))
        assert zone_of(index) == "act"
        assert np.isfinite(stability_index(np.array([10.0, 0.0]), np.array([0.0, 10.0])))

    def test_expects_of_chance_what_chance_shows(self):
        rng = np.random.default_rng(0)
        shares = np.full(10, 0.1)
        drawn = [
            stability_index(rng.multinomial(700, shares) * 1.0, rng.multinomial(300, shares) * 1.0) for _ in range(2000)
        ]
        assert np.mean(drawn) == pytest.approx(by_chance(10, 700, 300), rel=0.06)

    def test_is_not_told_where_training_rows_are_not_known(self, context):
        X, bad = borrowers()
        learned = training(X, bad)
        card = Scorecard().fit(learned, context)
        found = {record.id: record for record in card.sections(judged_on(card, None, X, bad), context)}
        assert set(found) == {"points", "evidence", "score-bands"}


def test_what_was_chosen_is_told_with_what_else_was_tried(context):
    X, bad = borrowers(rows=4000)
    learned = training(X, bad)
    card = Scorecard(stiffness="chosen", pairs=1).fit(learned, context)
    section = told(card, learned, context)["card-choices"]
    tried = card.chosen["stiffness"]["tried"]
    assert [line[0] for line in section.table.lines[: len(tried)]] == [
        "one coefficient", "stiffness 300", "stiffness 30", "stiffness 3",
    ]  # fmt: skip
    taken = [line[0] for line in section.table.lines if line[3] == "taken"]
    assert f"**{len(taken)} w" in section.sentence
    assert section.place == "making"


def test_hostile_names_and_levels_are_plain_text(context):
    levels = ["<img src=x onerror=alert(1)>", "=1+1", "**bold**", "`code`", "x" * 5000, "line\nbreak"]
    rng = np.random.default_rng(0)
    level = rng.choice(levels, 3000)
    bad = (rng.random(3000) < [0.1 + 0.12 * levels.index(one) for one in level]).astype(int)
    learned = training({"<b>'\"": level, "datum.x'": rng.normal(size=3000)}, bad)
    card = Scorecard(min_information_value=0).fit(learned, context)
    points = told(card, learned, context)["points"]
    assert max(len(str(cell)) for line in points.table.lines for cell in line) <= 70


def test_a_card_of_many_characteristics_is_told_within_the_lines_of_a_table(context):
    X, bad = borrowers()
    card = Scorecard().fit(training(X, bad), context)
    income = next(entry for entry in card.characteristics if entry.name == "income")
    names = [f"income {place}" for place in range(500)]
    wide = replace(card, characteristics=tuple(replace(income, name=name) for name in names))
    learned = training(dict.fromkeys(names, X["income"]), bad)
    found = told(wide, learned, context)
    assert len(found["points"].table.lines) == 1000
    assert "500 characteristics add or take some" in found["points"].sentence
    assert len(found["characteristic-stability"].table.lines) == 12
