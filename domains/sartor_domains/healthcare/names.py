"""Names of columns that models of healthcare add to their answers; light."""

from __future__ import annotations

from sartor.components import PROBABILITY
from sartor_plugins.survival.answer import CURVE

LOW, HIGH = f"{PROBABILITY}_low", f"{PROBABILITY}_high"
"""Ends of the interval of a probability."""
CURVE_LOW, CURVE_HIGH = f"{CURVE}_low", f"{CURVE}_high"
"""Ends of the interval of a curve, at the curve's own times."""
