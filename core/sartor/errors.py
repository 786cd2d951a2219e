"""What can go wrong, said so that it can be mended.

::

    SartorError                 carries problems; every one says what, where and how to mend
    ├── RecipeError       2     the recipe is wrong: all its problems in one go
    ├── InputError        2     the data is wrong
    ├── SettingError      2     a setting is wrong (raised by a component; the core adds where it stands)
    ├── UsageError        2     the command was called wrongly
    │   └── MachineError  2     the machine has run out of memory or room, or does not let sartor write
    ├── PrivacyStop       3     a privacy rule stopped the run; nothing was written
    └── PluginError       4     a plugin failed; its own traceback is kept

The number is the exit code. A bug of ours is any other exception: exit code 70.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import ClassVar


@dataclass(frozen=True, order=True)
class Position:
    """A place in a text file.

    Parameters
    ----------
    file : str
        The file as the user would name it.
    line, column : int
        Counted from 1.
    width : int
        How many characters the thing at fault is wide; the caret is drawn this wide.
    text : str
        The line itself, without its line end.
    """

    file: str
    line: int
    column: int
    width: int = field(default=1, compare=False)
    text: str = field(default="", compare=False)

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong.

    Parameters
    ----------
    code : str
        A code of `sartor.codes`, such as ``R021``; ``sartor explain R021`` tells more.
    message : str
        What is wrong, as a sentence without capital and full stop: ``no model is called 'learn.forrest'``.
    where : Position, optional
        Where it stands.
    hints : tuple of (label, text)
        How to mend: ``("did you mean", "learn.forest")``, ``("to mend", "write 0.15; 15 % is 0.15")``,
        ``("to see all", "sartor list models")``.
    cause : exception, optional
        What a plugin raised, for those who want its traceback.

    Examples
    --------
    >>> problem = Problem("R021", "no model is called 'learn.forrest'", hints=(("did you mean", "learn.forest"),))
    >>> print(problem)
    no model is called 'learn.forrest'  R021
      did you mean: learn.forest
    """

    code: str
    message: str
    where: Position | None = None
    hints: tuple[tuple[str, str], ...] = ()
    cause: BaseException | None = field(default=None, compare=False, repr=False)

    def __str__(self) -> str:
        place = f"{self.where}  " if self.where else ""
        lines = [f"{place}{self.message}  {self.code}"]
        lines += [f"  {label}: {text}" for label, text in self.hints]
        return "\n".join(lines)

    def at(self, where: Position | None) -> Problem:
        """Return the same problem with a place, unless it has one already."""
        return self if self.where or where is None else replace(self, where=where)


class SartorError(Exception):
    """Something the user can mend; never shown with a traceback.

    Parameters
    ----------
    message : str or Problem or iterable of Problem
        With a plain text, `code` and `hints` make the problem.
    code : str, optional
        Defaults to the class's own general code.
    hints : iterable of (label, text)
    where : Position, optional
    """

    exit_code: ClassVar[int] = 70
    default_code: ClassVar[str] = "X000"

    def __init__(
        self,
        message: str | Problem | Iterable[Problem],
        *,
        code: str | None = None,
        hints: Iterable[tuple[str, str]] = (),
        where: Position | None = None,
    ) -> None:
        if isinstance(message, str):
            self.problems: tuple[Problem, ...] = (Problem(code or self.default_code, message, where, tuple(hints)),)
        elif isinstance(message, Problem):
            self.problems = (message.at(where),)
        else:
            self.problems = tuple(problem.at(where) for problem in message)
        super().__init__("\n".join(str(problem) for problem in self.problems))

    def at(self, where: Position | None) -> SartorError:
        """Return the same error with a place for every problem that has none."""
        error = type(self)([problem.at(where) for problem in self.problems])
        error.__cause__ = self.__cause__
        return error


class RecipeError(SartorError):
    """The recipe cannot be run as it is written; lists every problem found."""

    exit_code = 2
    default_code = "R000"


class InputError(SartorError):
    """The data cannot be used as it is."""

    exit_code = 2
    default_code = "D000"


class SettingError(SartorError, ValueError):
    """A setting has a value that makes no sense; raised by components."""

    exit_code = 2
    default_code = "R034"


class UsageError(SartorError):
    """The command was called in a way that cannot work."""

    exit_code = 2
    default_code = "U000"


class MachineError(UsageError):
    """The machine has run out of something; no line of a recipe is at fault, so it never gets a place in one."""

    def at(self, where: Position | None) -> SartorError:
        """Return the same error."""
        return self


class PrivacyStop(SartorError):
    """A privacy rule stopped the run."""

    exit_code = 3
    default_code = "P000"


class PluginError(SartorError):
    """A plugin failed or broke its contract; the original exception is the cause."""

    exit_code = 4
    default_code = "X000"


def nearest(name: str, names: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Hints that name what was probably meant.

    Parameters
    ----------
    name : str
        What was written.
    names : iterable of str
        What would have been valid.

    Returns
    -------
    tuple of (label, text)
        One ``did you mean`` hint, or one that lists the valid names when none is near, or nothing.

    Examples
    --------
    >>> nearest("learn.forrest", ["learn.forest", "learn.svm"])
    (('did you mean', 'learn.forest'),)
    >>> nearest("zzz", ["b", "a"])
    (('there are', 'a, b'),)
    """
    valid = sorted(set(names))
    close = get_close_matches(name.lower(), [candidate.lower() for candidate in valid], n=1, cutoff=0.6)
    if close:
        return (("did you mean", next(candidate for candidate in valid if candidate.lower() == close[0])),)
    if not valid:
        return ()
    shown = valid[:12]
    more = f" and {len(valid) - len(shown)} more" if len(valid) > len(shown) else ""
    return (("there are", ", ".join(shown) + more),)
