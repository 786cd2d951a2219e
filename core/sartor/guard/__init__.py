"""The guard: what of a table may enter, and in which form, decided inside the read.

Nothing before it is stored, kept, logged or shown. Treatments of columns, consent, purpose, ``--as-of`` and what
information advantage withholds are all one projection over what a reader returns.
"""
