"""A recorded run taken up again to be explained: its rows, and one of its models, as they were."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sartor.errors import InputError, UsageError, nearest
from sartor.evidence.bootstrap import Redraws
from sartor.performing import Options, session_for
from sartor.stages.building import build
from sartor.stages.fitting import FittedModel, checked, fit_one
from sartor.stages.ingesting import ingest
from sartor.stages.judging import measure_rounds
from sartor.stages.kept_frame import keep_frame

if TYPE_CHECKING:
    import pandas as pd

    from sartor.components import Fitted
    from sartor.events import Event
    from sartor.evidence.metric import Metric
    from sartor.plugins import Plugins
    from sartor.recipe.project import Project
    from sartor.rows import Scoring
    from sartor.runs.finding import Recorded
    from sartor.session import Session
    from sartor.stages.framing import Frame


@dataclass(frozen=True)
class TakenUp:
    """A run with one of its models.

    Parameters
    ----------
    session : Session
    frame : Frame
    model : FittedModel
    metrics : tuple of Metric
        That the run measured the model by, in the task's order.
    champion : str
    left : frozenset of str, optional
        Where persons were erased from the run: the rows that its predictions still have.
    """

    session: Session
    frame: Frame
    model: FittedModel
    metrics: tuple[Metric, ...]
    champion: str
    left: frozenset[str] | None = None

    def metric(self, name: str | None) -> Metric:
        """Return a metric of the run; its first unless another is asked for.

        Raises
        ------
        UsageError
        """
        known = {metric.name: metric for metric in self.metrics}
        if name is None or name in known:
            return known[name] if name is not None else self.metrics[0]
        raise UsageError(
            f"{self.model.name} is not measured by '{name}'",
            code="U140",
            hints=nearest(name, known) or (("there are", ", ".join(known)),),
        )

    def asked(self, fitted: Fitted) -> Callable[[Scoring], pd.DataFrame]:
        """Return what asks a fitted model, and says where it stands when that goes wrong."""

        def predict(scoring: Scoring) -> pd.DataFrame:
            with self.session.step(("models", self.model.name), self.model.use, "predict"):
                return checked(fitted.predict(scoring), scoring, f"models.{self.model.name}: '{self.model.use}'")

        return predict


@contextmanager
def taken_up(
    run: Recorded,
    project: Project,
    model: str | None = None,
    listen: Callable[[Event], None] = lambda event: None,
    plugins: Plugins | None = None,
) -> Iterator[TakenUp]:
    """Take up a run: its stages from the cache, or done again where they are gone; nothing is recorded.

    Raises
    ------
    UsageError
        If the run has no such model, or none at all.
    InputError
        If the model does not come out as it was recorded.
    """
    from sartor.plugins import Plugins
    from sartor.runs.finding import with_record
    from sartor.runs.recording import read_json
    from sartor.runs.stored import check_stored, recipe_again

    check_stored(run.folder, "resolved.yaml", "record.json", "metrics.json")
    run, plugins = with_record(run), plugins or Plugins()
    recipe = recipe_again(run.folder, run.record, project, plugins)
    measured = read_json(run.folder, "metrics.json")
    champion = measured.get("champion")
    name = model or champion
    if not isinstance(name, str) or not isinstance(champion, str):
        raise UsageError(f"{run.name} has no model that could be explained", code="U064")
    if name not in recipe.models:
        raise UsageError(f"run {run.run} has no model '{name}'", code="U064", hints=nearest(name, recipe.models))
    with session_for(recipe, plugins, project, Options.of(run.record), listen, run.run) as session:
        built = build(recipe, plugins)
        assert built.task is not None
        frame, digest = keep_frame(session, built.task, built.features, ingest(session, built.ingest))
        fitted = fit_one(session, name, built.models[name], frame, digest)
        with session.step(("task",), recipe.task.use if recipe.task else "", "metrics"):
            metrics = _as_recorded(run, measured, fitted, frame, built.task.metrics())
        _tell_erased(session, run)
        yield TakenUp(session, frame, fitted, metrics, champion, _left(run))


def _as_recorded(
    run: Recorded, measured: dict[str, Any], fitted: FittedModel, frame: Frame, metrics: Any
) -> tuple[Metric, ...]:
    """Return the metrics that the run has of a model, and refuse one that does not come out as it was recorded."""
    said = measured["models"][fitted.name]["metrics"]
    known = tuple(metric for metric in metrics if metric.name in said)
    judged = [frame.judged(number, predictions) for number, predictions in enumerate(fitted.predictions)]
    once = Redraws(sum(len(part.predictions) for part in judged), count=0)
    now = measure_rounds({"": judged}, known, once, frame)[""]
    if known and all(math.isclose(now[one.name].value, said[one.name]["value"], rel_tol=1e-9) for one in known):
        return known
    raise InputError(
        f"run {run.run} does not come out as it was recorded: its data, libraries or code have changed",
        code="D321",
        hints=(("to mend", "run the recipe again"),),
    )


def _left(run: Recorded) -> frozenset[str] | None:
    """Return the rows that a run from which persons were erased still tells of; None where nobody was."""
    from sartor.erasing.marks import MARK
    from sartor.runs.stored import stored_table

    if not (run.folder / MARK).is_file():
        return None
    table = stored_table(run.folder, "predictions.parquet")
    return frozenset() if table is None else frozenset(table["row"].astype("str"))


def _tell_erased(session: Session, run: Recorded) -> None:
    from sartor.erasing.marks import trained_on

    if trained_on(run.folder):
        session.context(("explain",)).note(
            "the models learned from persons who have been erased since: run the recipe again", caution=True
        )
