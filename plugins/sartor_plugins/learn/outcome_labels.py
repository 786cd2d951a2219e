"""The labels of a classification: as text, counted, and put into the order in which models answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import narwhals as nw

from sartor.errors import InputError, nearest
from sartor.wording import plural

if TYPE_CHECKING:
    from sartor_plugins.learn.tasks import Label

MOST_CLASSES = 100
"""More different labels than this are no classes."""
WHOLE_UP_TO = 1e15
"""Whole numbers up to this are written without a point, whatever type they come in."""
KNOWN = ("to mend", "give lines whose outcome is known, or name the column that holds it: outcome: COLUMN")
"""What is said where no line has an outcome."""
EVENTS = {("0", "1"), ("-1", "1"), ("false", "true"), ("f", "t"), ("no", "yes"), ("n", "y")}
"""Pairs of labels whose second is plainly the event."""


def label_of(value: Label) -> str:
    """Return a label as text, as it is compared.

    Examples
    --------
    >>> label_of(1), label_of(1.0), label_of(True), label_of(" bad ")
    ('1', '1', 'true', 'bad')
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


@dataclass(frozen=True)
class Labels:
    """The labels that a column holds, and which of them are classes."""

    table: str
    outcome: str
    counts: dict[str, int]
    set_aside: list[str]
    whose: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "whose", f"the outcome '{self.outcome}' of table {self.table}")

    def classes(self, positive: str | None, negative: str | None) -> tuple[str, ...]:
        """Return the classes in the order of answers."""
        there = {label: count for label, count in self.counts.items() if label not in self.set_aside}
        if not there:
            raise InputError(
                f"no line of table {self.table} has a label in '{self.outcome}': there is nothing to learn from",
                code="D075",
                hints=(KNOWN,),
            )
        if len(there) == 1:
            ((label, count),) = there.items()
            raise InputError(
                f"{self.whose} has one class only: '{label}' in {all_lines(count)}",
                code="D070",
                hints=(("to mend", "give lines of another class; without them there is nothing to tell apart"),),
            )
        self._check_known([label for label in (positive, negative) if label is not None])
        if positive is not None:
            return self._two(there, positive, negative)
        if len(there) == 2:
            return self._plain(there)
        # Where any number of classes is right, a label that was misspelt in set_aside would be one more of them.
        self._check_known(self.set_aside)
        if len(there) > MOST_CLASSES:
            raise InputError(
                f"{self.whose} has more than {MOST_CLASSES} different values: they are no classes",
                code="D074",
                hints=(("to mend", "use: learn.regression for numbers, or group the values into classes first"),),
            )
        return tuple(sorted(there, key=_in_order))

    def _check_known(self, named: Sequence[str]) -> None:
        for label in named:
            if label not in self.counts:
                near = tuple(hint for hint in nearest(label, self.counts) if hint[0] == "did you mean")
                raise InputError(
                    f"{self.whose} never holds '{label}'; it holds {self._told(self.counts)}",
                    code="D073",
                    hints=near or (("to mend", "name a label as the column holds it, capital letters included"),),
                )

    def _two(self, there: dict[str, int], positive: str, negative: str | None) -> tuple[str, str]:
        others = [label for label in there if label != positive]
        if negative is not None:
            unexpected = [label for label in others if label != negative]
            declared = f"'{positive}' and '{negative}' are declared"
        else:
            unexpected = others if len(others) > 1 else []
            declared = f"'{positive}' and one other are expected"
        if positive not in there or positive == negative:
            raise InputError(
                f"{self.whose}: '{positive}' cannot be the positive class and something else at once", code="D073"
            )
        if unexpected:
            rare = min(unexpected, key=lambda label: (there[label], label))
            raise InputError(
                f"{self.whose} holds {self._told(there)}; {declared}",
                code="D071",
                hints=(
                    ("to mend", f"where '{rare}' means that the outcome is not known: set_aside: [{_yaml(rare)}]"),
                    ("or", "leave out positive to tell all of them apart"),
                ),
            )
        return others[0] if negative is None else negative, positive

    def _plain(self, there: dict[str, int]) -> tuple[str, str]:
        by_name = {label.lower(): label for label in there}
        for other, event in EVENTS:
            if set(by_name) == {other, event}:
                return by_name[other], by_name[event]
        rare = min(there, key=lambda label: (there[label], label))
        raise InputError(
            f"{self.whose} holds {self._told(there)}, and nothing says which of them is the event",
            code="D072",
            hints=(("to mend", f"name it: positive: {_yaml(rare)}; the probability of '{rare}' is then told"),),
        )

    def _told(self, counts: dict[str, int]) -> str:
        ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
        shown = [f"'{label}' ({count:,})" for label, count in ordered[:8]]
        return ", ".join(shown) + (f" and {len(ordered) - 8:,} more" if len(ordered) > 8 else "")


def _in_order(label: str) -> tuple[int, float, str]:
    """Sort key that puts numbers in their order, before words."""
    try:
        return 0, float(label), label
    except ValueError:
        return 1, 0.0, label


def _yaml(label: str) -> str:
    """Return a label as it is written in a recipe: what would be read as something else goes in quotes."""
    plain = label.replace("_", "a").replace(" ", "a").isalnum() and not label[0].isdigit()
    return label if plain and label.lower() not in ("true", "false", "yes", "no", "null", "on", "off") else f'"{label}"'


def label_text(frame: nw.LazyFrame[Any], column: str) -> nw.Expr:
    """Return a column's labels as text; null where there is none."""
    dtype = frame.collect_schema()[column]
    if dtype.is_float() or dtype.is_decimal():
        number = nw.col(column).cast(nw.Float64)
        is_whole = (number == number.floor()) & (number.abs() < WHOLE_UP_TO)
        # The whole part is taken before the cast: both arms are computed for every line.
        whole = nw.when(is_whole).then(number).otherwise(0.0).cast(nw.Int64).cast(nw.String)
        written = nw.when(is_whole).then(whole).otherwise(number.cast(nw.String))
        return nw.when(number.is_finite()).then(written)
    text = nw.col(column).cast(nw.String).str.strip_chars()
    return nw.when(text != "").then(text)


def label_counts(frame: nw.LazyFrame[Any], label: nw.Expr) -> dict[str, int]:
    """Return how many lines carry each label, the commonest first; one more than `MOST_CLASSES` at most."""
    labels = frame.select(label.alias("label")).filter(~nw.col("label").is_null())
    # One more than there may be tells that there are too many; an identifier does not come into memory.
    found = labels.group_by("label").agg(nw.len().alias("lines")).sort("lines", "label", descending=[True, False])
    return {str(name): int(lines) for name, lines in found.head(MOST_CLASSES + 1).collect().iter_rows()}


def lines(count: int) -> str:
    """Return a number of lines in words.

    Examples
    --------
    >>> lines(1), lines(1200)
    ('1 line', '1,200 lines')
    """
    return plural(count, "line")


def all_lines(count: int) -> str:
    """Return in words that all lines with a truth are meant."""
    return "the only line that has one" if count == 1 else f"all {count:,} lines that have one"
