"""What was sold until now: series side by side on one calendar."""
