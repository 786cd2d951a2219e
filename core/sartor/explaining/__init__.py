"""Explanations that hold for every model: what answers lean on, and why one row is answered as it is.

Nothing here decides anything: rows that judge are looked at once everything is chosen, to tell and not to choose.
"""
