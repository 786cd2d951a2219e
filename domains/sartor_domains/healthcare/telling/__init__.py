"""What the report shows of patients: who was looked at, what columns mean, and what risks are worth."""
