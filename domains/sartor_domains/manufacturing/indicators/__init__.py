"""Condition indicators: building them, learning what is usual under each regime, and ranking them."""
