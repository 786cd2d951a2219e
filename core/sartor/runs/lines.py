"""What the lines of a run's ledger say: for each stage what went in, by which code and settings, and what came out.

A line has ``stage``, where it applies ``step`` and ``use``, ``code`` and ``settings`` as digests, ``inputs`` and
``made`` (name to SHA-256, in the stage cache or before it), and ``files``: those of the run's folder that came of it,
name to ``[sha256, bytes]``. The closing line ``record`` names every file once more.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sartor.contract.quarantine import quarantine_of
from sartor.runs.cache import file_digest, key_of, own_code
from sartor.runs.ledger import CLOSING, FORMAT
from sartor.runs.recording import WORTH, decisions_file, versions
from sartor.stages.ingesting import TABLE
from sartor.stages.sectioning import FILE as SECTIONS

if TYPE_CHECKING:
    from sartor.performing import Score
    from sartor.recipe.model import Step
    from sartor.session import Session

Files = Mapping[str, list[Any]]


def lines_of(session: Session, score: Score, files: Files, started: datetime) -> Iterator[dict[str, Any]]:
    """Yield what each line says, in the order of the stages.

    Parameters
    ----------
    session : Session
    score : Score
        What the stages have made.
    files : mapping
        All files of the run's folder, name to ``[sha256, bytes]``.
    started : datetime
    """
    yield _first(session, files, started)
    tables = {}
    for name, step in session.recipe.ingest.items():
        inputs = {str(entry["name"]): entry.get("sha256") for entry in score.inputs if entry["table"] == name}
        tables[f"table {name}"] = _table_digest(session, name, score)
        made = {f"table {name}": tables[f"table {name}"]}
        aside = _some(files, quarantine_of(name))
        said = {"inputs": inputs, "made": made, **({"files": aside} if aside else {})}
        yield {"stage": "ingest", **_step(session, step), **said}
    if score.frame is not None:
        yield from _learned(session, score, files, tables)
    at = datetime.now().astimezone().isoformat(timespec="seconds")
    yield {"stage": CLOSING, "at": at, "files": files}


def _first(session: Session, files: Files, started: datetime) -> dict[str, Any]:
    return {
        "stage": "run",
        "format": FORMAT,
        "recipe": session.recipe.name,
        "run": session.run_id,
        "started": started.isoformat(timespec="seconds"),
        "seed": session.seed,
        "as_of": session.as_of.isoformat() if session.as_of else None,
        "code": own_code(),
        "versions": key_of(versions()),
        "files": _some(files, "recipe.yaml", "resolved.yaml"),
    }


def _learned(session: Session, score: Score, files: Files, tables: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the lines behind ingest."""
    recipe = session.recipe
    assert recipe.task is not None
    frame = {"frame": score.frame_digest}
    settings = key_of(str(recipe.split), [[step.use, step.settings] for step in recipe.features.values()])
    uses = [recipe.task.use, *(step.use for step in recipe.features.values())]
    yield {
        "stage": "features",
        "step": "task",
        "use": recipe.task.use,
        "code": key_of(*(_code(session, use) for use in uses)),
        "settings": key_of(recipe.task.settings, settings),
        "inputs": tables,
        "made": frame,
    }
    for name, step in recipe.models.items():
        inside = f"models/{name}/"
        own = {file: told for file, told in files.items() if file.startswith(inside)}
        prepare = [[inner.use, inner.settings] for inner in step.prepare]
        yield {
            "stage": "fit",
            **_step(session, step, prepare),
            "seed": session.context(("models", name)).seed,
            "inputs": frame,
            "files": own,
        }
    models = {name: told[0] for name, told in files.items() if name.startswith("models/")}
    yield {
        "stage": "judge",
        "settings": key_of(vars(recipe.judge), str(recipe.gates), recipe.select),
        "inputs": {**frame, "models": key_of(models)},
        "files": _some(files, "predictions.parquet", "metrics.json", SECTIONS),
    }
    for name, action in recipe.actions.items():
        # What decisions are worth stands in one file for all actions.
        made = _some(files, decisions_file(name, len(score.decided)), WORTH)
        predictions = {"predictions.parquet": files["predictions.parquet"][0]}
        yield {"stage": "decide", **_step(session, action), "inputs": predictions, "files": made}


def _step(session: Session, step: Step, *more: Any) -> dict[str, Any]:
    said = {key: value for key, value in vars(step).items() if key != "path"}
    return {
        "step": ".".join(map(str, step.path)),
        "use": step.use,
        "code": _code(session, step.use),
        "settings": key_of({**said, "prepare": None}, *more),
    }


def _code(session: Session, use: str) -> str:
    outside = session.keeper.code(use) if session.keeper is not None else ""
    return outside or own_code()


def _table_digest(session: Session, name: str, score: Score) -> str:
    """Return the digest of a guarded table as it was stored."""
    key = score.keys[name]
    cache = session.keeper.cache if session.keeper is not None else None
    place = cache.folder / "ingest" / key if cache is not None else None
    if cache is None or place is None or not place.is_dir():
        return key
    try:
        known = cache.about(place).get("files", {}).get(TABLE, [0, ""])[1]
        return str(known or file_digest(place / TABLE))
    except (OSError, ValueError):
        # Taken away meanwhile; the key stands for everything that it was made of.
        return key


def _some(files: Files, *names: str) -> dict[str, list[Any]]:
    return {name: files[name] for name in names if name in files}
