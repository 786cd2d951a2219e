"""What the engine's types mean to a contract, and the engine's types for those of a contract."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from sartor.contract.terms import ColumnType

if TYPE_CHECKING:
    import duckdb

Kind = Literal["text", "integer", "number", "boolean", "date", "datetime", "other"]

SQL_TYPES: dict[ColumnType, str] = {
    "text": "VARCHAR",
    "integer": "BIGINT",
    "number": "DOUBLE",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "datetime": "TIMESTAMP",
}
_INTEGERS = ("tinyint", "smallint", "integer", "bigint", "utinyint", "usmallint", "uinteger", "ubigint", "hugeint",
             "uhugeint")  # fmt: skip
_KINDS: dict[str, Kind] = {
    **dict.fromkeys(_INTEGERS, "integer"),
    **dict.fromkeys(("float", "double", "decimal"), "number"),
    **dict.fromkeys(("varchar", "enum", "uuid"), "text"),
    "boolean": "boolean",
    "date": "date",
}


def kind_of(dtype: Any) -> Kind:
    """Return what a type of the engine means.

    Parameters
    ----------
    dtype : DuckDBPyType
    """
    word = str(dtype.id).lower()
    return "datetime" if word.startswith("timestamp") else _KINDS.get(word, "other")


def is_floating(dtype: Any) -> bool:
    """Tell whether numbers of a type of the engine may be infinite, or no number."""
    return str(dtype.id).lower() in ("float", "double")


def is_wide(dtype: Any) -> bool:
    """Tell whether whole numbers of a type of the engine may not fit into 64 bits."""
    return str(dtype.id).lower() in ("ubigint", "hugeint", "uhugeint")


def has_zone(dtype: Any) -> bool:
    """Tell whether moments of a type of the engine carry a zone."""
    word = f"{dtype} {dtype.id}".lower()
    return "timestamp" in word and ("zone" in word or "tz" in word)


def kinds(relation: duckdb.DuckDBPyRelation) -> dict[str, Any]:
    """Return the engine's type of every column."""
    return dict(zip(relation.columns, relation.types, strict=True))
