"""Whether depth pays is said plainly, however deep in a recipe the network stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from sartor_plugins.report.depth import depth_said
from sartor_plugins.report.facts import Facts

NETWORK = {"use": "learn.capped", "with": {"model": {"use": "keras.cnn"}}}
BOOSTING = {"use": "learn.lightgbm"}


def facts_of(champion: str, verdict: str, **steps: dict[str, object]) -> Facts:
    rmse = {"name": "rmse", "label": "RMSE", "better": "lower"}
    against = {"metrics": {"rmse": {"verdict": verdict, "difference": 0.5, "low": 0.1, "high": 0.9}}}
    models = {
        name: {"trivial": False, "metrics": {"rmse": {"value": 12.0}}}
        | ({} if name == champion else {"against": against})
        for name in steps
    }
    summary = {"champion": champion, "models": models, "metrics": [rmse]}
    return Facts(Path(), summary, {}, {"models": steps})


@pytest.mark.parametrize(
    ("verdict", "said"),
    [
        ("better", "**Depth pays here**: the network cnn answers better than boosting, shown."),
        ("likely better, not shown", "That depth pays is likely, not shown: cnn against boosting."),
        (
            "no difference shown",
            "**That depth pays is not shown**: between the network cnn and boosting is no difference shown.",
        ),
        (
            "not compared: of the champion, fewer than 5 independent groups of rows",
            "**That depth pays is not shown**: the network cnn and boosting were not compared.",
        ),
        ("worse", "**Depth does not pay here**: the network cnn answers worse than boosting, shown."),
    ],
)
def test_a_network_beside_the_champion(verdict, said):
    assert depth_said(facts_of("boosting", verdict, boosting=BOOSTING, cnn=NETWORK)) == said


def test_a_network_that_is_champion_is_held_against_the_best_that_is_none():
    told = depth_said(facts_of("cnn", "better", cnn=NETWORK, boosting=BOOSTING))
    assert told == "**Depth does not pay here**: the network cnn answers worse than boosting, shown."


def test_nothing_is_said_where_there_is_nothing_to_compare():
    assert depth_said(facts_of("boosting", "better", boosting=BOOSTING, forest={"use": "learn.forest"})) == ""
    assert depth_said(facts_of("cnn", "better", cnn=NETWORK)) == ""
