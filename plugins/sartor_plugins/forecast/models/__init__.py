"""Models that forecast: one method with its spread, and trees that learn from all series."""
