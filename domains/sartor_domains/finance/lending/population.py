"""From a sample with too many bad loans to the population: chances, and how much each loan stands for.

A model that learned from a share `of_data` of bad loans says chances that are right where that share is bad. Where
loans were drawn by how they went, and by nothing else, the odds of bad in the population are the odds that the model
says, times the odds of bad in the population, divided by the odds of bad in the data:

    p' / (1 - p') = p / (1 - p) * [rate / (1 - rate)] / [of_data / (1 - of_data)]

References
----------
.. [1] Elkan, "The Foundations of Cost-Sensitive Learning", IJCAI 2001, theorem 2.
.. [2] King and Zeng, "Logistic Regression in Rare Events Data", Political Analysis 9(2), 2001, section 4.1.
.. [3] Saerens, Latinne and Decaestecker, "Adjusting the Outputs of a Classifier to New a Priori Probabilities",
   Neural Computation 14(1), 2002.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from sartor.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


def in_population(probability: Floats, of_data: float, rate: float) -> Floats:
    """Return chances of bad in the population.

    Parameters
    ----------
    probability : ndarray of shape (n_rows,)
        As the model says them.
    of_data : float
        Share of bad loans among those that the model learned from.
    rate : float
        Share of bad loans in the population.

    Examples
    --------
    Learned from 30 % bad (odds 3 to 7), where 5 % go bad (odds 1 to 19): even odds become 7 to 57.

    >>> in_population(np.array([0.0, 0.5, 1.0]), of_data=0.3, rate=0.05).round(4).tolist()
    [0.0, 0.1094, 1.0]
    """
    bad = probability * (rate / of_data)
    good = (1 - probability) * ((1 - rate) / (1 - of_data))
    return np.asarray(bad / (bad + good))


def share_of_bad(class_shares: Sequence[float]) -> float:
    """Return the share of bad loans that a model learned from.

    Parameters
    ----------
    class_shares : sequence of float
        `sartor.context.Context.class_shares`.

    Raises
    ------
    InputError
        If it is not known.
    """
    if len(class_shares) == 2 and 0 < class_shares[1] < 1:
        return float(class_shares[1])
    raise InputError(
        "bad_rate_of_population needs the share of bad loans that the model learned from, and the run does not say it",
        code="D068",
        hints=(("to mend", "run the recipe again: runs of an older sartor did not record it"),),
    )


def standing_for(rate: float | None, truth: Any) -> Floats:
    """Return how many loans of the population each loan of the rows stands for; they add up to the number of rows.

    Parameters
    ----------
    rate : float or None
        Share of bad loans in the population; None where it is that of the rows.
    truth : ndarray of shape (n_rows,)
        1 for a bad loan, as `sartor.rows.Training.y`.

    Examples
    --------
    >>> standing_for(0.05, np.array([1, 1, 0, 0])).tolist()
    [0.1, 0.1, 1.9, 1.9]
    """
    bad = np.asarray(truth) == 1
    if rate is None or not len(bad):
        return np.ones(len(bad))
    share = float(bad.mean())
    if share in (0.0, 1.0):
        raise InputError(
            f"the rows hold {'only' if share else 'no'} bad loans, and nothing can be said of a population with "
            f"{100 * rate:g} % of them",
            code="D069",
            hints=(("to mend", "judge on more rows: a larger share in split"),),
        )
    return np.where(bad, rate / share, (1 - rate) / (1 - share))
