"""What the suites ask of the sections that a component yields for the report."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sartor.stages.section_contract import problem_of


def problem_in_sections(records: Any) -> str | None:
    """Return what is wrong with the sections that a verb yields; None if nothing is.

    Examples
    --------
    >>> problem_in_sections(["text"])
    'sections: it yields str where a Section is due'
    """
    if not isinstance(records, Iterable):
        return f"sections must yield records, and returns {type(records).__name__}"
    seen: set[str] = set()
    for record in records:
        wrong = problem_of(record) or (f"it yields '{record.id}' twice" if record.id in seen else "")
        if wrong:
            return f"sections: {wrong}"
        seen.add(record.id)
    return None
