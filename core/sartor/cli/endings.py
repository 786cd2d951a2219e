"""How a call ends: its exit code, and on the screen what the user can do about it; never a raw traceback."""

from __future__ import annotations

import os
import tempfile
import traceback
from collections.abc import Sequence
from pathlib import Path

from sartor.blame import machine_error
from sartor.cli import problems
from sartor.cli.look import BAD, TYPED, pad
from sartor.cli.screen import Output, Screen, screen_for, using
from sartor.errors import PluginError, RecipeError, SartorError, UsageError

INTERRUPTED = 130
BUG = 70
UNTOUCHED = "no data was read"

_NO_TRACKER = "as CONTRIBUTING.md of sartor's repository says; a weakness as SECURITY.md says"
_PLEASE_ADD = "the traceback, the smallest recipe that shows it, what 'sartor doctor' prints"


def call(arguments: list[str]) -> int:
    """Run one command line and return its exit code."""
    screen = screen_for(arguments)
    with using(screen):
        try:
            return _invoke(arguments)
        except KeyboardInterrupt:
            return _interrupted(screen)
        except SartorError as error:
            show(error, screen)
            return error.exit_code
        except BaseException as error:  # noqa: BLE001 - the outermost place: what arrives here is a bug of ours
            machine = machine_error(error, _runs().absolute())
            if machine is None:
                _report_bug(error, screen, arguments)
                return BUG
            show(machine, screen)
            return machine.exit_code


def _invoke(arguments: list[str]) -> int:
    import typer.main

    from sartor.cli.app import app

    command = typer.main.get_command(app)
    try:
        result = command.main(arguments, prog_name="sartor", standalone_mode=False)
    except typer.Abort:
        raise KeyboardInterrupt from None
    except SystemExit as error:
        if _of_typer(error):
            # Its completion ends the process by itself.
            return error.code if isinstance(error.code, int) else 0
        raise PluginError(f"a plugin ended Python: SystemExit({error.code!r})", code="X020") from error
    if result == INTERRUPTED:
        raise KeyboardInterrupt
    return result if isinstance(result, int) else 0


def _of_typer(error: SystemExit) -> bool:
    import typer

    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    return frame is not None and Path(frame.tb_frame.f_code.co_filename).is_relative_to(Path(typer.__file__).parent)


def _interrupted(screen: Screen) -> int:
    # A live line or a ^C stands in this line already.
    screen.err.line("\ninterrupted" if screen.err.look.live else "interrupted")
    return INTERRUPTED


def show(error: SartorError, screen: Screen, *, output: Output | None = None) -> None:
    """Show an error with all its problems.

    Parameters
    ----------
    error : SartorError
    screen : Screen
    output : Output, optional
        stderr unless given.
    """
    output = output or screen.err
    look = output.look
    if screen.form == "concise":
        output.lines(problems.concise(error.problems, look))
    else:
        output.lines(problems.full(error.problems, look))
    cause = error.__cause__
    if isinstance(error, PluginError) and cause is not None:
        text = "".join(traceback.format_exception(cause))
        if screen.traceback:
            output.write(text)
        elif screen.form == "full":
            _name_file(_keep(text, "plugin-failure"), output)
    if screen.form == "full" and not isinstance(error, UsageError):
        untouched = UNTOUCHED if isinstance(error, RecipeError) else ""
        output.line(problems.footer(error.problems, look, untouched=untouched))


def _name_file(file: Path | None, output: Output) -> None:
    if file is not None:
        output.line(f"  {pad('traceback:', 13)} {output.look.text(str(file))}")


# ---------------------------------------------------------------------------------------------------------------
# Bugs of ours
# ---------------------------------------------------------------------------------------------------------------


def _report_bug(error: BaseException, screen: Screen, arguments: Sequence[str]) -> None:
    text = f"{_about(arguments)}\n{''.join(traceback.format_exception(error))}"
    said = (str(error).strip().splitlines() or [""])[0]
    what = f"{type(error).__name__}: {said}" if said else type(error).__name__
    output, look = screen.err, screen.err.look
    output.line(f"{look.paint('this is a bug in sartor', BAD)}: {look.text(what)}")
    _name_file(_keep(text, "bug"), output)
    tracker = issue_tracker()
    output.line(f"  {pad('to report:', 13)} {look.paint(tracker, TYPED) if tracker else _NO_TRACKER}")
    output.line(f"  {pad('please add:', 13)} {_PLEASE_ADD}")


def issue_tracker() -> str:
    """Return the address where bugs are reported, as the package's metadata names it; empty where it names none."""
    from importlib.metadata import PackageNotFoundError, metadata

    try:
        links = metadata("sartor").get_all("Project-URL") or []
    except PackageNotFoundError:
        links = []
    named = dict(link.partition(", ")[::2] for link in links)
    return str(named.get("Issues", ""))


def _about(arguments: Sequence[str]) -> str:
    import platform
    import shlex
    from importlib.metadata import PackageNotFoundError, version

    lines = [f"$ sartor {shlex.join(arguments)}", f"python {platform.python_version()}, {platform.platform()}"]
    for name in ("sartor", "typer", "pydantic", "narwhals", "duckdb", "pandas", "numpy", "scikit-learn"):
        try:
            lines.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            lines.append(f"{name} is not installed")
    return "\n".join(lines) + "\n"


def _runs() -> Path:
    from sartor.recipe.project import Project

    try:
        runs = Project.at().runs
    except (SartorError, OSError):
        # What is wrong with the project is another story than the one told here.
        return Path("runs")
    return runs.relative_to(Path.cwd()) if runs.is_relative_to(Path.cwd()) else runs


def _keep(text: str, name: str) -> Path | None:
    """Write a traceback into the project's runs, or where temporary files go; None where neither can be written."""
    from datetime import datetime

    file_name = f"{name}-{datetime.now():%Y%m%d-%H%M%S}-{os.getpid()}.txt"
    for folder in (_runs(), Path(tempfile.gettempdir())):
        file = folder / file_name
        if not folder.is_dir():
            continue
        try:
            file.write_text(text, encoding="utf-8", errors="backslashreplace")
        except OSError:
            # The next folder may be written.
            continue
        return file
    return None
