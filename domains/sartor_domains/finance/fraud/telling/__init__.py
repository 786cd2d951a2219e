"""What the report shows of card fraud."""
