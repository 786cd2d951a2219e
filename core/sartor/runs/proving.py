"""Proves that one decision or one file is part of a recorded run, and shows no other."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sartor.errors import InputError, UsageError, nearest
from sartor.runs.heads import last_head, place_of
from sartor.runs.ledger import LEDGER, read
from sartor.runs.merkle import leads_to, leaf_of, path_of
from sartor.runs.signing import signed_by
from sartor.runs.trees import FILES, entry_of, file_texts, kept_trees, own_salt, texts_of
from sartor.runs.verifying import verify
from sartor.runs.vouching import Vouched, head_of
from sartor.sealing.views import origin_of

FORMAT = 1


def prove_file(folder: Path, name: str) -> dict[str, Any]:
    """Return a proof that a file is part of a run: its name, SHA-256 and size, and not a byte of it.

    Parameters
    ----------
    folder : Path
        Of the run.
    name : str
        The file's name in it, such as ``models/card/sartor.json``.

    Raises
    ------
    UsageError
        If the run has no such file, or was recorded before there were proofs.
    InputError
        If the run is not as it was recorded.
    """
    head = _vouched(folder)
    lines, _ = read((origin_of(folder) / LEDGER).read_bytes())
    files = {file: told for line in lines for file, told in line.files.items()}
    if name not in files:
        raise _unknown(f"run {folder.name} has no file {name}", nearest(name, sorted(files)))
    return _proof(folder, head, FILES, file_texts(files), sorted(files).index(name))


def prove_decision(folder: Path, key: str, *, action: str | None = None) -> dict[str, Any]:
    """Return a proof that a decision is part of a run, and what was decided.

    Parameters
    ----------
    folder : Path
        Of the run.
    key : str
        Of the decision's row, as the table of decisions has it in its first column.
    action : str, optional
        Which action's decision, where a run has several.

    Raises
    ------
    UsageError
        If the run has no such decision, or was recorded before there were proofs.
    InputError
        If the run is not as it was recorded.
    """
    head = _vouched(folder)
    tree = _table_of(folder, head, action)
    texts = list(texts_of(folder / tree))
    first = [str(next(iter(json.loads(text).values()), "")) for text in texts]
    if key not in first:
        raise _unknown(f"{tree} of run {folder.name} has no row {key}", ())
    return _proof(folder, head, tree, texts, first.index(key))


def _table_of(folder: Path, head: Mapping[str, Any], action: str | None) -> str:
    tables: list[str] = sorted(tree for tree in head["trees"] if tree != FILES)
    named: dict[str, str] = {tree.removeprefix("decisions-").removesuffix(".parquet"): tree for tree in tables}
    if not tables:
        raise _unknown(f"run {folder.name} has decided nothing", ())
    if len(tables) == 1 and action is None:
        return tables[0]
    if action not in named:
        which = f"no action {action}" if action else f"several actions: {', '.join(named)}"
        raise _unknown(f"run {folder.name} has {which}", (("to mend", "name one: --action NAME"),))
    return named[action]


def _vouched(folder: Path) -> dict[str, Any]:
    """Return the head of a run that is as it was recorded."""
    told = verify(folder)
    if not told.untouched:
        raise InputError(
            f"nothing can be proven of run {folder.name}: {told.findings[0]}",
            code="D150",
            hints=(("to see all", f"sartor verify {folder.name}"),),
        )
    lines, _ = read((origin_of(folder) / LEDGER).read_bytes())
    head = last_head(place_of(folder, lines))
    if head is None or not head.get("trees") or kept_trees(folder) is None:
        raise _unknown(f"run {folder.name} keeps no hash trees, or its project no head of it", ())
    return head


def _proof(folder: Path, head: dict[str, Any], tree: str, texts: list[str], index: int) -> dict[str, Any]:
    kept = kept_trees(folder)
    assert kept is not None
    salt = bytes.fromhex(kept["salt"])
    leaves = [leaf_of(entry_of(salt, tree, place, text)) for place, text in enumerate(texts)]
    proof = {
        "format": FORMAT,
        "tree": tree,
        "entry": texts[index],
        "salt": own_salt(salt, tree, index).hex(),
        "index": index,
        "leaves": len(leaves),
        "path": [node.hex() for node in path_of(leaves, index)],
        "head": head,
    }
    if not check(proof).holds:
        # The table is read by another pandas than the one that wrote the run: its text is another.
        raise InputError(
            f"the entries of {tree} are written otherwise here than when run {folder.name} was recorded",
            code="D152",
            hints=(("to mend", "prove it with the versions of then, which record.json names"),),
        )
    return proof


def _unknown(why: str, hints: tuple[tuple[str, str], ...]) -> UsageError:
    return UsageError(why, code="U067", hints=hints)


# ---------------------------------------------------------------------------------------------------------------
# Checking a proof
# ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Checked:
    """What came of checking a proof.

    Parameters
    ----------
    run, tree, entry : str
        What it is of.
    faults : tuple of str
        Why it does not hold, each a sentence without capital and full stop.
    vouched : bool
        Whether a key or a head of the reader's own stands behind the root.
    """

    run: str
    tree: str
    entry: str
    faults: tuple[str, ...]
    vouched: bool

    @property
    def holds(self) -> bool:
        """Whether the entry is part of the run."""
        return not self.faults


def read_proof(file: Path) -> dict[str, Any]:
    """Read a proof.

    Raises
    ------
    InputError
        If the file cannot be read or holds none.
    """
    try:
        proof = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise _no_proof(f"{file} cannot be read: {(error.strerror or str(error)).lower()}") from error
    except (ValueError, RecursionError):
        proof = None
    if not isinstance(proof, dict) or not _has_form(proof):
        raise _no_proof(f"{file} holds no proof")
    if proof["format"] != FORMAT:
        raise _no_proof(f"{file} is a proof in format {proof['format']}, and this sartor reads format {FORMAT}")
    head_of(json.dumps(proof["head"]), str(file))
    return proof


def check(proof: Mapping[str, Any], vouched: Vouched | None = None) -> Checked:
    """Check that a proof leads to the root that its head names, and that others vouch for the head.

    Parameters
    ----------
    proof : mapping
        As `prove_file` and `prove_decision` make it.
    vouched : Vouched, optional
        A head that was given away before, or the key that must have signed.
    """
    vouched = vouched or Vouched()
    head = proof["head"]
    faults = [*_path_faults(proof), *_key_faults(head, vouched.key)]
    for known in vouched.heads:
        if (known["recipe"], known["run"]) != (head["recipe"], head["run"]):
            faults.append(f"the head that was given away is of {known['recipe']}/{known['run']}")
        elif known.get("trees", {}).get(proof["tree"]) != head.get("trees", {}).get(proof["tree"]):
            faults.append("the root that it leads to is not the one that was given away")
    name = f"{head['recipe']}/{head['run']}"
    return Checked(name, proof["tree"], proof["entry"], tuple(faults), bool(vouched.heads or vouched.key))


def _path_faults(proof: Mapping[str, Any]) -> list[str]:
    named = proof["head"].get("trees", {}).get(proof["tree"])
    if not isinstance(named, dict) or named.get("leaves") != proof["leaves"]:
        return [f"the head names no tree {proof['tree']} of {proof['leaves']} leaves"]
    try:
        entry = bytes.fromhex(proof["salt"]) + proof["entry"].encode()
        path = [bytes.fromhex(node) for node in proof["path"]]
    except ValueError:
        return ["its hashes are damaged"]
    root = leads_to(leaf_of(entry), proof["index"], proof["leaves"], path)
    return [] if root is not None and root.hex() == named.get("root") else ["the entry does not lead to the root"]


def _key_faults(head: Mapping[str, Any], key: str | None) -> list[str]:
    if key is None:
        return []
    try:
        signer = signed_by(head)
    except ValueError as error:
        return [f"the head: {error}"]
    if signer is None:
        return ["the head is not signed"]
    return [] if signer == key else [f"the head is signed with another key: {signer}"]


def _has_form(proof: Mapping[str, Any]) -> bool:
    texts = all(isinstance(proof.get(part), str) for part in ("tree", "entry", "salt"))
    numbers = all(type(proof.get(part)) is int for part in ("format", "index", "leaves"))
    path = proof.get("path")
    listed = isinstance(path, list) and all(isinstance(node, str) for node in path)
    return texts and numbers and listed and isinstance(proof.get("head"), dict)


def _no_proof(why: str) -> InputError:
    return InputError(why, code="D154", hints=(("to mend", "name a file that sartor ledger prove has written"),))
