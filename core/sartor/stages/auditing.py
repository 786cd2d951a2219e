"""Audit: what decisions do to groups of people, by columns that no feature, model or action has seen.

Here alone columns that are kept for audit meet decisions, after all of them are made. They come from the stored tables
by the rows' keys, and only numbers of groups leave.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sartor.errors import PluginError
from sartor.evidence.audited import Audited, ByColumn, measured_by, measured_over_all
from sartor.evidence.grouping import groups_of, texts_of
from sartor.evidence.groups import Groups, JudgedDecisions
from sartor.evidence.measure import Measure, check_measures
from sartor.guard.treatments import AuditOnly
from sartor.held import held_in, taken
from sartor.rows import ROW
from sartor.wording import listed, plural

if TYPE_CHECKING:
    import narwhals as nw

    from sartor.components import Action
    from sartor.evidence.bootstrap import Measured, Redraws
    from sartor.session import Session
    from sartor.stages.deciding import Decided
    from sartor.stages.framing import Frame

    Audit = Mapping[str, nw.LazyFrame[Any]]


def audit_all(
    session: Session,
    actions: Mapping[str, Action],
    decided: Mapping[str, Decided],
    frame: Frame,
    audit: Audit,
    redraws: Redraws,
) -> dict[str, Audited]:
    """Measure the decisions of every action that has measures.

    Parameters
    ----------
    session : Session
    actions : mapping of name to Action
    decided : mapping of name to Decided
    frame : Frame
    audit : mapping of table to LazyFrame
        Keys, and the columns that are kept for audit only.
    redraws : Redraws
        Of the judged rows, in the order of the rounds.
    """
    measures = {name: _measures_of(session, name, action) for name, action in actions.items()}
    asked = {name: found for name, found in measures.items() if found and ROW in decided[name].decisions}
    if not asked:
        return {}
    columns = audited_columns(session, frame, audit)
    return {
        name: _audit_one(session, name, found, decided[name], frame, columns, redraws) for name, found in asked.items()
    }


def _measures_of(session: Session, name: str, action: Action) -> tuple[Measure, ...]:
    use = session.recipe.actions[name].use
    with session.step(("actions", name), use, "measures"):
        measures = tuple(action.measures())
        wrong = check_measures(measures)
        if wrong:
            raise PluginError(f"actions.{name}: '{use}' breaks the contract of measures: {wrong}", code="X021")
    return measures


def _audit_one(
    session: Session,
    name: str,
    measures: tuple[Measure, ...],
    decided: Decided,
    frame: Frame,
    columns: Mapping[str, pd.Series[Any]],
    redraws: Redraws,
) -> Audited:
    places = judged_places(frame)
    judged = JudgedDecisions(
        decisions=decided.decisions,
        truth=_truth_at(frame.y, places),
        rows=taken(held_in(frame, "rows"), places),
        classes=frame.classes,
        groups=Groups.one(len(places)),
        smallest=session.recipe.privacy.smallest_group,
    )
    use, privacy = session.recipe.actions[name].use, session.recipe.privacy
    by: dict[str, ByColumn] = {}
    with session.step(("actions", name), use, "measures"):
        overall = measured_over_all(measures, judged, redraws)
        for column, values in columns.items() if any(one.compares for one in measures) else ():
            treatment = privacy.columns.get(column)
            said = treatment if isinstance(treatment, AuditOnly) else AuditOnly()
            held, learned = values.iloc[places].reset_index(drop=True), values[frame.parts.train]
            grouped = groups_of(held, learned, said.bands, privacy.smallest_group, dict(said.names))
            by[column] = measured_by(column, measures, judged, grouped, redraws)
    _tell(session, name, by)
    return Audited(measures, overall, by, redraws)


def judged_places(frame: Frame) -> np.ndarray:
    """Return the places of the rows that judge, in the order of the rounds, which is that of decisions."""
    return np.concatenate([np.flatnonzero(part.test) for part in frame.parts.rounds])


def _truth_at(y: Any, places: np.ndarray) -> Any:
    return y.iloc[places].reset_index(drop=True) if isinstance(y, pd.DataFrame) else y[places]


def audited_columns(session: Session, frame: Frame, audit: Audit) -> dict[str, pd.Series[Any]]:
    """Return the columns that groups are made by: those kept for audit, and those of the rows that a gate names."""
    found: dict[str, pd.Series[Any]] = {}
    own = [frame.own_table] if frame.own_table in audit else []
    for table in [*own, *(name for name in audit if name != frame.own_table)]:
        assert table is not None
        key = list(session.recipe.ingest[table].key)
        names = [name for name in audit[table].collect_schema().names() if name not in (*key, *found)]
        if not key or not set(key) <= set(frame.columns):
            context = session.context(("privacy",))
            for name in names:
                context.note(
                    f"'{name}' of table {table} is kept for audit, and the rows do not say whose line it is: "
                    "nothing is compared by it",
                    caution=True,
                )
            continue
        lines = session.engine.fetch(audit[table]).set_index(key)
        at = pd.Index(frame.column(key[0])) if len(key) == 1 else _together(frame, key)
        brought = lines[names].reindex(at).reset_index(drop=True)
        found.update({name: brought[name] for name in names})
        for name in names:
            _check_names(session, name, lines[name])
    for gate in session.recipe.gates:
        if gate.by is not None and gate.by not in found and gate.by in frame.columns:
            found[gate.by] = frame.column(gate.by)
    return found


def _together(frame: Frame, key: list[str]) -> pd.MultiIndex:
    return pd.MultiIndex.from_arrays([frame.column(name) for name in key], names=key)


def _check_names(session: Session, column: str, values: pd.Series[Any]) -> None:
    """Say which of the values that privacy names no line holds: they are misspelt."""
    treatment = session.recipe.privacy.columns.get(column)
    if isinstance(treatment, AuditOnly) and treatment.names:
        there = set(texts_of(values).dropna())
        lost = [value for value, _ in treatment.names if value not in there]
        if lost:
            shown = listed([f"'{value}'" for value in lost])
            context = session.context(("privacy",))
            context.note(f"no line holds {shown} in '{column}', which privacy names as a group", caution=True)


def _tell(session: Session, name: str, by: Mapping[str, ByColumn]) -> None:
    context = session.context(("actions", name))
    for found in by.values():
        if found.why_not:
            context.note(f"nothing is compared by '{found.column}': {found.why_not}", caution=True)
        groups, rows = found.too_small
        if groups:
            context.note(f"{found.column}: {plural(groups, 'group')} of {plural(rows, 'row')} too small to be told of")


# ---------------------------------------------------------------------------------------------------------------
# In JSON types
# ---------------------------------------------------------------------------------------------------------------


def audit_summary(audited: Audited, confidence: float) -> dict[str, Any]:
    """Put what was measured into JSON types.

    Parameters
    ----------
    audited : Audited
    confidence : float
        Of the intervals.
    """
    return {
        "measures": [
            {"name": one.name, "label": one.label, "better": one.better, "about": one.about, "shown": one.shown}
            for one in audited.measures
        ],
        "overall": {name: _group_interval(measured, confidence) for name, measured in audited.overall.items()},
        "by": {column: _by_column(found, confidence) for column, found in audited.by.items()},
    }


def _by_column(found: ByColumn, confidence: float) -> dict[str, Any]:
    return {
        "groups": [
            {
                "group": name,
                "rows": found.rows[at],
                "compared": sorted(found.compared[at]),
                "measures": {
                    measure: _group_interval(each[at], confidence) for measure, each in (found.each or {}).items()
                },
            }
            for at, name in enumerate(found.groups)
        ],
        "too_small": {"groups": found.too_small[0], "rows": found.too_small[1]},
        "worst": {
            name: {
                **_group_interval(pair, confidence),
                "lower": pair.lower,
                "higher": pair.higher,
                "comparisons": pair.comparisons,
            }
            for name, pair in (found.worst or {}).items()
            if pair is not None
        },
        "why_not": found.why_not,
    }


def _group_interval(measured: Measured, confidence: float) -> dict[str, float | None]:
    """Return a value with the ends of its interval; without ends where no redraw can move it.

    None accepted of 15 people stays none in every redraw, which says nothing of how sure it is.
    """
    interval = measured.interval(confidence)
    if interval is None or interval.low == interval.high:
        return {"value": measured.value, "low": None, "high": None}
    return {"value": measured.value, "low": interval.low, "high": interval.high}
