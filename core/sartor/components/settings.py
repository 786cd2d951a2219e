"""Types of settings, and the base of everything that has any.

The types' metadata lets `check` follow references and say fractions in the user's words.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sartor.errors import Problem
    from sartor.plugins import Plugins


@dataclass(frozen=True)
class Refers:
    """Metadata of a setting that names something elsewhere in the recipe.

    Parameters
    ----------
    to : {"column", "table", "file"}
        What it names.
    truth : bool, default False
        The column holds what is to be predicted: it is hidden from every feature and model.
    """

    to: Literal["column", "table", "file"]
    truth: bool = False


@dataclass(frozen=True)
class Unit:
    """Metadata that tells what a number measures: ``money``, ``share`` (0 to 1)."""

    of: Literal["money", "share"]


Column = Annotated[str, Refers("column"), Field(min_length=1)]
"""A column of the step's tables, or of the task's own table."""
TruthColumn = Annotated[str, Refers("column", truth=True), Field(min_length=1)]
"""A column that holds the answer; no feature and no model sees it."""
TableName = Annotated[str, Refers("table"), Field(min_length=1)]
"""A table of ``ingest``."""
FileName = Annotated[str, Refers("file"), Field(min_length=1)]
"""A file, relative to the folder of the recipe that names it."""
Share = Annotated[float, Unit("share"), Field(gt=0, lt=1)]
"""Strictly between 0 and 1."""
Fraction = Annotated[float, Unit("share"), Field(ge=0, le=1)]
"""Between 0 and 1, ends allowed."""
Money = Annotated[float, Unit("money"), Field(allow_inf_nan=False)]
"""An amount in the recipe's currency."""


class Settings(BaseModel):
    """Base of everything whose fields are settings: strict types, no unknown names, never changed."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, arbitrary_types_allowed=True, populate_by_name=True
    )

    def check_settings(self, plugins: Plugins) -> Iterable[tuple[tuple[str | int, ...], Problem]]:
        """Say what is wrong with settings that depend on other components; `check` asks this, and no row is read.

        Parameters
        ----------
        plugins : Plugins
            To find the classes of the components that the settings name.

        Returns
        -------
        iterable of (path, Problem)
            Each with its place below ``with``, such as ``("over", "rate", 2)``.
        """
        return ()


class PrepareStep(Settings):
    """A step of ``prepare`` inside settings: ``{use: learn.scale, with: {...}}``."""

    use: str
    with_: dict[str, Any] = Field(default_factory=dict, alias="with")


class ModelStep(Settings):
    """A model inside the settings of another: ``{use: learn.forest, with: {trees: 400}}``."""

    use: str
    with_: dict[str, Any] = Field(default_factory=dict, alias="with")
    prepare: list[PrepareStep] = Field(default_factory=list)


def _distinct(names: list[str]) -> list[str]:
    if len(set(names)) != len(names):
        twice = sorted({name for name in names if names.count(name) > 1})
        raise ValueError(f"names {', '.join(twice)} more than once")
    return names


Columns = Annotated[list[Column], AfterValidator(_distinct)]
"""Several columns, each named once."""
