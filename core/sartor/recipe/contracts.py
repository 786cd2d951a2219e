"""``ingest.TABLE.contract``: what must hold of a table, and what becomes of the lines of which it does not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sartor.contract.terms import ColumnTerms, Contract, Fresh, Outcome, Unique
from sartor.errors import Position
from sartor.recipe.column_terms import parse_column
from sartor.recipe.document import Node, Scalar, Sequence
from sartor.recipe.fields import Fields, Hint
from sartor.recipe.kinds import described

CONTRACT_KEYS = ("columns", "required", "unique", "fresh", "otherwise")
UNIQUE_KEYS = ("columns", "otherwise")
FRESH_KEYS = ("column", "within")
OUTCOMES: dict[str, Outcome] = {"missing": "missing", "set_aside": "set_aside", "stop": "stop"}
_WHOLE_LINES: dict[str, Outcome] = {"set_aside": "set_aside", "stop": "stop"}
_MEND: Hint = ("to mend", "write contract: {columns: {COLUMN: {type: number, between: [0, 100]}}}")
_MEND_UNIQUE: Hint = ("to mend", "write unique: [[COLUMN], [COLUMN, COLUMN]]")


def parse_contract(parent: Fields, key: str = "contract") -> Contract | None:
    """Read the contract of a table; None where the recipe has none."""
    fields = parent.inner(key, _MEND)
    if fields is None:
        return None
    fields.refuse_unknown(CONTRACT_KEYS, "a contract")
    default = fields.choice("otherwise", OUTCOMES)
    required = fields.names("required", or_one=True)
    columns = _columns(fields, default, required)
    return Contract(columns, tuple(_unique(fields, default)), _fresh(fields))


def _columns(fields: Fields, default: Outcome | None, required: tuple[str, ...]) -> dict[str, ColumnTerms]:
    inner = fields.inner("columns", ("to mend", "write columns: {COLUMN: {type: number}}"))
    found: dict[str, ColumnTerms] = {}
    for column in inner or ():
        assert inner is not None
        one = inner.inner(column, ("to mend", f"write {column}: {{type: number}}, or what else must hold of it"))
        if one is not None:
            found[column] = parse_column(one, column, default, required=column in required)
    for column in required:
        if inner is None or column not in inner:
            # Without a value there is nothing to repair: such a line is set aside, or stops the run.
            outcome: Outcome = "set_aside" if default == "set_aside" else "stop"
            found.setdefault(column, ColumnTerms(required=True, otherwise={"required": outcome}))
    return found


@dataclass(frozen=True)
class _Columns:
    """A set of columns as a recipe writes it."""

    node: Node
    names: tuple[str, ...]


def _unique(fields: Fields, default: Outcome | None) -> list[Unique]:
    node = fields.take("unique")
    if node is None:
        return []
    if not isinstance(node, Sequence):
        fields.report("R062", f"unique must be a list of lists of columns, got {described(node)}", node.where,
                      _MEND_UNIQUE)  # fmt: skip
        return []
    usual: Outcome = "set_aside" if default == "set_aside" else "stop"
    found = [_unique_one(fields, item, place, usual) for place, item in enumerate(node.items)]
    return [one for one in found if one is not None]


def _unique_one(fields: Fields, item: Node, place: int, usual: Outcome) -> Unique | None:
    if isinstance(item, Scalar) and type(item.value) is str and item.value.strip():
        return Unique((item.value,), usual)
    if isinstance(item, Sequence):
        names = _names(fields, item)
        return Unique(names, usual) if names else None
    path = (*fields.path, "unique", place)
    inner = Fields.of(item, path, fields.problems, item.where, _MEND_UNIQUE)
    if inner is None:
        return None
    inner.refuse_unknown(UNIQUE_KEYS, "a set of unique columns")
    names = inner.names("columns", or_one=True)
    if "columns" not in inner:
        mend: Hint = ("to mend", "write {columns: [COLUMN], otherwise: set_aside}")
        inner.report("R061", "a set of unique columns does not name its columns", inner.where, mend)
    outcome = inner.choice("otherwise", _WHOLE_LINES) or usual
    return Unique(names, outcome) if names else None


def _names(fields: Fields, node: Sequence) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for item in node.items:
        value = item.value if isinstance(item, Scalar) else None
        if not isinstance(value, str) or not value.strip():
            if not (isinstance(item, Scalar) and item.broken):
                fields.report("R062", f"unique must hold names of columns, got {described(item)}", item.where)
            return ()
        if value in found:
            fields.report("R069", f"unique lists '{value}' twice", item.where)
        found[value] = None
    if not found:
        fields.report("R069", "a set of unique columns must hold at least one column", node.where)
    return tuple(found)


def _fresh(fields: Fields) -> Fresh | None:
    mend: Hint = ("to mend", "write fresh: {column: DATE, within: 7 days}")
    inner = fields.inner("fresh", mend)
    if inner is None:
        return None
    inner.refuse_unknown(FRESH_KEYS, "fresh")
    for key in FRESH_KEYS:
        if key not in inner:
            inner.report("R061", f"fresh does not say its {key}", inner.where, mend)
    column, within = inner.text("column"), inner.duration("within")
    return Fresh(column, within) if column is not None and within is not None else None


def with_units(fields: Fields, units: dict[str, str], contract: Contract | None) -> dict[str, str]:
    """Return the units of a table's columns, those of its contract among them."""
    said = {column: terms.unit for column, terms in contract.columns.items() if terms.unit} if contract else {}
    for column, unit in said.items():
        if units.get(column, unit) != unit:
            message = f"the unit of '{column}' is {units[column]} under units and {unit} in the contract"
            inner = fields.inner("units")
            where = fields.where if inner is None else inner.where_key(column)
            fields.report("R082", message, where, ("to mend", "say it once, in the contract"))
    return {**units, **said}


def named_columns(contract: Contract) -> list[tuple[str, tuple[Any, ...]]]:
    """Return every column that a contract names, with the keys below ``contract`` that lead to its place.

    Examples
    --------
    >>> from sartor.contract.terms import Bounds
    >>> named_columns(Contract({"age": ColumnTerms(required=True, bounds=Bounds(18))}, (Unique(("id",)),)))
    [('age', ('columns', 'age')), ('id', ('unique', 0))]
    """
    named: list[tuple[str, tuple[Any, ...]]] = [(column, ("columns", column)) for column in contract.columns]
    named += [(column, ("unique", place)) for place, one in enumerate(contract.unique) for column in one.columns]
    return named + ([(contract.fresh.column, ("fresh", "column"))] if contract.fresh else [])


def place_of(contract_path: tuple[Any, ...], below: tuple[Any, ...], document: Any) -> Position:
    """Return where a column of a contract is named: its key, or the list that holds it."""
    path = (*contract_path, *below)
    if below[0] != "columns":
        where: Position = document.where(path)
        return where
    if document.node(path) is None:
        return document.where((*contract_path, "required"))  # type: ignore[no-any-return]
    return document.where_key(path)  # type: ignore[no-any-return]
