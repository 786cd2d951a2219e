"""Values that a reader may read for the contract: whole blocks of lines in which it would find nothing to judge.

A reader of texts returns a column whose type the contract says as the texts that are there. If it can tell in passing
that a block of lines leaves nothing to judge, it may put beside them what they say: for every column of
`sartor.context.Context.plain` that is more than text a column `PLAIN` and its name, and one column `LINE`, true of the
lines of such blocks. There the texts of these columns may be missing; in all other lines they stand, and the contract
looks at them closely. A plain value must be the one that the contract would read, `Plain.holds` says whether it leaves
nothing to judge, and the reader must say what the columns of its source are.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sartor.contract.terms import ColumnTerms, ColumnType, Value

if TYPE_CHECKING:
    import pyarrow as pa

LINE = "__plain"
"""Column that tells whether a line is of a block that leaves nothing to judge."""
PLAIN = "__plain_"
"""What the name of a column of plain values begins with."""
LARGEST = 2**63
"""Whole numbers from here on are none of the engine's."""


@dataclass(frozen=True)
class Plain:
    """What a column's plain values are.

    Parameters
    ----------
    type : str
        ``text``; ``integer``, ``number``, ``boolean``; ``date`` and ``datetime`` in the form of ISO 8601, without a
        zone.
    decimal : str
        Sign before the decimals of numbers.
    terms : ColumnTerms
    """

    type: ColumnType
    decimal: str = "."
    terms: ColumnTerms = field(default_factory=ColumnTerms, repr=False)

    def holds(self, values: pa.Array) -> bool:
        """Tell whether nothing would be found in values, but for codes that mean a missing one.

        What is said of the pattern and the length of texts is not looked at: the engine does that.

        Examples
        --------
        >>> import pyarrow as pa
        >>> amount = Plain("integer", terms=ColumnTerms("integer", required=True))
        >>> amount.holds(pa.array([1, 2])), amount.holds(pa.array([1, None]))
        (True, False)
        """
        import pyarrow as pa
        import pyarrow.compute as pc

        if self.type == "number" and not _all(pc.is_finite(values)):
            return False
        if self.type == "text" and (
            pc.any(pc.utf8_is_space(values)).as_py() or pc.min(pc.binary_length(values)).as_py() == 0
        ):
            return False
        codes = self._codes()
        if codes and self._judges():
            coded = pc.is_in(values, value_set=pa.array(codes, values.type))
            values = pc.if_else(coded, pa.scalar(None, values.type), values)
        if self.terms.required and values.null_count:
            return False
        return self._within(values) and self._among(values)

    def _judges(self) -> bool:
        bounds = self.terms.bounds
        return self.terms.required or bool(self.terms.allowed) or bounds.low is not None or bounds.high is not None

    def _codes(self) -> list[Any]:
        return [code for code in map(self._as_value, self.terms.missing_codes) if code is not None]

    def _within(self, values: pa.Array) -> bool:
        import pyarrow.compute as pc

        low, high = self.terms.bounds.low, self.terms.bounds.high
        ends = pc.min_max(values) if low is not None or high is not None else None
        if ends is None or not ends["min"].is_valid:
            return True
        least, greatest = ends["min"].as_py(), ends["max"].as_py()
        if isinstance(low, str) or isinstance(high, str):
            low, high = (None if end is None else _moment(str(end), self.type) for end in (low, high))
        return (low is None or low <= least) and (high is None or greatest <= high)

    def _among(self, values: pa.Array) -> bool:
        import pyarrow as pa
        import pyarrow.compute as pc

        if not self.terms.allowed:
            return True
        allowed = [one for one in map(self._as_value, self.terms.allowed) if one is not None]
        return _all(pc.is_in(values, value_set=pa.array([*allowed, None], values.type)))

    def _as_value(self, said: Value) -> Any:
        """Return a value of the recipe as one of the column; None for what is none, such as a code '?' of numbers."""
        if self.type == "text":
            return str(said).lower() if isinstance(said, bool) else str(said)
        if self.type == "boolean" or isinstance(said, bool):
            return said if self.type == "boolean" and isinstance(said, bool) else None
        try:
            if self.type in ("date", "datetime"):
                return _moment(said, self.type) if isinstance(said, str) else None
            return float(said) if self.type == "number" else _whole(said)
        except ValueError:
            return None


def _whole(said: int | float | str) -> int | None:
    number = said if isinstance(said, int) else float(said)
    return int(number) if number == number // 1 and abs(number) < LARGEST else None


def _moment(text: str, kind: ColumnType) -> Any:
    moment = datetime.fromisoformat(text)
    moment = moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
    return moment.date() if kind == "date" else moment


def _all(flags: pa.Array) -> bool:
    import pyarrow.compute as pc

    return pc.all(flags).as_py() is not False


def plain_of(terms: ColumnTerms) -> Plain | None:
    """Return what plain values of a column are; None where every text needs a close look.

    Examples
    --------
    >>> plain_of(ColumnTerms(type="number", decimal=","))
    Plain(type='number', decimal=',')
    >>> plain_of(ColumnTerms(type="date", formats=("%d.%m.%Y",))) is None
    True
    """
    if terms.type is None or terms.tidy or terms.formats or terms.zone is not None or terms.thousands:
        return None
    return Plain(terms.type, terms.decimal, terms)


def column_of(name: str, plain: Plain) -> str:
    """Return the column that holds a column's plain values.

    Examples
    --------
    >>> column_of("amount", Plain("number")), column_of("region", Plain("text"))
    ('__plain_amount', 'region')
    """
    return name if plain.type == "text" else f"{PLAIN}{name}"
