"""What models of a time to event learn, and how it is kept."""
