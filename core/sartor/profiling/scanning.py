"""Scans tables for what tells of persons: names of columns, forms and check digits of values, identifiers inside texts.

Values are looked at in this process and none of them leaves it: what is told is a kind, and how many values are so.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sartor.blame import hushed
from sartor.context import Context
from sartor.contract.kinds import kind_of, kinds
from sartor.engine import Engine
from sartor.profiling.first_look import glances
from sartor.profiling.identifiers import KINDS, Identifier, in_name, inside
from sartor.profiling.personal import Looks, Plain
from sartor.profiling.proposing import personal, readings
from sartor.relations import identifier, literal
from sartor.threads import free_threads

if TYPE_CHECKING:
    import duckdb

    from sartor.plugins import Plugins
    from sartor.recipe.model import Recipe
    from sartor.recipe.project import Project

SAMPLE = 2_000
"""Different values of a column that are looked at one by one; which ones follows from their digests."""
SUSPECTS = 5_000
"""Texts that are looked at for what stands inside them, of those that a rough rule lets through."""
_MOST, _FEWEST = 0.8, 5
"""Share of the values that are of one kind, and how many there are at least."""
_CERTAIN = 0.01
"""What so few arbitrary texts pass is believed where all values do, be they two."""
_FEWEST_BY_CHANCE = 20
"""Values at least where a check digit alone tells them."""
_ROUGH = (
    r"@[A-Za-z0-9-]+\.|\+[0-9][0-9 ()/-]{7}|[0-9]{3}-[0-9]{2}-[0-9]{4}|[A-Z]{2}[0-9]{2} ?[A-Z0-9]{4}"
    r"|[0-9]([ -]?[0-9]){12}|756\.[0-9]{4}|[A-Z]{6}[0-9]{2}[A-Z]|[0-9]{6}[-+A][0-9]{3}"
)


@dataclass(frozen=True)
class Scanned:
    """What was seen of a table.

    Parameters
    ----------
    table : str
    columns : int
    looks : mapping of column to Looks
        Columns that tell of persons.
    files : tuple of (str, str)
        Files whose names do, and what is in them.
    treated : frozenset of str
        Columns that the recipe treats already.
    """

    table: str
    columns: int
    looks: Mapping[str, Looks]
    files: tuple[tuple[str, str], ...] = ()
    treated: frozenset[str] = frozenset()

    @property
    def untreated(self) -> dict[str, Looks]:
        """Columns that tell of persons, and of which nothing is said."""
        return {name: look for name, look in self.looks.items() if name not in self.treated}


def scan_file(file: str, use: str | None, settings: Mapping[str, Any], table: str, project: Project,
              plugins: Plugins) -> Scanned:  # fmt: skip
    """Scan a file.

    Raises
    ------
    UsageError, InputError, SettingError
        If it cannot be read.
    """
    from sartor.profiling.profiling import check_reader, place_setting, reader_for
    from sartor.stages.building import component

    reader_id = use or reader_for(file)
    given = {place_setting(reader_id, plugins): file, **settings}
    check_reader(table, reader_id, given, project, plugins)
    with _engine(project) as (engine, context):
        return scanned(engine, component(plugins, reader_id, given), replace(context, folder=Path.cwd()), table, file)


def scan_recipe(recipe: Recipe, project: Project, plugins: Plugins) -> list[Scanned]:
    """Scan every table of a recipe, and tell which of its columns are not treated yet."""
    from sartor.stages.building import component

    found = []
    with _engine(project) as (engine, context):
        for name, step in recipe.ingest.items():
            if step.use == "recipe":
                continue
            own = replace(context, folder=recipe.base_folder((*step.path, "with")))
            one = scanned(engine, component(plugins, step.use, dict(step.settings)), own, name)
            found.append(replace(one, treated=frozenset(recipe.privacy.columns)))
    return found


@contextmanager
def _engine(project: Project) -> Iterator[tuple[Engine, Context]]:
    threads = project.settings.threads or free_threads()
    with (
        tempfile.TemporaryDirectory(prefix="sartor-") as scratch,
        project.spill_folder(Path(scratch)) as spill,
        Engine(threads, memory=project.settings.memory, spill=spill) as engine,
        hushed(hides=True),
    ):
        yield engine, Context(
            step="privacy.scan", threads=threads, folder=Path.cwd(), scratch=Path(scratch), tell=lambda event: None,
            connection_of=lambda: engine.connection,
        )  # fmt: skip


def scanned(engine: Engine, reader: Any, context: Context, table: str, file: str | None = None) -> Scanned:
    """Scan what a reader returns."""
    import narwhals as nw

    known = reader.columns(context) or {}
    said = set(getattr(reader, "types", {}))
    texts = frozenset(name for name in known if name not in said)
    with engine.explained():
        relation = nw.to_native(engine.frame(reader.read(replace(context, texts=texts))))
        first = glances(relation)
        looks = dict(personal(first, readings(first)))
        dtypes = kinds(relation)
        for one in first:
            if kind_of(dtypes[one.name]) in ("text", "integer"):
                by_value = _by_values(relation, one.name, one.present)
                looks |= {one.name: by_value} if by_value is not None else {}
    names = [file] if file else [str(entry["name"]) for entry in reader.inputs(context)]
    files = tuple((Path(name).name, why) for name in names for why in in_name(Path(name).name))
    return Scanned(table, len(first), {one.name: looks[one.name] for one in first if one.name in looks}, files)


def _by_values(relation: duckdb.DuckDBPyRelation, column: str, present: int) -> Looks | None:
    """Return what values of a column tell, by their form and by what stands inside them."""
    text = f"CAST({identifier(column)} AS VARCHAR)"
    values = relation.filter(f"{text} IS NOT NULL").project(f"{text} AS v").distinct()
    sample = [value for (value,) in values.order("hash(v), v").limit(SAMPLE).fetchall()]
    kind = kind_of_values([value.strip() for value in sample])
    if kind is not None:
        return Looks(kind.why, _TREATED.get(kind.why, "drop"))
    if kind_of(kinds(relation)[column]) != "text":
        return None
    rough = f"length(v) > 7 AND NOT regexp_full_match(v, '-?[0-9]+') AND regexp_matches(v, {literal(_ROUGH)})"
    suspects = values.filter(rough).order("hash(v), v")
    counts: dict[str, int] = {}
    for (value,) in suspects.limit(SUSPECTS).fetchall():
        for one in inside(value):
            counts[one.why] = counts.get(one.why, 0) + 1
    if not counts:
        return None
    most = max(counts, key=lambda why: counts[why])
    where = "1 text" if counts[most] == 1 else f"{counts[most]:,} texts"
    return Looks(f"{most} inside {where} of {present:,}", "drop")


_TREATED: dict[str, Plain] = {"the number of a payment card": {"mask": {"keep_last": 4}}}


def kind_of_values(values: Sequence[str]) -> Identifier | None:
    """Return the kind of identifier that nearly all values are.

    Examples
    --------
    >>> kind_of_values(["DE89370400440532013000", "GB33BUKB20201555555555"] * 3).why
    'the number of an account (IBAN)'
    >>> kind_of_values([str(1_000_000_000 + n) for n in range(50)]) is None
    True
    """
    values = [value for value in values if value]
    for kind in KINDS:
        hits = sum(map(kind.tells, values))
        fewest = _FEWEST if kind.chance < 0.05 else _FEWEST_BY_CHANCE
        if kind.chance <= _CERTAIN and hits == len(values) > 1:
            return kind
        if hits >= fewest and hits >= _MOST * len(values):
            return kind
    return None


def recipe_file(name: str, project: Project) -> bool:
    """Tell whether what is to be scanned is a recipe: the name of one, or its file."""
    return Path(name).suffix in (".yaml", ".yml") or (not Path(name).suffix and not Path(name).exists())
