"""The sections of a risk, put together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from sartor.sections import Caution, Section
from sartor_domains.healthcare.telling.curve import decision_curve
from sartor_domains.healthcare.telling.flow import flow, meaning
from sartor_domains.healthcare.telling.parts_of import by_site, by_subgroup
from sartor_domains.healthcare.telling.table_one import table_one

if TYPE_CHECKING:
    from sartor.context import Context
    from sartor.rows import Judged
    from sartor_domains.healthcare.disease_risk import DiseaseRisk


def sections(settings: DiseaseRisk, judged: Judged, context: Context) -> Iterator[Section | Caution]:
    """Yield the sections.

    Parameters
    ----------
    settings : DiseaseRisk
    judged : Judged
        Held-out rows; with `facts` of how they came about.
    context : Context
    """
    event = (np.asarray(judged.truth) == 1).astype(np.float64)
    said = judged.predictions["probability"].to_numpy(dtype=np.float64)
    yield from flow(judged)
    yield from meaning(judged)
    yield from table_one(judged, event == 1, str(judged.classes[-1]), context.smallest_group)
    yield from decision_curve(event, said, settings.thresholds, context)
    yield from by_site(settings, judged, event, said, context)
    yield from by_subgroup(settings, judged, event, said, context)
