"""What is encrypted, as plain files in memory while a person is looked for; where its key is not at hand, why not."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from sartor.errors import SartorError
from sartor.runs.cache import MARKER, MOMENTS, PARTS, file_digest
from sartor.sealing.folders import close, opened, unseal_into
from sartor.sealing.keys import data_key, is_sealed, keys_for
from sartor.sealing.memory import memory_folder

if TYPE_CHECKING:
    from sartor.recipe.project import Project

TABLE = "table.parquet"


def plain_run(folder: Path, project: Project) -> tuple[Path, str]:
    """Return where a run's files can be read, and why they cannot; empty where they can."""
    try:
        return opened(folder, project), ""
    except (SartorError, OSError) as error:
        said = error.problems[0].message if isinstance(error, SartorError) else str(error)
        return folder, f"it is encrypted: {said}"


def let_go(folder: Path, plain: Path) -> None:
    """Remove from memory what a run was opened into."""
    if plain != folder:
        close(plain)


@dataclass
class Entries:
    """The entries of a project's stage cache.

    Parameters
    ----------
    cache : Path
    project : Project
        Whose keys open those that are encrypted.
    """

    cache: Path
    project: Project
    _tables: dict[str, Path] | None = field(default=None, init=False)
    _views: list[Path] = field(default_factory=list, init=False)

    def folders(self, stage: str = "*") -> list[Path]:
        """Return the entries of a stage, or all."""
        found = sorted(marker.parent for marker in self.cache.glob(f"{stage}/*/{MARKER}"))
        return [folder for folder in found if folder.parent.name not in (PARTS, MOMENTS)]

    @contextmanager
    def plain(self, folder: Path) -> Iterator[Path | None]:
        """Give the files of an entry; None where they are encrypted and do not open."""
        view = self._opened(folder)
        try:
            yield view
        finally:
            if view is not None and view != folder:
                shutil.rmtree(view.parent, ignore_errors=True)

    def tables(self) -> dict[str, Path]:
        """Return where tables that runs have read can be read, by their digests and by the names of their entries."""
        if self._tables is None:
            self._tables = {}
            for folder in self.folders("ingest"):
                told = (marker_of(folder).get("files") or {}).get(TABLE, [0, ""])[1]
                self._tables |= {folder.name: folder, str(told): folder}
            for folder in self.folders("sealed-ingest"):
                view = self._opened(folder)
                if view is not None:
                    self._views.append(view)
                    if (view / TABLE).is_file():
                        self._tables |= {folder.name: view, file_digest(view / TABLE): view}
        return self._tables

    def close(self) -> None:
        """Remove from memory what was opened."""
        for view in self._views:
            shutil.rmtree(view.parent, ignore_errors=True)
        self._tables, self._views = None, []

    def _opened(self, folder: Path) -> Path | None:
        if not is_sealed(folder):
            return folder
        try:
            view = memory_folder() / uuid4().hex[:12] / folder.name
            unseal_into(folder, view, data_key(folder, keys_for(folder, self.project)))
        except (SartorError, OSError):
            return None
        return view


def marker_of(folder: Path) -> dict[str, Any]:
    """Return what an entry says of itself."""
    try:
        found = json.loads((folder / MARKER).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
