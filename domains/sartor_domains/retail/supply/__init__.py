"""Orders: the rows that ask for them, the rule, its replay, and what it was worth."""
