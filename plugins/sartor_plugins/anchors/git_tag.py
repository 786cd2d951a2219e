"""Keeps heads as annotated tags of a Git repository; pushed, they lie with everybody who has fetched them."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

from sartor.errors import UsageError


class GitTagAnchor:
    """A tag ``sartor/RECIPE/RUN/…`` a head, its message the head itself.

    Parameters
    ----------
    place : str
        A folder in the repository.
    """

    def __init__(self, place: str) -> None:
        self.folder = Path(place).expanduser()

    def put(self, recipe: str, run: str, head: str) -> str:
        """Make the tag, unless it is there already; the commit that is checked out is what it stands at."""
        tag = f"sartor/{recipe}/{run}/{hashlib.sha256(head.encode()).hexdigest()[:8]}"
        if not self._git("tag", "--list", tag):
            self._git("tag", "--annotate", "--cleanup=verbatim", "--file=-", tag, given=head)
        return f"tag {tag} of {self.folder}"

    def kept(self, recipe: str, run: str) -> Iterator[str]:
        """Yield the messages of a run's tags, the oldest first."""
        tags = f"refs/tags/sartor/{recipe}/{run}/"
        yield from self._git("for-each-ref", "--sort=creatordate", "--format=%(contents:subject)", tags).splitlines()

    def _git(self, *words: str, given: str | None = None) -> str:
        try:
            ended = subprocess.run(  # noqa: S603 - words of ours, and a tag that git itself refuses where it is none
                ["git", "-C", str(self.folder), *words],  # noqa: S607 - the user's own git
                input=given,
                capture_output=True,
                text=True,
                check=False,
            )
        except OSError as error:
            raise self._trouble(f"git cannot be called: {(error.strerror or str(error)).lower()}") from error
        if ended.returncode:
            raise self._trouble((ended.stderr.strip().splitlines() or ["git failed"])[0].removeprefix("fatal: "))
        return ended.stdout

    def _trouble(self, why: str) -> UsageError:
        hints = (("to mend", "name a folder of a Git repository that has a commit"),)
        return UsageError(f"the anchor {self.folder} cannot be used: {why}", code="U068", hints=hints)
