"""``privacy``: purpose, consent, and what becomes of columns."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from sartor.errors import nearest
from sartor.guard.treatments import (
    BARE,
    EXAMPLES,
    WITH_SETTINGS,
    WITHIN_DAYS,
    AuditOnly,
    Consent,
    Generalise,
    Mask,
    Period,
    ShiftDates,
    Treatment,
)
from sartor.recipe.document import Mapping, Node, Scalar, Sequence
from sartor.recipe.fields import Fields, Hint
from sartor.recipe.kinds import described
from sartor.recipe.limiting import LIMIT_KEYS, parse_limits
from sartor.recipe.private import Privacy
from sartor.recipe.secret import Secret
from sartor.recipe.writing import in_one_line
from sartor.sections import SMALLEST_GROUP

PRIVACY_KEYS = ("purpose", "key", "key_check", "consent", "columns", "smallest_group", "encrypt", *LIMIT_KEYS)
CONSENT_KEYS = ("column", "value", "tables", "person", "exempt")
TREATMENTS = tuple(dict.fromkeys((*BARE, *WITH_SETTINGS)))
"""What can become of a column."""
PERIODS: dict[str, Period] = {
    "day": "day", "week": "week", "month": "month", "quarter": "quarter", "year": "year",
}  # fmt: skip
MOST_DAYS = 36_500
MOST_CHARACTERS = 1_000
MOST_IN_A_GROUP = 100_000
_KEY_CHECK = re.compile(r"[0-9a-f]{16}")
_MEND_COLUMNS: Hint = ("to mend", "write columns: {COLUMN: drop} or {COLUMN: audit_only}")


def parse_privacy(root: Fields) -> Privacy:
    """Read the section ``privacy``."""
    fields = root.inner("privacy", ("to mend", "write privacy: {columns: {COLUMN: drop}}"))
    if fields is None:
        return Privacy()
    fields.refuse_unknown(PRIVACY_KEYS, "privacy")
    columns = fields.inner("columns", _MEND_COLUMNS)
    found = {column: _Treatments(columns, column).treatment() for column in columns} if columns else {}
    treatments = {column: treatment for column, treatment in found.items() if treatment is not None}
    key = _key(fields)
    _check_key(fields, columns, treatments)
    smallest = fields.whole("smallest_group", 1, MOST_IN_A_GROUP) or SMALLEST_GROUP
    limits = parse_limits(fields)
    treatments |= _forbidden(fields, limits.forbid, treatments)
    return Privacy(fields.text("purpose"), treatments, key, _key_check(fields), _consent(fields), smallest, limits)


def _forbidden(fields: Fields, columns: Iterable[str], treatments: dict[str, Treatment]) -> dict[str, Treatment]:
    """A forbidden attribute enters for audit only: stored apart, where features can be held against it."""
    for column in columns:
        if not isinstance(treatments.get(column, AuditOnly()), AuditOnly):
            word = treatments[column].word
            mend = ("to mend", f"take {column} out of columns: what is forbidden is kept for audit only")
            message = f"privacy forbids '{column}', and its treatment is {word}: nothing could be held against it"
            fields.report("R081", message, fields.where_key("forbid"), mend)
    return {column: AuditOnly() for column in columns if column not in treatments}


def _key(fields: Fields) -> Secret | None:
    node = fields.take("key")
    value = node.value if isinstance(node, Scalar) else None
    if node is None or isinstance(value, Secret):
        return value if isinstance(value, Secret) else None
    mend = ("to mend", "write key: secret:NAME; NAME is an environment variable that holds it")
    # What was written may be the key itself, and is not repeated.
    fields.report("R062", "key must name a secret; a key that stands in a recipe is none", node.where, mend)
    return None


def _key_check(fields: Fields) -> str | None:
    check = fields.text("key_check")
    if check is not None and not _KEY_CHECK.fullmatch(check):
        mend = ("to mend", "take it from the message of a run: the note says the key's check")
        fields.report("R069", "key_check must be 16 hex digits", fields.node.entries["key_check"].where, mend)
        return None
    return check


def _check_key(fields: Fields, columns: Fields | None, treatments: dict[str, Treatment]) -> None:
    """What follows from a key needs one."""
    needing = [name for name, treatment in treatments.items() if treatment.word in ("pseudonymise", "shift_dates")]
    if needing and "key" not in fields:
        assert columns is not None
        mend = ("to mend", "write privacy: {key: secret:NAME}; NAME is an environment variable that holds the key")
        message = f"'{treatments[needing[0]].word}' needs a key"
        fields.report("R061", message, columns.where_key(needing[0]), mend)


def _consent(fields: Fields) -> Consent | None:
    mend: Hint = ("to mend", "write consent: {column: COLUMN, value: 'yes'}")
    inner = fields.inner("consent", mend)
    if inner is None:
        return None
    inner.refuse_unknown(CONSENT_KEYS, "consent")
    for key in ("column", "value"):
        if key not in inner:
            inner.report("R061", f"consent does not say its {key}", inner.where, mend)
    column, values = inner.text("column"), _consent_values(inner)
    tables, exempt = inner.names("tables", or_one=True), inner.names("exempt", or_one=True)
    both = [table for table in exempt if table in tables]
    if both:
        inner.report("R081", f"consent both asks in {both[0]} and exempts it", inner.where_key("exempt"),
                     ("to mend", "keep it in one of the two"))  # fmt: skip
    person = inner.text("person")
    return Consent(column, values, tables, person, exempt) if column is not None and values else None


def _consent_values(fields: Fields) -> tuple[str | int | float | bool, ...]:
    node = fields.take("value")
    if node is None:
        return ()
    items = node.items if isinstance(node, Sequence) else (node,)
    values = [item.value for item in items if isinstance(item, Scalar)]
    known = tuple(value for value in values if isinstance(value, (str, int, float, bool)))
    if not known or len(known) != len(items):
        fields.report("R062", f"value must be a value or a list of values, got {described(node)}", node.where)
        return ()
    return known


@dataclass(frozen=True)
class _Treatments:
    """Reads the treatment of one column."""

    columns: Fields
    column: str

    def treatment(self) -> Treatment | None:
        node = self.columns.take(self.column)
        if node is None:
            return None
        if isinstance(node, Scalar) and isinstance(node.value, str):
            return self._word(node, node.value)
        if not isinstance(node, Mapping):
            hints = [("to mend", f"write {self.column}: drop")]
            self.columns.report("R062", f"the treatment of a column must be a word or a mapping, got {described(node)}",
                                node.where, *hints)  # fmt: skip
            return None
        if len(node.entries) != 1:
            message = f"a column has one treatment, got {' and '.join(node.entries) or 'none'}"
            self.columns.report("R069", message, node.where, ("to mend", f"write {self.column}: drop"))
            return None
        return self._mapping(node, next(iter(node.entries)))

    def _word(self, node: Node, word: str) -> Treatment | None:
        if word in BARE:
            return BARE[word]
        if word in WITH_SETTINGS:
            mend = ("to mend", f"write {self.column}: {EXAMPLES[word]}")
            self.columns.report("R061", f"'{word}' does not say how", node.where, mend)
            return None
        *others, last = TREATMENTS
        hints = [hint for hint in nearest(word, TREATMENTS) if hint[0] == "did you mean"]
        message = f"the treatment of a column must be {', '.join(others)} or {last}, got text '{word}'"
        self.columns.report("R069", message, node.where, *hints)
        return None

    def _mapping(self, node: Mapping, word: str) -> Treatment | None:
        where = node.keys.get(word, node.where)
        if word in BARE and word not in WITH_SETTINGS:
            mend = ("to mend", f"write {self.column}: {word}")
            self.columns.report("R069", f"'{word}' takes no settings", where, mend)
            return BARE[word]
        if word not in WITH_SETTINGS:
            hints = nearest(word, TREATMENTS)
            self.columns.report("R060", f"'{word}' is not a treatment of columns", where, *hints)
            return None
        path = (*self.columns.path, self.column, word)
        mend = ("to mend", f"write {self.column}: {EXAMPLES[word]}")
        fields = Fields.of(node.entries[word], path, self.columns.problems, where, mend)
        if fields is None:
            return None
        fields.refuse_unknown(WITH_SETTINGS[word], word)
        reading = {
            "audit_only": self._audit_only,
            "generalise": self._generalise,
            "shift_dates": self._shift,
            "mask": self._mask,
        }
        return reading[word](fields, mend)

    def _audit_only(self, fields: Fields, mend: Hint) -> Treatment | None:
        ways = [way for way in WITH_SETTINGS["audit_only"] if way in fields]
        if len(ways) != 1:
            what = "says bands and names" if ways else "says neither bands nor names"
            message = f"audit_only with settings {what}, and takes one of them"
            fields.report("R081" if ways else "R061", message, fields.where, mend)
            return None
        return AuditOnly(self._bands(fields), tuple(fields.texts("names").items()))

    def _generalise(self, fields: Fields, mend: Hint) -> Treatment | None:
        ways = [way for way in WITH_SETTINGS["generalise"] if way in fields]
        if len(ways) != 1:
            what = f"says {' and '.join(ways)}" if ways else "says none of bands, width, prefix and to"
            fields.report("R081" if ways else "R061", f"generalise {what}, and takes one of them", fields.where, mend)
            return None
        if ways == ["bands"]:
            bands = self._bands(fields)
            return Generalise(bands=bands) if bands else None
        if ways == ["width"]:
            width = fields.number("width")
            if width is not None and width <= 0:
                message = f"width must be above 0, got {in_one_line(width)}"
                fields.report("R069", message, fields.node.entries["width"].where)
                return None
            return Generalise(width=width) if width is not None else None
        if ways == ["prefix"]:
            prefix = fields.whole("prefix", 1, MOST_CHARACTERS)
            return Generalise(prefix=prefix) if prefix is not None else None
        period = fields.choice("to", PERIODS)
        return Generalise(to=period) if period is not None else None

    def _bands(self, fields: Fields) -> tuple[float, ...]:
        node = fields.take("bands")
        if node is None:
            return ()
        items = node.items if isinstance(node, Sequence) else ()
        values = [item.value if isinstance(item, Scalar) else None for item in items]
        edges = [value for value in values if isinstance(value, (int, float)) and not isinstance(value, bool)]
        if not edges or len(edges) != len(values) or edges != sorted(set(edges)):
            message = f"bands must be a list of edges that rise, got {described(node)}"
            fields.report("R069", message, node.where, ("to mend", "write bands: [18, 30, 65]"))
            return ()
        return tuple(edges)

    def _shift(self, fields: Fields, mend: Hint) -> Treatment | None:
        if "by" not in fields:
            fields.report("R061", "shift_dates does not say by whom", fields.where, mend)
        by, days = fields.text("by"), fields.whole("within_days", 1, MOST_DAYS)
        return ShiftDates(by, days or WITHIN_DAYS) if by is not None else None

    def _mask(self, fields: Fields, mend: Hint) -> Treatment | None:
        if not any(end in fields for end in WITH_SETTINGS["mask"]):
            fields.report("R061", "mask says neither keep_first nor keep_last", fields.where, mend)
            return None
        kept = {end: fields.whole(end, 0, MOST_CHARACTERS) or 0 for end in WITH_SETTINGS["mask"]}
        return Mask(**kept)
