"""Simulates patients after a heart attack, with a hazard that is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

if TYPE_CHECKING:
    from sartor_plugins.samples.follow_up import FollowUp

HOSPITALS = ("north", "south", "west")
FIRST, LAST, END = np.datetime64("2018-01-01"), np.datetime64("2021-12-31"), np.datetime64("2022-12-31")
BASE = 1 / 4000
"""Deaths a day of a man of 65 with a pressure of 120, who does not smoke and whose heart does not fail."""
FloatArray = NDArray[np.float64]


def log_hazard(age: FloatArray, systolic: FloatArray, smoker: FloatArray, failing: FloatArray) -> FloatArray:
    """Return the logarithm of how many times higher a patient's hazard is than `BASE`.

    Examples
    --------
    >>> log_hazard(*(np.array([one]) for one in (65.0, 120.0, 0.0, 1.0))).round(3).tolist()
    [0.693]
    """
    above = np.maximum(systolic - 120, 0)
    return np.asarray(0.075 * (age - 65) + 0.01 * above + np.log(1.5) * smoker + np.log(2) * failing, dtype=np.float64)


def simulated(settings: FollowUp) -> pa.Table:
    """Return the table that settings describe."""
    rng = np.random.default_rng(settings.seed)
    n = settings.rows
    hospital = rng.choice(len(HOSPITALS), n, p=[0.5, 0.3, 0.2])
    admitted = FIRST + rng.integers(0, int((LAST - FIRST).astype(int)) + 1, n)
    age = rng.normal(66, 12, n).round().clip(25, 98)
    man = rng.random(n) < 0.62
    systolic = (rng.normal(118, 18, n) + 0.35 * (age - 66)).round().clip(75, 230)
    smoker = rng.random(n) < np.where(age < 60, 0.45, 0.2)
    failing = rng.random(n) < 1 / (1 + np.exp(-(age - 78) / 9))
    creatinine = (rng.lognormal(0.0, 0.25, n) + 0.005 * (age - 66)).round(2).clip(0.4, 8)
    hazard = BASE * np.exp(log_hazard(age, systolic, smoker.astype(float), failing.astype(float)))
    hazard = hazard * np.where(hospital == HOSPITALS.index("south"), settings.south_ratio, 1.0)
    lives = np.floor(rng.exponential(1 / hazard))
    watched = (END - admitted).astype(int)
    died = lives <= watched
    days = np.minimum(lives, watched).astype(np.int64)
    stay = np.minimum(np.maximum(rng.poisson(5 + 6 * (died & (days < 60))), 0), days)
    unknown = rng.random(n) < settings.missing
    return pa.table(
        {
            "patient": pa.array(np.arange(n), pa.int64()),
            "hospital": pa.array(np.array(HOSPITALS)[hospital].tolist(), pa.string()),
            "admitted": pa.array(admitted, pa.date32()),
            "age": pa.array(age.astype(np.int64)),
            "sex": _words(man, "man", "woman"),
            "systolic": pa.array(systolic.astype(np.int64)),
            "smoker": _words(smoker, "yes", "no"),
            "heart_failure": _words(failing, "yes", "no"),
            "creatinine": pa.array(creatinine, pa.float64(), mask=unknown),
            "stay": pa.array(stay.astype(np.int64)),
            "days": pa.array(days),
            "died": _words(died, "yes", "no"),
        }
    )


def _words(flags: NDArray[np.bool_], yes: str, no: str) -> pa.Array:
    return pa.array(np.where(flags, yes, no).tolist(), pa.string())
