"""How sure numbers must be, and the bars that they are held to."""

from __future__ import annotations

from dataclasses import dataclass

from sartor.recipe.document import KeyPath


@dataclass(frozen=True)
class Judge:
    """How sure numbers must be.

    Parameters
    ----------
    redraws : int
        Bootstrap samples.
    confidence : float
        Of intervals.
    """

    redraws: int = 1000
    confidence: float = 0.95


@dataclass(frozen=True)
class Gate:
    """A bar that the champion must not fall beyond.

    Parameters
    ----------
    metric : str
    at_least, at_most : float or None
        The bar; ``between`` sets both.
    model, action : str or None
        What is held against it; the champion unless named.
    by : str or None
        The column whose groups are compared.
    path : tuple
        Where it stands in the recipe.
    """

    metric: str
    at_least: float | None
    at_most: float | None
    model: str | None
    action: str | None
    path: KeyPath
    by: str | None = None

    @property
    def title(self) -> str:
        """What is held: the metric, and the column by which groups are compared."""
        return f"{self.metric} by {self.by}" if self.by is not None else self.metric
