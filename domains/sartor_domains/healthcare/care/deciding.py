"""Puts patients on the list, the highest risk first, and says what raises their risk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sartor.errors import InputError, nearest
from sartor.rows import ROW
from sartor.wording import form, plural, singular
from sartor_domains.healthcare.care.risks import Risks, risks_of
from sartor_domains.healthcare.care_list import CARE, USUAL

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sartor.context import Context
    from sartor.rows import Scoring
    from sartor_domains.healthcare.care_list import CareList


def decide(settings: CareList, predictions: pd.DataFrame, scoring: Scoring, context: Context) -> pd.DataFrame:
    """Return the decisions, a line for each patient."""
    if not context.piecewise:
        _check_named(settings, scoring)
    risks = risks_of(settings, predictions, scoring)
    listed = on_the_list(risks.risk, settings.acts_from, settings.at_most)
    factors, changeable = _factors(settings, scoring, listed, context)
    decisions = pd.DataFrame(
        {
            ROW: scoring.rows[ROW].to_numpy(),
            "decision": pd.Series(np.where(listed, CARE, USUAL), dtype="str"),
            "place": _places(risks.risk, listed),
            "risk": risks.risk,
            "risk_low": risks.low,
            "risk_high": risks.high,
            "unsure": unsure(risks, settings.acts_from),
            "factors": factors,
            "changeable": changeable,
        }
    )
    if context.explain is not None and not context.piecewise:
        _tell(settings, decisions, scoring, context)
    return decisions


def on_the_list(risk: NDArray[np.float64], acts_from: float, at_most: float = 1.0) -> NDArray[np.bool_]:
    """Return who is on the list: from a risk on, and not more than there is room for; of equal risks the first rows.

    Examples
    --------
    >>> on_the_list(np.array([0.3, 0.05, 0.2, 0.2]), acts_from=0.1, at_most=0.5).tolist()
    [True, False, True, False]
    """
    worth_it = risk >= acts_from
    room = int(np.floor(at_most * len(risk) + 1e-9))
    if int(worth_it.sum()) <= room:
        return worth_it
    best = np.argsort(-risk, kind="stable")[:room]
    listed = np.zeros(len(risk), dtype=bool)
    listed[best] = True
    return listed & worth_it


def _places(risk: NDArray[np.float64], listed: NDArray[np.bool_]) -> Any:
    places = np.full(len(risk), np.nan)
    order = np.argsort(-risk, kind="stable")
    order = order[listed[order]]
    places[order] = np.arange(1, len(order) + 1)
    return places


def unsure(risks: Risks, acts_from: float) -> NDArray[np.bool_]:
    """Return whose interval spans the threshold: a little more or less evidence would turn the decision."""
    return (risks.low < acts_from) & (risks.high >= acts_from)


def _check_named(settings: CareList, scoring: Scoring) -> None:
    there = [*map(str, scoring.rows.columns), *map(str, scoring.X.columns)]
    for what, names in (
        ("changeable", settings.changeable),
        ("factors", settings.factors),
        ("not_factors", settings.not_factors),
    ):
        for name in names:
            if name not in there:
                raise InputError(
                    f"{what} names '{name}', and the rows have no such column",
                    code="R041",
                    hints=nearest(name, there),
                )


def _factors(
    settings: CareList, scoring: Scoring, listed: NDArray[np.bool_], context: Context
) -> tuple[list[list[str]], list[list[str]]]:
    """Return for each patient on the list what raises the risk most, and what of it can be changed."""
    nothing: list[list[str]] = [[] for _ in range(len(scoring))]
    if context.explain is None or not listed.any():
        return nothing, [[] for _ in range(len(scoring))]
    contributions = context.explain(scoring.take(listed))
    if contributions is None:
        return nothing, [[] for _ in range(len(scoring))]
    changeable: list[list[str]] = [[] for _ in range(len(scoring))]
    names = [str(name) for name in contributions.columns]
    values = contributions.to_numpy(dtype=np.float64)
    for place, line in zip(np.flatnonzero(listed).tolist(), values, strict=True):
        rising = [int(at) for at in np.argsort(-line, kind="stable") if line[at] > 0]
        told = [names[at] for at in rising if names[at] not in settings.not_factors]
        nothing[place] = _distinct(called(settings, name) for name in told)[: settings.most_factors]
        changeable[place] = _distinct(settings.changeable[name] for name in told if name in settings.changeable)
    return nothing, changeable


def _distinct(texts: Any) -> list[str]:
    return list(dict.fromkeys(texts))


def called(settings: CareList, name: str) -> str:
    """Return what a factor is called.

    Examples
    --------
    >>> from sartor_domains.healthcare.care_list import CareList
    >>> settings = CareList(threshold=0.1, changeable={"trestbps": "Blood pressure"})
    >>> called(settings, "trestbps"), called(settings, "worst_area")
    ('Blood pressure', 'Worst area')
    """
    words = name.replace("_", " ").strip()
    return settings.changeable.get(name) or settings.factors.get(name) or words[:1].upper() + words[1:]


def _tell(settings: CareList, decisions: pd.DataFrame, scoring: Scoring, context: Context) -> None:
    noun = settings.called(scoring.rows)
    everyone = plural(len(decisions), singular(noun), noun)
    listed = int((decisions["decision"] == CARE).sum())
    worth_it = int((decisions["risk"] >= settings.acts_from).sum())
    if worth_it > listed:
        context.note(
            f"{worth_it - listed:,} of {everyone} {form(worth_it - listed, 'has', 'have')} a risk that is worth acting "
            f"on, and there is no room for {form(worth_it - listed, 'it', 'them')} on the list"
        )
    if not listed:
        context.note(f"nobody is on the list: no risk reaches {settings.acts_from:.3g}", caution=True)
