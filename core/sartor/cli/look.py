"""How text may look on one output: its width, whether it has colour, and which characters it can show."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from typing import TextIO

ColourChoice = Literal["auto", "always", "never"]
COLOUR_CHOICES: tuple[ColourChoice, ...] = ("auto", "always", "never")
USUAL_WIDTH = 80

STRONG, QUIET, GOOD, DOUBT, BAD, TYPED = "strong", "quiet", "good", "doubt", "bad", "typed"
"""Styles: the decision and ours; times and paths; passed; not shown; failed; what can be typed."""

# Of the sixteen ANSI colours, which follow the terminal's own theme, light or dark.
_CODES = {STRONG: "1", QUIET: "2", GOOD: "32", DOUBT: "33", BAD: "31", TYPED: "36"}
_ANSI = re.compile("\x1b\\[[0-9;]*m")

_PLAIN = {
    "●": "*",
    "│": "|",
    "├": "|",
    "┤": "|",
    "─": "-",
    "━": "=",
    "╸": ">",
    "→": "->",
    "←": "<-",
    "−": "-",
    "–": "-",
    "·": "-",
    "≥": ">=",
    "≤": "<=",
    "±": "+/-",
    "×": "x",
    "…": "...",
    "◂": "<",
    "▸": ">",
    "‘": "'",
    "’": "'",
    "“": '"',
    "”": '"',
    "\N{NO-BREAK SPACE}": " ",
}
_TO_PLAIN = str.maketrans(_PLAIN)


@dataclass(frozen=True)
class Look:
    """What one output can show.

    Parameters
    ----------
    width : int
        Columns.
    colour : bool
        Whether ANSI colours are sent.
    unicode : bool
        Whether characters beyond ASCII arrive; else ``* | - ->`` stand for them.
    live : bool
        Whether a line may be written over: a terminal that understands it.
    fold : bool
        Whether long names and lines are made to fit; a file keeps them whole.

    Examples
    --------
    >>> Look(unicode=False).text("auc ≥ 0.70 → passed")
    'auc >= 0.70 -> passed'
    """

    width: int = USUAL_WIDTH
    colour: bool = False
    unicode: bool = True
    live: bool = False
    fold: bool = False

    def text(self, text: str) -> str:
        """Return the text in characters that the output can show, control characters made visible."""
        shown = printable(text)
        return shown if self.unicode else shown.translate(_TO_PLAIN)

    def cut(self, text: str, width: int) -> str:
        """Return the text as `text` does, cut to a number of columns.

        Examples
        --------
        >>> Look().cut("gradient boosting", 9), Look(unicode=False).cut("gradient boosting", 9)
        ('gradient…', 'gradie...')
        """
        return shorten(self.text(text), width, self.text("…"))

    def paint(self, text: str, style: str = "") -> str:
        """Return the text as `text` does, in a style; without colour the words are the same."""
        shown = self.text(text)
        return f"\x1b[{_CODES[style]}m{shown}\x1b[0m" if self.colour and style and shown else shown


def printable(text: str) -> str:
    r"""Return the text with tabs as spaces and other control characters spelled out.

    Names and lines that are shown come from files; an escape sequence in them must not reach the terminal.

    Examples
    --------
    >>> printable("a\tb \x1b[31m")
    'a b \\x1b[31m'
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_visible(character) for character in text)


def _visible(character: str) -> str:
    if character == "\t":
        return " "
    # Cc: control; Cf: direction marks and the like, but for joiners, which scripts need; Cs: halves of characters.
    category = unicodedata.category(character)
    if category in ("Cc", "Cs") or (category == "Cf" and character not in "\u200c\u200d\u00ad"):
        return f"\\x{ord(character):02x}" if ord(character) < 0x100 else f"\\u{ord(character):04x}"
    return character


def cells(text: str) -> int:
    r"""Return how many columns a text takes, styles not counted.

    Examples
    --------
    >>> cells("forest"), cells("森林"), cells("\x1b[1mforest\x1b[0m")
    (6, 4, 6)
    """
    if "\x1b" in text:
        text = _ANSI.sub("", text)
    if text.isascii():
        return len(text)
    return sum(_cells_of(character) for character in text)


def _cells_of(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1


def pad(text: str, width: int, *, right: bool = False) -> str:
    """Return the text filled up with spaces to a number of columns; `right` puts them before it.

    Examples
    --------
    >>> pad("forest", 8) + "|" + pad("0.771", 8, right=True) + "|"
    'forest  |   0.771|'
    """
    fill = " " * max(0, width - cells(text))
    return fill + text if right else text + fill


def shorten(text: str, width: int, more: str = "…") -> str:
    """Return the text cut to a number of columns, `more` behind it where something is missing.

    Examples
    --------
    >>> shorten("gradient boosting", 9)
    'gradient…'
    """
    if cells(text) <= width:
        return text
    kept, used = [], 0
    for character in text:
        used += _cells_of(character)
        if used > width - len(more):
            break
        kept.append(character)
    return "".join(kept) + more


def wrap(text: str, width: int, *, first: int = 0) -> list[str]:
    """Break a text at spaces into lines of at most `width` columns; `first` are already taken in the first line.

    Examples
    --------
    >>> wrap("no table has the column", 12)
    ['no table has', 'the column']
    """
    lines: list[str] = []
    line, room = "", width - first
    for word in text.split(" "):
        longer = f"{line} {word}" if line else word
        if line and cells(longer) > room:
            lines.append(line)
            line, room = word, width
        else:
            line = longer
    return [*lines, line]


def look_of(
    file: TextIO, colour: ColourChoice = "auto", environment: Mapping[str, str] | None = None, *, fallback: int = 0
) -> Look:
    """Find out what an output can show.

    Parameters
    ----------
    file : TextIO
        The output.
    colour : {"auto", "always", "never"}
        What ``--color`` says; ``auto`` asks the environment (``NO_COLOR``, ``TERM``) and the terminal.
    environment : mapping, optional
        `os.environ` unless given.
    fallback : int
        Width where neither the terminal nor ``COLUMNS`` tells.
    """
    environment = os.environ if environment is None else environment
    terminal = bool(getattr(file, "isatty", lambda: False)())
    dumb = environment.get("TERM", "").lower() in ("dumb", "unknown")
    # https://no-color.org: present and not empty.
    wanted = terminal and not dumb and not environment.get("NO_COLOR")
    return Look(
        width=_width(file, terminal, environment) or fallback or USUAL_WIDTH,
        colour=colour == "always" or (colour == "auto" and wanted),
        unicode=_has_unicode(file, environment),
        live=terminal and not dumb,
        fold=terminal,
    )


def _has_unicode(file: TextIO, environment: Mapping[str, str]) -> bool:
    # Python writes UTF-8 under LC_ALL=C (PEP 540); who sets that asks programs for ASCII, and other tools comply.
    plain = environment.get("LC_ALL") in ("C", "POSIX")
    asked = environment.get("PYTHONIOENCODING") or environment.get("PYTHONUTF8") == "1"
    encoding = (getattr(file, "encoding", None) or "utf-8").lower().replace("-", "").replace("_", "")
    return encoding.startswith("utf") and (not plain or bool(asked))


def _width(file: TextIO, terminal: bool, environment: Mapping[str, str]) -> int:
    said = environment.get("COLUMNS", "")
    if said.isdigit() and int(said):
        return int(said)
    if not terminal:
        return 0
    try:
        return os.get_terminal_size(file.fileno()).columns
    except (OSError, ValueError):
        return 0
