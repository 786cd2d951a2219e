"""Keeps what stages make, so that a second run redoes only what changed and a killed run resumes.

Whatever is kept is also read back before it is used: a run that finds it and a run that made it go on from the same
bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sartor.events import Note
from sartor.recipe.giving import files_of
from sartor.runs.cache import Cache, environment, file_digest, key_of, plugin_code

if TYPE_CHECKING:
    from sartor.durations import Duration
    from sartor.plugins import Plugins
    from sartor.recipe.document import KeyPath
    from sartor.recipe.model import Recipe, Step
    from sartor.session import Session

STAGES = ("ingest", "features", "fit")
"""Stages that are kept, in order; ``--from`` redoes one and all behind it."""


@dataclass(frozen=True)
class Kept:
    """What a stage made, in its folder.

    Parameters
    ----------
    folder : Path
    about : mapping
        What was told of it.
    found : bool
        Whether it was there already.
    key : str
        Of the entry.
    """

    folder: Path
    about: Mapping[str, Any]
    found: bool
    key: str


@dataclass
class Keeper:
    """Finds and keeps the stages of one run.

    Parameters
    ----------
    cache : Cache
    plugins : Plugins
    threads : int or None
        As asked for; None where they follow what is free, which must then not change a number.
    redo : frozenset of str
        Stages that are done again though they are kept.
    """

    cache: Cache
    plugins: Plugins
    threads: int | None = None
    redo: frozenset[str] = frozenset()
    _environment: dict[str, Any] = field(default_factory=dict)
    _begun: dict[str, tuple[str, datetime]] = field(default_factory=dict)
    _made: list[Path] = field(default_factory=list)

    def key(self, stage: str, *parts: Any) -> str:
        """Return the key of a stage: what it depends on, the versions of everything, threads where asked for."""
        self._environment = self._environment or environment()
        return key_of(stage, self._environment, self.threads, *parts)

    def step(
        self, use: str, settings: Mapping[str, Any], folder_of: Callable[[KeyPath], Path] | None = None
    ) -> list[Any]:
        """Return what a step of the recipe depends on: its component, that plugin's code, its settings.

        Parameters
        ----------
        use : str
        settings : mapping
        folder_of : callable, optional
            From the place of a setting to the folder in which its file is looked for. The files that settings name
            are then part of it, with what they hold; a reader tells of its files by its fingerprint.
        """
        files = [] if folder_of is None else self._files(use, settings, folder_of)
        return [use, self.code(use), settings, *([files] if files else [])]

    def step_of(self, recipe: Recipe, step: Step) -> list[Any]:
        """Return what a step of a recipe depends on, the files that it names included."""
        return self.step(step.use, step.settings, lambda below: recipe.base_folder((*step.path, "with", *below)))

    def _files(self, use: str, settings: Mapping[str, Any], folder_of: Callable[[KeyPath], Path]) -> list[Any]:
        found = []
        for below, name in files_of(
            self.plugins.class_of(self.plugins.find(use)), settings, self.plugins, absolute=True
        ):
            file = folder_of(below) / Path(name).expanduser()
            found.append([*below, name, file_digest(file) if file.is_file() else None])
        return found

    def code(self, use: str) -> str:
        """Return the digest of an outside plugin's sources; sartor's own are part of every key."""
        module = self.plugins.by_name[use.split(".", 1)[0]].module_name
        return "" if module.split(".")[0] in ("sartor_plugins", "sartor_domains") else plugin_code(module)

    def fresh(self, stage: str, key: str, within: Duration) -> str:
        """Return the key of what was made at most some time ago, or of what is to be made now.

        Parameters
        ----------
        stage : str
        key : str
            Of everything that it depends on but time.
        within : Duration
            How long ago it may have been made. What seems to be made in the future was made when the clock was wrong.
        """
        now = datetime.now(UTC)
        made = None if stage in self.redo else self.cache.moment(key)
        if made is not None and made <= now <= within.to_offset(made):
            found = key_of(key, made.isoformat())
            if self.cache.find(stage, found) is not None:
                return found
        due = key_of(key, now.isoformat())
        self._begun[due] = key, now
        return due

    def about(self, stage: str, key: str) -> Mapping[str, Any] | None:
        """Return what was told of an entry that `keep` would find, or None."""
        folder = None if stage in self.redo else self.cache.find(stage, key)
        return None if folder is None else self.cache.about(folder)

    def keep(
        self,
        session: Session,
        stage: str,
        key: str,
        write: Callable[[Path], Mapping[str, Any]],
        notes: Sequence[Note] = (),
    ) -> Kept:
        """Return what is kept under a key, or make and keep it.

        Notes that were made with it, before among `notes` or while it is written, are made again where it is found.
        """
        folder = None if stage in self.redo else self.cache.find(stage, key)
        if folder is not None:
            about = self.cache.about(folder)
            for note in about["notes"]:
                session.tell(Note(note["stage"], note["text"], note["caution"], note.get("step", "")))
            return Kept(folder, about, True, key)
        if key in self._begun:
            # Written down before it is made: as long as there is no entry, nobody takes it for made.
            self.cache.keep_moment(*self._begun.pop(key))
        before = len(session.notes)

        def written(place: Path) -> Mapping[str, Any]:
            about = write(place)
            made = dict.fromkeys([*notes, *session.notes[before:]])
            return {**about, "recipe": session.recipe.name, "notes": [vars(note) for note in made]}

        try:
            folder = self.cache.make(stage, key, written, instead=stage in self.redo)
        except Exception:
            # It would fail again; only what was killed or interrupted is worth going on with.
            self.cache.finished(key)
            raise
        self.cache.finished(key)
        self._made.append(folder)
        return Kept(folder, self.cache.about(folder), False, key)

    def take_back(self) -> None:
        """Remove what this run has made: a privacy stop leaves nothing."""
        for folder in self._made:
            self.cache.remove(folder)
        self._made.clear()


def redone(from_stage: str | None) -> frozenset[str]:
    """Return the stages that ``--from`` redoes.

    Examples
    --------
    >>> sorted(redone("features")), sorted(redone(None))
    (['features', 'fit'], [])
    """
    return frozenset() if from_stage is None else frozenset(STAGES[STAGES.index(from_stage) :])
