"""Simulates applicants block by block, so that ten million of them need no more memory than one block.

Every block has a random generator of its own, derived from the seed and the block's number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sartor_plugins.samples.lending import Lending

    Numbers = NDArray[np.float64]
    Codes = NDArray[np.int64]

BLOCK = 1 << 16
_CALIBRATION = 1 << 15
"""Applicants on whom the level of risk is set, so that `bad_rate` holds for the population and not by luck."""


# How often among some and among the others, against all: the overall share stays what the settings say.
_MISSING_ODDS = (2.0, 0.9)  # the self-employed, one in eleven
_NO_HIT_ODDS = (4.0, 0.77)  # those under 26, one in fourteen


class Levels(NamedTuple):
    """Levels of a category with their shares, and what each does to income and to the log-odds of going bad."""

    names: tuple[str, ...]
    shares: tuple[float, ...]
    income: tuple[float, ...]
    risk: tuple[float, ...]


REGIONS = Levels(
    ("north", "north-east", "east", "south-east", "south", "south-west", "west", "centre"),
    (0.10, 0.08, 0.14, 0.09, 0.18, 0.11, 0.20, 0.10),
    (0.00, -0.15, -0.10, -0.05, 0.15, 0.05, 0.10, 0.00),
    (0.05, 0.20, 0.10, 0.05, -0.15, -0.05, 0.00, 0.00),
)
EMPLOYMENTS = Levels(
    ("employed", "self-employed", "public service", "student", "retired", "unemployed"),
    (0.64, 0.10, 0.15, 0.00, 0.00, 0.11),
    (0.00, 0.15, 0.05, -0.90, -0.35, -0.75),
    (0.00, 0.30, -0.35, 0.15, -0.20, 0.80),
)
PURPOSES = Levels(
    ("car", "furniture", "debt consolidation", "renovation", "education", "business", "other"),
    (0.28, 0.16, 0.20, 0.14, 0.06, 0.06, 0.10),
    (0.45, -0.40, 0.25, 0.30, 0.05, 0.60, -0.20),  # here: what it does to the amount
    (-0.10, 0.00, 0.35, -0.20, 0.10, 0.40, 0.10),
)
HOUSING = ("own", "rent", "with family")
HOUSING_RISK = (-0.20, 0.10, 0.00)
SEXES = ("female", "male")
OUTCOMES = ("good", "bad", "indeterminate")
APPROVED = ("yes", "no", "looked at")
LEAST_SCORE = 620
DURATIONS = np.array([6, 12, 18, 24, 36, 48, 60, 72, 84])


class People(NamedTuple):
    """Applicants as arrays of shape (n_applicants,); categories as codes."""

    age: Numbers
    sex: Codes
    region: Codes
    housing: Codes
    employment: Codes
    employment_years: Numbers
    income: Numbers
    purpose: Codes
    amount: Numbers
    duration: Codes
    instalments: Numbers
    score: Numbers
    delinquencies: Codes
    inquiries: Codes
    risk: Numbers
    """Log-odds of going bad, but for the level that `bad_rate` asks for and for drift."""


def people(rng: np.random.Generator, count: int) -> People:
    """Draw applicants, each from the same population."""
    way_with_money = rng.standard_normal(count)
    age = np.floor(18 + np.minimum(rng.gamma(3.2, 7.5, count), 65))
    region = _drawn(rng, REGIONS.shares, count)
    employment = _employment(rng, age)
    tenure = np.where(np.isin(employment, (3, 4, 5)), 0, rng.gamma(1.3, 5.0, count))
    income = _income(rng, age, region, employment)
    purpose = _drawn(rng, PURPOSES.shares, count)
    amount = _amount(rng, income, purpose)
    pressure = rng.gamma(1.2, 0.09, count) * np.where(purpose == 2, 2.0, 1.0) * np.exp(-0.25 * way_with_money)
    score = 640 + 65 * (0.8 * way_with_money + 0.6 * rng.standard_normal(count)) + 0.8 * age
    drawn = People(
        age=age,
        sex=rng.integers(0, 2, count),
        region=region,
        housing=_housing(rng, age, income),
        employment=employment,
        employment_years=np.round(np.minimum(tenure, age - 17), 1),
        income=income,
        purpose=purpose,
        amount=amount,
        duration=_duration(rng, amount / income),
        instalments=np.round(np.minimum(pressure, 0.9) * income),
        score=np.clip(np.round(score), 300, 850),
        delinquencies=rng.poisson(np.exp(-1.6 - 0.9 * way_with_money)),
        inquiries=rng.poisson(np.exp(-0.3 - 0.35 * way_with_money)),
        risk=-0.9 * way_with_money,
    )
    return drawn._replace(risk=drawn.risk + _risk(drawn))


def _risk(drawn: People) -> Numbers:
    """What the application itself shows of the risk, in log-odds."""
    burden = (1.06 * drawn.amount / DURATIONS[drawn.duration] + drawn.instalments) / drawn.income
    return np.asarray(
        2.2 * np.minimum(burden, 1.5)
        + 0.9 * ((burden > 0.5) & (drawn.employment == 1))
        + np.take(REGIONS.risk, drawn.region)
        + np.take(EMPLOYMENTS.risk, drawn.employment)
        + np.take(PURPOSES.risk, drawn.purpose)
        + np.take(HOUSING_RISK, drawn.housing)
        + 0.25 * np.minimum(drawn.delinquencies, 4)
        + 0.10 * np.minimum(drawn.inquiries, 6)
        - 0.04 * np.minimum(drawn.employment_years, 15)
        - 0.012 * (drawn.age - 40)
    )


def _drawn(rng: np.random.Generator, shares: tuple[float, ...], count: int) -> Codes:
    return np.searchsorted(np.cumsum(shares)[:-1], rng.random(count), side="right")


def _employment(rng: np.random.Generator, age: Numbers) -> Codes:
    codes = _drawn(rng, EMPLOYMENTS.shares, len(age))
    chance = rng.random(len(age))
    codes = np.where((age < 25) & (chance < 0.45), 3, codes)
    return np.where((age >= 63) & (chance < np.clip((age - 60) / 8, 0, 0.97)), 4, codes)


def _income(rng: np.random.Generator, age: Numbers, region: Codes, employment: Codes) -> Numbers:
    experience = 0.28 * np.sqrt(np.clip(age - 18, 0, 35)) - 1.2
    centre = 7.75 + 0.35 * experience + np.take(REGIONS.income, region) + np.take(EMPLOYMENTS.income, employment)
    spread = np.where(employment == 1, 0.6, 0.38)
    income = np.round(np.exp(centre + spread * rng.standard_normal(len(age))), -1)
    return np.asarray(np.maximum(income, 400))


def _housing(rng: np.random.Generator, age: Numbers, income: Numbers) -> Codes:
    owns = 1 / (1 + np.exp(-(0.06 * (age - 42) + 1.1 * (np.log(income) - 7.7))))
    chance = rng.random(len(age))
    family = (1 - owns) * np.clip((32 - age) / 20, 0.03, 0.6)
    return np.where(chance < owns, 0, np.where(chance < owns + family, 2, 1))


def _amount(rng: np.random.Generator, income: Numbers, purpose: Codes) -> Numbers:
    centre = 8.6 + 0.55 * (np.log(income) - 7.7) + np.take(PURPOSES.income, purpose)
    amount = np.round(np.exp(centre + 0.55 * rng.standard_normal(len(income))), -2)
    return np.asarray(np.clip(amount, 500, 80_000))


def _duration(rng: np.random.Generator, months_of_income: Numbers) -> Codes:
    place = 3.2 + 1.6 * np.log(np.maximum(months_of_income, 0.2) / 3) + 1.1 * rng.standard_normal(len(months_of_income))
    return np.clip(np.rint(place), 0, len(DURATIONS) - 1).astype(np.int64)


def level_of(settings: Lending) -> float:
    """Return what is added to every applicant's log-odds so that a share of `bad_rate` goes bad.

    Examples
    --------
    >>> from sartor_plugins.samples.lending import Lending
    >>> level_of(Lending(bad_rate=0.05)) < level_of(Lending(bad_rate=0.20))
    True
    """
    rng = np.random.default_rng(2024)
    risk = people(rng, _CALIBRATION).risk + settings.drift * (rng.random(_CALIBRATION) - 0.5)
    low, high = -60.0, 60.0
    for _ in range(80):
        middle = (low + high) / 2
        if _probability(risk + middle).mean() < settings.bad_rate:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _probability(log_odds: Numbers) -> Numbers:
    return np.asarray(1 / (1 + np.exp(-log_odds)))


_TYPES = {
    "integer": pa.int64(),
    "number": pa.float64(),
    "text": pa.string(),
    "date": pa.date32(),
}


def schema_of(settings: Lending) -> pa.Schema:
    """Return the table's schema, the same for every block."""
    from sartor.context import Context

    return pa.schema([(name, _TYPES[type_name]) for name, type_name in settings.columns(Context()).items()])


def blocks(settings: Lending) -> Iterator[pa.RecordBatch]:
    """Yield the table in blocks of at most `BLOCK` rows, in the order of the dates."""
    level = level_of(settings)
    for number, start in enumerate(range(0, settings.rows, BLOCK)):
        rng = np.random.default_rng([settings.seed, number])
        yield _block(settings, rng, start, min(BLOCK, settings.rows - start), level)


def write_blocks(settings: Lending, path: Path, progress: Callable[[int, int, str], None]) -> None:
    """Write the table to a Parquet file, a row group for each block."""
    done = 0
    with pq.ParquetWriter(path, schema_of(settings)) as writer:
        for block in blocks(settings):
            writer.write_batch(block)
            done += block.num_rows
            progress(done, settings.rows, "rows")


def _block(settings: Lending, rng: np.random.Generator, start: int, count: int, level: float) -> pa.RecordBatch:
    drawn = people(rng, count)
    passed = (np.arange(start, start + count) + rng.random(count)) / settings.rows
    days = (settings.end - settings.start).days + 1
    day = np.datetime64(settings.start) + np.floor(passed * days).astype("timedelta64[D]")
    probability = _probability(drawn.risk + level + settings.drift * (passed - 0.5))
    outcome = (rng.random(count) < probability).astype(np.int64)
    outcome = np.where(rng.random(count) < settings.indeterminate, 2, outcome)
    often = settings.missing * np.where(drawn.employment == 1, *_MISSING_ODDS)
    unknown = rng.random(count) < settings.no_hit * np.where(drawn.age < 26, *_NO_HIT_ODDS)
    columns = {
        "application_id": pa.array(np.arange(start, start + count)),
        "application_date": pa.array(day),
        "age": pa.array(drawn.age.astype(np.int64)),
        "sex": _texts(drawn.sex, SEXES),
        "region": _texts(drawn.region, REGIONS.names),
        "housing": _texts(drawn.housing, HOUSING),
        "employment": _texts(drawn.employment, EMPLOYMENTS.names),
        "employment_years": pa.array(drawn.employment_years, mask=rng.random(count) < often),
        "income": pa.array(drawn.income, mask=rng.random(count) < often),
        "purpose": _texts(drawn.purpose, PURPOSES.names),
        "amount": pa.array(drawn.amount),
        "duration_months": pa.array(DURATIONS[drawn.duration]),
        "existing_instalments": pa.array(drawn.instalments),
        "bureau_score": pa.array(drawn.score, mask=unknown),
        "previous_delinquencies": pa.array(drawn.delinquencies),
        "inquiries_6_months": pa.array(drawn.inquiries),
        "outcome": _texts(outcome, OUTCOMES),
        "outcome_date": pa.array(_later(day, settings)),
        "approved": _texts(_approved(drawn, unknown), APPROVED),
        "true_probability": pa.array(probability),
    }
    schema = schema_of(settings)
    return pa.RecordBatch.from_arrays([columns[name] for name in schema.names], schema=schema)


def _approved(drawn: People, unknown: NDArray[np.bool_]) -> Codes:
    """What a lender decides who looks at two things."""
    good = (drawn.score >= LEAST_SCORE) & (drawn.delinquencies <= 1)
    return np.where(unknown, 2, np.where(good, 0, 1))


def _texts(codes: Codes, names: tuple[str, ...]) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(codes, pa.int32()), pa.array(names)).cast(pa.string())


def _later(day: NDArray[np.datetime64], settings: Lending) -> NDArray[np.datetime64]:
    """Each day's outcome date; the few distinct days are counted on by the calendar, once each."""
    from datetime import datetime, time

    days, place = np.unique(day, return_inverse=True)
    window = settings.performance_window
    ends = [window.to_offset(datetime.combine(moment, time())).date() for moment in days.tolist()]
    return np.array(ends, dtype="datetime64[D]")[place]
