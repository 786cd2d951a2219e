"""Encrypted folders as plain ones in memory: which belongs to which. Light, as every reader of runs asks it."""

from __future__ import annotations

from pathlib import Path

_origins: dict[Path, Path] = {}


def origin_of(folder: Path) -> Path:
    """Return the folder on the disk that one in memory shows; any other folder as it is."""
    return _origins.get(folder, folder) if _origins else folder


def shown_from(path: Path) -> Path:
    """Return where a file in memory lies on the disk, by the folder that it is in; any other as it is."""
    for view, origin in _origins.items():
        if path.is_relative_to(view):
            return origin / path.relative_to(view)
    return path


def view_of(origin: Path) -> Path | None:
    """Return the folder in memory that shows an encrypted one, where it was opened before."""
    return next((view for view, one in _origins.items() if one == origin), None)


def register(view: Path, origin: Path) -> None:
    """Remember which folder one in memory shows."""
    _origins[view] = origin


def forget(view: Path) -> None:
    """Forget a folder in memory."""
    _origins.pop(view, None)
