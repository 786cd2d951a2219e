"""Tells what the guard and the contracts did to the tables that have entered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sartor.guard.treatments import AuditOnly, Drop, Generalise, Mask, Pseudonymise, ShiftDates
from sartor.stages.keeping import Kept
from sartor.wording import form, listed, plural

if TYPE_CHECKING:
    from sartor.session import Session


def tell_timeless(session: Session, kept: Mapping[str, Kept]) -> None:
    """Say of which tables ``--as-of`` takes nothing away: those whose lines have no moment."""
    timeless = [name for name in kept if session.recipe.ingest[name].time is None]
    if session.as_of is None or not timeless:
        return
    tables = f"{form(len(timeless), 'table', 'tables')} {listed(timeless)} {form(len(timeless), 'has', 'have')}"
    session.context(("ingest",)).note(
        f"--as-of takes nothing away from what has no time, and {tables} none: "
        "say at ingest which column holds the moment of a line, time: COLUMN",
        caution=True,
    )


def tell_guard(session: Session, kept: Mapping[str, Kept]) -> None:
    """Tell what privacy made of the tables, where it says anything."""
    privacy = session.recipe.privacy
    refused = sum(entry.about["refused"] for entry in kept.values())
    retention = privacy.limits.retention
    ages = retention.every is not None or bool(retention.tables)
    expired = sum(entry.about.get("expired", 0) for entry in kept.values())
    timeless = [name for name in kept if session.recipe.ingest[name].time is None]
    if retention.every is not None and timeless:
        session.context(("privacy",)).note(
            f"nothing tells how old the lines of {listed(timeless)} are, so all of them enter: say at ingest which "
            "column holds the moment of a line, time: COLUMN",
            caution=True,
        )
    if not privacy.columns and privacy.consent is None and not ages:
        return
    with session.stage("guard") as stage:
        words: dict[str, int] = {}
        for treatment in privacy.columns.values():
            words[treatment.told] = words.get(treatment.told, 0) + 1
        told = sorted(words.items(), key=lambda word: _ORDER.index(word[0]))
        parts = [f"{number if place else plural(number, 'column')} {what}" for place, (what, number) in enumerate(told)]
        if privacy.consent is not None:
            parts.append(f"{plural(refused, 'line')} without consent")
        if ages:
            parts.append(f"{plural(expired, 'line')} older than they may be kept")
        stage.line = ", ".join(parts)
        stage.summary = {
            **{_SUMMARY[told]: words.get(told, 0) for told in _ORDER if told in words or told in _ORDER[:2]},
            **({"without_consent": refused} if privacy.consent is not None else {}),
            **({"expired": expired} if ages else {}),
        }


_SUMMARY = {
    AuditOnly.told: "audit_only",
    Drop.told: "dropped",
    Pseudonymise.told: "pseudonymised",
    Generalise.told: "generalised",
    ShiftDates.told: "shifted",
    Mask.told: "masked",
}
"""What the guard's summary calls the treatments."""
_ORDER = list(_SUMMARY)


def tell_contract(session: Session, kept: Mapping[str, Kept]) -> None:
    """Tell what the contracts found, where there are any."""
    held = {name: kept[name].about for name in kept if session.recipe.ingest[name].contract is not None}
    if not held:
        return
    with session.stage("contract") as stage:
        repaired = sum(about["repaired"] for about in held.values())
        aside = sum(about["set_aside"] for about in held.values())
        stage.line = f"{repaired:,} repaired, {aside:,} set aside"
        stage.summary = {
            "tables": {
                name: {
                    "repaired": about["repaired"],
                    "set_aside": about["set_aside"],
                    "rules": [
                        {"column": column, "rule": rule, "outcome": outcome, "count": count}
                        for column, rule, outcome, count in about["rules"]
                    ],
                }
                for name, about in held.items()
            }
        }
