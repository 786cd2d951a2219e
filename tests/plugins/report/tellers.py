"""A plugin for tests of the report: an action with money, parts, figures and texts that look like HTML."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from sartor.components import NUMBER, PROBABILITY, Action, Component
from sartor.hookspecs import hookimpl
from sartor.rows import ROW

EVIL = "</script><img src=x onerror=alert(1)>&\"'"


class Bets(Action):
    """Bets on what is likely: a win brings 3, a loss costs 1, or whatever the settings say."""

    answers: ClassVar[frozenset[str]] = frozenset({PROBABILITY, NUMBER})
    win: float = 3.0
    loss: float = 1.0
    tells: bool = True

    def decide(self, predictions, scoring, context):
        import pandas as pd

        first = predictions.iloc[:, 0].to_numpy()
        bets = pd.Series(first > self.loss / (self.win + self.loss)).map({True: "bet", False: "pass"})
        return pd.DataFrame({ROW: scoring.rows[ROW], "bets": bets})

    def value(self, decisions, outcome):
        import numpy as np

        won = np.where(np.asarray(outcome.y) > 0, self.win, -self.loss)
        return np.where(decisions["bets"] == "bet", won, 0.0)

    def policies(self, training, scoring, context):
        import pandas as pd

        rows = scoring.rows[ROW]
        return {
            "bet_always": pd.DataFrame({ROW: rows, "bets": "bet"}),
            "never": pd.DataFrame({ROW: rows, "bets": "no"}),
        }

    def headline(self, decisions):
        return f"Bet {int((decisions['bets'] == 'bet').sum())} of {len(decisions)} times."

    def sections(self, decisions, outcome, context):
        from sartor.sections import OURS, Caution, Figure, Section, Table, TableColumn

        if not self.tells:
            return
        counts = [int((decisions["bets"] == name).sum()) for name in ("bet", "pass")]
        parts = Table("Bets", [TableColumn("Bet"), TableColumn("Rows", "count"), TableColumn("About")],
                      [["Bet", counts[0], EVIL], ["Pass", counts[1], "kept"]], counts, parts=True,
                      tones=["ours", "decline"])  # fmt: skip
        yield Section("bets", "decision", "Where the bets go", f"{counts[0]} bets, and {counts[1]} not.", table=parts)
        lines = [[place / 20, 10.0 * place - place**2, 5 * place, f"{place} bets: {10 * place - place**2}"]
                 for place in range(21)]  # fmt: skip
        curve = Table(f"Value by share {EVIL}", [TableColumn("Share", "share"), TableColumn("Value", "money"),
                      TableColumn("Rows", "count"), TableColumn("Said", name="said")], lines, 50, ours=[7])  # fmt: skip
        spec = {
            "layer": [
                {"mark": {"type": "line", "color": OURS},
                 "encoding": {"x": {"field": "share", "type": "quantitative", "title": EVIL},
                              "y": {"field": "value", "type": "quantitative"}}},
                {"mark": {"type": "text"},
                 "encoding": {"x": {"datum": 0.5}, "y": {"datum": 0}, "text": {"value": EVIL}}},
            ]
        }  # fmt: skip
        figure = Figure(f"Value {EVIL}", "Higher is more.", spec, curve, f"It peaks {EVIL}", slider="Share of rows")
        yield Section("value", "worth", f"Move it {EVIL}", f"**25** at its peak, where never brings 0 {EVIL}",
                      figure=figure, note=f"A look back, `{EVIL}`")  # fmt: skip
        columns = [
            TableColumn(EVIL),
            TableColumn("", "waterfall", of="money"),
            TableColumn("Rest", "number", signed=True),
        ]
        steps = [["one", (0, 3), 1], ["two", (3, 1, 0, 2), -1], ["all", (0, 1), None]]
        yield Section(
            "steps", "advantage", "Steps", "From 0 to 1.", table=Table("Steps", columns, steps, None, ours=[2])
        )
        many = [[f"{EVIL} {place}", place / 10, (place / 10, None, None)] for place in range(40)]
        long = [TableColumn("Name"), TableColumn("Size", "number"), TableColumn("", "bar")]
        yield Section("many", "analyst", "Many lines", "Forty.", table=Table("Many", long, many, None))
        groups = [["large", 90, (0.5, 0.4, 0.6)], ["tiny", 3, (0.7, 0.1, 0.9)], ["other", 12, 0.2]]
        by = [TableColumn("Group"), TableColumn("Rows", "count"), TableColumn("", "interval", of="share")]
        few = Table("Groups", by, groups, [90, 3, 12])
        yield Section("alike", "sure", "Alike?", "Large 50, other hidden.", table=few)
        yield Caution("evil", f"Beware of {EVIL}: **3** of 5.", 0.99)


@hookimpl
def actions() -> Iterator[Component]:
    yield Component("tell.bets", f"{__name__}:Bets", about="Bets")
