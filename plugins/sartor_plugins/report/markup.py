"""HTML that is safe by its making: every text is escaped where it becomes part of an element.

Only `tag` and `raw` make markup. Whatever else is put into an element is text, from data or not, and is escaped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape
from typing import Any

_VOID = frozenset({"meta", "input", "br", "hr"})
# What XML and HTML cannot hold, and marks that turn the direction of what follows them.
_STRANGE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
_MARKS = re.compile(r"\*\*(.+?)\*\*|`([^`]+)`")


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


Child = Any
"""Markup, a text, a number, None, or a sequence of these."""


def text(value: object) -> Markup:
    """Return a text as HTML that shows it.

    Examples
    --------
    >>> text("<b>1 & 2</b>")
    '&lt;b&gt;1 &amp; 2&lt;/b&gt;'
    """
    return Markup(escape(_STRANGE.sub("\ufffd", str(value))))


def said(value: str) -> Markup:
    """Return a sentence as HTML, in which ``**bold**`` and `` `code` `` are marked.

    Examples
    --------
    >>> said("**77 in 100**, by `<auc>`")
    '<b>77 in 100</b>, by <code>&lt;auc&gt;</code>'
    """
    return Markup(_MARKS.sub(_marked, text(value)))


def _marked(found: re.Match[str]) -> str:
    return f"<b>{found[1]}</b>" if found[1] is not None else f"<code>{found[2]}</code>"


def plain(value: str) -> str:
    """Return a sentence without its marks.

    Examples
    --------
    >>> plain("**77 in 100**, by `auc`")
    '77 in 100, by auc'
    """
    return _MARKS.sub(lambda found: found[1] or found[2], value)


def tag(name: str, /, *children: Child, **attributes: object) -> Markup:
    """Return an element.

    Parameters
    ----------
    name : str
        With classes behind points: ``div.note.wide``.
    children : Markup, str, number, None or sequences of these
    attributes : object
        True is an attribute without value, None and False leave it out; ``aria_label`` becomes ``aria-label`` and a
        trailing underscore is dropped.

    Examples
    --------
    >>> tag("p.say", "1 < 2", tag("b", 3), title='"', hidden=True)
    '<p class="say" title="&quot;" hidden>1 &lt; 2<b>3</b></p>'
    """
    element, *classes = name.split(".")
    if classes:
        attributes = {"class": " ".join(classes), **attributes}
    shown = "".join(_attribute(key, value) for key, value in attributes.items())
    if element in _VOID:
        return Markup(f"<{element}{shown}>")
    return Markup(f"<{element}{shown}>{joined(children)}</{element}>")


def _attribute(key: str, value: object) -> str:
    if value is None or value is False:
        return ""
    name = key.rstrip("_").replace("_", "-")
    return f" {name}" if value is True else f' {name}="{text(value)}"'


def joined(children: Iterable[Child]) -> Markup:
    """Return children one after the other, each escaped unless it is markup."""
    return Markup("".join(_child(child) for child in children))


def _child(child: Child) -> str:
    if child is None or child is False:
        return ""
    if isinstance(child, Markup):
        return child
    if isinstance(child, list | tuple) or hasattr(child, "__next__"):
        return joined(child)
    return text(child)


def raw(content: str) -> Markup:
    """Return what is known to be HTML: our own style and script, drawings made by vl-convert."""
    return Markup(content)
