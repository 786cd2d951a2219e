"""Settings of sensor windows; how they are built is in `sartor_domains.manufacturing.indicators.window`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from sartor.components import Columns, Feature

if TYPE_CHECKING:
    import pandas as pd

    from sartor.context import Context
    from sartor.rows import Rows, Tables


class SensorWindow(Feature):
    """The last readings of each sensor of a unit, for models that read windows: `keras.cnn`, `keras.rnn`.

    Columns are ``sensor_2: 0 before`` for the reading itself, ``sensor_2: 1 before`` for the one before it. A unit that
    has fewer readings so far is taken to have stood at its first one before; a reading that is missing is that before
    it. A sensor that no reading of the unit holds up to then is missing.

    The table has a line for each unit and cycle, as its key says (see the task `manufacturing.remaining_life`).

    Parameters
    ----------
    sensors : list of str, optional
        All numbers that are neither key nor named in `without`, unless named.
    without : list of str
        Columns that are no sensors.
    readings : int
        How many readings a window holds.
    age : bool
        Adds ``age``, the cycles that the unit has run.
    """

    sensors: Columns | None = None
    without: Columns = Field(default_factory=list)
    readings: Annotated[int, Field(ge=2, le=1_000)] = 30
    age: bool = False

    def build(self, rows: Rows, tables: Tables, context: Context) -> pd.DataFrame | Any:
        """Return ``__row`` and the readings, one line for each row.

        Raises
        ------
        InputError
            If a sensor is no number, or there is none.
        """
        from sartor_domains.manufacturing.indicators.window import build

        return build(self, rows, tables.single(), context)
