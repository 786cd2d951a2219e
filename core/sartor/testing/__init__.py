"""For authors of plugins: suites that test a component, and what makes their data.

A suite is a class for pytest to be subclassed, one for each kind of component::

    from sartor.testing import ModelTests


    class TestPoints(ModelTests):
        entry = "hello.points"

========================================  ============================================================
suite                                     tests
========================================  ============================================================
`IngestTests`                             that names and types are what `columns` says, and repeat
`TaskTests`                               rows, truth, times, trivial answers, metrics
`FeatureTests`                            that columns are pure and see no future
`ModelTests`                              answers, seeds, refits, saving and loading, strange rows
`PrepareTests`                            the same of steps, and that no row sees its own target
`ActionTests`                             decisions, their value, policies, the sentence
`SinkTests`                               that all arrive, once, and nothing by halves
========================================  ============================================================

All of them test that settings survive JSON, that unknown ones are refused, that nothing that is handed over changes,
and that importing the component's module loads no heavy library.
"""

from __future__ import annotations

from sartor.testing.actions import ActionTests
from sartor.testing.budget import HEAVY, heavy_imports
from sartor.testing.comparing import difference, snapshot
from sartor.testing.component import ComponentTests, Watch
from sartor.testing.features import FeatureTests
from sartor.testing.ingests import IngestTests
from sartor.testing.learner import Case, halves, sample_cases, strange
from sartor.testing.making import as_features, make_context, make_scoring, make_stored, make_training
from sartor.testing.models import ModelTests
from sartor.testing.pickles import pickles_in
from sartor.testing.prepare import PrepareTests
from sartor.testing.samples import sample_classification, sample_events, sample_features, sample_regression
from sartor.testing.sinks import SinkTests, sample_decisions
from sartor.testing.tables import fetch, lazy, make_rows, make_table, make_tables
from sartor.testing.tasks import TaskTests

__all__ = [
    "HEAVY",
    "ActionTests",
    "Case",
    "ComponentTests",
    "FeatureTests",
    "IngestTests",
    "ModelTests",
    "PrepareTests",
    "SinkTests",
    "TaskTests",
    "Watch",
    "as_features",
    "difference",
    "fetch",
    "halves",
    "heavy_imports",
    "lazy",
    "make_context",
    "make_rows",
    "make_scoring",
    "make_stored",
    "make_table",
    "make_tables",
    "make_training",
    "pickles_in",
    "sample_cases",
    "sample_classification",
    "sample_decisions",
    "sample_events",
    "sample_features",
    "sample_regression",
    "snapshot",
    "strange",
]
