"""The frame, made once and kept: a run that finds it and a run that made it go on from the same files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sartor.runs.cache import folder_digest
from sartor.runs.frames import load_frame, save_frame
from sartor.stages.featuring import make_frame

if TYPE_CHECKING:
    from sartor.components import Feature, Task
    from sartor.session import Session
    from sartor.stages.framing import Frame
    from sartor.stages.ingesting import Ingested
    from sartor.stages.keeping import Keeper

FRAME = "frame"
"""Name of the folder that holds a frame."""


def keep_frame(session: Session, task: Task, features: Mapping[str, Feature], ingested: Ingested) -> tuple[Frame, str]:
    """Make the frame, or take it up where it is kept.

    Returns
    -------
    frame : Frame
    digest : str
        Of all that is in it.
    """
    rule = session.recipe.split
    assert rule is not None

    def write(folder: Path) -> dict[str, Any]:
        before = len(session.stages)
        save_frame(make_frame(session, task, features, ingested.tables, folder, ingested.parts), folder / FRAME)
        told = [{"stage": s.stage, "line": s.line, "summary": s.summary} for s in session.stages[before:]]
        return {"stages": told, "digest": folder_digest(folder / FRAME)}

    if session.keeper is None:
        folder = session.scratch / "features"
        folder.mkdir()
        about = write(folder)
        return load_frame(folder / FRAME, rule), str(about["digest"])
    kept = session.keeper.keep(session, "features", _key(session, session.keeper, ingested), write)
    if kept.found:
        for told in kept.about["stages"]:
            with session.stage(told["stage"]) as stage:
                stage.line, stage.summary = f"{told['line']} (kept)", told["summary"]
    return load_frame(kept.folder / FRAME, rule), str(kept.about["digest"])


def _key(session: Session, keeper: Keeper, ingested: Ingested) -> str:
    recipe = session.recipe
    assert recipe.task is not None
    said = {
        name: [step.key, step.time, step.roles, step.known_ahead, step.units, step.expected_strong]
        for name, step in recipe.ingest.items()
    }
    steps = {
        name: [keeper.step_of(recipe, step), step.sources, step.expected_strong]
        for name, step in recipe.features.items()
    }
    task = keeper.step_of(recipe, recipe.task)
    # How much memory was asked for decides whether rows stay on disk.
    memory = [session.engine.memory] if session.engine.memory else []
    return keeper.key("features", dict(ingested.keys), said, task, str(recipe.split), steps, session.seed, *memory)
