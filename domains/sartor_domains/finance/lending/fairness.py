"""What a credit decision does to groups of applicants: who is accepted, and who of those who would have repaid.

An application that a person has to look at counts as not accepted: nothing is claimed for what that person decides.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from sartor.evidence.measure import Measure

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from sartor.evidence.groups import JudgedDecisions

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

FEWEST = 5
"""A share is compared where at least so many of either kind are to be expected [1]_.

.. [1] Cochran, "Some Methods for Strengthening the Common chi-square Tests", Biometrics 10(4), 1954.
"""

ACCEPTANCE = "acceptance"
OF_GOOD = "acceptance_of_good"
OF_BAD = "acceptance_of_bad"
BAD_RATE = "bad_rate_of_accepted"


def measures(bad_rate: float | None) -> list[Measure]:
    """Return what a credit decision is measured by, in all and in groups.

    Parameters
    ----------
    bad_rate : float or None
        Share of bad loans in the population; None where it is that of the rows.

    References
    ----------
    .. [1] The four-fifths rule on the ratio of selection rates: 29 CFR 1607.4(D), Uniform Guidelines on Employee
       Selection Procedures, 1978; used by lenders' reviews of disparate impact.
    .. [2] Hardt, Price and Srebro, "Equality of Opportunity in Supervised Learning", NeurIPS 2016.
    """
    of_good, of_bad = "Share of good loans that is accepted.", "Share of bad loans that is accepted."
    return [
        _share(ACCEPTANCE, "accepted", "higher", "Share that is accepted.", "everyone", bad_rate),
        _share(OF_GOOD, "accepted of those who repaid", "higher", of_good, "good", bad_rate),
        _share(OF_BAD, "accepted of those who defaulted", "lower", of_bad, "bad", bad_rate),
        _share(BAD_RATE, "defaulted of those accepted", "lower", "Share of bad loans.", "accepted", bad_rate),
        Measure(
            "acceptance_ratio",
            "acceptance ratio",
            "higher",
            "Share accepted of the group accepted least, divided by that of the group accepted most.",
            of=(ACCEPTANCE,),
            pair=_ratio,
            least=0.0,
            most=1.0,
            shown=True,
        ),
        _gap("acceptance_difference", "acceptance difference", "Share accepted, most minus least.", ACCEPTANCE),
        _gap(
            "equalised_odds_difference",
            "equalised odds difference",
            "The wider of two gaps between groups: share accepted of good loans, and of bad ones.",
            OF_GOOD,
            OF_BAD,
        ),
        _gap("bad_rate_difference", "bad rate difference", "Share of bad loans accepted, most minus least.", BAD_RATE),
    ]


def _ratio(lower: Floats, higher: Floats) -> Floats:
    return lower / higher


def _difference(lower: Floats, higher: Floats) -> Floats:
    return higher - lower


def _gap(name: str, label: str, about: str, *of: str) -> Measure:
    return Measure(name, label, "lower", about, of=of, pair=_difference, least=0.0, most=1.0)


def _share(
    name: str, label: str, better: Literal["higher", "lower"], about: str, among: str, bad_rate: float | None
) -> Measure:
    def per_group(judged: JudgedDecisions, weights: Floats) -> Floats:
        of, whom = judged.once((among, bad_rate), lambda: _counted(judged, among, bad_rate))
        return judged.shares(weights, of, whom)

    def enough(judged: JudgedDecisions) -> Flags:
        return _enough(judged, *_counted(judged, among, None))

    return Measure(name, label, better, about, per_group=per_group, enough=enough, least=0.0, most=1.0)


def _counted(judged: JudgedDecisions, among: str, bad_rate: float | None) -> tuple[Floats, Floats]:
    """Return which rows are counted, and among which, each as many times as it stands for loans of the population."""
    import numpy as np

    from sartor_domains.finance.credit_decision import ACCEPT
    from sartor_domains.finance.lending.population import standing_for

    accepted = (judged.decisions["decision"] == ACCEPT).to_numpy()
    bad = np.asarray(judged.truth) == 1
    everyone = np.ones(len(bad), dtype=bool)
    whom = {"everyone": everyone, "good": ~bad, "bad": bad, "accepted": accepted}[among]
    of = bad if among == "accepted" else accepted
    return of.astype(np.float64), whom * standing_for(bad_rate, judged.truth)


def _enough(judged: JudgedDecisions, of: Floats, whom: Floats) -> Flags:
    """Tell of each group whether enough of either kind are to be expected, if all groups are treated alike."""
    import numpy as np

    inside = judged.sums(np.ones((1, len(of))), whom)[0]
    share = (of * whom).sum() / max(whom.sum(), 1.0)
    return np.asarray((inside * share >= FEWEST) & (inside * (1 - share) >= FEWEST))
