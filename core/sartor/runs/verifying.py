"""Finds every part of a recorded run that is not as it was recorded: changed, missing, added or in another order."""

from __future__ import annotations

import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sartor.errors import InputError
from sartor.runs.heads import HEADS, Place, place_of, read_heads
from sartor.runs.ledger import CLOSING, FIRST, FORMAT, LEDGER, digest_of, files_below, read
from sartor.runs.line import Line
from sartor.runs.naming import is_run_id
from sartor.runs.vouching import Vouched, faults_of
from sartor.sealing.views import origin_of
from sartor.wording import plural

What = Literal["changed", "missing", "added", "reordered", "unreadable"]


@dataclass(frozen=True)
class Finding:
    """A part that is not as it was recorded.

    Parameters
    ----------
    part : str
        A file of the run's folder.
    what : {"changed", "missing", "added", "reordered", "unreadable"}
    detail : str
        A sentence without capital and full stop.
    line : int or None
        The line of the ledger: the one at fault, or the one that names the file.
    """

    part: str
    what: What
    detail: str
    line: int | None = None

    def __str__(self) -> str:
        return f"{self.part}: {self.what}: {self.detail}"


@dataclass(frozen=True)
class Verified:
    """What came of checking a run.

    Parameters
    ----------
    recipe, run : str
        As the ledger says.
    files, lines : int
        How many files it names, and how many lines it has.
    head : str
        Hash of its last line.
    findings : tuple of Finding
    notes : tuple of str
        What could not be checked.
    """

    recipe: str
    run: str
    files: int
    lines: int
    head: str
    findings: tuple[Finding, ...]
    notes: tuple[str, ...] = ()

    @property
    def untouched(self) -> bool:
        """Whether everything is as it was recorded."""
        return not self.findings


def verify(folder: Path, *, below: str = "", runs: Path | None = None, vouched: Vouched | None = None) -> Verified:
    """Check a run's folder against its ledger, and the ledger against the head that the project keeps.

    Parameters
    ----------
    folder : Path
    below : str
        Check only files whose names begin so, such as ``models/forest/``; the ledger is checked in any case.
    runs : Path, optional
        The project's folder of runs: a run that lies in it must be the one that its place says.
    vouched : Vouched, optional
        What somebody else vouches for: heads that were given away, a key that must have signed.

    Returns
    -------
    Verified

    Raises
    ------
    InputError
        If the ledger was written by a newer sartor.
    """
    folder = origin_of(folder)
    content = _ledger_of(folder)
    if isinstance(content, Finding):
        return Verified("", folder.name, 0, 0, "", (content,))
    lines, ended = read(content)
    _check_format(folder, lines)
    place = place_of(folder, lines)
    head, notes = _head(place, lines)
    outside = faults_of(place, lines, vouched or Vouched())
    findings = [
        *_chain(lines, ended),
        *_exchanged(place, folder, runs),
        *head,
        *(Finding(LEDGER, *fault) for fault in outside),
        *_files(folder, lines, below),
    ]
    named = {name for line in lines for name in line.files}
    named -= {name for line in lines for name in line.values.get("removed", ())}
    last = lines[-1].hash if lines else ""
    notes += _erasures(lines)
    return Verified(place.recipe, place.run, len(named), len(lines), last, tuple(findings), tuple(notes))


def _erasures(lines: Sequence[Line]) -> Iterator[str]:
    """Yield what was erased of the run lawfully: its ledger tells when and in which files, and not of whom."""
    for line in lines:
        if line.hash and line.stage == "erase":
            files = [*line.files, *line.values.get("removed", ())]
            day, count = str(line.values.get("at", ""))[:10], int(line.values.get("lines", 0))
            what = f"{plural(count, 'line')} of one person {'was' if count == 1 else 'were'} erased"
            yield f"{what} on {day} (line {line.place} of the ledger): {', '.join(sorted(files))}"


def _ledger_of(folder: Path) -> bytes | Finding:
    file = folder / LEDGER
    try:
        if not stat.S_ISREG(file.lstat().st_mode):
            return Finding(LEDGER, "changed", "it is no plain file any more, so nothing can be checked")
        return file.read_bytes()
    except FileNotFoundError:
        return Finding(LEDGER, "missing", "without it nothing can be checked")
    except OSError as error:
        return Finding(LEDGER, "unreadable", f"{(error.strerror or str(error)).lower()}, so nothing can be checked")


def _check_format(folder: Path, lines: Sequence[Line]) -> None:
    written = lines[0].values.get("format", FORMAT) if lines else FORMAT
    if written != FORMAT:
        raise InputError(
            f"the ledger of run {folder.name} is in format {written}, and this sartor reads format {FORMAT}",
            code="D152",
            hints=(("to mend", "verify it with the version of sartor that wrote it"),),
        )


# ---------------------------------------------------------------------------------------------------------------
# The chain
# ---------------------------------------------------------------------------------------------------------------


def _chain(lines: Sequence[Line], ended: bool) -> Iterator[Finding]:
    """Yield what is wrong with the lines themselves, and with their order."""
    if not lines:
        yield Finding(LEDGER, "changed", "it is empty", 1)
        return
    whole = [line for line in lines if line.hash]
    for line in lines:
        if line.blank:
            yield _fault(line, "added", "it is empty")
        elif not line.hash:
            cut = not ended and line.place == len(lines)
            yield _fault(line, "changed", "it is cut off" if cut else "it does not match its own hash")
    if not ended and lines[-1].hash:
        yield _fault(lines[-1], "changed", "the end of the line is gone")
    yield from _order(lines)
    by_number = {line.number: line for line in whole}
    for line in whole:
        before = by_number.get(line.number - 1)
        due = before.hash if before else FIRST if line.number == 1 else line.previous
        if line.previous != due:
            yield _fault(line, "changed", f"it does not follow from line {line.number - 1}: one of them was replaced")
    if all(line.hash or line.blank for line in lines) and not any(line.stage == CLOSING for line in whole):
        yield _fault(lines[-1], "missing", "the lines behind it are gone, the one that closes the run among them")


def _order(lines: Sequence[Line]) -> Iterator[Finding]:
    """Yield lines that stand twice, in another place than their own, or nowhere."""
    seen: set[int] = set()
    latest = 0
    for line in lines:
        if line.blank:
            continue
        if not line.hash:
            # What it was cannot be told; it may well be the line that is due here.
            latest = max(latest, line.place)
            seen.add(line.place)
            continue
        if line.number in seen:
            yield _fault(line, "added", f"line {line.number} stands here once more")
        elif line.number < latest:
            yield _fault(line, "reordered", f"line {line.number} was moved here")
        seen.add(line.number)
        latest = max(latest, line.number)
    for number in range(1, latest):
        if number not in seen:
            yield Finding(LEDGER, "missing", f"line {number} is gone", number)


def _fault(line: Line, what: What, detail: str) -> Finding:
    return Finding(LEDGER, what, f"line {line.place}: {detail}", line.place)


# ---------------------------------------------------------------------------------------------------------------
# The head
# ---------------------------------------------------------------------------------------------------------------


def _exchanged(place: Place, folder: Path, runs: Path | None) -> Iterator[Finding]:
    """Yield a finding where the folder of a run holds another run. A copy under a name of the user's own is none."""
    if runs is None or not place.recipe or not is_run_id(folder.name) or not folder.is_relative_to(runs):
        return
    own = folder.relative_to(runs).as_posix()
    if own != f"{place.recipe}/{place.run}":
        yield Finding(LEDGER, "changed", f"it is the ledger of {place.recipe}/{place.run}, not of {own}", 1)


def _head(place: Place, lines: Sequence[Line]) -> tuple[list[Finding], list[str]]:
    """Hold the last line against what the project keeps of it."""
    if place.heads is None:
        return [], [f"the folder lies outside its project: whether lines at the end of {LEDGER} are gone is not known"]
    said, damaged = read_heads(place.heads)
    own = [head for head in said if (head["recipe"], head["run"]) == (place.recipe, place.run) and "head" in head]
    notes = [f"{HEADS} of the project is damaged in line {', '.join(map(str, damaged))}"] if damaged else []
    if not own:
        unknown = f"{HEADS} of the project does not know the run: whether lines at its end are gone is not known"
        return [], [*notes, unknown]
    head = own[-1]
    if not lines or head["head"] == lines[-1].hash:
        return [], notes
    gone = int(head.get("lines", 0)) - len(lines)
    if gone > 0:
        lines_are = "line is" if gone == 1 else f"{gone:,} lines are"
        told = f"the last {lines_are} gone, as {HEADS} of the project tells"
        return [Finding(LEDGER, "missing", told)], notes
    told = f"its last line is not the one that {HEADS} of the project tells"
    return [Finding(LEDGER, "changed", told, len(lines))], notes


# ---------------------------------------------------------------------------------------------------------------
# The files
# ---------------------------------------------------------------------------------------------------------------


def _files(folder: Path, lines: Sequence[Line], below: str) -> Iterator[Finding]:
    """Yield files that are not what the ledger says."""
    known: dict[str, tuple[str, int, int]] = {}
    for line in lines:
        for name, (digest, size) in line.files.items():
            known[name] = (digest, size, line.place)
        for name in line.values.get("removed", ()):
            known.pop(name, None)
    there = {path.relative_to(folder).as_posix(): path for path in files_below(folder)}
    for name in sorted({*known, *there}):
        if not name.startswith(below):
            continue
        if name not in known:
            if any(line.stage == CLOSING for line in lines):
                yield Finding(name, "added", "the ledger does not name it")
        elif name not in there:
            yield Finding(name, "missing", "the ledger names it", known[name][2])
        else:
            yield from _file(there[name], name, *known[name])


def _file(path: Path, name: str, digest: str, size: int, line: int) -> Iterator[Finding]:
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            yield Finding(name, "changed", "it is no plain file any more", line)
            return
        found, length = digest_of(path)
    except OSError as error:
        yield Finding(name, "unreadable", (error.strerror or str(error)).lower(), line)
        return
    if length != size:
        yield Finding(name, "changed", f"{plural(length, 'byte')} in place of {size:,}", line)
    elif found != digest:
        yield Finding(name, "changed", f"the same {plural(size, 'byte')} long, but not the same bytes", line)
