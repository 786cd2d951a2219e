"""``information``: what anyone could know, what is ours, and what it costs."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sartor.durations import Duration
from sartor.errors import Position, SettingError
from sartor.recipe.document import Mapping, Node, Scalar, Sequence
from sartor.recipe.fields import Fields, Hint
from sartor.recipe.kinds import described
from sartor.recipe.sources import HALVES, REFITS, Information, Per, Price, Source, Value

KEYS = ("public", "private", "decisions_per_month", "halves", "budget")
SOURCE_KEYS = ("table", "columns", "of", "lines")
PRIVATE_KEYS = (*SOURCE_KEYS, "price", "delay")
PRICES: dict[str, Per] = {"per_row": "row", "per_call": "call", "per_month": "month"}
MOST_HALVES, MOST_REFITS, MOST_MINUTES = 100, 100_000, 100_000.0
MOST_SOURCES = 50
_EXAMPLE = "{account: [BALANCE], payments: {table: PAYMENTS, price: {per_month: 900}}}"
_MEND: Hint = ("to mend", f"write private: {_EXAMPLE}")


def read_information(root: Fields, *, abstract: bool = False) -> Information | None:
    """Read the section ``information``; None where there is none. A base for other recipes may lack sources."""
    fields = root.inner("information", ("to mend", f"write information: {{private: {_EXAMPLE}}}"))
    if fields is None:
        return None
    fields.refuse_unknown(KEYS, "information")
    written = root.node.entries.get("currency")
    currency = written.value if isinstance(written, Scalar) and isinstance(written.value, str) else None
    private = _private(fields, currency, abstract=abstract)
    refits, minutes = _budget(fields)
    halves = fields.whole("halves", 0, MOST_HALVES)
    return Information(
        public=_public(fields),
        private=private,
        decisions_per_month=_above_zero(fields, "decisions_per_month"),
        halves=HALVES if halves is None else halves,
        refits=REFITS if refits is None else refits,
        minutes=minutes,
    )


def _public(fields: Fields) -> tuple[Source, ...]:
    """Read what anyone could know: a list of columns, or sources by name."""
    node = fields.take("public")
    if isinstance(node, Mapping):
        inner = fields.inner("public")
        assert inner is not None
        found = [_Reader(inner, name, SOURCE_KEYS).source() for name in inner]
        return tuple(source for source in found if source is not None)
    columns = fields.names("public", or_one=True)
    return (Source("public", ("information", "public"), columns=columns),) if columns else ()


def _private(fields: Fields, currency: str | None, *, abstract: bool) -> dict[str, Source]:
    node = fields.take("private")
    if isinstance(node, Sequence):
        message = "private must name its sources: each is worth something of its own"
        fields.report("R062", message, node.where, _MEND)
        return {}
    inner = fields.inner("private", _MEND)
    if inner is None or not len(inner.node.entries):
        if not abstract and ("private" not in fields or inner is not None):
            mend = ("to mend", f"say what is ours, private: {_EXAMPLE}, or leave information out")
            fields.report("R091", "every source is public: there is no advantage to weigh", fields.where, mend)
        return {}
    if len(inner.node.entries) > MOST_SOURCES:
        message = f"{len(inner.node.entries)} private sources are more than {MOST_SOURCES}"
        fields.report("R069", message, fields.where_key("private"), ("to mend", "put together what is bought together"))
        return {}
    found = {name: _Reader(inner, name, PRIVATE_KEYS, currency).source() for name in inner}
    return {name: source for name, source in found.items() if source is not None}


def _budget(fields: Fields) -> tuple[int | None, float | None]:
    budget = fields.inner("budget", ("to mend", "write budget: {refits: 100} or budget: {minutes: 10}"))
    if budget is None:
        return None, None
    budget.refuse_unknown(("refits", "minutes"), "budget")
    return budget.whole("refits", 1, MOST_REFITS), _above_zero(budget, "minutes", MOST_MINUTES)


def _above_zero(fields: Fields, key: str, most: float = float("inf")) -> float | None:
    value = fields.number(key)
    if value is None or 0 < value <= most:
        return value
    message = f"{key} must be above 0, got {value:g}"
    fields.report("R069", message, fields.node.entries[key].where)
    return None


@dataclass(frozen=True)
class _Reader:
    """Reads one source."""

    sources: Fields
    name: str
    keys: tuple[str, ...]
    currency: str | None = None

    def source(self) -> Source | None:
        node = self.sources.take(self.name)
        if node is None:
            return None
        path = (*self.sources.path, self.name)
        if isinstance(node, Sequence) or (isinstance(node, Scalar) and isinstance(node.value, str)):
            columns = self.sources.names(self.name, or_one=True)
            if not columns and isinstance(node, Sequence) and not node.items:
                self._empty(self.sources.where_key(self.name))
            return Source(self.name, path, columns=columns) if columns else None
        mend = ("to mend", f"write {self.name}: [COLUMN, ...], or {self.name}: {{table: TABLE}}")
        fields = Fields.of(node, path, self.sources.problems, self.sources.where_key(self.name), mend)
        if fields is None:
            return None
        fields.refuse_unknown(self.keys, "a source")
        ways = [key for key in ("table", "columns", "lines") if key in fields]
        if len(ways) != 1:
            what = f"says {' and '.join(ways)}" if ways else "says none of table, columns and lines"
            fields.report("R081" if ways else "R061", f"source '{self.name}' {what}, and is one of them",
                          fields.where, mend)  # fmt: skip
            return None
        source = self._what(fields, ways[0], path)
        if source is None:
            return None
        return replace(source, price=self._price(fields), delays=self._delays(fields))

    def _empty(self, where: Position) -> None:
        self.sources.report("R061", f"source '{self.name}' names no column", where, ("to mend", "name what it brings"))

    def _what(self, fields: Fields, way: str, path: tuple[str | int, ...]) -> Source | None:
        if way != "columns" and "of" in fields:
            mend = ("to mend", f"leave it out: {way} names its table itself")
            fields.report("R081", "of says which table columns are of", fields.where_key("of"), mend)
        if way == "table":
            table = fields.text("table")
            return None if table is None else Source(self.name, path, table=table)
        if way == "columns":
            columns = fields.names("columns", or_one=True)
            if not columns and "columns" in fields and isinstance(fields.take("columns"), Sequence):
                self._empty(fields.where_key("columns"))
            return Source(self.name, path, fields.text("of"), columns) if columns else None
        return self._lines(fields, path)

    def _lines(self, fields: Fields, path: tuple[str | int, ...]) -> Source | None:
        mend: Hint = ("to mend", "write lines: {table: TABLE, where: {COLUMN: VALUE}}")
        lines = fields.inner("lines", mend)
        if lines is None:
            return None
        lines.refuse_unknown(("table", "where"), "lines")
        for key in ("table", "where"):
            if key not in lines:
                lines.report("R061", f"lines do not say their {key}", lines.where, mend)
        table, where = lines.text("table"), lines.inner("where", mend)
        if where is None or table is None:
            return None
        if len(where.node.entries) != 1:
            lines.report("R069", f"where names {len(where.node.entries)} columns, and takes one", where.where, mend)
            return None
        (column,) = where
        values = _values(where, column)
        return Source(self.name, path, table, where=(column, values)) if values else None

    def _price(self, fields: Fields) -> Price | None:
        mend: Hint = ("to mend", "write price: {per_call: 0.50}, {per_row: 0.01} or {per_month: 900}")
        price = fields.inner("price", mend)
        if price is None:
            return None
        price.refuse_unknown((*PRICES, "currency"), "a price")
        ways = [way for way in PRICES if way in price]
        if len(ways) != 1:
            what = f"says {' and '.join(ways)}" if ways else f"says none of {', '.join(PRICES)}"
            price.report("R081" if ways else "R061", f"the price {what}, and is one of them", price.where, mend)
            return None
        self._check_currency(price)
        amount = price.number(ways[0])
        if amount is not None and not 0 <= amount < float("inf"):
            message = f"{ways[0]} must be 0 or more, got {amount:g}"
            price.report("R069", message, price.node.entries[ways[0]].where)
            return None
        return None if amount is None else Price(amount, PRICES[ways[0]])

    def _check_currency(self, price: Fields) -> None:
        """Refuse a price that cannot be held against the recipe's money: nothing here knows a rate of exchange."""
        currency, ours = price.text("currency"), self.currency
        if currency is None and ours is None:
            mend = ("to mend", "write currency: EUR at the top of the recipe")
            message = f"source '{self.name}' has a price, and the recipe does not say its currency"
            price.report("R093", message, price.where, mend)
        elif currency is not None and currency != ours:
            is_ours = f"the recipe's money is {ours}" if ours is not None else "the recipe names none"
            top = f"write currency: {currency} at the top of the recipe"
            mend = ("to mend", f"convert it to {ours}, and leave currency out" if ours else top)
            message = f"the price of '{self.name}' is in {currency}, and {is_ours}"
            price.report("R093", message, price.node.entries["currency"].where, mend)

    def _delays(self, fields: Fields) -> tuple[Duration, ...]:
        node = fields.take("delay")
        if node is None:
            return ()
        mend: Hint = ("to mend", "write delay: [0 days, 1 day, 7 days, 30 days]")
        items = node.items if isinstance(node, Sequence) else ()
        if len(items) < 2:
            fields.report("R062", f"delay must be a list of two or more lengths of time, got {described(node)}",
                          node.where, mend)  # fmt: skip
            return ()
        found = [_delay(fields, item, mend) for item in items]
        delays = tuple(one for one in found if one is not None)
        if len(delays) < len(items):
            return ()
        seconds = [one.seconds for one in delays]
        if sorted(set(seconds)) != seconds:
            fields.report("R069", "delay must rise, each length named once", node.where, mend)
            return ()
        return delays


def _delay(fields: Fields, item: Node, mend: Hint) -> Duration | None:
    value = item.value if isinstance(item, Scalar) else None
    if type(value) is not str:
        fields.report("R075", f"delay must hold lengths of time in words, got {described(item)}", item.where, mend)
        return None
    try:
        length = Duration.parse(value)
        _ = length.seconds
    except SettingError as error:
        fields.problems.extend(problem.at(item.where) for problem in error.problems)
        return None
    return length


def _values(where: Fields, column: str) -> tuple[Value, ...]:
    node = where.take(column)
    if node is None:
        return ()
    items = node.items if isinstance(node, Sequence) else (node,)
    values = [item.value for item in items if isinstance(item, Scalar)]
    known = tuple(value for value in values if isinstance(value, (str, int, float, bool)))
    if not known or len(known) != len(items):
        where.report("R062", f"{column} must be a value or a list of values, got {described(node)}", node.where)
        return ()
    return known
