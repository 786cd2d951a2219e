"""What `SinkTests` finds: a sound sink passes, and each way to break the contract is told in words."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from sartor.testing import ComponentTests, SinkTests, sample_decisions

NAME, ARRIVES = "test_its_target_has_a_name", "test_every_decision_arrives"
AGAIN, NONE = "test_delivering_again_leaves_one_copy", "test_no_decisions_can_be_delivered"
CHANGED = "test_another_decision_on_the_same_key_takes_the_place_of_the_first"
HALF, UNCHANGED = "test_one_that_breaks_off_leaves_nothing_half_written", "test_what_it_is_handed_stays_unchanged"
FAULTS = [
    ("NamelessSink", NAME, "target must return one line of text, and returns ' '"),
    ("TriesSink", NAME, "check_target writes files: it may only look"),
    ("ReturnsNothingSink", ARRIVES, "deliver must return a Receipt, and returns NoneType"),
    ("LosesSink", ARRIVES, "not every decision stands at the target once"),
    ("MiscountsSink", ARRIVES, "the receipt is for 39 rows, and 40 were delivered"),
    ("AppendsSink", AGAIN, "delivered twice, the decisions stand there twice"),
    ("AlwaysNewSink", AGAIN, "nothing is new the second time, and the receipt says 40 rows, 40 new"),
    ("KeepsTheFirstSink", CHANGED, "one decision changed, and the receipt says 0"),
    ("AppendsSink", CHANGED, "a changed decision stands beside the old one"),
    ("LineByLineSink", HALF, "a delivery that breaks off leaves some of its lines"),
    ("HidesSink", HALF, "deliver hides that the decisions break off in the middle"),
    ("RemembersSink", UNCHANGED, r"deliver changes .*settings\['seen'\] has 1 entry and had 0"),
    ("EditsSink", UNCHANGED, "deliver changes the recorded decisions"),
]
INHERITED = {name for name in dir(ComponentTests) if name.startswith("test_")}
CHECKS = sorted(name for name in dir(SinkTests) if name.startswith("test_"))


def arrived(self, context):
    """Read what the stranger's sinks write: one JSON object of lines by key, or a line each."""
    file = context.folder / "sent.json"
    if not file.exists():
        return None
    text = file.read_text(encoding="utf-8")
    try:
        lines = list(json.loads(text).values())
    except ValueError:
        lines = [json.loads(line) for line in text.splitlines()]
    return pd.DataFrame(lines, columns=["id", "decision"])


@pytest.mark.parametrize(("component", "name", "message"), FAULTS, ids=lambda value: str(value)[:40])
def test_a_sink_that_breaks_the_contract_is_found_out(check, component, name, message):
    with pytest.raises(AssertionError, match=f"(?s){message}"):
        check(SinkTests, component, name, arrived=arrived)


@pytest.mark.parametrize("name", [name for name in CHECKS if "heavy" not in name])
@pytest.mark.parametrize("component", ["SoundSink", "ShySink"])
def test_a_sound_sink_passes(check, component, name):
    check(SinkTests, component, name, arrived=arrived)


def test_a_quiet_day_must_be_no_error(check):
    with pytest.raises(IndexError):
        check(SinkTests, "NeedsOneSink", NONE, arrived=arrived)


def test_every_check_that_is_not_inherited_has_a_sink_that_fails_it():
    assert {name for _, name, _ in FAULTS} | {NONE} == set(CHECKS) - INHERITED


def test_an_author_is_told_what_to_write(check):
    with pytest.raises(NotImplementedError, match=r"override arrived\(\): return what stands at the target"):
        check(SinkTests, "SoundSink", ARRIVES)


def test_sample_decisions_hold_values_of_every_kind_and_distinct_keys():
    frame = sample_decisions()
    assert frame["id"].is_unique
    assert frame["id"].str.startswith("0").sum() == 40
    assert frame["decision"].isna().sum() == 5
    assert frame["probability"].isna().sum() == 8
    assert frame["reasons"].map(len).tolist()[:4] == [0, 1, 2, 0]
