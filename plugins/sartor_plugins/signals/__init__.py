"""signals: what a series of readings says up to each of them, for industries whose things have sensors."""
