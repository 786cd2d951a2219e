"""Gathers the characteristics that a card can be made of: those that tell something, and of many the strongest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from sartor.errors import InputError, nearest
from sartor_domains.finance.card.binning import Sample, binned
from sartor_domains.finance.card.bins import Characteristic
from sartor_domains.finance.card.fitting import fitted, places_of

if TYPE_CHECKING:
    import pandas as pd

    from sartor_domains.finance.scorecard import Scorecard

MOST_COMPARED = 500
"""Of more characteristics than these only those with the highest information values are compared with each other."""


def check_names(settings: Scorecard, X: pd.DataFrame) -> None:
    """Refuse special codes and pairs of columns that are no features.

    Raises
    ------
    InputError
    """
    named = [("special_codes", name) for name in settings.special_codes]
    if not isinstance(settings.pairs, int):
        named += [("pairs", name) for pair in settings.pairs for name in pair]
    for setting, name in named:
        if name not in X.columns:
            raise InputError(
                f"{setting} names '{name}', and the scorecard sees no such feature",
                code="D088",
                hints=nearest(name, map(str, X.columns)),
            )


def characteristics_of(
    settings: Scorecard, X: pd.DataFrame, sample: Sample
) -> tuple[list[Characteristic], dict[str, str]]:
    """Cut every column into bins; return those that tell something, and why others are left out."""
    left_out: dict[str, str] = {}
    kept: list[Characteristic] = []
    for name in X.columns:
        found = binned(X[name], sample, settings.special_codes.get(str(name), ()))
        if len(found.bins) < 2:
            left_out[found.name] = "the same for everyone, as far as bins of this size show"
        elif found.information_value < settings.min_information_value:
            left_out[found.name] = (
                f"information value {found.information_value:.3f}, below {settings.min_information_value:g}"
            )
        else:
            kept.append(found)
    return kept, left_out


def strongest(
    settings: Scorecard, found: Sequence[Characteristic], X: pd.DataFrame, sample: Sample
) -> list[Characteristic]:
    """Return as many characteristics as a card may have: those that tell most beside all others, in their order."""
    if len(found) <= settings.max_characteristics:
        return list(found)
    compared = sorted(found, key=lambda entry: -entry.information_value)[:MOST_COMPARED]
    places = [places_of(entry, X) for entry in compared]
    together = fitted(compared, places, sample, settings.penalty, np.inf)
    spread = {
        entry.name: float(np.average((worth[place] - worth[place].mean()) ** 2, weights=sample.weight))
        for entry, worth, place in zip(compared, together.worth, places, strict=True)
    }
    taken = sorted(spread, key=lambda name: -spread[name])[: settings.max_characteristics]
    return [entry for entry in found if entry.name in taken]
