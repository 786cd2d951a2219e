"""What ``sartor runs diff`` shows: what changed between two runs, and what came of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from sartor.cli.answer import limits_of
from sartor.cli.figures import metric_decimals, money_decimals, number
from sartor.cli.layout import Cell, Column, table, total_width
from sartor.cli.look import BAD, DOUBT, GOOD, QUIET, STRONG, Look, cells, pad, wrap
from sartor.wording import listed, plural

if TYPE_CHECKING:
    from sartor.runs.comparing import Compared, Moves, Number
    from sartor.runs.paired import Difference
    from sartor.runs.settled import Change

_VERBS = 7
_SHOWN = 12
"""Changes of a kind that are shown one by one."""
_LEAST = 8
_BEGIN = 2 + _VERBS + 2
_BETWEEN = 4
_SHORTEST = 28
"""Columns that the values of a change want: behind a longer path there is no room, and they stand below it."""
_NOT_SHOWN = "not shown"
_THE_SAME = "the same"


def diff_lines(compared: Compared, look: Look) -> list[str]:
    """Return the comparison of two runs as lines."""
    lines = [_title(compared, look), *_changed(compared, look), *_same(compared, look)]
    numbers = _numbers(compared, look)
    decisions = [line for moves in compared.moves for line in _moved(moves, compared, look)]
    for one in compared.numbers:
        if one.target is not None and one.difference is not None and one.gate is None:
            said = f"  {one.label} is right at {one.target:g}: its difference is that of the distances from there"
            decisions += [look.paint(line, QUIET) for line in (_folded(said, look) if look.fold else [said])]
    if compared.why_not and compared.numbers:
        decisions.append(look.paint(f"  no paired differences: {compared.why_not}", DOUBT))
    return [*lines, *numbers, *decisions]


def _folded(text: str, look: Look) -> list[str]:
    return ["  " + line for line in wrap(text.strip(), max(30, look.width - 2))]


def _title(compared: Compared, look: Look) -> str:
    before, after = compared.before, compared.after
    data = "same data" if compared.same_data else "other data"
    words = ", ".join(word for word in (data, f"{compared.split} split" if compared.split else "") if word)
    if before.recipe == after.recipe:
        return look.text(f"{before.recipe or 'runs'}   {before.run} → {after.run}   {words}")
    return look.text(f"{before.name} → {after.name}   {words}")


def _changed(compared: Compared, look: Look) -> Iterator[str]:
    changes = [*compared.settings, *compared.versions]
    for what in ("changed", "added", "removed"):
        own = [change for change in changes if change.what == what]
        yield from _change_lines(what, own, look)
    for name, word in compared.tables.items():
        if word != "same":
            yield _said(word, f"table {name}{_sizes(compared, name)}", look)
    if compared.champions[0] != compared.champions[1]:
        yield _said("changed", f"champion  {compared.champions[0]} → {compared.champions[1]}", look)


def _change_lines(what: str, changes: list[Change], look: Look) -> Iterator[str]:
    shown = changes[:_SHOWN]
    most = look.width - _BEGIN - _BETWEEN - _SHORTEST if look.fold else None
    short = [cells(change.path) for change in shown if most is None or cells(change.path) <= most]
    width = max(short, default=0)
    for change in shown:
        values = [value for value in (change.before, change.after) if value]
        if most is not None and cells(change.path) > most:
            yield _said(what, look.cut(change.path, look.width - _BEGIN), look)
            left = _BEGIN + _BETWEEN
            yield (" " * left + _cut(values, look, look.width - left)).rstrip()
        else:
            room = look.width - _BEGIN - width - _BETWEEN
            yield _said(what, f"{change.path:<{width + _BETWEEN}}{_cut(values, look, room)}".rstrip(), look)
    if len(changes) > len(shown):
        yield _said(what, f"and {len(changes) - len(shown)} more; all of them with --json", look)


def _cut(values: list[str], look: Look, room: int) -> str:
    """Return what a value was and is; both whole where they fit, and in a file."""
    arrow, texts = look.text(" → "), [look.text(value) for value in values]
    if look.fold and cells(arrow.join(texts)) > room:
        each = max(_LEAST, (room - cells(arrow) * (len(texts) - 1)) // max(1, len(texts)))
        texts = [look.cut(text, each) for text in texts]
    return arrow.join(texts)


def _said(what: str, text: str, look: Look) -> str:
    return f"  {look.paint(what, STRONG)}{' ' * (_VERBS - len(what))}  {look.text(text)}"


def _sizes(compared: Compared, name: str) -> str:
    old, new = (sizes.get(name) for sizes in compared.sizes)
    if old is None or new is None:
        rows = new if old is None else old
        return "" if rows is None else f"  {plural(rows, 'row')}"
    return f"  {old:,} → {plural(new, 'row')}" if old != new else f"  {plural(old, 'row')}, other content"


def _same(compared: Compared, look: Look) -> Iterator[str]:
    words = ["all other settings" if compared.settings else "all settings"]
    if not compared.versions:
        words.append("versions")
    rows = sum(compared.sizes[1].get(name, 0) for name, word in compared.tables.items() if word == "same")
    if rows:
        words.append(plural(rows, "row"))
    yield f"  same     {look.text(', '.join(words))}"


# ---------------------------------------------------------------------------------------------------------------
# Numbers
# ---------------------------------------------------------------------------------------------------------------


def _numbers(compared: Compared, look: Look) -> list[str]:
    if not compared.numbers:
        return []
    rows = [_texts(one) for one in compared.numbers]
    share = f"difference, {100 * compared.confidence:g} %" if any(row[3] for row in rows) else ""
    least = _widest_label(compared, look)
    columns = [
        Column("", [Cell(row[0], STRONG) for row in rows], gap=2, least=least),
        Column("before", [Cell(row[1]) for row in rows], right=True, gap=3),
        Column("after", [Cell(row[2]) for row in rows], right=True, gap=3),
        Column(share, [Cell(row[3]) for row in rows], gap=3),
    ]
    heading, *lines = table(columns, look)
    before_difference, behind = total_width(columns[:3], look) + 3, total_width(columns, look) + 3
    shown = [heading]
    for one, row, line in zip(compared.numbers, rows, lines, strict=True):
        if one.gate is not None:
            shown += _put(line, before_difference, _gate(one, look), look)
        else:
            shown += _put(line, behind, look.paint(row[4], _style(row[4])), look)
    return shown


def _put(line: str, place: int, text: str, look: Look) -> list[str]:
    """Put a text behind a line at a place; below it where a terminal is too narrow."""
    if not text:
        return [line]
    if not look.fold or place + cells(text) <= look.width:
        return [pad(line, place) + text]
    return [line, " " * max(_LEAST, min(place, look.width - cells(text))) + text]


def _texts(one: Number) -> tuple[str, str, str, str, str]:
    """Return label, before, after, difference and verdict; a gate that turned out otherwise stands in their place."""
    decimals = money_decimals([one.before, one.after]) if one.money else metric_decimals([one.before, one.after])
    before, after = number(one.before, decimals), number(one.after, decimals)
    if one.gate is not None or one.difference is None:
        return one.label, before, after, "", ""
    difference = one.difference
    return one.label, before, after, _interval(difference, decimals), _verdict(difference)


def _verdict(difference: Difference) -> str:
    """Return the verdict in the words of a comparison; numbers that agree in every redraw are the same."""
    if difference.value == 0 and not difference.low and not difference.high:
        return _THE_SAME
    return _NOT_SHOWN if difference.verdict == "no difference shown" else difference.verdict


def _interval(difference: Difference, decimals: int) -> str:
    middle = number(difference.value, decimals, sign=True)
    if difference.low is None or difference.high is None:
        return middle
    ends = (number(end, decimals, sign=True) for end in (difference.low, difference.high))
    return f"{middle} ({' to '.join(ends)})"


def _gate(one: Number, look: Look) -> str:
    if one.gate is None:
        return ""
    before, after, gate = one.gate
    style = BAD if after == "failed" else GOOD
    return look.text(f"gate {limits_of(gate)}: {before} → ") + look.paint(after, style)


def _style(verdict: str) -> str:
    return DOUBT if _NOT_SHOWN in verdict else ""


# ---------------------------------------------------------------------------------------------------------------
# Decisions
# ---------------------------------------------------------------------------------------------------------------


def _label(moves: Moves, compared: Compared) -> str:
    return "decisions" if len(compared.moves) == 1 else f"decisions of {moves.action}"


def _widest_label(compared: Compared, look: Look) -> int:
    labels = [*(one.label for one in compared.numbers), *(_label(moves, compared) for moves in compared.moves)]
    return max(cells(look.text(label)) for label in labels)


def _moved(moves: Moves, compared: Compared, look: Look) -> list[str]:
    label, width = _label(moves, compared), _widest_label(compared, look)
    said = [f"{moves.same:,} of {moves.total:,} the same"]
    said += [f"{before} → {after} {count:,}" for before, after, count in moves.moved]
    if moves.gone or moves.new:
        only = [f"{moves.gone:,} before" * bool(moves.gone), f"{moves.new:,} after" * bool(moves.new)]
        said.append(f"{listed([word for word in only if word])} only")
    text = f"{said[0]}; {', '.join(said[1:])}" if len(said) > 1 else said[0]
    left = 2 + width + 2
    shown = wrap(look.text(text), max(30, look.width - left)) if look.fold else [look.text(text)]
    begin = f"  {look.paint(label, STRONG)}{' ' * (width - cells(label))}  "
    return [begin + shown[0], *(" " * left + line for line in shown[1:])]


# ---------------------------------------------------------------------------------------------------------------
# JSON
# ---------------------------------------------------------------------------------------------------------------


def diff_json(compared: Compared) -> dict[str, Any]:
    """Return the comparison as one versioned object."""
    return {
        "schema": 1,
        "before": {"recipe": compared.before.recipe, "run": compared.before.run, "champion": compared.champions[0]},
        "after": {"recipe": compared.after.recipe, "run": compared.after.run, "champion": compared.champions[1]},
        "settings": [vars(change) for change in compared.settings],
        "versions": [vars(change) for change in compared.versions],
        "tables": dict(compared.tables),
        "split": compared.split or None,
        "numbers": [_number_json(one) for one in compared.numbers],
        "unpaired": compared.why_not or None,
        "decisions": [
            {
                **vars(moves),
                "moved": [{"before": before, "after": after, "rows": rows} for before, after, rows in moves.moved],
            }
            for moves in compared.moves
        ],
    }


def _number_json(one: Number) -> dict[str, Any]:
    difference = one.difference
    return {
        "label": one.label,
        "before": one.before,
        "after": one.after,
        "difference": None if difference is None else difference.value,
        "low": None if difference is None else difference.low,
        "high": None if difference is None else difference.high,
        "verdict": None if difference is None else difference.verdict,
        "gate": None if one.gate is None else {"before": one.gate[0], "after": one.gate[1]},
    }
