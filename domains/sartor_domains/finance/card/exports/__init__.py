"""A card for use elsewhere: a table of points, JSON, SQL, each proven to score as the card does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sartor.context import say
from sartor.wording import plural

if TYPE_CHECKING:
    from sartor.exporting import Export
    from sartor_domains.finance.card.card import Card

FORMS: Mapping[str, str] = {
    "csv": "a table of points, a line for each bin",
    "json": "everything that is needed to score, as one document",
    "sql": "a query that scores a table in DuckDB or PostgreSQL",
}


def exported(card: Card, export: Export) -> bytes:
    """Return a card in one of `FORMS`, after it was read back and found to score as the card does.

    Raises
    ------
    PluginError
        If it does not.
    InputError
        If a name or a level cannot be written in SQL.
    """
    import json

    from sartor_domains.finance.card.exports.document import json_of
    from sartor_domains.finance.card.exports.edges import edge_rows
    from sartor_domains.finance.card.exports.proving import check_alike, queried, reckoned
    from sartor_domains.finance.card.exports.query import Query
    from sartor_domains.finance.card.exports.table import csv_of, read_table

    X = edge_rows(card, export.golden)
    if export.form == "sql":
        query = Query(card, export)
        content, found = query.written().encode(), queried(query, X)
        for told in query.told():
            say(told, caution=True)
    elif export.form == "csv":
        content, led = csv_of(card, export)
        found = reckoned(read_table(content), X)
        if led:
            begin = plural(led, "cell begins", "cells begin")
            say(f"{begin} like a formula or with an apostrophe, and an apostrophe is put before it", caution=True)
    else:
        content = json_of(card, export)
        found = reckoned(json.loads(content), X)
    check_alike(card.answers(X), found, X, export.form)
    say(f"scores as the card does in {plural(len(X), 'row')}, at the edges of every bin and beyond")
    return content
