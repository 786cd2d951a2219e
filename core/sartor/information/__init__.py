"""What sources are worth: a run without each of them, on the same rows, in bits and in money."""
