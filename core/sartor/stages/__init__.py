"""The stages of a run, one file each, in the order in which data meets them.

ingesting -> splitting -> featuring -> fitting -> judging -> deciding; what is written down is in `sartor.runs`.
"""
