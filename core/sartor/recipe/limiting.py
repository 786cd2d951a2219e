"""``privacy``: what may be learned of persons, how long it is kept, and what of it is handed on."""

from __future__ import annotations

from sartor.durations import Duration
from sartor.guard.limits import AT_MOST, Forbidden, Limits, Release, Retention, Statistic
from sartor.recipe.document import Scalar, Sequence
from sartor.recipe.fields import Fields, Hint

LIMIT_KEYS = ("forbid", "retention", "release", "budget", "statistics")
FORBID_KEYS = ("at_most", "accept")
RETENTION_KEYS = ("lines", "runs")
RELEASE_KEYS = ("quasi_identifiers", "k", "sensitive", "l")
STATISTIC_KEYS = ("from", "epsilon", "mean", "between", "by", "groups", "person", "lines")
MOST_K = 1_000_000
MOST_EPSILON = 100.0
_MEND_RELEASE: Hint = ("to mend", "write release: {ACTION: {quasi_identifiers: [age, zip], k: 5}}")
_MEND_STATISTIC: Hint = ("to mend", "write statistics: {NAME: {from: TABLE, epsilon: 0.1}}")


def parse_limits(fields: Fields) -> Limits:
    """Read what `privacy` says beside treatments and consent."""
    budget = _epsilon(fields, "budget")
    statistics = _statistics(fields)
    spent = sum(one.epsilon for one in statistics.values())
    if statistics and budget is None and "budget" not in fields:
        mend = ("to mend", f"write privacy: {{budget: {spent:g}}}: the most that all statistics may spend together")
        fields.report("R061", "statistics spend of a budget, and privacy names none", fields.where, mend)
    elif budget is not None and spent > budget * (1 + 1e-9):
        mend = ("to mend", "give some of them a smaller epsilon, or leave one out")
        message = f"the statistics spend {spent:g}, and the budget is {budget:g}"
        fields.report("R069", message, fields.where_key("budget"), mend)
    return Limits(_forbid(fields), _retention(fields), _release(fields), budget, statistics)


def _forbid(fields: Fields) -> dict[str, Forbidden]:
    if isinstance(fields.node.entries.get("forbid"), Sequence | Scalar):
        return {column: Forbidden() for column in fields.names("forbid", or_one=True)}
    columns = fields.inner("forbid", ("to mend", "write forbid: [COLUMN]"))
    found = {}
    for column in columns or ():
        inner = columns.inner(column, ("to mend", f"write {column}: {{at_most: {AT_MOST}}}")) if columns else None
        if inner is None:
            continue
        inner.refuse_unknown(FORBID_KEYS, "a forbidden attribute")
        at_most = inner.number("at_most")
        if at_most is not None and not 0.5 < at_most <= 1:
            mend = ("to mend", "0.5 is what chance tells, 1 is always: write at_most: 0.75")
            message = f"at_most must be above 0.5 and at most 1, got {at_most:g}"
            inner.report("R069", message, inner.node.entries["at_most"].where, mend)
            at_most = None
        accept = _accepted(inner)
        found[column] = Forbidden(AT_MOST if at_most is None else at_most, accept)
    return found


def _accepted(fields: Fields) -> dict[str, str]:
    if isinstance(fields.node.entries.get("accept"), Sequence):
        mend = ("to mend", "write accept: {FEATURE: why it may stand for the attribute all the same}")
        fields.report("R061", "accept does not say why", fields.where_key("accept"), mend)
        return {}
    return fields.texts("accept")


def _retention(fields: Fields) -> Retention:
    node = fields.node.entries.get("retention")
    if isinstance(node, Scalar):
        length = fields.duration("retention")
        return Retention(length, {}, length)
    inner = fields.inner("retention", ("to mend", "write retention: {lines: 3 years, runs: 1 year}"))
    if inner is None:
        return Retention()
    inner.refuse_unknown(RETENTION_KEYS, "retention")
    runs = inner.duration("runs")
    if "lines" not in inner or isinstance(inner.node.entries["lines"], Scalar):
        return Retention(inner.duration("lines"), {}, runs)
    tables = inner.inner("lines", ("to mend", "write lines: {TABLE: 3 years}"))
    said: dict[str, Duration] = {}
    for table in tables or ():
        length = tables.duration(table) if tables else None
        if length is not None:
            said[table] = length
    return Retention(None, said, runs)


def _release(fields: Fields) -> dict[str, Release]:
    actions = fields.inner("release", _MEND_RELEASE)
    found = {}
    for action in actions or ():
        inner = actions.inner(action, _MEND_RELEASE) if actions else None
        if inner is None:
            continue
        inner.refuse_unknown(RELEASE_KEYS, "release")
        columns = inner.names("quasi_identifiers", or_one=True)
        if not columns and "quasi_identifiers" not in inner:
            inner.report("R061", "release does not say its quasi_identifiers", inner.where, _MEND_RELEASE)
        k, least = inner.whole("k", 1, MOST_K), inner.whole("l", 1, MOST_K)
        sensitive = inner.names("sensitive", or_one=True)
        if least is not None and least > 1 and not sensitive:
            mend = ("to mend", "write sensitive: COLUMN: what nobody shall find out of a person")
            inner.report("R061", "l counts the values of a sensitive column, and release names none", inner.where, mend)
        default = 2 if sensitive else 1
        found[action] = Release(columns, 5 if k is None else k, sensitive, default if least is None else least)
    return found


def _statistics(fields: Fields) -> dict[str, Statistic]:
    named = fields.inner("statistics", _MEND_STATISTIC)
    found = {}
    for name in named or ():
        inner = named.inner(name, _MEND_STATISTIC) if named else None
        one = _statistic(inner) if inner is not None else None
        if one is not None:
            found[name] = one
    return found


def _statistic(fields: Fields) -> Statistic | None:
    fields.refuse_unknown(STATISTIC_KEYS, "a statistic")
    for key in ("from", "epsilon"):
        if key not in fields:
            fields.report("R061", f"a statistic does not say its {key}", fields.where, _MEND_STATISTIC)
    table, epsilon, mean = fields.text("from"), _epsilon(fields, "epsilon"), fields.text("mean")
    between = _pair(fields)
    if mean is not None and between is None and "between" not in fields:
        mend = ("to mend", "write between: [0, 100000]: bounds that are known without the data")
        fields.report("R061", f"the mean of '{mean}' does not say its bounds", fields.where, mend)
    by, groups = fields.text("by"), _groups(fields)
    if (by is None) != (not groups):
        mend = ("to mend", "write by: COLUMN, groups: [A, B]: which values there are would tell of persons")
        fields.report("R061", "groups are said by a column and its values, both of them", fields.where, mend)
    person, lines = fields.text("person"), fields.whole("lines", 1, MOST_K)
    if table is None or epsilon is None:
        return None
    return Statistic(table, epsilon, mean, between or (0.0, 1.0), by, groups, person, lines or 1)


def _epsilon(fields: Fields, key: str) -> float | None:
    value = fields.number(key)
    if value is None or 0 < value <= MOST_EPSILON:
        return value
    message = f"{key} must be above 0 and at most {MOST_EPSILON:g}, got {value:g}"
    fields.report("R069", message, fields.node.entries[key].where, ("to mend", "0.1 tells little of anybody, 10 much"))
    return None


def _pair(fields: Fields) -> tuple[float, float] | None:
    node = fields.take("between")
    if node is None:
        return None
    items = node.items if isinstance(node, Sequence) else ()
    values = [item.value for item in items if isinstance(item, Scalar)]
    numbers = [float(one) for one in values if isinstance(one, int | float) and not isinstance(one, bool)]
    if len(numbers) == len(items) == 2 and numbers[0] < numbers[1]:
        return numbers[0], numbers[1]
    mend = ("to mend", "write between: [0, 100000]")
    fields.report("R069", "between must be two numbers that rise", node.where, mend)
    return None


def _groups(fields: Fields) -> tuple[str | int | bool, ...]:
    node = fields.take("groups")
    if node is None:
        return ()
    items = node.items if isinstance(node, Sequence) else ()
    values = [item.value for item in items if isinstance(item, Scalar)]
    known = tuple(value for value in values if isinstance(value, (str, int, bool)))
    if known and len(known) == len(items) == len(set(map(str, known))):
        return known
    fields.report("R069", "groups must be a list of values, each once", node.where, ("to mend", "write groups: [A, B]"))
    return ()
