"""Parameters of a query: written ``:name``, bound by the driver, and never pasted into the text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sartor.errors import SettingError, nearest

# What is passed over: texts, quoted names, texts between dollars, comments, casts; then a parameter's name.
_PIECES = re.compile(
    r"""
      [eE]'(?:[^'\\]|\\.|'')*'
    | '(?:[^']|'')*'
    | "(?:[^"]|"")*"
    | \$(?P<tag>\w*)\$.*?\$(?P=tag)\$
    | --[^\n]*
    | /\*.*?\*/
    | ::
    | (?<![\w:]):(?P<name>[A-Za-z_]\w*)
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True)
class Bound:
    """A query as a database takes it.

    Parameters
    ----------
    text : str
        With the database's own marks where parameters stand.
    values : tuple
        In the order of the marks.
    """

    text: str
    values: tuple[Any, ...] = ()


def names_in(query: str) -> list[str]:
    """Return the parameters that a query names, each once, in their order.

    Examples
    --------
    >>> names_in("SELECT ':a', b::text FROM t WHERE day >= :since AND note <> 'at 8:30' -- :no")
    ['since']
    """
    return list(dict.fromkeys(piece["name"] for piece in _PIECES.finditer(query) if piece["name"]))


def bound(query: str, params: Mapping[str, Any], mark: str) -> Bound:
    """Put a database's own marks where a query names parameters.

    Parameters
    ----------
    query : str
    params : mapping of name to value
    mark : str
        Such as ``$`` for ``$1``.

    Examples
    --------
    >>> bound("SELECT * FROM t WHERE a = :x OR b = :x", {"x": 3}, "$")
    Bound(text='SELECT * FROM t WHERE a = $1 OR b = $1', values=(3,))
    """
    places = {name: place for place, name in enumerate(names_in(query), 1)}

    def marked(piece: re.Match[str]) -> str:
        return f"{mark}{places[piece['name']]}" if piece["name"] else piece[0]

    return Bound(_PIECES.sub(marked, query), tuple(params[name] for name in places))


def without_params(query: str) -> str:
    """Return a query with NULL where it names parameters.

    Examples
    --------
    >>> without_params("SELECT ':a' FROM t WHERE b = :c")
    "SELECT ':a' FROM t WHERE b = NULL"
    """
    return _PIECES.sub(lambda piece: "NULL" if piece["name"] else piece[0], query)


def check_names(query: str, params: Iterable[str]) -> None:
    """Refuse a query and parameters that do not name each other.

    Raises
    ------
    SettingError
    """
    known: Sequence[str] = list(params)
    named = names_in(query)
    for name in named:
        if name not in known:
            hints = nearest(name, known) or (("to mend", f"write params: {{{name}: ...}}"),)
            raise SettingError(f"the query names ':{name}', and params does not", code="D210", hints=hints)
    for name in known:
        if name not in named:
            hints = nearest(name, named) or (("to mend", f"write :{name} in the query, or leave it out"),)
            raise SettingError(f"params names '{name}', and the query does not", code="D210", hints=hints)
