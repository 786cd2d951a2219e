"""``split``: which rows teach and which judge."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Literal

from sartor.recipe.document import Mapping, Node, Scalar, Sequence
from sartor.recipe.fields import Fields
from sartor.recipe.kinds import described
from sartor.recipe.model import FoldSplit, GivenSplit, GroupSplit, HashRule, HashSplit, Split, TimeSplit

Digest = Literal["sha1", "md5", "none"]
_DIGESTS: dict[str, Digest] = {"sha1": "sha1", "md5": "md5", "none": "none"}
RULES = ("hash", "time", "group", "given", "folds")
"""What a split can go by."""

_KEYS: dict[str, tuple[str, ...]] = {
    "hash": ("hash", "salt"),
    "time": ("time", "every", "origins", "refit", "window"),
    "group": ("group", "test", "salt"),
    "given": ("given", "train", "test"),
    "folds": ("folds", "average", "hash", "group", "given", "salt"),
}
_EXAMPLES = {
    "hash": "split: {hash: 0.3}",
    "time": "split: {time: 2024-01-31}",
    "group": "split: {group: COLUMN, test: 0.3}",
    "given": "split: {given: COLUMN, train: [a], test: [b]}",
    "folds": "split: {folds: 5, group: COLUMN}",
}
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?([+-]\d{2}:\d{2}|Z)?)?", re.ASCII)


def parse_split(fields: Fields) -> Split | None:
    """Read the rule of a split, or of ``tune_on``; None where it is wrong, and then reported."""
    rule = _rule(fields)
    if rule is None:
        return None
    fields.refuse_unknown((*_KEYS[rule], "tune_on"), f"a split by {rule}" if rule != "folds" else "a split in folds")
    tune_on = fields.inner("tune_on", ("to mend", f"write tune_on: {_EXAMPLES['hash'].removeprefix('split: ')}"))
    inner = parse_split(tune_on) if tune_on else None
    if rule == "hash":
        hash_rule = _hash_rule(fields, "hash", "hash")
        return HashSplit(hash_rule, inner) if hash_rule else None
    if rule == "time":
        return _by_time(fields, inner)
    if rule == "group":
        return _by_group(fields, inner)
    return _by_given(fields, inner) if rule == "given" else _in_folds(fields, inner)


def _rule(fields: Fields) -> str | None:
    present = [key for key in RULES if key in fields]
    if "folds" in present:
        present = [key for key in present if key not in ("hash", "group", "given")]
    if len(present) == 1:
        return present[0]
    if not present:
        fields.refuse_unknown((*RULES, "tune_on"), "a split")
        hints = tuple(("one of", example) for example in _EXAMPLES.values())
        if all(key == "tune_on" for key in fields):
            where = fields.where_key("tune_on")
            fields.report("R071", "the split has no rule", where, *hints)
        return None
    listed = " and ".join(present)
    mend = f"keep one; an inherited rule is taken away by `{present[0]}: ~`"
    fields.report("R071", f"a split by {listed} at once", fields.where_key(present[-1]), ("to mend", mend))
    return None


def _hash_rule(fields: Fields, key: str, name: str) -> HashRule | None:
    """Read ``0.3`` or ``{digest: md5, modulo: 5, test: [0]}``."""
    salt = fields.text("salt") or ""
    node = fields.take(key)
    if node is None:
        return None
    if not isinstance(node, Mapping):
        share = fields.share_of(node, "the share of test rows")
        return HashRule(share=share, salt=salt) if share is not None else None
    inner = Fields(node, (*fields.path, key), fields.problems, fields.where_key(key))
    inner.refuse_unknown(("digest", "modulo", "test"), f"{name}: {{digest, modulo, test}}")
    digest = inner.choice("digest", _DIGESTS) or "sha1"
    modulo = inner.whole("modulo", 2, 1_000_000)
    for needed in ("modulo", "test"):
        if needed not in inner:
            mend = ("to mend", f"write {name}: {{digest: {digest}, modulo: 5, test: [0]}}")
            inner.report("R061", f"'{needed}' is missing", fields.where_key(key), mend)
    test = _remainders(inner, modulo)
    return HashRule(digest=digest, modulo=modulo, test=test, salt=salt) if modulo and test else None


def _remainders(fields: Fields, modulo: int | None) -> tuple[int, ...]:
    values = _values(fields, "test")
    for node, value in values:
        if type(value) is not int or (modulo is not None and not 0 <= value < modulo):
            most = f"0 to {modulo - 1}" if modulo else "0 on"
            fields.report("R069", f"test must hold whole numbers from {most}, got {described(node)}", node.where)
            return ()
    if modulo is not None and len(values) >= modulo:
        message = f"test holds every remainder by {modulo}; nothing is left to learn from"
        fields.report("R069", message, values[0][0].where)
        return ()
    return tuple(value for _, value in values if isinstance(value, int))


def _values(fields: Fields, key: str) -> list[tuple[Node, str | int | float | bool]]:
    """Read a list of single values, each once and not empty."""
    node = fields.take(key)
    if node is None:
        return []
    if not isinstance(node, Sequence):
        fields.wrong_type(key, node, "a list")
        return []
    if not node.items:
        fields.report("R069", f"{key} must hold at least one value", node.where)
    found: dict[tuple[type, str | int | float | bool], Node] = {}
    for item in node.items:
        value = item.value if isinstance(item, Scalar) else None
        if isinstance(value, (str, int, float)):
            if (type(value), value) in found:
                fields.report("R069", f"{key} lists {described(item)} twice", item.where)
            found.setdefault((type(value), value), item)
        elif not (isinstance(item, Scalar) and item.broken):
            fields.report("R062", f"{key} must hold single values, got {described(item)}", item.where)
    return [(node, value) for (_, value), node in found.items()]


def _by_time(fields: Fields, tune_on: Split | None) -> Split | None:
    cut = _date(fields)
    every = fields.duration("every")
    origins = fields.whole("origins", 1, 10_000)
    refit = fields.choice("refit", _REFIT)
    window = fields.duration("window")
    if "every" not in fields and (origins or 1) > 1:
        mend = ("to mend", "say how far apart they are: every: 1 week")
        fields.report("R061", f"{origins} origins need 'every'", fields.where_key("origins"), mend)
        return None
    return TimeSplit(cut, every, origins or 1, refit or "never", window, tune_on) if cut else None


_REFIT: dict[str, Literal["never", "each"]] = {"never": "never", "each": "each"}
_AVERAGE: dict[str, Literal["pool", "mean"]] = {"pool": "pool", "mean": "mean"}


def _date(fields: Fields) -> datetime | None:
    text = fields.text("time")
    if text is None:
        return None
    where = fields.node.entries["time"].where
    mend = ("to mend", "write it like 2024-01-31 or 2024-01-31 18:30:00")
    if not _DATE.fullmatch(text):
        fields.report("R076", f"time must be a date, got text '{text}'", where, mend)
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        fields.report("R076", f"there is no date {text}", where, mend)
        return None


def _by_group(fields: Fields, tune_on: Split | None) -> Split | None:
    column = fields.text("group")
    if "test" not in fields:
        mend = ("to mend", f"write {_EXAMPLES['group']}")
        message = "a split by group needs the share of groups to test on, 'test'"
        fields.report("R061", message, fields.where_key("group"), mend)
        return None
    rule = _hash_rule(fields, "test", "test")
    return GroupSplit(column, rule, tune_on) if column and rule else None


def _by_given(fields: Fields, tune_on: Split | None) -> Split | None:
    column = fields.text("given")
    parts = {}
    for key in ("train", "test"):
        if key not in fields:
            mend = ("to mend", f"write {_EXAMPLES['given']}")
            fields.report("R061", f"a split by given values needs '{key}'", fields.where_key("given"), mend)
        parts[key] = _values(fields, key)
    trained = {(type(value), value) for _, value in parts["train"]}
    for node, value in parts["test"]:
        if (type(value), value) in trained:
            fields.report("R069", f"{described(node)} is for training and for testing at once", node.where)
    train, test = (tuple(value for _, value in parts[key]) for key in ("train", "test"))
    return GivenSplit(column, train, test, tune_on) if column and train and test else None


def _in_folds(fields: Fields, tune_on: Split | None) -> Split | None:
    folds = fields.whole("folds", 2, 1000)
    average = fields.choice("average", _AVERAGE) or "pool"
    ways: list[Literal["hash", "group", "given"]] = ["hash", "group", "given"]
    present = [way for way in ways if way in fields]
    if len(present) != 1:
        what = f"by {' and '.join(present)} at once" if present else "need a rule"
        mend = ("to mend", "write one of hash: {digest: md5}, group: COLUMN, given: COLUMN beside folds")
        fields.report("R071", f"folds {what}", fields.where_key(present[-1] if present else "folds"), mend)
        return None
    salt = fields.text("salt") or ""
    by = present[0]
    if by != "hash":
        column = fields.text(by)
        return FoldSplit(folds, by, column, average, salt=salt, tune_on=tune_on) if folds and column else None
    digest = _fold_digest(fields)
    return FoldSplit(folds, "hash", None, average, digest, salt, tune_on) if folds and digest else None


def _fold_digest(fields: Fields) -> Digest | None:
    node = fields.take("hash")
    if node is None:
        return None
    mend = ("to mend", "write hash: {digest: md5}; the fold is the digest modulo the number of folds")
    if not isinstance(node, Mapping):
        fields.report("R062", f"in folds hash must be a mapping, got {described(node)}", node.where, mend)
        return None
    inner = Fields(node, (*fields.path, "hash"), fields.problems, fields.where_key("hash"))
    inner.refuse_unknown(("digest",), "hash in folds")
    return inner.choice("digest", _DIGESTS) or (None if "digest" in inner else "md5")
