"""What one run carries from stage to stage: services, events, and where each step stands in the recipe."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sartor.blame import STOPS, PartError, machine_error, plugin_problem, untold
from sartor.context import Context, seed_of, telling
from sartor.errors import InputError, PluginError, SartorError
from sartor.events import Event, Note, StageFinished, StageStarted

if TYPE_CHECKING:
    import narwhals as nw
    import pandas as pd

    from sartor.components import Fitted, ModelStep
    from sartor.engine import Engine
    from sartor.plugins import Plugins
    from sartor.recipe.model import Recipe
    from sartor.rows import Rows, Training
    from sartor.stages.keeping import Keeper


@dataclass
class Stage:
    """A stage while it runs: fill in its line and its summary."""

    name: str
    line: str = ""
    summary: dict[str, Any] = field(default_factory=dict)


@dataclass
class Session:
    """Everything that the stages of one run share.

    Parameters
    ----------
    recipe : Recipe
        Checked.
    plugins : Plugins
    engine : Engine
        The run's one table engine.
    run_id : str
    seed, threads : int
    scratch : Path
        For temporary files.
    as_of : datetime or None
        Lines of tables at or after this moment are not read.
    listen : callable
        Hears every event.
    fit_model : callable or None
        Fits models named inside other models.
    keeper : Keeper or None
        Finds and keeps what stages make.
    whole : DataFrame or None
        Where a source is withheld: the features of the run with all sources, whose columns the frame shall have.
    """

    recipe: Recipe
    plugins: Plugins
    engine: Engine
    run_id: str
    seed: int
    threads: int
    scratch: Path
    as_of: datetime | None
    listen: Callable[[Event], None]
    fit_model: Callable[[ModelStep, Training, Context], Fitted] | None = None
    keeper: Keeper | None = None
    whole: pd.DataFrame | None = None
    stages: list[StageFinished] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)

    def tell(self, event: Event) -> None:
        """Keep what the record needs and pass every event on; of several models, a note says whose it is."""
        if isinstance(event, Note) and event.step.startswith("models.") and len(self.recipe.models) > 1:
            event = replace(event, whose=event.step.split(".")[1])
        if isinstance(event, Note) and event not in self.notes:
            self.notes.append(event)
        if isinstance(event, StageFinished):
            self.stages.append(event)
        self.listen(event)

    def context(self, path: tuple[str | int, ...]) -> Context:
        """Return the services for the step at a path of the recipe, such as ``("models", "forest")``."""
        step = ".".join(map(str, path))
        return Context(
            step=step,
            seed=seed_of(self.seed, step),
            threads=self.threads,
            folder=self.recipe.base_folder(path),
            scratch=self.scratch,
            currency=self.recipe.currency or "",
            tell=self.tell,
            connection_of=lambda: self.engine.connection,
            fit_model=self.fit_model,
            confidence=self.recipe.judge.confidence,
            smallest_group=self.recipe.privacy.smallest_group,
        )

    @contextmanager
    def stage(self, name: str, about: str = "") -> Iterator[Stage]:
        """Time a stage and tell of its end; a stage without a line is not told of."""
        started = time.perf_counter()
        self.tell(StageStarted(name, about))
        stage = Stage(name)
        yield stage
        if stage.line:
            seconds = time.perf_counter() - started
            self.tell(StageFinished(self.recipe.name, self.run_id, name, stage.line, seconds, stage.summary))

    @contextmanager
    def step(
        self, path: tuple[str | int, ...], use: str, verb: str, data: tuple[str | int, ...] = ()
    ) -> Iterator[None]:
        """Say where it stands when a step's verb goes wrong.

        A `SartorError` gets the step's place in the recipe; whatever else is raised becomes a `PluginError` that
        names recipe, step, plugin and verb, with the original as its cause. What is only the machine's fault, a full
        disk for example, is said so.

        Parameters
        ----------
        path : tuple
            Where the step stands in the recipe.
        use, verb : str
        data : tuple, optional
            Where the recipe names the data that is wrong if an `InputError` is raised.
        """
        document, name = self.recipe.document, ".".join(map(str, path))
        whose = f"{self.recipe.name}: step {name}"
        try:
            with telling(self.context(path).note):
                yield
        except PartError as error:
            machine = machine_error(error, *self._own_folders(), at=f"{verb} of {name}")
            raise machine or error.of(whose, document.where((*path, *error.place, "use"))) from error.__cause__
        except SartorError as error:
            at_data = data and isinstance(error, InputError)
            cause = error.__cause__ and self._told(path, error.__cause__)
            raise error.at(document.where(data if at_data else (*path, "use"))) from cause
        except STOPS:
            raise
        except BaseException as error:  # noqa: BLE001 - raised again as what it is
            machine = machine_error(error, *self._own_folders(), at=f"{verb} of {name}")
            place = document.where((*path, "use"))
            cause = self._told(path, error)
            raise machine or PluginError(plugin_problem(cause, whose, use, verb, place)) from cause

    def _told(self, path: tuple[str | int, ...], error: BaseException) -> BaseException:
        """Return an exception as it may be told of: what a reader says of rows that the guard has not seen is not."""
        unguarded = path[:1] == ("ingest",) and self.recipe.privacy.hides
        return untold(error) if unguarded else error

    def frame(self, made: Any, path: tuple[str | int, ...], use: str, verb: str) -> nw.LazyFrame[Any]:
        """Return the table that a step's verb returned as a frame of the engine.

        Raises
        ------
        PluginError
            If it is none.
        """
        try:
            return self.engine.frame(made)
        except PluginError as error:
            raise PluginError(
                f"{'.'.join(map(str, path))}: '{use}' breaks the contract of {verb}: it returned "
                f"{type(made).__name__} where a table is due",
                code="X021",
                hints=error.problems[0].hints,
            ) from None

    def rows(self, made: Any) -> Rows:
        """Return what the task's verb `rows` returned.

        Raises
        ------
        PluginError
            If it is something else than `Rows`.
        """
        from sartor.rows import Rows

        if isinstance(made, Rows):
            return made
        use = self.recipe.task.use if self.recipe.task is not None else ""
        raise PluginError(
            f"task: '{use}' breaks the contract of rows: it returned {type(made).__name__} where Rows are due",
            code="X021",
        )

    def _own_folders(self) -> list[Path]:
        return [self.scratch, *([self.keeper.cache.folder] if self.keeper is not None else [])]
