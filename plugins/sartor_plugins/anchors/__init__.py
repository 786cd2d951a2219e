"""Anchors that need nothing but the machine: a file elsewhere, the tags of a Git repository."""
