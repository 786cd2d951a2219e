"""The task of remaining life: how many cycles does a unit still run?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from sartor.components import NUMBER, Column, Columns, Model, Settings, TableName, Task
from sartor.errors import SettingError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sartor.context import Context
    from sartor.evidence.metric import Metric
    from sartor.rows import Judged, Origins, Rows, Tables
    from sartor.sections import Caution, Section

Cap = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class Left(Settings):
    """How many cycles units had left at their last reading, which they survived.

    Parameters
    ----------
    table : str
        A line for each of these units. Units without a line ran to failure at their last reading.
    column : str
        Cycles left.
    order : str, optional
        Column with the number of the line, where lines do not name their unit: the first line is of the first unit by
        name, and so on. Lines and units must be as many.
    """

    table: TableName
    column: Annotated[str, Field(min_length=1)]
    order: Annotated[str, Field(min_length=1)] | None = None


class Failed(Settings):
    """When units failed, from a table of failures or work orders.

    Parameters
    ----------
    table : str
        A line for each unit that failed. Units without a line still run, and how long nobody knows: they neither teach
        nor judge.
    column : str
        The cycle of the failure.
    moment : str, optional
        The date of the failure; needed where the split goes by time.
    """

    table: TableName
    column: Annotated[str, Field(min_length=1)]
    moment: Annotated[str, Field(min_length=1)] | None = None


class RemainingLife(Task):
    """How many cycles does a unit still run? A row for each reading, answered with the cycles left.

    The table of readings has a line for each unit and cycle. Its key names both, the cycle last (or in the role
    ``cycle``): ``key: [unit, cycle]``. Readings are no features by themselves, what indicators make of them is.

    Parameters
    ----------
    table : str, optional
        The table of readings; needed where there are several.
    left : Left, optional
        ``{table: rul, column: rul}``: what units that survived their last reading had left.
    failed : Failed, optional
        ``{table: failures, column: failed_at}``: when units failed. Without `left` and `failed` every unit ran to
        failure at its last reading.
    date : str, optional
        Column of the moment of a reading; needed where the split goes by time.
    asked : {"last", "each"}
        ``last``: a unit that survived its last reading is asked there only. Where the split goes by time, a unit is
        asked once at each planning day (``every`` and ``origins`` of the split), at its first reading from then on.
        ``each``: it is asked at each of its readings. Units that ran to failure teach with all of their readings.
    every : int
        Of the readings of a unit every so many are rows, counted from its first.
    cap : float, optional
        A life longer than this is as good as this one: no wear shows so early. The metrics of ``_capped`` hold truth
        and answer to it, and so do the trivial answers. Models are capped by `learn.capped`.
    static : list of str
        Columns of a reading that say what the unit is, such as its model; they are features.

    References
    ----------
    .. [1] Saxena, Goebel, Simon and Eklund, "Damage Propagation Modeling for Aircraft Engine Run-to-Failure
       Simulation", PHM 2008: the score PHM08.
    """

    answers: ClassVar[str] = NUMBER

    table: TableName | None = None
    left: Left | None = None
    failed: Failed | None = None
    date: Column | None = None
    asked: Literal["last", "each"] = "last"
    every: Annotated[int, Field(ge=1, le=100_000)] = 1
    cap: Cap | None = None
    static: Columns = Field(default_factory=list)

    @model_validator(mode="after")
    def _ends_are_said_once(self) -> Self:
        if self.left is not None and self.failed is not None:
            raise SettingError(
                "left and failed both say how long units live",
                code="R034",
                hints=(("to mend", "keep left, what units had left at their last reading, or failed, when they did"),),
            )
        if self.failed is not None and self.date is not None and self.failed.moment is None:
            raise SettingError(
                "readings have a date, and failed does not say when a failure was known",
                code="R034",
                hints=(("to mend", "name its column: failed: {table: ..., column: ..., moment: COLUMN}"),),
            )
        if self.left is not None and self.date is not None:
            raise SettingError(
                "a date of readings needs the date of failures, and left tells cycles only",
                code="R034",
                hints=(("to mend", "leave out date, or say when units failed: failed: {table: ..., moment: ...}"),),
            )
        return self

    def rows(self, tables: Tables, origins: Origins) -> Rows:
        """Return a row for each reading that is asked.

        Raises
        ------
        InputError
            If readings, lives or dates cannot be what they are said to be.
        """
        from sartor_domains.manufacturing.lives.rows import rows_of_lives

        return rows_of_lives(self, tables, origins)

    def trivial(self) -> dict[str, Model]:
        """Return the mean life left, and the mean life of units that came as far as this one, less its age."""
        from sartor_domains.manufacturing.lives.trivial import AgeOnly, MeanLeft

        return {"mean": MeanLeft(cap=self.cap), "age only": AgeOnly(cap=self.cap)}

    def metrics(self) -> list[Metric]:
        """Return how far off answers are, raw and capped; models are compared by the first."""
        from sartor_domains.manufacturing.lives.metrics import life_metrics

        return life_metrics(self.cap)

    def sections(self, judged: Judged, context: Context) -> Iterable[Section | Caution]:
        """Return what was said against what came, near the end and far from it, and which indicators tell."""
        from sartor_domains.manufacturing.lives.telling import sections

        return sections(self, judged, context)
