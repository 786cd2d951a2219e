"""A project: the folder that holds recipes, data and runs, and what its ``sartor.toml`` says."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sartor.errors import Position, Problem, UsageError, nearest

SETTINGS_FILE = "sartor.toml"
_MEMORY = re.compile(r"[0-9]+(\.[0-9]+)? ?([KMGT]i?B)")


def is_memory(text: str) -> bool:
    """Tell whether a text is an amount of memory: a number and a unit.

    Examples
    --------
    >>> is_memory("4 GB"), is_memory("1.5GiB"), is_memory("0 GB"), is_memory("lots")
    (True, True, False, False)
    """
    return _MEMORY.fullmatch(text) is not None and re.search("[1-9]", text) is not None


@dataclass(frozen=True)
class ProjectSettings:
    """What ``sartor.toml`` may say; everything has a default.

    Parameters
    ----------
    data, runs : str or None
        Folders, relative to the project.
    engine : str or None
        The table engine.
    threads : int or None
        How many threads native code may use.
    memory : str or None
        How much memory tables may take, such as ``4 GB``.
    spill : str or None
        Folder for what does not fit into it, relative to the project; the system's temporary folder unless given.
    report : bool or None
        Whether ``sartor run`` makes a report at its end; it does unless this is false.
    signing_key : str or None
        The Ed25519 key that signs the heads of ledgers: a PEM file, relative to the project, or ``secret:NAME``.
    encryption_keys : list of str or None
        Keys that encrypted runs may be opened with, beside the one that a run names: files, or ``secret:NAME``.
    roles : mapping of role to list of str, or None
        Who is in a role: users of the operating system, or ``group:NAME``.
    """

    data: str | None = None
    runs: str | None = None
    engine: str | None = None
    threads: int | None = None
    memory: str | None = None
    spill: str | None = None
    report: bool | None = None
    signing_key: str | None = None
    encryption_keys: Sequence[str] | None = None
    roles: Mapping[str, Sequence[str]] | None = None


@dataclass(frozen=True)
class Project:
    """The folder in which sartor works.

    Parameters
    ----------
    root : Path
        The nearest folder, at or above the present one, that holds ``sartor.toml``; the present one if none does.
    settings : ProjectSettings
    """

    root: Path
    settings: ProjectSettings = field(default_factory=ProjectSettings)

    @classmethod
    def at(cls, folder: Path | None = None) -> Project:
        """Return the project that a folder belongs to.

        Parameters
        ----------
        folder : Path, optional
            The present one unless given.

        Raises
        ------
        UsageError
            If ``sartor.toml`` cannot be read or says what it cannot say; with every problem in it.
        """
        folder = (folder or Path.cwd()).absolute()
        for candidate in (folder, *folder.parents):
            if (candidate / SETTINGS_FILE).is_file():
                return cls(candidate, _read_settings(candidate / SETTINGS_FILE))
        return cls(folder)

    @property
    def recipes(self) -> Path:
        """The folder of the project's own recipes; it need not exist."""
        return self.root / "recipes"

    @property
    def runs(self) -> Path:
        """The folder that runs are recorded in."""
        return self.root / (self.settings.runs or "runs")

    def data_folder(self, override: str | Path | None, env: Mapping[str, str]) -> Path:
        """Return what ``${data}`` stands for: `override`, else SARTOR_DATA, else ``sartor.toml``, else ``data``."""
        if override is not None:
            return Path(override).expanduser().absolute()
        if env.get("SARTOR_DATA"):
            return Path(env["SARTOR_DATA"]).expanduser().absolute()
        return self.root / Path(self.settings.data or "data").expanduser()

    @contextmanager
    def spill_folder(self, scratch: Path) -> Iterator[Path]:
        """Open a folder for what does not fit into memory; nothing is left of it afterwards.

        Parameters
        ----------
        scratch : Path
            A temporary folder, for projects that name none.

        Raises
        ------
        UsageError
            If the folder that the project names cannot be written.
        """
        if self.settings.spill is None:
            yield scratch / "spill"
            return
        import tempfile

        folder = self.root / Path(self.settings.spill).expanduser()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            own = tempfile.TemporaryDirectory(prefix="sartor-", dir=folder, ignore_cleanup_errors=True)
        except OSError as error:
            raise UsageError(
                f"the folder for what does not fit into memory cannot be used: {error.strerror or error} ({folder})",
                code="U004",
                hints=(("to mend", "name a folder that you may write: spill in sartor.toml"),),
            ) from error
        with own as place:
            yield Path(place)


def _read_settings(path: Path) -> ProjectSettings:
    # Only projects that have the file pay for the TOML reader.
    import tomllib

    try:
        text = path.read_text(encoding="utf-8")
        values = tomllib.loads(text)
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{SETTINGS_FILE} cannot be read: {error}", code="U004") from error
    except tomllib.TOMLDecodeError as error:
        where = re.search(r"\(at line (\d+), column (\d+)\)", str(error))
        line, column = (int(where[1]), int(where[2])) if where else (1, 1)
        lines = text.splitlines() or [""]
        place = Position(SETTINGS_FILE, line, column, 1, lines[min(line, len(lines)) - 1])
        said = re.sub(r" \(at .*\)", "", str(error))
        message = f"{SETTINGS_FILE} is not TOML: {said[:1].lower()}{said[1:]}"
        raise UsageError(message, code="U004", where=place) from error
    problems = [problem for key, value in values.items() for problem in _problems(key, value, text)]
    if problems:
        raise UsageError(problems)
    return ProjectSettings(**values)


def _problems(key: str, value: Any, text: str) -> list[Problem]:
    where = _place(key, text)
    known = list(ProjectSettings.__dataclass_fields__)
    if key not in known:
        return [Problem("U004", f"{SETTINGS_FILE} has no setting '{key}'", where, nearest(key, known))]
    if key == "threads":
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            message = f"threads must be a whole number from 1 on, got {value!r}"
            return [Problem("U004", message, where, (("to mend", "write threads = 2"),))]
    elif key == "report":
        if not isinstance(value, bool):
            hint = ("to mend", "write report = false")
            return [Problem("U004", f"report must be true or false, got {value!r}", where, (hint,))]
    elif key == "encryption_keys":
        if not _are_texts(value):
            hint = ("to mend", 'write encryption_keys = ["secret:NAME", "FILE"]')
            return [Problem("U004", f"encryption_keys must be a list of texts, got {value!r}", where, (hint,))]
    elif key == "roles":
        if not isinstance(value, dict) or not all(map(_are_texts, value.values())):
            hint = ("to mend", 'write [roles], and below it ROLE = ["USER", "group:GROUP"]')
            return [Problem("U004", f"roles must name members, got {value!r}", where, (hint,))]
    elif not isinstance(value, str) or not value.strip():
        return [Problem("U004", f"{key} must be a text, got {value!r}", where, (("to mend", f'write {key} = "..."'),))]
    elif key == "memory" and not is_memory(value):
        message = f"memory must be a number and a unit, got '{value}'"
        return [Problem("U004", message, where, (("to mend", 'write memory = "4 GB"'),))]
    return []


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) and item.strip() for item in value)


def _place(key: str, text: str) -> Position | None:
    for number, line in enumerate(text.splitlines(), 1):
        match = re.match(rf"\s*\[?\s*[\"']?({re.escape(key)})\b", line)
        if match:
            return Position(SETTINGS_FILE, number, match.start(1) + 1, len(key), line)
    return None
