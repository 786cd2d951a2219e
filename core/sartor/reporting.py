"""Reports: files for people, made from a run's folder by what is installed in the group ``sartor.reports``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pluggy

from sartor.blame import STOPS, machine_error, said_of
from sartor.entry_points import offers_of
from sartor.errors import PluginError, SartorError
from sartor.hookspecs import PROJECT, ReportHooks, hooks_of
from sartor.plugins import unknown_hooks
from sartor.runs.ledger import enter

GROUP = "sartor.reports"


@dataclass(frozen=True)
class Reported:
    """What came of asking for reports.

    Parameters
    ----------
    files : tuple of Path
        What was made, the file to open first.
    troubles : tuple of str
        A sentence for each report that could not be made.
    failure : SartorError or None
        The first of them that tells how to mend it.
    """

    files: tuple[Path, ...] = ()
    troubles: tuple[str, ...] = ()
    failure: SartorError | None = None


def page_of(folder: Path) -> Reported:
    """Make every report of a recorded run where somebody asks for one.

    Raises
    ------
    SartorError
        If none could be made.
    """
    reported = make_reports(folder)
    if reported.failure is not None and not reported.files:
        raise reported.failure
    if not reported.files:
        why = "; ".join(reported.troubles) or "no report is installed"
        raise PluginError(why, code="X041", hints=(("to see all", "sartor doctor"),))
    return reported


def make_reports(folder: Path) -> Reported:
    """Make every report of a recorded run, and enter the files in its ledger.

    A report that fails is named, and stops neither the others nor the run.

    Parameters
    ----------
    folder : Path
        Of the run.
    """
    manager, troubles = _reports()
    files: list[Path] = []
    failure: SartorError | None = None
    # pluggy calls the one registered last first.
    for implementation in reversed(manager.hook.report.get_hookimpls()):
        who = f"report '{implementation.plugin_name}'"
        try:
            made = _made(implementation.function(folder), folder, who)
            enter(folder, made, by="report")
        except SartorError as error:
            failure = failure or error
            troubles.append(f"{who}: {error.problems[0].message}")
        except STOPS:
            raise
        except BaseException as error:  # noqa: BLE001 - a stranger's report may raise anything
            machine = machine_error(error, folder)
            failure = failure or machine or _failed(who, error)
            troubles.append(f"{who}: {machine.problems[0].message}" if machine else f"{who} failed: {said_of(error)}")
        else:
            files += made
    return Reported(tuple(files), tuple(troubles), failure)


def _failed(who: str, error: BaseException) -> PluginError:
    hints = (("to mend", "tell its authors"), ("to see all", "add --traceback"))
    failure = PluginError(f"{who} failed: {said_of(error)}", code="X040", hints=hints)
    failure.__cause__ = error
    return failure


def _made(files: object, folder: Path, who: str) -> list[Path]:
    """Return the files that a report made, which must lie in the run's folder."""
    found = list(files) if isinstance(files, Iterable) else []
    inside = [isinstance(file, Path) and file.is_file() and file.is_relative_to(folder) for file in found]
    if not found or not all(inside):
        raise PluginError(f"{who} breaks the contract of report: it names no files of the run's folder", code="X021")
    return found


def _reports() -> tuple[pluggy.PluginManager, list[str]]:
    """Load the reports; return their manager and a sentence for each that did not load."""
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(ReportHooks)
    troubles: list[str] = []
    # sartor's own comes first: its page is the one to open.
    for offer in sorted(offers_of(GROUP), key=lambda offer: (offer.distribution != PROJECT, offer.point.name)):
        who = f"report '{offer.point.name}' of {offer.origin}"
        try:
            manager.register(hooks_of(offer.point.load()), f"{offer.point.name} of {offer.distribution}")
        except STOPS:
            raise
        except BaseException as error:  # noqa: BLE001 - the same
            troubles.append(f"{who} did not load: {said_of(error)}")
    for name in unknown_hooks(manager):
        (first, *_) = getattr(manager.hook, name).get_hookimpls()
        troubles.append(f"report '{first.plugin_name}' implements a hook that does not exist: {name}")
    return manager, troubles
