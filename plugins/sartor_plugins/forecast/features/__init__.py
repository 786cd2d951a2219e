"""What a series tells of itself, and what is planned for it."""
