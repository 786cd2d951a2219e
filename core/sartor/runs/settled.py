"""What went into two runs, compared: settings by their paths, data, versions and code."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from sartor.recipe.writing import in_one_line
from sartor.runs.stored import lines_of_ledger, resolved_values

if TYPE_CHECKING:
    from sartor.runs.finding import Recorded

SAID_ELSEWHERE = ("format", "recipe", "seed")
_ABSENT = object()


@dataclass(frozen=True)
class Change:
    """Something that is not in both runs as it is in one.

    Parameters
    ----------
    what : {"changed", "added", "removed"}
    path : str
        ``models.scorecard.with.max_bins``.
    before, after : str
        As a recipe would say it; empty where it is absent.
    """

    what: Literal["changed", "added", "removed"]
    path: str
    before: str = ""
    after: str = ""


def changes(before: Any, after: Any, path: str = "") -> Iterator[Change]:
    """Yield where two values differ, by path; a section that only one of them has is one change.

    Examples
    --------
    >>> old = {"models": {"card": {"with": {"max_bins": 8}}}, "gates": [{"metric": "auc", "at_least": 0.7}]}
    >>> new = {"models": {"card": {"with": {"max_bins": 6}}, "svm": {"use": "learn.svm"}}, "gates": []}
    >>> for change in changes(old, new):
    ...     print(change.what, change.path, change.before, "->", change.after)
    changed models.card.with.max_bins 8 -> 6
    added models.svm  -> {use: learn.svm}
    changed gates [{metric: auc, at_least: 0.7}] -> []
    """
    if isinstance(before, dict) and isinstance(after, dict):
        for key in dict.fromkeys([*before, *after]):
            inner = f"{path}.{key}" if path else str(key)
            # A step without settings is one whose settings are all left as they are.
            absent = {} if key == "with" else _ABSENT
            yield from changes(before.get(key, absent), after.get(key, absent), inner)
    elif _are_alike(before, after):
        for place, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from changes(one, other, f"{path}.{place}")
    elif before is _ABSENT:
        yield Change("added", path, after=in_one_line(after))
    elif after is _ABSENT:
        yield Change("removed", path, before=in_one_line(before))
    elif before != after or type(before) is not type(after):
        yield Change("changed", path, in_one_line(before), in_one_line(after))


def _are_alike(before: Any, after: Any) -> bool:
    """Whether two lists hold as many mappings each: their items then are the same things, changed or not."""
    both = isinstance(before, list) and isinstance(after, list)
    return both and len(before) == len(after) > 0 and all(isinstance(item, dict) for item in (*before, *after))


def settings_changes(before: Recorded, after: Recorded) -> list[Change]:
    """Return the settings that differ, those of the call (seed, as_of) included."""
    return list(changes(_settings(before), _settings(after)))


def _settings(run: Recorded) -> dict[str, Any]:
    recipe = {key: entry for key, entry in resolved_values(run.folder).items() if key not in SAID_ELSEWHERE}
    called = {key: run.record[key] for key in ("seed", "as_of") if run.record.get(key) is not None}
    return {**recipe, **called}


def version_changes(before: Recorded, after: Recorded) -> list[Change]:
    """Return the libraries whose versions differ, and plugins whose code does."""
    old, new = (_texts(run.record.get("versions")) for run in (before, after))
    codes = [_codes(run) for run in (before, after)]
    found = [
        Change("changed" if name in old and name in new else "added" if name in new else "removed", name, *ends)
        for name in dict.fromkeys([*old, *new])
        if len(set(ends := (old.get(name, ""), new.get(name, "")))) == 2
    ]
    code = [
        Change("changed", f"code of {plugin}", codes[0][plugin][:8], codes[1][plugin][:8])
        for plugin in sorted(set(codes[0]) & set(codes[1]))
        if codes[0][plugin] != codes[1][plugin]
    ]
    return [*found, *code]


def _texts(values: Any) -> dict[str, str]:
    return {str(name): str(value) for name, value in values.items()} if isinstance(values, dict) else {}


def _codes(run: Recorded) -> dict[str, str]:
    """Return the digest of every plugin's code, sartor's own under one name."""
    own = str(run.record.get("code", ""))
    steps = [line.values for line in lines_of_ledger(run.folder) if line.stage in ("ingest", "fit", "decide")]
    codes = {str(values.get("use", "")).split(".")[0]: str(values.get("code", "")) for values in steps}
    return {"sartor": own, **{plugin: code for plugin, code in codes.items() if code != own}}


def table_changes(before: Recorded, after: Recorded) -> dict[str, str]:
    """Return for every table of either run whether its data is ``same``, ``changed``, ``added`` or ``removed``."""
    old, new = (_digests(run) for run in (before, after))
    found = {}
    for table in dict.fromkeys([*old, *new]):
        if table not in old or table not in new:
            found[table] = "added" if table in new else "removed"
        else:
            found[table] = "same" if old[table] == new[table] else "changed"
    return found


def _digests(run: Recorded) -> dict[str, Any]:
    """Return what tells one state of a table from another: the files that were read, else the table that was stored."""
    files: dict[str, list[str]] = {}
    for entry in run.record.get("inputs", []):
        files.setdefault(str(entry["table"]), []).append(str(entry.get("sha256")))
    stored = {}
    for line in lines_of_ledger(run.folder):
        if line.stage == "ingest":
            made: Mapping[str, Any] = line.values.get("made", {})
            stored.update({name.removeprefix("table "): digest for name, digest in made.items()})
    tables = run.record.get("tables", {})
    return {table: sorted(files[table]) if table in files else stored.get(table) for table in tables}
