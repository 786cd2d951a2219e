"""What a plugin's hooks yield: records that name components, whose classes are imported when a recipe uses them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["ingest", "task", "feature", "model", "prepare", "action", "sink"]


@dataclass(frozen=True)
class Component:
    """Names a component that a plugin offers; the class behind it is imported only when a recipe uses it.

    Parameters
    ----------
    id : str
        ``PLUGIN.NAME``; the first segment is the name of the plugin's entry point.
    target : str
        ``package.module:Class``.
    about : str
        One line for ``sartor list``, without a full stop.
    extra : str, optional
        The extra of sartor (or of the plugin's own distribution) that it needs, such as ``boost``.
    requires : tuple of str, optional
        Modules that must be importable; where one is missing, ``check`` names the extra.
    prepare : bool, default False
        A step of ``prepare`` rather than a model; both come through the hook ``models``.
    sink : bool, default False
        A sink, which delivers decisions, rather than an action, which makes them; both come through the hook
        ``actions``.

    Examples
    --------
    >>> Component("hello.majority", "hello_plugin.majority:Majority", about="Always the commonest class").plugin
    'hello'
    """

    id: str
    target: str
    about: str
    extra: str | None = None
    requires: tuple[str, ...] = ()
    prepare: bool = False
    sink: bool = False

    @property
    def plugin(self) -> str:
        """Name of the plugin that must bring it."""
        return self.id.split(".", 1)[0]
