"""Settings of the affordability features; how they are computed is in `sartor_domains.finance.burden`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import Field

from sartor.components import Column, Columns, Feature

if TYPE_CHECKING:
    import narwhals as nw

    from sartor.context import Context
    from sartor.rows import Rows, Tables

Months = Annotated[Columns, Field(min_length=1)]
"""A column for each month, the latest first."""


class Affordability(Feature):
    """What a loan or a card asks of its holder, against what he has.

    Name the columns that the table has. Where none is named, columns are looked for by role (``roles: {amount:
    COLUMN}`` at ingest), then by the names that such tables commonly use, and what was found is noted. A ratio whose
    divisor is missing, zero or negative is missing; bills may be negative, as a card may hold a credit balance.

    Parameters
    ----------
    amount, duration : str, optional
        Amount of the loan and the number of months in which it is paid back: ``instalment``.
    income : str, optional
        ``instalment_to_income``, ``amount_to_income``.
    instalments : str, optional
        What the applicant pays a month already: ``obligations_to_income``.
    instalment_share : str, optional
        Instalment as a share (or per cent) of disposable income: ``disposable_income``.
    limit : str, optional
        Limit of a card or account.
    bills : list of str, optional
        What was owed at the end of each month, the latest first: ``utilisation``, ``utilisation_mean``,
        ``utilisation_highest``, ``utilisation_rise`` (each against the limit).
    payments : list of str, optional
        What was paid in each month, the latest first: ``paid_share`` (of all bills), ``paid_share_latest`` (latest
        payment of the bill before it), ``paid_to_limit``, ``highest_payment``, ``lowest_payment_to_limit``,
        ``months_unpaid``.
    delays : list of str, optional
        How many months the holder was behind in each month, the latest first; 0 or less is not behind:
        ``delay_latest``, ``delay_worst``, ``delay_sum``, ``months_delayed``, ``months_since_delay``.
    prefix : str
        Put before the name of every column that is built.
    """

    own_line_only: ClassVar[bool] = True

    amount: Column | None = None
    duration: Column | None = None
    income: Column | None = None
    instalments: Column | None = None
    instalment_share: Column | None = None
    limit: Column | None = None
    bills: Months | None = None
    payments: Months | None = None
    delays: Months | None = None
    prefix: str = ""

    def build(self, rows: Rows, tables: Tables, context: Context) -> nw.LazyFrame[Any]:
        """Return ``__row`` and the ratios, one line for each row.

        Raises
        ------
        InputError
            If the table has more than one line for a row, a named column is missing or no number, or nothing can be
            built from the columns that there are.
        """
        from sartor_domains.finance.burden import build

        return build(self, rows, tables.single(), context)
