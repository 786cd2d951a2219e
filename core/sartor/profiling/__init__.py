"""Looks over a table and proposes its contract: from what all values are like, never from a sample."""
