"""Puts words and numbers into columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sartor.cli.look import QUIET, Look, cells, pad

GAP = 2


@dataclass(frozen=True)
class Cell:
    """What stands in one place of a table.

    Parameters
    ----------
    text : str
    style : str
        A style of `sartor.cli.look`.
    """

    text: str = ""
    style: str = ""


@dataclass(frozen=True)
class Column:
    """A column: a heading and a cell for each line.

    Parameters
    ----------
    heading : str
    cells : sequence of Cell
    right : bool
        Numbers stand at the right.
    gap : int
        Spaces before the column.
    least : int
        Columns that it takes at least.
    """

    heading: str
    cells: Sequence[Cell]
    right: bool = False
    gap: int = GAP
    least: int = 0

    def width(self, look: Look) -> int:
        """Return how wide its widest cell is."""
        return max([self.least, *(cells(look.text(text)) for text in (self.heading, *(c.text for c in self.cells)))])


def total_width(columns: Sequence[Column], look: Look) -> int:
    """Return how wide the columns are side by side."""
    return sum(column.width(look) + column.gap for column in columns)


def table(columns: Sequence[Column], look: Look, *, headings: bool = True) -> list[str]:
    r"""Return the lines of a table.

    Examples
    --------
    >>> names = Column("", [Cell("forest"), Cell("base rate")], gap=0)
    >>> auc = Column("AUC", [Cell("0.785"), Cell("0.500")], right=True)
    >>> print("\n".join(table([names, auc], Look())))
                 AUC
    forest     0.785
    base rate  0.500
    """
    widths = [column.width(look) for column in columns]
    rows = [[Cell(column.heading, QUIET) for column in columns]] if headings else []
    rows += [list(row) for row in zip(*(column.cells for column in columns), strict=True)]
    return [_line(row, columns, widths, look) for row in rows]


def _line(row: Sequence[Cell], columns: Sequence[Column], widths: Sequence[int], look: Look) -> str:
    line, pending = "", ""
    for cell, column, width in zip(row, columns, widths, strict=True):
        shown = look.text(cell.text)
        padded = pad(shown, width, right=column.right)
        body = padded.strip(" ") if shown.strip() else ""
        pending += " " * column.gap
        if not body:
            pending += " " * width
            continue
        left = len(padded) - len(padded.lstrip(" "))
        line += pending + " " * left + look.paint(body, cell.style)
        pending = padded[left + len(body) :]
    return line
