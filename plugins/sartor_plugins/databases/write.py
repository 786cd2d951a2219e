"""Settings of the sink that writes decisions into a database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Self

from pydantic import Field, model_validator

from sartor.components import Columns, Sink
from sartor.errors import SartorError, SettingError, UsageError
from sartor_plugins.databases.address import Url, address_of, shown_of
from sartor_plugins.databases.reading import SHORT, UNREACHABLE

if TYPE_CHECKING:
    from sartor.context import Context
    from sartor.delivery import Decisions, Receipt


class DatabaseWrite(Sink):
    """Writes decisions into a table of a database, SQLite or PostgreSQL, by their key.

    All in one transaction: lines whose key is not in the table are added, lines whose key is there with other values
    are changed, and nothing else of the table is touched. A delivery that fails leaves the table as it was; one that is
    done again leaves it as it is. The table must have a primary key, or a unique index, of just the columns of the key.

    Lists, such as reasons, go into ``jsonb``, ``json``, lists of texts, or texts, where they are JSON. Moments are in
    UTC. A number with decimals is not put into a column of whole numbers, nor a moment into one of dates.

    Parameters
    ----------
    url : str or secret
        ``secret:NAME`` for an address with a password; a path of an SQLite file, from the project's folder, or
        ``sqlite:///PATH``; ``postgresql://USER@HOST:PORT/DATABASE``.
    table : str
        Its name, with its schema where it needs one: ``credit.decisions``.
    key : list of str, optional
        What tells lines apart; the key of the rows unless given.
    columns : list of str, optional
        What is written; all columns unless given. The table may have others, which must then have defaults.
    create : bool
        Make the table where there is none, and the file of an SQLite database.

    Examples
    --------
    >>> DatabaseWrite(url="sqlite:///shop.db", table="decisions").create
    False
    """

    url: Url
    table: Annotated[str, Field(min_length=1)]
    key: Columns = Field(default_factory=list)
    columns: Columns = Field(default_factory=list)
    create: bool = False

    @model_validator(mode="after")
    def _key_is_written(self) -> Self:
        missing = [name for name in self.key if self.columns and name not in self.columns]
        if missing:
            raise SettingError(
                f"columns leaves out '{missing[0]}', which is a part of the key",
                hints=(("to mend", "name it under columns too"),),
            )
        return self

    def target(self, context: Context) -> str:
        """Return the table and its database as the recipe names them; a secret stays a name."""
        return f"{self.table} of {shown_of(self.url)}"

    def check_target(self, columns: tuple[str, ...] | None, context: Context) -> None:
        """Look whether the table is there and can take the decisions, where its database can be reached now.

        Raises
        ------
        InputError
            If there is no such table, or it lacks a column or the key.
        """
        from sartor_plugins.databases.upserting import look

        try:
            look(self, columns, address_of(self.url, context), seconds=SHORT)
        except UsageError as error:
            # Whoever only looks at a recipe need not have its secrets; a delivery will ask for them.
            if error.problems[0].code != "U006":
                raise
        except SartorError as error:
            if error.problems[0].code != UNREACHABLE:
                raise

    def deliver(self, decisions: Decisions, context: Context) -> Receipt:
        """Write the decisions.

        Raises
        ------
        InputError
            If the database cannot be reached, or the table cannot take the decisions.
        UsageError
            If the secret of the address is not set.
        """
        from sartor_plugins.databases.upserting import upsert

        return upsert(self, decisions, address_of(self.url, context), context)
