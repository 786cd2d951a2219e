"""The catalogue of error codes; ``sartor explain CODE`` shows an entry.

Entries live in ``sartor/catalogue``, a module for each group: add new ones there.
"""

from __future__ import annotations

import re

from sartor.catalogue import (
    credit,
    data,
    databases,
    deliveries,
    demand,
    explaining,
    files,
    fraud,
    gates,
    healthcare,
    information,
    manufacturing,
    networks,
    plugins,
    predicting,
    privacy,
    reading,
    recipe,
    recommend,
    record,
    sealing,
    stages,
    usage,
)
from sartor.catalogue.code import Code
from sartor.errors import UsageError, nearest

__all__ = ["CODES", "Code", "explain"]

CODES: dict[str, Code] = {
    entry.code: entry
    for group in (
        reading,
        recipe,
        data,
        credit,
        fraud,
        manufacturing,
        networks,
        healthcare,
        recommend,
        stages,
        demand,
        databases,
        deliveries,
        explaining,
        files,
        privacy,
        plugins,
        gates,
        usage,
        record,
        predicting,
        information,
        sealing,
    )
    for entry in group.ENTRIES
}
"""Every code with its entry, in the order of the groups."""


def explain(code: str) -> Code:
    """Return the entry of a code, written in capitals or not.

    Raises
    ------
    UsageError
        If there is no such code.

    Examples
    --------
    >>> print(explain("r012"))
    R012  a key is written twice
    <BLANKLINE>
    In a mapping a key can have one value. YAML readers keep the first or the last one without a word, ...
    <BLANKLINE>
    wrong:
        seed: 1
        seed: 2
    """
    entry = CODES.get(code.strip().upper())
    if entry is None:
        known = [name for name in CODES if name[0] == code.strip().upper()[:1]] or list(CODES)
        near = nearest(code.strip().upper(), known) if re.fullmatch(r"\s*\w{1,6}\s*", code) else ()
        raise UsageError(f"there is no error code '{code}'", code="U010", hints=near)
    return entry
