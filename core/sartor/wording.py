"""Counts, shares and names in sentences: the one place that knows how a word changes with its number."""

from __future__ import annotations

from collections.abc import Iterable

_NO_PLURALS = ("ss", "us", "is")


def plural(count: int, one: str, many: str = "") -> str:
    """Return a count with its word.

    Parameters
    ----------
    count : int
    one : str
        The word for one thing; with more words where they change too, such as ``row is``.
    many : str, optional
        The word for several; left out, it is `one` with an s.

    Examples
    --------
    >>> plural(1, "error"), plural(1200, "row"), plural(0, "row is", "rows are")
    ('1 error', '1,200 rows', '0 rows are')
    """
    return f"{count:,} {form(count, one, many)}"


def form(count: int, one: str, many: str = "") -> str:
    """Return the form of a word that goes with a count, without the count.

    Examples
    --------
    >>> form(1, "was", "were"), form(2, "was", "were"), form(2, "argument")
    ('was', 'were', 'arguments')
    """
    return one if count == 1 else many or one + "s"


def percent(share: float, digits: int = 0) -> str:
    """Return a share in percent.

    Examples
    --------
    >>> percent(0.153), percent(0.9875, 1), percent(-0.05)
    ('15 %', '98.8 %', '-5 %')
    """
    return f"{100 * share:.{digits}f} %"


def listed(names: Iterable[str], last: str = "and") -> str:
    """Return names as a sentence has them.

    Parameters
    ----------
    names : iterable of str
    last : str
        The word before the last one.

    Examples
    --------
    >>> listed(["a"]), listed(["a", "b"]), listed(["a", "b", "c"]), listed(["a", "b"], "or")
    ('a', 'a and b', 'a, b and c', 'a or b')
    """
    *most, end = list(names) or [""]
    return f"{', '.join(most)} {last} {end}" if most else end


def plural_noun(name: str) -> str:
    """Return the word for several things that a table's name ends in; empty where the name is no such word.

    Examples
    --------
    >>> plural_noun("applications"), plural_noun("card_holders"), plural_noun("german_credit"), plural_noun("status")
    ('applications', 'holders', '', '')
    """
    word = name.replace("-", "_").rpartition("_")[2].lower()
    return word if len(word) > 2 and word.isalpha() and word.endswith("s") and not word.endswith(_NO_PLURALS) else ""


def with_article(name: str) -> str:
    """Return a name with its article; several things have none.

    Examples
    --------
    >>> with_article("number"), with_article("quantiles")
    ('a number', 'quantiles')
    """
    return name if plural_noun(name) else f"a {name}"


def singular(noun: str) -> str:
    """Return the word for one of several things.

    Examples
    --------
    >>> singular("applications"), singular("companies"), singular("card holders"), singular("boxes"), singular("people")
    ('application', 'company', 'card holder', 'box', 'person')
    """
    if noun.endswith("people"):
        return noun.removesuffix("people") + "person"
    if noun.endswith("ies") and len(noun) > 4:
        return noun.removesuffix("ies") + "y"
    if noun.endswith(("sses", "xes", "ches", "shes")):
        return noun.removesuffix("es")
    return noun.removesuffix("s") if not noun.endswith(_NO_PLURALS) else noun
