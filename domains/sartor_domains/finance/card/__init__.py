"""Points scorecards: bins, weights of evidence, coefficients with no wrong sign, points."""
