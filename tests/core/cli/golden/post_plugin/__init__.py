"""A plugin for golden texts: parcels whose numbers are counted, so that no library can move a digit."""

from __future__ import annotations

from collections.abc import Iterator

from sartor.components import Component
from sartor.hookspecs import hookimpl


@hookimpl
def ingest() -> Iterator[Component]:
    yield Component("post.parcels", f"{__name__}.parts:Parcels", about="Parcels, and whether they came late")


@hookimpl
def models() -> Iterator[Component]:
    yield Component("post.shares", f"{__name__}.parts:Shares", about="The share that came late, level by level")


@hookimpl
def actions() -> Iterator[Component]:
    yield Component("post.insure", f"{__name__}.parts:Insure", about="Which parcels to insure")
    yield Component("post.warn", f"{__name__}.parts:Warn", about="Whom to warn; worth no money")
