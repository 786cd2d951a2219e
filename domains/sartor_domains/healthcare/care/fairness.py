"""Who is on the list, and whose event is missed, in all and by group of people; light, as `check` asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sartor.evidence.measure import Measure

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from sartor.evidence.groups import JudgedDecisions
    from sartor.evidence.metric import FloatArray
    from sartor_domains.healthcare.care_list import CareList

FEWEST = 5
"""A share is compared where at least so many of either kind are to be expected."""


def measures(settings: CareList) -> list[Measure]:
    """Return the measures: shares of everyone and of those with the event, and how far groups are apart in each."""
    return [
        _share("on_the_list", "on the list", "Share on the care list.", None),
        _share("events_found", "events found", "Share of those with the event who are on the list.", settings),
        Measure(
            "events_found_ratio",
            "ratio of events found",
            "higher",
            "Share of events found in the group where it is least, to that where it is most.",
            of=("events_found",),
            pair=_ratio,
            least=0.0,
            most=1.0,
            shown=True,
        ),
    ]


def _ratio(lower: FloatArray, higher: FloatArray) -> FloatArray:
    return lower / higher


def _share(name: str, label: str, about: str, of_events: CareList | None) -> Measure:
    def per_group(judged: JudgedDecisions, weights: FloatArray) -> FloatArray:
        of, whom = judged.once(name, lambda: _counted(judged, of_events))
        return judged.shares(weights, of, whom)

    def enough(judged: JudgedDecisions) -> NDArray[np.bool_]:
        import numpy as np

        of, whom = _counted(judged, of_events)
        inside = judged.sums(np.ones((1, len(of))), whom)[0]
        share = (of * whom).sum() / max(whom.sum(), 1.0)
        return np.asarray((inside * share >= FEWEST) & (inside * (1 - share) >= FEWEST))

    return Measure(name, label, "higher", about, per_group=per_group, enough=enough, least=0.0, most=1.0)


def _counted(judged: JudgedDecisions, of_events: CareList | None) -> tuple[FloatArray, FloatArray]:
    """Return who is on the list, and among whom that is counted."""
    import numpy as np

    from sartor_domains.healthcare.care_list import CARE

    listed = (judged.decisions["decision"].to_numpy() == CARE).astype(np.float64)
    if of_events is None:
        return listed, np.ones(len(listed))
    from sartor_domains.healthcare.care.risks import happened

    return listed, happened(of_events, judged.truth)
