"""Turns mixed columns into arrays that algorithms take: numbers, categories, flags, missing values."""
