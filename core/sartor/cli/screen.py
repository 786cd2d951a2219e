"""The two outputs of a command: the answer goes to stdout, progress and errors to stderr.

A reader that goes away (``sartor list models | head``) ends the output, not the work, and no one hears of it.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, cast

from sartor.cli.look import COLOUR_CHOICES, ColourChoice, Look, look_of
from sartor.errors import UsageError

if TYPE_CHECKING:
    from typing import TextIO

Format = Literal["full", "concise"]
FORMATS: tuple[Format, ...] = ("full", "concise")


@dataclass
class Output:
    """One of the two outputs.

    Parameters
    ----------
    file : TextIO
    look : Look
    answers : bool
        Whether it carries the answer: one that cannot be written is an error then.
    """

    file: TextIO
    look: Look
    answers: bool = False
    gone: bool = field(default=False, repr=False)

    def write(self, text: str) -> None:
        """Write a text as it is; do nothing once the reader has gone."""
        self._pass_on(lambda: self.file.write(text))

    def content(self, content: bytes) -> None:
        """Write data in UTF-8, whatever the terminal's encoding; do nothing once the reader has gone."""
        binary = getattr(self.file, "buffer", None)
        self._pass_on(lambda: self.file.write(content.decode()) if binary is None else binary.write(content))

    def _pass_on(self, write: Callable[[], object]) -> None:
        if self.gone:
            return
        try:
            write()
            self.file.flush()
        except BrokenPipeError:
            self.gone = True
            _silence(self.file)
        except OSError as error:
            self.gone = True
            _silence(self.file)
            if self.answers:
                said = error.strerror or str(error)
                raise UsageError(f"the answer cannot be written: {said[:1].lower()}{said[1:]}", code="U043") from None

    def line(self, text: str = "") -> None:
        """Write a line that is already laid out."""
        self.write(text + "\n")

    def json(self, values: Any) -> None:
        """Write a line of JSON, in characters that can be shown."""
        import json

        self.line(json.dumps(values, ensure_ascii=not self.look.unicode, allow_nan=False))

    def lines(self, texts: Iterable[str]) -> None:
        """Write lines in one go."""
        self.write("".join(text + "\n" for text in texts))


@dataclass
class Screen:
    """What one call of ``sartor`` writes to, and how.

    Parameters
    ----------
    out, err : Output
        For the answer, and for progress and errors.
    form : {"full", "concise"}
        How errors look.
    traceback : bool
        Whether the traceback of a failing plugin is shown.
    """

    out: Output
    err: Output
    form: Format = "full"
    traceback: bool = False


def _silence(file: TextIO) -> None:
    """Send what is still in the buffer nowhere, or Python complains when it ends."""
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, file.fileno())
        os.close(nowhere)
    except (OSError, io.UnsupportedOperation):
        # Not a real file: nothing is buffered below it.
        return


def screen_for(arguments: Sequence[str]) -> Screen:
    """Return the screen for a command line, before anything of it is parsed.

    Errors in the command line itself must already look right, so the few options on looks are read here; the verbs
    declare them once more for ``--help`` and to refuse wrong values.
    """
    colour = _value(arguments, "--color", COLOUR_CHOICES, "auto")
    form = _value(arguments, "--format", FORMATS, "full")
    outputs = []
    for stream in (sys.stdout, sys.stderr):
        file = stream if stream is not None else cast("TextIO", io.StringIO())
        if isinstance(file, io.TextIOWrapper):
            # A name that the encoding lacks must not end a run that took an hour.
            file.reconfigure(errors="backslashreplace")
        outputs.append(Output(file, look_of(file, cast("ColourChoice", colour)), answers=stream is sys.stdout))
    known = _before_terminator(arguments)
    return Screen(outputs[0], outputs[1], cast("Format", form), "--traceback" in known)


def _before_terminator(arguments: Sequence[str]) -> Sequence[str]:
    return arguments[: arguments.index("--")] if "--" in arguments else arguments


def _value(arguments: Sequence[str], option: str, choices: Sequence[str], default: str) -> str:
    known = _before_terminator(arguments)
    found = default
    for position, argument in enumerate(known):
        name, given, value = argument.partition("=")
        if name == option:
            value = value if given else known[position + 1] if position + 1 < len(known) else ""
            found = value if value in choices else found
    return found


_current: list[Screen] = []


def screen() -> Screen:
    """Return the screen of the call that is going on."""
    return _current[-1] if _current else screen_for([])


class using:  # noqa: N801 - read as a verb: `with using(screen):`
    """Make a screen the one that `screen` returns, for the time of a ``with`` block."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen

    def __enter__(self) -> Screen:
        _current.append(self._screen)
        return self._screen

    def __exit__(self, *_: object) -> None:
        _current.remove(self._screen)
