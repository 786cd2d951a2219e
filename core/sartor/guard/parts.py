"""What the split's rule says of values that treatments change: SQL for the engine.

The rule goes by the value as it was read, so that a pseudonym moves nobody to the other side; only the part is stored,
for a digest of the value itself could be looked up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from sartor.contract.kinds import kind_of
from sartor.contract.reading import key_text
from sartor.guard.entering import Value, among
from sartor.guard.treatments import Changing, Treatment
from sartor.recipe.model import FoldSplit, GivenSplit, GroupSplit, HashRule, HashSplit
from sartor.relations import literal, one_of
from sartor.rows import RAW_PART
from sartor.stages.hashing import HEX_DIGITS

if TYPE_CHECKING:
    from sartor.recipe.model import Split

GIVEN_TRAIN, GIVEN_TEST = 1, 2


def raw_parts(
    rule: Split | None, key: Sequence[str], values: Mapping[str, Value], treatments: Mapping[str, Treatment]
) -> dict[str, str]:
    """Return SQL of the parts that must be taken before values change, by the name of the column that keeps them.

    Parameters
    ----------
    rule : Split or None
        The recipe's.
    key : sequence of str
        Of the table.
    values : mapping of column to Value
        As they were read.
    treatments : mapping of column to Treatment
        Of this table's columns.
    """
    parts: dict[str, str] = {}
    level = 0
    while rule is not None:
        columns = _columns(rule, key)
        if columns and set(columns) <= set(values) and any(isinstance(treatments.get(c), Changing) for c in columns):
            parts[f"{RAW_PART}{level}"] = _part(rule, [values[column] for column in columns])
        rule, level = rule.tune_on, level + 1
    return parts


def goes_by(rule: Split | None, key: Sequence[str]) -> tuple[str, ...]:
    """Return every column that a rule, or its ``tune_on``, goes by; the columns of the key where it hashes rows."""
    found: tuple[str, ...] = ()
    while rule is not None:
        found, rule = (*found, *_columns(rule, key)), rule.tune_on
    return found


def _columns(rule: Split, key: Sequence[str]) -> tuple[str, ...]:
    """Return the columns that a rule goes by."""
    if isinstance(rule, GroupSplit | GivenSplit):
        return (rule.column,)
    if isinstance(rule, FoldSplit):
        # Folds given by a column are told apart by pseudonyms as well as by the values themselves.
        return {"hash": tuple(key), "group": (rule.column,) if rule.column else (), "given": ()}[rule.by]
    return tuple(key) if isinstance(rule, HashSplit) else ()


def _part(rule: Split, values: list[Value]) -> str:
    if isinstance(rule, GivenSplit):
        train, test = among(values[0], rule.train), among(values[0], rule.test)
        return f"CASE WHEN {train} THEN {GIVEN_TRAIN} WHEN {test} THEN {GIVEN_TEST} ELSE 0 END"
    text = row_text(values)
    if isinstance(rule, FoldSplit):
        return _modulo(text, values, rule.folds, rule.digest, rule.salt)
    assert isinstance(rule, HashSplit | GroupSplit)
    return f"CAST({_in_test(text, values, rule.rule)} AS INTEGER)"


def row_text(values: Sequence[Value]) -> str:
    """Return SQL of a row's name: the text of its key, or those of the parts of its key put together."""
    if len(values) == 1:
        return key_text(values[0].sql, values[0].dtype)
    parts = [f"CAST({value.sql} AS VARCHAR)" for value in values]
    escaped = [f"replace(replace({part}, '\\', '\\\\'), '|', '\\|')" for part in parts]
    return " || '|' || ".join(escaped)


def _in_test(text: str, values: Sequence[Value], rule: HashRule) -> str:
    if rule.share is not None:
        first = f"CAST('0x' || substr({_digest(text, rule.digest, rule.salt)}, 1, {HEX_DIGITS}) AS BIGINT)"
        return f"{first} < {int(rule.share * 16**HEX_DIGITS)}"
    remainder = _modulo(text, values, rule.modulo or 1, rule.digest, rule.salt)
    return one_of(remainder, list(map(str, rule.test)))


def _digest(text: str, digest: str, salt: str) -> str:
    return f"{digest}({f'{literal(salt)} || ' if salt else ''}{text})"


def _modulo(text: str, values: Sequence[Value], divisor: int, digest: str, salt: str) -> str:
    """Return SQL of the whole digest modulo a divisor, taken in pieces that fit into 64 bits."""
    if digest == "none":
        whole = values[0].sql if kind_of(values[0].dtype) == "integer" else f"TRY_CAST({text} AS HUGEINT)"
        return f"CAST((({whole} % {divisor}) + {divisor}) % {divisor} AS INTEGER)"
    hexadecimal, remainder = _digest(text, digest, salt), "0"
    for start in range(1, {"sha1": 40, "md5": 32}[digest], HEX_DIGITS):
        piece = f"CAST('0x' || substr({hexadecimal}, {start}, {HEX_DIGITS}) AS BIGINT)"
        remainder = f"(({remainder} * {16**HEX_DIGITS} + {piece}) % {divisor})"
    return f"CAST({remainder} AS INTEGER)"
