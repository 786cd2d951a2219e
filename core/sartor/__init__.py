"""sartor: from a company's tables to personalised, money-valued decisions.

From Python::

    import sartor

    run = sartor.run("finance/credit-scoring")
    run.headline
    run.metrics
    run.decisions

Everything heavy is imported when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__all__ = ["Component", "Run", "__version__", "check", "export", "hookimpl", "predict", "run"]

_HOMES = {
    "Component": "sartor.components",
    "Run": "sartor.runs.result",
    "check": "sartor.running",
    "export": "sartor.exporting",
    "hookimpl": "sartor.hookspecs",
    "predict": "sartor.predicting.calling",
    "run": "sartor.running",
}

if TYPE_CHECKING:
    from sartor.components import Component
    from sartor.exporting import export
    from sartor.hookspecs import hookimpl
    from sartor.predicting.calling import predict
    from sartor.running import check, run
    from sartor.runs.result import Run

    __version__: str


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("sartor")
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'sartor' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted(__all__)
