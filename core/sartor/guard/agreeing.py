"""Who agreed, by persons: what the lines of some tables say of them holds for their lines in all others.

A person stands here as a digest under a random salt that ends with the connection, so that nothing of anybody is kept
in memory, or goes to disk where memory runs out, that could be looked up.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import uuid4

from sartor.guard.admission import read_as
from sartor.guard.entering import SALT, among, person_sql
from sartor.guard.terms import Terms
from sartor.relations import identifier, literal, select

if TYPE_CHECKING:
    import duckdb

SALT_BYTES = 32


@dataclass
class Register:
    """What persons said; whoever said anything else than yes, or nothing, in one line did not agree.

    Parameters
    ----------
    connection : DuckDBPyConnection

    Examples
    --------
    >>> from sartor.engine import Engine
    >>> from sartor.guard.treatments import Consent
    >>> import pandas as pd
    >>> with Engine() as engine:
    ...     register = Register(engine.connection)
    ...     said = pd.DataFrame({"person": [7, 8, 8, 9], "agreed": ["yes", "yes", "no", None]})
    ...     terms = Terms("people", consent=Consent("agreed", ("yes",)), person="person")
    ...     register.add(engine.frame(said).to_native(), terms)
    ...     engine.connection.table(register.close()).shape
    (1, 1)
    """

    connection: duckdb.DuckDBPyConnection
    _name: str = field(default_factory=lambda: uuid4().hex[:12], init=False)
    _parts: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        found = self.connection.execute(f"SELECT getvariable({literal(SALT)})").fetchall()
        if found[0][0] is None:
            self.connection.execute(f"SET VARIABLE {SALT} = ?", [secrets.token_hex(SALT_BYTES)])

    def add(self, relation: duckdb.DuckDBPyRelation, terms: Terms) -> None:
        """Take in what lines say; lines that say of nobody whom they are about count for nothing."""
        consent, person = terms.consent, terms.person
        if consent is None or person is None or not {consent.column, person} <= set(relation.columns):
            return
        read, values = read_as(relation, terms, (consent.column, person))
        who = person_sql(values[person])
        lines = read.project(f"{who} AS person, {among(values[consent.column], consent.values)} AS agreed")
        known = lines.filter("person IS NOT NULL")
        known.aggregate("person, bool_and(agreed) AS agreed", "person").create(f"said_{self._name}_{self._parts}")
        self._parts += 1

    def close(self) -> str:
        """Return the SQL table of those who agreed."""
        name = identifier(f"agreed_{self._name}")
        parts = [f"said_{self._name}_{part}" for part in range(self._parts)]
        said = " UNION ALL ".join(select(["person", "agreed"], part) for part in parts)
        chosen = f"{select(['person'], f'({said})')} GROUP BY person HAVING bool_and(agreed)"
        nobody = select(["''::VARCHAR AS person"], "range(0)")
        self.connection.execute(f"CREATE TABLE {name} AS {chosen if parts else nobody}")
        for part in parts:
            self.connection.execute(f"DROP TABLE {part}")
        return name
