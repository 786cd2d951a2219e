"""G: a gate."""

from __future__ import annotations

from sartor.catalogue.code import Code

ENTRIES: tuple[Code, ...] = ()
