"""What is told while a run goes on: plain lines in a file, one live line in a terminal."""

from __future__ import annotations

import io
import os
import pty
import re
import subprocess
import sys
import textwrap

import pytest

from sartor.cli.look import Look
from sartor.cli.progress import Teller, Underway, finished_line
from sartor.cli.screen import Output
from sartor.events import Note, Progress, RunStarted, StageFinished, StageStarted

EVENTS = (
    RunStarted("finance/credit-scoring", "1124-1405-k7", 0),
    StageStarted("ingest"),
    StageFinished("finance/credit-scoring", "1124-1405-k7", "ingest", "applications: 1,000 rows", 0.05),
    StageStarted("fit", "5 models"),
    Progress("fit", "forest", 312, 400, "trees"),
    Note("fit", "a plain note goes to the log only"),
    Note("fit", "3 features are constant", caution=True, whose="forest"),
    Note("fit", "3 features are constant", caution=True, whose="forest"),
    Note("fit", "3 features are constant", caution=True, whose="boosting"),
    StageFinished(
        "finance/credit-scoring", "1124-1405-k7", "fit", "base rate, scorecard, logistic, forest, boosting", 2.6
    ),
)

PLAIN = """\
finance/credit-scoring · run 1124-1405-k7 · seed 0
    ingest  applications: 1,000 rows
         !  forest: 3 features are constant
         !  boosting: 3 features are constant
       fit  base rate, scorecard, logistic, forest, boosting              2.60 s
"""


def told(*events: object, quiet: bool = False, **look: object) -> str:
    file = io.StringIO()
    with Teller(Output(file, Look(**look)), quiet=quiet) as teller:
        for event in events:
            teller(event)
    return file.getvalue()


class Clock:
    def __init__(self) -> None:
        self.time = 0.0

    def __call__(self) -> float:
        return self.time


def live_line(event: Progress, seconds: float, **look: object) -> str:
    clock = Clock()
    underway = Underway("fit", "5 models", clock)
    underway.go_on(Progress(event.stage, event.what, 0, event.total, event.unit))
    clock.time = seconds
    underway.go_on(event)
    return underway.line(Look(**look))


def test_in_a_file_each_stage_is_one_finished_line():
    assert told(*EVENTS) == PLAIN


def test_quiet_tells_nothing():
    assert told(*EVENTS, quiet=True) == ""


def test_without_unicode_the_dots_are_dashes():
    assert told(EVENTS[0], unicode=False) == "finance/credit-scoring - run 1124-1405-k7 - seed 0\n"


@pytest.mark.parametrize(
    ("seconds", "shown"), [(0.09, ""), (0.1, "0.10 s"), (12.34, "12.3 s"), (125, "2 min 05 s"), (3725, "1 h 02 min")]
)
def test_times_are_shown_from_a_tenth_of_a_second_on_and_end_at_column_80(seconds, shown):
    line = finished_line(StageFinished("r", "1", "fit", "forest", seconds), Look(width=120))
    assert line == (f"       fit  forest{shown:>62}" if shown else "       fit  forest")


def test_a_long_line_keeps_its_time():
    line = finished_line(StageFinished("r", "1", "fit", "forest " * 12, 1), Look())
    assert line.endswith("forest   1.00 s")


def test_the_live_line_counts_and_tells_how_long_it_will_take():
    assert live_line(Progress("fit", "forest", 312, 400, "trees"), 7.1) == (
        "       fit  forest ━━━━━━━╸── 312 of 400 trees, 2 s left"
    )


def test_the_live_line_stays_with_the_outer_step_as_long_as_that_tells_how_far_it_is():
    underway = Underway("fit", "5 models", Clock())
    underway.go_on(Progress("models", "tuned", 3, 40, "trials"))
    underway.go_on(Progress("models", "tuned.try", 100, 400, "trees"))
    assert underway.line(Look()) == "       fit  tuned ╸───────── 3 of 40 trials"
    underway.go_on(Progress("models", "tuned", 40, 40, "trials"))
    underway.go_on(Progress("models", "tuned.model", 100, 400, "trees"))
    assert underway.line(Look()) == "       fit  tuned.model ━━╸─────── 100 of 400 trees"
    underway.go_on(Progress("models", "tuned_too", 1, 4, "trees"))
    assert "tuned_too" in underway.line(Look())


def test_the_time_left_counts_down_between_two_tellings():
    clock = Clock()
    underway = Underway("fit", "forest", clock)
    underway.go_on(Progress("fit", "forest", 0, 400, "trees"))
    clock.time = 5.0
    underway.go_on(Progress("fit", "forest", 100, 400, "trees"))
    lines = []
    for clock.time in (5.0, 8.0, 19.0, 25.0):
        lines.append(underway.line(Look()).rpartition(", ")[2])
    assert lines == ["15 s left", "12 s left", "1 s left", "1 s left"]


def test_the_live_line_in_ascii():
    shown = live_line(Progress("fit", "forest", 312, 400, "trees"), 7.1, unicode=False)
    assert shown == "       fit  forest =======>-- 312 of 400 trees, 2 s left"


def test_a_step_that_is_done_has_no_time_left():
    assert (
        live_line(Progress("fit", "forest", 400, 400, "trees"), 9) == "       fit  forest ━━━━━━━━━━ 400 of 400 trees"
    )


def test_a_step_of_unknown_length_only_counts():
    assert live_line(Progress("fit", "boosting", 37, 0, "rounds"), 9) == "       fit  boosting  37 rounds"


def test_a_stage_that_tells_nothing_shows_how_long_it_takes():
    clock = Clock()
    underway = Underway("judge", "5 models", clock)
    assert underway.line(Look()) == "     judge  5 models"
    clock.time = 12.3
    assert underway.line(Look()) == "     judge  5 models  12 s"


def test_a_model_that_tells_nothing_shows_its_name_and_how_long_it_takes():
    clock = Clock()
    underway = Underway("fit", "scorecard, forest", clock)
    clock.time = 4.0
    underway.go_on(Progress("fit", "forest"))
    assert underway.line(Look()) == "       fit  forest"
    clock.time = 7.2
    assert underway.line(Look()) == "       fit  forest  3 s"


def test_the_live_line_never_folds():
    event = Progress("fit", "a model with a very long name indeed " * 3, 1, 10, "trees")
    assert len(live_line(event, 0, width=60)) < 60


def in_a_terminal(code: str, **environment: str) -> str:
    """Run Python with stderr a terminal of 80 columns and return all that was written there."""
    parent, child = pty.openpty()
    settings = {key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "TERM", "COLUMNS")}
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)],
        stdout=subprocess.DEVNULL,
        stderr=child,
        env={**settings, "TERM": "xterm", "COLUMNS": "80", "PYTHONIOENCODING": "utf-8", **environment},
    )
    os.close(child)
    shown = b""
    while True:
        try:
            piece = os.read(parent, 65536)
        except OSError:
            # Linux: the other end of the terminal is closed.
            break
        if not piece:
            break
        shown += piece
    os.close(parent)
    assert process.wait(timeout=60) == 0, shown.decode()
    return shown.decode("utf-8")


LIVE = """
import sys, time, warnings
from sartor.cli.progress import Teller
from sartor.cli.screen import screen_for
from sartor.events import *
with Teller(screen_for([]).err) as teller:
    teller(RunStarted("finance/credit-scoring", "1124-1405-k7", 0))
    teller(StageStarted("fit", "5 models"))
    teller(Progress("fit", "forest", 312, 400, "trees"))
    time.sleep(0.3)
    print("a library warns", file=sys.stderr)
    time.sleep(0.3)
    teller(StageFinished("finance/credit-scoring", "1124-1405-k7", "fit", "forest", 0.6))
"""


def test_in_a_terminal_the_running_stage_is_one_live_line_that_goes_away():
    shown = in_a_terminal(LIVE)
    assert "━━━━━━━╸── 312 of 400 trees" in shown
    assert "a library warns" in shown
    last = re.split("[\r\n]+", shown.rstrip())[-1]
    assert "forest" in last or "0.60 s" in shown
    assert shown.count("\x1b[?25l") == shown.count("\x1b[?25h") == 1, "the cursor must come back"


def test_a_dumb_terminal_gets_plain_lines_without_any_code():
    shown = in_a_terminal(LIVE, TERM="dumb")
    assert "\x1b" not in shown
    assert "312 of 400" not in shown
    assert "       fit  forest" in shown


def test_no_color_keeps_the_live_line_and_drops_the_colours():
    shown = in_a_terminal(LIVE, NO_COLOR="1")
    assert "312 of 400 trees" in shown
    assert not re.search("\x1b\\[[0-9;]*m", shown)
