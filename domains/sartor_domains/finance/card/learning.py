"""Learns a card: bins, the characteristics that tell something, how much each bin counts, points."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from sartor.errors import InputError
from sartor.wording import plural
from sartor_domains.finance.card.binning import Sample
from sartor_domains.finance.card.bins import Characteristic, listed
from sartor_domains.finance.card.card import Card
from sartor_domains.finance.card.choosing import Chosen, chosen
from sartor_domains.finance.card.fitting import Part, fitted, places_of, table_of, with_table
from sartor_domains.finance.card.gathering import characteristics_of, check_names, strongest
from sartor_domains.finance.card.pairs import Pair, paired
from sartor_domains.finance.card.rounding import Exact, rounded
from sartor_domains.finance.card.scale import Scale

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from sartor.context import Context
    from sartor.rows import Training
    from sartor_domains.finance.scorecard import Scorecard

    Floats = NDArray[np.float64]

SHOWN_NAMES = 8
"""More characteristics that are left out are counted in the note, and listed by `learned`."""
LESS_THAN_A_POINT = "adds less than a point to what the others tell"


def learn(settings: Scorecard, training: Training, context: Context) -> Card:
    """Learn a card from training rows."""
    _check_outcomes(training)
    check_names(settings, training.X)
    sample = Sample.of(training, settings.max_bins, settings.min_share)
    choice = chosen(settings, training, context)
    kept, left_out = characteristics_of(settings, training.X, sample)
    strong = strongest(settings, kept, training.X, sample)
    for entry in kept:
        if entry not in strong:
            left_out[entry.name] = f"tells less than the {settings.max_characteristics} that are taken"
    pairs = _pairs(choice, kept, training.X, sample, left_out)
    card = _card(settings, [*strong, *pairs], training, sample, left_out, choice)
    _tell(card, training.X.shape[1], context)
    return card.telling(context.note)


def _check_outcomes(training: Training) -> None:
    if len(training.classes) != 2:
        raise InputError(
            f"a scorecard tells two outcomes apart, and the task has {len(training.classes)}: "
            f"{', '.join(map(str, training.classes))}",
            code="D064",
            hints=(("to mend", "use a model of learn for more than two classes"),),
        )
    counted = training.y if training.weight is None else training.y[training.weight > 0]
    present = set(np.asarray(counted).tolist())
    if len(present) < 2:
        only = training.classes[int(next(iter(present)))] if present else "no class at all"
        raise InputError(
            f"all {plural(len(training), 'training row is', 'training rows are')} '{only}': "
            "a scorecard learns from both outcomes",
            code="D065",
            hints=(
                ("to mend", "see which labels the task takes as good and bad, and what the split leaves to learn from"),
            ),
        )


def _pairs(
    choice: Chosen, kept: list[Characteristic], X: pd.DataFrame, sample: Sample, left_out: dict[str, str]
) -> list[Pair]:
    by_name = {entry.name: entry for entry in kept}
    found = []
    for first, second in choice.pairs:
        name = f"{first} × {second}"
        alone = next((part for part in (first, second) if part not in by_name), None)
        pair = None if alone else paired(by_name[first], by_name[second], X, sample)
        if pair is not None and len(pair.table.bins) > 1:
            found.append(pair)
        else:
            left_out[name] = f"{alone} tells nothing by itself" if alone else "no cells differ, as far as bins show"
    return found


def _card(
    settings: Scorecard, parts: list[Part], training: Training, sample: Sample, left_out: dict[str, str], choice: Chosen
) -> Card:
    places = [places_of(part, training.X) for part in parts]
    together = fitted(parts, places, sample, settings.penalty, choice.stiff)
    scale = Scale(settings.points_to_double_odds, settings.base_score, settings.base_odds, settings.decimals)
    exact = [
        Exact(scale.factor * (worth - np.average(worth[place], weights=sample.weight)), table_of(part).woes, place)
        for part, worth, place in zip(parts, together.worth, places, strict=True)
    ]
    base_points, points = rounded(exact, sample, scale)
    chosen_parts = []
    for part, worth, found in zip(parts, together.worth, points, strict=True):
        pointed = _with_points(part, worth, found)
        if np.ptp(worth) == 0:
            left_out[part.name] = "adds nothing to what the others tell"
        elif table_of(pointed).reach == 0:
            base_points = scale.rounded(base_points + float(found[0]))
            left_out[part.name] = LESS_THAN_A_POINT
        else:
            chosen_parts.append(pointed)
    widest = sorted(chosen_parts, key=lambda part: -table_of(part).reach)
    return Card(
        scale=scale,
        base_points=base_points,
        characteristics=tuple(part for part in widest if isinstance(part, Characteristic)),
        pairs=tuple(part for part in widest if isinstance(part, Pair)),
        fewest_known=settings.fewest_known,
        left_out=left_out,
        rows=float(sample.weight.sum()),
        bad=float(sample.weight @ sample.bad),
        classes=tuple(str(label) for label in training.classes),
        chosen=choice.record,
    )


def _with_points(part: Part, worth: Floats, points: Floats) -> Part:
    table = table_of(part)
    bins = tuple(replace(one, points=point) for one, point in zip(table.bins, points.tolist(), strict=False))
    inside, woes = worth[:-1], table.woes[:-1]
    coefficient = float(np.ptp(inside) / np.ptp(woes)) if np.ptp(woes) > 0 else 0.0
    return with_table(part, bins=bins, coefficient=coefficient, neutral_points=float(points[-1]))


def _tell(card: Card, offered: int, context: Context) -> None:
    if card.left_out:
        context.note(
            f"{len(card.characteristics)} of {plural(offered, 'characteristic is', 'characteristics are')} in the "
            f"card; left out: {listed(tuple(card.left_out), SHOWN_NAMES)}"
        )
    if not card.parts:
        why = "no characteristic tells enough"
        if LESS_THAN_A_POINT in card.left_out.values():
            why = (
                f"points with {plural(card.scale.decimals, 'decimal')} are too coarse where "
                f"{card.scale.points_to_double_odds:g} double the odds"
            )
        context.note(f"{why}: the card tells no one from another", caution=True)
