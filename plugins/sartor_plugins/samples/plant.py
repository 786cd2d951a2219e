"""Settings of the plant simulator; the simulator itself is in `sartor_plugins.samples.machines`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from sartor.components import Fraction, Ingest
from sartor_plugins.samples.lending import Date

if TYPE_CHECKING:
    import pyarrow as pa

    from sartor.context import Context


class Plant(Ingest):
    """Simulated pumps of a plant: what their sensors say each day, and when each of them broke down.

    No such plant exists. At every position a pump runs until it breaks down, and a new one takes its place the next
    day, so that ``asset`` is ``P07-3``: the third pump at position 7. Pumps wear slowly at first and then fast, in one
    of two ways; each begins at a level of its own, and what its sensors say depends on the load of the day. Two sensors
    say nothing: ``speed_setpoint`` never changes, ``valve`` knows two values.

    Parameters
    ----------
    table : {"readings", "failures"}
        ``readings``: a line for each pump and day. ``failures``: a line for each pump that broke down, with the day and
        the way in which it did.
    positions : int
        How many pumps run at once.
    start : date
        The first day.
    days : int
        For how many days the plant is watched. What still runs then has no line among the failures.
    life : float
        How many days a pump runs on average.
    missing : float
        Share of sensor values that are missing.
    seed : int
        The same settings give the same plant, whatever the seed of the run.

    Examples
    --------
    >>> from sartor.context import Context
    >>> readings = Plant(positions=2, days=40, life=30).read(Context())
    >>> readings.num_rows, readings.column_names[:4]
    (80, ['asset', 'day', 'cycle', 'model'])
    """

    simulated: ClassVar[bool] = True
    known_readings: ClassVar[Mapping[str, str]] = {
        "asset": "text",
        "day": "date",
        "cycle": "integer",
        "model": "text",
        "load": "number",
        "vibration": "number",
        "bearing_temperature": "number",
        "motor_current": "number",
        "outlet_pressure": "number",
        "oil_particles": "number",
        "noise": "number",
        "speed_setpoint": "number",
        "valve": "integer",
    }
    known_failures: ClassVar[Mapping[str, str]] = {
        "asset": "text",
        "failed_at": "integer",
        "failed_on": "date",
        "mode": "text",
    }

    table: Literal["readings", "failures"] = "readings"
    positions: Annotated[int, Field(ge=1, le=100_000)] = 40
    start: Date = date(2022, 1, 1)
    days: Annotated[int, Field(ge=2, le=100_000)] = 900
    life: Annotated[float, Field(ge=5, le=100_000)] = 160.0
    missing: Annotated[Fraction, Field(le=0.5)] = 0.0
    seed: Annotated[int, Field(ge=0)] = 0

    def columns(self, context: Context) -> Mapping[str, str]:
        """Return names and types, known beforehand."""
        return self.known_readings if self.table == "readings" else self.known_failures

    def source(self) -> str:
        """Say that no such plant exists."""
        return f"simulated by samples.plant, seed {self.seed}; not real"

    def fingerprint(self, context: Context) -> str:
        """Return the same text always: the rows follow from the settings alone."""
        return "simulated"

    def read(self, context: Context) -> pa.Table:
        """Return the table."""
        from sartor_plugins.samples.machines import failures, readings

        return readings(self) if self.table == "readings" else failures(self)
