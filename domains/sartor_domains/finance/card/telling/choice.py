"""What was tried on rows held out inside the training part before the card was learned."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from sartor.sections import Section, Table, TableColumn
from sartor.wording import plural

if TYPE_CHECKING:
    from sartor_domains.finance.card.card import Card


def how_it_was_chosen(card: Card) -> Iterator[Section]:
    """Yield what was tried; nothing where nothing was."""
    lines = _lines(card)
    if not lines:
        return
    taken = sum(line[3] == "taken" for line in lines)
    yield Section(
        id="card-choices",
        place="making",
        title="What the card was free to choose",
        sentence=(
            f"{plural(len(lines), 'choice was', 'choices were')} compared on {plural(card.chosen['rows'], 'row')} held "
            f"out inside the training part, and **{taken} {'was' if taken == 1 else 'were'} "
            "taken**; the rows that judge were not looked at."
        ),
        table=Table(
            "Log loss of held-out rows: of a stiffness how far from the best, of a pair how much lower with it",
            [
                TableColumn("Choice"),
                TableColumn("Log loss", "number", digits=5, signed=True),
                TableColumn("Standard error", "number", digits=5),
                TableColumn("", name="taken"),
            ],
            lines,
            counts=None,
        ),
    )


def _lines(card: Card) -> list[list[Any]]:
    """Return a line for each stiffness and each pair that was tried."""
    lines: list[list[Any]] = []
    for one in card.chosen.get("stiffness", {}).get("tried", ()):
        chosen = one["stiffness"] == card.chosen["stiffness"]["chosen"]
        behind = one["behind"]
        lines.append(
            [
                _stiffness(one["stiffness"]),
                -behind,
                one["standard_error"] if behind else None,
                "taken" if chosen else "",
            ]
        )
    for one in card.chosen.get("pairs", {}).get("tried", ()):
        pair = " × ".join(one["pair"])
        lines.append(
            [f"pair {pair}", one["gain"], one["standard_error"], "taken" if one["taken"] else "not shown to help"]
        )
    return lines


def _stiffness(tried: float | str) -> str:
    return f"stiffness {tried:g}" if isinstance(tried, float | int) else str(tried)
