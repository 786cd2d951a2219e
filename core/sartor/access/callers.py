"""Who calls: the user of the operating system, and the roles that follow from it.

``sartor.toml`` names the members of roles; a role that it does not name is the group of the operating system of that
name. A role cannot be claimed by an environment variable.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass

from sartor.recipe.project import Project

GROUP = "group:"


@dataclass(frozen=True)
class Caller:
    """Somebody who calls sartor.

    Parameters
    ----------
    user : str
        By the operating system, and not by what the environment says.
    roles : frozenset of str
    """

    user: str
    roles: frozenset[str]


def caller(project: Project) -> Caller:
    """Return who calls."""
    user, groups = _user(), _groups()
    known = {user, *(f"{GROUP}{name}" for name in groups)}
    named = project.settings.roles or {}
    roles = {role for role, members in named.items() if known & set(members)}
    return Caller(user, frozenset(roles | (groups - set(named))))


def _user() -> str:
    number = os.geteuid()
    with suppress(ImportError, KeyError):
        import pwd

        return pwd.getpwuid(number).pw_name
    return str(number)


def _groups() -> set[str]:
    found = set()
    with suppress(ImportError):
        import grp

        for number in {os.getegid(), *os.getgroups()}:
            with suppress(KeyError):
                found.add(grp.getgrgid(number).gr_name)
    return found
