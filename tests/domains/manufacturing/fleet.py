"""Small fleets whose lives can be followed by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sartor.rows import ROW, TARGET, Origins
from sartor.testing import make_table, make_tables
from sartor_domains.manufacturing.remaining_life import RemainingLife

LIVES = {"A": 4, "B": 3, "C": 2}
"""Readings of each unit."""


def readings(lives=None, **columns) -> pd.DataFrame:
    """A line for each unit and cycle, cycles from 1, with a sensor that counts down."""
    lives = LIVES if lives is None else lives
    frame = pd.DataFrame(
        {
            "unit": np.repeat(list(lives), list(lives.values())),
            "cycle": np.concatenate([np.arange(1, life + 1) for life in lives.values()]),
        }
    )
    return frame.assign(**columns) if columns else frame.assign(heat=frame["cycle"] * 1.5)


def tables(context, frame, key=("unit", "cycle"), **others):
    """Make tables: ``readings``, and others each as (frame, key)."""
    made = [make_table("readings", frame, context, key=list(key), time="day" if "day" in frame else None)]
    made += [make_table(name, other, context, key=list(own)) for name, (other, own) in others.items()]
    return make_tables(made, context)


def rows_of(context, frame, origins=None, key=("unit", "cycle"), others=None, **settings):
    """Return the rows as a table sorted by name."""
    made = RemainingLife.model_validate({"table": "readings", **settings}).rows(
        tables(context, frame, key, **(others or {})), origins or Origins()
    )
    return made, made.frame.collect().to_pandas().sort_values(ROW).reset_index(drop=True)


def left(frame) -> dict[str, float]:
    """Return what each row has left, by its name; None where nobody knows."""
    return {
        row: None if pd.isna(target) else float(target) for row, target in zip(frame[ROW], frame[TARGET], strict=True)
    }
