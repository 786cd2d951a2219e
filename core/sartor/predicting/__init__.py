"""Answers for new data: a recorded run's models, features and decisions, applied to rows whose outcome is not known.

New data goes the way that the run's own data went: the same guard, the same task with an unknown truth, the same
feature steps, the same columns at the model's door. Nothing is fitted. Rows come and go in batches, so that ten
million of them need no more memory than one batch.
"""
