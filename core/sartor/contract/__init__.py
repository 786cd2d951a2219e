"""The data contract of a table: what must hold of its lines, and what becomes of those of which it does not."""
