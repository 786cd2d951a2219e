"""What learning moves, copied and set: the same for every trainer."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from numpy.typing import NDArray


class Moving(ABC):
    """Weights, states of what is random, and moments of an optimizer.

    Subclasses have an `optimizer`, and say what else moves.
    """

    optimizer: Any

    @property
    @abstractmethod
    def learned(self) -> list[Any]:
        """The variables that are learned."""

    @property
    @abstractmethod
    def held(self) -> list[Any]:
        """All variables of the networks, states of what is random among them."""

    def weights(self) -> list[NDArray[Any]]:
        """Return a copy of the weights."""
        return _copied(self.learned)

    def set_weights(self, weights: list[NDArray[Any]]) -> None:
        """Set the weights."""
        _set(self.learned, weights)

    def state(self) -> list[NDArray[Any]]:
        """Return a copy of all that learning goes on from."""
        return _copied([*self.held, *self.optimizer.variables])

    def set_state(self, state: list[NDArray[Any]]) -> None:
        """Go on from a state."""
        _set([*self.held, *self.optimizer.variables], state)

    def set_rate(self, rate: float) -> None:
        """Set the learning rate."""
        self.optimizer.learning_rate.assign(rate)


def _copied(variables: list[Any]) -> list[NDArray[Any]]:
    return [variable.numpy().copy() for variable in variables]


def _set(variables: list[Any], values: list[NDArray[Any]]) -> None:
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)
