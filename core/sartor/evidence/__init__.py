"""Judging: metrics, intervals by redrawing, paired verdicts and gates."""
