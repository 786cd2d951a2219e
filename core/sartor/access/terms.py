"""What a recipe says of access. Light: no more than words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

RIGHTS: dict[str, str] = {
    "read_scores": "see what models answer and how good they are",
    "read_person": "see answers and decisions about single persons, or ask for them",
    "deliver": "deliver decisions",
}
"""What access is given to, in words."""


@dataclass(frozen=True)
class Access:
    """Which roles may do what.

    Parameters
    ----------
    roles : mapping of right to roles
        A right that is not named is everybody's; one with an empty list is nobody's.

    Examples
    --------
    >>> access = Access({"read_person": ("care",)})
    >>> access.allows("read_person", {"risk"}), access.allows("read_scores", set())
    (False, True)
    """

    roles: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.roles)

    def allows(self, right: str, roles: set[str]) -> bool:
        """Tell whether somebody of these roles has a right."""
        return right not in self.roles or bool(roles & set(self.roles[right]))
