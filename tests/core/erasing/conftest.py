"""What kills an erasure at a step."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from sartor.erasing import carrying_out
from sartor.erasing.erase import erase


class Killed(BaseException):
    """The process died."""


@pytest.fixture
def erase_until(monkeypatch):
    """Erase a person, and die at a step: every rename, and every line that is appended, is one."""

    def erased(project, person: str, killed_at: int, *more: tuple[object, str]) -> bool:
        """Return whether it had begun; `more` names further steps: where a function stands, and its name."""
        steps = 0

        def counted(work):
            def step(*arguments, **settings):
                nonlocal steps
                steps += 1
                if steps == killed_at:
                    raise Killed
                return work(*arguments, **settings)

            return step

        with monkeypatch.context() as patch:
            for place, name in ((Path, "replace"), (carrying_out, "_enter"), (carrying_out, "keep_head"), *more):
                patch.setattr(place, name, counted(getattr(place, name)))
            with pytest.raises(Killed):
                erase(project, person, "people", None, datetime(2026, 11, 24, 12).astimezone())
        return bool(carrying_out.interrupted(project.runs))

    return erased
