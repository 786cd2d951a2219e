"""Keeps heads in a file that lies elsewhere: on another disk, or where only more can be written to it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from sartor.errors import UsageError
from sartor.runs.appending import appending


class FileAnchor:
    """A line a head.

    Parameters
    ----------
    place : str
        The file; made where it is not there.

    Examples
    --------
    >>> anchor = FileAnchor("audit.jsonl")
    >>> anchor.put("shop/win", "1124-1405-k7", '{"recipe":"shop/win","run":"1124-1405-k7","head":"9f"}')
    'line 1 of audit.jsonl'
    >>> list(anchor.kept("shop/win", "1124-1405-k7"))
    ['{"recipe":"shop/win","run":"1124-1405-k7","head":"9f"}']
    """

    def __init__(self, place: str) -> None:
        self.file = Path(place).expanduser()

    def put(self, recipe: str, run: str, head: str) -> str:
        """Append a head, unless it is there already."""
        try:
            with appending(self.file) as log:
                lines = log.content().decode(errors="replace").splitlines()
                if head not in lines:
                    log.line(head)
                    lines.append(head)
                return f"line {lines.index(head) + 1} of {self.file}"
        except OSError as error:
            raise self._trouble("written", error) from error

    def kept(self, recipe: str, run: str) -> Iterator[str]:
        """Yield the heads of a run in the order in which they were kept."""
        try:
            lines = self.file.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError as error:
            raise self._trouble("read", error) from error
        for line in lines:
            try:
                said = json.loads(line)
            except ValueError:
                continue
            if isinstance(said, dict) and (said.get("recipe"), said.get("run")) == (recipe, run):
                yield line

    def _trouble(self, what: str, error: OSError) -> UsageError:
        said = (error.strerror or str(error)).lower()
        hints = (("to mend", "name a file that you may write, in a folder that is there"),)
        return UsageError(f"the anchor {self.file} cannot be {what}: {said}", code="U068", hints=hints)
