"""What the care list does: deciding, naming factors, worth, policies, groups, and what the report shows."""
