"""An ingest reads one table. This one makes it up, so that the plugin runs anywhere; yours may read a file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field
from sartor.components import Ingest
from sartor.context import Context

# pandas and NumPy are imported inside the verbs: `sartor check` imports this module to see the settings, and it must
# stay quick. For annotations an import under TYPE_CHECKING does.
if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

CHANNELS = ("e-mail", "chat", "letter")
USUAL_LENGTH = {"e-mail": 5, "chat": 2, "letter": 9}
"""How many sentences are usual: a long chat message is a short letter."""
SENTENCES = (
    "I ordered two chairs last month.",
    "The parcel came on Tuesday.",
    "Thank you for the quick reply.",
    "The colour is a little darker than in the picture.",
    "I wrote about this before.",
    "Could you send me the bill once more?",
    "My address has changed since.",
    "The manual is missing a page.",
)
CALM = ("There is no hurry.", "Whenever it suits you.", "Kind regards.", "Have a nice day!")
PRESSING = ("I need an answer today.", "Please call me now!", "It cannot wait until tomorrow.", "I am really worried!")


class Messages(Ingest):
    """Messages of customers over sixty days, each with the time at which it was closed and whether it was urgent.

    Parameters
    ----------
    rows : int
        How many messages.
    """

    # Fields are settings: what stands under `with` in a recipe. Types are checked strictly, and `sartor check`
    # names the line of the recipe that is wrong. Everything that is no setting must be a ClassVar or a method.
    simulated: ClassVar[bool] = True

    rows: int = Field(default=1500, ge=1, le=1_000_000)

    def read(self, context: Context) -> pd.DataFrame:
        """Make the messages up from the step's own seed: the same seed gives the same table."""
        import numpy as np
        import pandas as pd

        rng = context.rng()
        minutes = np.sort(rng.integers(0, 60 * 24 * 60, self.rows))
        sent_at = pd.Series(pd.Timestamp("2024-01-01") + pd.to_timedelta(minutes, unit="min")).dt.as_unit("us")
        closed_at = sent_at + pd.to_timedelta(rng.integers(60, 3 * 24 * 60, self.rows), unit="min")
        customer = pd.Series(rng.integers(1, max(2, self.rows // 8), self.rows)).map("customer {}".format)
        channel = rng.choice(CHANNELS, self.rows, p=[0.5, 0.35, 0.15])
        pressed = rng.random(self.rows) < 0.3
        # Who is pressed writes more than is usual for the channel.
        length = rng.poisson([USUAL_LENGTH[name] for name in channel] * np.where(pressed, 2, 1))
        text = [self._text(rng, int(sentences), bool(hurry)) for sentences, hurry in zip(length, pressed, strict=True)]
        # Most who are pressed are urgent, and so are many who write again within three days.
        again = sent_at.groupby(customer).diff() < pd.Timedelta(days=3)
        tendency = -2.0 + 2.4 * pressed + 1.2 * again + 0.6 * (channel == "chat") - 0.8 * (channel == "letter")
        urgent = rng.random(self.rows) < 1 / (1 + np.exp(-tendency))
        return pd.DataFrame(
            {
                "message": np.arange(self.rows),
                "customer": customer,
                "sent_at": sent_at,
                "channel": channel,
                "text": text,
                "closed_at": closed_at.dt.as_unit("us"),
                "urgent": np.where(urgent, "yes", "no"),
            }
        )

    def columns(self, context: Context) -> Mapping[str, str]:
        """Say names and types without reading a row, so that `sartor check` finds a misspelt column."""
        return {
            "message": "integer",
            "customer": "text",
            "sent_at": "datetime",
            "channel": "text",
            "text": "text",
            "closed_at": "datetime",
            "urgent": "text",
        }

    def source(self) -> str:
        """Say where the rows come from; it stands in the record of every run."""
        return "simulated by hello_plugin; no real customer wrote any of it"

    @staticmethod
    def _text(rng: np.random.Generator, sentences: int, hurry: bool) -> str:
        said = [str(sentence) for sentence in rng.choice(SENTENCES, max(1, sentences))]
        ending = PRESSING if hurry and rng.random() < 0.8 else CALM
        return " ".join([*said, str(rng.choice(ending))])
