"""What differs between sites: columns that one of them does not have, and how common the event is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING

from sartor.errors import InputError, nearest
from sartor.wording import listed, percent
from sartor_domains.healthcare.semantics.findings import Finding
from sartor_plugins.learn.outcome_labels import label_of

if TYPE_CHECKING:
    from sartor_domains.healthcare.cohort import Cohort

MOST_ZEROS = 0.9
"""A site where a number is 0 in at least this share, and nowhere else nearly so, does not have it."""
CLEARLY = 4.0
"""Standard errors by which a site's share of events must differ from that of the others to be told."""


@dataclass(frozen=True)
class Site:
    """Counts at one site.

    Parameters
    ----------
    name : str
    patients, events, known : int
        Lines, those with the event, and those of which it is known.
    present, zeros : mapping of column to int
    """

    name: str
    patients: int
    events: int
    known: int
    present: Mapping[str, int]
    zeros: Mapping[str, int]

    def lacks(self, column: str, absent_from: float) -> bool:
        """Whether a column is missing in more than a share of the lines here."""
        return self.patients - self.present[column] > absent_from * self.patients


@dataclass(frozen=True)
class Absences:
    """What sites do not have, and what is left out for it."""

    findings: list[Finding]
    left_out: list[str]


def absences(sites: Sequence[Site], settings: Cohort, columns: Sequence[str]) -> Absences:
    """Find columns that a site hardly has; with a target site those it lacks are left out.

    Raises
    ------
    InputError
        If there is no such site, or nothing is left.
    """
    target = None if settings.target_site is None else label_of(settings.target_site)
    names = [site.name for site in sites]
    if target is not None and target not in names:
        raise InputError(
            f"no line has the site '{target}' in '{settings.site}'; it holds {', '.join(map(repr, names[:12]))}",
            code="D194",
            hints=nearest(target, names),
        )
    findings: list[Finding] = []
    left_out: list[str] = []
    for column in columns:
        lacking = [site for site in sites if site.lacks(column, settings.absent_from)]
        if not lacking or len(lacking) == len(sites):
            continue
        where = listed(f"{percent(1 - site.present[column] / site.patients)} of {site.name}" for site in lacking)
        here = any(site.name == target for site in lacking)
        what = f"'{column}' is missing in {where}"
        if here:
            left_out.append(column)
            findings.append(Finding("absent", column, what, f"it is left out, as {target} does not have it"))
        else:
            mend = "name the site where answers will be used, target_site: SITE, to leave it out"
            findings.append(Finding("absent", column, what, mend, weighty=target is None))
    for column in columns:
        findings += _all_zero(sites, column)
    if columns and len(left_out) == len(columns):
        raise InputError(f"the site '{target}' has none of the {len(columns)} predictors", code="D194")
    return Absences(findings, left_out)


def _all_zero(sites: Sequence[Site], column: str) -> list[Finding]:
    """Find a number that is 0 nearly everywhere at one site, and hardly ever at some other."""
    share = {site.name: site.zeros[column] / site.present[column] for site in sites if site.present[column]}
    full = [name for name, zeros in share.items() if zeros >= MOST_ZEROS]
    if not full or min(share.values()) > 0.1 * MOST_ZEROS:
        return []
    where = listed(f"{percent(share[name])} of {name}" for name in full)
    return [
        Finding(
            "zeros",
            column,
            f"'{column}' is 0 in {where}, and elsewhere hardly ever: it was not measured there",
            f"say so at ingest, contract: {{columns: {{{column}: {{missing_codes: [0]}}}}}}",
        )
    ]


def prevalences(sites: Sequence[Site], target: str | None) -> list[Finding]:
    """Find sites where the event is clearly more, or less, common than at the others together."""
    told = [site for site in sites if site.known]
    events, known = sum(site.events for site in told), sum(site.known for site in told)
    if len(told) < 2 or not 0 < events < known:
        return []
    overall = events / known
    apart = [
        site
        for site in told
        if abs(site.events / site.known - overall) > CLEARLY * sqrt(overall * (1 - overall) / site.known)
    ]
    if not apart:
        return []
    shares = listed(f"{percent(site.events / site.known)} at {site.name}" for site in told)
    mend = "risks that were learned at one site need not hold at another: see healthcare.recalibrated"
    return [Finding("prevalence", "", f"the event is not equally common at all sites: {shares}", mend)]
