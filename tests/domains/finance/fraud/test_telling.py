"""What the report says of payments and of the queue, from numbers that can be checked by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sartor.rows import AS_OF, ROW, Judged, Training
from sartor.sections import Caution, Section
from sartor.testing import make_context
from sartor_domains.finance.alert_queue import AlertQueue
from sartor_domains.finance.card_fraud import CardFraud
from sartor_domains.finance.fraud.telling.answers import sections as of_answers
from sartor_domains.finance.fraud.telling.queue import sections as of_queue

TASK = CardFraud(outcome="fraud", card="card", amount="amount", label_delay="7 days")


def payments(n, frauds, facts=None):
    rows = pd.DataFrame({ROW: range(n), AS_OF: pd.Timestamp("2024-05-01 10:00"), "card": range(n), "amount": 50.0})
    y = (np.arange(n) < frauds).astype(int)
    return Training(rows, rows[["amount"]], "probability", ("0", "1"), y=y)


def told(tmp_path, taught, judged, facts=None):
    made = Judged(judged.y, pd.DataFrame({"probability": 0.1}, index=range(len(judged))), judged.rows, ("0", "1"),
                  taught, facts=facts or {})  # fmt: skip
    return list(of_answers(TASK, made, make_context(tmp_path)))


def test_the_way_of_the_payments_is_told_step_by_step(tmp_path):
    # As they come back from what is kept: by their names.
    facts = {"payments": {"cards not known": 80, "payments": 100, "with outcome": 90}}
    (section,) = told(tmp_path, payments(500, 50), payments(500, 50), facts)
    assert section.table.lines == [
        ("In the table", 100),
        ("with a known outcome", 90),
        ("of cards not yet known for fraud", 80),
    ]
    assert section.sentence.startswith("**80 of 100 payments** can teach or judge.")


def queue_of(tmp_path, frauds, chance=0.5, **settings):
    outcome = payments(60, frauds)
    action = AlertQueue(card="card", amount="amount", review_cost=5.0, friction_cost=10.0, **settings)
    said = pd.DataFrame({"probability": np.where(np.arange(60) < 30, chance, 0.0)})
    context = make_context(tmp_path)
    made = action.decide(said, outcome.without_truth(), context)
    return {one.id: one for one in of_queue(action, made, outcome, context)}


def test_parts_add_up_to_all_looks(tmp_path):
    found = queue_of(tmp_path, frauds=20)
    assert found["parts"].sentence.replace("\u00a0", " ").startswith("**20 of 30 alerts hold fraud, 67 %.**")
    assert [line[1] for line in found["parts"].table.lines] == [20, 10, 30]


def test_the_curve_goes_through_the_value_of_the_run(tmp_path):
    found = queue_of(tmp_path, frauds=20, alerts_a_day=12)
    lines = {line[0]: line for line in found["value-by-budget"].figure.table.lines}
    # The first 12 of equal cards are frauds of 50 each, a look costs 5.
    assert lines[12][2] == 12 * 45
    assert lines[12][4] == 12 * 45
    assert lines[0][2] == 0


def test_no_point_of_the_curve_tells_of_too_few_looks(tmp_path):
    table = queue_of(tmp_path, frauds=20)["value-by-budget"].figure.table
    assert [line[0] for line in table.lines] == [0, 10, 20, 30]
    assert table.counts == [0, 10, 10, 10]
    assert table.lines[-1][2] == 20 * 45 - 10 * 15
    own = queue_of(tmp_path, frauds=20, alerts_a_day=12)["value-by-budget"].figure.table
    assert [line[0] for line in own.lines] == [0, 12, 30], "this run's own point stays"


def test_a_queue_that_costs_more_than_it_saves_is_a_caution(tmp_path):
    found = queue_of(tmp_path, frauds=0)
    assert isinstance(found["queue-costs"], Caution)
    sentence = found["queue-costs"].sentence.replace("\u00a0", " ")
    assert "**These alerts cost EUR 450 more than they saved**" in sentence
    assert "queue-costs" not in queue_of(tmp_path, frauds=30)


def test_no_alert_at_all_is_told_and_nothing_breaks(tmp_path):
    found = queue_of(tmp_path, frauds=5, chance=0.0)
    assert isinstance(found["parts"], Section)
    assert found["parts"].sentence.startswith("**0 of 0 alerts hold fraud, none.**")
    assert "value-by-budget" not in found
