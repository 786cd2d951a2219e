"""Settings that the models of learn share: one word for one thing, whatever the algorithm calls it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field

from sartor.components import NUMBER, PROBABILITY, Model, ModelStep, Share
from sartor.errors import PluginError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sartor.components import Fitted
    from sartor.plugins import Plugins

BOTH = frozenset({PROBABILITY, NUMBER})
"""Answers of a model that does classification and regression."""

Trees = Annotated[int, Field(ge=1, le=100_000)]
"""How many trees."""
Depth = Annotated[int, Field(ge=1, le=200)]
"""Longest way from a tree's root to a leaf, in questions asked."""
MinLeaf = Annotated[int, Field(ge=1)]
"""Fewest training rows in a leaf."""
Leaves = Annotated[int, Field(ge=2, le=100_000)]
"""Most leaves of a tree."""
Rate = Annotated[float, Field(gt=0, le=1)]
"""How much of each tree's correction is taken: the learning rate."""
Penalty = Annotated[float, Field(ge=0, allow_inf_nan=False)]
"""Strength of the L2 penalty: larger is smoother."""
Neighbours = Annotated[int, Field(ge=1)]
"""How many of the nearest training rows are asked."""
MaxFeatures = Literal["sqrt", "all"] | Share
"""Features that a split may choose from: their square root, all, or a share of them."""
PartOrAll = Annotated[float, Field(gt=0, le=1)]
"""A share, 1 for all."""
ClassWeights = Literal["none", "balanced"]
"""``balanced`` learns as if all classes were equally common, and turns probabilities back to the real shares."""
MaxLevels = Annotated[int, Field(ge=1, le=10_000)]
"""Most levels of a column that are told apart; rarer ones share one bucket."""
MinRows = Annotated[int, Field(ge=1)]
"""A level in fewer training rows goes to the bucket of rare levels."""
Rounds = Annotated[int, Field(ge=2, le=100)]
"""How many times rows are held out."""


def _distinct(names: list[str]) -> list[str]:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"names {', '.join(twice)} more than once")
    return names


FeatureNames = Annotated[list[Annotated[str, Field(min_length=1)]], Field(min_length=1), AfterValidator(_distinct)]
"""Features by name. Feature steps build columns that no table has, so that names are checked at the model's door."""


def answers_of(plugins: Plugins, step: ModelStep) -> frozenset[str] | None:
    """Return what a nested model answers; None where it cannot be found, which is said where it is named."""
    try:
        found = getattr(plugins.class_of(plugins.find(step.use)), "answers", None)
    except (KeyError, PluginError):
        return None
    return found if isinstance(found, frozenset) else None


def wrong_answer(
    plugins: Plugins, step: ModelStep, due: str, why: str
) -> Iterator[tuple[tuple[str | int, ...], Problem]]:
    """Say that a nested ``model`` cannot answer what is due; for `sartor.components.Settings.check_settings`."""
    answers = answers_of(plugins, step)
    if answers is not None and due not in answers:
        message = f"'{step.use}' answers a {' or a '.join(sorted(answers))}; {why}"
        yield ("model", "use"), Problem("R025", message, hints=(("to see all", "sartor list models"),))


class LearnModel(Model):
    """Base of the models of learn: all of them are saved in one form."""

    answers: ClassVar[frozenset[str]] = BOTH

    def load(self, folder: Path) -> Fitted:
        """Return what was saved in a folder."""
        from sartor_plugins.learn.fitting.stored import load

        return load(folder)


def _metric(name: str) -> str:
    from sartor_plugins.learn.judging import known_metric

    return known_metric(name)


MetricName = Annotated[str, AfterValidator(_metric)]
"""A metric of classification or regression."""
