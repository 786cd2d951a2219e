"""The answer of a run, made from its stored summary alone: the decision, what it is worth, how sure, and the gates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sartor.cli.alike import alike_lines
from sartor.cli.figures import UNKNOWN, bar, duration, metric_decimals, number
from sartor.cli.look import BAD, DOUBT, GOOD, QUIET, STRONG, TYPED, Look, cells, wrap
from sartor.cli.standing import Summary, tables
from sartor.cli.worths import worth_lines
from sartor.wording import listed

_LABELS = 8


def answer(summary: Summary, look: Look) -> list[str]:
    """Return the lines that answer a run.

    Parameters
    ----------
    summary : mapping
        The summary of a run, as its folder holds it.
    look : Look

    Returns
    -------
    list of str
        A failed gate comes first; it is the headline then.
    """
    gates = gate_lines(summary.get("gates") or [], look)
    failed = bool(gates) and any(not gate.get("passed") for gate in summary["gates"])
    lines = [*gates, ""] if failed else []
    lines += headline(summary, look)
    for part in tables(summary, look):
        lines += ["", *part]
    if summary.get("information"):
        lines += ["", *worth_lines(summary["information"], look, sentences=False)]
    lines.append("")
    lines += alike_lines(summary, look)
    lines += [] if failed else gates
    lines += delivery_lines(summary, look)
    lines += _places(summary, look)
    return lines


def headline(summary: Summary, look: Look) -> list[str]:
    """Return the decision, at the start of a line, and below it which of its data is made up."""
    lines = [look.paint(line, STRONG) for line in headlines(summary)]
    made_up = summary.get("simulated") or []
    if made_up:
        lines.append(look.paint(f"simulated data: {listed(made_up)}", DOUBT))
    return lines


def headlines(summary: Summary) -> list[str]:
    """Return the decision as a sentence, a sentence for each where a recipe has several actions.

    Examples
    --------
    >>> headlines({"headline": "Accept 1 of 2."}), headlines({})
    (['Accept 1 of 2.'], [])
    """
    actions = summary.get("actions") or {}
    if len(actions) > 1:
        return [f"{name}: {action['headline']}" for name, action in actions.items()]
    return [str(summary["headline"])] if summary.get("headline") else []


def short_answer(summary: Summary, look: Look) -> list[str]:
    """Return what ``--quiet`` says: the decision and where the rest is."""
    lines = headline(summary, look)
    place = summary.get("report") or summary.get("folder")
    return [*lines, look.text(place)] if place else lines


def _places(summary: Summary, look: Look) -> list[str]:
    lines = []
    for label, key in (("report", "report"), ("run", "folder")):
        if summary.get(key):
            lines.append(f"{label:<{_LABELS}}{look.paint(summary[key], QUIET)}")
            break
    if summary.get("seconds") is not None:
        lines.append(look.paint(f"done in {_seconds(summary['seconds'])}", QUIET))
    return lines


def _seconds(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 59.95 else duration(seconds)


# ---------------------------------------------------------------------------------------------------------------
# Gates
# ---------------------------------------------------------------------------------------------------------------


def gate_lines(gates: Sequence[Mapping[str, Any]], look: Look) -> list[str]:
    """Return what the gates say: all of them when they passed, those that failed when not.

    Examples
    --------
    >>> gate_lines([{"metric": "auc", "at_least": 0.7, "value": 0.771, "passed": True}], Look())
    ['gates   passed 1 of 1: auc 0.771 (≥ 0.70)']
    """
    if not gates:
        return []
    failed = [gate for gate in gates if not gate.get("passed")]
    shown = failed or gates
    word, style = ("failed", BAD) if failed else ("passed", GOOD)
    begin = f"{'gates':<{_LABELS}}{look.paint(word, style)} {len(shown)} of {len(gates)}: "
    separator = "; " if failed else ", "
    items = [look.text(gate_in_words(gate) + separator) for gate in shown[:-1]] + [look.text(gate_in_words(shown[-1]))]
    if failed:
        code = failed[0].get("code") or _GATE_CODE
        items[-1] += "; "
        items.append("nothing was delivered. ")
        items.append(f"To mend: {look.paint(f'sartor explain {code}', TYPED)}")
    return _folded(begin, items, look)


_GATE_CODE = "G002"


def delivery_lines(summary: Summary, look: Look) -> list[str]:
    """Return what was delivered, a line for each place, or why nothing was; nothing where a failed gate says it.

    Examples
    --------
    >>> delivery_lines({"delivery": {"why": "that takes --live", "receipts": []}}, Look())
    ['deliver nothing was delivered (that takes --live)']
    """
    from sartor.delivery import Receipt

    delivery = summary.get("delivery") or {}
    if any(not gate.get("passed") for gate in summary.get("gates") or []):
        return []
    if delivery.get("why"):
        return [look.text(f"{'deliver':<{_LABELS}}nothing was delivered ({delivery['why']})")]
    lines: list[str] = []
    for receipt in delivery.get("receipts") or []:
        done = Receipt(receipt["rows"], receipt["added"], receipt["changed"]).in_words()
        label = "" if lines else "deliver"
        lines.append(look.text(f"{label:<{_LABELS}}{receipt['step']}: {done}, in {receipt['target']}"))
    return lines


def _folded(begin: str, items: Sequence[str], look: Look) -> list[str]:
    """Put items behind one another; where a person looks on, a new line where they would not fit."""
    lines, line = [], begin
    for position, item in enumerate(items):
        shown = item.rstrip()
        if look.fold and position and cells(line) + cells(shown) > look.width:
            lines.append(line.rstrip())
            line = " " * _LABELS
        if look.fold and cells(line) + cells(shown) > look.width:
            # The item alone is longer than a line.
            first, *rest = wrap(shown, max(20, look.width - _LABELS), first=cells(line) - _LABELS)
            *full, line = [line + first, *(" " * _LABELS + part for part in rest)]
            lines += full
        else:
            line += shown
        line += item[len(shown) :]
    return [*lines, line.rstrip()]


def gate_in_words(gate: Mapping[str, Any]) -> str:
    """Return a gate with its value and its bar, with its interval where it failed.

    Examples
    --------
    >>> gate_in_words({"metric": "ks", "at_least": 0.5, "value": 0.31, "low": 0.2, "high": 0.4, "passed": False})
    'ks 0.310, 0.200 to 0.400 (≥ 0.50)'
    """
    name = str(gate["metric"]) + "".join(
        f" {word} {gate[key]}" for key, word in (("model", "of"), ("action", "of"), ("by", "by")) if gate.get(key)
    )
    value, low, high = gate.get("value"), gate.get("low"), gate.get("high")
    limits = limits_of(gate)
    if value is None:
        return f"{name} ({limits}): {gate.get('reason') or UNKNOWN}"
    decimals = metric_decimals([value])
    said = f"{name} {number(value, decimals)}"
    if not gate.get("passed") and low is not None and high is not None:
        said += f", {number(low, decimals)} to {number(high, decimals)}"
    if gate.get("passed") and gate.get("within_interval"):
        limits += ", passed within its interval"
    said += f" ({limits})"
    reason = gate.get("reason")
    return f"{said}: {reason}" if reason and not gate.get("passed") else said


def limits_of(gate: Mapping[str, Any]) -> str:
    """Return the bar of a gate.

    Examples
    --------
    >>> limits_of({"at_most": 0.05}), limits_of({"at_least": 0.7, "at_most": 1.3})
    ('≤ 0.05', '0.70 to 1.30')
    """
    least, most = gate.get("at_least"), gate.get("at_most")
    if gate.get("between"):
        least, most = gate["between"]
    if least is not None and most is not None:
        return f"{bar(least)} to {bar(most)}"
    return f"≥ {bar(least)}" if least is not None else f"≤ {bar(most)}" if most is not None else UNKNOWN


def caution(text: str, look: Look, left: int = 10) -> list[str]:
    """Return a caution, ``!`` before it, folded where a person looks on.

    Examples
    --------
    >>> caution("298 rows judge; intervals are wide", Look(), left=1)
    ['!  298 rows judge; intervals are wide']
    """
    shown = look.text(text)
    folded = wrap(shown, max(20, look.width - left - 2)) if look.fold else [shown]
    begin = " " * (left - 1) + look.paint("!", DOUBT)
    return [f"{begin}  {folded[0]}", *(" " * (left + 2) + line for line in folded[1:])]
