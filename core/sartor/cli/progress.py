"""Tells on stderr how a run goes: one finished line a stage, and in a terminal one live line for what is going on."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from contextlib import ExitStack, redirect_stdout
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sartor.cli.answer import caution
from sartor.cli.figures import duration
from sartor.cli.look import QUIET, STRONG, USUAL_WIDTH, Look, cells
from sartor.events import Event, Progress, RunStarted, StageFinished, StageStarted
from sartor.wording import plural

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.live import Live

    from sartor.cli.screen import Output

VERBS = 10
"""Columns of the stage's name, which stands at the right of them."""

_BAR = 10
_TIME_FROM = 0.1
_LEFT_FROM = 1.0


def started_line(event: RunStarted, look: Look) -> str:
    """Return the line above all stages.

    Examples
    --------
    >>> started_line(RunStarted("finance/credit-scoring", "1124-1405-k7", 0), Look())
    'finance/credit-scoring · run 1124-1405-k7 · seed 0'
    """
    return f"{look.paint(event.recipe, STRONG)}{look.text(f' · run {event.run} · seed {event.seed}')}"


def finished_line(event: StageFinished, look: Look) -> str:
    """Return the line of a finished stage; its time stands at the right when it took a tenth of a second.

    Examples
    --------
    >>> finished_line(StageFinished("r", "1", "ingest", "applications: 1,000 rows", 0.02), Look())
    '    ingest  applications: 1,000 rows'
    """
    line = f"{look.text(event.stage.rjust(VERBS))}  {look.text(event.line)}"
    if event.seconds < _TIME_FROM:
        return line
    took = duration(event.seconds)
    gap = max(2, min(look.width, USUAL_WIDTH) - cells(line) - len(took))
    return f"{line}{' ' * gap}{look.paint(took, QUIET)}"


@dataclass
class Underway:
    """The stage that is going on.

    Parameters
    ----------
    stage : str
    about : str
    now : callable
        A clock in seconds.
    """

    stage: str
    about: str = ""
    now: Callable[[], float] = time.monotonic
    step: Progress | None = None
    began: float = field(init=False)
    step_began: float = field(init=False)
    step_told: float = field(init=False)

    def __post_init__(self) -> None:
        self.began = self.step_began = self.step_told = self.now()

    def go_on(self, event: Progress) -> None:
        """Take what is known of a step inside the stage; of steps inside one that tells how far it is, nothing."""
        outer = self.step
        if outer is not None and event.what.startswith(f"{outer.what}.") and outer.done < outer.total:
            return
        if self.step is None or self.step.what != event.what or event.done < self.step.done:
            self.step_began = self.now()
        self.step, self.step_told = event, self.now()

    def line(self, look: Look) -> str:
        """Return the live line."""
        begin = f"{look.text(self.stage.rjust(VERBS))}  "
        room = max(10, look.width - VERBS - 3)
        if self.step is None or (self.step.total <= 0 and not self.step.done):
            passed = self.now() - (self.began if self.step is None else self.step_began)
            words = (self.step.what if self.step else self.about) or ("" if passed >= _LEFT_FROM else "…")
            clock = _rounded(passed) if passed >= _LEFT_FROM else ""
            return begin + look.cut("  ".join(filter(None, (words, clock))), room)
        step = self.step
        if step.total <= 0:
            return begin + look.cut(f"{step.what}  {plural(step.done, step.unit or 'step', step.unit)}", room)
        count = f"{step.done:,} of {step.total:,} {step.unit}".rstrip()
        return begin + look.cut(f"{step.what} {_bar(step.done / step.total)} {count}{self._left()}", room)

    def _left(self) -> str:
        step, took = self.step, self.step_told - self.step_began
        if step is None or not 0 < step.done < step.total or took + (self.now() - self.step_told) < _LEFT_FROM:
            return ""
        # As of when it was last told, less what has passed since: it counts down between two tellings.
        return f", {_rounded(took / step.done * (step.total - step.done) - (self.now() - self.step_told))} left"


def _rounded(seconds: float) -> str:
    return f"{max(1, round(seconds))} s" if seconds < 60 else duration(seconds)


def _bar(share: float) -> str:
    full = int(min(1.0, max(0.0, share)) * _BAR)
    return "━" * full + ("╸" + "─" * (_BAR - full - 1) if full < _BAR else "")


class Teller:
    """Listens to a run and tells of it; used in a ``with`` block.

    Inside the block whatever a plugin prints goes to stderr, for stdout carries the answer only, and a warning of a
    library becomes a caution of one line.

    Parameters
    ----------
    output : Output
        Where it writes, stderr as a rule.
    quiet : bool
        Tell nothing; the listener is then only silent.
    """

    def __init__(self, output: Output, *, quiet: bool = False) -> None:
        self._output = output
        self._quiet = quiet
        self._underway: Underway | None = None
        self._live: Live | None = None
        self._cautions: set[str] = set()
        self._restore = ExitStack()

    def __enter__(self) -> Teller:
        self._restore.enter_context(redirect_stdout(self._output.file))
        self._restore.enter_context(warnings.catch_warnings())
        warnings.showwarning = self._warned
        return self

    def __exit__(self, *_: object) -> None:
        self._stop_live()
        self._restore.close()

    def _warned(self, message: Warning | str, category: type[Warning], *_: object, **__: object) -> None:
        said = (str(message).strip().splitlines() or [""])[0]
        self._caution(f"{category.__name__}: {said}")

    def _caution(self, text: str) -> None:
        if self._quiet or text in self._cautions:
            return
        self._cautions.add(text)
        for line in caution(text, self._output.look, VERBS):
            self._say(line)

    @property
    def stage(self) -> str:
        """The stage that is going on; empty between stages."""
        return self._underway.stage if self._underway else ""

    def __call__(self, event: Event) -> None:
        """Hear an event."""
        look = self._output.look
        if isinstance(event, StageStarted):
            self._underway = Underway(event.stage, event.about)
        elif isinstance(event, StageFinished):
            self._underway = None
        if self._quiet:
            return
        if isinstance(event, RunStarted):
            self._say(started_line(event, look))
        elif isinstance(event, StageStarted):
            self._start_live()
        elif isinstance(event, Progress):
            if self._underway is not None:
                self._underway.go_on(event)
        elif isinstance(event, StageFinished):
            self._say(finished_line(event, look))
        elif event.caution:
            self._caution(event.said)

    def _say(self, line: str) -> None:
        if self._live is None:
            self._output.line(line)
            return
        from rich.text import Text

        self._live.console.print(Text.from_ansi(line), soft_wrap=True)

    def _start_live(self) -> None:
        if self._live is not None or not self._output.look.live or self._output.gone:
            return
        from rich.console import Console
        from rich.live import Live

        look = self._output.look
        console = Console(
            file=self._output.file,
            force_terminal=True,
            color_system="standard" if look.colour else None,
            no_color=not look.colour,
            highlight=False,
            markup=False,
            emoji=False,
        )
        # What others write stands above the live line.
        self._live = Live(_Line(self), console=console, transient=True, refresh_per_second=8)
        self._live.start()

    def _stop_live(self) -> None:
        if self._live is not None:
            self._live.stop()
            self._live = None

    def line(self) -> str:
        """Return the live line as it is now; empty between stages."""
        return self._underway.line(self._output.look) if self._underway else ""


@dataclass
class _Line:
    """What rich draws again and again."""

    teller: Teller

    def __rich__(self) -> RenderableType:
        from rich.text import Text

        return Text.from_ansi(self.teller.line(), no_wrap=True, overflow="ellipsis")
