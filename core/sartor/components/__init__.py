"""What a plugin brings: records that name components, and the classes that components derive from.

A **component** is a small class. Its typed fields are its recipe settings: what stands under ``with``, validated,
documented and exported to JSON Schema. Its verbs do the work. Settings classes live in light modules; pandas,
NumPy and the table engine are imported inside the verbs.
"""

from __future__ import annotations

from sartor.components.actions import Action, Sink
from sartor.components.models import (
    NUMBER,
    PROBABILITY,
    QUANTILES,
    STATUS,
    Because,
    Fitted,
    FittedStep,
    Model,
    Prepare,
)
from sartor.components.offered import Component, Kind
from sartor.components.settings import (
    Column,
    Columns,
    FileName,
    Fraction,
    ModelStep,
    Money,
    PrepareStep,
    Refers,
    Settings,
    Share,
    TableName,
    TruthColumn,
    Unit,
)
from sartor.components.tables import Feature, Ingest, Task
from sartor.durations import Duration

__all__ = [
    "BASES",
    "NUMBER",
    "PROBABILITY",
    "QUANTILES",
    "STATUS",
    "Action",
    "Because",
    "Column",
    "Columns",
    "Component",
    "Duration",
    "Feature",
    "FileName",
    "Fitted",
    "FittedStep",
    "Fraction",
    "Ingest",
    "Kind",
    "Model",
    "ModelStep",
    "Money",
    "Prepare",
    "PrepareStep",
    "Refers",
    "Settings",
    "Share",
    "Sink",
    "TableName",
    "Task",
    "TruthColumn",
    "Unit",
]

BASES: dict[Kind, type[Settings]] = {
    "ingest": Ingest,
    "task": Task,
    "feature": Feature,
    "model": Model,
    "prepare": Prepare,
    "action": Action,
    "sink": Sink,
}
