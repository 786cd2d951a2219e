"""Every module of the product can be imported, whether or not a test or an example needs it, and warns of nothing."""

from __future__ import annotations

import importlib
from pathlib import Path

from sartor.plugins import Plugins

REPOSITORY = Path(__file__).resolve().parents[1]
ROOTS = ("core", "plugins", "domains")


def modules() -> list[str]:
    """Return the names of all modules, one for each file."""
    return sorted(
        ".".join(file.relative_to(REPOSITORY / root).with_suffix("").parts).removesuffix(".__init__")
        for root in ROOTS
        for file in (REPOSITORY / root).rglob("*.py")
        # It ends the process: that is what it is for.
        if file.name != "__main__.py"
    )


def test_every_module_can_be_imported():
    failed = {}
    for name in modules():
        try:
            importlib.import_module(name)
        except ModuleNotFoundError as error:
            # An extra that is not installed; what it is of is said where the modules are used.
            if (error.name or "sartor").partition(".")[0].startswith("sartor"):
                failed[name] = error
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told
            failed[name] = error
    assert failed == {}
    assert len(modules()) > len(Plugins().by_name)
