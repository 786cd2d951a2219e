"""Settings of the trivial answer that looks at the amount alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from sartor.components import PROBABILITY, Column, Fitted, Model

if TYPE_CHECKING:
    from pathlib import Path

    from sartor.context import Context
    from sartor.rows import Training


class AmountAlone(Model):
    """The larger the payment, the likelier it is fraud: logistic regression on the logarithm of the amount alone.

    Its order is that of the amounts. A missing amount counts as the median of training, a negative one as 0.

    Parameters
    ----------
    amount : str
        Column of the amount.
    """

    answers: ClassVar[frozenset[str]] = frozenset({PROBABILITY})

    amount: Column

    def fit(self, training: Training, context: Context) -> Fitted:
        """Learn the curve."""
        from sartor_domains.finance.fraud.by_amount import fit

        return fit(self, training)

    def load(self, folder: Path) -> Fitted:
        """Return what was saved."""
        from sartor_domains.finance.fraud.by_amount import ByAmount

        return ByAmount.load(folder)
