"""How a component of the plugin ``stumbler`` stumbles: in one verb, in one manner."""

from __future__ import annotations

import errno
import os

from sartor.components import Settings


class Halt(BaseException):
    """Something that ``except Exception`` does not catch, as libraries raise it to unwind their own loops."""


HOW = {
    "error": lambda: ZeroDivisionError("no luck today\nand none tomorrow"),
    "silent": ZeroDivisionError,
    "exit": lambda: SystemExit(3),
    "halt": lambda: Halt("unwind"),
    "interrupt": KeyboardInterrupt,
    "full": lambda: OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/mnt/models/trees.bin"),
    "forbidden": lambda: PermissionError(errno.EACCES, os.strerror(errno.EACCES), "/etc/licence.key"),
    "memory": lambda: MemoryError("Unable to allocate 30.0 GiB for an array"),
}
"""What is raised, by the words of the setting ``how``."""


class Stumbles(Settings):
    """Raises in the verb `at`, in the manner `how`."""

    at: str = ""
    how: str = "error"
    gives: str = ""
    """The verb that gives back None in place of what is due."""

    def trip(self, verb: str) -> bool:
        """Raise where it is time to; tell whether the verb shall give back nothing."""
        if verb == self.at:
            failure = HOW[self.how]()
            raise failure
        return verb == self.gives
