"""What the YAML parser cannot make sense of, in plain words.

The parser's own wording ("mapping values are not allowed in this context") names its rules; a person needs the place,
what is there, and what to write. Both parsers of PyYAML, libyaml and the one in Python, word their errors nearly alike.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from sartor.errors import Problem
from sartor.recipe.document import Source

if TYPE_CHECKING:
    from yaml.error import MarkedYAMLError

_REFERENCE = re.compile(r"\$\{[^}]*\}?")
_END_OF_TAG = re.compile(r"[\s,\[\]{}]")
_NO_SPACE = re.compile(r"\s*(?:- +)?([\w.-]+):(?! )(\S.*)")
_SPECIAL = "@`%|>&*!?[]{},#"
"""Signs that cannot begin a plain text."""


class _Fault(NamedTuple):
    """Where the parser stopped, and what it had begun to read there."""

    source: Source
    start: int
    opened: int | None

    @property
    def character(self) -> str:
        return self.source.text[self.start : self.start + 1]

    @property
    def line(self) -> str:
        return self.source.position(self.start).text

    @property
    def begin(self) -> int:
        """Where the thing that it was reading begins."""
        return self.start if self.opened is None else self.opened

    def text_from(self, start: int) -> str:
        """Return the rest of a line."""
        place = self.source.position(start)
        return place.text[place.column - 1 :]

    def line_start(self) -> int:
        return self.start - self.source.position(self.start).column + 1

    def line_before(self) -> tuple[int, str]:
        """Return where the last line with anything in it begins, before the line of the fault, and the line."""
        before = self.source.text[: self.line_start()].rstrip()
        return before.rfind("\n") + 1, before[before.rfind("\n") + 1 :]


def syntax_problem(error: MarkedYAMLError, source: Source, offset: int = 0) -> Problem:
    """Say a YAML error so that it can be mended.

    Parameters
    ----------
    error : yaml.error.MarkedYAMLError
        What the parser raised.
    source : Source
        The text it was reading.
    offset : int
        Where in the source the parser began.

    Returns
    -------
    Problem
        ``R003``, or ``R004`` for a tab.
    """
    problem, context = error.problem or "", error.context or ""
    mark = error.problem_mark or error.context_mark
    start = min(offset + (mark.index if mark else 0), len(source.text))
    opened = offset + error.context_mark.index if error.context_mark else None
    fault = _Fault(source, start, opened)
    if fault.character == "\t" or "tab character" in problem:
        return _tab(fault)
    if "undefined tag handle" in problem or context.endswith(" a tag"):
        begin = start if opened is None else opened
        return tag_problem(source, begin, _END_OF_TAG.split(fault.text_from(begin), 1)[0])
    message, mend, start = _explain(problem, context, fault)
    return Problem("R003", message, source.position(start), (("to mend", mend),))


def tag_problem(source: Source, start: int, tag: str) -> Problem:
    """Refuse a tag such as ``!!python/object``."""
    message = f"'{tag}' is a tag; a recipe holds plain values only, and nothing in it can run code"
    return Problem("R011", message, source.position(start, start + len(tag)), (("to mend", "leave the tag out"),))


def _tab(fault: _Fault) -> Problem:
    lines = fault.source.text.split("\n")
    tabbed = [str(number) for number, line in enumerate(lines, 1) if re.match(r" *\t", line)]
    place = fault.source.position(fault.start)
    if str(place.line) in tabbed and len(tabbed) > 1:
        shown = ", ".join(tabbed[:8]) + (f" and {len(tabbed) - 8} more" if len(tabbed) > 8 else "")
        mend = f"write spaces in place of the tabs in lines {shown}"
    else:
        mend = "write spaces in place of the tab"
    return Problem("R004", "a tab stands where YAML takes spaces only", place, (("to mend", mend),))


def _explain(problem: str, context: str, fault: _Fault) -> tuple[str, str, int]:
    """Return what is wrong, how to mend it, and where to point."""
    column = fault.source.position(fault.start).column
    reference = _REFERENCE.search(fault.line)
    if "flow" in context and reference and reference.start() < column:
        start = fault.line_start() + reference.start()
        return "a reference inside {...} or [...] stands without quotes", f'write "{reference[0]}"', start
    if "expected node content" in problem and fault.character in ",:" and fault.character:
        return f"a value is missing before '{fault.character}'", "write the value, or take the sign out", fault.start
    if "flow mapping" in context or "flow sequence" in context:
        return _unclosed(context, fault)
    if "quoted scalar" in context:
        return _quotes(problem, fault)
    if "are not allowed" in problem:
        return _not_allowed(problem, fault)
    if "could not find expected ':'" in problem:
        return _no_colon(fault.text_from(fault.begin), fault.begin)
    if "expected key" in problem or "block mapping" in context:
        return _uneven(fault)
    if "'-' indicator" in problem or "block collection" in context:
        return "this line does not belong to the list above it", "begin it with '- ', or indent it", fault.start
    return _rest(problem, context, fault)


def _unclosed(context: str, fault: _Fault) -> tuple[str, str, int]:
    opening, closing = ("{", "}") if "mapping" in context else ("[", "]")
    opened = fault.begin
    if fault.source.position(opened).line == fault.source.position(fault.start).line and fault.character.strip():
        message = f"a ',' or '{closing}' is missing before '{fault.character}'"
        return (
            message,
            f"separate values by ', ', close with '{closing}', quote a text that holds ,:[]{{}}",
            fault.start,
        )
    return f"this '{opening}' is never closed", f"write '{closing}' after its last value", opened


def _quotes(problem: str, fault: _Fault) -> tuple[str, str, int]:
    if "escape" in problem or "hexdecimal" in problem:
        # The parsers point at the backslash, or at a character behind it.
        start = fault.source.text.rfind("\\", 0, fault.start + 1)
        written = fault.source.text[start : start + 2]
        return f"'{written}' means nothing inside double quotes", f"write '\\{written}', or use single quotes", start
    return "this quote is never closed", f"write {fault.source.text[fault.begin]} after the text", fault.begin


def _not_allowed(problem: str, fault: _Fault) -> tuple[str, str, int]:
    if "sequence" in problem:
        return "a list cannot begin behind a key", "begin the list on the next line, or write [a, b]", fault.start
    if "keys" in problem:
        return "'? ' stands where no key can begin", "put the text in quotes", fault.start
    start, before = fault.line_before()
    missing = _NO_SPACE.fullmatch(before)
    if missing:
        return "a space is missing after ':'", f"write `{missing[1]}: {_short(missing[2])}`", start + before.index(":")
    if before.strip() and ":" not in before and not before.lstrip().startswith(("-", "#")):
        return _no_colon(before, start + len(before) - len(before.lstrip()))
    key, colon, text = fault.line.strip().partition(": ")
    if colon and ":" in text:
        mend = f"put the text in quotes: `{_short(key)}: {_double_quoted(text)}`"
        return "a second ':' stands in one line", mend, fault.start
    if len(key) > 1000:
        return f"a key of {len(key):,} characters is too long", "shorten it", fault.start
    mend = "give it the same indent as its neighbours, or end the line before with ':'"
    return "this line is indented deeper than its neighbours, or stands under a value", mend, fault.start


def _no_colon(line: str, start: int) -> tuple[str, str, int]:
    mend = "write `key: value`; a text in several lines begins with `key: >`"
    return f"'{_short(line.strip())}' is not followed by a colon", mend, start


def _uneven(fault: _Fault) -> tuple[str, str, int]:
    if fault.character == ":":
        return "a key is missing before ':'", "write `key: value`", fault.start
    place = fault.source.position(fault.start)
    if place.text[: place.column - 1].strip():
        text = place.text.strip().partition(": ")[2]
        mend = f"put the whole text in quotes: {_double_quoted(text)}" if text else "put the text in quotes"
        return f"'{_short(place.text[place.column - 1 :])}' stands behind a value that has ended", mend, fault.start
    if fault.character == "-":
        return "a list item stands among keys", "indent it under the key it belongs to", fault.start
    return "this line is indented unlike its neighbours", "indent lines that belong together alike", fault.start


def _rest(problem: str, context: str, fault: _Fault) -> tuple[str, str, int]:
    if "directive" in context or "document" in problem.lower():
        return "a line that begins with '%' is not part of a recipe", "take the line out", fault.line_start()
    first = fault.source.text[fault.begin : fault.begin + 1]
    if first and first in _SPECIAL:
        mend = f"write {_double_quoted(fault.text_from(fault.begin))}"
        if "block scalar" in context:
            mend += f", or begin a text in several lines below the '{first}'"
        return f"a text cannot begin with '{first}'", mend, fault.begin
    return "this cannot be read as YAML", "put texts with special characters in quotes", fault.start


def _double_quoted(text: str) -> str:
    inner = _short(text.strip().strip("\"'")).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{inner}"'


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:37] + "..."
