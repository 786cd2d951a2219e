"""Lives of units: their rows, how answers are judged, the trivial ones, and what the report shows."""
