"""Whether depth pays: networks against the models of the same recipe that are none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sartor_plugins.report.facts import Facts
from sartor_plugins.report.front import best_of
from sartor_plugins.report.words import Standing

NETWORKS = "keras."
"""What the names of networks begin with."""


def depth_said(facts: Facts) -> str:
    """Say whether a network is shown better than what is none; empty where the recipe does not have both."""
    models = [name for name, model in facts.models.items() if not model.get("trivial")]
    steps: Mapping[str, Any] = facts.recipe.get("models") or {}
    networks = [name for name in models if any(use.startswith(NETWORKS) for use in _uses(steps.get(name)))]
    others = [name for name in models if name not in networks]
    if not networks or not others or not facts.metrics or facts.champion not in models:
        return ""
    deep = facts.champion in networks
    rival = best_of(facts, others if deep else networks)
    against = (facts.models[rival].get("against") or {}).get("metrics", {}).get(facts.metrics[0]["name"])
    standing = Standing.ours(against) if deep else Standing.other(against)
    network, flat = (facts.champion, rival) if deep else (rival, facts.champion)
    return {
        "better": f"**Depth pays here**: the network {network} answers better than {flat}, shown.",
        "likely better": f"That depth pays is likely, not shown: {network} against {flat}.",
        "none": f"**That depth pays is not shown**: between the network {network} and {flat} is no difference shown.",
        "likely worse": f"**Depth does not pay here**: the network {network} answers likely worse than {flat}.",
        "worse": f"**Depth does not pay here**: the network {network} answers worse than {flat}, shown.",
        "unknown": f"**That depth pays is not shown**: the network {network} and {flat} were not compared.",
    }.get(standing.kind, "")


def _uses(step: Any) -> Iterator[str]:
    """Yield the components that a step names, those inside its settings too."""
    if isinstance(step, Mapping):
        if isinstance(step.get("use"), str):
            yield step["use"]
        for value in step.values():
            yield from _uses(value)
    elif isinstance(step, list):
        for value in step:
            yield from _uses(value)
