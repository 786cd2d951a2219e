"""Who is on the list, and whose event is missed, in all and by group of people; light, as `check` asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sartor.evidence.measure import Measure

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from sartor.evidence.groups import JudgedDecisions
    from sartor.evidence.metric import FloatArray

FEWEST = 5
"""A share is compared where at least so many of either kind are to be expected."""


def measures() -> list[Measure]:
    """Return the measures: shares of everyone and of those with the event, and how far groups are apart in each."""
    return [
        _share("on_the_list", "on the list", "Share on the care list.", of_events=False),
        _share("events_found", "events found", "Share of those with the event who are on the list.", of_events=True),
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


def _share(name: str, label: str, about: str, *, of_events: bool) -> Measure:
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


def _counted(judged: JudgedDecisions, of_events: bool) -> tuple[FloatArray, FloatArray]:
    """Return who is on the list, and among whom that is counted."""
    import numpy as np

    from sartor_domains.healthcare.care_list import CARE

    listed = (judged.decisions["decision"].to_numpy() == CARE).astype(np.float64)
    event = (np.asarray(judged.truth) == 1).astype(np.float64)
    return listed, event if of_events else np.ones(len(listed))
