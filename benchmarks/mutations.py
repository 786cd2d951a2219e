"""Whether `sartor verify` finds every change of a run: single bytes, cut ends, lost and added files, exchanged lines.

    python benchmarks/mutations.py [--changes 2000] [--recipe finance/credit-scoring] [--encrypted] [--signed]

A run is recorded in a project of its own and checked. Then one byte at a time is changed, at places drawn from all
files of its folder, every file at least once and the ledger ten times as often; files are cut off, emptied, lost and
added; lines of the ledger are exchanged, repeated, lost and cut at the end. After each the run is verified and put
back. With `--encrypted` the run is encrypted, and verified without its key; with `--signed` its head is signed, and
every byte of the head that the project keeps is changed as well. The counts are printed; the exit code is 1 where a
change was not found, or was found in another file.
"""

from __future__ import annotations

import argparse
import base64
import os
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import sartor
from sartor.recipe.project import Project
from sartor.running import run_recipe
from sartor.runs.heads import HEADS
from sartor.runs.ledger import LEDGER
from sartor.runs.signing import new_key, public_key
from sartor.runs.verifying import verify
from sartor.runs.vouching import Vouched
from sartor.sealing.views import origin_of

Change = tuple[str, Path, Callable[[], None]]


def main() -> int:
    """Record a run, change it in every way, and count what is found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--changes", type=int, default=2000, help="single bytes to change")
    parser.add_argument("--recipe", default="finance/credit-scoring")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--encrypted", action="store_true", help="a run that is encrypted")
    parser.add_argument("--signed", action="store_true", help="a project that signs heads")
    asked = parser.parse_args()
    rng = random.Random(asked.seed)
    with tempfile.TemporaryDirectory() as scratch:
        project, vouched = _project(Path(scratch), signed=asked.signed)
        folder = _recorded(project, asked.recipe, encrypted=asked.encrypted)
        untouched = verify(folder, runs=project.runs, vouched=vouched)
        if not untouched.untouched or untouched.notes:
            print(f"a run that nobody has touched is not found to be so: {untouched}")
            return 1
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        total = sum(file.stat().st_size for file in files)
        print(f"sartor {sartor.__version__}, {asked.recipe}: {len(files)} files, {total:,} bytes")
        changes = [*_bytes(files, asked.changes, rng), *_parts(folder, files, rng)]
        if asked.signed:
            changes += _heads(project.runs / HEADS)
        return _all(folder, project.runs, changes, vouched)


def _project(root: Path, *, signed: bool) -> tuple[Project, Vouched]:
    if not signed:
        return Project(root), Vouched()
    public = new_key(root / "ledger.pem")
    (root / "sartor.toml").write_text('signing_key = "ledger.pem"\n')
    return Project.at(root), Vouched(key=public_key(public))


def _recorded(project: Project, recipe: str, *, encrypted: bool) -> Path:
    sets = ["judge.redraws=100"]
    if encrypted:
        os.environ["MUTATIONS_KEY"] = base64.b64encode(os.urandom(32)).decode()
        file = project.root / "encrypted.yaml"
        asks = "privacy: {encrypt: {key: secret:MUTATIONS_KEY}}"
        file.write_text(f"format: 1\nrecipe: try/encrypted\nextends: {recipe}\n{asks}\n")
        recipe = str(file)
    folder = origin_of(run_recipe(recipe, project=project, sets=sets).folder)
    os.environ.pop("MUTATIONS_KEY", None)
    return folder


def _heads(heads: Path) -> Iterator[Change]:
    """Yield a change of every byte of the head that the project keeps."""
    content = heads.read_bytes()
    for place in range(len(content)):
        changed = bytes([*content[:place], content[place] ^ 1, *content[place + 1 :]])
        yield "byte of the signed head changed", heads, lambda changed=changed: heads.write_bytes(changed)


def _all(folder: Path, runs: Path, changes: list[Change], vouched: Vouched) -> int:
    made, found, misnamed = Counter[str](), Counter[str](), Counter[str]()
    began = time.perf_counter()
    for kind, file, change in changes:
        before = file.read_bytes() if file.exists() else None
        change()
        told = verify(folder, runs=runs, vouched=vouched)
        made[kind] += 1
        found[kind] += not told.untouched
        misnamed[kind] += told.findings != () and all(part.part != _name(file, folder) for part in told.findings)
        if told.untouched:
            print(f"not found: {kind} in {_name(file, folder)}")
        file.unlink(missing_ok=True)
        if before is not None:
            file.write_bytes(before)
    took = time.perf_counter() - began
    for kind, number in made.items():
        print(f"{found[kind]:>6,} of {number:>6,} found  {kind}")
    print(
        f"{sum(found.values()):>6,} of {sum(made.values()):>6,} found in all, {sum(misnamed.values())} in another file"
    )
    print(f"{1000 * took / len(changes):.1f} ms a check")
    whole = verify(folder, runs=runs).untouched
    return 0 if found == made and not sum(misnamed.values()) and whole else 1


def _name(file: Path, folder: Path) -> str:
    return LEDGER if file.name == HEADS else file.relative_to(folder).as_posix()


def _bytes(files: list[Path], changes: int, rng: random.Random) -> Iterator[Change]:
    """Yield changes of one byte: in every file once, the others where it falls."""
    weights = [file.stat().st_size * (10 if file.name == LEDGER else 1) for file in files]
    chosen = [*files, *rng.choices(files, weights, k=max(0, changes - len(files)))]
    for file in chosen:
        yield "one byte changed", file, lambda file=file: _flip(file, rng)


def _flip(file: Path, rng: random.Random) -> None:
    content = bytearray(file.read_bytes())
    content[rng.randrange(len(content))] ^= rng.randrange(1, 256)
    file.write_bytes(content)


def _parts(folder: Path, files: list[Path], rng: random.Random) -> Iterator[Change]:
    for file in files:
        content = file.read_bytes()
        yield "file lost", file, file.unlink
        yield "file emptied", file, lambda file=file: file.write_bytes(b"")
        for cut in (1, rng.randrange(1, len(content) + 1)):
            yield "file cut off", file, lambda file=file, cut=cut, content=content: file.write_bytes(content[:-cut])
        yield "byte put behind", file, lambda file=file, content=content: file.write_bytes(content + b"\n")
    for where in (folder, folder / "models"):
        added = where / "added.json"
        yield "file added", added, lambda added=added: added.write_text("{}")
    ledger = folder / LEDGER
    lines = ledger.read_bytes().splitlines(keepends=True)
    for place in range(len(lines)):
        others = [line for number, line in enumerate(lines) if number != place]
        twice = [*lines[: place + 1], *lines[place:]]
        yield "ledger line lost", ledger, lambda others=others: ledger.write_bytes(b"".join(others))
        yield "ledger line repeated", ledger, lambda twice=twice: ledger.write_bytes(b"".join(twice))
        yield "ledger cut off", ledger, lambda place=place: ledger.write_bytes(b"".join(lines[:place]))
        for other in range(place):
            order = list(lines)
            order[place], order[other] = order[other], order[place]
            yield "ledger lines exchanged", ledger, lambda order=order: ledger.write_bytes(b"".join(order))


if __name__ == "__main__":
    sys.exit(main())
