"""The plugin `hello`: which customer messages must be answered first?

This is the module that the entry point in pyproject.toml names. sartor imports it when a recipe uses a component
whose id begins with the plugin's name, and asks its hooks what there is. Each hook yields records: an id, where the
class is, and a line for ``sartor list``. The classes themselves are imported only when a recipe names them, so nothing
here may import pandas or any other heavy library.
"""

from __future__ import annotations

from collections.abc import Iterator

from sartor.components import Component
from sartor.hookspecs import hookimpl


@hookimpl
def ingest() -> Iterator[Component]:
    """Offer what reads a table."""
    yield Component(
        "hello.messages",
        "hello_plugin.messages:Messages",
        about="Customer messages of sixty days; simulated",
    )


@hookimpl
def tasks() -> Iterator[Component]:
    """Offer what turns tables into rows to be answered."""
    yield Component(
        "hello.urgency",
        "hello_plugin.urgency:Urgency",
        about="Is the reply to a message urgent?",
    )


@hookimpl
def features() -> Iterator[Component]:
    """Offer what builds columns for the rows."""
    yield Component(
        "hello.wording",
        "hello_plugin.wording:Wording",
        about="How a message is worded, and how many came shortly before",
    )


@hookimpl
def models() -> Iterator[Component]:
    """Offer what learns: models, and with `prepare=True` steps that prepare features for a model."""
    yield Component(
        "hello.points",
        "hello_plugin.points:Points",
        about="Points for what each feature says, added up",
    )
    yield Component(
        "hello.relative",
        "hello_plugin.relative:Relative",
        about="A number held against what is usual for its like",
        prepare=True,
    )


@hookimpl
def actions() -> Iterator[Component]:
    """Offer what decides."""
    yield Component(
        "hello.reply_first",
        "hello_plugin.reply_first:ReplyFirst",
        about="Which messages to answer first, and what that is worth",
    )
