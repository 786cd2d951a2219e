"""Whom the tables of a recipe are about, and who of them agreed: asked once, of the tables whose lines say it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from sartor.guard.agreeing import Register
from sartor.recipe.consenting import ways

if TYPE_CHECKING:
    from sartor.session import Session
    from sartor.stages.opening import Opened


@dataclass
class People:
    """Those who agreed.

    Parameters
    ----------
    session : Session
    saying : tuple of Opened
        Tables whose lines say it.
    known : Register or None
        What is known of persons already, of new data for example.
    """

    session: Session
    saying: tuple[Opened, ...] = ()
    known: Register | None = None

    @property
    def entries(self) -> list[str | None]:
        """Keys of what the tables say; None where it is not known whether they have changed."""
        return [*(opened.entry for opened in self.saying), *([None] if self.known is not None else [])]

    @cached_property
    def table(self) -> str:
        """SQL table of them; the tables are read for it when it is first asked for."""
        register = self.known or Register(self.session.engine.connection)
        for opened in self.saying:
            with opened.asked("read"), self.session.engine.explained():
                register.add(opened.relation, opened.terms)
                opened.check_unchanged()
        return register.close()


def ask(session: Session, opened: Mapping[str, Opened], known: Register | None = None) -> People | None:
    """Let tables go by their persons where the recipe asks for it; return who agreed, None where nobody is asked for.

    Parameters
    ----------
    session : Session
    opened : mapping of table to Opened
    known : Register or None
        See `People`.
    """
    consent = session.recipe.privacy.consent
    if consent is None or consent.person is None:
        return None
    found = ways(session.recipe, {name: one.known_names for name, one in opened.items()})
    people = People(session, tuple(opened[name] for name, way in found.items() if way == "line"), known)
    for name, way in found.items():
        if way == "person":
            opened[name].people = people
    return people
