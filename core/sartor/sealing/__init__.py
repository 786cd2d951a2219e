"""Runs and caches encrypted at rest: what lies on a disk is ciphertext, and plain bytes are held in memory only."""
