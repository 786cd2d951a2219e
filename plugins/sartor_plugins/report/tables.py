"""A table of a section as HTML: real rows and headings, its last column drawn, readable aloud and on a phone."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sartor_plugins.report.drawn import Mark, Scale, axis, drawing
from sartor_plugins.report.markup import Child, Markup, said, tag
from sartor_plugins.report.numbers import UNKNOWN, amount, cell_numbers, decimals_of, span

DRAWN = ("interval", "bar", "waterfall")
READ_ALOUD = "said"
"""A text column of this name holds what is read of each line of a figure; it is no column of the table."""
FEW_COLUMNS = 4
_LONG_NAME = re.compile(r"\w{24,}")
MANY_LINES = 16
"""A longer table shows its first lines and folds the others away."""

Told = Mapping[str, Any]
"""A table in JSON types, as ``sections.json`` has it."""


def table_of(
    caption: str,
    columns: Sequence[Mapping[str, Any]],
    lines: Sequence[Sequence[Any]],
    **more: Any,
) -> dict[str, Any]:
    """Return a table of the report's own in the form that sections have."""
    defaults = {"of": "number", "digits": None, "signed": False, "about": "", "reference": 0.0}
    ends = {"at_least": None, "at_most": None, "kind": "text", "field": ""}
    given = {"hidden": [], "ours": [], "tones": [], "parts": False, "left_out": 0, **more}
    full = [{**defaults, **ends, **column} for column in columns]
    return {"caption": caption, "columns": full, "lines": [list(line) for line in lines], **given}


@dataclass
class Shown:
    """One table while it is written.

    Parameters
    ----------
    table : mapping
    unit : str
        Of money.
    smallest : int
        What hidden lines have fewer rows than.
    """

    table: Told
    unit: str
    smallest: int
    columns: list[tuple[int, Told]] = field(init=False)
    decimals: dict[int, int] = field(init=False)
    scales: dict[int, Scale] = field(init=False)

    def __post_init__(self) -> None:
        """Find decimals and scales, which all lines of a column share."""
        self.columns = [
            (place, column) for place, column in enumerate(self.table["columns"]) if not _is_read_aloud(column)
        ]
        self.decimals = {place: self._decimals(place, column) for place, column in self.columns}
        self.scales = {place: self._scale(place, column) for place, column in self.columns if column["kind"] in DRAWN}

    def _cells(self, place: int) -> list[Any]:
        return [line[place] for line in self.table["lines"]]

    def _decimals(self, place: int, column: Told) -> int:
        of = column["of"] if column["kind"] in (*DRAWN, "range") else column["kind"]
        values = [value for cell in self._cells(place) for value in cell_numbers(cell)]
        return decimals_of(of, values, column["digits"])

    def _scale(self, place: int, column: Told) -> Scale:
        marks = [Mark.of(cell, column["kind"]) for cell in self._cells(place)]
        known = [mark for mark in marks if mark is not None]
        ours = [known.index(mark) for at in self.table["ours"] if (mark := marks[at]) is not None]
        return Scale.over(known, column["reference"], ours, (column["at_least"], column["at_most"]))

    def text(self, place: int, column: Told, cell: Any) -> str:
        """Return what a cell says."""
        kind, decimals, signed = column["kind"], self.decimals[place], column["signed"]
        if cell is None:
            return UNKNOWN
        if kind == "text":
            return str(cell)
        if kind == "range":
            low, high = cell
            return span(low, high, column["of"], decimals, unit=self.unit, sign=signed) or UNKNOWN
        if kind in DRAWN:
            mark = Mark.of(cell, kind)
            value = amount(mark.value if mark else None, column["of"], decimals, unit=self.unit, sign=signed)
            ends = span(mark.low, mark.high, column["of"], decimals, unit=self.unit) if mark else ""
            return f"{value} ({ends})" if ends else value
        return amount(cell, kind, decimals, unit=self.unit, sign=signed)

    def cell(self, place: int, column: Told, cell: Any, tone: str) -> Markup:
        """Return a cell; what is drawn is also said, for readers."""
        if column["kind"] in DRAWN:
            reference, of = column["reference"], column["of"]
            mark = Mark.of(cell, column["kind"])
            drawn = drawing(mark, column["kind"], self.scales[place], reference, of, tone, self.unit)
            return tag("td.g", tag("span.vh", self.text(place, column, cell)), drawn)
        label = column["title"] or None
        if column["kind"] == "text":
            return tag("td.t", _two_lines(str(cell if cell is not None else "")), data_t=label)
        return tag(f"td.{'iv' if column['kind'] == 'range' else 'v'}", self.text(place, column, cell), data_t=label)

    def line(self, number: int, *, begins: bool = False) -> Markup:
        """Return a line of the body; a name that the line above has too is only read aloud, unless the body begins."""
        cells = self.table["lines"][number]
        ours = number in self.table["ours"]
        # Where no line is ours all of them are: what the model does, the stages of the run.
        ours_drawn = ours or not self.table["ours"]
        tone = (self.table["tones"][number] if self.table["tones"] else "") or ("ours" if ours_drawn else "")
        (first, column), *rest = self.columns
        name = str(cells[first]) if column["kind"] == "text" else self.text(first, column, cells[first])
        again = not begins and number > 0 and str(self.table["lines"][number - 1][first]) == str(cells[first])
        head = tag("th", tag("span.vh", said(name)) if again else _two_lines(name), scope="row")
        classes = ".us" if ours else ""
        if number in self.table["hidden"]:
            why = f"fewer than {self.smallest} rows, or told with those that are"
            return tag(f"tr{classes}", head, tag("td.few", why, colspan=len(rest)) if rest else None)
        return tag(f"tr{classes}", head, [self.cell(place, column, cells[place], tone) for place, column in rest])

    def heading(self) -> Markup:
        """Return the line of column titles."""
        return tag("thead", tag("tr", [self._title(place, column) for place, column in self.columns]))

    def _title(self, place: int, column: Told) -> Markup:
        about = tag("small", column["about"]) if column["about"] else None
        if column["kind"] in DRAWN:
            own: Child = tag("span", column["title"]) if column["title"] else tag("span.vh", "drawn")
            return tag("th.g", own, about, axis(self.scales[place], column["of"]), scope="col")
        right = "" if column["kind"] in ("text", "range") or place == self.columns[0][0] else ".r"
        title = column["title"] or tag("span.vh", self.table["caption"] if place == self.columns[0][0] else "value")
        return tag(f"th{right}", title, about, scope="col")


def table_html(table: Told, unit: str, smallest: int, *, shows_caption: bool = False, fold: bool = True) -> Markup:
    """Return a table as HTML.

    Parameters
    ----------
    table : mapping
        As ``sections.json`` has it.
    unit : str
        Of money.
    smallest : int
        Lines of fewer rows are hidden in it already; the number says why.
    shows_caption : bool
        Whether the caption is seen, or only read aloud.
    fold : bool
        Whether a long table is folded.
    """
    shown = Shown(table, unit, smallest)
    drawn = any(column["kind"] in DRAWN for _, column in shown.columns)
    simple = len(shown.columns) <= FEW_COLUMNS and drawn and sum(c["kind"] in DRAWN for _, c in shown.columns) == 1
    kind = ".rc" if drawn and simple else ".rc.many" if drawn else ".plain"
    caption = tag(f"caption{'' if shows_caption else '.vh'}", said(table["caption"]))
    numbers = range(len(table["lines"]))
    head = shown.heading()
    if not fold or len(numbers) <= MANY_LINES:
        return tag(f"table{kind}", caption, head, tag("tbody", [shown.line(number) for number in numbers]))
    first, rest = numbers[: MANY_LINES - 4], numbers[MANY_LINES - 4 :]
    more = tag("caption.vh", f"{table['caption']}, further lines")
    return tag(
        "div",
        tag(f"table{kind}", caption, head, tag("tbody", [shown.line(number) for number in first])),
        tag(
            "details",
            tag("summary", f"The other {len(rest):,} of {len(numbers):,} lines"),
            tag(
                f"table{kind}",
                more,
                head,
                tag("tbody", [shown.line(number, begins=number == rest[0]) for number in rest]),
            ),
        ),
    )


def read_aloud(table: Told, unit: str) -> list[str]:
    """Return a sentence for each line of a figure's table, as arrows read it."""
    shown = Shown(table, unit, 0)
    own = next((place for place, column in enumerate(table["columns"]) if _is_read_aloud(column)), None)
    if own is not None:
        return [str(line[own] or "") for line in table["lines"]]
    return [
        "; ".join(
            f"{column['title']} {shown.text(place, column, line[place])}".strip()
            for place, column in shown.columns
            if line[place] is not None
        )
        for line in table["lines"]
    ]


def _is_read_aloud(column: Told) -> bool:
    return bool(column["field"] == READ_ALOUD and column["kind"] == "text")


def _two_lines(value: str) -> list[Child]:
    first, _, rest = value.partition("\n")
    return [_breakable(said(first)), tag("small", said(rest)) if rest else None]


def _breakable(told: Markup) -> Markup:
    """Let a long name break at its underscores, and not in the middle of a word."""
    return Markup(_LONG_NAME.sub(lambda found: found[0].replace("_", "_<wbr>"), told))
