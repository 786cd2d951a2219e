"""When a row is asked: hour, weekday, weekend and night."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field

from sartor.components import Feature

if TYPE_CHECKING:
    import narwhals as nw

    from sartor.context import Context
    from sartor.rows import Rows, Tables

Part = Literal["hour", "weekday", "weekend", "night", "month", "day"]


def _parts() -> list[Part]:
    return ["weekend", "night"]


class Calendar(Feature):
    """The calendar of the moment at which a row is asked.

    Parameters
    ----------
    parts : list of {"hour", "weekday", "weekend", "night", "month", "day"}
        ``weekday`` is 1 on Mondays and 7 on Sundays, ``weekend`` 1 on Saturdays and Sundays, ``night`` 1 up to the end
        of the hour `night_until`; ``day`` is that of the month.
    night_until : int
        Last hour of the night, which begins at midnight.
    prefix : str
        Put before the name of every column that is built.
    """

    own_line_only: ClassVar[bool] = True

    parts: Annotated[list[Part], Field(min_length=1)] = Field(default_factory=_parts)
    night_until: Annotated[int, Field(ge=0, le=23)] = 6
    prefix: str = ""

    def build(self, rows: Rows, tables: Tables, context: Context) -> nw.LazyFrame[Any]:
        """Return ``__row`` and the parts.

        Raises
        ------
        InputError
            If the rows have no moment.
        """
        import narwhals as nw

        from sartor.errors import InputError
        from sartor.rows import AS_OF, ROW

        if AS_OF not in rows.frame.collect_schema():
            raise InputError(
                f"the rows have no moment ({AS_OF}), and a calendar has nothing to tell of them",
                code="D090",
                hints=(("to mend", "say in the task at which moment each row is to be answered"),),
            )
        moment = nw.col(AS_OF).cast(nw.Datetime("us"))
        made = {
            "hour": moment.dt.hour(),
            "weekday": moment.dt.weekday(),
            "weekend": (moment.dt.weekday() >= 6).cast(nw.Int64),
            "night": (moment.dt.hour() <= self.night_until).cast(nw.Int64),
            "month": moment.dt.month(),
            "day": moment.dt.day(),
        }
        return rows.frame.select(ROW, **{f"{self.prefix}{part}": made[part] for part in self.parts})
