"""Opens the tables of a recipe: what is there of each, before a row of it is stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sartor.components import Ingest
from sartor.contract.plain import LINE, column_of
from sartor.contract.terms import Contract
from sartor.errors import InputError
from sartor.guard.admission import admit
from sartor.guard.admitted import Admission
from sartor.guard.aging import oldest_of
from sartor.guard.entering import Withhold
from sartor.guard.parts import goes_by
from sartor.guard.terms import Terms
from sartor.guard.treatments import Changing
from sartor.recipe import setting_types
from sartor.recipe.consenting import person_of

if TYPE_CHECKING:
    from sartor.context import Context
    from sartor.events import Note
    from sartor.guard.pseudonyms import Key
    from sartor.recipe.document import KeyPath
    from sartor.recipe.model import IngestStep, Recipe
    from sartor.session import Session
    from sartor.stages.agreeing import People


@dataclass
class Opened:
    """A table that is about to be read.

    Parameters
    ----------
    session : Session
    step : IngestStep
    component : Ingest
    key : Key or None
        Of pseudonyms and shifts of dates.
    withhold : Withhold
    notes : list of Note
        What the reader said when it was asked for the table.
    kept : bool
        Whether what enters is kept for later runs.
    people : People or None
        Who agreed, where its lines go by their person.
    again : bool
        Whether the reader is to take nothing for granted.
    """

    session: Session
    step: IngestStep
    component: Ingest
    key: Key | None = None
    withhold: Withhold = field(default_factory=Withhold)
    notes: list[Note] = field(default_factory=list)
    kept: bool = True
    people: People | None = None
    again: bool = False

    def asked(self, verb: str) -> AbstractContextManager[None]:
        """Say which verb of the reader it is that fails; what is wrong with data is said where the recipe names it."""
        return self.session.step(self.step.path, self.step.use, verb, self._named)

    @cached_property
    def _named(self) -> KeyPath:
        files = setting_types.files(type(self.component), self.step.settings)
        return (*self.step.path, "with", *files[0]) if files else (*self.step.path, "use")

    @cached_property
    def context(self) -> Context:
        """The reader's services; it returns columns as text whose type the contract says."""
        services = self.session.context(("ingest", self.step.name))
        plain = {} if self.again else self.terms.plain
        return replace(services, texts=self.terms.as_texts, plain=plain)

    @cached_property
    def terms(self) -> Terms:
        """Everything that is said of the table."""
        recipe, as_of = self.session.recipe, self.session.as_of
        oldest = oldest_of(recipe.privacy.limits.retention, self.step, as_of)
        return terms_of(recipe, self.step, as_of=as_of, oldest=oldest, withhold=self.withhold)

    @cached_property
    def stamp(self) -> str | None:
        """What the source looked like before anything of it was read."""
        return self._stamp()

    def _stamp(self) -> str | None:
        with self.asked("stamp"):
            return self.component.stamp(self.context)

    def check_unchanged(self) -> None:
        """Refuse a source that has changed since: what was read of it is neither the old nor the new.

        Raises
        ------
        InputError
        """
        if self._stamp() != self.stamp:
            raise InputError(
                f"the source of table {self.step.name} changed while it was read",
                code="D010",
                hints=(("to mend", "run it again when whoever writes to it has ended"),),
            )

    @cached_property
    def files(self) -> list[dict[str, Any]]:
        """The files that are read, for the record."""
        _ = self.stamp
        with self.asked("inputs"):
            return self.component.inputs(self.context)

    @cached_property
    def relation(self) -> Any:
        """The table as its reader returns it, lazily."""
        import narwhals as nw

        _ = self.stamp
        before = len(self.session.notes)
        with self.asked("read"):
            table = self.component.read(self.context)
            relation = nw.to_native(self.session.frame(table, self.step.path, self.step.use, "read"))
        self.notes += self.session.notes[before:]
        return relation

    @cached_property
    def admission(self) -> Admission:
        """What enters of it, and in which form; no row has been stored yet.

        Raises
        ------
        InputError, PrivacyStop
            If the contract or a treatment does not suit a column.
        """
        agreed = None if self.people is None else self.people.table
        return admit(self.relation, replace(self.terms, agreed=agreed), self.plain)

    @cached_property
    def plain(self) -> dict[str, str]:
        """Columns of plain values that the reader has put beside those of its source, by the column of the texts."""
        there = set(self.relation.columns)
        if LINE not in there or not self.context.plain:
            return {}
        with self.asked("columns"):
            of_source = self.component.columns(self.context)
        if of_source is None or LINE in of_source:
            # What the source itself calls so is a column of its own.
            return {}
        return {name: column_of(name, plain) for name, plain in self.context.plain.items() if name in there}

    @property
    def names(self) -> list[str]:
        """Columns of the source as they are read."""
        beside = {LINE, *self.plain.values()} - set(self.plain) if self.plain else set()
        return [name for name in self.relation.columns if name not in beside]

    def read_again(self) -> None:
        """Read the table once more, by a reader that takes nothing for granted."""
        self.again = True
        for name in ("context", "relation", "plain", "admission"):
            self.__dict__.pop(name, None)
        _ = self.admission

    @cached_property
    def fingerprint(self) -> str | None:
        """What tells whether its rows have changed."""
        if type(self.component).fingerprint is Ingest.fingerprint:
            # The same as the component would answer, without reading every file a second time.
            return "/".join(str(file["sha256"]) for file in self.files) or None
        with self.asked("fingerprint"):
            return self.component.fingerprint(self.context)

    @cached_property
    def entry(self) -> str | None:
        """Key of what is kept of it; None where nothing is."""
        keeper = self.session.keeper if self.kept else None
        if keeper is None or (self.step.fresh is None and self.fingerprint is None):
            return None
        if self.people is not None and None in self.people.entries:
            # Nobody can tell whether somebody has withdrawn meanwhile.
            return None
        step = keeper.step(self.step.use, self.step.settings)
        if self.step.fresh is None:
            return keeper.key("ingest", self.fingerprint, step, self.step.name, self._said())
        # Nobody can tell whether the source has changed, and the recipe says how old a copy may be.
        with self.asked("origin"):
            origin = self.component.origin(self.context)
        return keeper.fresh("ingest", keeper.key("fresh", origin, step, self.step.name, self._said()), self.step.fresh)

    @cached_property
    def about(self) -> Mapping[str, Any] | None:
        """What was told of the table when it was kept; None where it is not."""
        return self.session.keeper.about("ingest", self.entry) if self.session.keeper and self.entry else None

    @property
    def columns(self) -> list[str]:
        """Names of the columns as they are read; the table is read for them only where nothing else tells."""
        return list(self.about["columns"]) if self.about is not None else self.known_names

    @cached_property
    def known_names(self) -> list[str]:
        """Names of the columns, whatever is kept; the table is read for them only where its reader does not know."""
        with self.asked("columns"):
            known = self.component.columns(self.context)
        return list(self.names if known is None else known)

    def places(self, rows: Sequence[int], total: int) -> list[str]:
        """Return where rows stand in the source."""
        with self.asked("places"):
            return list(self.component.places(self.context, rows, total))

    def _said(self) -> list[Any]:
        """What the recipe says of the table, as far as it changes what is stored."""
        recipe, terms = self.session.recipe, self.terms
        treatments = {column: [one.word, one.plain()] for column, one in terms.treatments.items()}
        hashed = [column for column in goes_by(recipe.split, terms.key) if _changes(terms, column)]
        return [
            terms.key,
            terms.time,
            terms.as_of,
            *([terms.oldest] if terms.oldest is not None else []),
            treatments,
            repr(terms.contract),
            repr(terms.consent),
            self.key.check if self.key is not None else None,
            terms.withhold.plain(),
            repr(recipe.split) if hashed else None,
            *([] if self.people is None else self.people.entries),
        ]


def _changes(terms: Terms, column: str) -> bool:
    return isinstance(terms.treatments.get(column), Changing)


def terms_of(recipe: Recipe, step: IngestStep, **more: Any) -> Terms:
    """Return everything that a recipe says of a table.

    Parameters
    ----------
    recipe : Recipe
    step : IngestStep
    **more
        ``as_of``, ``oldest`` and ``withhold``, see `sartor.guard.terms.Terms`.
    """
    return Terms(
        table=step.name,
        key=tuple(step.key),
        time=step.time,
        contract=step.contract or Contract(),
        treatments=dict(recipe.privacy.columns),
        consent=recipe.privacy.consent,
        person=person_of(recipe.privacy.consent, step),
        split=recipe.split,
        **more,
    )
