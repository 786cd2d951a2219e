"""What tasks about patients say alike: who counts, what may be known, and what is looked at before any model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Self

from pydantic import Field, model_validator

from sartor.components import Column, Columns, Share, TableName, Task, TruthColumn
from sartor.errors import SettingError
from sartor_plugins.learn.tasks import Label

if TYPE_CHECKING:
    from sartor.rows import Table, Tables


class Cohort(Task):
    """Base of tasks whose rows are patients.

    Their settings are documented at the tasks themselves: `sartor_domains.healthcare.disease_risk.DiseaseRisk`.
    """

    table: TableName | None = None
    eligible: dict[Column, Label | list[Label]] = Field(default_factory=dict)
    person: Column | None = None
    site: Column | None = None
    target_site: Label | None = None
    absent_from: Share = 0.5
    predictors: Columns | None = None
    known_after: list[TruthColumn] = Field(default_factory=list)
    never: Columns = Field(default_factory=list)
    true_zeros: Columns = Field(default_factory=list)
    index_date: Column | None = None
    thresholds: Annotated[list[Share], Field(max_length=10)] = Field(default_factory=lambda: [0.1, 0.2])
    subgroups: Columns = Field(default_factory=list)

    @model_validator(mode="after")
    def _said_once(self) -> Self:
        if self.target_site is not None and self.site is None:
            raise SettingError(
                "target_site names a site, and site does not say which column tells the sites",
                code="R034",
                hints=(("to mend", "name the column: site: COLUMN"),),
            )
        both = sorted(set(self.predictors or ()) & {*self.known_after, *self.never})
        if both:
            raise SettingError(
                f"'{both[0]}' is named as a predictor and as a column that must not be one",
                code="R034",
                hints=(("to mend", "name it once"),),
            )
        return self

    def own(self, tables: Tables) -> Table:
        """Return the table whose lines are patients."""
        return tables.single() if self.table is None else tables[self.table]
