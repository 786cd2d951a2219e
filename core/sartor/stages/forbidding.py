"""Forbidden attributes: no feature, and not all of them together, may stand for one.

The attribute is stored apart, as what is for audit only is; here it meets the features of the training rows, and only
concordances leave.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sartor.errors import PrivacyStop, Problem
from sartor.evidence.proxies import Proxies, Told, proxies
from sartor.guard.limits import TOGETHER, Forbidden
from sartor.rows import GROUP
from sartor.stages.auditing import audited_columns
from sartor.wording import listed, plural

if TYPE_CHECKING:
    import narwhals as nw

    from sartor.session import Session
    from sartor.stages.framing import Frame

_MOST_NAMED = 8


def check_forbidden(session: Session, frame: Frame, audit: Mapping[str, nw.LazyFrame[Any]]) -> dict[str, Any]:
    """Hold the features against every forbidden attribute; return what was found, in JSON types.

    Raises
    ------
    PrivacyStop
        Naming the features that stand for an attribute.
    """
    forbid = session.recipe.privacy.limits.forbid
    if not forbid:
        return {}
    context = session.context(("privacy",))
    said: dict[str, Any] = {}
    problems: list[Problem] = []
    with session.stage("forbid") as stage:
        there = audited_columns(session, frame, audit)
        train = frame.parts.train
        X, places = frame.looked_at(train)
        X = X.reset_index(drop=True)
        groups = frame.spine[GROUP].to_numpy()[places] if GROUP in frame.spine else None
        for column, rule in forbid.items():
            for name in rule.accept:
                if name not in frame.features and name != TOGETHER:
                    context.note(f"no feature is called '{name}', which may stand for '{column}'", caution=True)
            if column in there:
                found = proxies(X, there[column].iloc[places].reset_index(drop=True), groups, tuple(rule.accept))
            else:
                found = Proxies(0, why_not="the rows do not say whose it is")
            said[column] = _plain(found, rule)
            problems += _judged(session, column, rule, found)
        stage.line = f"{plural(len(forbid), 'attribute')} held against {plural(X.shape[1], 'feature')}"
        stage.summary = {column: one["verdict"] for column, one in said.items()}
        if problems:
            raise PrivacyStop(problems)
    return said


def _judged(session: Session, column: str, rule: Forbidden, found: Proxies) -> list[Problem]:
    """Return what stops the run; tell what is in doubt, and what was accepted."""
    context = session.context(("privacy",))
    for feature, reason in rule.accept.items():
        who = "all features together" if feature == TOGETHER else f"'{feature}'"
        context.note(f"{who} may stand for '{column}': {reason}")
    if found.why_not or found.together is None:
        context.note(f"whether features stand for '{column}' cannot be told: {found.why_not}", caution=True)
        return []
    looked = [*found.each, *([] if TOGETHER in rule.accept else [found.together])]
    beyond = [one for one in looked if one.low > rule.at_most]
    if not beyond:
        doubtful = [one for one in looked if one.value > rule.at_most]
        if doubtful:
            named = listed([_named(one) for one in doubtful[:_MOST_NAMED]])
            context.note(f"'{column}' may be told by {named}; {found.rows:,} rows do not show it", caution=True)
        return []
    single = [one for one in beyond if one.feature]
    shown = single or beyond
    strongest = [one.feature for one in single[:_MOST_NAMED]] or [one.feature for one in found.each[:3]]
    more = f" and {len(shown) - _MOST_NAMED} more" if len(shown) > _MOST_NAMED else ""
    message = (
        f"'{column}' is forbidden, and features stand for it: {'; '.join(map(_named, shown[:_MOST_NAMED]))}{more}. "
        f"At most {rule.at_most:g} is allowed, and 0.5 is chance"
    )
    accepted = "together" if not single else strongest[0]
    hints = (
        ("to mend", f"drop or generalise {listed(strongest)} under privacy: columns"),
        ("or", f"forbid: {{{column}: {{accept: {{{accepted}: why it may stand for it all the same}}}}}}"),
    )
    where = session.recipe.document.where_key(("privacy", "forbid", column))
    return [Problem("P007", message, where, hints)]


def _named(one: Told) -> str:
    what = f"'{one.feature}'" if one.feature else "all features together"
    group = f", {one.group}" if one.group else ""
    return f"{what} ({one.value:.2f}, {one.low:.2f} to {one.high:.2f}{group})"


def _plain(found: Proxies, rule: Forbidden) -> dict[str, Any]:
    looked = [*found.each, *([found.together] if found.together and TOGETHER not in rule.accept else [])]
    verdict = "cannot tell" if found.why_not else "not shown"
    if any(one.low > rule.at_most for one in looked):
        verdict = "told"
    elif looked and all(one.high <= rule.at_most for one in looked):
        verdict = "not told"
    return {
        "verdict": verdict,
        "rows": found.rows,
        "at_most": rule.at_most,
        "together": vars(found.together) if found.together else None,
        "each": [vars(one) for one in found.each[:_MOST_NAMED]],
        "accepted": dict(rule.accept),
        "why_not": found.why_not,
    }
