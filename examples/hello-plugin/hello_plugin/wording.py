"""A feature builds columns for the rows from what each row may know: lines before its moment, and its own line."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sartor.components import Column, Duration, Feature
from sartor.context import Context
from sartor.rows import AS_OF, ROW, Rows, Tables

if TYPE_CHECKING:
    import narwhals as nw


class Wording(Feature):
    """How long a message is, how pressing its words are, and how many the customer had sent shortly before.

    Parameters
    ----------
    text : str
        Column of the text.
    customer : str
        Column of who wrote it.
    within : Duration
        How far back earlier messages count, such as ``7 days``.
    """

    text: Column = "text"
    customer: Column = "customer"
    within: Duration = Duration(7, "day")

    def build(self, rows: Rows, tables: Tables, context: Context) -> nw.LazyFrame[Any]:
        """Return `__row` and the new columns, at most a line for each row."""
        import narwhals as nw

        messages = tables.single()
        own = rows.frame.select(ROW, AS_OF, *rows.keys).join(
            messages.frame.select(*rows.keys, self.text, self.customer), on=list(rows.keys), how="left"
        )
        text = nw.col(self.text)
        return (
            own.join(self._earlier(own, messages.frame, str(messages.time)), on=ROW, how="left")
            .with_columns(
                length=text.str.len_chars().cast(nw.Float64),
                exclamations=(text.str.len_chars() - text.str.replace_all("!", "", literal=True).str.len_chars()).cast(
                    nw.Float64
                ),
                deadline=text.str.contains(r"\b(today|tomorrow|now|at once)\b"),
                messages_before=nw.col("messages_before").fill_null(0).cast(nw.Float64),
            )
            .select(ROW, "length", "exclamations", "deadline", "messages_before")
        )

    def _earlier(self, own: nw.LazyFrame[Any], messages: nw.LazyFrame[Any], sent_at: str) -> nw.LazyFrame[Any]:
        """Count the customer's messages in the time before each row.

        Strictly before: a message that comes in at the same moment is not known yet. sartor checks this. It builds
        the columns of some rows again with everything from `__as_of` on taken away, and a column that changes is an
        error.
        """
        import narwhals as nw

        back = timedelta(seconds=self.within.seconds)
        before = messages.select(self.customer, nw.col(sent_at).alias("sent_before"))
        return (
            own.select(ROW, AS_OF, self.customer)
            .join(before, on=self.customer, how="inner")
            .filter(nw.col("sent_before") < nw.col(AS_OF), nw.col("sent_before") >= nw.col(AS_OF) - back)
            .group_by(ROW)
            .agg(nw.len().alias("messages_before"))
        )
