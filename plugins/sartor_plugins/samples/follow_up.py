"""Settings of the follow-up simulator; the simulator itself is in `sartor_plugins.samples.patients`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from sartor.components import Fraction, Ingest

if TYPE_CHECKING:
    import pyarrow as pa

    from sartor.context import Context


class FollowUp(Ingest):
    """Simulated patients after a heart attack, and how long they lived.

    Nobody in it exists. The hazard of death doubles with ``age`` in some nine years, rises with ``systolic`` pressure
    above 120 by 1 % for each point, by half for smokers, and twofold with ``heart_failure``; at the hospital ``south``
    it is `south_ratio` times what it is elsewhere. Patients enter over some years and are watched until one day, so
    that those who entered last are watched for less. ``stay`` is how long they lay in hospital: longer before a death.

    Parameters
    ----------
    rows : int
        How many patients.
    seed : int
        The same settings give the same rows, whatever the seed of the run.
    south_ratio : float
        How many times higher the hazard is at the hospital ``south``.
    missing : float
        Share of values missing in ``creatinine``, which tells nothing but age.

    Examples
    --------
    >>> from sartor.context import Context
    >>> table = FollowUp(rows=500).read(Context())
    >>> table.num_rows, table.column_names[-3:]
    (500, ['stay', 'days', 'died'])
    """

    simulated: ClassVar[bool] = True
    known_columns: ClassVar[Mapping[str, str]] = {
        "patient": "integer",
        "hospital": "text",
        "admitted": "date",
        "age": "integer",
        "sex": "text",
        "systolic": "integer",
        "smoker": "text",
        "heart_failure": "text",
        "creatinine": "number",
        "stay": "integer",
        "days": "integer",
        "died": "text",
    }

    rows: Annotated[int, Field(ge=1, le=10_000_000)] = 2_000
    seed: Annotated[int, Field(ge=0)] = 0
    south_ratio: Annotated[float, Field(gt=0, le=20)] = 1.0
    missing: Fraction = 0.1

    def columns(self, context: Context) -> Mapping[str, str]:
        """Return names and types, known beforehand."""
        return self.known_columns

    def source(self) -> str:
        """Say that nobody in it exists."""
        return f"simulated by samples.follow_up, seed {self.seed}; not real"

    def fingerprint(self, context: Context) -> str:
        """Return the same text always: the rows follow from the settings alone."""
        return "simulated"

    def read(self, context: Context) -> pa.Table:
        """Return the patients in the order of their numbers, from 0."""
        from sartor_plugins.samples.patients import simulated

        return simulated(self)
