"""Waits for runs that need a worker of this machine: ``python -m sartor_plugins.keras.workers FOLDER INDEX``."""

from __future__ import annotations

import sys
from pathlib import Path

from sartor_plugins.keras.workers.waiting import Waiting

USAGE = """python -m sartor_plugins.keras.workers FOLDER INDEX

  FOLDER  the shared_folder of the recipe, as this machine sees it
  INDEX   which worker this machine is: its place among the recipe's workers, from 0; the run itself is 0
"""


def main(arguments: list[str]) -> int:
    """Wait until interrupted."""
    if len(arguments) != 2 or not arguments[1].isdecimal() or int(arguments[1]) < 1:
        sys.stderr.write(USAGE)
        return 2
    shared = Path(arguments[0])
    if not shared.is_dir():
        sys.stderr.write(f"{shared} is no folder on this machine\n")
        return 2
    try:
        Waiting(shared, int(arguments[1]), lambda said: sys.stdout.write(f"{said}\n") and sys.stdout.flush()).forever()
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
