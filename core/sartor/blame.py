"""Whose failure an exception is: the machine's, which has run out of something, or the code's that raised it."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from sartor.errors import MachineError, PluginError, Position, Problem, SartorError

STOPS = (KeyboardInterrupt, GeneratorExit)
"""What nobody is to blame for: the user wants to stop. Anything else that a plugin lets out is its failure."""

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""A disk, a share of it, or the size that a file may have is used up."""
_NO_RIGHT = (errno.EACCES, errno.EPERM, errno.ENOTDIR, errno.EROFS)

_LESS_MEMORY = (
    ("to mend", 'give tables less room, memory = "2 GB" in sartor.toml, or use fewer threads: --threads 1'),
)
_MORE_ROOM = (("to mend", "make room, or name other folders: runs and spill in sartor.toml, TMPDIR"),)
_OTHER_FOLDER = (("to mend", "let sartor write there, or name another folder: runs in sartor.toml"),)


def said_of(error: BaseException) -> str:
    r"""Return what an exception is and says, in one line.

    Examples
    --------
    >>> said_of(ValueError("no such bin\nsee above")), said_of(KeyError())
    ('ValueError: no such bin', 'KeyError')
    """
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__


def untold(error: BaseException) -> BaseException:
    """Return an exception like another one without its words, or those of what it was raised from.

    What is raised while a table is read may hold values of it, which privacy may hide.

    Examples
    --------
    >>> said_of(untold(ValueError("could not convert string to float: 'Miller'")))
    'ValueError: its words are not told, they may hold values that privacy hides'
    """
    kind = type(type(error).__name__, (Exception,), {"__module__": type(error).__module__})
    silent: BaseException = kind("its words are not told, they may hold values that privacy hides")
    return silent.with_traceback(error.__traceback__)


@contextmanager
def hushed(hides: bool) -> Iterator[None]:
    """Let nothing out that is raised over rows which no guard has seen but what was written to be told.

    Parameters
    ----------
    hides : bool
        Whether privacy hides values; otherwise all is told.
    """
    try:
        yield
    except (SartorError, *STOPS):
        raise
    except BaseException as error:
        if not hides:
            raise
        raise machine_error(error) or untold(error) from None


def plugin_problem(error: BaseException, whose: str, use: str, verb: str, where: Position | None = None) -> Problem:
    """Return what is said of a component whose verb let an exception out that says nothing of the user's matters.

    Parameters
    ----------
    error : exception
    whose : str
        The recipe and the step: ``finance/loans: step models.forest``.
    use, verb : str
    where : Position, optional

    Examples
    --------
    >>> problem = plugin_problem(ZeroDivisionError("division by zero"), "a/b: step models.m", "acme.net", "fit")
    >>> print(problem)
    a/b: step models.m: 'acme.net' failed in fit: ZeroDivisionError: division by zero  X020
      to mend: tell its authors; sartor plugins show acme
      to see all: add --traceback
    """
    hints = (
        ("to mend", f"tell its authors; sartor plugins show {use.split('.', 1)[0]}"),
        ("to see all", "add --traceback"),
    )
    message = f"{whose}: '{use}' failed in {verb}: {said_of(error)}"
    return Problem("X020", message, where, hints, cause=error)


class PartError(PluginError):
    """A part inside a step failed, such as a step of prepare; whoever knows the step says which one it is inside of.

    Parameters
    ----------
    problem : Problem
        ``step 1 of prepare: 'acme.bins' failed in transform: ...``.
    place : tuple
        Where the part stands below its step: ``("prepare", 0)``.
    """

    def __init__(self, problem: Problem, place: tuple[str | int, ...] = ()) -> None:
        super().__init__(problem)
        self.place = place

    def of(self, whose: str, where: Position | None = None) -> PluginError:
        """Return the error with the name of the step that the part is inside of."""
        (problem,) = self.problems
        return PluginError(replace(problem, message=f"{whose}: {problem.message}", where=where))

    def at(self, where: Position | None) -> PluginError:
        """Return the error with a place."""
        error = PluginError([problem.at(where) for problem in self.problems])
        error.__cause__ = self.__cause__
        return error


@contextmanager
def part(whose: str, use: str, verb: str, place: tuple[str | int, ...] = ()) -> Iterator[None]:
    """Name the part of a step whose verb raises inside; what says something of the user's matters is let through.

    Parameters
    ----------
    whose : str
        ``step 1 of prepare``.
    use, verb : str
    place : tuple
        Where the part stands below its step.
    """
    try:
        yield
    except PartError as error:
        raise PartError(error.of(whose).problems[0], (*place, *error.place)) from error.__cause__
    except (SartorError, *STOPS):
        raise
    except BaseException as error:
        raise PartError(plugin_problem(error, whose, use, verb), place) from error


def reason(error: OSError) -> str:
    """Return why the system refused something, in its own words.

    Examples
    --------
    >>> reason(OSError(28, "Error writing bytes to file. Detail: ..."))
    'no space left on device'
    >>> reason(OSError([("a", "b", "[Errno 28] No space left on device: 'a' -> 'b'")]))
    'no space left on device'
    """
    if error.errno is not None:
        return _lower(os.strerror(error.errno))
    # Where a folder is copied, an error holds one for each file.
    number = re.search(r"\[Errno ([0-9]+)\]", str(error))
    return _lower(os.strerror(int(number[1])) if number else str(error).partition("\n")[0])


def machine_error(error: BaseException, *own: Path, at: str = "") -> MachineError | None:
    """Return what an exception, or what it was raised from, says of the machine; None where it says nothing of it.

    Memory that ran out and a full disk are the machine's matter whoever met them. That something may not be written
    is so for sartor's own folders only: a plugin may name a file that nobody may touch.

    Parameters
    ----------
    error : exception
    *own : Path
        Folders in which sartor writes.
    at : str
        What was being done: ``fit of models.forest``.

    Examples
    --------
    >>> print(machine_error(OSError(28, "No space left on device", "runs/a"), at="save of models.forest"))
    no space left on device (runs/a), in save of models.forest  U043
      to mend: make room, or name other folders: runs and spill in sartor.toml, TMPDIR
    >>> machine_error(FileNotFoundError(2, "No such file or directory", "bins.json"))
    """
    doing = f", in {at}" if at else ""
    for cause in _causes(error):
        if isinstance(cause, MachineError):
            return cause
        if isinstance(cause, MemoryError) or (_is_of_duckdb(cause) and type(cause).__name__ == "OutOfMemoryException"):
            said = str(cause).strip().partition("\n")[0]
            message = f"memory ran out{doing}" + (f": {said}" if said else "")
            return MachineError(message, code="U045", hints=_LESS_MEMORY)
        said = _no_room(cause)
        if said:
            return MachineError(f"{said}{doing}", code="U043", hints=_MORE_ROOM)
        said = _no_right(cause, own)
        if said:
            return MachineError(said, code="U043", hints=_OTHER_FOLDER)
    return None


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    seen: set[int] = set()
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        yield cause
        cause = cause.__cause__


def _no_room(error: BaseException) -> str:
    if isinstance(error, OSError) and error.errno in _NO_ROOM:
        where = f" ({_shown(error.filename)})" if error.filename else ""
        return f"{reason(error)}{where}"
    if _is_of_duckdb(error):
        return next((_lower(word) for word in map(os.strerror, _NO_ROOM) if word in str(error)), "")
    return ""


def _no_right(error: BaseException, own: tuple[Path, ...]) -> str:
    if isinstance(error, OSError) and error.errno in _NO_RIGHT and error.filename is not None:
        file = Path(os.fsdecode(error.filename)).absolute()
        # A disk that nobody can write to is the machine's matter, as a full one is.
        if error.errno == errno.EROFS or any(file.is_relative_to(folder.absolute()) for folder in own):
            return f"{_shown(file)} cannot be written: {reason(error)}"
    if _is_of_duckdb(error):
        text = str(error)
        folder = next((folder for folder in own if str(folder) in text), None)
        why = next((word for word in map(os.strerror, _NO_RIGHT) if word in text), "")
        if folder is not None and why:
            return f"{_shown(folder)} cannot be written: {_lower(why)}"
    return ""


def _is_of_duckdb(error: BaseException) -> bool:
    # By its name: this module must not import what a recipe may not need.
    return type(error).__module__.partition(".")[0] in ("duckdb", "_duckdb")


def _shown(path: str | bytes | Path) -> str:
    """Name a file as the user would: from where the command is called, if it lies below."""
    file = Path(os.fsdecode(path))
    return file.relative_to(Path.cwd()).as_posix() if file.is_relative_to(Path.cwd()) else str(file)


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
