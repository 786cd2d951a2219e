"""Settings of condition indicators; how they are computed is in `sartor_domains.manufacturing.indicators`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from sartor.components import Column, Columns, Feature
from sartor.errors import SettingError

if TYPE_CHECKING:
    import pandas as pd

    from sartor.context import Context
    from sartor.rows import Rows, Tables

Measure = Literal["mean", "sd", "slope", "change", "shift"]
MEASURES: tuple[Measure, ...] = ("mean", "sd", "change", "shift")
"""Those that are built unless others are named."""
Window = Annotated[int, Field(ge=1, le=100_000)]
Step = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class ConditionIndicators(Feature):
    """What the sensors of a unit say up to a reading: levels, spread, trend, and how far from its own beginning.

    The table has a line for each unit and cycle, as its key says (see the task `manufacturing.remaining_life`). A
    reading sees itself and what came before it, never what came after.

    Where operating conditions move the sensors, name their columns in `alike`: only readings under like conditions are
    then compared with each other, and `manufacturing.operating_regimes` (a step of ``prepare``) learns what is usual
    under each. A sensor that is missing in all readings of a window has no indicator there.

    Parameters
    ----------
    sensors : list of str, optional
        All numbers that are neither key nor named in `alike` or `without`, unless named.
    without : list of str
        Columns that are no sensors.
    windows : list of int
        How many readings each window holds, the longest last.
    measures : list of {"mean", "sd", "slope", "change", "shift"}
        ``mean``, ``sd``, ``slope`` (a cycle): of the longest window, of the others too with `each_window`. ``change``:
        the mean of each shorter window, less that of the longest. ``shift``: the mean of the longest window, less that
        of the unit's own first readings.
    first : int
        How many readings of a new unit tell its own level.
    each_window : bool
        Whether mean, sd and slope are told of every window.
    alike : mapping of column to number
        Operating conditions, and the step within which they are alike: ``{load: 10}`` compares readings of loads that
        round to the same multiple of 10. The condition itself becomes the column ``at_load``.
    age : bool
        Adds ``age``, the cycles that the unit has run.
    prefix : str
        Put before the name of every column that is built.
    """

    sensors: Columns | None = None
    without: Columns = Field(default_factory=list)
    windows: Annotated[list[Window], Field(min_length=1, max_length=20)] = Field(default_factory=lambda: [5, 30])
    measures: Annotated[list[Measure], Field(min_length=1)] = Field(default_factory=lambda: list(MEASURES))
    first: Window = 10
    each_window: bool = False
    alike: dict[Column, Step] = Field(default_factory=dict)
    age: bool = True
    prefix: str = ""

    @model_validator(mode="after")
    def _windows_rise(self) -> Self:
        if sorted(set(self.windows)) != list(self.windows):
            raise SettingError(
                f"windows must rise, and are {', '.join(map(str, self.windows))}",
                hints=(("to mend", f"write [{', '.join(map(str, sorted(set(self.windows))))}]"),),
            )
        if len(set(self.measures)) != len(self.measures):
            raise SettingError("measures names one twice", hints=(("to mend", "leave one out"),))
        if self.measures == ["change"] and len(self.windows) == 1:
            raise SettingError(
                "change compares a shorter window with the longest, and there is one window",
                hints=(("to mend", "name two: windows: [5, 30]"),),
            )
        return self

    def build(self, rows: Rows, tables: Tables, context: Context) -> pd.DataFrame | Any:
        """Return ``__row`` and the indicators, one line for each row.

        Raises
        ------
        InputError
            If a sensor is no number, or there is none.
        """
        from sartor_domains.manufacturing.indicators.building import build

        return build(self, rows, tables.single(), context)
