"""The terminal: ``sartor run``, ``sartor check`` and the other verbs.

One file for each group of verbs, imported when it is called, and nothing heavy at the top of any of them, so that
``sartor --help`` answers at once however many plugins are installed. Verbs call the core as Python callers do; what
they show is made from events and stored summaries by functions from records to lines of text.
"""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; the console script ``sartor``.

    Parameters
    ----------
    arguments : sequence of str, optional
        What stands after ``sartor``; taken from the command line unless given.

    Returns
    -------
    int
        The exit code: 0 all is well, 1 a gate failed, 2 the recipe, the data or the call is wrong, 3 a privacy rule
        stopped the run, 4 a plugin failed, 130 interrupted, 70 a bug of ours.
    """
    import sys

    try:
        from sartor.cli.endings import call
    except KeyboardInterrupt:
        # Ctrl-C in the first moment, while Python still imports.
        return 130
    return call(list(sys.argv[1:] if arguments is None else arguments))
