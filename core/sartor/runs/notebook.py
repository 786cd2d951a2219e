"""A run as notebooks show it: what the terminal says, as tables that can be read aloud, in light and in dark."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from sartor.cli.answer import delivery_lines, gate_in_words, headlines
from sartor.cli.figures import metric_decimals, money_decimals, number
from sartor.cli.look import Look
from sartor.cli.standing import Entry, has_numbers, is_sure, model_entries, money_tables, unit_heading
from sartor.wording import listed

Summary = Mapping[str, Any]

# No colour of our own: text, rules and background are those of the notebook, light or dark.
_STYLE = """
.sartor-run table {border-collapse: collapse; margin: 0.8em 0; color: inherit; background: none}
.sartor-run caption {text-align: left; font-weight: bold; padding: 0.2em 0; color: inherit; caption-side: top}
.sartor-run th, .sartor-run td {padding: 0.2em 0.8em; text-align: left; font-variant-numeric: tabular-nums}
.sartor-run .number {text-align: right}
.sartor-run tbody th {font-weight: normal}
.sartor-run tr.ours th, .sartor-run tr.ours td {font-weight: bold}
.sartor-run tr {border-bottom: 1px solid rgba(128, 128, 128, 0.4); background: none}
.sartor-run .wide {overflow-x: auto}
"""
_NUMBER = ' class="number"'


def html_of(summary: Summary) -> str:
    """Return a run as HTML: the decision, what it is worth, how good the models are, the gates, the cautions.

    Parameters
    ----------
    summary : mapping
        As the run's folder holds it. Every text of it is escaped.

    Examples
    --------
    >>> page = html_of({"recipe": "a/b", "run": "1", "headline": "Accept 1 < 2.", "models": {}, "gates": []})
    >>> "<strong>Accept 1 &lt; 2.</strong>" in page
    True
    """
    parts = [f"<p><strong>{escape(line)}</strong></p>" for line in headlines(summary)]
    if summary.get("simulated"):
        parts.append(f"<p>simulated data: {escape(listed(summary['simulated']))}</p>")
    parts += [_money(summary, about, entries) for about, entries in money_tables(summary) if has_numbers(entries)]
    metrics = summary.get("metrics") or []
    models = model_entries(summary, metrics[0]) if metrics else []
    if has_numbers(models):
        parts.append(_models(summary, metrics, models))
    parts.append(_gates(summary.get("gates") or []))
    parts += [f"<p>{escape(line)}</p>" for line in delivery_lines(summary, Look())]
    cautions = [note["text"] for note in summary.get("notes") or [] if note.get("caution")]
    parts.append(_list("Cautions", cautions))
    told = f"{summary['recipe']}, run {summary['run']}"
    return f'<div class="sartor-run"><style>{_STYLE}</style>{"".join(parts)}<p><small>{escape(told)}</small></p></div>'


def _money(summary: Summary, about: str, entries: Sequence[Entry]) -> str:
    decimals = money_decimals([entry.dot.value for entry in entries])
    lines = [_line(entry, "this run", [*_number(entry, decimals), _verdict(entry)]) for entry in entries]
    heading = [(unit_heading(summary), True), (_share(summary), False), ("against this run", False)]
    return _table("What the decisions are worth" + (f": {about}" if about else ""), "policy", heading, lines)


def _models(summary: Summary, metrics: Sequence[Mapping[str, Any]], entries: Sequence[Entry]) -> str:
    first, further = metrics[0], metrics[1:]
    decimals = metric_decimals([entry.dot.value for entry in entries])
    others = [_further(entries, metric["name"]) for metric in further]
    lines = [
        _line(entry, "champion", [*_number(entry, decimals), _verdict(entry), *(other[place] for other in others)])
        for place, entry in enumerate(entries)
    ]
    heading = [(_label(first), True), (_share(summary), False), ("against the champion", False)]
    heading += [(_label(metric), True) for metric in further]
    return _table("How good the models are", "model", heading, lines)


def _label(metric: Mapping[str, Any]) -> str:
    return str(metric.get("label", metric["name"]))


def _share(summary: Summary) -> str:
    return f"{100 * summary.get('confidence', 0.95):g} % interval"


def _further(entries: Sequence[Entry], metric: str) -> list[str]:
    """Return the cells of another metric, one for each model."""
    values = [(entry.metrics or {}).get(metric, {}).get("value") for entry in entries]
    decimals = metric_decimals(values)
    return [_cell("" if value is None else number(value, decimals), True) for value in values]


def _number(entry: Entry, decimals: int) -> list[str]:
    """Return the cells of a number and of its interval."""
    dot = entry.dot
    ends = f"{number(dot.low, decimals)} to {number(dot.high, decimals)}" if is_sure(dot) else ""
    return [_cell("" if dot.value is None else number(dot.value, decimals), True), _cell(ends)]


def _verdict(entry: Entry) -> str:
    return _cell(str((entry.against or {}).get("verdict") or ""))


def _cell(text: str, is_number: bool = False) -> str:
    return f"<td{_NUMBER if is_number else ''}>{escape(text)}</td>"


def _line(entry: Entry, mark: str, cells: Iterable[str]) -> str:
    ours = f'<span role="img" aria-label="{escape(mark)}:">●</span> ' if entry.ours else ""
    begin = '<tr class="ours">' if entry.ours else "<tr>"
    return f'{begin}<th scope="row">{ours}{escape(entry.name)}</th>{"".join(cells)}</tr>'


def _table(caption: str, corner: str, heading: Sequence[tuple[str, bool]], lines: Iterable[str]) -> str:
    head = "".join(f'<th scope="col"{_NUMBER if is_number else ""}>{escape(text)}</th>' for text, is_number in heading)
    return (
        f'<div class="wide"><table><caption>{escape(caption)}</caption>'
        f'<thead><tr><th scope="col">{escape(corner)}</th>{head}</tr></thead>'
        f"<tbody>{''.join(lines)}</tbody></table></div>"
    )


def _gates(gates: Sequence[Mapping[str, Any]]) -> str:
    """Return all gates with their numbers, those that failed first."""
    ordered = sorted(gates, key=lambda gate: bool(gate.get("passed")))
    items = [f"{'passed' if gate.get('passed') else 'failed'}: {gate_in_words(gate)}" for gate in ordered]
    return _list("Gates", items, strong=[not gate.get("passed") for gate in ordered])


def _list(title: str, items: Sequence[str], strong: Sequence[bool] = ()) -> str:
    if not items:
        return ""
    shown = [escape(item) for item in items]
    shown = [f"<strong>{item}</strong>" if any(strong[place : place + 1]) else item for place, item in enumerate(shown)]
    return f"<p>{escape(title)}</p><ul>{''.join(f'<li>{item}</li>' for item in shown)}</ul>"
