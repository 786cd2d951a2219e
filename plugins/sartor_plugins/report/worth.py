"""What the decisions are worth, beside named simple policies."""

from __future__ import annotations

from collections.abc import Iterator

from sartor.wording import listed
from sartor_plugins.report.beside import WORDS, ends, triple
from sartor_plugins.report.facts import Facts, Worth
from sartor_plugins.report.markup import Child, said, tag
from sartor_plugins.report.tables import table_html, table_of
from sartor_plugins.report.words import Standing, capital


def worth(facts: Facts) -> list[Child]:
    """Return sentence and table of what the decisions are worth beside named simple policies; empty without money."""
    return [child for found in facts.worths for child in _of_action(facts, found)]


def _of_action(facts: Facts, found: Worth) -> Iterator[Child]:
    this = "This run" if not found.action else capital(found.action)
    own = found.own
    lines = [[f"{this}\ndecides on {found.model}", own["value"], ends(own), triple(own), "this run"]]
    for name, policy in found.policies:
        standing = Standing.other(policy.get("against"))
        lines.append([capital(name), policy["value"], ends(policy), triple(policy), WORDS[standing.kind]])
    columns = [
        {"title": "Policy"},
        {"title": "Value", "kind": "money"},
        {"title": f"{facts.percent} interval", "kind": "range", "of": "money"},
        {"title": "", "kind": "interval", "of": "money"},
        {"title": "Against this run", "kind": "text"},
    ]
    caption = f"Value of each policy on the {facts.test_rows:,} {facts.noun} that judge"
    if found.action:
        yield tag("h3", capital(found.action))
    yield tag("p.say", said(_worth_said(facts, found)))
    yield table_html(table_of(caption, columns, lines, ours=[0]), facts.unit, facts.smallest)
    about = [f"{capital(name)}: {policy['about']}." for name, policy in found.policies if policy.get("about")]
    if about:
        yield tag("p.small", " ".join(about))


def _worth_said(facts: Facts, found: Worth) -> str:
    how = (
        f"Intervals come from drawing the {facts.test_rows:,} {facts.noun} anew {facts.judge[0]:,} times; "
        "the model itself is held fixed."
    )
    if not found.policies:
        return f"No simple policy stands beside it, so nothing tells whether this is much. {how}"
    standings = {name: Standing.ours(policy.get("against")).kind for name, policy in found.policies}
    better = [f"“{name.replace('_', ' ')}”" for name, kind in standings.items() if kind == "better"]
    worse = [name.replace("_", " ") for name, kind in standings.items() if kind in ("worse", "likely worse")]
    cost = found.only_costs
    if found.own["value"] <= 0 and not cost:
        first = "**The decisions would not have earned anything.**"
    elif worse:
        first = f"**“{capital(worse[0])}” would have done better.**"
    elif len(better) == len(standings):
        every = "every" if len(better) > 1 else "the one"
        first = f"**{'Costs less' if cost else 'Worth more'} than {every} simple policy, shown.**"
    elif better:
        than = f"{'Costs less' if cost else 'Worth more'} than {listed(better)}"
        first = f"**{than}, shown;** than the others that is not shown."
    else:
        first = f"**That it {'costs less' if cost else 'is worth more'} than a simple policy is not shown.**"
    return f"{first} {how}"
