"""Where a run puts its temporary files: the system's folder for them, or memory where the run is encrypted."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sartor.runs.cache import Cache
from sartor.sealing.caching import SealedCache
from sartor.sealing.folders import Vault
from sartor.sealing.keys import load_key
from sartor.sealing.memory import kind_of, memory_folder, temporary_files_in

if TYPE_CHECKING:
    from sartor.recipe.model import Recipe
    from sartor.recipe.project import Project


def vault_of(recipe: Recipe, project: Project) -> Vault | None:
    """Return what a recipe's runs are encrypted with; None where they are not.

    Raises
    ------
    UsageError
        If the key is missing, or there is no memory to hold plain files.
    """
    if recipe.encrypt is None:
        return None
    vault = Vault(load_key(recipe.encrypt, project.root))
    memory_folder()
    return vault


@contextmanager
def scratch_of(vault: Vault | None, project: Project) -> Iterator[tuple[Path, Path]]:
    """Open a folder for temporary files and one for what does not fit into memory; nothing is left of them."""
    if vault is None:
        with tempfile.TemporaryDirectory(prefix="sartor-") as scratch, project.spill_folder(Path(scratch)) as spill:
            yield Path(scratch), spill
        return
    with (
        tempfile.TemporaryDirectory(prefix="sartor-", dir=memory_folder()) as scratch,
        temporary_files_in(Path(scratch)),
    ):
        yield Path(scratch), Path(scratch) / "spill"


def cache_of(folder: Path, vault: Vault | None) -> Cache:
    """Return the stage cache in a folder, its entries encrypted where the run is."""
    return Cache(folder) if vault is None else SealedCache(folder, vault)


def note_of(vault: Vault) -> str:
    """Say what an encrypted run does."""
    memory = memory_folder()
    return (
        f"encrypted with key {vault.key.id}; temporary files, and what does not fit into memory, "
        f"stay in {memory.parent} ({kind_of(memory)})"
    )
