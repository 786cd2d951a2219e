"""A password or key that a recipe names but never holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sartor.errors import UsageError

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler
    from pydantic_core import CoreSchema


@dataclass(frozen=True)
class Secret:
    """The name of a secret; its value is looked up only when it is used.

    A recipe writes ``secret:NAME``. The value comes from the environment variable NAME at the moment of use, so that
    it never stands in a recipe, a record, a message or a cache key.

    Parameters
    ----------
    name : str
        The environment variable that holds the value.

    Examples
    --------
    >>> password = Secret("SHOP_PASSWORD")
    >>> password
    secret:SHOP_PASSWORD
    >>> password.reveal({"SHOP_PASSWORD": "open sesame"})
    'open sesame'
    """

    name: str

    def __repr__(self) -> str:
        return f"secret:{self.name}"

    __str__ = __repr__

    def reveal(self, env: Mapping[str, str]) -> str:
        """Return the value itself.

        Parameters
        ----------
        env : mapping of str to str
            Usually ``os.environ``.

        Raises
        ------
        UsageError
            If the variable is not set, or is empty.
        """
        value = env.get(self.name)
        if not value:
            raise UsageError(
                f"the secret {self.name} is not set",
                code="U006",
                hints=[("to mend", f"set the environment variable {self.name} before the run")],
            )
        return value

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Let a component's settings hold a secret: it is taken as it is, and written as ``secret:NAME``."""
        from pydantic_core import core_schema

        def validated(value: object) -> Secret:
            if isinstance(value, cls):
                return value
            raise ValueError("must be a secret, written secret:NAME")

        return core_schema.no_info_plain_validator_function(
            validated,
            json_schema_input_schema=core_schema.str_schema(pattern=r"^secret:\w+$"),
            serialization=core_schema.plain_serializer_function_ser_schema(str, return_schema=core_schema.str_schema()),
        )
