"""The task of recommending: which items will each user want in the window that begins now?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from sartor.components import Column, Duration, Model, TableName, Task
from sartor.errors import SettingError
from sartor_plugins.recommend.names import PART, PURCHASE, SLATE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sartor.context import Context
    from sartor.evidence.metric import Metric
    from sartor.rows import Judged, Origins, Rows, Table, Tables
    from sartor.sections import Caution, Section

Label = Annotated[str, Field(min_length=1)]


class NextItems(Task):
    """Which items will a user want? A row for each user and moment, answered with a slate, the best item first.

    Columns are told by their roles at ingest: ``user`` and ``item``; where there are any ``event`` (purchase, view,
    search), ``order``, ``quantity``, ``price`` or ``amount``, and ``query`` for the words of a search. The table's
    ``time`` is the moment of each line. Rows are made at the moments of the split, ``{time: DATE}``, and at as many
    before it as `origins` says, a horizon apart; a row teaches once its window is over.

    Everybody is asked who is known by the end of the window. Ranking is judged among those who were known before it
    and wanted something in it; newcomers are judged apart.

    Parameters
    ----------
    targets : {"new", "repeat", "all"}
        Whether what was never bought before is asked for, what was, or both.
    horizon : Duration
        Length of the window; ``every`` of the split, where it says one, ought to be the same.
    origins : int
        How many windows before the cut teach. Two are needed where something is chosen on inner rows.
    table : str, optional
        The table of the events; needed where there are several.
    bought : list of str
        Events that are purchases.
    returns : {"undo", "ignore"}
        Whether a purchase of a negative quantity takes back the latest ones of the same item by the same user.
    part : str, optional
        In place of moments: a column that tells which lines teach and which judge, as in ``split: {given: PART, ...}``.
    known : list of str
        With `part`: the parts that are known to the rows of others.
    leave_last : str, optional
        In place of moments: a column, such as a moment or a number, by which the events of each user follow one
        another. The last one of each user is the part ``test`` of the column ``part``, the one before it
        ``validation``, all others are ``train``; what came before is known, as in
        ``split: {given: part, train: [train], test: [test]}``. How long ago something was then says nothing.
    catalogue : str, optional
        The table of the items, with the role ``item``, for models that know items by what is said of them, those that
        were never sold among them.
    about : list of str
        With `catalogue`: its columns that say something of an item; words, names of kinds and numbers alike.
    """

    answers: ClassVar[str] = SLATE

    targets: Literal["new", "repeat", "all"] = "all"
    horizon: Duration = Duration(30, "day")
    origins: Annotated[int, Field(ge=1, le=60)] = 2
    table: TableName | None = None
    bought: Annotated[list[Label], Field(min_length=1)] = Field(default_factory=lambda: [PURCHASE])
    returns: Literal["undo", "ignore"] = "undo"
    part: Column | None = None
    known: list[Label] = Field(default_factory=list)
    leave_last: Column | None = None
    catalogue: TableName | None = None
    about: list[Column] = Field(default_factory=list)

    @model_validator(mode="after")
    def _part_is_whole(self) -> Self:
        if (self.part is None) != (not self.known):
            raise SettingError(
                "part and known go together: a column, and which of its values the other rows know",
                code="R034",
                hints=(("to mend", "write both: part: fold, known: [train]"),),
            )
        if (self.catalogue is None) != (not self.about):
            raise SettingError(
                "catalogue and about go together: the table of the items, and the columns that say something of them",
                code="R034",
                hints=(("to mend", "write both: catalogue: items, about: [category, brand]"),),
            )
        if self.leave_last is not None and self.part is not None:
            raise SettingError(
                "part and leave_last both say which lines judge",
                code="R034",
                hints=(("to mend", "keep one of them"),),
            )
        return self

    @property
    def made_columns(self) -> tuple[str, ...]:
        """Columns that rows have beside those of tables, for a split to go by."""
        return (PART,) if self.leave_last is not None else ()

    def events_table(self, tables: Tables) -> Table:
        """Return the table of the events.

        Raises
        ------
        SettingError
            If there are several and it is not said which.
        """
        if self.table is not None:
            return tables[self.table]
        told = [table for table in tables.values() if {"user", "item"} <= {*table.roles, *table.columns}]
        return told[0] if len(told) == 1 else tables.single()

    def rows(self, tables: Tables, origins: Origins) -> Rows:
        """Return a row for each user at each origin.

        Raises
        ------
        InputError
            If the events tell nothing, or the cut leaves no window behind or before it.
        """
        from sartor_plugins.recommend.rows import rows_of

        catalogue = None if self.catalogue is None else tables[self.catalogue]
        return rows_of(self, self.events_table(tables), origins, catalogue)

    def trivial(self) -> dict[str, Model]:
        """Return what sold most of late and, unless only new items count, what everybody bought most often before."""
        from sartor_plugins.recommend.models.popularity import Popularity
        from sartor_plugins.recommend.models.purchases import OwnPurchases

        popular: dict[str, Model] = {
            "best sellers": Popularity(half_life=Duration(14, "day")),
            "sold most ever": Popularity(),
        }
        return popular if self.targets == "new" else {"own purchases": OwnPurchases(), **popular}

    def metrics(self) -> list[Metric]:
        """Return the metrics of slates; models are compared by NDCG."""
        from sartor_plugins.recommend.metrics import slate_metrics

        return slate_metrics(both=self.targets == "all")

    def sections(self, judged: Judged, context: Context) -> Iterable[Section | Caution]:
        """Return who was judged, how far down the slate what was wanted stands, and what the slates show."""
        from sartor_plugins.recommend.telling import sections

        return sections(judged, context)
