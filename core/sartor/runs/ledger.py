"""The ledger of a run: a line for each stage, each with the hash of the one before it.

A line is a JSON object on one line. Its last entry, ``hash``, is the SHA-256 of the line without that entry; its
first two are its number and the hash of the line before. A byte changed anywhere is then found in the line itself, and
lines that are missing, added or in another order in the chain. The line ``record`` closes the run and names every file
in its folder; what verbs make later they enter behind it, see `enter`. The hash of the last line, the head, is kept in
the project's ``heads.jsonl``, where a ledger whose end was cut off shows.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from sartor.errors import InputError, UsageError
from sartor.runs.appending import appending
from sartor.runs.heads import Head, keep_head, place_of
from sartor.runs.line import Line
from sartor.runs.trees import trees_of
from sartor.sealing.views import origin_of

LEDGER = "ledger.jsonl"
FORMAT = 1
FIRST = "0" * 64
"""What stands for the hash of the line before the first."""
CLOSING = "record"
"""The stage whose line closes a run and names every file."""
ENTERED = "enter"
"""The stage of lines for files that were made after the run."""
REWRITTEN = frozenset({"keys.json"})
"""Files that the run itself records, and a verb may write anew: `sartor keys rotate`."""

_END = re.compile(rb',"hash":"([0-9a-f]{64})"\}')
_LENGTH_OF_END = len(b',"hash":""}') + 64


def written(values: Mapping[str, Any], number: int, previous: str) -> tuple[str, str]:
    """Return a line, without its end, and its hash.

    Parameters
    ----------
    values : mapping
        JSON types.
    number : int
        Its place, counted from 1.
    previous : str
        The hash of the line before it, `FIRST` for the first one.

    Examples
    --------
    >>> line, own = written({"stage": "judge"}, 1, FIRST)
    >>> line.startswith('{"line":1,"previous":"000'), line.endswith('"stage":"judge","hash":"' + own + '"}')
    (True, True)
    """
    body = json.dumps({"line": number, "previous": previous, **values}, separators=(",", ":"), allow_nan=False)
    own = hashlib.sha256(body.encode()).hexdigest()
    return f'{body[:-1]},"hash":"{own}"}}', own


def chained(entries: Iterable[Mapping[str, Any]], number: int = 1, previous: str = FIRST) -> Iterator[tuple[str, str]]:
    """Yield lines that follow from each other, each with its hash."""
    for entry in entries:
        line, previous = written(entry, number, previous)
        number += 1
        yield line, previous


def read(content: bytes) -> tuple[list[Line], bool]:
    """Return the lines of a ledger, and whether the last one has its end."""
    *lines, rest = content.split(b"\n")
    found = [_read_line(place, line) for place, line in enumerate([*lines, rest] if rest else lines, 1)]
    return found, not rest


def _read_line(place: int, raw: bytes) -> Line:
    body, end = raw[:-_LENGTH_OF_END], _END.fullmatch(raw[-_LENGTH_OF_END:])
    if end is None or hashlib.sha256(body + b"}").hexdigest() != end[1].decode():
        return Line(place, {}, blank=not raw)
    try:
        values = json.loads(body + b"}")
    except (ValueError, RecursionError):
        return Line(place, {})
    # Anybody can hash a line of his own; what follows relies on its form.
    return Line(place, values, end[1].decode()) if _has_form(values) else Line(place, {})


def _has_form(values: Any) -> bool:
    if not isinstance(values, dict) or not isinstance(values.get("files", {}), dict):
        return False
    files = values.get("files", {}).values()
    named = all(isinstance(told, list) and [type(part) for part in told] == [str, int] for told in files)
    return named and type(values.get("line")) is int and isinstance(values.get("previous"), str)


def files_below(folder: Path) -> list[Path]:
    """Return all files in a run's folder but the ledger, links and other things that are no folders included."""
    found = (path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir())
    return sorted(path for path in found if path != folder / LEDGER)


def told_of(folder: Path, files: Iterable[Path]) -> dict[str, list[Any]]:
    """Return SHA-256 and size of files, by their names in the run's folder."""
    return {file.relative_to(folder).as_posix(): list(digest_of(file)) for file in files}


def digest_of(file: Path) -> tuple[str, int]:
    """Return the SHA-256 of a file and its size in bytes."""
    with file.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
        return digest, content.tell()


# ---------------------------------------------------------------------------------------------------------------
# Files that are made after the run
# ---------------------------------------------------------------------------------------------------------------


def enter(run_folder: Path, file: Path | Iterable[Path], *, by: str) -> None:
    """Enter files that a verb has made in a run's folder; `sartor verify` then knows them.

    A file that was entered before may be entered again when it was made anew. What the run itself recorded stays as
    it is.

    Parameters
    ----------
    run_folder : Path
    file : Path or iterable of Path
        Already in its place in the folder.
    by : str
        The verb, such as ``report``.

    Raises
    ------
    InputError
        If the ledger is damaged, or the run itself recorded the file.

    Examples
    --------
    >>> import sartor
    >>> folder = sartor.run("finance/credit-scoring", sets=["judge.redraws=100"]).folder
    >>> _ = (folder / "note.txt").write_text("read and agreed")
    >>> enter(folder, folder / "note.txt", by="hand")
    >>> from sartor.runs.verifying import verify
    >>> verify(folder).untouched
    True
    """
    files = [file] if isinstance(file, Path) else list(file)
    origin = origin_of(run_folder)
    if origin != run_folder:
        from sartor.sealing.folders import put

        files = put(run_folder, files)
    enter_told(origin, told_of(origin, files), by=by, plain=run_folder)


def enter_told(run_folder: Path, told: Mapping[str, list[Any]], *, by: str, plain: Path) -> None:
    """Enter files by their digests.

    Parameters
    ----------
    run_folder : Path
    told : mapping
        Name to ``[sha256, bytes]``.
    by : str
    plain : Path
        Where the run's files can be read: `run_folder`, or what it is opened into.
    """
    ledger = run_folder / LEDGER
    if not ledger.is_file():
        raise _refused(run_folder, f"there is no {LEDGER}")
    with _writable(run_folder), appending(ledger) as log:
        lines, ended = read(log.content())
        if not ended or not _follow(lines):
            raise _refused(run_folder, f"{LEDGER} is damaged")
        recorded = {name for line in lines if line.stage == CLOSING for name in line.files}
        taken = sorted(set(told) & recorded - REWRITTEN)
        if taken:
            raise _refused(run_folder, f"the run itself recorded {taken[0]}")
        at = datetime.now().astimezone().isoformat(timespec="seconds")
        entry = {"stage": ENTERED, "by": by, "at": at, "files": dict(told)}
        line, head = written(entry, len(lines) + 1, lines[-1].hash)
        log.line(line)
        place = place_of(run_folder, lines)
        if place.heads is not None:
            # While the ledger is held: of two who enter at once the later line must be the later head.
            named = {name: of for entered in lines for name, of in entered.files.items()} | dict(told)
            keep_head(place.heads, Head(place.recipe, place.run, len(lines) + 1, head, by, trees_of(plain, named)))


@contextmanager
def _writable(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UsageError(
            f"nothing can be entered in the ledger of run {folder.name}: {(error.strerror or str(error)).lower()}",
            code="U020",
            hints=(("to mend", "make room, or make the folder of runs writable; the run itself is as it was"),),
        ) from error


def _follow(lines: Sequence[Line]) -> bool:
    """Whether every line is as it was written, and follows from the one before."""
    hashes = [FIRST, *(line.hash for line in lines)]
    whole = bool(lines) and any(line.stage == CLOSING for line in lines)
    return whole and all(
        line.hash and line.number == line.place and line.previous == hashes[line.place - 1] for line in lines
    )


def _refused(folder: Path, why: str) -> InputError:
    return InputError(
        f"nothing can be entered in the record of run {folder.name}: {why}",
        code="D150",
        hints=(("to see all", f"sartor verify {folder.name}"),),
    )
