"""Bands of the score on rows that judge: how many, how many of them were bad, and the odds that were said."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from sartor.sections import Caution, Section, Table, TableColumn
from sartor.wording import plural
from sartor_domains.finance.card.card import SCORE
from sartor_domains.finance.card.telling.names import bad_is
from sartor_plugins.learn.telling.bands import equal_bands, wilson

if TYPE_CHECKING:
    from sartor.context import Context
    from sartor.rows import Judged
    from sartor_domains.finance.card.card import Card

BANDS = 8
FEWEST = 2
COLUMNS = (
    TableColumn("Score"),
    TableColumn("Rows", "count"),
    TableColumn("Odds seen", about="good to bad"),
    TableColumn("Odds said", about="good to bad"),
    TableColumn("Chance said", "share"),
    TableColumn("Bad rate", "bar", of="share"),
)


def score_bands(card: Card, judged: Judged, context: Context) -> Iterator[Section | Caution]:
    """Yield the bands, and a caution where rows could not be scored."""
    score = judged.predictions[SCORE].to_numpy(dtype=np.float64)
    scored = np.isfinite(score)
    if not scored.all():
        yield _not_scored(int((~scored).sum()), len(score))
    truth = np.asarray(judged.truth)[scored]
    bands = equal_bands(score[scored], BANDS, context.smallest_group)
    if len(bands) < FEWEST:
        return
    chance = judged.predictions["probability"].to_numpy(dtype=np.float64)[scored]
    lines = [
        _line(_name(bands, score[scored], number), truth[places], chance[places]) for number, places in enumerate(bands)
    ]
    inside = sum(low <= said <= high for *_, said, (_, low, high) in lines)
    lowest, highest = lines[0], lines[-1]
    yield Section(
        id="score-bands",
        place="analyst",
        title="Bands of the score",
        sentence=(
            f"Of 100 with {lowest[0]}, **{100 * lowest[5][0]:.0f} were bad**, of 100 with {highest[0]} "
            f"**{100 * highest[5][0]:.0f}**. In {inside} of {plural(len(lines), 'band')} the chance that was said lies "
            "within the interval of what happened."
        ),
        table=Table(
            "Scores of rows that judge, in bands of about equal size", COLUMNS, lines, [len(places) for places in bands]
        ),
        note=(
            f"Every {card.scale.points_to_double_odds:g} points double the odds that are said."
            f"{bad_is(judged.classes)} Intervals: 95 %."
        ),
    )


def _line(name: str, truth: Any, chance: Any) -> list[Any]:
    """Return what is told of a band: its rows, the odds that were seen and said, and the share of bad rows."""
    rows, bad, said = len(truth), int(truth.sum()), float(chance.mean())
    seen = f"{(rows - bad) / bad:,.3g} to 1" if 0 < bad < rows else "none was good" if bad else "none was bad"
    return [name, rows, seen, f"{(1 - said) / said:,.3g} to 1", said, (bad / rows, *wilson(bad, rows))]


def _name(bands: list[Any], values: Any, number: int) -> str:
    starts = [float(values[places].min()) for places in bands]
    if number == 0:
        return f"less than {starts[1]:,g} points"
    if number == len(bands) - 1:
        return f"{starts[number]:,g} points and more"
    return f"{starts[number]:,g} to less than {starts[number + 1]:,g}"


def _not_scored(count: int, rows: int) -> Caution:
    return Caution(
        "cannot-score",
        f"{count:,} of {plural(rows, 'row')} could not be scored, as nothing is known of them: have a person look at "
        "such rows.",
        weight=min(0.9, 0.3 + 3 * count / rows),
    )
