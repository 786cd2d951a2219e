"""Who may read a run: roles, the door that every verb goes through, and the log of who came."""
