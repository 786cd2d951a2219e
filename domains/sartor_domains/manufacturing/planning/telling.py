"""What the report shows of a maintenance plan."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from sartor.context import Context
    from sartor.rows import Training
    from sartor.sections import Caution, Section
    from sartor_domains.manufacturing.maintenance_plan import MaintenancePlan


def sections(
    settings: MaintenancePlan, decisions: pd.DataFrame, outcome: Training, context: Context
) -> Iterator[Section | Caution]:
    """Yield the sections of a plan."""
    yield from ()
