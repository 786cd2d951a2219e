"""Made-up people who win or lose, and the action that bets on them."""

from __future__ import annotations

import numpy as np
import pandas as pd

BETS = "actions:\n  bets: {use: tell.bets}\n"


def people(n: int = 400, kind: str = "two") -> pd.DataFrame:
    """Made-up rows that a model can learn from."""
    rng = np.random.default_rng(7)
    x = rng.normal(size=n)
    pull = x + rng.normal(size=n)
    outcome = {
        "two": np.where(pull > 0.4, "won", "lost"),
        "three": np.select([pull > 0.8, pull < -0.8], ["high", "low"], "middle"),
        "number": (100 + 20 * pull).round(2),
    }[kind]
    colours = rng.choice(["red", "green", "blue"], size=n)
    return pd.DataFrame({"id": range(n), "x": x.round(3), "y": rng.normal(size=n).round(3), "colour": colours,
                         "outcome": outcome})  # fmt: skip
