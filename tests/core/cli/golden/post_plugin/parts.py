"""The components: whole numbers and shares of small counts."""

from __future__ import annotations

import json
from typing import ClassVar

from sartor.components import PROBABILITY, Action, Column, Columns, Fitted, Ingest, Model, Money, Share
from sartor.rows import ROW

WEATHERS = ("sun", "sun", "rain", "sun", "snow")
TENTHS = {"sun": 2, "rain": 5, "snow": 8}


class Parcels(Ingest):
    """240 parcels by a formula: in snow eight of ten come late, in sun two."""

    count: int = 240

    def read(self, context):
        import pandas as pd

        lines = []
        for parcel in range(self.count):
            weather = WEATHERS[parcel % 5]
            luck = (7 * (parcel // 5) + parcel // 50) % 10
            lines.append(
                {
                    "parcel": parcel,
                    "weather": weather,
                    "road": ("town", "hills")[parcel // 3 % 2],
                    "price": 20 + 10 * (parcel % 9),
                    "late": "yes" if luck < TENTHS[weather] else "no",
                }
            )
        return pd.DataFrame(lines)

    def columns(self, context):
        return {"parcel": "integer", "weather": "text", "road": "text", "price": "integer", "late": "text"}


class FittedShares(Fitted):
    def __init__(self, columns, shares, share):
        self.columns, self.shares, self.share = columns, shares, share

    def predict(self, scoring):
        import pandas as pd

        levels = scoring.X[self.columns].astype("object").agg("/".join, axis=1)
        return pd.DataFrame({"probability": levels.map(self.shares).fillna(self.share).astype("float64").to_numpy()})

    def save(self, folder):
        (folder / "shares.json").write_text(json.dumps([self.columns, self.shares, self.share]), encoding="utf-8")


class Shares(Model):
    """The share that came late for each level of some columns."""

    answers: ClassVar[frozenset[str]] = frozenset({PROBABILITY})
    columns: Columns

    def fit(self, training, context):
        import pandas as pd

        columns = list(self.columns)
        levels = training.X[columns].astype("object").agg("/".join, axis=1).to_numpy()
        late = pd.Series(training.y).groupby(levels).mean()
        return FittedShares(columns, {name: float(share) for name, share in late.items()}, float(training.y.mean()))

    def load(self, folder):
        return FittedShares(*json.loads((folder / "shares.json").read_text(encoding="utf-8")))


class Insure(Action):
    """Insures what is likely to come late: a tenth of the price, and the price back where it did."""

    answers: ClassVar[frozenset[str]] = frozenset({PROBABILITY})
    above: Share = 0.5
    price: Column = "price"
    fee: Money = 0.4

    def decide(self, predictions, scoring, context):
        return self._decided(scoring, predictions["probability"].to_numpy() > self.above)

    def value(self, decisions, outcome):
        price = decisions["price"].to_numpy()
        return (decisions["decision"] == "insure").to_numpy() * price * ((outcome.y == 1) - self.fee)

    def policies(self, training, scoring, context):
        import numpy as np

        count = len(scoring)
        return {
            "insure all": self._decided(scoring, np.ones(count, dtype=bool)),
            "insure none": self._decided(scoring, np.zeros(count, dtype=bool)),
            "one-line rule": self._decided(scoring, scoring.rows["road"].to_numpy() == "hills"),
        }

    def headline(self, decisions):
        return f"Insure {int((decisions['decision'] == 'insure').sum())} of {len(decisions)} parcels."

    def columns(self):
        return ("decision", "price")

    def _decided(self, scoring, insured):
        import numpy as np
        import pandas as pd

        return pd.DataFrame(
            {
                ROW: scoring.rows[ROW],
                "decision": np.where(insured, "insure", "send"),
                "price": scoring.rows[self.price].to_numpy(),
            }
        )


class Warn(Action):
    """Warns of what may come late."""

    answers: ClassVar[frozenset[str]] = frozenset({PROBABILITY})

    def decide(self, predictions, scoring, context):
        import pandas as pd

        says = (predictions["probability"] > 0.3).map({True: "warn", False: "wait"})
        return pd.DataFrame({ROW: scoring.rows[ROW], "decision": says})

    def headline(self, decisions):
        return f"Warn {int((decisions['decision'] == 'warn').sum())} of {len(decisions)} recipients."

    def columns(self):
        return ("decision",)
