"""Fixtures of the card's tests; what they share stands in ``cards.py``."""

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
def cautions(heard):
    """Return what cautions were heard since the last call."""

    def told():
        texts = [event.text for event in heard if getattr(event, "caution", False)]
        heard.clear()
        return texts

    return told
