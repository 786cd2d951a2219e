"""Which columns look as if they told of persons, by their names and by what their values are like, never by a value."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

Plain = str | dict[str, Any]


@dataclass(frozen=True)
class Looks:
    """Why a column looks personal, and what privacy might make of it.

    Parameters
    ----------
    why : str
        ``an e-mail address``.
    treatment : str or dict
        As it stands under ``privacy.columns``.
    """

    why: str
    treatment: Plain


@dataclass(frozen=True)
class Values:
    """What is known of a column's values without one of them.

    Parameters
    ----------
    type : str
    present, distinct : int
        Values, and about how many different ones.
    length : float
        Characters of a text, on average.
    mails, ips : float
        Shares of values that look so.
    """

    type: str
    present: int = 0
    distinct: int = 0
    length: float = 0.0
    mails: float = 0.0
    ips: float = 0.0

    @property
    def several(self) -> bool:
        """Whether there are many different values, or nearly one a line: a column of a few values names nobody."""
        # The count of different ones is an estimate.
        return self.distinct > FEW or self.distinct * 10 >= self.present * 9 > 9

    @property
    def many(self) -> bool:
        """Whether values tell lines apart."""
        return self.several and self.distinct * 20 > self.present


FEW = 12
"""So many different values are kinds of something."""
_LONG = 24
"""Characters of a text that is none of an identifier."""
_MOST_MAILS = 0.5

_THINGS = frozenset({
    "product", "item", "article", "category", "brand", "store", "shop", "company", "firm", "file", "country", "city",
    "region", "state", "county", "department", "column", "class", "type", "status", "event", "campaign", "supplier",
    "vendor", "model", "project", "plan", "tariff",
})  # fmt: skip
"""What has a name and is no person."""
_PERSONS = frozenset({
    "customer", "client", "patient", "person", "user", "member", "employee", "household", "subject", "holder",
    "applicant", "borrower", "guest", "student", "citizen", "kunde", "kunden", "mitarbeiter",
})  # fmt: skip
_NUMBERED = frozenset({"id", "no", "nr", "num", "number", "key", "code", "ref"})
_IDENTIFIERS: dict[str, tuple[str, ...]] = {
    "an e-mail address": ("email", "mail", "emailaddress"),
    "a telephone number": ("phone", "telephone", "tel", "mobile", "fax", "telefon", "handy", "phonenumber"),
    "an address": ("address", "street", "addr", "strasse", "adresse"),
    "a number of a document": ("ssn", "passport", "iban", "bic", "licence", "license", "nhs", "ahv", "taxid"),
    "an address in the network": ("ip", "ipaddress", "mac"),
    "a name": ("name", "surname", "firstname", "lastname", "forename", "vorname", "nachname", "fullname", "username"),
}
_WORDS_OF: dict[str, tuple[str, ...]] = {
    "birth": ("birth", "birthdate", "birthday", "dob", "born", "geburt", "geburtsdatum", "birthyear"),
    "zip": ("zip", "zipcode", "postcode", "postal", "plz", "postalcode"),
    "place": ("lat", "latitude", "lon", "lng", "longitude", "gps"),
    "protected": (
        "sex", "gender", "race", "ethnicity", "ethnic", "religion", "nationality", "marital", "marriage", "disability",
        "age", "geschlecht", "alter",
    ),
    "free text": ("comment", "comments", "note", "notes", "remark", "remarks", "message", "text", "review", "letter"),
}  # fmt: skip


def words_of(name: str) -> list[str]:
    """Return the words of a column's name.

    Examples
    --------
    >>> words_of("CustomerID"), words_of("personal_status_and_sex"), words_of("PAY_AMT1")
    (['customer', 'id'], ['personal', 'status', 'and', 'sex'], ['pay', 'amt', '1'])
    """
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[A-Za-z])(?=[0-9])", " ", name)
    return [word for word in re.split(r"[^a-z0-9äöüß]+", apart.lower()) if word]


def looks_personal(name: str, values: Values) -> Looks | None:
    """Return why a column looks personal; None where nothing says so.

    Examples
    --------
    >>> looks_personal("e_mail", Values("text", 100, 100)).treatment
    'drop'
    >>> looks_personal("telephone", Values("text", 1000, 2)) is None
    True
    >>> looks_personal("CustomerID", Values("integer", 406_829, 4_372)).treatment
    'pseudonymise'
    >>> looks_personal("customer_segment", Values("text", 406_829, 40)) is None
    True
    >>> looks_personal("date_of_birth", Values("date", 100, 90)).treatment
    {'generalise': {'to': 'year'}}
    """
    words = words_of(name)
    return _by_values(values) or _attribute(words, values) or _identifier(words, values) or _free_text(words, values)


def may_identify(looks: Looks | None) -> bool:
    """Whether a column may be a key, which must enter and tell lines apart when it has."""
    return looks is None or looks.treatment == "pseudonymise"


def _by_values(values: Values) -> Looks | None:
    if values.mails >= _MOST_MAILS:
        return Looks("an e-mail address", "drop")
    return Looks("an address in the network", "drop") if values.ips >= _MOST_MAILS else None


def _identifier(words: list[str], values: Values) -> Looks | None:
    joined = {*words, *(first + second for first, second in pairwise(words))}
    if joined & _PERSONS and _tells_persons_apart(words, values):
        named = "name" in joined
        return Looks("a name", "drop") if named else Looks("a number of a person", "pseudonymise")
    if not values.several:
        return None
    for why, said in _IDENTIFIERS.items():
        if joined & set(said) and not (why == "a name" and joined & _THINGS):
            return Looks(why, "drop")
    return None


def _tells_persons_apart(words: list[str], values: Values) -> bool:
    """Whether a column that speaks of persons holds their numbers or names: CustomerID, and no customer_segment."""
    if {"name", *_NUMBERED} & set(words):
        return values.distinct > 1
    if set(words) <= _PERSONS:
        return values.several
    return values.many and values.type in ("integer", "text")


def _attribute(words: list[str], values: Values) -> Looks | None:
    joined = {*words, *(first + second for first, second in pairwise(words))}
    if joined & set(_WORDS_OF["birth"]):
        ways: dict[str, Plain] = {
            "date": {"generalise": {"to": "year"}}, "datetime": {"generalise": {"to": "year"}},
            "integer": {"generalise": {"width": 5}}, "number": {"generalise": {"width": 5}},
        }  # fmt: skip
        return Looks("a date of birth", ways.get(values.type, "drop"))
    if joined & set(_WORDS_OF["zip"]):
        return Looks("a postal code", {"generalise": {"prefix": 2}})
    if joined & set(_WORDS_OF["place"]) and values.type == "number":
        return Looks("a place", {"generalise": {"width": 0.1}})
    if joined & set(_WORDS_OF["protected"]):
        return Looks("a trait that decisions may not go by", "audit_only")
    return None


def _free_text(words: list[str], values: Values) -> Looks | None:
    if values.type != "text" or not values.many:
        return None
    if values.length >= _LONG and values.distinct * 2 > values.present:
        return Looks("a text that nearly every line has for itself", "drop")
    return Looks("a free text", "drop") if set(words) & set(_WORDS_OF["free text"]) else None
