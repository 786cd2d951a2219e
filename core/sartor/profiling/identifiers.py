"""Tells identifiers of persons by their form and their check digits: addresses, cards, accounts, national numbers.

The rules are public: card numbers by ISO/IEC 7812 (Luhn), accounts by ISO 13616 (modulo 97), and the numbers of states
by what each of them publishes. Written here because the library that knows them all is under the LGPL.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

_IBAN_LENGTHS = {
    "AD": 24, "AT": 20, "BE": 16, "BG": 22, "CH": 21, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "EE": 20, "ES": 24,
    "FI": 18, "FR": 27, "GB": 22, "GR": 27, "HR": 21, "HU": 28, "IE": 22, "IS": 26, "IT": 27, "LI": 21, "LT": 20,
    "LU": 20, "LV": 21, "MC": 27, "MT": 31, "NL": 18, "NO": 15, "PL": 28, "PT": 25, "RO": 24, "SE": 24, "SI": 19,
    "SK": 24, "SM": 27, "TR": 26, "AE": 23, "BR": 29, "IL": 23, "SA": 24, "UA": 29,
}  # fmt: skip
_DNI_LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"
_HETU_LETTERS = "0123456789ABCDEFHJKLMNPRSTUVWXY"
_ODD = {
    **dict(zip("0123456789ABCDEFGHIJ", (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 1, 0, 5, 7, 9, 13, 15, 17, 19, 21),
               strict=True)),
    **dict(zip("KLMNOPQRSTUVWXYZ", (2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23), strict=True)),
}  # fmt: skip
_CARD = re.compile(
    r"(?:4\d{12}(?:\d{3})?(?:\d{3})?|(?:5[1-5]|2[2-7])\d{14}|3[47]\d{13}|3(?:0[0-5]|[68]\d)\d{11}|6011\d{12})"
)


def is_luhn(digits: str) -> bool:
    """Tell whether the last digit of a number is the check digit of the others.

    Examples
    --------
    >>> is_luhn("4539578763621486"), is_luhn("4539578763621487")
    (True, False)
    """
    total = 0
    for place, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (1 + place % 2)
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0


def is_card(text: str) -> bool:
    """Tell whether a text is the number of a payment card."""
    digits = re.sub(r"[ -]", "", text)
    return _CARD.fullmatch(digits) is not None and len(set(digits)) > 2 and is_luhn(digits)


def is_iban(text: str) -> bool:
    """Tell whether a text is the number of an account.

    Examples
    --------
    >>> is_iban("DE89 3704 0044 0532 0130 00"), is_iban("DE88 3704 0044 0532 0130 00")
    (True, False)
    """
    joined = text.replace(" ", "").upper()
    if not re.fullmatch(r"[A-Z]{2}\d{2}[A-Z0-9]+", joined) or _IBAN_LENGTHS.get(joined[:2]) != len(joined):
        return False
    return int("".join(str(int(sign, 36)) for sign in joined[4:] + joined[:4])) % 97 == 1


def _is_mail(text: str) -> bool:
    return re.fullmatch(r"[\w.+'-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,24}", text) is not None


def _is_phone(text: str) -> bool:
    digits = re.sub(r"\D", "", text)
    form = r"(\+|00)[1-9][\d ()/.-]{6,20}|\(?0\d{1,5}\)?[ /-]{1,3}\d[\d -]{4,12}|\(?\d{3}\)?[ -]\d{3}-\d{4}"
    fewest = 7 if text.startswith(("+", "00")) else 9
    return fewest <= len(digits) <= 15 and re.fullmatch(form, text) is not None


def _weighted(digits: str, weights: tuple[int, ...]) -> int:
    return sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=False))


def _is_ssn(text: str) -> bool:
    found = re.fullmatch(r"(\d{3})-(\d{2})-(\d{4})", text)
    return found is not None and found[1] not in ("000", "666") and found[1] < "900" and found[2] != "00"


def _is_nhs(text: str) -> bool:
    digits = re.sub(r"[ -]", "", text)
    if not re.fullmatch(r"\d{10}", digits):
        return False
    check = 11 - _weighted(digits, tuple(range(10, 1, -1))) % 11
    return check != 10 and check % 11 == int(digits[9])


def _is_tax_id(text: str) -> bool:
    """German, by ISO 7064 modulo 11, 10: one digit stands twice or three times among the first ten."""
    digits = text.replace(" ", "")
    repeated = max((digits[:10].count(one) for one in set(digits[:10])), default=0)
    if not re.fullmatch(r"[1-9]\d{10}", digits) or repeated not in (2, 3):
        return False
    product = 10
    for digit in digits[:10]:
        rest = (int(digit) + product) % 10 or 10
        product = rest * 2 % 11
    return (11 - product) % 10 == int(digits[10])


def _is_ahv(text: str) -> bool:
    digits = re.sub(r"[. ]", "", text)
    if not re.fullmatch(r"756\d{10}", digits):
        return False
    return (10 - _weighted(digits[:12], (1, 3) * 6) % 10) % 10 == int(digits[12])


def _is_nir(text: str) -> bool:
    joined = text.replace(" ", "")
    if not re.fullmatch(r"[12]\d{2}(0[1-9]|1[0-2]|[2-9]\d)(\d{2}|2[AB])\d{8}", joined):
        return False
    number = int(joined[:13].replace("2A", "19").replace("2B", "18"))
    return 97 - number % 97 == int(joined[13:])


def _is_bsn(text: str) -> bool:
    return re.fullmatch(r"\d{9}", text) is not None and _weighted(text, (9, 8, 7, 6, 5, 4, 3, 2, -1)) % 11 == 0


def _is_dni(text: str) -> bool:
    found = re.fullmatch(r"([XYZ]?)(\d{7,8})-?([A-Z])", text.upper())
    if found is None or len(found[1]) + len(found[2]) != 8:
        return False
    number = int({"X": "0", "Y": "1", "Z": "2", "": ""}[found[1]] + found[2])
    return _DNI_LETTERS[number % 23] == found[3]


def _is_codice(text: str) -> bool:
    joined = text.upper()
    if not re.fullmatch(r"[A-Z]{6}\d{2}[A-EHLMPRST]\d{2}[A-Z]\d{3}[A-Z]", joined):
        return False
    total = sum(_ODD[sign] if place % 2 == 0 else int(sign, 36) - (10 if sign.isalpha() else 0)
                for place, sign in enumerate(joined[:15]))  # fmt: skip
    return chr(65 + total % 26) == joined[15]


def _is_pesel(text: str) -> bool:
    if not re.fullmatch(r"\d{11}", text) or not _is_day(text[4:6], str(int(text[2:4]) % 20)):
        return False
    return (10 - _weighted(text[:10], (1, 3, 7, 9) * 3) % 10) % 10 == int(text[10])


def _is_personnummer(text: str) -> bool:
    found = re.fullmatch(r"(?:19|20)?(\d{2})(\d{2})(\d{2})[-+]?(\d{4})", text)
    return found is not None and _is_day(found[3], found[2]) and is_luhn("".join(found.groups()))


def _is_hetu(text: str) -> bool:
    found = re.fullmatch(r"(\d{2})(\d{2})(\d{2})[-+A](\d{3})([0-9A-Y])", text.upper())
    if found is None or not _is_day(found[1], found[2]):
        return False
    return _HETU_LETTERS[int("".join(found.group(1, 2, 3, 4))) % 31] == found[5]


def _is_day(day: str, month: str) -> bool:
    try:
        date(2000, int(month), int(day))
    except ValueError:
        return False
    return True


@dataclass(frozen=True)
class Identifier:
    """A kind of identifier.

    Parameters
    ----------
    why : str
        ``an e-mail address``.
    tells : callable
        From a text to whether it is one.
    chance : float
        Share of arbitrary texts of its form that pass: a check digit says yes to one in ten.
    inside : str
        Regular expression by which it is looked for inside other texts; empty where it would be found by chance.
    """

    why: str
    tells: Callable[[str], bool]
    chance: float = 0.0
    inside: str = ""


KINDS = (
    Identifier("an e-mail address", _is_mail, 0.0, r"[\w.+'-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,24}"),
    Identifier("the number of an account (IBAN)", is_iban, 0.01, r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{1,4}){3,8}\b"),
    Identifier("the number of a payment card", is_card, 0.1, r"(?<!\d)(?<!\d[.,])\d(?:[ -]?\d){12,18}(?!\d|[.,]\d)"),
    Identifier("a telephone number", _is_phone, 0.0, r"(?<![\w+])\+[1-9][\d ()/-]{7,18}\d(?!\w)"),
    Identifier("a social security number", _is_ssn, 0.0, r"(?<![\w-])\d{3}-\d{2}-\d{4}(?![\w-])"),
    Identifier("a Swiss social insurance number", _is_ahv, 0.1, r"(?<!\d)756\.\d{4}\.\d{4}\.\d{2}(?!\d)"),
    Identifier("an Italian tax code", _is_codice, 0.04, r"\b[A-Z]{6}\d{2}[A-Z]\d{2}[A-Z]\d{3}[A-Z]\b"),
    Identifier("a French social security number", _is_nir, 0.01),
    Identifier("a Finnish personal identity code", _is_hetu, 0.03, r"\b\d{6}[-+A]\d{3}[0-9A-Y]\b"),
    Identifier("a Spanish identity number", _is_dni, 0.04),
    Identifier("a Swedish personal number", _is_personnummer, 0.1),
    Identifier("a German tax number", _is_tax_id, 0.1),
    Identifier("a Polish personal number", _is_pesel, 0.1),
    Identifier("a British health number", _is_nhs, 0.09),
    Identifier("a Dutch citizen number", _is_bsn, 0.09),
)
"""In the order in which a text is asked: the ones that say most first."""


def inside(text: str) -> Iterator[Identifier]:
    """Yield the kinds of identifiers that stand inside a text; underscores part words, as they do in names of files.

    Examples
    --------
    >>> [kind.why for kind in inside("please call +49 30 5550123 or write to ada@example.org")]
    ['an e-mail address', 'a telephone number']
    >>> list(inside("order 4711 of 2024-05-12, 3 pieces at 12.50"))
    []
    """
    for kind in KINDS:
        if kind.inside and any(kind.tells(found.strip()) for found in re.findall(kind.inside, text)):
            yield kind


def in_name(name: str) -> list[str]:
    """Return what stands in the name of a file that tells of a person.

    Examples
    --------
    >>> in_name("visits_ada@example.org_2024.csv"), in_name("visits_2024-05.csv.gz")
    (['an e-mail address'], [])
    """
    stem = re.sub(r"(\.(csv|tsv|txt|parquet|json|jsonl|ndjson|xlsx?|gz|zip|bz2|zst))+$", "", name, flags=re.IGNORECASE)
    return list(dict.fromkeys(kind.why for part in (stem, *stem.split("_")) for kind in inside(part)))
