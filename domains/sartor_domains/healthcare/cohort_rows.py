"""Rows of patients: who is eligible, what happened to them, and what their columns seem to mean."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import narwhals as nw

from sartor.context import say
from sartor.errors import InputError, nearest
from sartor.rows import TARGET, Rows, Table
from sartor.wording import form, percent, plural
from sartor_domains.healthcare.semantics.looking import Look, look
from sartor_plugins.history.known import known_after
from sartor_plugins.learn.outcome_labels import label_of, label_text
from sartor_plugins.learn.tasks import rows_of_classification
from sartor_plugins.survival.answer import EVENT as EVENT_PART
from sartor_plugins.survival.outcome import rows_of_time_to_event

if TYPE_CHECKING:
    from sartor_domains.healthcare.cohort import Cohort
    from sartor_domains.healthcare.disease_risk import DiseaseRisk
    from sartor_domains.healthcare.survival import Survival

    Label = bool | int | float | str

EVENT, NO_EVENT = "event", "no event"


@dataclass(frozen=True)
class Flow:
    """How many lines are left, step by step, and why."""

    steps: tuple[tuple[str, int], ...] = ()

    def then(self, what: str, left: int) -> Flow:
        """Return the flow with one more step."""
        return Flow((*self.steps, (what, left)))

    @property
    def left(self) -> int:
        """How many lines are left."""
        return self.steps[-1][1]

    def facts(self) -> list[list[Any]]:
        """Return it in JSON types."""
        return [list(step) for step in self.steps]


def rows_of_risk(settings: DiseaseRisk, table: Table) -> Rows:
    """Return the rows of a risk."""
    if table.unanswered:
        return _kept_apart(settings, table, _classified(settings, table, derived=settings.derives))
    chosen, flow = eligible_lines(settings, table)
    looked_at = chosen
    happened = _happened(settings, chosen) if settings.derives else None
    event = None
    if happened is not None:
        chosen, event, flow = _outcome_as_text(settings, chosen, happened, flow)
    rows = _classified(settings, chosen, derived=happened is not None)
    if settings.time_at_risk is not None:
        rows = known_after(rows, settings.time_at_risk)
    known = int(rows.frame.filter(~nw.col(TARGET).is_null()).select(nw.len()).collect().item())
    if known != flow.left:
        flow = flow.then(f"with '{settings.outcome}' known", known)
    if event is None:
        event = label_text(chosen.frame, settings.outcome) == rows.classes[-1]
    # What can only be known afterwards may be filled long after the time that counts.
    return with_meaning(settings, looked_at, rows, event, flow, ever=happened)


def rows_of_survival(settings: Survival, table: Table) -> Rows:
    """Return the rows of survival."""
    terms: dict[str, Any] = {"never": settings.never, "group": settings.person, "as_of": settings.index_date}
    outcome = (settings.time, settings.event, settings.happened, settings.censored, settings.horizons)
    if table.unanswered:
        return _kept_apart(settings, table, rows_of_time_to_event(table, *outcome, **terms))
    chosen, flow = eligible_lines(settings, table)
    rows = rows_of_time_to_event(chosen, *outcome, **terms)
    truth = ~nw.col(f"{TARGET}_{EVENT_PART}").is_null()
    known = int(rows.frame.filter(truth).select(nw.len()).collect().item())
    if known != flow.left:
        flow = flow.then(f"with '{settings.time}' and '{settings.event}' known", known)
    did = settings.happened if isinstance(settings.happened, list) else [settings.happened]
    text = label_text(chosen.frame, settings.event)
    event = nw.when(~text.is_null()).then(text.is_in([label_of(value) for value in did]))
    return with_meaning(settings, chosen, rows, event, flow)


def eligible_lines(settings: Cohort, table: Table) -> tuple[Table, Flow]:
    """Return the table with the lines of those who are eligible, and how many were left by each condition.

    Raises
    ------
    InputError
        If a condition names a column or value that is not there, or nobody is left, or a person has several lines.
    """
    conditions = []
    for column, values in settings.eligible.items():
        if column not in table.columns:
            raise InputError(
                f"table {table.name} has no column '{column}'", code="R041", hints=nearest(column, table.columns)
            )
        wanted = [label_of(value) for value in (values if isinstance(values, list) else [values])]
        conditions.append((f"with {column} {' or '.join(wanted)}", label_text(table.frame, column).is_in(wanted)))
    counts = [nw.len().alias("all")]
    together: Any = nw.lit(True)
    for place, (_, condition) in enumerate(conditions):
        together = together & condition
        counts.append(together.fill_null(False).cast(nw.Int64).sum().alias(str(place)))
    found = [int(value or 0) for value in table.frame.select(*counts).collect().row(0)]
    flow = Flow((("lines of the table", found[0]),))
    for (what, _), left in zip(conditions, found[1:], strict=True):
        flow = flow.then(what, left)
        if not left:
            raise InputError(
                f"nobody is eligible: no line of table {table.name} is left {what}",
                code="D190",
                hints=(("to mend", "see what the column holds: sartor data profile"),),
            )
    kept = table.with_frame(table.frame.filter(*(condition for _, condition in conditions))) if conditions else table
    _check_persons(settings, kept)
    return kept, flow


def _check_persons(settings: Cohort, table: Table) -> None:
    person = settings.person
    if person is None:
        return
    if person not in table.columns:
        raise InputError(
            f"table {table.name} has no column '{person}'", code="R041", hints=nearest(person, table.columns)
        )
    lines, persons = table.frame.select(nw.len(), nw.col(person).n_unique().alias("persons")).collect().row(0)
    if lines > persons:
        raise InputError(
            f"{plural(int(persons), 'person has', 'persons have')} {int(lines):,} lines in table {table.name}: an "
            "outcome that repeats on each of them would be learned and judged more than once",
            code="D191",
            hints=(("to mend", "say which line of a person counts: eligible: {VISIT: 1}"),),
        )


def _classified(settings: DiseaseRisk, table: Table, *, derived: bool) -> Rows:
    event, other = (EVENT, NO_EVENT) if derived else (settings.event, settings.no_event)
    assert not isinstance(event, list)
    return rows_of_classification(
        table, settings.outcome, event, other, never=settings.never, group=settings.person, as_of=settings.index_date
    )


def _happened(settings: DiseaseRisk, table: Table) -> Any:
    """Return whether the event happened, null where that is not known."""
    outcome = settings.outcome
    schema = table.frame.collect_schema()
    if outcome not in schema:
        raise InputError(
            f"table {table.name} has no column '{outcome}'", code="R041", hints=nearest(outcome, list(schema))
        )
    if settings.event_above is not None:
        _check_number(table, outcome, "an event above a number")
        return nw.col(outcome).cast(nw.Float64) > settings.event_above
    text = label_text(table.frame, outcome)
    events = settings.event if isinstance(settings.event, list) else [1 if settings.event is None else settings.event]
    return nw.when(~text.is_null()).then(text.is_in([label_of(value) for value in events]))


def _check_number(table: Table, column: str, what: str) -> None:
    dtype = table.frame.collect_schema()[column]
    if not dtype.is_numeric():
        raise InputError(
            f"column '{column}' of table {table.name} is to tell {what}, and holds no numbers",
            code="D076",
            hints=(("to mend", f"read it as a number at ingest: types: {{{column}: number}}"),),
        )


def _outcome_as_text(settings: DiseaseRisk, table: Table, happened: Any, flow: Flow) -> tuple[Table, Any, Flow]:
    """Put the event, or none, in place of the outcome; with `within` only what happened in time is one.

    Returns the table with it, the expression of the event on the table as it was, and the flow.
    """
    known, event = ~happened.is_null(), happened
    flow = flow.then(f"with '{settings.outcome}' known", _count(table, known))
    if settings.within is not None:
        assert settings.time is not None
        if settings.time not in table.columns:
            raise InputError(
                f"table {table.name} has no column '{settings.time}'",
                code="R041",
                hints=nearest(settings.time, table.columns),
            )
        _check_number(table, settings.time, "the time until the event")
        time = nw.col(settings.time).cast(nw.Float64)
        _check_times(table, settings.time, time)
        _check_within(settings.within, table, settings.time, time, known)
        event = happened & (time <= settings.within)
        lost = known & ~happened & (time < settings.within)
        count = _count(table, lost)
        share = count / max(flow.left, 1)
        if settings.lost == "set_aside":
            known = known & ~lost.fill_null(False)
            flow = flow.then(f"followed up for {settings.within:g}, or with the event before", flow.left - count)
            became = "are set aside, which makes risks too high"
        else:
            became = "count as having none, which makes risks too low"
        if count:
            say(
                f"{plural(count, 'patient')} ({percent(share, 1)}) {form(count, 'was', 'were')} followed up for less "
                f"than {settings.within:g} without the event: they {became}. healthcare.survival loses nobody",
                caution=share > LOST_SHARE,
            )
    text = nw.when(known & event).then(nw.lit(EVENT)).otherwise(nw.when(known & ~event).then(nw.lit(NO_EVENT)))
    return table.with_frame(table.frame.with_columns(text.alias(settings.outcome))), nw.when(known).then(event), flow


def _check_within(within: float, table: Table, column: str, time: Any, known: Any) -> None:
    """Refuse a time that nobody was followed up for: who had no event by then is not known of anybody."""
    longest = table.frame.filter(known).select(time.max()).collect().item()
    if longest is not None and longest < within:
        raise InputError(
            f"within {within:,g} lies beyond all follow-up: nobody of table {table.name} was followed up for longer "
            f"than {longest:,g} ('{column}')",
            code="D198",
            hints=(
                ("to mend", f"take a time up to {longest:,g}, in the unit of '{column}': within: {longest:.10g}"),
                ("or", "see whether the two count in one unit, such as days"),
            ),
        )


LOST_SHARE = 0.01
"""Losing more than this is a caution."""


def _check_times(table: Table, column: str, time: Any) -> None:
    strange = _count(table, time.is_null() | (time < 0))
    if strange:
        raise InputError(
            f"the time '{column}' of table {table.name} is missing or negative in {plural(strange, 'line')}",
            code="D192",
            hints=(("to mend", "set such lines aside: contract with between: [0, ...], otherwise: set_aside"),),
        )


def _count(table: Table, condition: Any) -> int:
    return int(table.frame.select(condition.fill_null(False).cast(nw.Int64).sum().alias("n")).collect().item() or 0)


def with_meaning(
    settings: Cohort, table: Table, rows: Rows, event: Any, flow: Flow, *, ever: Any | None = None
) -> Rows:
    """Return the rows without columns that must not be features, and with what was found out about the others.

    `event` is whether the event happened in the time that counts, and `ever` whether it did at all.

    Raises
    ------
    InputError
        If a column can only be a consequence of the outcome.
    """
    kept = _kept_apart(settings, table, rows)
    barred = {*table.key, *kept.truth, *kept.never}
    candidates = [column for column in table.columns if column not in barred]
    found: Look = look(settings, table, candidates, event, event if ever is None else ever)
    found.stop()
    absent = found.absent_at_target()
    for finding in found.findings:
        say(finding.said(), caution=finding.weighty)
    facts = {"flow": flow.facts(), "meaning": [finding.facts() for finding in found.findings], "sites": found.sites}
    return replace(kept, never=tuple(dict.fromkeys([*kept.never, *absent])), facts=facts)


def _kept_apart(settings: Cohort, table: Table, rows: Rows) -> Rows:
    """Hide what is known only afterwards, and keep away whatever is no predictor."""
    there = table.columns
    named = [*(settings.predictors or ()), *([] if table.unanswered else settings.known_after), *settings.true_zeros]
    for column in named:
        if column not in there and not table.unanswered:
            raise InputError(f"table {table.name} has no column '{column}'", code="R041", hints=nearest(column, there))
    truth = dict.fromkeys([*rows.truth, *settings.known_after])
    time = getattr(settings, "time", None)
    if time is not None:
        truth[time] = None
    never = [*rows.never, *([settings.site] if settings.site is not None and settings.site in there else [])]
    if settings.predictors is not None:
        never += [column for column in there if column not in {*settings.predictors, *truth, *table.key}]
    return replace(rows, truth=tuple(truth), never=tuple(dict.fromkeys(never)))
