"""``deliver``: which action's decisions a step delivers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from sartor.recipe.document import Mapping as MappingNode
from sartor.recipe.fields import Fields
from sartor.recipe.model import DeliverStep


def read_deliveries(
    root: Fields, steps: Mapping[str, DeliverStep], actions: Iterable[str], abstract: bool
) -> dict[str, DeliverStep]:
    """Let a delivery that names no action deliver what the only one decides; report what stays open.

    Parameters
    ----------
    root : Fields
        Of the recipe.
    steps : mapping of name to step
        As read.
    actions : iterable of str
        Names of the actions that were read.
    abstract : bool
        Whether the recipe is only a base, so that steps may be incomplete.
    """
    known = list(actions)
    if steps and not abstract and "actions" not in root:
        mend = ("to mend", "write actions too, or leave it out")
        root.report("R066", "'deliver' needs an action", root.where_key("deliver"), mend)
        return dict(steps)
    only = known[0] if len(known) == 1 else ""
    found = {name: step if step.source else replace(step, source=only) for name, step in steps.items()}
    section = root.node.entries.get("deliver")
    for name, step in found.items():
        assert isinstance(section, MappingNode)
        node = section.entries[name]
        if step.source or abstract or not known or not isinstance(node, MappingNode) or "from" in node.entries:
            continue
        message = f"delivery '{name}' does not say what it delivers: there are {len(known)} actions"
        root.report("R061", message, section.keys[name], ("to mend", f"write from: {' or '.join(known)}"))
    return found
