"""What a look at the columns found: plain records, said in sentences that name how to mend."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from sartor.errors import InputError, Problem


@dataclass(frozen=True)
class Finding:
    """One thing about a column, or about the lines.

    Parameters
    ----------
    kind : str
        ``zeros``, ``negative``, ``consequence``, ``absent``, ``constant``, ``tokens``, ``repeats``, ``prevalence``.
    column : str
        Empty where it is about lines.
    what : str
        The finding, as a clause without a full stop.
    mend : str
        What to write, or to look at.
    stops : bool
        It cannot be right: the run ends.
    weighty : bool
        The terminal shows it, and the report counts it among its cautions.
    """

    kind: str
    column: str
    what: str
    mend: str
    stops: bool = False
    weighty: bool = True

    def said(self) -> str:
        """Return the finding with how to mend it, as one text."""
        return f"{self.what}; {self.mend}"

    def facts(self) -> dict[str, Any]:
        """Return it in JSON types."""
        return asdict(self)


CODES = {"consequence": "D193"}
"""The codes of findings that stop."""


def stop(findings: list[Finding]) -> None:
    """End the run if anything found cannot be right.

    Raises
    ------
    InputError
        Naming all of it.
    """
    stopping = [finding for finding in findings if finding.stops]
    if stopping:
        raise InputError(
            Problem(CODES[finding.kind], finding.what, hints=(("to mend", finding.mend),)) for finding in stopping
        )
