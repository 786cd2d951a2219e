"""Shows what is wrong: where, what, its code, the line with a caret, and how to mend it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sartor.cli.look import BAD, QUIET, STRONG, TYPED, USUAL_WIDTH, Look, cells, pad, wrap
from sartor.errors import Position, Problem
from sartor.wording import plural

_LABEL_WIDTH = len("did you mean:")
_COMMAND = "sartor "
_LONGEST_LINE = 200


def full(problems: Iterable[Problem], look: Look) -> list[str]:
    r"""Return the lines that show problems with their source line and their hints.

    Examples
    --------
    >>> where = Position("credit.yaml", 19, 17, 13, "  forest: {use: learn.forrest}")
    >>> problem = Problem("R021", "no model is called 'learn.forrest'", where, (("did you mean", "learn.forest"),))
    >>> print("\n".join(full([problem], Look())))
    credit.yaml:19:17  no model is called 'learn.forrest'                       R021
      19 │   forest: {use: learn.forrest}
         │                 ^^^^^^^^^^^^^
      did you mean: learn.forest
    """
    return [line for problem in problems for line in _one(problem, look)]


def _one(problem: Problem, look: Look) -> list[str]:
    lines = _first(problem, look)
    if problem.where is not None and problem.where.text:
        lines += _source(problem.where, look)
    labels = max([_LABEL_WIDTH, *(cells(label) + 1 for label, _ in problem.hints)])
    for label, text in problem.hints:
        lines += _hint(label, text, labels, look)
    return lines


def _first(problem: Problem, look: Look) -> list[str]:
    """The message, the code at the right; it goes on below where it is long and a person reads it."""
    place = f"{look.text(str(problem.where))}  " if problem.where is not None else ""
    edge = min(look.width, USUAL_WIDTH) if look.fold else USUAL_WIDTH
    room = edge - len(problem.code) - 2
    message = look.text(problem.message)
    # What is hung below a long file name would stand in a narrow strip.
    if look.fold and cells(place) + cells(message) > room:
        first, *rest = wrap(message, room - 4, first=max(0, cells(place) - 4))
    else:
        first, rest = message, []
    gap = max(2, edge - cells(place) - cells(first) - len(problem.code))
    painted = look.paint(place.rstrip(), STRONG) + "  " * bool(place) + look.paint(first, BAD)
    return [
        painted + " " * gap + look.paint(problem.code, QUIET),
        *("    " + look.paint(line, BAD) for line in rest),
    ]


def _source(where: Position, look: Look) -> list[str]:
    """The line of the file, and a caret under what is at fault; a long line is cut to what is around it."""
    number = str(where.line)
    rule = look.text("│")
    room = max(20, look.width - len(number) - 5) if look.fold else _LONGEST_LINE
    start = max(0, where.column - 1)
    characters = where.text
    if cells(characters) > room:
        begin = max(0, min(start - room // 3, len(characters) - room))
        more = "…" if begin else ""
        characters = more + characters[begin : begin + room - 2] + ("…" if begin + room - 2 < len(characters) else "")
        start = start - begin + len(more)
    before, at = look.text(characters[:start]), look.text(characters[start : start + where.width])
    after = look.text(characters[start + where.width :])
    caret = " " * cells(before) + "^" * max(1, cells(at.rstrip()) or 1)
    return [
        f"  {look.paint(number, QUIET)} {look.paint(rule, QUIET)} {(before + at + after).rstrip()}",
        f"  {' ' * len(number)} {look.paint(rule, QUIET)} {look.paint(caret, BAD)}",
    ]


def _hint(label: str, text: str, labels: int, look: Look) -> list[str]:
    shown = look.text(text)
    left = labels + 3
    folded = wrap(shown, max(20, look.width - left)) if look.fold else [shown]
    style = TYPED if shown.startswith(_COMMAND) else ""
    first = f"  {pad(look.text(label) + ':', labels)} {look.paint(folded[0], style)}"
    return [first, *(" " * left + look.paint(line, style) for line in folded[1:])]


def concise(problems: Iterable[Problem], look: Look) -> list[str]:
    """Return one line for each problem, as editors and compilers have it.

    Examples
    --------
    >>> problem = Problem("R021", "no model is called 'x'", Position("a.yaml", 3, 5), (("did you mean", "y"),))
    >>> concise([problem], Look())
    ["a.yaml:3:5: R021 no model is called 'x' (did you mean: y)"]
    """
    return [look.text(_in_one_line(problem)) for problem in problems]


def _in_one_line(problem: Problem) -> str:
    place = f"{problem.where}: " if problem.where is not None else ""
    hint = f" ({': '.join(problem.hints[0])})" if problem.hints else ""
    return " ".join(f"{place}{problem.code} {problem.message}{hint}".split("\n"))


def footer(problems: Sequence[Problem], look: Look, *, where: str = "", untouched: str = "") -> str:
    """Return the last line: how many there are, what was left undone, and where to read more.

    Examples
    --------
    >>> footer([Problem("R041", "a"), Problem("R021", "b")], Look(), untouched="no data was read")
    '2 errors; no data was read. More on one: sartor explain R041'
    """
    said = f"{plural(len(problems), 'error')}{where}{'; ' if untouched else ''}{untouched}."
    more = "More" if len(problems) == 1 else "More on one"
    return f"{said} {more}: {look.paint(f'sartor explain {problems[0].code}', TYPED)}"
