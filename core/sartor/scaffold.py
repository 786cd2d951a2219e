"""Begins a plugin: writes a whole package with one component of each kind, its tests and a recipe that runs.

The templates lie in ``sartor/templates/plugin``; nothing is downloaded and no further tool is needed.
"""

from __future__ import annotations

import keyword
import re
import tempfile
from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from sartor.errors import UsageError

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_BLANK = re.compile(r"\{\{ (\w+) \}\}")
_LONGEST = 40
_ENDING = ".template"

RESERVED_NAMES = frozenset(
    {"action", "actions", "core", "feature", "features", "ingest", "model", "models", "plugin", "plugins", "prepare",
     "recipe", "recipes", "sartor", "secret", "task", "tasks", "test", "tests"}
)  # fmt: skip
"""Words that mean something else in a recipe or a command; no plugin is called so."""


def new_plugin(name: str, folder: str | Path) -> list[Path]:
    """Write a new plugin into a folder of its own.

    Parameters
    ----------
    name : str
        Lowercase letters, digits and hyphens: ``shop-watch`` makes the distribution ``shop-watch-plugin``, the package
        ``shop_watch_plugin`` and components whose ids begin with ``shop_watch.``.
    folder : str or Path
        Where to put the folder ``shop-watch-plugin``.

    Returns
    -------
    list of Path
        The files written, in order.

    Raises
    ------
    UsageError
        If the name cannot be a plugin's, or is one's already, or the plugin's folder is there and not empty. Nothing
        is written then.

    Examples
    --------
    >>> import tempfile
    >>> written = new_plugin("shop-watch", tempfile.mkdtemp())
    >>> written[0].name, written[0].parent.name
    ('.gitignore', 'shop-watch-plugin')
    """
    _check_name(name)
    blanks = {
        "name": name,
        "plugin": name.replace("-", "_"),
        "package": f"{name.replace('-', '_')}_plugin",
        "distribution": f"{name}-plugin",
    }
    target = Path(folder) / blanks["distribution"]
    if target.is_dir() and any(target.iterdir()):
        raise UsageError(
            f"the folder {target} is there already, and it is not empty",
            code="U051",
            hints=(("to mend", "choose another name or another --folder, or move that folder away"),),
        )
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
        # Beside its place, then renamed into it: a write that fails half way leaves nothing behind.
        with tempfile.TemporaryDirectory(prefix=".sartor-", dir=folder) as workshop:
            whole = Path(workshop) / blanks["distribution"]
            places = [_write(template, whole / path, blanks) for path, template in _templates(blanks)]
            whole.replace(target)
    except OSError as error:
        raise UsageError(f"{target} cannot be written: {error.strerror or error}", code="U052") from error
    return sorted(target / place.relative_to(whole) for place in places)


def _check_name(name: str) -> None:
    """Refuse what cannot be the name of a plugin, with one that can."""
    ending = re.fullmatch(r"(.+)[-_]plugin", name)
    if ending:
        raise _refused(f"'{name}' ends in plugin, which the distribution's name gets by itself", ending[1])
    if not _NAME.fullmatch(name) or len(name) > _LONGEST:
        near = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-0123456789")[:_LONGEST].strip("-")
        raise _refused(
            f"'{name}' cannot be a plugin's name: lowercase letters, digits and single hyphens, a letter first, "
            f"{_LONGEST} characters at most",
            near,
        )
    if name in RESERVED_NAMES or keyword.iskeyword(name):
        raise _refused(f"'{name}' means something else to sartor or to Python, and cannot be a plugin's name")
    _check_free(name)


def _check_free(name: str) -> None:
    """Refuse the name of a plugin that is installed: both could not be."""
    from sartor.plugins import Plugins

    taken = Plugins().by_name
    for written in (name, name.replace("-", "_")):
        if written in taken:
            plugin = taken[written]
            raise _refused(
                f"a plugin called '{written}' is installed already: {plugin.distribution} {plugin.version}".rstrip()
            )


def _refused(message: str, near: str = "") -> UsageError:
    hints = [("did you mean", near)] if near and _NAME.fullmatch(near) and near not in RESERVED_NAMES else []
    return UsageError(message, code="U050", hints=[*hints, ("to mend", "choose another name, such as shop-watch")][:1])


def _templates(blanks: dict[str, str]) -> Iterator[tuple[Path, Traversable]]:
    """Yield each template with the place of the file that it becomes, relative to the plugin's folder."""
    names = {
        "gitignore": ".gitignore",
        "package": blanks["package"],
        "recipe.yaml": f"{blanks['name']}.yaml",
        "test_plugin.py": f"test_{blanks['plugin']}.py",
    }

    def walk(folder: Traversable, path: Path) -> Iterator[tuple[Path, Traversable]]:
        for entry in sorted(folder.iterdir(), key=lambda found: found.name):
            plain = entry.name.removesuffix(_ENDING)
            place = path / names.get(plain, plain)
            if entry.is_dir():
                yield from walk(entry, place)
            elif entry.name.endswith(_ENDING):
                yield place, entry

    yield from walk(files("sartor") / "templates" / "plugin", Path())


def _write(template: Traversable, place: Path, blanks: dict[str, str]) -> Path:
    place.parent.mkdir(parents=True, exist_ok=True)
    filled = _BLANK.sub(lambda blank: blanks[blank[1]], template.read_text(encoding="utf-8"))
    place.write_text(filled, encoding="utf-8", newline="\n")
    return place
