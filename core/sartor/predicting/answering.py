"""Answers piece by piece: in the order in which rows came, with what cannot be answered named by its line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd
import pyarrow as pa

from sartor.errors import InputError, PrivacyStop, Problem
from sartor.events import Progress
from sartor.predicting.answers import Answered, Part, together
from sartor.predicting.guarding import pieces_of
from sartor.predicting.pieces import Piece, Refused
from sartor.stages.releasing import check_tables

if TYPE_CHECKING:
    from sartor.predicting.asking import Ready
    from sartor.rows import Scoring

OnError = Literal["stop", "skip"]


@dataclass(frozen=True)
class Written:
    """Answers as a table, ready to be written.

    Parameters
    ----------
    table : pyarrow.Table
        A line a row: keys, answer, decisions. Without columns where all rows were refused.
    lines : ndarray of int
        Where each row stood.
    refused : tuple of Refused
        Lines that could not be answered, among them.
    whole : bool
        Whether `table` has all columns; where no row has an answer, nothing is known of some.
    """

    table: pa.Table
    lines: np.ndarray
    refused: tuple[Refused, ...] = ()
    whole: bool = True


def answers(ready: Ready, on_error: OnError = "stop") -> Iterator[Written]:
    """Yield the answers for all rows; where their decisions are held to a release, none before all of them are.

    Parameters
    ----------
    ready : Ready
    on_error : {"stop", "skip"}
        Whether the first line that cannot be answered ends it, after the answers for the lines before, or is told
        of beside the answers for the others.

    Raises
    ------
    InputError
        If there is no row, or, with ``stop``, at the first line that cannot be answered.
    PrivacyStop
        If what is decided is less anonymous than the recipe's release asks, or if that cannot be known in time.
    """
    later, released = ready.scorer.decider.later, _released(ready)
    held: list[Answered] = []
    rows = 0
    for answered in _answered(ready, on_error):
        rows += len(answered) + len(answered.refused)
        if not later and not released:
            yield _written(ready, answered)
        else:
            held.append(answered)
        ready.session.tell(Progress("predict", ready.scorer.model, rows, 0, "rows"))
    if not rows:
        shown = ready.source.shown if ready.source is not None else "the tables"
        raise InputError(
            f"{shown}: there is no row to answer", code="D002", hints=(("to mend", "look at what wrote it"),)
        )
    if later:
        held = [_decided_on_all(ready, held)]
    for name in released:
        made = [one.decisions[name] for one in held if name in one.decisions]
        if made:
            check_tables(ready.session.recipe, {name: pd.concat(made, ignore_index=True)})
    for one in held:
        yield _written(ready, one)
    _tell(ready)


def _released(ready: Ready) -> list[str]:
    """Return the actions whose decisions leave only as anonymous as the recipe asks.

    Raises
    ------
    PrivacyStop
        If they come as a stream: each would have left before the last one is known.
    """
    limits, actions = ready.session.recipe.privacy.limits.release, ready.scorer.decider.actions
    found = [name for name in actions if name in limits]
    if found and ready.source is not None and ready.source.streamed:
        raise PrivacyStop(
            f"the table of '{found[0]}' is released only as a whole, and a stream answers line by line",
            code="P009",
            hints=(("to mend", "give all rows as one file: --data FILE"), ("or", "leave out --decide")),
        )
    return found


def _answered(ready: Ready, on_error: OnError) -> Iterator[Answered]:
    if ready.source is None:
        yield from ready.scorer.rows()
        return
    for piece in pieces_of(ready.source, ready.session.recipe):
        answered = _one(ready, piece, on_error)
        if not answered.refused or on_error == "skip":
            yield answered
            continue
        first = answered.refused[0]
        before = np.flatnonzero(piece.lines < first.line)
        if len(before) and ready.source.streamed:
            yield ready.scorer.answer(piece.take(before))
        raise InputError(_with_the_others(first, answered))


def _one(ready: Ready, piece: Piece, on_error: OnError) -> Answered:
    """Answer a piece; in a stream that goes on, what is wrong with all of it is told of each of its lines."""
    if on_error == "stop" or ready.source is None or not ready.source.streamed:
        return ready.scorer.answer(piece)
    try:
        return ready.scorer.answer(piece)
    except InputError as error:
        problem = error.problems[0]
        told = [Refused(int(line), replace(problem, message=f"line {line}: {problem.message}")) for line in piece.lines]
        refused = tuple(sorted([*piece.refused, *told], key=lambda one: one.line))
        return Answered(np.empty(0, dtype=np.int64), pa.table({}), {}, {}, refused=refused)


def _with_the_others(first: Refused, answered: Answered) -> Problem:
    more = len(answered.refused) - 1
    hints = (*first.problem.hints, ("more", f"{more:,} others like it near by")) if more else first.problem.hints
    return replace(first.problem, hints=hints)


def _written(ready: Ready, answered: Answered) -> Written:
    decider = ready.scorer.decider
    if not len(answered):
        return Written(pa.table({}), answered.lines, answered.refused, whole=False)
    table = answered.table(ready.scorer.model, decider.decided_on)
    # Which columns a model has beside its answer is known as soon as it has answered a row.
    whole = set(answered.decisions) == set(decider.actions) and answered.any_answer
    return Written(table, answered.lines, answered.refused, whole=whole)


def _decided_on_all(ready: Ready, held: list[Answered]) -> Answered:
    """Return all answers as one, with the decisions of actions that look at all rows."""
    held_rows = [answered for answered in held if len(answered)]
    counts = np.cumsum([0, *(len(answered) for answered in held_rows)])
    count = int(counts[-1])
    parts = [
        replace(part, places=part.places + start)
        for start, answered in zip(counts, held_rows, strict=False)
        for part in answered.parts
    ]
    refused = tuple(one for answered in held for one in answered.refused)
    if not parts:
        return Answered(np.empty(0, dtype=np.int64), pa.table({}), {}, {}, refused=refused)
    whole = _one_part(parts)
    decided = ready.scorer.decider.decide_on_all(whole.answers, whole.scoring)
    decisions = {
        name: pd.concat([answered.decisions[name] for answered in held_rows], ignore_index=True)
        for name in ready.scorer.decider.at_once
    }
    decisions |= {name: together([(whole.places, made)], count) for name, made in decided.items()}
    return Answered(
        lines=np.concatenate([answered.lines for answered in held_rows]),
        keys=pa.concat_tables([answered.keys for answered in held_rows], promote_options="permissive"),
        predictions={
            name: pd.concat([answered.predictions[name] for answered in held_rows], ignore_index=True)
            for name in ready.scorer.models
        },
        decisions={name: decisions[name] for name in ready.scorer.decider.actions},
        refused=refused,
    )


def _one_part(parts: list[Part]) -> Part:
    """Return rows that were scored apart as one, in the order of their lines."""
    places = np.concatenate([part.places for part in parts])
    order = np.argsort(places, kind="stable")
    first: Scoring = parts[0].scoring
    rows = pd.concat([part.scoring.rows for part in parts], ignore_index=True)
    X = pd.concat([part.scoring.X for part in parts], ignore_index=True)
    scoring: Scoring = replace(first, rows=rows, X=X).take(order)
    answers = {
        name: pd.concat([part.answers[name] for part in parts], ignore_index=True).take(order).reset_index(drop=True)
        for name in parts[0].answers
    }
    return Part(places[order], scoring, answers)


def _tell(ready: Ready) -> None:
    """Say what was peculiar about the rows, now that all of them have been seen."""
    context, scorer = ready.session.context(("predict",)), ready.scorer
    for text, caution in scorer.guard.notes() if scorer.guard is not None else []:
        context.note(text, caution=caution)
    if scorer.repeated:
        # Nobody remembers all keys of millions of rows: what is counted came again among rows answered together.
        times = "once" if scorer.repeated == 1 else f"{scorer.repeated:,} times"
        context.note(f"keys come again, at least {times}: each row is answered by itself", caution=True)
    if scorer.undated and scorer.wanted is not None:
        asked = f"they are asked as of {scorer.moment:%Y-%m-%d %H:%M}"
        context.note(f"{scorer.undated:,} rows have no {scorer.wanted.moment}: {asked}", caution=True)
    if scorer.set_aside:
        context.note(f"{scorer.set_aside:,} rows have no answer: the task set them aside", caution=True)
