"""The answer of a time to event: a risk that ranks, and a curve; light.

Predictions have a column ``hazard_score`` (higher is sooner), and two columns of lists: from each of ``times`` on the
share ``survival`` is still without the event. Between two times the curve stays as it was, before the first it is 1.
"""

from __future__ import annotations

SURVIVAL = "survival"
"""What a task of this kind asks for."""
RISK, TIMES, CURVE = "hazard_score", "times", "survival"
TIME, EVENT = "time", "event"
"""The parts of the truth: how long a row was watched, and whether that ended with the event (1) or without (0)."""
