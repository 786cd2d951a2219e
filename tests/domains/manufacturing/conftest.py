"""A context for the tests of manufacturing, and what it was told; what they share stands in ``fleet.py``."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from sartor.testing import make_context

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture
def heard():
    return []


@pytest.fixture
def context(tmp_path, heard):
    return make_context(tmp_path, heard=heard)


@pytest.fixture
def notes(heard):
    """Return the texts of notes, as they are when asked."""
    return lambda: [event.text for event in heard if hasattr(event, "text")]
