"""Forecasts of each series from its own past."""
