"""The bases of what comes behind a model: actions that decide, and sinks that deliver decisions."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from sartor.components.offered import Kind
from sartor.components.settings import Settings
from sartor.wording import plural

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np
    import pandas as pd

    from sartor.context import Context
    from sartor.delivery import Decisions, Receipt
    from sartor.evidence.measure import Measure
    from sartor.rows import Scoring, Training
    from sartor.sections import Caution, Section


class Action(Settings):
    """Turns predictions into decisions, and decisions into money."""

    kind: ClassVar[Kind] = "action"
    answers: ClassVar[frozenset[str]]
    """The answers it can decide on."""
    row_by_row: ClassVar[bool] = False
    """True when each row's decision follows from that row alone. New data is then decided on piece by piece, also as a
    stream; otherwise on all rows at once."""

    def decide(self, predictions: pd.DataFrame, scoring: Scoring, context: Context) -> pd.DataFrame:
        """Return the decisions; the first column is ``__row`` where there is a line for each row."""
        raise NotImplementedError

    def value(self, decisions: pd.DataFrame, outcome: Training) -> np.ndarray | None:
        """Return the money that each decision was worth, in the recipe's currency, given what really happened.

        Parameters
        ----------
        decisions : DataFrame
            As `decide` or `policies` made them.
        outcome : Training
            The same rows with their truth.

        Returns
        -------
        ndarray of shape (n_rows,) or None
            None where the action has no money value.
        """
        return None

    def policies(self, training: Training, scoring: Scoring, context: Context) -> dict[str, pd.DataFrame]:
        """Return the decisions of named simple policies for the same rows: accept all, a one-line rule.

        What a rule needs to learn it learns from `training`; the rows of `scoring` come without truth.
        """
        return {}

    def measures(self) -> list[Measure]:
        """Return what decisions are measured by beside money, over all rows and in groups of people.

        They are records, not numbers, so that `check` knows their names before a row is read: a gate can hold each of
        them. Groups come from columns that privacy keeps ``audit_only``; what a measure is handed of them is who
        belongs together, after everything is decided.
        """
        return []

    def headline(self, decisions: pd.DataFrame) -> str:
        """Return the decision as one sentence for a reader who knows no statistics."""
        return f"{plural(len(decisions), 'decision')}."

    def sections(self, decisions: pd.DataFrame, outcome: Training, context: Context) -> Iterable[Section | Caution]:
        """Yield what the report shows of the decisions; called once, after all of them are made.

        Parameters
        ----------
        decisions : DataFrame
            As `decide` made them, for all held-out rows.
        outcome : Training
            The same rows, in the same order, with features and truth.
        context : Context
            With `explain`, as in `decide`; with `policies`, what the simple policies decide on the same rows; with
            `audited`, what was measured of the decisions by group.
        """
        return ()

    def columns(self) -> tuple[str, ...] | None:
        """Return the names of the decisions' columns, ``__row`` aside, as far as the settings alone tell them.

        Returns
        -------
        tuple of str or None
            None where they are known only when it decides; `check` then leaves the columns of a delivery unchecked.
        """
        return None


class Sink(Settings):
    """Delivers decisions: into a file, a database, a queue. Called only with ``--live``, behind the gates."""

    kind: ClassVar[Kind] = "sink"

    def target(self, context: Context) -> str:
        """Name the place that is written to, for the receipt and for people; never with a secret in it.

        Two deliveries of a recipe to one place would overwrite each other; `check` finds them by this name.
        """
        raise NotImplementedError

    def check_target(self, columns: tuple[str, ...] | None, context: Context) -> None:
        """Look whether the place can be written to, without writing; `check` asks this, and no row is read.

        Parameters
        ----------
        columns : tuple of str or None
            Of the decisions, the row's key first; None where they are not known yet.
        context : Context
            Its folder is the project's: what is delivered is named from there.

        Raises
        ------
        SartorError
            Where it is certain that a delivery would fail. A place that cannot be reached now is no such case.
        """

    def deliver(self, decisions: Decisions, context: Context) -> Receipt:
        """Deliver the decisions, all of them or none, so that delivering them again leaves one copy.

        A crash may come at any moment, and the same run may be delivered twice: lines are told apart by the key of
        the decisions, or the whole by their `Decisions.idempotency_key`.

        Raises
        ------
        SartorError
            If it cannot be done; nothing must be left half-written then.
        """
        raise NotImplementedError
