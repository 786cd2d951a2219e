"""Settings of the feature that tells what was sold lately; the work is in `features.recency`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from sartor.components import Column, Feature

if TYPE_CHECKING:
    from sartor.context import Context
    from sartor.rows import Rows, Tables


class Recent(Feature):
    """What each series sold lately, a season and a year ago, and how its groups move.

    All of it is told against what is ``usual`` for the series, its mean over a year, so that a tree learns from a
    small store what it can use in a large one.

    Parameters
    ----------
    windows : list of int, optional
        Numbers of periods that means are taken over; left out, some from 1 period to a year.
    groups : list of lists of columns
        Of the series' key or its other columns: demand of all series that share them, ``[[store], [item]]``; an empty
        list is the sum of all.
    names : list of columns
        Columns of the series that become features, ``of_store``: its store, its category.
    """

    windows: Annotated[list[Annotated[int, Field(ge=1)]], Field(max_length=20)] | None = None
    groups: Annotated[list[list[Column]], Field(max_length=6)] = Field(default_factory=list)
    names: list[Column] = Field(default_factory=list)

    def build(self, rows: Rows, tables: Tables, context: Context) -> Any:
        """Return the columns; they use periods before the moment of asking only."""
        from sartor_plugins.forecast.features.recency import build

        return build(self, rows, tables.single())
