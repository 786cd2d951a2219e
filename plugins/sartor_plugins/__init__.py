"""Techniques that industries share, a package for each."""
