"""The stage cache of encrypted runs: entries are written in memory and lie encrypted on the disk."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

from sartor.errors import SartorError
from sartor.runs.cache import FORMAT, MARKER, PARTS, Cache
from sartor.runs.json_text import plain
from sartor.sealing.folders import Vault, unseal_into
from sartor.sealing.keys import FILE, data_key
from sartor.sealing.memory import memory_folder

_STAGE = "sealed-"


class SealedCache(Cache):
    """Entries of a project that are encrypted; those that are not are neither found nor touched.

    Parameters
    ----------
    folder : Path
    vault : Vault
    """

    def __init__(self, folder: Path, vault: Vault) -> None:
        super().__init__(folder)
        self.vault = vault
        self._views: dict[Path, Path] = {}

    def find(self, stage: str, key: str) -> Path | None:
        """Return an entry's files, decrypted in memory, or None: one that does not open with this key is none."""
        place = self._place(stage, key)
        known = next((view for view, one in self._views.items() if one == place and (one / MARKER).is_file()), None)
        if known is not None:
            return known
        if not (place / FILE).is_file() or not (place / MARKER).is_file():
            return None
        view = self._new_view(key)
        try:
            unseal_into(place, view, data_key(place, [self.vault.key]))
            whole = json.loads((view / MARKER).read_text(encoding="utf-8"))["files"] == _names(view)
        except (SartorError, OSError, ValueError, KeyError, TypeError):
            whole = False
        if not whole:
            shutil.rmtree(view, ignore_errors=True)
            return None
        with suppress(OSError):
            os.utime(place / MARKER)
        self._views[view] = place
        return view

    def unfinished(self, key: str) -> Path | None:
        """Return None: what is half made would lie in the clear, or vanish with the memory."""
        return None

    def make(self, stage: str, key: str, write: Callable[[Path], Mapping[str, Any]], *, instead: bool = False) -> Path:
        """Write an entry in memory, and encrypt it into the cache."""
        from sartor.runs.cache import put_in_place

        place, view = self._place(stage, key), self._new_view(key)
        view.mkdir(parents=True)
        part = self.folder / PARTS / f"{key[:12]}-{os.getpid()}-{uuid4().hex[:8]}"
        try:
            about = {**plain(write(view)), "format": FORMAT}
            (view / MARKER).write_text(json.dumps({**about, "files": _names(view)}, sort_keys=True), encoding="utf-8")
            part.mkdir(parents=True)
            self.vault.seal(view, part, f"cache/{stage}/{key}")
            put_in_place(part, place, instead=True)
        except BaseException:
            shutil.rmtree(view, ignore_errors=True)
            raise
        finally:
            shutil.rmtree(part, ignore_errors=True)
        self._views[view] = place
        return view

    def remove(self, folder: Path) -> None:
        """Remove an entry, from the disk and from memory."""
        place = self._views.pop(folder, folder)
        if place != folder:
            shutil.rmtree(folder, ignore_errors=True)
        super().remove(place)

    def _place(self, stage: str, key: str) -> Path:
        return self.folder / f"{_STAGE}{stage}" / key

    def _new_view(self, key: str) -> Path:
        return memory_folder() / uuid4().hex[:12] / key[:12]


def _names(view: Path) -> list[str]:
    """Return the files of an entry; that each is what was written, its encryption says."""
    return sorted(
        file.relative_to(view).as_posix() for file in view.rglob("*") if file.is_file() and file.name != MARKER
    )
