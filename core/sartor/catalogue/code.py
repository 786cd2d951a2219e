"""The record behind an error code."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Code:
    """One kind of mistake, explained.

    Parameters
    ----------
    code : str
        A letter for the group and three digits: R recipe, D data, P privacy, X plugin, G gates, U usage.
    title : str
        What is wrong, in a few words.
    explanation : str
        Why it is an error, and how to mend it; whole sentences.
    wrong, right : str
        A short example where it helps.
    """

    code: str
    title: str
    explanation: str
    wrong: str = ""
    right: str = ""

    def __str__(self) -> str:
        parts = [f"{self.code}  {self.title}", "", self.explanation]
        if self.wrong:
            parts += ["", "wrong:", *(f"    {line}" for line in self.wrong.splitlines())]
        if self.right:
            parts += ["", "right:", *(f"    {line}" for line in self.right.splitlines())]
        return "\n".join(parts)
