"""What a report is made of: plain records that tasks, models and actions yield from their verb ``sections``.

A `Section` has a place in the report, a sentence written from numbers, and a table or a figure. The core checks the
records, hides what tells of too few rows, and writes them into the run's folder; the report alone decides how they
look. A section holds aggregates only: never a row of data, never a name or key of one.

Texts are plain. ``**bold**`` and `` `code` `` are the only marks; whatever else stands in a text, HTML for instance, is
shown as it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from re import sub
from typing import Any, Literal, get_args

__all__ = [
    "CAUTION",
    "DECLINE",
    "INK",
    "KINDS",
    "LINE",
    "OTHERS",
    "OURS",
    "PLACES",
    "REFER",
    "SMALLEST_GROUP",
    "SOFT",
    "Caution",
    "Figure",
    "Kind",
    "Place",
    "Section",
    "Table",
    "TableColumn",
    "Tone",
    "pooled",
]

SMALLEST_GROUP = 10
"""Nothing is told of fewer rows than this, unless ``privacy: {smallest_group: N}`` says otherwise."""

Place = Literal["decision", "worth", "sure", "data", "advantage", "analyst", "making"]
PLACES: tuple[Place, ...] = get_args(Place)
"""Where a section can stand, in the report's order."""

Kind = Literal["text", "count", "money", "number", "share", "range", "interval", "bar", "waterfall"]
KINDS: tuple[Kind, ...] = get_args(Kind)
"""What a column of a table holds; the last three are drawn."""
DRAWN = ("interval", "bar", "waterfall")

Tone = Literal["", "ours", "others", "refer", "decline", "ink"]
TONES: tuple[Tone, ...] = get_args(Tone)

# Colours of figures: the report's own, so that one drawing serves light, dark and print.
OURS = "var(--ours)"
OTHERS = "var(--others)"
REFER = "var(--refer)"
DECLINE = "var(--decline)"
CAUTION = "var(--caution)"
INK = "var(--ink)"
SOFT = "var(--soft)"
LINE = "var(--line)"


@dataclass(frozen=True)
class TableColumn:
    """A column of a table.

    Parameters
    ----------
    title : str
        Above the column; may be empty above a drawn one.
    kind : {"text", "count", "money", "number", "share", "range", "interval", "bar", "waterfall"}
        What its cells hold. ``text``: a text, whose second line is shown small. ``count``: a whole number. ``money``:
        an amount in the recipe's currency. ``share``: 0.15, shown as 15 %. ``range``: a pair (low, high), shown as
        "low to high". ``interval``, ``bar``, ``waterfall`` are drawn, best as the last column: a dot, a bar from zero,
        a bar from ``start`` to ``value``. Their cells are a number or (value, low, high); of a waterfall
        (start, value) or (start, value, low, high), all on one scale. None is an empty cell.
    of : {"number", "money", "share", "count"}
        What the numbers of a range or a drawn column are.
    digits : int, optional
        Behind the point; 3 for numbers and 0 for shares and money unless said.
    signed : bool
        Whether a plus is shown.
    about : str
        A few words below the title.
    name : str
        The field's name in a figure's data: letters, digits and ``_``. Made from the title unless given. Pairs and
        drawn cells have fields of their own: ``NAME_low``, ``NAME_high``, ``NAME_start``. A text column called ``said``
        holds what is read aloud of each line of a figure, and is no column of its table.
    reference : float
        Where a line is drawn behind drawn marks: no difference, a coin's AUC.
    at_least, at_most : float, optional
        Ends of the scale of a drawn column; what lies beyond is an arrow at the edge with its number.

    Examples
    --------
    >>> TableColumn("Share accepted", "share").field
    'share_accepted'
    """

    title: str
    kind: Kind = "text"
    of: Literal["number", "money", "share", "count"] = "number"
    digits: int | None = None
    signed: bool = False
    about: str = ""
    name: str = ""
    reference: float = 0.0
    at_least: float | None = None
    at_most: float | None = None

    @property
    def field(self) -> str:
        """Its name in a figure's data."""
        made = sub(r"\W+", "_", (self.name or self.title).strip().lower()).strip("_")
        return f"_{made}" if made[:1].isdigit() else made


@dataclass(frozen=True)
class Table:
    """Lines of aggregates.

    Parameters
    ----------
    caption : str
        What it shows, in one sentence; read aloud, and shown where the section's own sentence does not say it.
    columns : sequence of TableColumn
        The first names the lines, and is best a text.
    lines : sequence of sequences
        The cells of each line, as the columns' kinds say.
    counts : int, sequence of int, or None
        Of how many rows of data the lines tell: one number for all lines, or one for each. A line that tells of fewer
        than ``context.smallest_group`` rows (and more than none) is hidden. None says that the lines tell of no rows:
        settings, learned numbers.
    ours : sequence of int
        The places of the lines that are about this run's own answer; they are bold and in colour.
    tones : sequence of str
        A colour for each line: ``ours``, ``others``, ``refer``, ``decline``, ``ink``, or empty.
    parts : bool
        Draw one bar of all lines, which are the parts of a whole: the first column names a part, the second is its
        count, a third says more. For the place ``decision``.

    Examples
    --------
    >>> Table(
    ...     "Defaults by band of points",
    ...     [TableColumn("Band"), TableColumn("Applications", "count"), TableColumn("Default rate", "bar", of="share")],
    ...     [["below 400", 80, (0.6, 0.49, 0.7)], ["400 and above", 218, (0.2, 0.15, 0.26)]],
    ...     counts=[80, 218],
    ... ).columns[0].title
    'Band'
    """

    caption: str
    columns: Sequence[TableColumn]
    lines: Sequence[Sequence[Any]]
    counts: int | Sequence[int] | None
    ours: Sequence[int] = ()
    tones: Sequence[Tone] = ()
    parts: bool = False


@dataclass(frozen=True)
class Figure:
    """A shape: curve, histogram, calibration, map of time. Few named things are better a table with a drawn column.

    Parameters
    ----------
    title : str
        What it shows.
    reading : str
        How to read it, in one sentence, shown below the title.
    spec : mapping
        Vega-Lite 5 without ``data``, ``width``, ``config`` and addresses: mark, encoding, layer, transform. Its data
        are the lines of `table`, by the fields of the columns. Colours are those of this module, such as `OURS`.
    table : Table
        What it is drawn from, shown as "as a table"; lines that are hidden there are not drawn.
    sentence : str
        What is seen, for who does not see it.
    narrow : mapping, optional
        The spec for a screen of 330 px, where the wide one does not fit: facets in fewer columns.
    size : {"full", "half"}
        Drawn 940 or 480 px wide; two halves that follow each other stand side by side.
    slider : str
        Label of a slider that reads the lines one by one, such as "Share of applications accepted". It only looks
        back: say so in the section's note.
    """

    title: str
    reading: str
    spec: Mapping[str, Any]
    table: Table
    sentence: str
    narrow: Mapping[str, Any] | None = None
    size: Literal["full", "half"] = "full"
    slider: str = ""


@dataclass(frozen=True)
class Section:
    """A part of the report.

    Parameters
    ----------
    id : str
        Lower-case words with hyphens: ``score-bands``; each once in a component.
    place : {"decision", "worth", "sure", "data", "advantage", "analyst", "making"}
        Business reader first: what a meeting needs stands in the first five.
    title : str
    sentence : str
        What is found, written from the numbers, each beside its alternative and its interval; with a form for good,
        poor and refused.
    figure : Figure, optional
    table : Table, optional
    note : str
        Small print below.

    Examples
    --------
    >>> Section("kept", "analyst", "What was kept", "**13 of 20** columns say something.").place
    'analyst'
    """

    id: str
    place: Place
    title: str
    sentence: str
    figure: Figure | None = None
    table: Table | None = None
    note: str = ""


@dataclass(frozen=True)
class Caution:
    """Something to know before the run's answer is used, found by a check of the numbers; never a general warning.

    Parameters
    ----------
    id : str
        Lower-case words with hyphens.
    sentence : str
        It names the number, and what to do.
    weight : float
        0 to 1; the report shows the three heaviest. A gate that passed by a hair has 0.6, fewer than 500 rows 0.5.
    """

    id: str
    sentence: str
    weight: float = field(default=0.5)


def pooled(counts: Sequence[int], smallest: int) -> list[tuple[int, int]]:
    """Put neighbours together until none tells of too few rows.

    Parameters
    ----------
    counts : sequence of int
        Rows in each bin of an order.
    smallest : int
        ``context.smallest_group``.

    Returns
    -------
    list of (start, stop)
        Places of the bins that go together; one range with all of them where there are too few rows in all.

    Examples
    --------
    >>> pooled([3, 9, 40, 2], smallest=10)
    [(0, 2), (2, 4)]
    """
    ranges: list[tuple[int, int]] = []
    start = held = 0
    for place, count in enumerate(counts):
        held += count
        if held >= smallest:
            ranges.append((start, place + 1))
            start, held = place + 1, 0
    if start < len(counts):
        # What is left over at the end goes to its neighbour.
        first = ranges.pop()[0] if ranges else 0
        ranges.append((first, len(counts)))
    return ranges
