"""Learns a card: bins, the characteristics that tell something, coefficients, points."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from sartor.errors import InputError
from sartor_domains.finance.card.binning import Sample, binned
from sartor_domains.finance.card.bins import Characteristic
from sartor_domains.finance.card.card import Card, Scale
from sartor_domains.finance.card.coefficients import non_negative_logistic

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from sartor.context import Context
    from sartor.rows import Training
    from sartor_domains.finance.scorecard import Scorecard

    Floats = NDArray[np.float64]

SHOWN_NAMES = 8
"""More characteristics that are left out are counted in the note, and listed by `learned`."""


def learn(settings: Scorecard, training: Training, context: Context) -> Card:
    """Learn a card from training rows."""
    sample = _sample(settings, training)
    left_out: dict[str, str] = {}
    kept: list[Characteristic] = []
    for name in training.X.columns:
        characteristic = binned(training.X[name], sample)
        if len(characteristic.bins) < 2:
            left_out[characteristic.name] = "the same for everyone, as far as bins of this size show"
        elif characteristic.information_value < settings.min_information_value:
            left_out[characteristic.name] = (
                f"information value {characteristic.information_value:.3f}, below {settings.min_information_value:g}"
            )
        else:
            kept.append(characteristic)
    card = _card(settings, kept, training.X, sample, left_out, tuple(str(label) for label in training.classes))
    if card.left_out:
        names = list(card.left_out)
        more = f" and {len(names) - SHOWN_NAMES} more" if len(names) > SHOWN_NAMES else ""
        context.note(
            f"{len(card.characteristics)} of {training.X.shape[1]} characteristics are in the card; "
            f"left out: {', '.join(names[:SHOWN_NAMES])}{more}"
        )
    if not card.characteristics:
        context.note("no characteristic tells enough: the card gives everyone the same score", caution=True)
    return card.telling(context.note)


def _sample(settings: Scorecard, training: Training) -> Sample:
    if len(training.classes) != 2:
        raise InputError(
            f"a scorecard tells two outcomes apart, and the task has {len(training.classes)}: "
            f"{', '.join(map(str, training.classes))}",
            code="D064",
            hints=(("to mend", "use a model of learn for more than two classes"),),
        )
    weight = np.ones(len(training)) if training.weight is None else training.weight.astype(np.float64)
    bad = np.asarray(training.y, dtype=np.float64)
    present = set(bad[weight > 0].tolist())
    if len(present) < 2:
        only = training.classes[int(next(iter(present)))] if present else "no class at all"
        all_rows = "the only training row is" if len(training) == 1 else f"all {len(training):,} training rows are"
        raise InputError(
            f"{all_rows} '{only}': a scorecard learns from both outcomes",
            code="D065",
            hints=(
                ("to mend", "see which labels the task takes as good and bad, and what the split leaves to learn from"),
            ),
        )
    return Sample(bad, weight, settings.max_bins, settings.min_share)


def _card(
    settings: Scorecard,
    kept: list[Characteristic],
    X: pd.DataFrame,
    sample: Sample,
    left_out: dict[str, str],
    classes: tuple[str, ...],
) -> Card:
    evidence = np.column_stack([np.empty((len(X), 0)), *(entry.woes[entry.places(X[entry.name])] for entry in kept)])
    counted = sample.weight > 0
    bad, weight = sample.bad[counted], sample.weight[counted]
    intercept, coefficients = non_negative_logistic(evidence[counted], bad, weight, settings.penalty)
    average = weight @ evidence[counted] / weight.sum()
    scale = Scale(settings.points_to_double_odds, settings.base_score, settings.base_odds, settings.decimals)
    chosen = []
    for entry, coefficient, mean in zip(kept, coefficients.tolist(), average.tolist(), strict=True):
        pointed = _with_points(entry, coefficient, mean, scale)
        if coefficient == 0:
            left_out[entry.name] = "adds nothing to what the others tell"
        elif _reach(pointed) == 0:
            left_out[entry.name] = "adds less than a point to what the others tell"
        else:
            chosen.append(pointed)
    return Card(
        scale=scale,
        base_points=round(scale.score(intercept + float(coefficients @ average)), scale.decimals),
        characteristics=tuple(sorted(chosen, key=_reach, reverse=True)),
        left_out=left_out,
        rows=float(weight.sum()),
        bad=float(weight @ bad),
        classes=classes,
    )


def _with_points(entry: Characteristic, coefficient: float, mean: float, scale: Scale) -> Characteristic:
    def points(woe: float) -> float:
        # Adding 0.0 turns a minus zero into a zero.
        return round(scale.factor * coefficient * (woe - mean), scale.decimals) + 0.0

    bins = tuple(replace(one, points=points(one.woe)) for one in entry.bins)
    return replace(entry, bins=bins, coefficient=coefficient, neutral_points=points(0.0))


def _reach(entry: Characteristic) -> float:
    """How many points lie between its best and its worst bin."""
    return max(one.points for one in entry.bins) - min(one.points for one in entry.bins)
