"""The maintenance plan: expected costs, slots and crew, what it was worth, and what the report shows of it."""
