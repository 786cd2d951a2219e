"""Rows of payments: their outcome as far as it teaches or judges, and when it is known."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

import narwhals as nw

from sartor.ahead import not_yet, say_what_lies_ahead
from sartor.context import say
from sartor.errors import InputError, Problem, nearest
from sartor.rows import AS_OF, GROUP, KNOWN_AT, TARGET, Rows, Table
from sartor.wording import form, plural
from sartor_plugins.history.known import known_after
from sartor_plugins.learn.tasks import rows_of_classification

if TYPE_CHECKING:
    from sartor_domains.finance.card_fraud import CardFraud

GENUINE, FRAUD = "genuine", "fraud"
CLASSES = (GENUINE, FRAUD)
FIRST = "__first_known"


def rows(settings: CardFraud, table: Table) -> Rows:
    """Return a row for each payment; see `sartor_domains.finance.card_fraud.CardFraud`."""
    moment = _moment(settings, table)
    _check_amount(settings, table)
    try:
        made = rows_of_classification(
            table,
            settings.outcome,
            settings.fraud,
            set_aside=settings.not_known,
            never=list(dict.fromkeys([settings.card, *settings.never])),
            as_of=moment,
            group=settings.card,
        )
    except InputError as error:
        raise InputError([_in_words_of_fraud(problem) for problem in error.problems]) from error
    made = known_after(made, settings.label_delay)
    if table.unanswered:
        return made
    _remark(settings, table, moment)
    frame = _in_words(made.frame, made.classes[-1])
    counts = {"payments": _count(frame), "with outcome": _count(frame.filter(~nw.col(TARGET).is_null()))}
    if settings.since is not None:
        start = datetime(settings.since.year, settings.since.month, settings.since.day)
        frame = _without_truth(frame, nw.col(AS_OF) < start)
        counts["since the first day"] = _count(frame.filter(~nw.col(TARGET).is_null()))
        if not counts["since the first day"]:
            raise InputError(
                f"no payment of {table.name} with an outcome lies on or after {settings.since}, the day named by since",
                code="D075",
                hints=(("to mend", "name an earlier day, or leave since out"),),
            )
    if settings.known_cards == "leave out":
        frame = _without_known_cards(frame)
        counts["cards not known"] = _count(frame.filter(~nw.col(TARGET).is_null()))
        left = counts.get("since the first day", counts["with outcome"]) - counts["cards not known"]
        if left:
            say(
                f"{plural(left, 'payment')} of cards whose fraud was known by the beginning of the day "
                f"{form(left, 'neither teaches nor judges', 'neither teach nor judge')}: such a card is blocked"
            )
    return replace(made, frame=frame, classes=CLASSES, facts={"payments": counts, "delay": str(settings.label_delay)})


def _moment(settings: CardFraud, table: Table) -> str:
    moment = settings.moment or table.time
    if moment is None:
        raise InputError(
            f"table {table.name} has no time, and a payment is answered at its moment",
            code="D090",
            hints=(("to mend", "say at ingest which column it is, time: COLUMN"),),
        )
    return moment


def _check_amount(settings: CardFraud, table: Table) -> None:
    schema = table.frame.collect_schema()
    if settings.amount not in schema:
        raise InputError(
            f"table {table.name} has no column '{settings.amount}'",
            code="R041",
            hints=nearest(settings.amount, list(schema)),
        )
    if not schema[settings.amount].is_numeric() and not table.unanswered:
        raise InputError(
            f"column '{settings.amount}' of {table.name} is to be the amount of a payment and holds no numbers",
            code="D062",
            hints=(("to mend", f"read it as a number at ingest: types: {{{settings.amount}: number}}"),),
        )


def _remark(settings: CardFraud, table: Table, moment: str) -> None:
    """Say what in a table of payments may be otherwise than it looks."""
    at, amount = nw.col(moment), nw.col(settings.amount)
    there = table.frame.filter(~at.is_null(), ~amount.is_null())
    lines, paid, below, late = (
        there.select(
            nw.len().alias("lines"),
            (amount > 0).sum().alias("paid"),
            (amount < 0).sum().alias("below"),
            (at.cast(nw.Datetime("us")) >= not_yet()).sum().alias("late"),
        )
        .collect()
        .row(0)
    )
    say_what_lies_ahead(int(late or 0), "payment", table.name)
    if not below:
        return
    column = settings.amount
    if not paid:
        say(
            f"no amount of {table.name} is above 0, and {int(below):,} of {int(lines):,} are negative ('{column}'): "
            "payments seem to be booked as debits, and stopping a fraud would then seem to lose money; turn the sign "
            "at the source",
            caution=True,
        )
    else:
        say(
            f"{int(below):,} of {int(lines):,} amounts of {table.name} {form(int(below), 'is', 'are')} negative "
            f"('{column}'): refunds are no payments, hold them back at ingest, contract: {{columns: {{{column}: "
            "{at_least: 0}}}",
            caution=True,
        )


def _without_truth(frame: nw.LazyFrame[Any], where: nw.Expr) -> nw.LazyFrame[Any]:
    """Return the rows, those of a condition without their truth: they neither teach nor judge."""
    return frame.with_columns(nw.when(~where).then(nw.col(TARGET)).alias(TARGET))


def _in_words(frame: nw.LazyFrame[Any], fraud: str) -> nw.LazyFrame[Any]:
    """Return the rows with their truth in the words of `CLASSES`, whatever labels the table has."""
    label = nw.when(nw.col(TARGET) == fraud).then(nw.lit(FRAUD)).otherwise(nw.lit(GENUINE))
    return frame.with_columns(nw.when(~nw.col(TARGET).is_null()).then(label).alias(TARGET))


def _without_known_cards(frame: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Take the truth away from payments of cards whose first fraud was known before the day began."""
    columns = frame.collect_schema().names()
    first = (
        frame.filter(nw.col(TARGET) == FRAUD, ~nw.col(GROUP).is_null())
        .group_by(GROUP)
        .agg(nw.col(KNOWN_AT).min().alias(FIRST))
    )
    known = (nw.col(FIRST) < nw.col(AS_OF).dt.truncate("1d")).fill_null(False)
    return _without_truth(frame.join(first, on=GROUP, how="left"), known).select(*columns)


def _count(frame: nw.LazyFrame[Any]) -> int:
    return int(frame.select(nw.len()).collect().item())


def _in_words_of_fraud(problem: Problem) -> Problem:
    """Say a problem of classification with the settings of this task."""
    hints = [
        (label, text.replace("set_aside:", "not_known:").replace("positive:", "fraud:"))
        for label, text in problem.hints
        if "leave out positive" not in text
    ]
    return replace(problem, message=problem.message.replace("the positive class", "fraud"), hints=tuple(hints))
