"""A run's folder while it is written: beside its final place, and marked with the process that writes it.

It is made when the run begins, so that a project that cannot be written ends a run before its work, and so that no
other run takes the name meanwhile. It is renamed into place when it is whole. A killed run leaves it behind; whether
its process is still there tells such a leftover from a run that is going on.
"""

from __future__ import annotations

import json
import os
import platform
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

OWNER = "writing.json"
"""Says who writes; taken away before the folder is put in place."""


@dataclass(frozen=True)
class Owner:
    """A process.

    Parameters
    ----------
    machine : str
        Numbers of processes mean something on their own machine only.
    process : int
    began : str
        When it began, in the machine's own count: a number is used again when its process has ended.
    """

    machine: str
    process: int
    began: str

    @classmethod
    def here(cls) -> Owner:
        """Return this process."""
        return cls(platform.node(), os.getpid(), _began(os.getpid()))

    @property
    def is_elsewhere(self) -> bool:
        """Whether it runs on another machine, so that nothing is known of it."""
        return self.machine != platform.node()

    @property
    def is_alive(self) -> bool:
        """Whether it may still be at work."""
        if self.is_elsewhere:
            return True
        try:
            os.kill(self.process, 0)
        except ProcessLookupError:
            return False
        except (OSError, OverflowError):
            # It is somebody else's.
            return True
        return _began(self.process) == self.began

    def mark(self, folder: Path) -> None:
        """Say in a folder that this process writes it."""
        (folder / OWNER).write_text(json.dumps(vars(self)) + "\n", encoding="utf-8")


def owner_of(part: Path) -> Owner | None:
    """Return who writes a part; None where nobody is named, as in the moment between making and marking it."""
    try:
        said = json.loads((part / OWNER).read_text(encoding="utf-8"))
        return Owner(str(said["machine"]), int(said["process"]), str(said["began"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _began(process: int) -> str:
    """When a process began; empty where the system does not tell."""
    with suppress(OSError, IndexError):
        # https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html: the name in brackets may hold anything.
        said = Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace")
        return said.rpartition(")")[2].split()[19]
    return ""


def part_of(folder: Path, run_id: str) -> Path:
    """Return where a run of a recipe's folder is written."""
    return folder / f".{run_id}.part"


def run_of(part: Path) -> str:
    """Return the run that a part is of.

    Examples
    --------
    >>> run_of(part_of(Path("runs/finance/churn"), "1124-1405-k7"))
    '1124-1405-k7'
    """
    return part.name.removeprefix(".").removesuffix(".part")
