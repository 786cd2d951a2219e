"""Rows of a forecast: a series, a moment of asking, the periods asked about."""
