"""Statistics that are released with noise, and what they spend of the recipe's budget.

The same question about the same rows has one answer, which is kept: asking again tells nothing new, and spends nothing.
Noise follows from no seed, since whoever knows a seed can take its noise away; so statistics repeat byte for byte only
as long as they are kept, and are no part of the metrics.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import narwhals as nw

from sartor.contract.kinds import kind_of, kinds
from sartor.errors import PrivacyStop
from sartor.guard.entering import Value, among
from sartor.guard.limits import Statistic
from sartor.guard.noise import noisy, noisy_mean, scale_of, steps_sql
from sartor.relations import identifier
from sartor.wording import form, plural

if TYPE_CHECKING:
    import duckdb

    from sartor.session import Session
    from sartor.stages.ingesting import Ingested

FILE = "statistics.json"
_HELD = "statistic.json"


def release_statistics(session: Session, ingested: Ingested) -> dict[str, Any]:
    """Return the statistics of a run, in JSON types; nothing where the recipe asks for none.

    Raises
    ------
    PrivacyStop
        If noise cannot be made, or a column is kept from steps.
    """
    limits = session.recipe.privacy.limits
    if not limits.statistics:
        return {}
    spent = sum(one.epsilon for one in limits.statistics.values())
    with session.stage("statistics") as stage:
        found = {name: _kept(session, ingested, name, one) for name, one in limits.statistics.items()}
        what = form(len(found), "statistic")
        stage.line = f"{len(found):,} {what} with noise, {spent:g} of the budget {limits.budget:g} spent"
        stage.summary = {"spent": spent, "budget": limits.budget}
    return {"schema": 1, "budget": limits.budget, "spent": spent, "statistics": found}


def _kept(session: Session, ingested: Ingested, name: str, one: Statistic) -> dict[str, Any]:
    def write(folder: Path) -> dict[str, Any]:
        (folder / _HELD).write_text(json.dumps(_asked(session, ingested, name, one)), encoding="utf-8")
        return {}

    key = ingested.keys[one.table]
    if session.keeper is None:
        return _asked(session, ingested, name, one)
    kept = session.keeper.keep(session, "statistics", session.keeper.key("statistics", key, one.plain()), write)
    answer: dict[str, Any] = json.loads((kept.folder / _HELD).read_text(encoding="utf-8"))
    return answer


def _asked(session: Session, ingested: Ingested, name: str, one: Statistic) -> dict[str, Any]:
    relation = nw.to_native(ingested.tables[one.table].frame)
    _check_columns(session, name, one, relation)
    lines = _bounded(relation, one)
    answers = []
    for group in one.groups or (None,):
        chosen = lines if group is None or one.by is None else lines.filter(_of_group(lines, one.by, group))
        answers.append({**({} if group is None else {"group": group}), "value": _answer(chosen, one)})
    return {
        "from": one.table,
        "what": "count" if one.mean is None else f"mean of {one.mean}",
        "epsilon": one.epsilon,
        "noise": scale_of(one.lines, one.epsilon if one.mean is None else one.epsilon / 2),
        "values": answers,
    }


def _answer(lines: duckdb.DuckDBPyRelation, one: Statistic) -> float:
    if one.mean is None:
        return noisy(int(lines.aggregate("count(*)").fetchall()[0][0]), one.lines, one.epsilon)
    column = identifier(one.mean)
    said = f"coalesce(sum({steps_sql(column, one.between)}), 0), count({column})"
    total, count = lines.aggregate(said).fetchall()[0]
    return noisy_mean(int(total), int(count), one.between, one.lines, one.epsilon)


def _of_group(lines: duckdb.DuckDBPyRelation, column: str, group: str | int | bool) -> str:
    return among(Value(identifier(column), kinds(lines)[column]), [group])


def _bounded(relation: duckdb.DuckDBPyRelation, one: Statistic) -> duckdb.DuckDBPyRelation:
    """Keep so many lines of each person; a line that is nobody's does not count, for nothing bounds those."""
    if one.person is None:
        return relation
    person = identifier(one.person)
    order = ", ".join(map(identifier, relation.columns))
    number = f"row_number() OVER (PARTITION BY {person} ORDER BY {order})"
    numbered = relation.filter(f"{person} IS NOT NULL").project(f"*, {number} AS __number")
    return numbered.filter(f"__number <= {one.lines}").project("* EXCLUDE (__number)")


def _check_columns(session: Session, name: str, one: Statistic, relation: duckdb.DuckDBPyRelation) -> None:
    where = session.recipe.document.where_key(("privacy", "statistics", name))
    for column in (one.mean, one.by, one.person):
        if column is not None and column not in relation.columns:
            message = f"the statistic '{name}' asks for '{column}', which is kept from every step"
            mend = ("to mend", "ask for a column that enters")
            raise PrivacyStop(message, code="P002", where=where, hints=(mend,))
    if one.mean is not None and kind_of(kinds(relation)[one.mean]) not in ("integer", "number", "boolean"):
        mend = ("to mend", f"say its type in the contract: columns: {{{one.mean}: {{type: number}}}}")
        raise PrivacyStop(f"the statistic '{name}' asks for the mean of '{one.mean}', which holds no numbers",
                          code="P005", where=where, hints=(mend,))  # fmt: skip
    if one.person is None and not session.recipe.ingest[one.table].key:
        session.context(("privacy",)).note(
            f"the statistic '{name}' takes each line of {one.table} for a person of its own: say person: COLUMN "
            f"if somebody may have several ({plural(one.lines, 'line')} of each counts)",
            caution=True,
        )
